"""Notice every stall of an event loop, and what it was doing meanwhile."""

import asyncio
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from traceback import FrameSummary, StackSummary, walk_stack
from types import TracebackType
from typing import Self

LIMIT = 0.05
"""Seconds; a loop that answers later than that is stalled."""

_EVERY = 0.005
"""Seconds between two beats of the loop; less would be a load of its own."""

_DEPTH = 4
"""How many frames name a place: the innermost alone is often somewhere in a library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """One stall: how long it was, how long its thread computed meanwhile, and where it was found most often.

    A thread that computed for less than the stall waited: for a disk, for another thread, or for a machine
    that had others to serve.
    """

    seconds: float
    computed: float
    where: str

    def __str__(self) -> str:
        return f"{self.seconds * 1e3:.0f} ms ({self.computed * 1e3:.0f} ms of it computing) in {self.where}"


@dataclass(slots=True, kw_only=True)
class Watchdog:
    """Watches the loop in which it is entered: `stalls` are those longer than `limit` seconds, in order.

    The loop beats; a thread looks at what it is doing whenever a beat is late. `looked` is set as soon as the
    thread has looked at the stall that goes on.
    """

    limit: float = LIMIT
    every: float = _EVERY
    clock: Callable[[], float] = time.perf_counter
    stalls: list[Stall] = field(init=False, default_factory=list)
    looked: threading.Event = field(init=False, default_factory=threading.Event)
    _over: threading.Event = field(init=False, default_factory=threading.Event)
    _due: float = field(init=False, default=0.0)
    _computed: float = field(init=False, default=0.0)
    _seen: list[str] = field(init=False, default_factory=list)
    _beat: asyncio.TimerHandle | None = field(init=False, default=None)
    _thread: threading.Thread | None = field(init=False, default=None)

    async def __aenter__(self) -> Self:
        """Begin to watch the running loop."""
        self._expect()
        self._thread = threading.Thread(
            target=self._watch, args=(threading.get_ident(),), name="watchdog", daemon=True
        )
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Count a stall that goes on, and watch no more."""
        self._over.set()
        if self._beat is not None:
            self._beat.cancel()
        self._note()
        if self._thread is not None:
            self._thread.join()

    @property
    def told(self) -> str:
        """Return what people should know: how many stalls there were, and the longest of them."""
        if not self.stalls:
            return f"the loop was never stalled for {self.limit * 1e3:g} ms"
        longest = max(self.stalls, key=lambda stall: stall.seconds)
        return f"{len(self.stalls)} stalls of the loop, the longest: {longest}"

    # --- in the loop ---------------------------------------------------------------------------------------

    def _expect(self) -> None:
        self._seen = []
        self.looked.clear()
        self._computed = time.thread_time()
        self._due = self.clock() + self.every
        self._beat = asyncio.get_running_loop().call_later(self.every, self._noted)

    def _noted(self) -> None:
        self._note()
        self._expect()

    def _note(self) -> None:
        late = self.clock() - self._due
        if late <= self.limit:
            return
        # A copy: the thread may be looking still.
        seen = Counter(self._seen.copy())
        (where, _), *_ = seen.most_common(1) or [("a place that nobody could look at", 0)]
        self.stalls.append(Stall(seconds=late, computed=time.thread_time() - self._computed, where=where))

    # --- in the thread -------------------------------------------------------------------------------------

    def _watch(self, loop_thread: int) -> None:
        while not self._over.wait(_EVERY):
            # The list first: a beat that comes meanwhile begins a new one, and this look is then lost.
            seen = self._seen
            if self.clock() - self._due > self.limit / 2 and (place := _place(loop_thread)):
                seen.append(place)
                self.looked.set()


def _place(thread: int) -> str:
    """Return what a thread is doing, its innermost frames first; empty for one that has ended."""
    frame = sys._current_frames().get(thread)
    if frame is None:
        return ""
    frames = StackSummary.extract(walk_stack(frame), limit=_DEPTH, lookup_lines=False)
    return " < ".join(map(_named, frames))


def _named(frame: FrameSummary) -> str:
    return f"{frame.name} ({'/'.join(frame.filename.rsplit('/', 2)[-2:])}:{frame.lineno})"
