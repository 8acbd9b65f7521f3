"""The mock's own time."""

import asyncio
from datetime import UTC, datetime, timedelta

from syncd.mock.clock import START, RealClock, VirtualClock

MINUTE = timedelta(minutes=1)


async def test_a_virtual_clock_stands_still_until_it_is_moved() -> None:
    clock = VirtualClock()
    before = clock.now()
    clock.move_to(START + MINUTE)
    assert (before, clock.now()) == (START, START + MINUTE)


async def test_a_moment_that_has_passed_is_not_waited_for() -> None:
    await VirtualClock().wait_until(START)


async def test_a_waiter_wakes_when_its_time_is_reached() -> None:
    clock = VirtualClock()
    waiting = asyncio.create_task(clock.wait_until(START + MINUTE))
    await asyncio.sleep(0)
    clock.move_to(START + MINUTE)
    await waiting


async def test_a_waiter_sleeps_on_when_the_move_is_too_short() -> None:
    clock = VirtualClock()
    waiting = asyncio.create_task(clock.wait_until(START + MINUTE))
    for seconds in (20, 40, 59):
        clock.move_to(START + timedelta(seconds=seconds))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_a_virtual_clock_may_be_set_back() -> None:
    clock = VirtualClock()
    clock.move_to(START - MINUTE)
    assert clock.now() == START - MINUTE


async def test_a_real_clock_runs_on_from_where_it_was_moved_to() -> None:
    machine = datetime(2030, 1, 1, tzinfo=UTC)
    times = [machine, machine + MINUTE]
    clock = RealClock(lambda: times[0])
    clock.move_to(START)
    del times[0]
    assert clock.now() == START + MINUTE


async def test_a_real_clock_can_be_moved_twice() -> None:
    clock = RealClock(lambda: datetime(2030, 1, 1, tzinfo=UTC))
    clock.move_to(START)
    clock.move_to(START + MINUTE)
    assert clock.now() == START + MINUTE


async def test_a_real_clock_wakes_a_waiter_when_it_is_moved() -> None:
    clock = RealClock(lambda: START)
    waiting = asyncio.create_task(clock.wait_until(START + timedelta(days=1)))
    await asyncio.sleep(0)
    clock.move_to(START + timedelta(days=1))
    await waiting
