"""The way to one shop: whoever wants to call it waits here until the budget says that it is next."""

import asyncio
from collections import Counter
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
    _waiting: Counter[Use] = field(init=False, default_factory=Counter)
    _lines: dict[Use, asyncio.Lock] = field(
        init=False, default_factory=lambda: {use: asyncio.Lock() for use in Use}
    )

    async def admit(
        self, use: Use, *, stays: Callable[[], bool] = _stays, patience: float = float("inf")
    ) -> float:
        """Return 0 when the call may go out; else the wait that was too long, or -1 where it did not stay.

        `stays` is asked before each wait. Who would wait more than `patience` seconds for a token leaves.
        """
        self._waiting[use] += 1
        try:
            # The locks are fair: of each use one is awake, and takes what nobody could take for it meanwhile.
            async with self._lines[use]:
                return await self._first(use, stays, patience)
        finally:
            self._waiting[use] -= 1

    def throttled(self, asked: float) -> None:
        """Slow down, as the shop says."""
        self.allotment = self.allotment.throttled(self.clock.monotonic(), asked)

    def recovered(self) -> None:
        """Speed up again after a good call."""
        self.allotment = self.allotment.recovered(self.clock.monotonic())

    async def _first(self, use: Use, stays: Callable[[], bool], patience: float) -> float:
        while stays():
            now = self.clock.monotonic()
            allotment, grant = self.allotment.grant(now, [one for one in Use if self._waiting[one]])
            if grant.use is use:
                self.allotment = allotment
                return 0.0
            bucket = self.allotment.bucket
            if (too_long := bucket.take(now)[1]) > patience:
                return too_long
            # Where it is another's turn that one wakes by itself, and the token after is worth another look.
            await self.clock.sleep(grant.wait or 1 / bucket.rate)
        return -1.0
