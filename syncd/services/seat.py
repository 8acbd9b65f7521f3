"""Who looks at the state, decides and writes it down sits here: one at a time, and pushes after that."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from syncd.domain.model import Change, ListingId, ListingRow, ShopName
from syncd.domain.totals import Totals

Key = tuple[ShopName, ListingId]

AT_ONCE = 2.0
"""Seconds that a shop has to answer; a slower one is left to the next cycle and keeps nobody waiting."""


@dataclass(slots=True)
class Seat:
    """Shared by the cycles and by who lowers at once: only who sits here writes down what was decided.

    A cycle reads for a while before it sits down, and pushes afterwards. `lowered` are the listings that were
    decided on anew since it began to read: what it saw of these is old, and it does not write them. `totals`
    are of the last whole decision, None before there was one; it was the `number`-th. `patience` are the
    seconds that a shop has to answer.
    """

    totals: Totals | None = None
    number: int = 0
    patience: float = AT_ONCE
    lowered: set[Key] = field(default_factory=set)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Wait for the seat and keep it for the time of the block."""
        async with self._lock:
            yield

    def begin(self, under_way: Collection[Key]) -> None:
        """Note that a cycle begins to read, and what others are lowering still."""
        self.lowered = set(under_way)

    def decided(self, totals: Totals) -> None:
        """Note that all was decided on just now."""
        self.totals = totals
        self.number += 1

    def done(
        self, changes: Iterable[Change], before: Sequence[ListingRow], after: Sequence[ListingRow]
    ) -> None:
        """Note that changes are done, and what the listings around them showed before and after."""
        if self.totals is not None:
            self.totals = self.totals.moved(before, after, changes)

    def standing(self, listings: Collection[Key]) -> set[Key]:
        """Return those that nobody decided on anew since the cycle began to read."""
        return set(listings) - self.lowered


def by_shop(listings: Collection[Key]) -> Mapping[ShopName, set[ListingId]]:
    """Return the listings of every shop."""
    found: dict[ShopName, set[ListingId]] = {}
    for shop, listing in listings:
        found.setdefault(shop, set()).add(listing)
    return found
