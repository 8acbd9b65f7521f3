"""Whoever calls a shop waits here: decreases first, never more than the budget, and nobody for ever."""

import asyncio
from dataclasses import replace

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.allotment import Use
from syncd.domain.model import ChangeKind
from syncd.errors import Kind, PortError
from syncd.services.gate import Gate, open_gate, urgently, within
from tests.unit.services.push_world import World, change

LOWER = ChangeKind.LOWER


def gate(clock: FakeClock, *, rate: float = 1.0, burst: int = 2) -> Gate:
    return open_gate(rate, burst, clock)


async def test_a_decrease_that_comes_later_does_not_wait_for_raises() -> None:
    clock = FakeClock()
    way = gate(clock)
    raises = [asyncio.create_task(way.admit(Use.RAISE)) for _ in range(5)]
    await clock.until_asleep()
    lowering = await way.admit(Use.LOWER)
    done = sum(task.done() for task in raises)
    for task in raises:
        task.cancel()
    assert (lowering, done) == (0.0, 1)


async def test_the_next_token_is_a_waiting_decreases() -> None:
    clock, served = FakeClock(auto=True), list[str]()
    way = gate(clock, burst=1)
    await way.admit(Use.RAISE)

    async def one(name: str, use: Use) -> None:
        await way.admit(use)
        served.append(name)

    async with asyncio.TaskGroup() as group:
        for name, use in (("raise", Use.RAISE), ("read", Use.READ), ("lower", Use.LOWER)):
            group.create_task(one(name, use))
    assert served == ["lower", "raise", "read"]


async def test_the_gate_never_lets_in_more_than_the_budget() -> None:
    clock, times = FakeClock(auto=True), list[float]()
    way = gate(clock, rate=2.0, burst=3)

    async def one(use: Use) -> None:
        await way.admit(use)
        times.append(clock.monotonic())

    async with asyncio.TaskGroup() as group:
        for n in range(30):
            group.create_task(one(list(Use)[n % 3]))
    assert all(len([t for t in times if at <= t < at + 5]) <= 3 + 2 * 5 for at in times)


async def test_who_gives_up_leaves_its_place_to_others() -> None:
    clock = FakeClock()
    way = gate(clock, burst=1)
    await way.admit(Use.RAISE)
    impatient = asyncio.create_task(way.admit(Use.RAISE))
    await clock.until_asleep()
    impatient.cancel()
    await asyncio.wait({impatient})
    clock.advance(1.0)
    assert await way.admit(Use.RAISE) == 0.0


async def test_a_wait_beyond_all_patience_is_told() -> None:
    clock = FakeClock()
    way = gate(clock, rate=0.01, burst=1)
    await way.admit(Use.LOWER)
    assert await way.admit(Use.LOWER, patience=60.0) == pytest.approx(100.0)


async def test_who_need_not_call_any_more_takes_no_token() -> None:
    clock = FakeClock()
    way = gate(clock, burst=1)
    gone = await way.admit(Use.LOWER, stays=lambda: False)
    assert (gone, await way.admit(Use.LOWER)) == (-1.0, 0.0)


async def test_a_pusher_shares_its_gate_with_whoever_reads() -> None:
    world = World(max_batch=1)
    way = open_gate(1.0, 1, world.time)
    await way.read()
    await replace(world.pusher(), gate=way).push([change("a", LOWER, 3)])
    assert world.time.monotonic() == pytest.approx(1.0)


async def test_a_read_does_not_wait_for_a_shop_that_wants_a_long_rest() -> None:
    way = gate(FakeClock())
    way.throttled(3600.0)
    with pytest.raises(PortError, match="3600 s") as caught:
        await way.read()
    assert (caught.value.kind, caught.value.sent, caught.value.retry_after) == (Kind.THROTTLED, False, 3600.0)


async def test_a_read_that_waits_gives_up_when_the_shop_asks_for_a_long_rest() -> None:
    clock = FakeClock()
    way = gate(clock, burst=1)
    await way.read()
    reading = asyncio.create_task(way.read())
    await clock.until_asleep()
    way.throttled(3600.0)
    clock.advance(1.0)
    with pytest.raises(PortError, match="3599 s"):
        await reading


async def test_a_read_waits_for_a_short_rest_and_for_a_slow_budget() -> None:
    clock = FakeClock(auto=True)
    way = gate(clock, rate=0.01, burst=1)
    way.throttled(5.0)
    await way.read()
    # Throttled, it is called half as often.
    assert clock.monotonic() == pytest.approx(200.0)


async def test_a_shop_that_throttles_a_read_is_called_less_often() -> None:
    way = gate(FakeClock())
    with pytest.raises(PortError):
        async with way.within(60.0):
            raise PortError(Kind.THROTTLED, "slow down", retry_after=40.0)
    assert (way.allotment.bucket.rate, way.allotment.bucket.paused_until) == (0.5, 40.0)


@pytest.mark.parametrize(
    "error", [PortError(Kind.TRANSIENT, "down"), PortError(Kind.THROTTLED, "not asked", sent=False)]
)
async def test_no_other_failure_of_a_read_slows_its_shop_down(error: PortError) -> None:
    way = gate(FakeClock())
    with pytest.raises(PortError):
        async with way.within(60.0):
            raise error
    assert way.allotment.bucket.rate == 1.0


async def test_a_reading_that_went_well_speeds_it_up_again() -> None:
    way = gate(FakeClock())
    way.throttled(1.0)
    async with way.within(60.0):
        pass
    assert way.allotment.bucket.rate == pytest.approx(0.55)


async def test_waiting_for_a_turn_is_no_part_of_a_readings_time() -> None:
    clock = FakeClock()
    way = open_gate(1.0, 1, clock)
    await way.read()

    async def reading() -> float | None:
        async with asyncio.timeout(60.0), way.within(60.0):
            ends = [limit.when() or 0.0 for limit in way._limits]
            await way.read()
            return next(limit.when() or 0.0 for limit in way._limits) - ends[0]

    task = asyncio.create_task(reading())
    await clock.until_asleep()
    clock.advance(1.0)
    assert await task == pytest.approx(1.0)


async def test_a_reading_that_hangs_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        async with within(open_gate(1.0, 1, FakeClock()), 0.001):
            await asyncio.Event().wait()


async def test_what_was_given_up_leaves_no_limit_behind() -> None:
    way = open_gate(1.0, 1, FakeClock())
    with pytest.raises(TimeoutError):
        async with way.within(0.001):
            await asyncio.Event().wait()
    assert not way._limits


async def test_what_is_read_urgently_goes_like_a_decrease() -> None:
    clock = FakeClock()
    way = gate(clock)
    raises = [asyncio.create_task(way.admit(Use.RAISE)) for _ in range(5)]
    await clock.until_asleep()
    waiting = asyncio.create_task(way.read())
    with urgently():
        await way.read()
    done = waiting.done()
    for task in (*raises, waiting):
        task.cancel()
    assert not done
