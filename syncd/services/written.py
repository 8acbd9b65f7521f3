"""Note what this process writes to the state, so that nobody reads all of it to find what is another."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from syncd.domain.held import HeldRow
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku, StockRow
from syncd.domain.records import IntentRow, LedgerRow, LevelRow, SourceState, UnroutedRow
from syncd.ports.store import Desired, Measured, Proof, Store, TakenOrders, Virtual


@dataclass(slots=True, kw_only=True)
class Written:
    """The listings that were written, and the SKUs whose stock, shares, levels or demand were.

    `dropped` are levels that were taken out.
    """

    listings: set[tuple[ShopName, ListingId]] = field(default_factory=set)
    stock: set[Sku] = field(default_factory=set)
    shares: set[Sku] = field(default_factory=set)
    levels: set[Sku] = field(default_factory=set)
    demand: set[Sku] = field(default_factory=set)
    dropped: list[LevelRow] = field(default_factory=list)


class Notes:
    """What was written since somebody last asked."""

    def __init__(self) -> None:
        self._written = Written()

    def take(self) -> Written:
        """Return what was written, and begin anew."""
        taken, self._written = self._written, Written()
        return taken

    @contextmanager
    def noting(self) -> Iterator[Written]:
        """Yield what takes the notes of one transaction; they count once it is over, however it ended.

        Before that nobody who asks could read what it wrote.
        """
        mine = Written()
        try:
            yield mine
        finally:
            into = self._written
            for name in ("listings", "stock", "shares", "levels", "demand"):
                getattr(into, name).update(getattr(mine, name))
            into.dropped += mine.dropped


def noting(store: Store, notes: Notes) -> Store:
    """Return `store`, with notes of all that is written through it."""
    return cast("Store", _Noting(store, notes))


class _Noting:
    """A store that takes notes; what only reads, and what nobody needs notes of, is the other's own."""

    def __init__(self, store: Store, notes: Notes) -> None:
        self._store = store
        self._notes = notes

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self._store, name)

    async def accept(
        self, source: SourceState, rows: Sequence[StockRow], unrouted: Sequence[UnroutedRow] | None
    ) -> None:
        with self._notes.noting() as mine:
            mine.stock.update(row.sku for row in rows)
            await self._store.accept(source, rows, unrouted)

    async def save_listings(self, rows: Sequence[ListingRow]) -> None:
        with self._notes.noting() as mine:
            mine.listings.update((row.shop, row.id) for row in rows)
            await self._store.save_listings(rows)

    async def save_plan(
        self,
        *,
        desired: Sequence[Desired],
        levels: Sequence[LevelRow],
        dropped_levels: Sequence[LevelRow],
        held: Sequence[HeldRow],
        ledger: Sequence[LedgerRow],
        at: datetime,
    ) -> None:
        with self._notes.noting() as mine:
            mine.listings.update((row.shop, row.listing) for row in desired)
            mine.levels.update(row.sku for row in levels)
            mine.dropped += dropped_levels
            await self._store.save_plan(
                desired=desired,
                levels=levels,
                dropped_levels=dropped_levels,
                held=held,
                ledger=ledger,
                at=at,
            )

    async def resolve(
        self, intents: Sequence[IntentRow], proofs: Sequence[Proof], ledger: Sequence[LedgerRow]
    ) -> None:
        with self._notes.noting() as mine:
            mine.listings.update((row.shop, row.listing) for row in proofs)
            await self._store.resolve(intents, proofs, ledger)

    async def take_orders(self, taken: TakenOrders) -> None:
        with self._notes.noting() as mine:
            mine.listings.update((row.shop, row.listing) for row in taken.proofs)
            mine.demand.update(row.sku for row in taken.demand)
            await self._store.take_orders(taken)

    async def save_virtual(self, virtual: Virtual) -> None:
        with self._notes.noting() as mine:
            mine.shares.update(row.sku for row in virtual.shares)
            mine.demand.update(row.sku for row in virtual.demand)
            await self._store.save_virtual(virtual)

    async def save_measures(self, measured: Measured) -> None:
        with self._notes.noting() as mine:
            mine.demand.update(row.sku for row in measured.demand)
            await self._store.save_measures(measured)
