"""The watchdog hears from us while cycles end, and only then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from syncd.adapters.memory import FakeClock
from syncd.runtime.heart import Heart
from syncd.runtime.supervisor import Supervisor
from tests.unit.runtime.notify_socket import NotifySocket, notify_socket
from tests.unit.services.cycle_world import Told


@asynccontextmanager
async def beating(
    clock: FakeClock, *, longest: float, told: Told | None = None
) -> AsyncIterator[tuple[Heart, NotifySocket]]:
    with notify_socket() as listening:
        supervisor = Supervisor({"NOTIFY_SOCKET": listening.address, "WATCHDOG_USEC": "30000000"})
        heart = Heart(supervisor, clock, told or Told(), longest=longest)
        task = asyncio.create_task(heart.beat())
        try:
            await clock.until_asleep()
            yield heart, listening
        finally:
            task.cancel()
            await asyncio.wait({task})


async def test_it_beats_three_times_in_the_watchdogs_patience() -> None:
    clock = FakeClock()
    async with beating(clock, longest=1000.0) as (_, listening):
        for _ in range(3):
            clock.advance(10.0)
            await asyncio.sleep(0)
            await clock.until_asleep()

        assert listening.waiting() == ["WATCHDOG=1"] * 4


async def test_a_cycle_that_does_not_end_silences_it() -> None:
    clock = FakeClock()
    async with beating(clock, longest=60.0) as (_, listening):
        listening.waiting()
        clock.advance(60.1)
        await asyncio.sleep(0)
        await clock.until_asleep()

        assert listening.waiting() == []


async def test_why_it_is_silent_is_told_once() -> None:
    clock, told = FakeClock(), Told()
    async with beating(clock, longest=60.0, told=told):
        for _ in range(9):
            clock.advance(10.0)
            await asyncio.sleep(0)
            await clock.until_asleep()

    assert [(name, facts["seconds"]) for name, facts in told.events] == [("cycle_stuck", 60.0)]


async def test_a_cycle_that_ended_makes_it_beat_again() -> None:
    clock = FakeClock()
    async with beating(clock, longest=60.0) as (heart, listening):
        listening.waiting()
        clock.advance(60.1)
        heart.turned()
        await asyncio.sleep(0)
        await clock.until_asleep()

        assert listening.waiting() == ["WATCHDOG=1"]


async def test_without_a_watchdog_it_ends_at_once() -> None:
    await Heart(Supervisor({}), FakeClock(), Told(), longest=60.0).beat()
