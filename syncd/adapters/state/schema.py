"""The tables of the state; a fresh file is made from them, an old one is brought here by the migrations.

Every table is STRICT, so that a figure of the wrong type is refused instead of stored. Times are integer
microseconds since 1970 in UTC, flags are 0 and 1, and the columns stand in the order of the row types. Times
and ids by name are an object of JSON.
"""

from typing import Any

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

APPLICATION_ID = int.from_bytes(b"sync")
"""What the header of a state file carries, so that another program's SQLite file is told from ours."""

metadata = MetaData()


def _texts(*names: str) -> list[Column[Any]]:
    return [Column(name, Text, nullable=False) for name in names]


def _whole(*names: str) -> list[Column[Any]]:
    return [Column(name, Integer, nullable=False) for name in names]


def _maybe(*names: str) -> list[Column[Any]]:
    return [Column(name, Integer, nullable=True) for name in names]


def _flag(name: str, *, known: bool = True) -> list[Any]:
    return [Column(name, Integer, nullable=not known), CheckConstraint(f"{name} IN (0, 1)")]


def _table(name: str, *columns: Any, keys: tuple[str, ...]) -> Table:  # noqa: ANN401 - also checks, indexes
    # WITHOUT ROWID keeps the rows in the order of their key: one tree to write, and sorted reads for nothing.
    return Table(
        name,
        metadata,
        *columns,
        PrimaryKeyConstraint(*keys),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


sources = _table(
    "sources",
    *_texts("name"),
    *_whole("seq"),
    *_maybe("as_of", "full_at"),
    *_texts("kind", "transfer_convention", "contains", "cursor", "error"),
    *_maybe("failing_since"),
    *_texts("watermarks", "counts", "included", "ids_of"),
    keys=("name",),
)

stock = _table(
    "stock",
    *_texts("source", "sku", "warehouse"),
    *_whole("as_of", "missed"),
    *_flag("bad"),
    *_whole("on_hand", "allocated", "unsellable", "locked", "virtual", "transfer_out", "in_air"),
    Index("stock_sku", "sku"),
    keys=("source", "sku", "warehouse"),
)

unrouted = _table("unrouted", *_texts("source", "sku"), *_whole("units"), keys=("source", "sku"))

listings = _table(
    "listings",
    *_texts("shop", "id", "code", "item", "location", "title", "sku"),
    *_whole("units"),
    *_texts("unbound_because"),
    *_maybe("desired"),
    *_flag("want_off"),
    *_maybe("expected_lo", "expected_hi", "observed", "observed_at"),
    *_whole("withheld"),
    *_flag("on_sale", known=False),
    *_texts("delisted_by"),
    *_flag("gone"),
    *_texts("deducts"),
    Index("listings_sku", "sku"),
    Index("listings_item", "item"),
    keys=("shop", "id"),
)

shops = _table(
    "shops",
    *_texts("name", "status"),
    *_maybe("observed_at", "accepted_at"),
    *_texts("fingerprint", "error"),
    *_maybe("failing_since"),
    *_texts("blocked"),
    keys=("name",),
)

levels = _table(
    "levels",
    *_texts("pool", "shop", "sku"),
    *_whole("off_since", "agree", "seq"),
    Index("levels_sku", "sku"),
    keys=("pool", "shop", "sku"),
)

intents = Table(
    "intents",
    metadata,
    *_texts("key", "shop", "listing", "item", "action"),
    *_whole("value"),
    *_maybe("base"),
    *_whole("target"),
    *_texts("cause", "rule"),
    *_whole("created_at"),
    *_maybe("sent_at"),
    *_texts("resolution", "message"),
    PrimaryKeyConstraint("key"),
    # Almost every intent is resolved; a start must find the few open ones without reading the others.
    Index("intents_open", "created_at", sqlite_where=text("resolution = 'open'")),
    sqlite_strict=True,
)

held = _table(
    "held",
    *_texts("digest", "shop", "listing", "direction"),
    *_whole("bound"),
    *_texts("sku", "kind"),
    *_maybe("old"),
    *_texts("cause", "rule", "setting"),
    *_whole("limit", "value"),
    *_texts("unit"),
    *_whole("saved_at"),
    keys=("digest", "shop", "listing", "direction"),
)

# One row: what the last whole decision left held.
held_now = _table("held_now", *_texts("digest", "since"), keys=("digest",))

rejections = _table(
    "rejections",
    *_texts("shop", "listing", "direction"),
    *_whole("bound", "at"),
    *_texts("by"),
    keys=("shop", "listing", "direction"),
)

approvals = _table(
    "approvals",
    *_texts("shop", "listing", "direction"),
    *_whole("bound", "until"),
    keys=("shop", "listing", "direction"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    *_whole("at"),
    *_texts("shop", "listing", "sku", "what"),
    *_maybe("old", "new"),
    *_texts("cause", "rule", "who"),
    Index("ledger_at", "at"),
    Index("ledger_sku", "sku"),
    sqlite_strict=True,
)

requests = Table(
    "requests",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts("verb", "argument"),
    *_whole("asked_at"),
    *_texts("asked_by", "answer"),
    sqlite_strict=True,
    # An id must not come back after a purge: a command line may still wait for the answer of the old one.
    sqlite_autoincrement=True,
)

claims = _table(
    "claims",
    *_texts("shop", "line", "sku", "warehouse"),
    *_whole("units", "at"),
    keys=("shop", "line"),
)

orders = Table(
    "orders",
    metadata,
    *_texts("shop", "order", "line", "listing", "code"),
    *_whole("units", "released", "shipped"),
    *_texts("stage"),
    *_whole("created"),
    *_maybe("paid", "sent", "ended"),
    *_whole("modified"),
    *_texts("replaces", "doubt", "warehouse", "parts"),
    *_whole("off_least", "off_most", "grown"),
    *_flag("settled"),
    *_texts("deducts"),
    PrimaryKeyConstraint("shop", "line"),
    # Few lines take the place of another, but each new line asks whether one took its own.
    Index("orders_replaces", "shop", "replaces", sqlite_where=text("replaces <> ''")),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

shares = _table(
    "shares",
    *_texts("pool", "shop", "sku"),
    *_whole("units"),
    *_maybe("moved_at"),
    Index("shares_sku", "sku"),
    keys=("pool", "shop", "sku"),
)

moves = Table(
    "moves",
    metadata,
    # Units of one SKU may go from one shop to another twice at one time.
    Column("id", Integer, primary_key=True),
    *_texts("pool", "sku", "taken_from", "given_to"),
    *_whole("units", "at"),
    sqlite_strict=True,
)

extras = Table(
    "extras",
    metadata,
    # Of one time the rows keep the order in which the units were sold.
    Column("id", Integer, primary_key=True),
    *_texts("pool", "shop", "sku"),
    *_whole("units", "at"),
    sqlite_strict=True,
)

demand = _table(
    "demand",
    *_texts("shop", "sku"),
    *[Column(name, REAL, nullable=False) for name in ("sold", "seconds", "recent")],
    *_flag("stocked"),
    *_whole("at"),
    Index("demand_sku", "sku"),
    keys=("shop", "sku"),
)

locks = Table(
    "locks",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts("sku", "pool", "shop", "mode"),
    *_whole("units", "by_hand"),
    *_texts("schedule"),
    *_whole("released", "created_at"),
    *_texts("created_by"),
    *_maybe("ended_at"),
    sqlite_strict=True,
    # People name locks by their id: an old one must not come to mean another lock after a purge.
    sqlite_autoincrement=True,
)

uses = _table("uses", *_whole("lock"), *_texts("line"), *_whole("units"), keys=("lock", "line"))

feeds = _table(
    "feeds",
    *_texts("shop"),
    *_maybe("cursor"),
    *_texts("error"),
    *_maybe("failing_since"),
    keys=("shop",),
)

measures = _table(
    "measures",
    *_texts("shop", "what"),
    *_whole("bucket"),
    Column("amount", REAL, nullable=False),
    *_whole("at"),
    keys=("shop", "what", "bucket"),
)

pending = _table(
    "pending",
    *_texts("shop", "listing"),
    *_whole("since"),
    *_maybe("sold_at"),
    *_flag("held"),
    keys=("shop", "listing"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts("kind", "level", "place", "thing", "facts"),
    *_whole("began_at", "seen_at"),
    *_maybe("calm_at", "ended_at"),
    *_whole("times"),
    *_flag("flapping"),
    *_texts("due"),
    *_whole("due_at"),
    *_maybe("told_at"),
    *_texts("owed"),
    *_maybe("acked_at"),
    *_texts("acked_by"),
    # A start must find those that matter without reading what was.
    Index("alerts_live", "id", sqlite_where=text("ended_at IS NULL OR due <> '' OR owed <> ''")),
    sqlite_strict=True,
)

versions = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
