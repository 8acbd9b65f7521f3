"""The state: what must survive a crash.

Every method is one transaction: after it returns, all of it is on disk; if it raises, none of it is.
All raise `StateError` where the state cannot be used, of it `StateUnavailable` where another start may find
it well. One process at a time pushes (`PushLock`); reading and `RequestStore.ask` need no lock.

Who names SKUs, items or places is given their rows alone, in the order of the whole, and the others are not
read. `skus` None asks for all, no names for none; a name that is not known brings no row.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from syncd.domain.grids import DemandGrid, ShareGrid
from syncd.domain.held import ApprovalRow, HeldRow
from syncd.domain.model import ListingId, ShopName, Sku, SourceName, StockRow
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
    RequestRow,
    ShareRow,
    SourceState,
    UnroutedRow,
    UseRow,
)
from syncd.domain.stock_grid import StockGrid
from syncd.ports.alerts import AlertStore
from syncd.ports.care import AnewStore, AuditStore, PurgeStore
from syncd.ports.held import HeldStore
from syncd.ports.listings import ListingStore
from syncd.ports.pages import PageStore
from syncd.ports.tallies import TallyStore


class StockStore(Protocol):
    """The last good figures of every source."""

    async def sources(self) -> Mapping[SourceName, SourceState]:
        """Return the state of every source ever seen."""
        ...

    async def stock(self, skus: Collection[Sku] | None = None) -> Sequence[StockRow]:
        """Return the last good figures of every cell (of these SKUs), in no particular order."""
        ...

    async def stock_grid(self) -> StockGrid:
        """Return the same figures as columns, whatever is saved afterwards; SKUs are in order."""
        ...

    async def unrouted(self) -> Sequence[UnroutedRow]:
        """Return the unrouted allocations of every source; rows with 0 units are not kept."""
        ...

    async def accept(
        self, source: SourceState, rows: Sequence[StockRow], unrouted: Sequence[UnroutedRow] | None
    ) -> None:
        """Record an accepted snapshot: upsert `rows` by (source, sku, warehouse) and the state of its source.

        `unrouted` replaces all of the source's; None leaves them. Cells not in `rows` stay as they are.
        """
        ...

    async def save_source(self, source: SourceState) -> None:
        """Record that a source is failing or well again; its figures stay."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What one listing should read from now on."""

    shop: ShopName
    listing: ListingId
    desired: int | None
    want_off: bool


class Proof(NamedTuple):
    """What is known of one listing after a call: where its counter lies, and whether it is on sale.

    `on_sale` None means that the call proved nothing about it: what is stored stays, and so does
    `delisted_by` where it is empty here. A delisting without an answer has `on_sale` None and `syncd`.
    """

    shop: ShopName
    listing: ListingId
    expected_lo: int | None
    expected_hi: int | None
    on_sale: bool | None
    delisted_by: str


