"""The words of the domain as types.

Quantities are whole units (`int`); times are aware `datetime`s in UTC. Identifiers are text: platform ids
are 64 bit and must never pass through a float.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple, NewType

import numpy as np
import numpy.typing as npt

from syncd.errors import Kind

Sku = NewType("Sku", str)
ShopName = NewType("ShopName", str)
PoolName = NewType("PoolName", str)
SourceName = NewType("SourceName", str)
WarehouseName = NewType("WarehouseName", str)
ListingId = NewType("ListingId", str)
ItemId = NewType("ItemId", str)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LARGEST = 1_000_000_000
"""More units than any warehouse holds; a figure above it is a mistake, not stock."""


# --- in the warehouse --------------------------------------------------------------------------------------


class Part(IntEnum):
    """The figures of one SKU in one warehouse (DESIGN 3), in the order of the columns that carry them."""

    ON_HAND = 0
    ALLOCATED = 1
    UNSELLABLE = 2
    LOCKED = 3
    VIRTUAL = 4
    TRANSFER_OUT = 5
    IN_AIR = 6

    @property
    def word(self) -> str:
        """Return the name that settings, files and people use, e.g. `on_hand`."""
        return self.name.lower()


class SnapshotKind(StrEnum):
    """What a source's answer claims to be: everything, or only what changed."""

    FULL = "full"
    DELTA = "delta"


class TransferConvention(StrEnum):
    """How long a source keeps `transfer_out` open: until the goods leave, or until they arrive."""

    UNTIL_SHIPPED = "until_shipped"
    UNTIL_RECEIVED = "until_received"


class Containment(StrEnum):
    """How a source says which orders its figures already contain (DESIGN 6)."""

    NONE = "none"
    WATERMARK = "watermark"
    IDS = "ids"


class WatermarkEvent(StrEnum):
    """Which moment of an order a source's watermark speaks of."""

    CREATED = "created"
    PAID = "paid"
    MODIFIED = "modified"


class IdsOf(StrEnum):
    """What the ids are by which a source names orders: those of their lines, or of whole orders."""

    LINE = "line"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """A row of a source that could not be believed; its cell keeps the last good figures, it never becomes 0.

    `row` is where people find it (`line 12`, `page 3 row 7`). `sku` and `warehouse` are empty where even
    those could not be read.
    """

    row: str
    message: str
    sku: Sku = Sku("")
    warehouse: WarehouseName = WarehouseName("")
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a source said at one moment.

    `skus[i]` and `warehouses[i]` name the row whose figures are `parts[i]`, an array of shape (rows, 7) in
    the order of `Part`; every figure is in 0..LARGEST. `as_of` is when the source *began* to read, so nothing
    later is contained. `complete` is True only where completeness was proven (all pages, end marker, row
    count); `incomplete_because` says what was missing. `unrouted` are units allocated to orders for which no
    warehouse is chosen yet. `floored` counts decimals that were rounded down. `watermarks` say up to which
    moment the figures contain the orders of a shop, without gaps, and `counts` which moment of an order is
    meant. `included` are the orders of each shop that the figures contain, by ids as `ids_of` says: all of
    them, also in a delta.
    """

    source: SourceName
    as_of: datetime
    kind: SnapshotKind
    skus: tuple[Sku, ...]
    warehouses: tuple[WarehouseName, ...]
    parts: Ints
    complete: bool = True
    incomplete_because: str = ""
    unrouted: dict[Sku, int] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()
    floored: int = 0
    transfer_convention: TransferConvention = TransferConvention.UNTIL_SHIPPED
    contains: Containment = Containment.NONE
    cursor: str = ""
    watermarks: Mapping[ShopName, datetime] = field(default_factory=dict)
    counts: WatermarkEvent = WatermarkEvent.CREATED
    included: Mapping[ShopName, frozenset[str]] = field(default_factory=dict)
    ids_of: IdsOf = IdsOf.LINE


# --- on the channel ----------------------------------------------------------------------------------------


class Deducts(StrEnum):
    """When the platform lowers its counter; `shipping` where the counter includes open orders."""

    ORDER = "order"
    PAYMENT = "payment"
    SHIPPING = "shipping"
    UNKNOWN = "unknown"


class OffReason(StrEnum):
    """Why a platform shows a listing off sale, as far as it tells."""

    SOLD_OUT = "sold_out"
    PERSON = "person"
    VIOLATION = "violation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedListing:
    """What a channel said about one of its listings.

    `id` is the adapter's own stable key, unique in the shop (with the location where a platform keeps several
    counters); `item` groups the listings that a platform unlists together and is the id itself where each
    stands alone. `quantity` None means that the platform did not say, `on_sale` likewise. `deducts` says when
    its counter falls where the platform tells it of each; unknown, what holds for the shop counts.
    """

    id: ListingId
    code: str
    item: ItemId
    quantity: int | None
    on_sale: bool | None
    withheld: int = 0
    location: str = ""
    title: str = ""
    off_reason: OffReason | None = None
    deducts: Deducts = Deducts.UNKNOWN


class Action(StrEnum):
    """What one write does to a listing."""

    SET = "set"
    DELTA = "delta"
    COMPARE_AND_SET = "compare_and_set"
    DELIST = "delist"
    RELIST = "relist"


class Write(NamedTuple):
    """One line of a call to a channel.

    `value` is the new counter for `SET` and `COMPARE_AND_SET`, the signed difference for `DELTA`, and 0 for
    `DELIST` and `RELIST`. `base` is the counter it was computed from (what `COMPARE_AND_SET` must find), None
    if unknown. `key` belongs to the intent: the same write sent again carries the same key.
    """

    listing: ListingId
    item: ItemId
    action: Action
    value: int
    base: int | None
    key: str
    code: str = ""
    location: str = ""


class Outcome(NamedTuple):
    """The channel's word on one write; `counter` is the quantity it returned, None if it returned none."""

    kind: Kind
    message: str = ""
    counter: int | None = None
    retry_after: float | None = None


