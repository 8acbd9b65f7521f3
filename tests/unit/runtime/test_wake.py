"""Waking the daemon: rings add up, a flood is slowed, named SKUs will do, the schedule comes anyway."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.model import Sku
from syncd.domain.topology import Bundle
from syncd.runtime.companions import AGAIN_AFTER
from syncd.runtime.daemon import Daemon, Pace
from syncd.runtime.wake import MOST_NAMED, PAUSE, NamedSkus, Trigger, Wake
from syncd.services.cycle import CycleReport, Selection
from syncd.services.requests import Outcome
from tests.unit.services.cycle_world import World

PATIENCE = 30.0
A, B = Sku("A"), Sku("B")


# --- the bell ----------------------------------------------------------------------------------------------


def test_named_skus_add_up() -> None:
    wake = Wake(FakeClock())
    wake.ring([A])
    wake.ring([B])

    assert wake.take() == {A, B}


@pytest.mark.parametrize("order", [([A], []), ([], [A])], ids=["named first", "all first"])
def test_a_ring_for_all_swallows_the_named(order: tuple[list[Sku], list[Sku]]) -> None:
    wake = Wake(FakeClock())
    for skus in order:
        wake.ring(skus)

    assert wake.take() == frozenset()


@pytest.mark.parametrize("skus", [[A], []], ids=["named", "all"])
def test_what_was_taken_is_gone(skus: list[Sku]) -> None:
    wake = Wake(FakeClock())
    wake.ring(skus)
    wake.take()
    wake.ring([B])

    assert wake.take() == {B}


def test_too_many_named_are_all() -> None:
    wake = Wake(FakeClock())
    for number in range(MOST_NAMED + 1):
        wake.ring([Sku(str(number))])

    assert wake.take() == frozenset()


def test_nobody_is_heard_who_did_not_ring() -> None:
    assert not Wake(FakeClock()).is_heard


def test_the_first_ring_is_heard_at_once() -> None:
    wake = Wake(FakeClock())
    wake.ring()

    assert wake.is_heard


def test_within_a_second_after_the_last_take_nobody_is_heard() -> None:
    clock = FakeClock()
    wake = Wake(clock)
    wake.take()
    wake.ring()
    clock.advance(PAUSE - 0.1)
    early = wake.is_heard
    clock.advance(0.1)

    assert (early, wake.is_heard) == (False, True)


async def test_who_waits_hears_a_ring() -> None:
    wake = Wake(FakeClock())
    waiting = asyncio.create_task(wake.heard())
    await asyncio.sleep(0)
    wake.ring()
    async with asyncio.timeout(PATIENCE):
        await waiting


# --- the daemon --------------------------------------------------------------------------------------------


class Bench:
    """A daemon whose clock only moves by hand; `ran` keeps each cycle: the SKUs it was for, empty for all."""

    def __init__(self, **pace: float) -> None:
        self.world = World({"A": 10, "B": 10})
        self.clock = FakeClock(self.world.clock.now())
        self.wake = Wake(self.clock)
        self.ran: list[frozenset[Sku]] = []
        self.moved = asyncio.Event()
        self.during: Callable[[], None] = lambda: None
        self.listen: Callable[[asyncio.Event], Coroutine[object, object, None]] = self._listen
        self.stop = asyncio.Event()
        self.pace = Pace(**({"every": 60.0, "poll": 1000.0, "stop_within": 0.0} | pace))

    async def _listen(self, over: asyncio.Event) -> None:
        await over.wait()

    async def _cycle(self, skus: frozenset[Sku] = frozenset()) -> CycleReport:
        self.during()
        report = await self.world.cycle.run()
        self.ran.append(skus)
        self.moved.set()
        return report

    def daemon(self) -> Daemon:
        return Daemon(
            cycle=self._cycle,
            requests=self.world.requests,
            store=self.world.store,
            lock=self.world.lock,
            clock=self.clock,
            events=self.world.told,
            pace=self.pace,
            jitter=lambda: 0.0,
            trigger=Trigger(wake=self.wake, cycle=self._cycle, listen=self.listen),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["asyncio.Task[None]"]:
        """Run it; yield when the first cycle is over."""
        task = asyncio.create_task(self.daemon().run(self.stop))
        try:
            await self.cycles(1)
            yield task
        finally:
            self.stop.set()
            with suppress(Exception):
                await task

    async def cycles(self, count: int) -> list[frozenset[Sku]]:
        """Return the cycles once there are so many and the daemon rests again."""
        async with asyncio.timeout(PATIENCE):
            while len(self.ran) < count:
                self.moved.clear()
                await self.moved.wait()
            await self.rests()
        return self.ran

    async def rests(self) -> None:
        # Due, poll, and the second in which nobody is heard.
        async with asyncio.timeout(PATIENCE):
            await self.clock.until_asleep(3)

    async def pass_time(self, seconds: float) -> None:
        await self.rests()
        self.clock.advance(seconds)
        await asyncio.sleep(0)


async def test_a_ring_brings_the_next_cycle_after_a_second() -> None:
    bench = Bench()
    async with bench.running():
        bench.wake.ring()
        early = len(bench.ran)
        await bench.pass_time(PAUSE)

        assert (early, await bench.cycles(2)) == (1, [frozenset(), frozenset()])


async def test_a_ring_after_a_long_rest_brings_it_at_once() -> None:
    bench = Bench()
    async with bench.running():
        bench.clock.advance(30.0)
        await asyncio.sleep(0)
        bench.wake.ring()

        assert len(await bench.cycles(2)) == 2


async def test_rings_for_named_skus_bring_one_cycle_for_these() -> None:
    bench = Bench()
    async with bench.running():
        bench.wake.ring([A])
        bench.wake.ring([B])
        await bench.pass_time(PAUSE)

        assert await bench.cycles(2) == [frozenset(), {A, B}]


async def test_a_ring_during_a_cycle_brings_another_one() -> None:
    bench = Bench()
    bench.during = lambda: bench.wake.ring([A]) if not bench.ran else None
    async with bench.running():
        await bench.pass_time(PAUSE)

        assert await bench.cycles(2) == [frozenset(), {A}]


async def test_a_ring_during_a_cycle_for_named_skus_brings_another_one() -> None:
    bench = Bench()
    bench.during = lambda: bench.wake.ring([B]) if len(bench.ran) == 1 else None
    async with bench.running():
        bench.wake.ring([A])
        await bench.pass_time(PAUSE)
        await bench.cycles(2)
        await bench.pass_time(PAUSE)

        assert await bench.cycles(3) == [frozenset(), {A}, {B}]


async def test_a_ring_before_a_whole_cycle_needs_no_other() -> None:
    bench = Bench(every=PAUSE / 2)
    async with bench.running():
        bench.wake.ring([A])
        await bench.pass_time(PAUSE / 2)
        await bench.cycles(2)
        bench.clock.advance(PAUSE)

        assert (bench.ran, bench.wake.is_heard) == ([frozenset(), frozenset()], False)


async def test_a_request_makes_it_a_whole_cycle() -> None:
    bench = Bench(stop_within=PATIENCE)
    async with bench.running():
        number = await bench.world.store.ask("sync", "", at=bench.clock.now(), by="cli")
        bench.wake.ring([A])
        await bench.pass_time(PAUSE)

        assert await bench.cycles(2) == [frozenset(), frozenset()]

    assert Outcome.read(await bench.world.store.answered(number)).failures == ()


async def test_a_rain_of_rings_does_not_put_off_the_schedule() -> None:
    bench = Bench(every=10.0)
    async with bench.running():
        for count in range(2, 12):
            bench.wake.ring([A])
            await bench.pass_time(PAUSE)
            await bench.cycles(count)

        assert bench.ran == [frozenset(), *[{A}] * 9, frozenset()]


async def test_a_flood_of_rings_brings_one_cycle_a_second() -> None:
    bench = Bench(every=1000.0)
    async with bench.running():
        for count in range(2, 5):
            for _ in range(100):
                bench.wake.ring()
            await bench.pass_time(PAUSE)
            await bench.cycles(count)
        bench.wake.ring()
        await bench.pass_time(PAUSE / 2)
        await bench.rests()

        assert len(bench.ran) == 4


async def test_a_stop_while_it_waits_for_a_ring_ends_it_at_once() -> None:
    bench = Bench()
    async with bench.running() as task:
        bench.stop.set()
        async with asyncio.timeout(PATIENCE):
            await task

    assert bench.ran == [frozenset()]


async def test_who_listens_outlives_the_cycles() -> None:
    bench = Bench()
    seen: list[int] = []

    async def listen(over: asyncio.Event) -> None:
        await over.wait()
        seen.append(len(bench.ran))

    bench.listen = listen
    async with bench.running():
        pass

    assert seen == [1]


async def test_who_listens_and_breaks_is_begun_anew_and_the_cycles_go_on() -> None:
    bench = Bench()
    begun: list[float] = []

    async def listen(over: asyncio.Event) -> None:
        begun.append(bench.clock.monotonic())
        if len(begun) == 1:
            raise ZeroDivisionError("secret words")
        await over.wait()

    bench.listen = listen
    async with bench.running():
        await bench.pass_time(AGAIN_AFTER)
        await bench.cycles(2)

    assert begun[1] - begun[0] == AGAIN_AFTER
    (told,) = bench.world.told.named("companion_failed")
    assert (told["error"], "test_wake.py" in str(told["where"])) == ("ZeroDivisionError", True)
    assert "secret" not in str(told)


async def test_who_listens_and_does_not_end_is_cut_off() -> None:
    bench = Bench()

    async def listen(_over: asyncio.Event) -> None:
        await asyncio.Event().wait()

    bench.listen = listen
    async with bench.running() as task:
        bench.stop.set()
        async with asyncio.timeout(PATIENCE):
            await task

    assert bench.world.told.events[-1][0] == "stopped"


# --- cycles for named SKUs ---------------------------------------------------------------------------------


class Named:
    """Cycles for named SKUs over a world; `selections` keeps what they were for."""

    def __init__(self, *bundles: Bundle) -> None:
        self.world = World({"A": 10, "B": 10})
        self.selections: list[Selection] = []
        self.named = NamedSkus(
            cycle=self._cycle,
            store=self.world.store,
            topology=replace(self.world.topology, bundles=bundles),
            events=self.world.told,
        )

    async def _cycle(self, selection: Selection) -> CycleReport:
        self.selections.append(selection)
        return await self.world.run(selection=selection)

    async def run(self, *skus: str) -> frozenset[Sku]:
        """Return what a cycle for `skus` may write; empty for all."""
        await self.world.filled()
        await self.named.run(frozenset(map(Sku, skus)))
        return self.selections[-1].skus


def bundle(sku: str, *parts: str) -> Bundle:
    return Bundle(sku=Sku(sku), components=dict.fromkeys(map(Sku, parts), 1))


async def test_only_named_skus_are_written() -> None:
    named = Named()
    await named.world.filled()
    named.world.stock(A=4, B=4)
    await named.named.run(frozenset({A}))

    assert named.world.counters("a") == {"A": 4, "B": 10}


async def test_a_cycle_for_named_skus_does_not_end_the_first_fill_of_a_shop() -> None:
    named = Named()
    await named.world.cycle.look(save=True)
    await named.named.run(frozenset({A}))

    assert named.world.counters("a") == {"A": 10, "B": 0}
    assert [shop.accepted_at for shop in (await named.world.store.shops()).values()] == [None, None]


async def test_a_bundle_moves_with_its_component() -> None:
    assert await Named(bundle("SET", "A"), bundle("OTHER", "B")).run("A") == {"A", "SET"}


async def test_a_named_bundle_stands_for_its_components_and_what_else_they_are_in() -> None:
    assert await Named(bundle("SET", "A"), bundle("PAIR", "A", "B")).run("SET") == {"A", "SET", "PAIR"}


async def test_a_sku_that_nobody_knows_makes_it_a_whole_cycle() -> None:
    named = Named()

    assert await named.run("A", "NEW") == frozenset()
    assert named.world.told.named("sku_unknown") == [
        {"skus": "NEW", "count": 1, "hint": "all SKUs are looked at"}
    ]


async def test_of_many_unknown_skus_some_are_told() -> None:
    named = Named()
    await named.run(*(f"N{number}" for number in range(50)))
    (told,) = named.world.told.named("sku_unknown")

    assert (told["count"], str(told["skus"]).count(",")) == (50, 9)
