"""What a failure of SQLite, or of the file system below it, means to people."""

import errno
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from syncd.errors import StateError, StateUnavailable

FAILURES = (sqlite3.Error, DBAPIError, UnicodeEncodeError, OverflowError)
"""What SQLite raises, bare or wrapped, and its driver for half a surrogate pair or over 64 bits."""

_PASSING = {
    "SQLITE_BUSY": "another program keeps it locked; stop that program or try again",
    "SQLITE_LOCKED": "another program keeps it locked; stop that program or try again",
    "SQLITE_PROTOCOL": "another program keeps it locked; stop that program or try again",
    "SQLITE_FULL": "the disk is full; nothing was written; free some space",
    "SQLITE_READONLY": "it can be read only; see its mode and whether its disk was mounted for reading only",
    "SQLITE_IOERR": "the disk failed; nothing was written; see the log of the kernel",
    "SQLITE_CANTOPEN": "it cannot be opened; see that its folder exists and is ours to write",
    "SQLITE_NOMEM": "there was no memory; nothing was written",
}
"""What another start may find well, with what to do; each by the beginning of SQLite's name for it."""

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")

_PASSING_ERRNOS = frozenset(
    {
        errno.EAGAIN,
        errno.EBUSY,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EINTR,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOLCK,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.EROFS,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)
"""What the file system may get over: no space, no descriptors, a share that is away; rights are not of it."""


def damaged(file: Path, why: str) -> StateError:
    """Return the error for a file that cannot be believed, with the way out."""
    return StateError(
        f"{file}: the state is damaged ({why}); stop syncd and `syncd restore` a backup (your own, or one of "
        f"{file.parent / 'backups'}); without one move {file.name}, {file.name}-wal and {file.name}-shm "
        "away, and syncd starts afresh and observes every shop before it writes"
    )


def file_error(message: str, error: OSError) -> StateError:
    """Return `message` as a `StateError`, a `StateUnavailable` where another start may find it well."""
    kind = StateUnavailable if error.errno in _PASSING_ERRNOS else StateError
    return kind(message)


def state_error(file: Path, error: Exception, *, about: object = None) -> StateError:
    """Return `error` as a `StateError` that names the file, the cause and what to do.

    It is a `StateUnavailable` where another start may find it well. `about` is the row that was being
    written, None if it was not about one.
    """
    cause = getattr(error, "orig", None) or error
    name = getattr(cause, "sqlite_errorname", "") or ""
    if name.startswith(_DAMAGED):
        return damaged(file, str(cause))
    advice = next((text for start, text in _PASSING.items() if name.startswith(start)), None)
    if advice is not None:
        return StateUnavailable(f"{file}: {advice} ({cause})")
    if isinstance(cause, OSError):
        return file_error(f"{file}: {cause}", cause)
    if about is None:
        return StateError(f"{file}: {cause}")
    return StateError(f"{file}: nothing was written, this row cannot be stored ({cause}): {about!r:.400}")