class PlanStore(Protocol):
    """Plans on their way out."""

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
        """Record what a cycle decided: desired figures, off-sale states, what is held, and why.

        `levels` are upserted by (pool, shop, sku), `dropped_levels` deleted. `held` replaces every row with
        the same digest; a digest is dropped a day after it was last saved.
        """
        ...

    async def levels(self, skus: Collection[Sku] | None = None) -> Sequence[LevelRow]:
        """Return every off-sale state (of these SKUs), in no particular order; what is not listed is on."""
        ...

    async def open_intents(self, rows: Sequence[IntentRow]) -> None:
        """Commit intents before their call; a key that is there already is an error."""
        ...

    async def resolve(
        self, intents: Sequence[IntentRow], proofs: Sequence[Proof], ledger: Sequence[LedgerRow]
    ) -> None:
        """Record what a call proved: intents by key, the listings' expected intervals, and the ledger.

        Of an intent that is when it was sent, its resolution and the message; the rest stays as it was.
        """
        ...

    async def unresolved(self) -> Sequence[IntentRow]:
        """Return every intent that is still `OPEN`, oldest first."""
        ...

    async def guarded(self, since: datetime) -> Sequence[GuardedCount]:
        """Return, per shop, the guarded changes in the ledger since then (cause snapshot or config).

        `off` counts listings whose counter went to 0 or that were taken off sale; `raised_units` sums what
        counters rose by. First fills do not count.
        """
        ...

    async def held(self, digest: str) -> Sequence[HeldRow]:
        """Return what was held under `digest`, or under the only digest that begins with it."""
        ...

    async def approve(self, rows: Sequence[ApprovalRow], ledger: Sequence[LedgerRow]) -> None:
        """Upsert approvals by (shop, listing, direction), and take back the rejections of the same."""
        ...

    async def approvals(self, now: datetime) -> Sequence[ApprovalRow]:
        """Return the approvals that still hold at `now`."""
        ...

    async def claims(self) -> Sequence[ClaimRow]:
        """Return every open claim."""
        ...

    async def save_claims(
        self, rows: Sequence[ClaimRow], closed: Sequence[ClaimRow], uses: Sequence[UseRow] = ()
    ) -> None:
        """Upsert `rows` and delete `closed`, both by (shop, line), and record what they used of locks.

        `uses` are upserted by (lock, line); one without units is deleted.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOrders:
    """What an intake of orders changes.

    `rows` are upserted by (shop, line), `feeds` by shop. Of claims, `closed` are deleted, then `claims` are
    upserted, both by (shop, line). `proofs` are the listings whose counters orders moved. `uses` are upserted
    by (lock, line), and deleted where they have no units; `locks` are replaced by id. `demand`, upserted by
    (shop, sku), is what a first reading tells of the time before.
    """

    rows: Sequence[OrderRow] = ()
    claims: Sequence[ClaimRow] = ()
    closed: Sequence[ClaimRow] = ()
    proofs: Sequence[Proof] = ()
    feeds: Sequence[FeedState] = ()
    uses: Sequence[UseRow] = ()
    locks: Sequence[LockRow] = ()
    ledger: Sequence[LedgerRow] = ()
    demand: Sequence[DemandRow] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Virtual:
    """What a cycle made of the shares of the split pools.

    `shares` and `demand` are upserted by their keys, `moves` and `extras` each replace all that are open;
    None leaves them. `ledger` says what changed a share or set units moving, and why.
    """

    shares: Sequence[ShareRow] = ()
    demand: Sequence[DemandRow] = ()
    moves: Sequence[MoveRow] | None = None
    extras: Sequence[ExtraRow] | None = None
    ledger: Sequence[LedgerRow] = ()


class ShareStore(Protocol):
    """The shares of the shops in split pools, what moves between them, and the demand that pulls.

    With them what shops sold on their `extra`, also in shared pools.
    """

    async def shares(self, skus: Collection[Sku] | None = None) -> Sequence[ShareRow]:
        """Return every share (of these SKUs), also those of 0 units, sorted."""
        ...

    async def share_grid(self) -> ShareGrid:
        """Return every share as columns, whatever is saved afterwards; edges and SKUs are in order."""
        ...

    async def moves(self) -> Sequence[MoveRow]:
        """Return the units on their way between shares, oldest first."""
        ...

    async def demand(self, skus: Collection[Sku] | None = None) -> Sequence[DemandRow]:
        """Return the demand of every shop for every SKU (of these) that ever had any, or could be sold.

        Sorted by shop and SKU.
        """
        ...

    async def demand_grid(self) -> DemandGrid:
        """Return the same demand as columns, whatever is saved afterwards; shops and SKUs are in order."""
        ...

    async def extras(self) -> Sequence[ExtraRow]:
        """Return the units sold on `extra` that nothing has given back, oldest first."""
        ...

    async def save_virtual(self, virtual: Virtual) -> None:
        """Record what a cycle made of the shares."""
        ...


class LockStore(Protocol):
    """What people locked for shops or for nobody, and what claims used of it."""

    async def locks(self) -> Sequence[LockRow]:
        """Return every lock, also those that have ended, by id."""
        ...

    async def uses(self) -> Sequence[UseRow]:
        """Return what claims used of locks, sorted; one stays when its claim is closed."""
        ...

    async def add_lock(self, row: LockRow, ledger: Sequence[LedgerRow]) -> int:
        """Add a lock under the next id, whatever id it carries, and return that; no id comes twice.

        The rows of the ledger get its name as their rule.
        """
        ...

    async def save_locks(self, rows: Sequence[LockRow], ledger: Sequence[LedgerRow]) -> None:
        """Replace locks by their ids; one that is not known is an error."""
        ...


class OrderStore(Protocol):
    """The orders of the shops, as far as they may still change something."""

    async def orders(self, shop: ShopName | None = None) -> Sequence[OrderRow]:
        """Return all order lines that are kept (of one shop), sorted by shop and line."""
        ...

    async def named_orders(self, shop: ShopName, lines: Sequence[str]) -> Sequence[OrderRow]:
        """Return the lines named in `lines` and those that replace one of them, sorted by line."""
        ...

    async def feeds(self) -> Mapping[ShopName, FeedState]:
        """Return how far the orders of every shop were taken in."""
        ...

    async def take_orders(self, taken: TakenOrders) -> None:
        """Record an intake; a listing that is not known is an error."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a cycle measured, and which decreases it left behind.

    `rows`, `pending` and `demand` are upserted by their keys. `settled` are deleted before that.
    """

    rows: Sequence[MeasureRow] = ()
    pending: Sequence[PendingRow] = ()
    settled: Sequence[PendingRow] = ()
    demand: Sequence[DemandRow] = ()


class MeasureStore(Protocol):
    """How long things took; nothing that is sold depends on it."""

    async def measures(self) -> Sequence[MeasureRow]:
        """Return what was counted of delays and calls, sorted."""
        ...

    async def pending(self) -> Sequence[PendingRow]:
        """Return the decreases that no shop has accepted yet, oldest first."""
        ...

    async def demand_of(self, places: Collection[tuple[ShopName, Sku]]) -> Sequence[DemandRow]:
        """Return the demand of these shops for these SKUs, sorted."""
        ...

    async def save_measures(self, measured: Measured) -> None:
        """Record what a cycle measured."""
        ...


class RequestStore(Protocol):
    """What the command line asks of the daemon, and what was recorded."""

    async def ask(self, verb: str, argument: str, *, at: datetime, by: str) -> int:
        """Leave a request; return its id."""
        ...

    async def requests(self) -> Sequence[RequestRow]:
        """Return the requests without an answer, oldest first."""
        ...

    async def answer(self, request: int, text: str) -> None:
        """Answer a request (`text` not empty)."""
        ...

    async def answered(self, request: int) -> str:
        """Return the answer of a request, empty while there is none."""
        ...

    async def ledger(
        self,
        *,
        sku: Sku | None = None,
        shop: ShopName | None = None,
        what: str | None = None,
        limit: int = 100,
    ) -> Sequence[LedgerRow]:
        """Return the newest rows of the ledger (of one SKU, shop or kind), newest first."""
        ...


class Store(
    StockStore,
    ListingStore,
    PlanStore,
    HeldStore,
    ShareStore,
    LockStore,
    OrderStore,
    MeasureStore,
    RequestStore,
    PurgeStore,
    AnewStore,
    AuditStore,
    PageStore,
    AlertStore,
    TallyStore,
    Protocol,
):
    """The whole state."""


class PushLock(Protocol):
    """The right to push, held by one process at a time; the system frees it when its holder dies."""

    def held(self) -> AbstractAsyncContextManager[bool]:
        """Yield True and keep the lock until the block ends; at once False if another process has it."""
        ...
