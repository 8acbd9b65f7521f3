"""No god module, no endless function: what grows past the limit is split, not excused."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import rules

_EXCEPTIONS: dict[str, str] = {}
"""`file` or `file:function` → why splitting it would make it worse. It may only get shorter."""


_MANY_PARAMETERS = ("syncd/cli/", "tests/")
"""Typer reads a command's options from its parameters; a test's builder has a default for most of them."""


def _oversized(path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_text(encoding="utf-8")
    place = rules.relative(path)
    lines = len(text.splitlines())
    if lines > rules.LARGEST_MODULE:
        yield place, f"{lines} lines, at most {rules.LARGEST_MODULE}: make it a package"
    for name, function in rules.functions(ast.parse(text)):
        size, given = rules.length(function), rules.parameters(function)
        if size > rules.LONGEST_FUNCTION:
            yield f"{place}:{name}", f"{size} lines, at most {rules.LONGEST_FUNCTION}: split it"
        if given > rules.MOST_PARAMETERS and not place.startswith(_MANY_PARAMETERS):
            yield f"{place}:{name}", f"{given} parameters, at most {rules.MOST_PARAMETERS}: pass a dataclass"


@pytest.mark.parametrize("path", rules.sources("syncd", "tests"), ids=rules.relative)
def test_modules_functions_and_signatures_stay_small(path: Path) -> None:
    assert [found for found in _oversized(path) if found[0] not in _EXCEPTIONS] == []


def test_every_exception_is_still_needed() -> None:
    oversized = {place for path in rules.sources("syncd", "tests") for place, _ in _oversized(path)}
    assert _EXCEPTIONS.keys() - oversized == set()


def test_every_exception_says_why() -> None:
    assert [place for place, reason in _EXCEPTIONS.items() if len(reason.split()) < 4] == []
