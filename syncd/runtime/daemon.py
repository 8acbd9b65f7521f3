"""The daemon's loop: obey requests, run a cycle, wait or be woken; stop cleanly within a limit."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from syncd.domain.model import Sku
from syncd.errors import UsageError
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import PushLock, RequestStore
from syncd.runtime.companions import Companion, accompany
from syncd.runtime.heart import Heart
from syncd.runtime.schedule import ClockSchedule, Schedule, first
from syncd.runtime.supervisor import Supervisor
from syncd.runtime.tidying import Tidier
from syncd.runtime.vitals import Vitals
from syncd.runtime.wake import Trigger
from syncd.services.cycle import CycleReport
from syncd.services.lowering import Lowered
from syncd.services.requests import SYNC, Outcome, Requests
from syncd.services.seat import Seat
from syncd.services.summons import Summons

LAST_WORDS = 3.0
"""Seconds that whoever listens beside the cycles gets to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When cycles run, in seconds: one `every` so long, put off by up to `jitter`.

    Requests are looked for every `poll`; a stop waits `stop_within` for the calls in flight.
    A cycle that takes longer than `stuck_after` hangs, for the watchdog; a first fill takes minutes.
    """

    every: float = 60.0
    jitter: float = 0.0
    poll: float = 1.0
    stop_within: float = 20.0
    stuck_after: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """Runs cycles until it is told to stop; the only process that pushes meanwhile.

    With a `trigger` somebody may ask for a cycle before its time. Whoever pushes hears by the `summons` that
    the next cycle is due or asked for. Who obeys takes the `seat`, as who decides does. A `tidier` is for a
    process that does nothing else. The `vitals` hear when cycles end.
    What runs `beside` the cycles, and who listens, is begun anew when it breaks; the cycles go on.
    """

    cycle: Callable[[], Awaitable[CycleReport]]
    requests: Requests
    store: RequestStore
    lock: PushLock
    clock: Clock
    events: Events
    pace: Pace = Pace()
    schedule: Schedule | None = None
    trigger: Trigger | None = None
    summons: Summons = field(default_factory=Summons)
    seat: Seat = field(default_factory=Seat)
    supervisor: Supervisor = field(default_factory=lambda: Supervisor({}))
    jitter: Callable[[], float] = random.random
    tidier: Tidier | None = None
    vitals: Vitals | None = None
    beside: tuple[Companion, ...] = ()

    async def run(self, stop: asyncio.Event) -> None:
        """Run cycles until `stop` is set; what is in flight then may finish within the limit.

        Raises:
            UsageError: another process pushes already.
            SyncdError: the state broke.
        """
        async with self.exclusive():
            await self.serve(stop, asyncio.Event())
            await self.turn_away()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Be the only one that pushes with this state until the block ends.

        Raises:
            UsageError: another process pushes already.
        """
        async with self.lock.held() as mine:
            if not mine:
                raise UsageError("another syncd already pushes with this state; stop it first")
            self.events.tell("started")
            yield
            self.events.tell("stopped")

    async def serve(self, stop: asyncio.Event, leave: asyncio.Event) -> None:
        """Run cycles until `leave` is set, or `stop`; only `stop` limits what is in flight.

        Raises:
            SyncdError: the state broke.
        """
        pace = self.pace
        if stop.is_set():
            # Told before it began: no cycle is wanted any more.
            leave.set()
        longest = pace.every + pace.jitter + pace.stuck_after
        heart = Heart(self.supervisor, self.clock, self.events, longest=longest, vitals=self.vitals)
        async with self._accompanied():
            beating = asyncio.create_task(heart.beat())
            loop = asyncio.create_task(self._tidily(leave, heart))
            lowering = asyncio.create_task(self._lower())
            try:
                await first(_one_of(loop, lowering), stop.wait())
                if stop.is_set():
                    leave.set()
                    self.supervisor.stopping(within=pace.stop_within)
                    if self.vitals is not None:
                        self.vitals.stop()
                    await asyncio.wait({loop}, timeout=pace.stop_within)
            finally:
                for task in (loop, lowering, beating):
                    task.cancel()
                await asyncio.wait({loop, lowering, beating})
        for task in (lowering, loop):
            if not task.cancelled():
                # What broke it is raised as it is: callers decide by the error tree.
                task.result()

    async def _lower(self) -> None:
        """Lower at once what is named, beside the cycles."""
        trigger = self.trigger
        if trigger is None or trigger.haste is None:
            await asyncio.Event().wait()
            return

        def tell(lowered: Lowered) -> None:
            left = lowered.left
            if left:
                # Softly: what is left raises or can wait, and must not break off a push that does the same.
                trigger.wake.ring(left.skus, softly=not left.everything)
            else:
                done = sum(len(report.done) for report in lowered.pushed.values())
                self.supervisor.status(f"lowered at once: {done} changes done")

        await trigger.haste.run(tell)

    async def turn_away(self) -> None:
        """Answer those who still wait for a cycle, or they would wait for ever."""
        for request in await self.store.requests():
            if request.verb == SYNC:
                nothing = Outcome(done=0, failures=("the daemon is stopping: ask again",))
                await self.store.answer(request.id, nothing.text())

    @asynccontextmanager
    async def _accompanied(self) -> AsyncIterator[None]:
        """Have companions run; they outlive the cycles, so that they can tell how these ended."""
        over = asyncio.Event()
        companions = (*((self.trigger.listen,) if self.trigger else ()), *self.beside)
        tasks = {
            asyncio.create_task(accompany(each, over, clock=self.clock, events=self.events))
            for each in companions
        }
        try:
            yield
        finally:
            over.set()
            if tasks:
                await asyncio.wait(tasks, timeout=LAST_WORDS)
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)

    async def _tidily(self, leave: asyncio.Event, heart: Heart) -> None:
        with self.tidier.watching() if self.tidier else nullcontext():
            await self._loop(leave, heart)

    def _tidy(self) -> None:
        if self.tidier is not None:
            self.tidier.tidy()

    async def _loop(self, leave: asyncio.Event, heart: Heart) -> None:
        schedule = self._schedule
        async with schedule.started():
            while not leave.is_set():
                due = asyncio.create_task(schedule.due())
                try:
                    made_way = await self._turn(due)
                    heart.turned()
                    self._tidy()
                    await self._rest(leave, due, heart, made_way=made_way)
                finally:
                    due.cancel()
                    await asyncio.wait({due})

    async def _turn(self, due: "asyncio.Task[None]") -> bool:
        """Run a cycle for all SKUs; return whether raises made way for the next one."""
        if self.trigger is not None:
            self.trigger.wake.take()
        async with self.seat.taken():
            waiting = await self.requests.obey()
        async with self._summoning(due, {request.id for request in waiting}):
            report = await self.cycle()
        outcome = Outcome.of(report)
        self.supervisor.status(_status(outcome))
        # What made way comes with the next cycle, and only then is done what was asked for.
        for request in () if report.made_way else waiting:
            await self.store.answer(request.id, outcome.text())
        return report.made_way

    @asynccontextmanager
    async def _summoning(self, due: "asyncio.Task[None]", known: Collection[int] = ()) -> AsyncIterator[None]:
        """Tell those who push in the block once the next cycle is due or asked for, by no `known` request."""
        self.summons.clear()

        async def call() -> None:
            await first(asyncio.wait({due}), self._woken(aloud=True), self._requested(known))
            self.summons.call()

        calling = asyncio.create_task(call())
        try:
            yield
        finally:
            calling.cancel()
            await asyncio.wait({calling})

    async def _requested(self, known: Collection[int]) -> None:
        """Return when there is a request that is not `known`."""
        while all(request.id in known for request in await self.store.requests()):
            await self.clock.sleep(self.pace.poll)

    async def _rest(
        self, leave: asyncio.Event, due: "asyncio.Task[None]", heart: Heart, *, made_way: bool
    ) -> None:
        """Return when the next cycle is due, something is asked for or made way, or `leave` is set.

        Cycles for named SKUs are run meanwhile: however many there are, they do not put off the next one.
        """
        while not (leave.is_set() or due.done() or await self.store.requests()):
            if self.trigger is not None and self.trigger.wake.is_heard:
                if not (skus := self.trigger.wake.take()):
                    return
                made_way = await self._turn_for_named(self.trigger, skus, due) or made_way
                heart.turned()
                self._tidy()
            if made_way:
                return
            await first(leave.wait(), asyncio.wait({due}), self._woken(), self.clock.sleep(self.pace.poll))

    async def _turn_for_named(
        self, trigger: Trigger, skus: frozenset[Sku], due: "asyncio.Task[None]"
    ) -> bool:
        async with self._summoning(due):
            report = await trigger.cycle(skus)
        self.supervisor.status(_status(Outcome.of(report)))
        return report.made_way

    async def _woken(self, *, aloud: bool = False) -> None:
        """Return when somebody rang; never where nobody can."""
        if self.trigger is None:
            await asyncio.Event().wait()
            return
        await (self.trigger.wake.heard_aloud() if aloud else self.trigger.wake.heard())

    @property
    def _schedule(self) -> Schedule:
        if self.schedule is not None:
            return self.schedule
        pace = self.pace
        return ClockSchedule(every=pace.every, jitter=pace.jitter, clock=self.clock, chance=self.jitter)


async def _one_of(*tasks: "asyncio.Task[Any]") -> None:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


def _status(outcome: Outcome) -> str:
    held = f", held by the guard: {outcome.held}" if outcome.held else ""
    return f"last cycle: {outcome.done} changes done, {len(outcome.failures)} failures{held}"
