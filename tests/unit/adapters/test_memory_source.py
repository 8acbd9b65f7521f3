"""The source that says what it was told to say."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from syncd.adapters.memory import MemorySource
from syncd.domain.model import Snapshot, SnapshotKind, SourceName
from syncd.errors import Kind, PortError
from syncd.ports.source import Source

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def _snapshot(cursor: str = "") -> Snapshot:
    return Snapshot(
        source=SourceName("erp"),
        as_of=NOW,
        kind=SnapshotKind.FULL,
        skus=(),
        warehouses=(),
        parts=np.zeros((0, 7), np.int64),
        cursor=cursor,
    )


async def _say(source: Source, times: int) -> list[str]:
    return [(await source.collect(now=NOW, cursor="")).cursor for _ in range(times)]


async def test_answers_come_in_turn_and_the_last_for_ever() -> None:
    assert await _say(MemorySource(_snapshot("a"), _snapshot("b")), 3) == ["a", "b", "b"]


async def test_an_error_is_raised_in_its_turn() -> None:
    source = MemorySource(PortError(Kind.TRANSIENT, "down"), _snapshot("a"))
    with pytest.raises(PortError, match="down"):
        await source.collect(now=NOW, cursor="")
    assert await _say(source, 1) == ["a"]


async def test_what_is_said_can_be_replaced() -> None:
    source = MemorySource(_snapshot("a"), _snapshot("b"))
    source.say(_snapshot("c"))
    assert await _say(source, 1) == ["c"]


async def test_every_call_is_recorded() -> None:
    source = MemorySource(_snapshot())
    await source.collect(now=NOW, cursor="c")
    assert source.calls == [(NOW, "c")]


async def test_a_snapshot_keeps_its_time() -> None:
    assert (await MemorySource(_snapshot()).collect(now=NOW + timedelta(hours=1), cursor="")).as_of == NOW


async def test_a_snapshot_carries_the_time_of_the_call_where_it_should() -> None:
    later = NOW + timedelta(hours=1)
    assert (await MemorySource(_snapshot(), restamp=True).collect(now=later, cursor="")).as_of == later


async def test_a_source_that_was_given_nothing_says_so() -> None:
    with pytest.raises(LookupError, match="nothing to say"):
        await MemorySource().collect(now=NOW, cursor="")
