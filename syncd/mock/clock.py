"""The mock's own time: one that stands still until it is moved, and one that runs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

START = datetime(2026, 1, 1, tzinfo=UTC)
"""Where a virtual clock begins unless told otherwise."""


class Clock(Protocol):
    """What a mock knows of time; everything that takes time waits here."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        ...

    def move_to(self, when: datetime) -> None:
        """Set the time, also backwards, and wake who waited for it."""
        ...

    async def wait_until(self, when: datetime) -> None:
        """Return once the time is reached, at once where it has passed."""
        ...


class _Moved:
    """Tell every waiter that the clock was moved."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        await self._event.wait()


class VirtualClock:
    """A clock that stands still until it is moved, so that a test decides what happens when."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._moved = _Moved()

    def now(self) -> datetime:
        """Return the time it was last moved to."""
        return self._now

    def move_to(self, when: datetime) -> None:
        """Set the time, also backwards, and wake who waited for it."""
        self._now = when.astimezone(UTC)
        self._moved.tell()

    async def wait_until(self, when: datetime) -> None:
        """Return once the clock was moved so far; without a move that is never."""
        while self._now < when:
            await self._moved.wait()


class RealClock:
    """The machine's clock; moving it only shifts what this mock takes for the time."""

    def __init__(self, read: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._read = read
        self._offset = timedelta()
        self._moved = _Moved()

    def now(self) -> datetime:
        """Return the machine's time plus what it was moved by."""
        return self._read() + self._offset

    def move_to(self, when: datetime) -> None:
        """Shift the time; it runs on from there."""
        self._offset = when - self._read()
        self._moved.tell()

    async def wait_until(self, when: datetime) -> None:
        """Return once the time is reached, by itself or by a move."""
        while (left := (when - self.now()).total_seconds()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()
