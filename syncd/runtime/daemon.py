"""The daemon's loop: obey requests, run a cycle, wait; stop cleanly within a limit."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from syncd.errors import UsageError
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import PushLock, RequestStore
from syncd.runtime.schedule import ClockSchedule, Schedule, first
from syncd.services.cycle import CycleReport
from syncd.services.requests import SYNC, Outcome, Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When cycles run, in seconds: one `every` so long, put off by up to `jitter`.

    Requests are looked for every `poll`; a stop waits `stop_within` for the calls in flight.
    """

    every: float = 60.0
    jitter: float = 0.0
    poll: float = 1.0
    stop_within: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """Runs cycles until it is told to stop; the only process that pushes meanwhile."""

    cycle: Callable[[], Awaitable[CycleReport]]
    requests: Requests
    store: RequestStore
    lock: PushLock
    clock: Clock
    events: Events
    pace: Pace = Pace()
    schedule: Schedule | None = None
    jitter: Callable[[], float] = random.random

    async def run(self, stop: asyncio.Event) -> None:
        """Run cycles until `stop` is set; what is in flight then may finish within the limit.

        Raises:
            UsageError: another process pushes already.
            SyncdError: the state broke.
        """
        async with self.lock.held() as mine:
            if not mine:
                raise UsageError("another syncd already pushes with this state; stop it first")
            self.events.tell("started")
            loop = asyncio.create_task(self._loop(stop))
            try:
                await _either(loop, stop)
                if not loop.done():
                    await asyncio.wait({loop}, timeout=self.pace.stop_within)
            finally:
                loop.cancel()
                await asyncio.wait({loop})
            if not loop.cancelled():
                # What broke the loop is raised as it is: callers decide by the error tree.
                loop.result()
            await self._turn_away()
            self.events.tell("stopped")

    async def _turn_away(self) -> None:
        """Answer those who still wait for a cycle, or they would wait for ever."""
        for request in await self.store.requests():
            if request.verb == SYNC:
                await self.store.answer(request.id, "nothing was done; the daemon is stopping: ask again")

    async def _loop(self, stop: asyncio.Event) -> None:
        schedule = self._schedule
        async with schedule.started():
            while not stop.is_set():
                await self._turn()
                await self._rest(stop, schedule)

    async def _turn(self) -> None:
        waiting = await self.requests.obey()
        report = await self.cycle()
        for request in waiting:
            await self.store.answer(request.id, Outcome.of(report).text())

    async def _rest(self, stop: asyncio.Event, schedule: Schedule) -> None:
        """Return when the next cycle is due, something is asked for, or `stop` is set."""
        due = asyncio.create_task(schedule.due())
        try:
            while not (stop.is_set() or due.done() or await self.store.requests()):
                await first(stop.wait(), asyncio.wait({due}), self.clock.sleep(self.pace.poll))
        finally:
            due.cancel()
            await asyncio.wait({due})

    @property
    def _schedule(self) -> Schedule:
        if self.schedule is not None:
            return self.schedule
        pace = self.pace
        return ClockSchedule(every=pace.every, jitter=pace.jitter, clock=self.clock, chance=self.jitter)


async def _either(task: asyncio.Task[None], stop: asyncio.Event) -> None:
    waiter = asyncio.create_task(stop.wait())
    await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
