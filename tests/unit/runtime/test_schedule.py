"""When cycles are due: jobs that ring, rings that count once, and a clock that was set back."""

import asyncio
from datetime import UTC

from syncd.adapters.memory import FakeClock
from syncd.runtime.schedule import GRACE, ClockSchedule, JobSchedule

SOON = 0.001
NEVER = 1e6
PATIENCE = 30.0


async def test_a_job_rings_again_and_again() -> None:
    schedule = JobSchedule(every=SOON, jitter=0.0, clock=FakeClock())
    async with asyncio.timeout(PATIENCE), schedule.started():
        await schedule.due()
        await schedule.due()


async def test_a_job_rings_with_jitter_too() -> None:
    schedule = JobSchedule(every=SOON, jitter=SOON, clock=FakeClock())
    async with asyncio.timeout(PATIENCE), schedule.started():
        await schedule.due()


async def test_rings_during_a_cycle_count_once() -> None:
    schedule = JobSchedule(every=NEVER, jitter=0.0, clock=FakeClock())
    await schedule._ring()
    await schedule._ring()
    await schedule.due()

    assert not schedule._rung.is_set()


async def test_a_machine_clock_that_was_set_back_stops_nothing() -> None:
    clock = FakeClock()
    schedule = JobSchedule(every=60.0, jitter=5.0, clock=clock)
    async with schedule.started():
        waiting = asyncio.create_task(schedule.due())
        await clock.until_asleep()
        clock.advance(60.0 + 5.0 + GRACE)
        await waiting


async def test_a_schedule_that_ended_rings_no_more() -> None:
    schedule = JobSchedule(every=SOON, jitter=0.0, clock=FakeClock())
    async with asyncio.timeout(PATIENCE), schedule.started():
        await schedule.due()

    assert not schedule._jobs.running


async def test_a_clock_alone_rings_after_the_period_and_a_part_of_the_jitter() -> None:
    clock = FakeClock(auto=True)
    before = clock.now().astimezone(UTC)
    await ClockSchedule(every=60.0, jitter=20.0, clock=clock, chance=lambda: 0.5).due()

    assert (clock.now() - before).total_seconds() == 70.0
