"""What the state remembers between cycles, as plain rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from syncd.domain.model import (
    Action,
    Containment,
    Deducts,
    IdsOf,
    ItemId,
    ListingId,
    PoolName,
    ShopName,
    Sku,
    SnapshotKind,
    SourceName,
    TransferConvention,
    WatermarkEvent,
)
from syncd.domain.orders import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is known of a source: its last accepted snapshot, and what is wrong with it now.

    `seq` counts accepted snapshots from 1, 0 means none yet. `full_at` is the `as_of` of the last accepted
    full one. `error` is empty while the source is well; `failing_since` is when it first was not.
    `watermarks`, `counts`, `included` and `ids_of` are those of its last accepted snapshot.
    """

    name: SourceName
    seq: int = 0
    as_of: datetime | None = None
    full_at: datetime | None = None
    kind: SnapshotKind = SnapshotKind.FULL
    transfer_convention: TransferConvention = TransferConvention.UNTIL_SHIPPED
    contains: Containment = Containment.NONE
    cursor: str = ""
    error: str = ""
    failing_since: datetime | None = None
    watermarks: Mapping[ShopName, datetime] = field(default_factory=dict)
    counts: WatermarkEvent = WatermarkEvent.CREATED
    included: Mapping[ShopName, frozenset[str]] = field(default_factory=dict)
    ids_of: IdsOf = IdsOf.LINE


class UnroutedRow(NamedTuple):
    """Units of a SKU allocated to orders for which `source` has not chosen a warehouse."""

    source: SourceName
    sku: Sku
    units: int


class LevelRow(NamedTuple):
    """Whether one pool's stock of a SKU is off sale in a shop for falling below the warning level.

    `agree` counts the snapshots in a row at or above the relist level; `seq` is the snapshot counted last.
    """

    pool: PoolName
    shop: ShopName
    sku: Sku
    off_since: datetime
    agree: int
    seq: int


class Resolution(StrEnum):
    """How an intent stands: still open, proven done, proven not done, or overtaken by an observation."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    OBSERVED = "observed"


class IntentRow(NamedTuple):
    """One write, committed before its call and resolved after it.

    `base` is the counter it was computed from, `target` the counter it leads to. `cause` and `rule` are
    those of the change it carries. `sent_at` None means that the call has not begun.
    """

    key: str
    shop: ShopName
    listing: ListingId
    item: ItemId
    action: Action
    value: int
    base: int | None
    target: int
    cause: str
    rule: str
    created_at: datetime
    sent_at: datetime | None
    resolution: Resolution
    message: str


class ShopStatus(StrEnum):
    """What an operator decided about a shop.

    One that retires is only written to take everything off sale; once nothing of it can be sold it is
    retired: it is neither read nor written, and its units are free.
    """

    ACTIVE = "active"
    PAUSED = "paused"
    FROZEN = "frozen"
    RETIRING = "retiring"
    RETIRED = "retired"

    @property
    def is_written(self) -> bool:
        """Return whether anything is written to such a shop."""
        return self in (ShopStatus.ACTIVE, ShopStatus.RETIRING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopState:
    """What is known of a shop beside its listings.

    `blocked` is the message that stops it until a person acts (revoked credentials, wrong signature), empty
    if none; `failing_since` is when its circuit opened. `accepted_at` is when a plan for it first went
    through whole: until then its raises are a first fill. `fingerprint` is that of the configuration its
    desired figures were computed with.
    """

    name: ShopName
    status: ShopStatus = ShopStatus.ACTIVE
    observed_at: datetime | None = None
    accepted_at: datetime | None = None
    fingerprint: str = ""
    error: str = ""
    failing_since: datetime | None = None
    blocked: str = ""


class LedgerRow(NamedTuple):
    """One change of a sellable or desired figure, with its cause; append-only.

    `what` is `desired`, `counter`, `on_sale`, `first_fill`, `share`, `moving` (see `domain.virtual.history`)
    or what a person did; `who` is `syncd` or the person who asked.
    """

    at: datetime
    shop: ShopName
    listing: ListingId
    sku: Sku
    what: str
    old: int | None
    new: int | None
    cause: str
    rule: str
    who: str


class RequestRow(NamedTuple):
    """What a command line asks of the daemon; `answer` is empty until it is done."""

    id: int
    verb: str
    argument: str
    asked_at: datetime
    asked_by: str
    answer: str


class GuardedCount(NamedTuple):
    """Guarded changes already sent for a shop in the guard's window."""

    shop: ShopName
    off: int
    raised_units: int


class ClaimRow(NamedTuple):
    """Units sold by a shop that no accepted snapshot contains yet; `warehouse` is empty while not routed."""

    shop: ShopName
    line: str
    sku: Sku
    warehouse: str
    units: int
    at: datetime