class StockRow(NamedTuple):
    """The last good figures of one SKU in one warehouse, as the state keeps them.

    `missed` counts the full snapshots in a row that left the cell out; `bad` is True while the newest row for
    it could not be believed. The seven figures follow in the order of `Part`.
    """

    source: SourceName
    sku: Sku
    warehouse: WarehouseName
    as_of: datetime
    missed: int
    bad: bool
    on_hand: int
    allocated: int
    unsellable: int
    locked: int
    virtual: int
    transfer_out: int
    in_air: int


class ListingRow(NamedTuple):
    """A listing as the state keeps it: identity, binding, what it should read and what it can read.

    `sku` is the SKU or bundle it is bound to, empty while unbound (`unbound_because` says why, with the
    candidates). One that has both is held: it lost its binding while it was on sale, and what it can sell
    goes on counting as that SKU. `desired` and the `expected` interval are None until first planned and first
    observed. `want_off` is True where it should be off sale; `delisted_by` is who took it off sale (see
    `syncd.domain.expected`), empty while nobody did. `deducts` is unknown where it did not say when its
    counter falls.
    """

    shop: ShopName
    id: ListingId
    code: str
    item: ItemId
    location: str
    title: str
    sku: Sku
    units: int
    unbound_because: str
    desired: int | None
    want_off: bool
    expected_lo: int | None
    expected_hi: int | None
    observed: int | None
    observed_at: datetime | None
    withheld: int
    on_sale: bool | None
    delisted_by: str
    gone: bool
    deducts: Deducts = Deducts.UNKNOWN

    @property
    def is_held(self) -> bool:
        """Return whether it is unbound and can still sell units of the SKU that it was bound to."""
        return bool(self.sku and self.unbound_because)

    @property
    def is_bound(self) -> bool:
        """Return whether it is bound to a SKU or bundle, so that it is ours to write."""
        return bool(self.sku) and not self.unbound_because


# --- what a plan is made of --------------------------------------------------------------------------------


class ChangeKind(StrEnum):
    """What a change does to a listing, in the order of danger: only a raise or relist can sell too much."""

    ZERO = "zero"
    OFF = "off"
    LOWER = "lower"
    RELIST = "relist"
    RAISE = "raise"


class Cause(StrEnum):
    """Why a listing should read something else now (DESIGN 4.5, step 18)."""

    CLAIM = "claim"
    TAKE = "take"
    GIVE = "give"
    SNAPSHOT = "snapshot"
    LOCK = "lock"
    CONFIG = "config"
    REPAIR = "repair"


class Change(NamedTuple):
    """One intended change of one listing.

    `lo` and `hi` bound what its counter can read now; `old` is the counter if they agree, else None. `new` is
    what it should read (0 for `ZERO` and `OFF`; for `RELIST` the quantity to show once it is back). `on_sale`
    is what is known now, None if nothing. `unlist` says that an `OFF` may take the listing off sale and not
    only to zero; `delisted_by` is what to remember when it did. `rule` names what decided the figure.
    """

    shop: ShopName
    listing: ListingId
    item: ItemId
    code: str
    location: str
    sku: Sku
    kind: ChangeKind
    old: int | None
    new: int
    lo: int | None
    hi: int | None
    on_sale: bool | None
    unlist: bool
    cause: Cause
    rule: str
    delisted_by: str = "syncd"
