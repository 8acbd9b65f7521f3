"""What a failure of SQLite means to people."""

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from syncd.errors import StateError

FAILURES = (sqlite3.Error, DBAPIError, UnicodeEncodeError, OverflowError)
"""What SQLite raises, bare or wrapped, and its driver for half a surrogate pair or over 64 bits."""

_ADVICE = {
    "SQLITE_BUSY": "another program keeps it locked; stop that program or try again",
    "SQLITE_LOCKED": "another program keeps it locked; stop that program or try again",
    "SQLITE_FULL": "the disk is full; nothing was written; free some space",
    "SQLITE_READONLY": "it is open for reading only",
    "SQLITE_IOERR": "the disk failed; nothing was written; see the log of the kernel",
    "SQLITE_CANTOPEN": "it cannot be opened; see that its folder exists and is ours to write",
    "SQLITE_CORRUPT": "",
    "SQLITE_NOTADB": "",
}


def damaged(file: Path, why: str) -> StateError:
    """Return the error for a file that cannot be believed, with the way out."""
    return StateError(
        f"{file}: the state is damaged ({why}); stop syncd, move {file.name}, {file.name}-wal and "
        f"{file.name}-shm away and restore a backup ({file.name}.before-NNNN or your own); without one syncd "
        "starts afresh and observes every shop before it writes"
    )


def state_error(file: Path, error: Exception, *, about: object = None) -> StateError:
    """Return `error` as a `StateError` that names the file, the cause and what to do.

    `about` is the row that was being written, None if it was not about one.
    """
    cause = getattr(error, "orig", None) or error
    name = getattr(cause, "sqlite_errorname", "") or ""
    known = next((advice for advice in _ADVICE if name.startswith(advice)), None)
    if known in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
        return damaged(file, str(cause))
    if known is not None:
        return StateError(f"{file}: {_ADVICE[known]} ({cause})")
    if about is None:
        return StateError(f"{file}: {cause}")
    return StateError(f"{file}: nothing was written, this row cannot be stored ({cause}): {about!r:.400}")