class OrderRow(NamedTuple):
    """One line of an order as the state keeps it: its newest version, and what was made of it.

    From `order` to `warehouse` it is `syncd.domain.orders.OrderLine`. `parts` are the SKUs in one unit of it,
    as text, fixed when it was first understood and empty until then. Of its units the platform's counter lost
    `off_least` to `off_most`; `deducts` is when it does so, unknown where the listing did not say. `grown` is
    when its open units last became more. A `settled` line can change nothing any more.
    """

    shop: ShopName
    order: str
    line: str
    listing: ListingId
    code: str
    units: int
    released: int
    shipped: int
    stage: Stage
    created: datetime
    paid: datetime | None
    sent: datetime | None
    ended: datetime | None
    modified: datetime
    replaces: str
    doubt: str
    warehouse: str
    parts: str
    off_least: int
    off_most: int
    grown: datetime
    settled: bool
    deducts: Deducts = Deducts.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """How far the orders of a shop were taken in.

    `cursor` is when the last whole answer was asked for, by our clock, None before the first. `error` is
    empty while the feed is well; `failing_since` is when it first was not.
    """

    shop: ShopName
    cursor: datetime | None = None
    error: str = ""
    failing_since: datetime | None = None


class ShareRow(NamedTuple):
    """The units of a SKU that one shop of a split pool may sell, and when units last moved by demand.

    A row with 0 units stays: a pool whose SKU has no row at all was never divided.
    """

    pool: PoolName
    shop: ShopName
    sku: Sku
    units: int
    moved_at: datetime | None


class MoveRow(NamedTuple):
    """Units on their way from one shop's share to another's; in neither until the taking is proven."""

    pool: PoolName
    sku: Sku
    taken_from: ShopName
    given_to: ShopName
    units: int
    at: datetime


class ExtraRow(NamedTuple):
    """Units that a shop of a pool sold on its `extra` at one time and that nothing has given back yet."""

    pool: PoolName
    shop: ShopName
    sku: Sku
    units: int
    at: datetime


class DemandRow(NamedTuple):
    """The demand for a SKU in a shop at a time: faded units sold, seconds in stock, and buyers of late.

    `stocked` says whether the shop had something to sell from then on.
    """

    shop: ShopName
    sku: Sku
    sold: float
    seconds: float
    recent: float
    stocked: bool
    at: datetime


class LockMode(StrEnum):
    """What a lock is for: its shop shows `only` its units, those `plus` its share, or it is for nobody."""

    ONLY = "only"
    PLUS = "plus"
    NOBODY = "nobody"


class LockRow(NamedTuple):
    """Units of a SKU in one pool that a person locked for a shop, or for nobody (then `shop` is empty).

    `by_hand` are the units released by hand, `schedule` those that are released by time, as text. `released`
    is what was released when last looked: less than that it never is again. `ended_at` is None while it
    lives.
    """

    id: int
    sku: Sku
    pool: PoolName
    shop: ShopName
    mode: LockMode
    units: int
    by_hand: int
    schedule: str
    released: int
    created_at: datetime
    created_by: str
    ended_at: datetime | None

    @property
    def rule(self) -> str:
        """Return what the ledger and explanations call it."""
        return f"locks.{self.id}"


class UseRow(NamedTuple):
    """Units of a lock that one claim of its shop has used; kept when a snapshot contains the claim."""

    lock: int
    line: str
    units: int


class Measure(StrEnum):
    """What syncd counts about itself by shop: delays by bucket, calls and writes in one bucket.

    A sale is `sale_to_seen` in the shop that sold; a decrease is `decision_to_accepted`, and if it follows
    from a sale `sale_to_accepted`, in the shop that it lowered. `spared` figures changed without a write.
    """

    SALE_TO_SEEN = "sale_to_seen"
    DECISION_TO_ACCEPTED = "decision_to_accepted"
    SALE_TO_ACCEPTED = "sale_to_accepted"
    CALLS = "calls"
    THROTTLED = "throttled"
    WRITTEN = "written"
    SPARED = "spared"


class MeasureRow(NamedTuple):
    """How much of a measure fell into a bucket of `domain.delays`, as it stood at a time; it fades since."""

    shop: ShopName
    what: Measure
    bucket: int
    amount: float
    at: datetime


class PendingRow(NamedTuple):
    """A decrease that was decided at `since` and that the shop has not accepted yet.

    `sold_at` is when the sale was made that it follows from, None if it follows from none. `held` says that
    it stays behind on purpose: by the guard or a policy.
    """

    shop: ShopName
    listing: ListingId
    since: datetime
    sold_at: datetime | None
    held: bool
