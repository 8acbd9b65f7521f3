"""What is on its way to one shop, and what a newer look wants for itself."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

from syncd.domain.model import ListingId
from syncd.services.push.lines import Line
from syncd.services.push.run import Run


class Flight:
    """Pushes of one shop that are under way; two at one time are of different listings.

    Who is about to decide anew on some listings withdraws them first: what was not sent of them is left, and
    what is in the air has landed.
    """

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._aloft: list[frozenset[ListingId]] = []
        self._landed = asyncio.Event()

    @property
    def listings(self) -> frozenset[ListingId]:
        """Return the listings that may still be written by a push that is under way."""
        waiting = (run.listings - run.withdrawn for run in self._runs)
        return frozenset(chain.from_iterable((*self._aloft, *waiting)))

    @contextmanager
    def run(self, run: Run, listings: frozenset[ListingId]) -> Iterator[None]:
        """Count a push of `listings` as under way for the time of the block.

        Raises:
            RuntimeError: one of them is being pushed already.
        """
        if any(listings & other.listings - other.withdrawn for other in self._runs):
            msg = f"{run.order.shop} is being pushed already"
            raise RuntimeError(msg)
        run.listings = listings
        self._runs.append(run)
        try:
            yield
        finally:
            self._runs.remove(run)

    def wanted(self, run: Run, lines: Sequence[Line]) -> Sequence[Line]:
        """Return those of `lines` that may still be sent; the others are left."""
        if not run.withdrawn:
            return lines
        gone = [line for line in lines if line.change.listing in run.withdrawn]
        run.leave(gone)
        return [line for line in lines if line.change.listing not in run.withdrawn] if gone else lines

    @contextmanager
    def aloft(self, lines: Sequence[Line]) -> Iterator[None]:
        """Count `lines` as in the air for the time of the block."""
        listings = frozenset([line.change.listing for line in lines])
        self._aloft.append(listings)
        try:
            yield
        finally:
            self._aloft.remove(listings)
            self._landed.set()

    async def withdraw(self, listings: Collection[ListingId] | None) -> None:
        """Return once nothing of `listings` is in the air, or will be by a push that is under way."""
        for run in self._runs:
            run.withdrawn |= run.listings if listings is None else run.listings.intersection(listings)
        while self._is_aloft(listings):
            self._landed.clear()
            await self._landed.wait()

    def _is_aloft(self, listings: Collection[ListingId] | None) -> bool:
        if listings is None:
            return bool(self._aloft)
        return not all(call.isdisjoint(listings) for call in self._aloft)
