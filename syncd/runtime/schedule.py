"""When cycles are due: by the schedule of the service, or by a clock alone."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

from syncd.ports.clock import Clock

GRACE = 1.0
"""How many seconds a job may be late before the clock that never goes back is believed instead."""


class Schedule(Protocol):
    """Says when the next cycle is due; it starts none itself, so cycles cannot overlap."""

    def started(self) -> AbstractAsyncContextManager[None]:
        """Keep time until the block ends."""
        ...

    async def due(self) -> None:
        """Return when a cycle is due; at once if that came to pass since the last return."""
        ...


class ClockSchedule:
    """A cycle is due `every` so long after it is asked for, put off by up to `jitter`; needs no jobs."""

    def __init__(
        self, *, every: float, jitter: float, clock: Clock, chance: Callable[[], float] = random.random
    ) -> None:
        self._every = every
        self._jitter = jitter
        self._clock = clock
        self._chance = chance

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """Do nothing: the clock runs anyway."""
        yield

    async def due(self) -> None:
        """Return `every` from now, later by a part of `jitter`."""
        await self._clock.sleep(self._every + self._jitter * self._chance())


class JobSchedule:
    """A job of APScheduler rings `every` so long, put off by up to `jitter`; ringing is all it does.

    Rings during a cycle count once. The jobs go by the machine's clock; where that is set back they would
    stay out for as long, so nobody waits longer than one whole period by the clock that never goes back.
    """

    def __init__(self, *, every: float, jitter: float, clock: Clock) -> None:
        self._every = every
        self._jitter = jitter
        self._clock = clock
        self._rung = asyncio.Event()
        self._jobs = AsyncIOScheduler(timezone=UTC)

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """Run the job until the block ends."""
        self._jobs.add_job(
            self._ring,
            IntervalTrigger(seconds=self._every, jitter=self._jitter or None, timezone=UTC),
            # A late ring is better than none: without these a busy second would cost a whole period.
            coalesce=True,
            misfire_grace_time=None,
        )
        self._jobs.start()
        try:
            yield
        finally:
            self._jobs.shutdown(wait=False)
            # The scheduler stops in the loop's next round, which must come before the loop is closed.
            await asyncio.sleep(0)

    async def due(self) -> None:
        """Return when the job has rung, or a period and a second are over without it."""
        await first(self._rung.wait(), self._clock.sleep(self._every + self._jitter + GRACE))
        self._rung.clear()

    async def _ring(self) -> None:
        self._rung.set()


async def first(*awaitables: Awaitable[object]) -> None:
    """Return when the first is done; the others are cancelled and gone by then."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
