"""The store: the methods of the port over one database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from syncd.adapters.state import locks, plans, records
from syncd.adapters.state.alerts import SqliteAlerts
from syncd.adapters.state.caring import SqliteCare
from syncd.adapters.state.codec import Codec
from syncd.adapters.state.grids import read_demand, read_shares, read_stock
from syncd.adapters.state.held import SqliteHeld, hold
from syncd.adapters.state.pages import SqlitePages
from syncd.adapters.state.requests import SqliteRequests
from syncd.adapters.state.rows import (
    CLAIMS,
    DEMAND,
    EXTRAS,
    FEEDS,
    INTENTS,
    LEDGER,
    LEVELS,
    LISTINGS,
    LOCKS,
    MEASURES,
    MOVES,
    OF_ITEM,
    OF_LINE,
    OF_LISTING,
    OF_PLACE,
    OF_REPLACED,
    OF_SKU,
    OF_SKU_AND_SHOP,
    ORDERS,
    PENDING,
    SHARES,
    SHOPS,
    SOURCES,
    STOCK,
    UNROUTED,
    USES,
)
from syncd.adapters.state.tallies import SqliteTallies
from syncd.adapters.state.transaction import Transaction
from syncd.domain.grids import DemandGrid, ShareGrid
from syncd.domain.held import HeldRow
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import ItemId, ListingId, ListingRow, ShopName, Sku, SourceName, StockRow
from syncd.domain.records import (
    ClaimRow,
    DemandRow,
    ExtraRow,
    FeedState,
    GuardedCount,
    IntentRow,
    LedgerRow,
    LevelRow,
    LockRow,
    MeasureRow,
    MoveRow,
    OrderRow,
    PendingRow,
    ShareRow,
    ShopState,
    SourceState,
    UnroutedRow,
    UseRow,
)
from syncd.domain.stock_grid import StockGrid
from syncd.ports.store import Desired, Measured, Proof, TakenOrders, Virtual

RowT = TypeVar("RowT")


class SqliteStore(SqliteAlerts, SqliteHeld, SqlitePages, SqliteRequests, SqliteTallies, SqliteCare):
    """`Store` over SQLite; made by `open_store`.

    A call that is cancelled did nothing if it still waited its turn, and is carried to its end otherwise.
    """

    # --- stock ---------------------------------------------------------------------------------------------

    async def sources(self) -> Mapping[SourceName, SourceState]:
        """Return the state of every source ever seen."""
        return {source.name: source for source in await self._database.few.rows(SOURCES, "ORDER BY name")}

    async def stock(self, skus: Collection[Sku] | None = None) -> Sequence[StockRow]:
        """Return the last good figures of every cell (of these SKUs)."""
        return await self._of(STOCK, skus)

    async def stock_grid(self) -> StockGrid:
        """Return the last good figures of all cells as columns."""
        return await self._database.whole.read(read_stock)

    async def unrouted(self) -> Sequence[UnroutedRow]:
        """Return the unrouted allocations of every source, none with 0 units."""
        return await self._database.few.rows(UNROUTED)

    async def accept(
        self, source: SourceState, rows: Sequence[StockRow], unrouted: Sequence[UnroutedRow] | None
    ) -> None:
        """Record an accepted snapshot; cells not in `rows` stay as they are."""

        def write(transaction: Transaction) -> None:
            transaction.put(SOURCES, [source])
            transaction.put(STOCK, rows)
            if unrouted is not None:
                transaction.run(records.unrouted_of(source.name))
                transaction.put(UNROUTED, [row for row in unrouted if row.units])

        await self._database.write(write, rows=_total(rows, unrouted))

    async def save_source(self, source: SourceState) -> None:
        """Record that a source is failing or well again; its figures stay."""
        await self._database.write(lambda transaction: transaction.put(SOURCES, [source]))

    # --- listings ------------------------------------------------------------------------------------------

    async def listings(
        self, shop: ShopName | None = None, *, skus: Collection[Sku] | None = None
    ) -> Sequence[ListingRow]:
        """Return all listings (of one shop, bound to one of these SKUs), sorted by shop and id."""
        if shop is None:
            return await self._of(LISTINGS, skus, "ORDER BY shop, id")
        if skus is None:
            return await self._database.whole.rows(LISTINGS, "WHERE shop = ? ORDER BY id", (shop,))
        return await self._database.few.found(LISTINGS, OF_SKU_AND_SHOP, [(sku, shop) for sku in skus])

    async def siblings(self, items: Collection[tuple[ShopName, ItemId]]) -> Sequence[ListingRow]:
        """Return all listings of these items, whatever they are bound to, sorted by shop and id."""
        return await self._database.few.found(LISTINGS, OF_ITEM, items)

    async def named(self, places: Collection[tuple[ShopName, ListingId]]) -> Sequence[ListingRow]:
        """Return these listings, sorted by shop and id."""
        return await self._database.few.found(LISTINGS, OF_LISTING, places)

    async def listing_columns(self, shop: ShopName | None = None) -> ListingColumns:
        """Return the same listings as columns; their texts are read from the file when asked for."""
        return await self._database.listing_columns(shop)

    async def save_listings(self, rows: Sequence[ListingRow]) -> None:
        """Upsert whole rows by (shop, id)."""
        await self._database.write(lambda transaction: transaction.put(LISTINGS, rows), rows=len(rows))

    async def shops(self) -> Mapping[ShopName, ShopState]:
        """Return the state of every shop ever seen."""
        return {shop.name: shop for shop in await self._database.few.rows(SHOPS, "ORDER BY name")}

    async def save_shop(self, shop: ShopState) -> None:
        """Upsert one shop's state."""
        await self._database.write(lambda transaction: transaction.put(SHOPS, [shop]))

    # --- plans ---------------------------------------------------------------------------------------------

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
        """Record what a cycle decided; a desired figure for a listing that is not known is an error."""

        def write(transaction: Transaction) -> None:
            plans.desire(transaction, desired)
            transaction.drop(LEVELS, dropped_levels)
            transaction.put(LEVELS, levels)
            hold(transaction, held, at)
            transaction.add(LEDGER, ledger)

        await self._database.write(write, rows=_total(desired, levels, dropped_levels, held, ledger))

    async def levels(self, skus: Collection[Sku] | None = None) -> Sequence[LevelRow]:
        """Return every off-sale state (of these SKUs); what is not listed is on."""
        return await self._of(LEVELS, skus)

    async def open_intents(self, rows: Sequence[IntentRow]) -> None:
        """Commit intents before their call; a key that is there already is an error."""
        await self._database.write(lambda transaction: transaction.add(INTENTS, rows), rows=len(rows))

    async def resolve(
        self, intents: Sequence[IntentRow], proofs: Sequence[Proof], ledger: Sequence[LedgerRow]
    ) -> None:
        """Record what a call proved; an intent or a listing that is not known is an error."""

        def write(transaction: Transaction) -> None:
            plans.settle(transaction, intents)
            plans.prove(transaction, proofs)
            transaction.add(LEDGER, ledger)

        await self._database.write(write, rows=len(intents) + len(proofs) + len(ledger))

    async def unresolved(self) -> Sequence[IntentRow]:
        """Return every intent that is still `OPEN`, oldest first."""
        return await self._database.few.rows(INTENTS, "WHERE resolution = 'open' ORDER BY created_at, rowid")

    async def guarded(self, since: datetime) -> Sequence[GuardedCount]:
        """Return, per shop, the guarded changes in the ledger since then (cause snapshot or config)."""
        return [GuardedCount(*row) for row in await self._database.few.query(records.guarded_since(since))]

    async def claims(self) -> Sequence[ClaimRow]:
        """Return every open claim."""
        return await self._database.few.rows(CLAIMS)

    async def save_claims(
        self, rows: Sequence[ClaimRow], closed: Sequence[ClaimRow], uses: Sequence[UseRow] = ()
    ) -> None:
        """Upsert `rows` and delete `closed`, both by (shop, line); a claim in both stays."""

        def write(transaction: Transaction) -> None:
            transaction.drop(CLAIMS, closed)
            transaction.put(CLAIMS, rows)
            locks.use(transaction, uses)

        await self._database.write(write, rows=_total(rows, closed, uses))

    # --- orders --------------------------------------------------------------------------------------------

    async def orders(self, shop: ShopName | None = None) -> Sequence[OrderRow]:
        """Return all order lines that are kept (of one shop), sorted by shop and line."""
        if shop is None:
            return await self._database.whole.rows(ORDERS, "ORDER BY shop, line")
        return await self._database.whole.rows(ORDERS, "WHERE shop = ? ORDER BY line", (shop,))

    async def named_orders(self, shop: ShopName, lines: Sequence[str]) -> Sequence[OrderRow]:
        """Return the lines named in `lines` and those that replace one of them, sorted by line."""
        names = [(shop, line) for line in lines]
        return await self._database.few.found(ORDERS, OF_LINE, names, OF_REPLACED)

    async def feeds(self) -> Mapping[ShopName, FeedState]:
        """Return how far the orders of every shop were taken in."""
        return {feed.shop: feed for feed in await self._database.few.rows(FEEDS, "ORDER BY shop")}

    async def take_orders(self, taken: TakenOrders) -> None:
        """Record an intake; a listing that is not known is an error."""

        def write(transaction: Transaction) -> None:
            transaction.put(ORDERS, taken.rows)
            transaction.drop(CLAIMS, taken.closed)
            transaction.put(CLAIMS, taken.claims)
            plans.prove(transaction, taken.proofs)
            transaction.put(FEEDS, taken.feeds)
            locks.use(transaction, taken.uses)
            locks.change(transaction, taken.locks)
            transaction.add(LEDGER, taken.ledger)
            transaction.put(DEMAND, taken.demand)

        await self._database.write(
            write,
            rows=_total(taken.rows, taken.claims, taken.closed, taken.proofs, taken.ledger, taken.demand),
        )

    # --- locks ---------------------------------------------------------------------------------------------

    async def locks(self) -> Sequence[LockRow]:
        """Return every lock, also those that have ended, by id."""
        return await self._database.few.rows(LOCKS, "ORDER BY id")

    async def uses(self) -> Sequence[UseRow]:
        """Return what claims used of locks, sorted."""
        return await self._database.few.rows(USES, "ORDER BY lock, line")

    async def add_lock(self, row: LockRow, ledger: Sequence[LedgerRow]) -> int:
        """Add a lock under the next id, whatever id it carries, and return that."""
        return await self._database.write(lambda transaction: locks.add(transaction, row, ledger))

    async def save_locks(self, rows: Sequence[LockRow], ledger: Sequence[LedgerRow]) -> None:
        """Replace locks by their ids; one that is not known is an error."""

        def write(transaction: Transaction) -> None:
            locks.change(transaction, rows)
            transaction.add(LEDGER, ledger)

        await self._database.write(write, rows=_total(rows, ledger))

    # --- shares --------------------------------------------------------------------------------------------

    async def shares(self, skus: Collection[Sku] | None = None) -> Sequence[ShareRow]:
        """Return every share (of these SKUs), also those of 0 units."""
        return await self._of(SHARES, skus, "ORDER BY pool, shop, sku")

    async def share_grid(self) -> ShareGrid:
        """Return every share as columns."""
        return await self._database.whole.read(read_shares)

    async def moves(self) -> Sequence[MoveRow]:
        """Return the units on their way between shares, oldest first."""
        return await self._database.few.rows(MOVES, "ORDER BY at, id")

    async def demand(self, skus: Collection[Sku] | None = None) -> Sequence[DemandRow]:
        """Return the demand of every shop for every SKU (of these) that ever had any, or could be sold."""
        return await self._of(DEMAND, skus, "ORDER BY shop, sku")

    async def demand_grid(self) -> DemandGrid:
        """Return the demand of every shop as columns."""
        return await self._database.whole.read(read_demand)

    async def extras(self) -> Sequence[ExtraRow]:
        """Return the units sold on `extra` that nothing has given back, oldest first."""
        return await self._database.few.rows(EXTRAS, "ORDER BY at, id")

    async def save_virtual(self, virtual: Virtual) -> None:
        """Record what a cycle made of the shares."""

        def write(transaction: Transaction) -> None:
            transaction.put(SHARES, virtual.shares)
            transaction.put(DEMAND, virtual.demand)
            if virtual.moves is not None:
                transaction.run(records.all_moves())
                transaction.add(MOVES, virtual.moves)
            if virtual.extras is not None:
                transaction.run(records.all_extras())
                transaction.add(EXTRAS, virtual.extras)
            transaction.add(LEDGER, virtual.ledger)

        await self._database.write(
            write, rows=_total(virtual.shares, virtual.demand, virtual.moves, virtual.extras, virtual.ledger)
        )

    # --- measures ------------------------------------------------------------------------------------------

    async def measures(self) -> Sequence[MeasureRow]:
        """Return what was counted of delays and calls, sorted."""
        return await self._database.few.rows(MEASURES, "ORDER BY shop, what, bucket")

    async def pending(self) -> Sequence[PendingRow]:
        """Return the decreases that no shop has accepted yet, oldest first."""
        return await self._database.few.rows(PENDING, "ORDER BY since, shop, listing")

    async def demand_of(self, places: Collection[tuple[ShopName, Sku]]) -> Sequence[DemandRow]:
        """Return the demand of these shops for these SKUs, sorted."""
        return await self._database.few.found(DEMAND, OF_PLACE, places)

    async def save_measures(self, measured: Measured) -> None:
        """Record what a cycle measured."""

        def write(transaction: Transaction) -> None:
            transaction.put(MEASURES, measured.rows)
            transaction.drop(PENDING, measured.settled)
            transaction.put(PENDING, measured.pending)
            transaction.put(DEMAND, measured.demand)

        await self._database.write(
            write, rows=_total(measured.rows, measured.settled, measured.pending, measured.demand)
        )

    async def _of(self, codec: Codec[RowT], skus: Collection[Sku] | None, order: str = "") -> list[RowT]:
        if skus is None:
            return await self._database.whole.rows(codec, order)
        return await self._database.few.found(codec, OF_SKU, [(sku,) for sku in skus])


def _total(*parts: Sequence[Any] | None) -> int:
    return sum(map(len, filter(None, parts)))
