"""The clocks: the one that stands still, and the machine's."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from syncd.adapters.clock import SystemClock
from syncd.adapters.memory import FakeClock
from syncd.ports.clock import Clock

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def _spawn(clock: Clock, woken: list[float], *seconds: float) -> list[asyncio.Task[None]]:
    async def sleeper(wait: float) -> None:
        await clock.sleep(wait)
        woken.append(wait)

    return [asyncio.create_task(sleeper(wait)) for wait in seconds]


async def test_time_stands_still_by_itself() -> None:
    clock = FakeClock(START)
    await asyncio.sleep(0)
    assert (clock.now(), clock.monotonic()) == (START, 0.0)


async def test_advancing_moves_both_times() -> None:
    clock = FakeClock(START)
    clock.advance(90)
    assert (clock.now(), clock.monotonic()) == (START + timedelta(seconds=90), 90.0)


async def test_a_jump_of_the_wall_clock_leaves_the_other_time() -> None:
    clock = FakeClock(START)
    clock.jump(-3600)
    assert (clock.now(), clock.monotonic()) == (START - timedelta(hours=1), 0.0)


async def test_a_jump_wakes_nobody() -> None:
    clock, woken = FakeClock(), list[float]()
    tasks = _spawn(clock, woken, 5)
    await clock.until_asleep()
    clock.jump(3600)
    assert clock.sleepers == 1
    clock.advance(5)
    await asyncio.gather(*tasks)


async def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="back"):
        FakeClock().advance(-1)


async def test_a_sleeper_wakes_when_its_time_is_reached() -> None:
    clock, woken = FakeClock(), list[float]()
    tasks = _spawn(clock, woken, 5)
    await clock.until_asleep()
    clock.advance(5)
    await asyncio.gather(*tasks)
    assert woken == [5]


async def test_a_sleeper_does_not_wake_before_its_time() -> None:
    clock, woken = FakeClock(), list[float]()
    tasks = _spawn(clock, woken, 5)
    await clock.until_asleep()
    clock.advance(4.9)
    assert clock.sleepers == 1
    clock.advance(0.1)
    await asyncio.gather(*tasks)


async def test_sleepers_wake_in_the_order_of_their_times() -> None:
    clock, woken = FakeClock(), list[float]()
    tasks = _spawn(clock, woken, 3, 1, 2)
    await clock.until_asleep(3)
    clock.advance(10)
    await asyncio.gather(*tasks)
    assert woken == [1, 2, 3]


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = FakeClock()
    (task,) = _spawn(clock, [], 5)
    await clock.until_asleep()
    task.cancel()
    await asyncio.wait([task])
    assert clock.sleepers == 0


@pytest.mark.parametrize("seconds", [0, -1])
async def test_no_wait_yields_once(seconds: float) -> None:
    seen: list[str] = []
    task = asyncio.create_task(asyncio.to_thread(seen.append, "thread"))
    other = asyncio.create_task(_note(seen))
    await FakeClock().sleep(seconds)
    assert "other" in seen
    await asyncio.gather(task, other)


async def _note(seen: list[str]) -> None:
    seen.append("other")


async def test_nobody_waits_for_an_automatic_clock() -> None:
    clock = FakeClock(START, auto=True)
    await clock.sleep(3600)
    assert clock.now() == START + timedelta(hours=1)


async def test_an_automatic_clock_wakes_tasks_in_the_order_of_their_times() -> None:
    clock, woken = FakeClock(auto=True), list[float]()
    await asyncio.gather(*_spawn(clock, woken, 30, 10, 20))
    assert woken == [10, 20, 30]


async def test_an_automatic_clock_does_not_add_up_the_waits_of_several_tasks() -> None:
    clock = FakeClock(auto=True)
    await asyncio.gather(*_spawn(clock, [], 30, 10, 20))
    assert clock.monotonic() == 30


async def test_loops_of_two_periods_take_their_turns_on_an_automatic_clock() -> None:
    clock, seen = FakeClock(auto=True), list[tuple[str, float]]()

    async def loop(name: str, period: float, turns: int) -> None:
        for _ in range(turns):
            await clock.sleep(period)
            seen.append((name, clock.monotonic()))

    await asyncio.gather(loop("slow", 3, 2), loop("fast", 2, 2))
    assert seen == [("fast", 2), ("slow", 3), ("fast", 4), ("slow", 6)]


def test_the_clock_of_the_machine_tells_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_the_clock_of_the_machine_tells_the_time_of_now() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)


def test_the_seconds_of_the_machine_do_not_go_back() -> None:
    clock = SystemClock()
    first = clock.monotonic()
    assert clock.monotonic() >= first


async def test_no_wait_on_the_clock_of_the_machine_yields_once() -> None:
    seen: list[str] = []
    task = asyncio.create_task(_note(seen))
    await SystemClock().sleep(-1)
    assert seen == ["other"]
    await task


async def test_a_wait_on_the_clock_of_the_machine_ends() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0.001)
    assert clock.monotonic() - before >= 0.0009
