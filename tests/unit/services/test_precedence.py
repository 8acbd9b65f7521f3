"""While somebody lowers at once, raises and readings of every shop wait, but never for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.allotment import Use
from syncd.services.gate import Gate, open_gate
from syncd.services.precedence import LONGEST, Precedence


def gate(clock: FakeClock, precedence: Precedence) -> Gate:
    return open_gate(1.0, 10, clock, precedence)


@asynccontextmanager
async def asking(way: Gate, use: Use) -> AsyncIterator["asyncio.Task[float]"]:
    """Yield the call of one that has asked and has had its turns."""
    task = asyncio.create_task(way.admit(use))
    for _ in range(10):
        await asyncio.sleep(0)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


@pytest.mark.parametrize("use", [Use.RAISE, Use.READ])
async def test_what_can_wait_does_while_somebody_lowers(use: Use) -> None:
    clock, precedence = FakeClock(), Precedence()
    with precedence.taken(clock.monotonic()):
        async with asking(gate(clock, precedence), use) as call:
            assert not call.done()


async def test_a_decrease_does_not_wait_for_another() -> None:
    clock, precedence = FakeClock(), Precedence()
    with precedence.taken(clock.monotonic()):
        assert await gate(clock, precedence).admit(Use.LOWER) == 0.0


@pytest.mark.parametrize("use", [Use.RAISE, Use.READ])
async def test_who_waited_goes_on_as_soon_as_all_is_lowered(use: Use) -> None:
    clock, precedence = FakeClock(), Precedence()
    with precedence.taken(clock.monotonic()):
        task = asyncio.create_task(gate(clock, precedence).admit(use))
        await clock.until_asleep()
    assert (await task, clock.monotonic(), clock.sleepers) == (0.0, 0.0, 0)


async def test_nobody_waits_long_for_decreases_that_do_not_end() -> None:
    clock, precedence = FakeClock(auto=True), Precedence()
    with precedence.taken(clock.monotonic()):
        await gate(clock, precedence).admit(Use.RAISE)
    assert clock.monotonic() == pytest.approx(LONGEST)


async def test_who_comes_later_waits_no_longer_than_who_came_first() -> None:
    clock, precedence = FakeClock(auto=True), Precedence()
    with precedence.taken(clock.monotonic()):
        await clock.sleep(LONGEST - 0.1)
        await gate(clock, precedence).admit(Use.RAISE)
    assert clock.monotonic() == pytest.approx(LONGEST)


async def test_all_wait_until_the_last_has_lowered() -> None:
    clock, precedence = FakeClock(), Precedence()
    with precedence.taken(clock.monotonic()):
        with precedence.taken(clock.monotonic()):
            pass
        async with asking(gate(clock, precedence), Use.RAISE) as call:
            assert not call.done()


async def test_all_wait_again_for_the_next_who_lowers() -> None:
    clock, precedence = FakeClock(), Precedence()
    with precedence.taken(clock.monotonic()):
        pass
    with precedence.taken(clock.monotonic()):
        async with asking(gate(clock, precedence), Use.RAISE) as call:
            assert not call.done()


async def test_a_raise_that_makes_way_is_owed_no_call_before_a_decrease() -> None:
    clock, precedence = FakeClock(), Precedence()
    way = gate(clock, precedence)
    with precedence.taken(clock.monotonic()):
        async with asking(way, Use.RAISE):
            for _ in range(5):
                await way.admit(Use.LOWER)
    assert not way.allotment.owed.get(Use.RAISE)


async def test_making_way_is_no_part_of_a_readings_time() -> None:
    clock, precedence = FakeClock(), Precedence()
    way = gate(clock, precedence)

    async def reading() -> float:
        async with way.within(60.0):
            ends = [limit.when() or 0.0 for limit in way._limits]
            await way.read()
            return next(limit.when() or 0.0 for limit in way._limits) - ends[0]

    with precedence.taken(clock.monotonic()):
        task = asyncio.create_task(reading())
        await clock.until_asleep()
    assert await task == pytest.approx(LONGEST)


async def test_who_is_cancelled_while_it_makes_way_takes_no_token() -> None:
    clock, precedence = FakeClock(), Precedence()
    way = open_gate(1.0, 1, clock, precedence)
    with precedence.taken(clock.monotonic()):
        async with asking(way, Use.RAISE):
            pass
        assert await way.admit(Use.LOWER) == 0.0
