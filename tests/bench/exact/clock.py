"""Simulated time: it passes only while the whole program waits for it, never while it works."""

import asyncio
import heapq
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
"""When a simulated day begins."""

T = TypeVar("T")
P = ParamSpec("P")


def _nothing(time: float) -> None:
    del time


class WorldClock:
    """`Clock` whose time is moved by `pass_on` alone, to the sleeper that is due first.

    `reach` is told each time before it comes, so that what buyers do till then is done before anyone wakes.
    """

    def __init__(self, *, starts: float = 0.0) -> None:
        self.time = starts
        self.reach: Callable[[float], None] = _nothing
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = 0

    def now(self) -> datetime:
        """Return the time as a datetime."""
        return moment(self.time)

    def monotonic(self) -> float:
        """Return the seconds since midnight; below 0 before it."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of simulated time."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self._order += 1
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + seconds, self._order, woken))
        await woken

    def pass_on(self) -> bool:
        """Let time pass until somebody wakes; False where nobody sleeps."""
        while self._sleepers:
            due, _, woken = heapq.heappop(self._sleepers)
            if woken.done():
                continue
            self.reach(due)
            self.time = max(self.time, due)
            woken.set_result(None)
            return True
        return False


def moment(time: float) -> datetime:
    """Return the datetime that lies `time` seconds after midnight."""
    return MIDNIGHT + timedelta(seconds=time)


class Doings:
    """How much work is under way outside the loop, in the threads of a database."""

    def __init__(self) -> None:
        self.count = 0


def run_simulated(main: Coroutine[Any, Any, T], clock: WorldClock, doings: Doings | None = None) -> T:
    """Run `main` to its end; the clock moves on whenever nothing is left to do at its time."""
    selector = _Idle(clock, doings or Doings())

    def loop() -> asyncio.AbstractEventLoop:
        made = asyncio.SelectorEventLoop(selector)
        made.set_default_executor(_Inline())
        return made

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(main)


class _Idle(selectors.DefaultSelector):
    """The loop asks its selector to wait exactly when it has nothing to do; that is when time may pass."""

    def __init__(self, clock: WorldClock, doings: Doings) -> None:
        super().__init__()
        self._clock = clock
        self._doings = doings

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        idle = timeout is None or timeout > 0
        if idle and not self._doings.count:
            ready = super().select(0)
            return ready if ready or self._clock.pass_on() else super().select(timeout)
        return super().select(timeout)


class _Inline(ThreadPoolExecutor):
    """Does at once what would go to a thread: a plan takes no simulated time, and a thread would cost."""

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(work(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - whoever waits for the work gets its error
            done.set_exception(error)
        return done
