"""A stalled loop is noticed, measured and named; one that answers is left in peace."""

import asyncio
from dataclasses import dataclass

from tests.bench.watchdog import LIMIT, Watchdog

_LOOKS = 30.0
"""Seconds that the thread of a watchdog has for its first look, on the slowest machine."""


@dataclass
class _Time:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def _hold_the_loop(dog: Watchdog, time: _Time, seconds: float) -> None:
    time.now += seconds
    assert dog.looked.wait(_LOOKS)


async def _beat() -> None:
    """Return when the loop has beaten: of timers for one time the older comes first."""
    beaten = asyncio.Event()
    asyncio.get_running_loop().call_later(0.0, beaten.set)
    await beaten.wait()


async def test_a_stall_is_counted_once() -> None:
    time = _Time()
    async with Watchdog(clock=time, every=0.0) as dog:
        _hold_the_loop(dog, time, 0.07)
        await _beat()
    assert [round(stall.seconds, 6) for stall in dog.stalls] == [0.07]


async def test_a_stall_at_the_end_is_counted_too() -> None:
    time = _Time()
    async with Watchdog(clock=time, every=0.0) as dog:
        _hold_the_loop(dog, time, 0.07)
    assert len(dog.stalls) == 1


async def test_each_stall_is_counted_by_itself() -> None:
    time = _Time()
    async with Watchdog(clock=time, every=0.0) as dog:
        _hold_the_loop(dog, time, 0.2)
        await _beat()
        _hold_the_loop(dog, time, 0.3)
    assert [round(stall.seconds, 6) for stall in dog.stalls] == [0.2, 0.3]


async def test_who_held_the_loop_is_named() -> None:
    time = _Time()
    async with Watchdog(clock=time, every=0.0) as dog:
        _hold_the_loop(dog, time, 0.07)
    assert "_hold_the_loop (bench/test_watchdog.py:" in dog.stalls[0].where


async def test_a_loop_that_answers_in_time_is_not_stalled() -> None:
    time = _Time()
    async with Watchdog(clock=time, every=0.0) as dog:
        time.now += LIMIT
    assert (dog.stalls, dog.told) == ([], "the loop was never stalled for 50 ms")


async def test_the_time_until_the_next_beat_is_no_stall() -> None:
    time = _Time()
    async with Watchdog(clock=time, every=1.0) as dog:
        time.now += 1.0 + LIMIT
    assert dog.stalls == []


async def test_people_are_told_of_the_longest() -> None:
    time = _Time()
    async with Watchdog(clock=time, every=0.0) as dog:
        _hold_the_loop(dog, time, 0.4)
        await _beat()
        _hold_the_loop(dog, time, 0.06)
    assert dog.told.startswith("2 stalls of the loop, the longest: 400 ms (")
