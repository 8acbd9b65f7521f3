"""Every error has one exit code."""

from collections.abc import Iterator

import pytest

from syncd.cli.exits import Exit, code_of, code_of_work, expected_error
from syncd.errors import (
    ConfigError,
    Kind,
    ListenError,
    NotThere,
    PortError,
    Problem,
    StaleSnapshot,
    StateError,
    StateUnavailable,
    SyncdError,
    TooManyChanges,
    UsageError,
)

PROBLEM = Problem(file="syncd.toml", key="shops", message="is missing")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError([PROBLEM]), 78),
        (StateError("newer"), 78),
        (StateUnavailable("the disk is full"), 1),
        (UsageError("no such shop"), 2),
        (NotThere("no such SKU"), 2),
        (TooManyChanges("too many"), 3),
        (StaleSnapshot("old"), 3),
        (ListenError("the port is taken"), 1),
        (PortError(Kind.TRANSIENT, "no answer"), 1),
    ],
)
def test_an_error_ends_with_the_code_of_the_contract(error: SyncdError, code: int) -> None:
    assert code_of(error) == code


def _kinds(kind: type[SyncdError]) -> Iterator[type[SyncdError]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from _kinds(inner)


def test_no_kind_of_error_was_forgotten() -> None:
    names = {kind.__name__ for kind in _kinds(SyncdError) if kind.__module__ == "syncd.errors"}
    assert names == {
        "ConfigError",
        "UsageError",
        "NotThere",
        "UnsafePlan",
        "TooManyChanges",
        "SourceEmptied",
        "StaleSnapshot",
        "ListenError",
        "PortError",
        "StateError",
        "StateUnavailable",
    }


@pytest.mark.parametrize(
    ("failed", "held", "code"), [(False, False, 0), (True, False, 1), (False, True, 3), (True, True, 1)]
)
def test_a_failure_beats_what_is_held(*, failed: bool, held: bool, code: int) -> None:
    assert code_of_work(failed=failed, held=held) is Exit(code)


def test_of_several_errors_the_gravest_counts() -> None:
    group = ExceptionGroup("both", [PortError(Kind.TRANSIENT, "x"), ExceptionGroup("in", [StateError("y")])])
    assert isinstance(expected_error(group), StateError)


def test_a_bug_among_several_errors_stays_a_bug() -> None:
    assert expected_error(ExceptionGroup("both", [StateError("y"), KeyError("z")])) is None
