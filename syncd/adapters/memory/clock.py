"""A clock that stands still until it is told otherwise."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""When a `FakeClock` starts unless it is told."""


class _Sleeper(NamedTuple):
    due: float
    order: int
    woken: asyncio.Future[None]


class FakeClock:
    """`Clock` by hand: a sleeper returns once `advance` reaches its time.

    With `auto` nobody waits: as soon as a task sleeps, the time jumps to the sleeper that is due first, so
    that loops of many tasks run in the order of their times and as fast as the machine can. Work that takes
    real time (a thread, a socket) sees the clock run on meanwhile.
    """

    def __init__(self, start: datetime = START, *, auto: bool = False) -> None:
        self._wall = start
        self._monotonic = 0.0
        self._auto = auto
        self._sleepers: list[_Sleeper] = []
        self._order = 0
        self._jumping = False
        self._slept = asyncio.Event()

    @property
    def sleepers(self) -> int:
        """How many tasks sleep."""
        return len(self._sleepers)

    def now(self) -> datetime:
        """Return the time that was reached."""
        return self._wall

    def monotonic(self) -> float:
        """Return the seconds since the start, whatever `jump` did."""
        return self._monotonic

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back, as a person does; nobody wakes."""
        self._wall += timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; all whose time is reached wake in that order once the loop runs.

        Raises:
            ValueError: `seconds` is negative; time never goes back, use `jump` for the wall clock.
        """
        if seconds < 0:
            raise ValueError(f"time does not go back: {seconds} s")
        self._pass(seconds)
        # Half a microsecond of grace: seconds that were added up must reach the time they add up to.
        for sleeper in sorted(s for s in self._sleepers if s.due <= self._monotonic + 5e-7):
            self._wake(sleeper)

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed; for 0 or less after yielding to the loop once."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        self._order += 1
        sleeper = _Sleeper(self._monotonic + seconds, self._order, loop.create_future())
        self._sleepers.append(sleeper)
        self._slept.set()
        if self._auto and not self._jumping:
            # Not at once: tasks that are about to sleep for less must be woken before this one.
            self._jumping = True
            loop.call_soon(self._wake_first)
        try:
            await sleeper.woken
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)

    async def until_asleep(self, count: int = 1) -> None:
        """Return once at least `count` tasks sleep; lets a test wait for a loop without guessing."""
        while len(self._sleepers) < count:
            self._slept.clear()
            await self._slept.wait()

    def _pass(self, seconds: float) -> None:
        self._monotonic += seconds
        self._wall += timedelta(seconds=seconds)

    def _wake(self, sleeper: _Sleeper) -> None:
        self._sleepers.remove(sleeper)
        if not sleeper.woken.done():
            sleeper.woken.set_result(None)

    def _wake_first(self) -> None:
        first = min(self._sleepers, default=None)
        self._jumping = first is not None
        if first is None:
            return
        self._pass(max(first.due - self._monotonic, 0.0))
        self._wake(first)
        # The next jump queues up behind the task just woken, which so sees its own time.
        asyncio.get_running_loop().call_soon(self._wake_first)
