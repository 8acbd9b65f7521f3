"""Push the changes of one shop: the order, the budget, and what is on disk before and after each call."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from syncd.domain.allotment import Use
from syncd.domain.circuit import Circuit, CircuitState, Said
from syncd.domain.model import Change, ListingId, Outcome, ShopName
from syncd.domain.records import Resolution
from syncd.domain.retry import in_doubt
from syncd.domain.urgency import Urgency
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel
from syncd.ports.clock import Clock
from syncd.services.gate import PATIENCE, Gate, open_gate
from syncd.services.push.books import Books, IntentStore, kept
from syncd.services.push.flight import Flight
from syncd.services.push.keys import Keys
from syncd.services.push.lines import Bench, Line, Verdict, lowers, proofs, unanswered
from syncd.services.push.ordering import SLICE, aside, calls_of, require_own, stages_of
from syncd.services.push.report import PushEvent, PushReport, PushSettings
from syncd.services.push.run import Answer, Order, Run
from syncd.services.summons import Summons

_NOT_URGENT = Urgency()

_CLOSE_ENOUGH = 1e-6
"""Seconds by which a wait may end early: sums of floats rarely meet their goal exactly."""

LEAST_RAISING = 1.0
"""Seconds, and a call at least, that raises get which waited too long, whoever asks for the next cycle."""


def _silent(event: PushEvent) -> None:
    del event


@dataclass(slots=True, kw_only=True)
class Pusher:
    """The only way by which a shop is written; keep one per shop, its budget and circuit live in it.

    `new_key` names intents and must never repeat. `jitter` returns figures in [0, 1). `on_event` is called
    after each call; it must return at once. `gate` is shared with whoever reads the shop; without one it has
    its own, by the settings. `summons` tells when the next cycle is asked for.
    """

    shop: ShopName
    channel: Channel
    store: IntentStore
    clock: Clock
    settings: PushSettings = field(default_factory=PushSettings)
    on_event: Callable[[PushEvent], None] = _silent
    new_key: Callable[[], str] | None = None
    jitter: Callable[[], float] = random.random
    gate: Gate | None = None
    summons: Summons | None = None
    _keys: Keys = field(init=False)
    _gate: Gate = field(init=False)
    _circuit: Circuit = field(init=False)
    _flight: Flight = field(init=False, default_factory=Flight)

    def __post_init__(self) -> None:
        self._keys = Keys(self.clock.now)
        limits = self.settings
        self._gate = self.gate or open_gate(limits.calls_per_second, limits.burst, self.clock)
        self._circuit = Circuit(threshold=limits.stop_after, rest=limits.rest)

    async def push(
        self,
        changes: Sequence[Change],
        *,
        who: str = "syncd",
        first_fill: bool = False,
        urgency: Urgency = _NOT_URGENT,
    ) -> PushReport:
        """Carry out `changes` and say how each of them ended; a failing shop is reported, never raised.

        `urgency` decides the order. What lowers is sent and answered before anything is raised but what waits
        for too long, and nothing of a SKU is raised while one of its listings here could not be lowered. Once
        the next cycle is asked for, raises make way for it: what is left of them is not tried.
        `first_fill` says that the shop was never filled before: its raises leave one summary in the ledger.
        Cancelled, it leaves open intents for calls in flight.

        Raises:
            StateError: the state could not be written; nothing more is sent.
            ValueError: a change is of another shop, or two are of one listing.
            RuntimeError: a listing is being pushed already.
        """
        # Before anybody else has a turn: from here on listings can be withdrawn.
        listings = frozenset([change.listing for change in changes])
        order = Order(
            shop=self.shop, traits=self.channel.traits, who=who, first_fill=first_fill, total=len(changes)
        )
        run = Run(order=order, new_key=self.new_key or self._keys, began=self.clock.monotonic())
        with self._flight.run(run, listings):
            await aside(changes, lambda: require_own(self.shop, changes))
            await self._carry_out(run, changes, urgency)
        return run.report()

    @property
    def under_way(self) -> frozenset[ListingId]:
        """Return the listings that a push may still write."""
        return self._flight.listings

    async def withdraw(self, listings: Collection[ListingId] | None = None) -> None:
        """Leave what was not sent of `listings`, or of all, and return once what was sent is answered."""
        await self._flight.withdraw(listings)

    async def _carry_out(self, run: Run, changes: Sequence[Change], urgency: Urgency) -> None:
        now = self.clock.monotonic()
        if self._circuit.state(now) is CircuitState.OPEN:
            self._stop_for_circuit(run, now, "it is not asked before")
        run.late = frozenset(at for at, age in urgency.ages.items() if age > self.settings.longest_age)
        lowering, raising = await aside(
            changes, lambda: stages_of(changes, urgency, self.settings.longest_age)
        )
        await self._through(run, lowering)
        run.begin_raising(self.clock.monotonic())
        await self._through(run, raising)
        summary = run.summary(self.clock.now())
        if summary is not None:
            await kept(self.store.resolve([], [], [summary]))

    async def _through(self, run: Run, changes: Sequence[Change]) -> None:
        await self._stage(run, await self._drafted(run, changes))
        followers, run.followers = run.followers, []
        await self._stage(run, followers)

    async def _drafted(self, run: Run, changes: Sequence[Change]) -> list[Line]:
        lines: list[Line] = []
        for start in range(0, len(changes), SLICE):
            part = changes[start : start + SLICE]
            if self._makes_way(run, part):
                run.put_off(part)
            else:
                lines += await aside(part, partial(run.begin, part))
        return lines

    async def _stage(self, run: Run, lines: Sequence[Line]) -> None:
        waiting = list(lines)
        while waiting and not run.stopped:
            now = self.clock.monotonic()
            due = [line for line in waiting if line.not_before <= now + _CLOSE_ENOUGH]
            if not due:
                again = min(line.not_before for line in waiting)
                await self._until(self.clock.sleep(again - now))
                if self._is_called and (run.raised_at is not None or again > now + PATIENCE):
                    run.made_way = True
                    break
                continue
            waiting = [line for line in waiting if line.not_before > now + _CLOSE_ENOUGH]
            await self._round(run, due)
            waiting += run.again
            run.again = []
        run.leave(waiting)

    async def _round(self, run: Run, lines: Sequence[Line]) -> None:
        queue = deque(await aside(lines, lambda: calls_of(lines, self.channel.traits)))
        if self._circuit.state(self.clock.monotonic()) is CircuitState.HALF_OPEN:
            # One call alone finds out whether the shop is well again.
            await self._work(run, deque([queue.popleft()]))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.settings.in_flight, len(queue))):
                    group.create_task(self._work(run, queue))
        except BaseExceptionGroup as errors:
            # Callers decide by the error tree; the first failure is what broke the push.
            raise errors.exceptions[0] from errors
        for lines_left in queue:
            run.leave(lines_left)

    async def _work(self, run: Run, queue: deque[list[Line]]) -> None:
        books = Books()
        try:
            while queue and not run.stopped:
                await self._deliver(run, queue.popleft(), books)
                if run.made_way:
                    # Many are left behind without a call; others get their turn meanwhile.
                    await self.clock.sleep(0)
        finally:
            await books.settle()

    async def _deliver(self, run: Run, lines: Sequence[Line], books: Books) -> None:
        """Send one call; where it is refused whole, send its halves, until the culprit stands alone."""
        parts = [list(lines)]
        well_before, was_split = run.well, False
        while parts:
            part = self._flight.wanted(run, parts.pop())
            if part and not await self._admitted(run, part):
                run.leave(part)
                continue
            # Some may have been withdrawn while they waited.
            if not (part := self._flight.wanted(run, part)):
                continue
            with ExitStack() as landing:
                landing.enter_context(self._flight.aloft(part))
                opened = await self._open(part)
                await books.settle()
                answer = await self._call(run, opened)
                halves = self._halves(run, opened, answer)
                booking = self._book(run, opened, answer, is_split=bool(halves))
                books.begin(booking, landing.pop_all())
            was_split = was_split or bool(halves)
            if was_split or not answer.is_well:
                # What comes next depends on how this one ended.
                await books.settle()
            parts += reversed(halves)
        if was_split:
            run.hopeless = 0 if run.well > well_before else run.hopeless + 1

    def _halves(self, run: Run, lines: Sequence[Line], answer: Answer) -> list[list[Line]]:
        if answer.whole not in (Kind.REJECTED, Kind.NOT_FOUND) or len(lines) == 1:
            return []
        # A platform that refuses every line of call after call is not asked line by line for ever.
        return run.split(lines) if run.hopeless < self.settings.stop_after else []

    async def _admitted(self, run: Run, lines: Sequence[Line]) -> bool:
        """Return True when the budget allows a call, False when the push is over."""
        changes = [line.change for line in lines]
        wait = await self._gate.admit(
            Use.LOWER if any(map(lowers, changes)) else Use.RAISE,
            stays=lambda: self._goes_on(run, changes),
            patience=self.settings.longest_wait,
            cut=self._until,
        )
        if wait > 0:
            run.stop(Kind.THROTTLED, f"its budget allows no call for {wait:g} s", again_after=wait)
        return wait == 0

    def _goes_on(self, run: Run, changes: Sequence[Change]) -> bool:
        limit = self.settings.longest_push
        if 0 < limit <= self.clock.monotonic() - run.began:
            run.stop(None, f"went on for {limit:g} s: the rest is planned anew")
        if run.stopped:
            return False
        makes_way = self._makes_way(run, changes)
        run.made_way = run.made_way or makes_way
        return not makes_way

    @property
    def _is_called(self) -> bool:
        return self.summons is not None and self.summons.is_called

    def _makes_way(self, run: Run, changes: Sequence[Change]) -> bool:
        """Return whether `changes` must wait for the next cycle, which is asked for.

        So must what raises, but for a little of what waited too long; and all of a shop that takes a rest.
        """
        if not self._is_called:
            return False
        if self._gate.pause > PATIENCE:
            return True
        if run.raised_at is None:
            return False
        had_its_part = (
            self.clock.monotonic() - run.raised_at >= LEAST_RAISING and run.calls > run.calls_before
        )
        return had_its_part or run.late.isdisjoint(change.listing for change in changes)

    async def _until(self, waiting: Awaitable[object]) -> None:
        """Return when `waiting` is over, or as soon as the next cycle is asked for, if it was not before."""
        if self.summons is None or self.summons.is_called:
            await waiting
        else:
            await self.summons.cuts(waiting)

    async def _open(self, lines: Sequence[Line]) -> list[Line]:
        now = self.clock.now()
        opened = [line.opened(now) for line in lines]
        new = [line for line in opened if not line.doubtful]
        try:
            if new:
                await kept(self.store.open_intents([line.intent(Resolution.OPEN) for line in new]))
        except asyncio.CancelledError:
            rows = [line.intent(Resolution.NOT_SENT, "cancelled before the call") for line in new]
            await kept(self.store.resolve(rows, [], []))
            raise
        return opened

    async def _call(self, run: Run, lines: Sequence[Line]) -> Answer:
        try:
            outcomes = await self.channel.push([line.write for line in lines])
        except PortError as error:
            # `DONE` is no way to fail; an adapter that says so was not understood.
            kind = Kind.UNKNOWN if error.kind is Kind.DONE else error.kind
            one = Outcome(kind=kind, message=str(error), retry_after=error.retry_after)
            return Answer(outcomes=[one] * len(lines), whole=kind, sent=error.sent)
        except BaseException:
            verdicts = [unanswered(line, "the call was broken off") for line in lines]
            await kept(self._resolved(run, lines, verdicts, self.clock.now()))
            raise
        if len(outcomes) != len(lines):
            message = f"the channel answered {len(outcomes)} lines of {len(lines)}"
            return Answer(outcomes=[Outcome(kind=Kind.UNKNOWN, message=message)] * len(lines))
        return Answer(outcomes=outcomes)

    def _book(
        self, run: Run, lines: Sequence[Line], answer: Answer, *, is_split: bool
    ) -> Coroutine[Any, Any, None]:
        """Return what records what a call proved and draws the consequences; it must be begun at once.

        The intents of the next call come along on the way to the disk.
        """
        bench = Bench(traits=self.channel.traits, patience=self.settings.patience)
        verdicts = [
            bench.judge(line, outcome, sent=answer.sent, jitter=self.jitter())
            for line, outcome in zip(lines, answer.outcomes, strict=True)
        ]
        at = self.clock.now()
        run.calls += 1
        calls = run.calls

        async def booked() -> None:
            await self._resolved(run, lines, verdicts, at)
            now = self.clock.monotonic()
            # The halves of a split call are sent again: its lines have no end yet.
            if not is_split:
                for line, verdict in zip(lines, verdicts, strict=True):
                    run.accept(line, verdict, at)
                    run.take(line, verdict, now)
            self._pace(run, answer)
            said = self._judge_shop(run, lines, answer)
            settled, total = run.settled, run.order.total
            count = len(lines)
            self.on_event(
                PushEvent(shop=self.shop, calls=calls, lines=count, settled=settled, total=total, said=said)
            )

        return booked()

    def _resolved(
        self, run: Run, lines: Sequence[Line], verdicts: Sequence[Verdict], at: datetime
    ) -> Coroutine[Any, Any, None]:
        pairs = list(zip(lines, verdicts, strict=True))
        return self.store.resolve(
            [line.intent(verdict.resolution, verdict.message) for line, verdict in pairs],
            [proof for line, verdict in pairs for proof in proofs(line, verdict)],
            [row for line, verdict in pairs for row in run.entries(line, verdict, at)],
        )

    def _pace(self, run: Run, answer: Answer) -> None:
        """Slow the budget down where all of a call was throttled; speed it up after a good one."""
        throttled = [outcome for outcome in answer.outcomes if outcome.kind is Kind.THROTTLED]
        run.throttled += bool(throttled)
        if len(throttled) == len(answer.outcomes):
            asked = max((outcome.retry_after or 0.0) for outcome in throttled)
            self._gate.throttled(asked)
        elif any(outcome.kind is Kind.DONE for outcome in answer.outcomes):
            self._gate.recovered()

    def _judge_shop(self, run: Run, lines: Sequence[Line], answer: Answer) -> Said:
        """Tell the circuit how the call went, and stop where it opens or the shop goes on throttling."""
        now, message = self.clock.monotonic(), answer.outcomes[0].message
        if answer.whole is Kind.THROTTLED:
            asked = answer.outcomes[0].retry_after or 0.0
            worn_out = max(line.attempt for line in lines) >= self.settings.max_attempts
            if worn_out or asked > self.settings.longest_wait:
                # Every other call would meet the same wall; a later plan comes with newer figures.
                run.stop(Kind.THROTTLED, f"it throttles ({message})", again_after=asked)
            return Said.NOTHING
        failed = answer.whole is not None and (not answer.sent or in_doubt(answer.whole))
        if not failed:
            self._circuit, said = self._circuit.succeeded()
            return said
        self._circuit, said = self._circuit.failed(now)
        if self._circuit.state(now) is CircuitState.OPEN:
            self._stop_for_circuit(run, now, message)
        return said

    def _stop_for_circuit(self, run: Run, now: float, message: str) -> None:
        left = self._circuit.remaining(now)
        run.stop(
            Kind.TRANSIENT,
            f"call after call failed, it is left alone for {left:g} s ({message})",
            again_after=left,
        )
