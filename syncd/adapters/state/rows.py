"""Which row type lies in which table, and the statements of the hot paths."""

from datetime import datetime
from typing import NamedTuple

from syncd.adapters.state.codec import Codec
from syncd.domain.alerts.records import AlertRow
from syncd.domain.held import ApprovalRow, Direction, HeldNow, HeldRow, RejectionRow
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku, StockRow
from syncd.domain.records import (
    ClaimRow,
    DemandRow,
    ExtraRow,
    FeedState,
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
    ShopState,
    SourceState,
    UnroutedRow,
    UseRow,
)


class SavedHeld(NamedTuple):
    """A `HeldRow` with the time it was saved at."""

    digest: str
    shop: ShopName
    listing: ListingId
    direction: Direction
    bound: int
    sku: Sku
    kind: str
    old: int | None
    cause: str
    rule: str
    setting: str
    limit: int
    value: int
    unit: str
    saved_at: datetime


SOURCES = Codec("sources", SourceState, ("name",))
STOCK = Codec("stock", StockRow, ("source", "sku", "warehouse"))
UNROUTED = Codec("unrouted", UnroutedRow, ("source", "sku"))
LISTINGS = Codec("listings", ListingRow, ("shop", "id"))
SHOPS = Codec("shops", ShopState, ("name",))
LEVELS = Codec("levels", LevelRow, ("pool", "shop", "sku"))
INTENTS = Codec("intents", IntentRow, ("key",))
HELD = Codec("held", HeldRow, ("digest", "shop", "listing", "direction"))
SAVED_HELD = Codec("held", SavedHeld, ("digest", "shop", "listing", "direction"))
HELD_NOW = Codec("held_now", HeldNow, ("digest",))
REJECTIONS = Codec("rejections", RejectionRow, ("shop", "listing", "direction"))
APPROVALS = Codec("approvals", ApprovalRow, ("shop", "listing", "direction"))
LEDGER = Codec("ledger", LedgerRow, ("at",))
REQUESTS = Codec("requests", RequestRow, ("id",))
CLAIMS = Codec("claims", ClaimRow, ("shop", "line"))
ORDERS = Codec("orders", OrderRow, ("shop", "line"))
SHARES = Codec("shares", ShareRow, ("pool", "shop", "sku"))
MOVES = Codec("moves", MoveRow, ("at",))
EXTRAS = Codec("extras", ExtraRow, ("at",))
DEMAND = Codec("demand", DemandRow, ("shop", "sku"))
FEEDS = Codec("feeds", FeedState, ("shop",))
LOCKS = Codec("locks", LockRow, ("id",))
USES = Codec("uses", UseRow, ("lock", "line"))
MEASURES = Codec("measures", MeasureRow, ("shop", "what", "bucket"))
PENDING = Codec("pending", PendingRow, ("shop", "listing"))
ALERTS = Codec("alerts", AlertRow, ("id",))

OF_SKU = "WHERE sku = ?"
OF_SKU_AND_SHOP = "WHERE sku = ? AND shop = ?"
OF_PLACE = "WHERE shop = ? AND sku = ?"
OF_LISTING = "WHERE shop = ? AND id = ?"
OF_HELD = "WHERE digest = ? AND shop = ? AND listing = ?"
OF_ITEM = "WHERE shop = ? AND item = ?"
OF_LINE = "WHERE shop = ? AND line = ?"
# Left to itself SQLite reads all orders of the shop: it takes the primary key for as good as this index.
OF_REPLACED = "INDEXED BY orders_replaces WHERE shop = ? AND replaces = ? AND replaces <> ''"

DESIRE = "UPDATE listings SET desired = ?, want_off = ? WHERE shop = ? AND id = ?"
SETTLE = "UPDATE intents SET sent_at = ?, resolution = ?, message = ? WHERE key = ?"
PROVE = (
    "UPDATE listings SET expected_lo = ?1, expected_hi = ?2, on_sale = coalesce(?3, on_sale), "
    "delisted_by = CASE WHEN ?3 IS NULL AND ?4 = '' THEN delisted_by ELSE ?4 END "
    "WHERE shop = ?5 AND id = ?6"
)
