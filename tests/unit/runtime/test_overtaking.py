"""What lowers is decided and sent while a long pass of raises is under way; the pass loses nothing by it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from syncd.adapters.memory import FakeClock, MemoryChannel
from syncd.domain.model import Outcome, ShopName, Sku, Write
from syncd.domain.urgency import LONGEST_AGE
from syncd.ports.channel import ChannelTraits
from syncd.runtime.daemon import Daemon, Pace
from syncd.runtime.wake import NamedSkus, Trigger, Wake
from syncd.services.cycle import CycleReport, Selection
from syncd.services.requests import Outcome as Answer
from syncd.services.summons import Summons
from tests.unit.services.cycle_world import CAN, World

PATIENCE = 20.0
"""Seconds of the real clock after which a test has failed; nothing waits for them."""

X = Sku("X")
CALL = 1.0
"""Seconds that a call of a shop costs here."""

POLL = 3.0
"""Seconds between two looks for requests."""


class Ticking:
    """The clock of those who push: time passes while they wait, and at no other time.

    So nothing depends on how long the machine takes for what is computed in between.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.now = clock.now
        self.monotonic = clock.monotonic

    async def sleep(self, seconds: float) -> None:
        due = self.monotonic() + max(seconds, 0.0)
        passing = asyncio.get_running_loop().call_soon(self._pass_until, due)
        try:
            await self._clock.sleep(seconds)
        finally:
            passing.cancel()

    def _pass_until(self, due: float) -> None:
        self._clock.advance(max(due - self.monotonic(), 0.0))


class Listened(MemoryChannel):
    """A shop that tells what it was sent."""

    def __init__(self, traits: ChannelTraits) -> None:
        super().__init__(traits=traits)
        self.heard: Callable[[Sequence[Write]], None] = lambda _: None

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        outcomes = await super().push(writes)
        self.heard(writes)
        return outcomes


async def _nobody(over: asyncio.Event) -> None:
    await over.wait()


