"""The right to push, within one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class MemoryLock:
    """`PushLock` for those who share this object."""

    def __init__(self) -> None:
        self._taken = False

    @asynccontextmanager
    async def held(self) -> AsyncIterator[bool]:
        """Yield True and keep the lock until the block ends; at once False if somebody has it."""
        if self._taken:
            yield False
            return
        self._taken = True
        try:
            yield True
        finally:
            self._taken = False
