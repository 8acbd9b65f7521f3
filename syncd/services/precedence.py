"""Whoever lowers at once goes first: what raises, or reads for a cycle, waits meanwhile, but not long."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from syncd.ports.clock import Clock

LONGEST = 0.5
"""Seconds that anything waits for decreases of other shops: one that hangs must not keep all from raising."""


class Precedence:
    """Taken by who lowers at once, and heeded at the gate of every shop.

    A decrease is dozens of short steps, and waits for its turn between calls of all shops at each of them:
    four hundred calls a second made it ten times as slow. What others cannot call meanwhile their budgets
    save, as far as they can.
    """

    def __init__(self) -> None:
        self._until = 0.0
        self._takers = 0
        self._over = asyncio.Event()

    def left(self, now: float) -> float:
        """Return for how many seconds others wait still, not above 0 where they need not."""
        return self._until - now if self._takers else 0.0

    @contextmanager
    def taken(self, now: float) -> Iterator[None]:
        """Have others wait until the block ends, or for as long as they wait at most."""
        self._over.clear()
        self._takers += 1
        self._until = now + LONGEST
        try:
            yield
        finally:
            self._takers -= 1
            if not self._takers:
                self._over.set()

    async def over(self, clock: Clock) -> None:
        """Return as soon as nobody has to wait."""
        seconds = self.left(clock.monotonic())
        if seconds <= 0:
            return
        waiting = [asyncio.ensure_future(self._over.wait()), asyncio.ensure_future(clock.sleep(seconds))]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
