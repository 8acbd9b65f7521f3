"""The state in memory; it passes the contract suite that the state on disk passes."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from syncd.adapters.memory.alerts import MemoryAlerts
from syncd.adapters.memory.care import MemoryCare
from syncd.adapters.memory.held import MemoryHeld
from syncd.adapters.memory.locks import Locks
from syncd.adapters.memory.measures import Measures
from syncd.adapters.memory.orders import Orders
from syncd.adapters.memory.pages import MemoryPages
from syncd.adapters.memory.requests import MemoryRequests
from syncd.adapters.memory.rules import by_digest, ended, of_skus, proven_by, still_open, storable
from syncd.adapters.memory.shares import Shares
from syncd.adapters.memory.tallies import backlog_of, listings_of
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
from syncd.errors import StateError
from syncd.ports.store import Desired, Measured, Proof, TakenOrders, Virtual
from syncd.ports.tallies import Backlog, Tally


class MemoryStore(MemoryAlerts, MemoryHeld, MemoryPages, MemoryRequests, MemoryCare):
    """`Store` that lives as long as the object.

    Every method first checks and copies all it was given and only then changes anything, so it is whole or
    not at all, as on disk. Who names SKUs or items pays for a look at every row.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sources: dict[SourceName, SourceState] = {}
        self._stock: dict[tuple[Any, ...], StockRow] = {}
        self._unrouted: dict[tuple[Any, ...], UnroutedRow] = {}
        self._listings: dict[tuple[ShopName, ListingId], ListingRow] = {}
        self._shops: dict[ShopName, ShopState] = {}
        self._levels: dict[tuple[Any, ...], LevelRow] = {}
        self._intents: dict[str, IntentRow] = {}
        self._open: dict[str, IntentRow] = {}
        self._claims: dict[tuple[Any, ...], ClaimRow] = {}
        self._orders = Orders()
        self._measures = Measures()
        self._feeds: dict[ShopName, FeedState] = {}
        self._shares = Shares()
        self._locks = Locks()

    # --- stock ---------------------------------------------------------------------------------------------

    async def sources(self) -> Mapping[SourceName, SourceState]:
        """Return the state of every source ever seen."""
        return dict(sorted(self._sources.items()))

    async def stock(self, skus: Collection[Sku] | None = None) -> Sequence[StockRow]:
        """Return the last good figures of every cell (of these SKUs)."""
        return of_skus(self._stock.values(), skus)

    async def stock_grid(self) -> StockGrid:
        """Return the last good figures of every cell as columns."""
        return StockGrid.whole(await self.stock())

    async def unrouted(self) -> Sequence[UnroutedRow]:
        """Return the unrouted allocations of every source, none with 0 units."""
        return list(self._unrouted.values())

    async def accept(
        self, source: SourceState, rows: Sequence[StockRow], unrouted: Sequence[UnroutedRow] | None
    ) -> None:
        """Record an accepted snapshot; cells not in `rows` stay as they are."""
        storable([source])
        cells = {row[:3]: row for row in storable(rows)}
        allocations = None if unrouted is None else storable(unrouted)
        self._sources[source.name] = source
        self._stock.update(cells)
        if allocations is not None:
            others = {key: row for key, row in self._unrouted.items() if row.source != source.name}
            self._unrouted = others | {row[:2]: row for row in allocations if row.units}

    async def save_source(self, source: SourceState) -> None:
        """Record that a source is failing or well again; its figures stay."""
        storable([source])
        self._sources[source.name] = source

    # --- listings ------------------------------------------------------------------------------------------

    async def listings(
        self, shop: ShopName | None = None, *, skus: Collection[Sku] | None = None
    ) -> Sequence[ListingRow]:
        """Return all listings (of one shop, bound to one of these SKUs), sorted by shop and id."""
        rows = of_skus(self._listings.values(), skus)
        # By their key: it comes first in a row and no two share it.
        return sorted(row for row in rows if shop is None or row.shop == shop)

    async def siblings(self, items: Collection[tuple[ShopName, ItemId]]) -> Sequence[ListingRow]:
        """Return all listings of these items, whatever they are bound to, sorted by shop and id."""
        wanted = set(items)
        return sorted(row for row in self._listings.values() if (row.shop, row.item) in wanted)

    async def named(self, places: Collection[tuple[ShopName, ListingId]]) -> Sequence[ListingRow]:
        """Return these listings, sorted by shop and id."""
        return sorted(row for place in set(places) if (row := self._listings.get(place)))

    async def listing_columns(self, shop: ShopName | None = None) -> ListingColumns:
        """Return the same listings as columns."""
        return ListingColumns.of(await self.listings(shop))

    async def save_listings(self, rows: Sequence[ListingRow]) -> None:
        """Upsert whole rows by (shop, id)."""
        self._listings.update({(row.shop, row.id): row for row in storable(rows)})

    async def shops(self) -> Mapping[ShopName, ShopState]:
        """Return the state of every shop ever seen."""
        return dict(sorted(self._shops.items()))

    async def save_shop(self, shop: ShopState) -> None:
        """Upsert one shop's state."""
        storable([shop])
        self._shops[shop.name] = shop

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
        wanted = {
            (item.shop, item.listing): self._known(item)._replace(
                desired=item.desired, want_off=item.want_off
            )
            for item in storable(desired)
        }
        off = {row[:3]: row for row in storable(levels)}
        dropped = {row[:3] for row in dropped_levels}
        digests, recorded = by_digest(storable(held), at), storable(ledger)
        self._listings.update(wanted)
        self._levels = {key: row for key, row in self._levels.items() if key not in dropped} | off
        self._hold(digests, at)
        self._ledger.extend(recorded)

    async def levels(self, skus: Collection[Sku] | None = None) -> Sequence[LevelRow]:
        """Return every off-sale state (of these SKUs); what is not listed is on."""
        return of_skus(self._levels.values(), skus)

    async def open_intents(self, rows: Sequence[IntentRow]) -> None:
        """Commit intents before their call; a key that is there already is an error."""
        opened: dict[str, IntentRow] = {}
        for row in storable(rows):
            if row.key in self._intents or row.key in opened:
                raise StateError(f"nothing was written, this intent is there already: {row!r:.400}")
            opened[row.key] = row
        self._intents.update(opened)
        self._open.update(opened)

    async def resolve(
        self, intents: Sequence[IntentRow], proofs: Sequence[Proof], ledger: Sequence[LedgerRow]
    ) -> None:
        """Record what a call proved; an intent or a listing that is not known is an error."""
        settled = {row.key: ended(self._intents, row) for row in storable(intents)}
        proven = {
            (proof.shop, proof.listing): proven_by(self._known(proof), proof) for proof in storable(proofs)
        }
        recorded = storable(ledger)
        self._intents.update(settled)
        self._open = still_open(self._open | settled)
        self._listings.update(proven)
        self._ledger.extend(recorded)

    async def unresolved(self) -> Sequence[IntentRow]:
        """Return every intent that is still `OPEN`, oldest first."""
        return sorted(self._open.values(), key=lambda row: row.created_at)

    async def guarded(self, since: datetime) -> Sequence[GuardedCount]:
        """Return, per shop, the guarded changes in the ledger since then (cause snapshot or config)."""
        return self._ledger.guarded(since)

    async def claims(self) -> Sequence[ClaimRow]:
        """Return every open claim."""
        return list(self._claims.values())

    async def save_claims(
        self, rows: Sequence[ClaimRow], closed: Sequence[ClaimRow], uses: Sequence[UseRow] = ()
    ) -> None:
        """Upsert `rows` and delete `closed`, both by (shop, line); a claim in both stays."""
        opened = {row[:2]: row for row in storable(rows)}
        gone = {row[:2] for row in closed}
        used = storable(uses)
        self._claims = {key: row for key, row in self._claims.items() if key not in gone} | opened
        self._locks.use(used)

    # --- locks ---------------------------------------------------------------------------------------------

    async def locks(self) -> Sequence[LockRow]:
        """Return every lock, also those that have ended, by id."""
        return [row for _, row in sorted(self._locks.rows.items())]

    async def uses(self) -> Sequence[UseRow]:
        """Return what claims used of locks, sorted."""
        return sorted(self._locks.uses.values())

    async def add_lock(self, row: LockRow, ledger: Sequence[LedgerRow]) -> int:
        """Add a lock under the next id, whatever id it carries, and return that."""
        storable([row]), storable(ledger)
        added = self._locks.add(row)
        self._ledger.extend(entry._replace(rule=added.rule) for entry in ledger)
        return added.id

    async def save_locks(self, rows: Sequence[LockRow], ledger: Sequence[LedgerRow]) -> None:
        """Replace locks by their ids; one that is not known is an error."""
        changed, recorded = self._locks.known(rows), storable(ledger)
        self._locks.rows.update(changed)
        self._ledger.extend(recorded)

    # --- shares --------------------------------------------------------------------------------------------

    async def shares(self, skus: Collection[Sku] | None = None) -> Sequence[ShareRow]:
        """Return every share (of these SKUs), also those of 0 units."""
        return sorted(of_skus(self._shares.units.values(), skus))

    async def share_grid(self) -> ShareGrid:
        """Return every share as columns."""
        return ShareGrid.whole(await self.shares())

    async def moves(self) -> Sequence[MoveRow]:
        """Return the units on their way between shares, oldest first."""
        return sorted(self._shares.moves, key=lambda row: row.at)

    async def demand(self, skus: Collection[Sku] | None = None) -> Sequence[DemandRow]:
        """Return the demand of every shop for every SKU (of these) that ever had any, or could be sold."""
        return sorted(of_skus(self._shares.demand.values(), skus))

    async def demand_grid(self) -> DemandGrid:
        """Return the demand of every shop as columns."""
        return DemandGrid.whole(await self.demand())

    async def extras(self) -> Sequence[ExtraRow]:
        """Return the units sold on `extra` that nothing has given back, oldest first."""
        return sorted(self._shares.extras, key=lambda row: row.at)

    async def save_virtual(self, virtual: Virtual) -> None:
        """Record what a cycle made of the shares."""
        recorded = storable(virtual.ledger)
        self._shares.save(virtual)
        self._ledger.extend(recorded)

    # --- orders --------------------------------------------------------------------------------------------

    async def orders(self, shop: ShopName | None = None) -> Sequence[OrderRow]:
        """Return all order lines that are kept (of one shop), sorted by shop and line."""
        return self._orders.all(shop)

    async def named_orders(self, shop: ShopName, lines: Sequence[str]) -> Sequence[OrderRow]:
        """Return the lines named in `lines` and those that replace one of them, sorted by line."""
        return self._orders.named(shop, lines)

    async def feeds(self) -> Mapping[ShopName, FeedState]:
        """Return how far the orders of every shop were taken in."""
        return dict(sorted(self._feeds.items()))

    async def take_orders(self, taken: TakenOrders) -> None:
        """Record an intake; a listing that is not known is an error."""
        rows = storable(taken.rows)
        opened = {row[:2]: row for row in storable(taken.claims)}
        gone = {row[:2] for row in taken.closed}
        proven = {
            (proof.shop, proof.listing): proven_by(self._known(proof), proof)
            for proof in storable(taken.proofs)
        }
        feeds = {feed.shop: feed for feed in storable(taken.feeds)}
        uses, locks, recorded = storable(taken.uses), self._locks.known(taken.locks), storable(taken.ledger)
        demand = storable(taken.demand)
        self._orders.keep(rows)
        self._locks.use(uses)
        self._locks.rows.update(locks)
        self._ledger.extend(recorded)
        self._claims = {key: row for key, row in self._claims.items() if key not in gone} | opened
        self._listings.update(proven)
        self._feeds.update(feeds)
        self._shares.learn(demand)

    # --- measures ------------------------------------------------------------------------------------------

    async def measures(self) -> Sequence[MeasureRow]:
        """Return what was counted of delays and calls, sorted."""
        return sorted(self._measures.counts.values())

    async def pending(self) -> Sequence[PendingRow]:
        """Return the decreases that no shop has accepted yet, oldest first."""
        return sorted(self._measures.pending.values(), key=lambda row: (row.since, row.shop, row.listing))

    async def demand_of(self, places: Collection[tuple[ShopName, Sku]]) -> Sequence[DemandRow]:
        """Return the demand of these shops for these SKUs, sorted."""
        return sorted(row for place in set(places) if (row := self._shares.demand.get(place)))

    async def save_measures(self, measured: Measured) -> None:
        """Record what a cycle measured."""
        demand = storable(measured.demand)
        self._measures.save(measured)
        self._shares.learn(demand)

    # --- what is counted -----------------------------------------------------------------------------------

    async def backlog(self) -> Sequence[Backlog]:
        """Return, sorted, the shops that have decreases waiting."""
        return backlog_of(self._measures.pending.values())

    async def tally(self) -> Tally:
        """Return how much there is of everything; in memory it has no size."""
        return Tally(
            listings=listings_of(self._listings.values()),
            claims=Counter(row.shop for row in self._claims.values()),
            unresolved=Counter(row.shop for row in self._open.values()),
            ledger=len(self._ledger.rows),
        )

    def _known(self, item: Desired | Proof) -> ListingRow:
        row = self._listings.get((item.shop, item.listing))
        if row is None:
            raise StateError(f"shop {item.shop}: listing {item.listing} is not in the state; save it first")
        return row
