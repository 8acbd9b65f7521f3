"""What cannot wait for a cycle: it is lowered beside one, and what is left comes with the next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.model import Sku
from syncd.errors import StateError
from syncd.runtime.daemon import Daemon, Pace
from syncd.runtime.haste import Haste, Lowerer
from syncd.runtime.wake import Trigger, Wake
from syncd.services.cycle import CycleReport
from syncd.services.lowering import EVERYTHING, Left, Lowered
from tests.unit.services.cycle_world import World

A, B = Sku("A"), Sku("B")
ALL: frozenset[Sku] = frozenset()
PATIENCE = 20.0


class Bench:
    """A daemon whose cycles last until they may `go`; it notes what was lowered, and what cycles were for."""

    def __init__(self, left: Left) -> None:
        self.left = left
        self.world = World({"A": 10})
        self.clock = FakeClock(self.world.clock.now())
        self.wake, self.haste = Wake(self.clock), Haste()
        self.lowered: list[frozenset[Sku]] = []
        self.cycles: list[frozenset[Sku]] = []
        self.moved, self.go, self.stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.error: Exception | None = None

    async def _cycle(self, skus: frozenset[Sku] = ALL) -> CycleReport:
        self.cycles.append(skus)
        self.moved.set()
        await self.go.wait()
        return await self.world.cycle.run()

    async def _lower(self, skus: frozenset[Sku]) -> Lowered:
        if self.error is not None:
            raise self.error
        self.lowered.append(skus)
        self.moved.set()
        return Lowered(left=self.left)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["asyncio.Task[None]"]:
        daemon = Daemon(
            cycle=self._cycle,
            requests=self.world.requests,
            store=self.world.store,
            lock=self.world.lock,
            clock=self.clock,
            events=self.world.told,
            pace=Pace(every=60.0, poll=1000.0, stop_within=0.0),
            jitter=lambda: 0.0,
            trigger=Trigger(
                wake=self.wake,
                cycle=self._cycle,
                listen=lambda over: over.wait(),
                haste=Lowerer(lower=self._lower, bell=self.haste),
            ),
        )
        task = asyncio.create_task(daemon.run(self.stop))
        try:
            await self.until(1)
            yield task
        finally:
            self.go.set()
            self.stop.set()
            with suppress(Exception):
                await task

    async def until(self, count: int) -> None:
        """Return once so many cycles and lowerings have begun."""
        async with asyncio.timeout(PATIENCE):
            while len(self.cycles) + len(self.lowered) < count:
                self.moved.clear()
                await self.moved.wait()


async def test_it_lowers_beside_a_cycle_that_goes_on() -> None:
    bench = Bench(Left())
    async with bench.running():
        bench.haste.ring([A])
        await bench.until(2)
        assert (bench.lowered, bench.cycles) == ([frozenset({A})], [ALL])


async def test_what_is_left_comes_with_the_next_cycle() -> None:
    bench = Bench(Left(skus=frozenset({A})))
    async with bench.running():
        bench.haste.ring([A])
        await bench.until(2)
        bench.go.set()
        await bench.clock.until_asleep(2)
        bench.clock.advance(1.0)
        await bench.until(3)
        assert bench.cycles == [ALL, frozenset({A})]


async def test_where_only_a_cycle_can_tell_one_for_all_comes() -> None:
    bench = Bench(EVERYTHING)
    async with bench.running():
        bench.haste.ring([A])
        await bench.until(2)
        bench.go.set()
        await bench.clock.until_asleep(2)
        bench.clock.advance(1.0)
        await bench.until(3)
        assert bench.cycles == [ALL, ALL]


async def test_a_state_that_breaks_ends_the_daemon() -> None:
    bench = Bench(Left())
    bench.error = StateError("the disk is full")
    async with bench.running() as task:
        bench.haste.ring([A])
        with pytest.raises(StateError, match="disk is full"):
            await task


def test_rings_add_up_until_they_are_taken() -> None:
    haste = Haste()
    haste.ring([A])
    haste.ring([B])
    assert (haste.take(), haste.is_rung, haste.take()) == (frozenset({A, B}), False, ALL)
