"""The daemon's loop: obey requests, run a cycle, wait; stop cleanly within a limit."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from syncd.domain.records import RequestRow
from syncd.errors import UsageError
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import PushLock, RequestStore
from syncd.services.cycle import CycleReport
from syncd.services.requests import SYNC, Requests


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
        while not stop.is_set():
            waiting = await self.requests.obey()
            report = await self.cycle()
            for request in waiting:
                await self.store.answer(request.id, _answer(report))
            await self._rest(stop)

    async def _rest(self, stop: asyncio.Event) -> None:
        """Return when the next cycle is due, something is asked for, or `stop` is set."""
        due = self.clock.monotonic() + self.pace.every + self.pace.jitter * self.jitter()
        while not stop.is_set() and (left := due - self.clock.monotonic()) > 0:
            await _first(stop.wait(), self.clock.sleep(min(left, self.pace.poll)))
            if await self._asked():
                return

    async def _asked(self) -> list[RequestRow]:
        return list(await self.store.requests())


def _answer(report: CycleReport) -> str:
    done = sum(len(pushed.done) for pushed in report.pushed.values())
    words = [f"{done} changes done"]
    if report.held:
        words.append(f"held by the guard: {report.view.decision.digest}")
    words += report.failures
    return "; ".join(words)


async def _either(task: asyncio.Task[None], stop: asyncio.Event) -> None:
    waiter = asyncio.create_task(stop.wait())
    await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()


async def _first(*awaitables: Awaitable[object]) -> None:
    """Return when the first is done; the others are cancelled and gone by then."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
