"""The right to push, as a lock on a file."""

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from syncd.adapters.state.failures import file_error
from syncd.adapters.state.folder import LOCK


class FileLock:
    """`PushLock` by `flock` on `push.lock` in the state folder.

    The system frees it when its holder dies, however it dies. The file stays; it carries the holder's pid
    for messages only.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / LOCK

    @asynccontextmanager
    async def held(self) -> AsyncIterator[bool]:
        """Yield True and keep the lock until the block ends; at once False if somebody has it."""
        descriptor = acquire(self._file)
        if descriptor is None:
            yield False
            return
        try:
            yield True
        finally:
            release(descriptor)

    def holder(self) -> int | None:
        """Return the pid of the process that has the lock, None if nobody has it or it cannot be read."""
        return holder(self._file)


def acquire(file: Path) -> int | None:
    """Return a descriptor that has the lock, None if another has it; never waits.

    Raises:
        StateError: the file cannot be opened.
    """
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = (
            f"{file}: the lock cannot be opened: {error.strerror}; see that its folder exists and is ours"
        )
        raise file_error(message, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        message = f"{file}: its file system does not lock: {error.strerror}; use a local disk"
        raise file_error(message, error) from error
    _sign(descriptor, b"%d\n" % os.getpid())
    return descriptor


def release(descriptor: int) -> None:
    """Give the lock back."""
    _sign(descriptor, b"")
    os.close(descriptor)


def _sign(descriptor: int, text: bytes) -> None:
    # The text is for people only; that a full disk has no room for it must not cost the lock.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, text)


def holder(file: Path) -> int | None:
    """Return the pid that the file carries, None if there is none."""
    try:
        text = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdecimal() else None