class Pass:
    """A daemon that raises `many` listings of each shop, one a call, a call a second; `sent` is what a got.

    `during` is called after each call, with how many there were.
    """

    def __init__(self, many: int, *, every: float = 10_000.0, longest_age: float = LONGEST_AGE) -> None:
        names = [f"S{n:03}" for n in range(many)]
        self.low = dict.fromkeys(names, 5) | {X: 50}
        self.high = dict.fromkeys(names, 9) | {X: 50}
        self.world = World(self.low, traits=replace(CAN, max_batch=1, max_batch_listing=1))
        self.longest_age = longest_age
        self.every = every
        self.sent: list[tuple[float, str, int]] = []
        self.during: Callable[[int], None] = lambda _: None
        self.cycles: list[frozenset[Sku]] = []
        self.raised = asyncio.Event()
        self.each_cycle: Callable[[], None] = lambda: None

    async def prepared(self) -> None:
        """Fill the shops, and want the raises."""
        world = self.world
        if world.summons is not None:
            return
        await world.filled()
        shop = Listened(world.shop("a").traits)
        shop.put(*world.shop("a")._counters.shown.values())
        shop.heard = self._heard
        world.channels[ShopName("a")] = shop
        world.push = replace(
            world.push, calls_per_second=1 / CALL, burst=1, longest_age=self.longest_age, max_attempts=5
        )
        world.summons = Summons()
        world.clock = FakeClock(world.clock.now() + timedelta(seconds=60))
        world.push_clock = Ticking(world.clock)
        world.restart()
        world.stock(**self.high)

    def _heard(self, writes: Sequence[Write]) -> None:
        now = self.world.clock.monotonic()
        self.sent += [(now, write.listing, write.value) for write in writes]
        self.during(len(self.sent))
        shown = self.world.counters("a")
        if all(shown[name] == units for name, units in self.high.items() if name != X):
            self.raised.set()

    def ring(self, *skus: Sku) -> None:
        self.wake.ring(skus)

    def at(self, listing: str) -> float:
        """Return when a listing was first written."""
        return next(at for at, name, _ in self.sent if name == listing)

    def daemon(self) -> Daemon:
        world = self.world

        async def cycle(selection: Selection | None = None) -> CycleReport:
            self.cycles.append((selection or Selection()).skus)
            self.each_cycle()
            return await world.cycle.run(selection)

        named = NamedSkus(cycle=cycle, store=world.store, topology=world.topology, events=world.told)
        self.wake = Wake(world.clock)
        assert world.summons is not None
        return Daemon(
            cycle=cycle,
            requests=world.requests,
            store=world.store,
            lock=world.lock,
            clock=world.clock,
            events=world.told,
            pace=Pace(every=self.every, poll=POLL, stop_within=PATIENCE),
            jitter=lambda: 0.0,
            trigger=Trigger(wake=self.wake, cycle=named.run, listen=_nobody),
            summons=world.summons,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the pass to its end."""
        await self.prepared()
        stop = asyncio.Event()
        daemon = asyncio.create_task(self.daemon().run(stop))
        try:
            async with asyncio.timeout(PATIENCE):
                await self.raised.wait()
            yield
        finally:
            stop.set()
            await daemon


def falls(one: Pass, *, after: int, named: bool = True) -> None:
    """Let the stock of X fall, and ring for it, when so many calls went out."""

    def during(calls: int) -> None:
        if calls == after:
            one.high = one.high | {X: 7}
            one.world.stock(**one.high)
            one.ring(*([X] if named else []))

    one.during = during


@pytest.mark.parametrize("named", [True, False])
async def test_a_decrease_overtakes_the_raises_that_are_under_way(named: bool) -> None:  # noqa: FBT001
    one = Pass(60)
    falls(one, after=20, named=named)
    async with one.running():
        pass
    rung = one.sent[19][0]
    assert one.at(X) - rung <= CALL
    assert one.sent[20][1:] == (X, 7)


async def test_the_pass_goes_on_at_once_after_the_decrease() -> None:
    one = Pass(60)
    falls(one, after=20)
    async with one.running():
        pass
    times = [at for at, _, _ in one.sent]
    assert max(later - at for at, later in pairwise(times)) <= 2 * CALL
    assert one.cycles == [frozenset(), {X}, frozenset()]


async def test_each_raise_is_sent_once_and_none_is_lost() -> None:
    one = Pass(60)
    falls(one, after=20)
    async with one.running():
        pass
    assert sorted(name for _, name, _ in one.sent) == sorted(one.high)


async def test_nothing_is_sent_that_a_later_cycle_does_not_want_any_more() -> None:
    one = Pass(60)

    def during(calls: int) -> None:
        if calls == 20:
            left = next(name for name in reversed(one.high) if name != X)
            one.high = one.high | {left: 6}
            one.world.stock(**one.high)
            one.ring()

    one.during = during
    async with one.running():
        pass
    assert {value for _, name, value in one.sent if name == "S059"} == {6}


async def test_the_schedule_overtakes_raises_as_well() -> None:
    one = Pass(60, every=20.0)
    async with one.running():
        pass
    assert len(one.cycles) >= 3
    assert sorted(name for _, name, _ in one.sent) == sorted(name for name in one.high if name != X)


async def test_an_operator_does_not_wait_for_the_end_of_the_raises() -> None:
    one = Pass(60)
    asked: list[asyncio.Task[int]] = []

    def during(calls: int) -> None:
        if calls == 20:
            ask = one.world.store.ask("freeze", "b", at=one.world.clock.now(), by="ann")
            asked.append(asyncio.ensure_future(ask))

    one.during = during
    answers: list[float] = []
    one.world.told.tell = lambda name, /, **_: (  # type: ignore[method-assign]
        answers.append(one.world.clock.monotonic()) if name == "obeyed" else None
    )
    async with one.running():
        pass
    assert answers[0] - one.sent[19][0] <= POLL + CALL


async def test_rings_without_end_do_not_starve_the_raises() -> None:
    one = Pass(30, longest_age=10.0)
    one.during = lambda _: one.ring(X)
    one.each_cycle = lambda: one.ring(X)
    async with one.running():
        pass
    assert {X} in one.cycles
    assert sorted(name for _, name, _ in one.sent) == sorted(name for name in one.high if name != X)


async def test_a_sync_that_was_asked_for_is_answered_when_all_of_it_is_sent() -> None:
    one = Pass(30)
    falls(one, after=10)
    await one.prepared()
    number = await one.world.store.ask("sync", "", at=one.world.clock.now(), by="cli")
    async with one.running():
        assert not await one.world.store.answered(number)
    assert Answer.read(await one.world.store.answered(number)).failures == ()


async def test_a_first_fill_that_made_way_is_not_over() -> None:
    world = World({"A": 10, "B": 10}, traits=replace(CAN, max_batch=1))
    summons = Summons()
    shop = Listened(world.shop("a").traits)
    shop.put(*world.shop("a")._counters.shown.values())
    shop.heard = lambda _: summons.call()
    world.channels[ShopName("a")], world.summons = shop, summons
    report = await world.run()
    assert (len(report.pushed[ShopName("a")].done), report.made_way) == (1, True)
    assert (await world.store.shops())[ShopName("a")].accepted_at is None
