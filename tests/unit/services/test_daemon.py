"""The daemon's loop: cycles at their pace, requests answered, one at a time, a stop that loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.records import Resolution
from syncd.errors import StateError, UsageError
from syncd.runtime.daemon import Daemon, Pace
from syncd.services.cycle import CycleReport
from syncd.services.requests import Outcome
from tests.unit.services.cycle_world import World


class Loop:
    """A daemon over a world whose clock only moves by hand; `cycles` counts what ran."""

    def __init__(self, world: World, **pace: float) -> None:
        self.world = world
        self.clock = FakeClock(world.clock.now())
        self.cycles = 0
        self.ran = asyncio.Event()
        self.stop = asyncio.Event()
        self.before: Callable[[], None] = lambda: None
        self.daemon = Daemon(
            cycle=self._cycle,
            requests=world.requests,
            store=world.store,
            lock=world.lock,
            clock=self.clock,
            events=world.told,
            pace=Pace(**({"every": 60.0, "poll": 60.0} | pace)),
            jitter=lambda: 0.5,
        )

    async def _cycle(self) -> CycleReport:
        self.before()
        report = await self.world.cycle.run()
        self.cycles += 1
        self.ran.set()
        return report

    async def next_cycle(self) -> None:
        await self.ran.wait()
        self.ran.clear()

    async def pass_time(self, seconds: float) -> None:
        await self.clock.until_asleep()
        self.clock.advance(seconds)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["asyncio.Task[None]"]:
        task = asyncio.create_task(self.daemon.run(self.stop))
        try:
            yield task
        finally:
            self.stop.set()
            with suppress(Exception):
                await task


async def test_it_runs_a_cycle_at_once_and_one_each_period() -> None:
    loop = Loop(World({"A": 10}))
    async with loop.running():
        await loop.next_cycle()
        await loop.pass_time(60)
        await loop.next_cycle()

    assert loop.cycles == 2


async def test_before_the_period_is_over_it_waits() -> None:
    loop = Loop(World({"A": 10}), poll=30.0)
    async with loop.running():
        await loop.next_cycle()
        await loop.pass_time(30)
        await loop.clock.until_asleep()

        assert loop.cycles == 1


async def test_the_period_is_put_off_by_the_jitter() -> None:
    loop = Loop(World({"A": 10}), jitter=20.0, poll=60.0)
    async with loop.running():
        await loop.next_cycle()
        await loop.pass_time(60)
        await loop.pass_time(10)
        await loop.next_cycle()

    assert loop.cycles == 2


async def test_what_runs_beside_it_ends_after_the_cycles() -> None:
    loop, told = Loop(World({"A": 10})), []

    async def beside(over: asyncio.Event) -> None:
        told.append("begun")
        await over.wait()
        told.append(f"over after {loop.cycles}")

    loop.daemon = replace(loop.daemon, beside=(beside, beside))
    async with loop.running():
        await loop.next_cycle()

    assert told == ["begun", "begun", "over after 1", "over after 1"]


async def test_what_breaks_beside_it_is_told_in_its_own_words_and_the_cycles_go_on() -> None:
    loop = Loop(World({"A": 10}))

    async def beside(_: asyncio.Event) -> None:
        raise StateError("the disk is gone")

    loop.daemon = replace(loop.daemon, beside=(beside,))
    async with loop.running():
        await loop.next_cycle()
        await loop.pass_time(60)
        await loop.next_cycle()

    told, *_ = loop.world.told.named("companion_failed")
    assert told["error"] == "the disk is gone"


async def test_a_request_for_a_sync_is_answered_by_a_cycle_of_its_own() -> None:
    loop = Loop(World({"A": 10}), every=3600.0, poll=1.0)
    store = loop.world.store
    async with loop.running():
        await loop.next_cycle()
        number = await store.ask("sync", "", at=loop.clock.now(), by="cli")
        await loop.pass_time(1)
        await loop.next_cycle()

    assert Outcome.read(await store.answered(number)) == Outcome(done=0)


async def test_a_request_is_obeyed_before_the_cycle() -> None:
    world = await World({"A": 10}).filled()
    loop = Loop(world)
    await world.store.ask("pause", "a", at=loop.clock.now(), by="ann")
    world.stock(A=5)
    world.clock.advance(60)
    async with loop.running():
        await loop.next_cycle()

    assert (world.counters("a"), world.counters("b")) == ({"A": 10}, {"A": 5})


async def test_a_request_that_nobody_understands_is_refused_in_words() -> None:
    loop = Loop(World({"A": 10}))
    number = await loop.world.store.ask("dance", "", at=loop.clock.now(), by="ann")
    async with loop.running():
        await loop.next_cycle()

    assert (await loop.world.store.answered(number)).startswith("refused:")


async def test_two_at_once_are_refused() -> None:
    world = World({"A": 10})
    first, second = Loop(world), Loop(world)
    async with first.running():
        await first.next_cycle()

        with pytest.raises(UsageError, match="another syncd"):
            await second.daemon.run(asyncio.Event())


async def test_the_next_one_may_run_when_the_first_has_stopped() -> None:
    world = World({"A": 10})
    first, second = Loop(world), Loop(world)
    async with first.running():
        await first.next_cycle()
    async with second.running():
        await second.next_cycle()

    assert second.cycles == 1


async def test_a_stop_while_it_waits_ends_it_at_once() -> None:
    loop = Loop(World({"A": 10}))
    async with loop.running() as task:
        await loop.next_cycle()
        await loop.clock.until_asleep()
        loop.stop.set()
        await task

    assert loop.world.told.events[-1][0] == "stopped"


async def test_a_stop_before_it_began_ends_it_without_a_cycle() -> None:
    world = World({"A": 10})
    loop = Loop(world)
    loop.stop.set()
    async with loop.running() as task:
        await task

    assert "planned" not in [name for name, _ in world.told.events]


async def test_a_stop_lets_the_push_in_flight_finish() -> None:
    world = World({"A": 10, "B": 10})
    loop = Loop(world)
    loop.before = loop.stop.set
    async with loop.running() as task:
        await task

    assert (world.counters("a"), world.counters("b")) == ({"A": 10, "B": 10}, {"A": 10, "B": 10})
    assert not await world.store.unresolved()


async def test_a_stop_breaks_off_a_push_that_takes_too_long() -> None:
    world = World({"A": 10})
    loop = Loop(world, stop_within=0.0)
    stuck = asyncio.Event()

    async def never() -> CycleReport:
        stuck.set()
        await asyncio.Event().wait()
        raise AssertionError

    daemon = Daemon(
        cycle=never,
        requests=world.requests,
        store=world.store,
        lock=world.lock,
        clock=loop.clock,
        events=world.told,
        pace=Pace(stop_within=0.0),
    )
    task = asyncio.create_task(daemon.run(loop.stop))
    await stuck.wait()
    loop.stop.set()
    await task

    assert world.told.events[-1][0] == "stopped"


async def test_a_state_that_breaks_stops_it_with_the_error_itself() -> None:
    world = World({"A": 10})

    async def broken() -> CycleReport:
        raise StateError("the disk is full")

    daemon = Daemon(
        cycle=broken,
        requests=world.requests,
        store=world.store,
        lock=world.lock,
        clock=FakeClock(),
        events=world.told,
    )

    with pytest.raises(StateError, match="the disk is full"):
        await daemon.run(asyncio.Event())


async def test_a_request_that_came_while_it_stopped_gets_an_answer() -> None:
    world = World({"A": 10})
    loop = Loop(world)
    numbers: list[int] = []
    async with loop.running() as task:
        await loop.next_cycle()
        await loop.clock.until_asleep()
        numbers.append(await world.store.ask("sync", "", at=loop.clock.now(), by="cli"))
        loop.stop.set()
        await task

    assert Outcome.read(await world.store.answered(numbers[0])).failures


async def test_no_write_of_a_stopped_daemon_stays_open() -> None:
    world = World({"A": 10, "B": 10})
    loop = Loop(world)
    loop.before = loop.stop.set
    async with loop.running() as task:
        await task

    assert all(row.resolution is Resolution.DONE for row in world.store._intents.values())
