"""Push the changes of one shop: the order, the budget, and what is on disk before and after each call."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from syncd.domain.batches import fill
from syncd.domain.budget import TokenBucket
from syncd.domain.circuit import Circuit, CircuitState, Said
from syncd.domain.model import Change, ChangeKind, Outcome, ShopName
from syncd.domain.records import IntentRow, LedgerRow, Resolution
from syncd.domain.retry import in_doubt
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel
from syncd.ports.clock import Clock
from syncd.ports.store import Proof
from syncd.services.push.lines import Bench, Line, Verdict, lowers, proofs, unanswered
from syncd.services.push.report import PushEvent, PushReport, PushSettings
from syncd.services.push.run import Answer, Order, Run

T = TypeVar("T")

_ORDER = (ChangeKind.ZERO, ChangeKind.OFF, ChangeKind.LOWER, ChangeKind.RELIST, ChangeKind.RAISE)

_CLOSE_ENOUGH = 1e-6
"""Seconds by which a wait may end early: sums of floats rarely meet their goal exactly."""

_SLICE = 500
"""How many changes are drafted before others get their turn."""


def _new_key() -> str:
    return uuid4().hex


def _silent(event: PushEvent) -> None:
    del event


class IntentStore(Protocol):
    """The part of `PlanStore` that pushing needs."""

    async def open_intents(self, rows: Sequence[IntentRow]) -> None:
        """Commit intents before their call; a key that is there already is an error."""
        ...

    async def resolve(
        self, intents: Sequence[IntentRow], proofs: Sequence[Proof], ledger: Sequence[LedgerRow]
    ) -> None:
        """Record what a call proved."""
        ...


@dataclass(slots=True, kw_only=True)
class Pusher:
    """The only way by which a shop is written; keep one per shop, its budget and circuit live in it.

    `new_key` names intents and must never repeat. `jitter` returns figures in [0, 1). `on_event` is called
    after each call; it must return at once.
    """

    shop: ShopName
    channel: Channel
    store: IntentStore
    clock: Clock
    settings: PushSettings = field(default_factory=PushSettings)
    on_event: Callable[[PushEvent], None] = _silent
    new_key: Callable[[], str] = _new_key
    jitter: Callable[[], float] = random.random
    _bucket: TokenBucket = field(init=False)
    _circuit: Circuit = field(init=False)
    _gate: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)
    _busy: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        limits = self.settings
        self._bucket = TokenBucket.full(
            rate=limits.calls_per_second, burst=limits.burst, now=self.clock.monotonic()
        )
        self._circuit = Circuit(threshold=limits.stop_after, rest=limits.rest)

    async def push(
        self, changes: Sequence[Change], *, who: str = "syncd", first_fill: bool = False
    ) -> PushReport:
        """Carry out `changes` and say how each of them ended; a failing shop is reported, never raised.

        What lowers is sent and answered before anything is raised, and nothing of a SKU is raised while one
        of its listings here could not be lowered. `first_fill` says that the shop was never filled before:
        its raises leave one summary in the ledger. Cancelled, it leaves open intents for calls in flight.

        Raises:
            StateError: the state could not be written; nothing more is sent.
            ValueError: a change is of another shop, or two are of one listing.
            RuntimeError: this shop is being pushed already.
        """
        self._check(changes)
        if self._busy:
            msg = f"{self.shop} is being pushed already"
            raise RuntimeError(msg)
        order = Order(
            shop=self.shop, traits=self.channel.traits, who=who, first_fill=first_fill, total=len(changes)
        )
        run = Run(order=order, new_key=self.new_key, began=self.clock.monotonic())
        self._busy = True
        try:
            await self._carry_out(run, changes)
        finally:
            self._busy = False
        return run.report()

    def _check(self, changes: Sequence[Change]) -> None:
        seen = set()
        for change in changes:
            if change.shop != self.shop or change.listing in seen:
                msg = (
                    f"{self.shop}: a change of listing {change.listing} ({change.shop}) is foreign or doubled"
                )
                raise ValueError(msg)
            seen.add(change.listing)

    async def _carry_out(self, run: Run, changes: Sequence[Change]) -> None:
        now = self.clock.monotonic()
        if self._circuit.state(now) is CircuitState.OPEN:
            self._stop_for_circuit(run, now, "it is not asked before")
        ordered = sorted(changes, key=lambda change: _ORDER.index(change.kind))
        for stage in ([c for c in ordered if lowers(c)], [c for c in ordered if not lowers(c)]):
            await self._stage(run, await self._drafted(run, stage))
            followers, run.followers = run.followers, []
            await self._stage(run, followers)
        summary = run.summary(self.clock.now())
        if summary is not None:
            await _kept(self.store.resolve([], [], [summary]))

    async def _drafted(self, run: Run, changes: Sequence[Change]) -> list[Line]:
        lines: list[Line] = []
        for start in range(0, len(changes), _SLICE):
            if start:
                # A first fill is long; the loop has other shops to serve meanwhile.
                await self.clock.sleep(0)
            lines += run.begin(changes[start : start + _SLICE])
        return lines

    async def _stage(self, run: Run, lines: Sequence[Line]) -> None:
        waiting = list(lines)
        while waiting and not run.stopped:
            now = self.clock.monotonic()
            due = [line for line in waiting if line.not_before <= now + _CLOSE_ENOUGH]
            if not due:
                await self.clock.sleep(min(line.not_before for line in waiting) - now)
                continue
            waiting = [line for line in waiting if line.not_before > now + _CLOSE_ENOUGH]
            await self._round(run, due)
            waiting += run.again
            run.again = []
        run.leave(waiting)

    async def _round(self, run: Run, lines: Sequence[Line]) -> None:
        by_key = {line.write.key: line for line in lines}
        calls = fill([line.write for line in lines], self.channel.traits)
        queue = deque([[by_key[write.key] for write in call] for call in calls])
        if self._circuit.state(self.clock.monotonic()) is CircuitState.HALF_OPEN:
            # One call alone finds out whether the shop is well again.
            await self._deliver(run, queue.popleft())
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
        while queue and not run.stopped:
            await self._deliver(run, queue.popleft())

    async def _deliver(self, run: Run, lines: Sequence[Line]) -> None:
        """Send one call; where it is refused whole, send its halves, until the culprit stands alone."""
        parts = [list(lines)]
        well_before, was_split = run.well, False
        while parts:
            part = parts.pop()
            if not await self._admitted(run):
                run.leave(part)
                continue
            opened = await self._open(part)
            answer = await self._call(run, opened)
            halves = self._halves(run, opened, answer)
            await self._book(run, opened, answer, is_split=bool(halves))
            was_split = was_split or bool(halves)
            parts += reversed(halves)
        if was_split:
            run.hopeless = 0 if run.well > well_before else run.hopeless + 1

    def _halves(self, run: Run, lines: Sequence[Line], answer: Answer) -> list[list[Line]]:
        if answer.whole not in (Kind.REJECTED, Kind.NOT_FOUND) or len(lines) == 1:
            return []
        # A platform that refuses every line of call after call is not asked line by line for ever.
        return run.split(lines) if run.hopeless < self.settings.stop_after else []

    async def _admitted(self, run: Run) -> bool:
        """Return True when the budget allows a call, False when the push is over."""
        async with self._gate:
            while not run.stopped:
                now = self.clock.monotonic()
                limit = self.settings.longest_push
                if 0 < limit <= now - run.began:
                    run.stop(None, f"went on for {limit:g} s: the rest is planned anew")
                    break
                self._bucket, wait = self._bucket.take(now)
                if wait <= 0:
                    return True
                if wait > self.settings.longest_wait:
                    run.stop(Kind.THROTTLED, f"its budget allows no call for {wait:g} s", again_after=wait)
                    break
                await self.clock.sleep(wait)
        return False

    async def _open(self, lines: Sequence[Line]) -> list[Line]:
        now = self.clock.now()
        opened = [line if line.opened_at else replace(line, opened_at=now) for line in lines]
        new = [line for line in opened if not line.doubtful]
        try:
            if new:
                await _kept(self.store.open_intents([line.intent(Resolution.OPEN) for line in new]))
        except asyncio.CancelledError:
            rows = [line.intent(Resolution.NOT_SENT, "cancelled before the call") for line in new]
            await _kept(self.store.resolve(rows, [], []))
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
            await self._record(run, lines, [unanswered(line, "the call was broken off") for line in lines])
            raise
        if len(outcomes) != len(lines):
            message = f"the channel answered {len(outcomes)} lines of {len(lines)}"
            return Answer(outcomes=[Outcome(kind=Kind.UNKNOWN, message=message)] * len(lines))
        return Answer(outcomes=outcomes)

    async def _book(self, run: Run, lines: Sequence[Line], answer: Answer, *, is_split: bool) -> None:
        bench = Bench(traits=self.channel.traits, patience=self.settings.patience)
        verdicts = [
            bench.judge(line, outcome, sent=answer.sent, jitter=self.jitter())
            for line, outcome in zip(lines, answer.outcomes, strict=True)
        ]
        accepted_at = self.clock.now()
        await self._record(run, lines, verdicts)
        now = self.clock.monotonic()
        run.calls += 1
        # The halves of a split call are sent again: its lines have no end yet.
        if not is_split:
            for line, verdict in zip(lines, verdicts, strict=True):
                run.accept(line, verdict, accepted_at)
                run.take(line, verdict, now)
        self._pace(run, answer, now)
        said = self._judge_shop(run, lines, answer)
        self.on_event(
            PushEvent(
                shop=self.shop,
                calls=run.calls,
                lines=len(lines),
                settled=run.settled,
                total=run.order.total,
                said=said,
            )
        )

    async def _record(self, run: Run, lines: Sequence[Line], verdicts: Sequence[Verdict]) -> None:
        at = self.clock.now()
        pairs = list(zip(lines, verdicts, strict=True))
        await _kept(
            self.store.resolve(
                [line.intent(verdict.resolution, verdict.message) for line, verdict in pairs],
                [proof for line, verdict in pairs for proof in proofs(line, verdict)],
                [row for line, verdict in pairs for row in run.entries(line, verdict, at)],
            )
        )

    def _pace(self, run: Run, answer: Answer, now: float) -> None:
        """Slow the budget down where all of a call was throttled; speed it up after a good one."""
        throttled = [outcome for outcome in answer.outcomes if outcome.kind is Kind.THROTTLED]
        run.throttled += bool(throttled)
        if len(throttled) == len(answer.outcomes):
            asked = max((outcome.retry_after or 0.0) for outcome in throttled)
            self._bucket = self._bucket.throttled(now, asked)
        elif any(outcome.kind is Kind.DONE for outcome in answer.outcomes):
            self._bucket = self._bucket.recovered(now)

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


async def _kept(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; a cancellation waits until it has ended: it is writing the books."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    result = task.result()
    if cancelled:
        raise asyncio.CancelledError
    return result
