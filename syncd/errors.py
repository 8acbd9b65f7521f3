"""The errors that syncd raises on purpose, in one tree.

::

    SyncdError
    ├─ ConfigError            all problems of a configuration, each with file and key   exit 78
    ├─ UsageError             an impossible request                                     exit 2
    │  └─ NotThere            it names a SKU, shop or plan that does not exist          exit 2
    ├─ UnsafePlan             the guard said no                                         exit 3
    │  ├─ TooManyChanges      share or count over the limit
    │  ├─ SourceEmptied       a source that had stock has none
    │  └─ StaleSnapshot       too old or too incomplete to zero anything
    ├─ ListenError            another program has the address of [http]                  exit 1
    ├─ PortError              a whole call to the outside failed; `kind` says how       exit 1
    └─ StateError             the store is corrupt, foreign or newer than the program   exit 78
       └─ StateUnavailable    it cannot be used now: full disk, locked, I/O error       exit 1

Anything raised that is not a `SyncdError` is a bug.
"""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_FRAMES = 4


class Kind(StrEnum):
    """How a call, or one line of it, ended; the services decide by this and nothing else."""

    DONE = "done"
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    AUTH_EXPIRED = "auth_expired"
    AUTH_REVOKED = "auth_revoked"
    SIGNATURE = "signature"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"


class SyncdError(Exception):
    """The root of every error that syncd raises on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a configuration, and what to do about it.

    `file` and `key` may be empty where there is none; `line` counts from 1, 0 is unknown. The offending
    value is never part of it: it may be a secret.
    """

    file: str
    key: str
    message: str
    hint: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Return `file:line: key: message (hint)`, leaving out what is not known."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = ": ".join(part for part in (place, self.key, self.message) if part)
        return f"{text} ({self.hint})" if self.hint else text


class ConfigError(SyncdError):
    """The configuration is wrong; holds every problem found, never only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class UsageError(SyncdError):
    """The request names something that does not exist or cannot be done."""


class NotThere(UsageError):  # noqa: N818 - says what it is about, as the others of the tree do
    """What the request names does not exist."""


class UnsafePlan(SyncdError):  # noqa: N818 - it names the plan, which is what people look for
    """The guard refused to go on without a person."""


class TooManyChanges(UnsafePlan):
    """More changes than the limit allows."""


class SourceEmptied(UnsafePlan):
    """A source that had stock answers with none, or with far less of the catalogue."""


class StaleSnapshot(UnsafePlan):
    """A snapshot is too old or too incomplete to act on."""


class ListenError(SyncdError):
    """The address of `[http]` cannot be listened at now; another start may find it free."""


class PortError(SyncdError):
    """A whole call to a source or channel failed.

    `kind` is never `DONE`. `retry_after` is the wait in seconds that the other side asked for, None if it
    did not. `sent` is False only where it is proven that the request never left (refused or timed-out
    connect); a write that failed with `sent` True may have been applied.
    """

    def __init__(
        self, kind: Kind, message: str, *, retry_after: float | None = None, sent: bool = True
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after
        self.sent = sent


class StateError(SyncdError):
    """The state cannot be used: corrupt, owned by another user, or written by a newer program."""


class StateUnavailable(StateError):  # noqa: N818 - says what the state is, as the others of the tree do
    """The state cannot be used at the moment, but another start may find it well: a full disk, a lock."""


def whereabouts(error: BaseException) -> str:
    """Return the innermost places in the code that an error came through, the last one where it happened."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
