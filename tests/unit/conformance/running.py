"""Running single promises of the suite against a bench, without pytest around them."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from syncd.ports.tokens import Renewing

MakeBench = Callable[[], Bench]


def promises() -> list[str]:
    """Return the name of every promise but the one that looks back on all others."""
    last = "test_every_kind_of_error_was_reached"
    return [name for name in dir(ChannelConformance) if name.startswith("test_") and name != last]


async def results(make: MakeBench, promise: str) -> list[str]:
    """Return how a promise ended with each of its parameters: passed, skipped, or the error's name."""
    return [
        await _result(make(), promise, given) for given in _parameters(getattr(ChannelConformance, promise))
    ]


async def _result(bench: Bench, promise: str, given: dict[str, Any]) -> str:
    raw = bench.channel
    bench = replace(bench, renewing=raw if isinstance(raw, Renewing) else None)
    try:
        async with asyncio.timeout(5):
            await getattr(ChannelConformance(), promise)(bench, **given)
    except pytest.skip.Exception:
        return "skipped"
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - a broken channel may raise anything
        return type(error).__name__
    return "passed"


def _parameters(function: Callable[..., object]) -> Iterator[dict[str, Any]]:
    """Yield the parameters of every run of a test, as pytest makes them of its marks."""
    marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
    columns = []
    for mark in marks:
        names, values = mark.args[:2]
        split = [names] if isinstance(names, str) else list(names)
        rows = [[value] if isinstance(names, str) else value for value in values]
        columns.append([dict(zip(split, row, strict=True)) for row in rows])
    for combination in product(*columns):
        yield {name: value for part in combination for name, value in part.items()}
