"""How a command ends: the one place that turns the error tree into exit codes."""

from enum import IntEnum

from syncd.errors import ConfigError, StateError, StateUnavailable, SyncdError, UnsafePlan, UsageError


class Exit(IntEnum):
    """The exit codes; scripts and the unit file rely on them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    HELD = 3
    CONFIG = 78


_CODES: tuple[tuple[type[SyncdError], Exit], ...] = (
    (ConfigError, Exit.CONFIG),
    # Before its parent: on 78 the unit never starts again, and a disk that was full may have space by then.
    (StateUnavailable, Exit.FAILED),
    (StateError, Exit.CONFIG),
    (UsageError, Exit.USAGE),
    (UnsafePlan, Exit.HELD),
)


def code_of(error: SyncdError) -> Exit:
    """Return the exit code of an error; what is not listed is a failure in the work."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.FAILED)


def code_of_work(*, failed: bool, held: bool) -> Exit:
    """Return how a command ends that did its work; a failure beats what is held."""
    if failed:
        return Exit.FAILED
    return Exit.HELD if held else Exit.DONE


def expected_error(error: BaseException) -> SyncdError | None:
    """Return the gravest error that was raised on purpose, None where any part of `error` is a bug."""
    if isinstance(error, SyncdError):
        return error
    if not isinstance(error, BaseExceptionGroup):
        return None
    parts = [expected_error(part) for part in error.exceptions]
    known = [part for part in parts if part is not None]
    return max(known, key=code_of) if len(known) == len(parts) else None
