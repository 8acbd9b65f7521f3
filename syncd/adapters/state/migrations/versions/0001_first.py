"""The first state: frozen, so it repeats the tables instead of asking today's schema for them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _maybe(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=True) for name in names]


def _flag(name: str, *, known: bool = True) -> list[Any]:
    return [sa.Column(name, sa.Integer(), nullable=not known), sa.CheckConstraint(f"{name} IN (0, 1)")]


def _table(name: str, *columns: Any, keys: tuple[str, ...], rowid: bool = False) -> None:  # noqa: ANN401
    constraints = [sa.PrimaryKeyConstraint(*keys)]
    options = {} if rowid else {"sqlite_with_rowid": False}
    op.create_table(name, *columns, *constraints, sqlite_strict=True, **options)


def _warehouse_tables() -> None:
    _table(
        "sources",
        *_texts("name"),
        *_whole("seq"),
        *_maybe("as_of", "full_at"),
        *_texts("kind", "transfer_convention", "contains", "cursor", "error"),
        *_maybe("failing_since"),
        keys=("name",),
    )
    _table(
        "stock",
        *_texts("source", "sku", "warehouse"),
        *_whole("as_of", "missed"),
        *_flag("bad"),
        *_whole("on_hand", "allocated", "unsellable", "locked", "virtual", "transfer_out", "in_air"),
        keys=("source", "sku", "warehouse"),
    )
    _table("unrouted", *_texts("source", "sku"), *_whole("units"), keys=("source", "sku"))


def _shop_tables() -> None:
    _table(
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
        keys=("shop", "id"),
    )
    _table(
        "shops",
        *_texts("name", "status"),
        *_maybe("observed_at", "accepted_at"),
        *_texts("fingerprint", "error"),
        *_maybe("failing_since"),
        *_texts("blocked"),
        keys=("name",),
    )
    _table(
        "levels",
        *_texts("pool", "shop", "sku"),
        *_whole("off_since", "agree", "seq"),
        keys=("pool", "shop", "sku"),
    )
    _table(
        "claims",
        *_texts("shop", "line", "sku", "warehouse"),
        *_whole("units", "at"),
        keys=("shop", "line"),
    )


def _plan_tables() -> None:
    _table(
        "intents",
        *_texts("key", "shop", "listing", "item", "action"),
        *_whole("value"),
        *_maybe("base"),
        *_whole("target"),
        *_texts("cause", "rule"),
        *_whole("created_at"),
        *_maybe("sent_at"),
        *_texts("resolution", "message"),
        keys=("key",),
        rowid=True,
    )
    op.create_index("intents_open", "intents", ["created_at"], sqlite_where=sa.text("resolution = 'open'"))
    _table(
        "held",
        *_texts("digest", "shop", "listing", "direction"),
        *_whole("bound", "saved_at"),
        keys=("digest", "shop", "listing", "direction"),
    )
    _table(
        "approvals",
        *_texts("shop", "listing", "direction"),
        *_whole("bound", "until"),
        keys=("shop", "listing", "direction"),
    )


def _record_tables() -> None:
    _table(
        "ledger",
        *_whole("id", "at"),
        *_texts("shop", "listing", "sku", "what"),
        *_maybe("old", "new"),
        *_texts("cause", "rule", "who"),
        keys=("id",),
        rowid=True,
    )
    op.create_index("ledger_at", "ledger", ["at"])
    op.create_index("ledger_sku", "ledger", ["sku"])
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), primary_key=True),
        *_texts("verb", "argument"),
        *_whole("asked_at"),
        *_texts("asked_by", "answer"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )


def upgrade() -> None:
    """Make the tables."""
    _warehouse_tables()
    _shop_tables()
    _plan_tables()
    _record_tables()
