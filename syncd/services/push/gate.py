"""The way to one shop: whoever wants to call it waits here until the budget says that it is next."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from syncd.domain.allotment import Allotment, Use
from syncd.ports.clock import Clock


def _stays() -> bool:
    return True


@dataclass(slots=True, kw_only=True)
class Gate:
    """Admits calls one by one; a decrease that comes later does not wait for the raises before it."""

    allotment: Allotment
    clock: Clock
    _lines: dict[Use, deque[asyncio.Event]] = field(
        init=False, default_factory=lambda: {use: deque() for use in Use}
    )
    _asleep: dict[Use, asyncio.Lock] = field(
        init=False, default_factory=lambda: {use: asyncio.Lock() for use in Use}
    )

    async def admit(
        self, use: Use, *, stays: Callable[[], bool] = _stays, patience: float = float("inf")
    ) -> float:
        """Return 0 when the call may go out; else the wait that was too long, or -1 where it did not stay.

        `stays` is asked before each wait. Who would wait more than `patience` seconds for a token leaves.
        """
        ticket = asyncio.Event()
        self._lines[use].append(ticket)
        try:
            while True:
                if not stays():
                    return -1.0
                self._grant()
                if ticket.is_set():
                    return 0.0
                # One of each use sleeps: it alone would have the next token.
                async with self._asleep[use]:
                    wait = self._wait(use)
                    if ticket.is_set() or wait <= 0 or not stays():
                        continue
                    if (too_long := self._next_token()) > patience:
                        return too_long
                    await self.clock.sleep(wait)
        finally:
            if not ticket.is_set():
                self._lines[use].remove(ticket)

    def throttled(self, asked: float) -> None:
        """Slow down, as the shop says."""
        self.allotment = self.allotment.throttled(self.clock.monotonic(), asked)

    def recovered(self) -> None:
        """Speed up again after a good call."""
        self.allotment = self.allotment.recovered(self.clock.monotonic())

    def _grant(self) -> None:
        """Let in as many as may go now, in their order."""
        while waiting := [use for use, line in self._lines.items() if line]:
            self.allotment, grant = self.allotment.grant(self.clock.monotonic(), waiting)
            if grant.use is None:
                return
            self._lines[grant.use].popleft().set()

    def _wait(self, use: Use) -> float:
        _, grant = self.allotment.grant(self.clock.monotonic(), [use])
        return grant.wait

    def _next_token(self) -> float:
        return self.allotment.bucket.take(self.clock.monotonic())[1]
