"""When the counter of a listing falls, where its shop says it of each, and by which of that an order goes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _maybe(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=True) for name in names]


def upgrade() -> None:
    """Give listings and orders the column; nothing is known of what stands there already."""
    # Made anew and not altered, so that their text is the one that a fresh state has.
    op.rename_table("listings", "listings_before")
    _make_listings()
    op.execute("INSERT INTO listings SELECT *, 'unknown' FROM listings_before")
    op.drop_table("listings_before")
    op.drop_index("orders_replaces", "orders")
    op.rename_table("orders", "orders_before")
    _make_orders()
    op.execute("INSERT INTO orders SELECT *, 'unknown' FROM orders_before")
    op.drop_table("orders_before")


def _make_listings() -> None:
    op.create_table(
        "listings",
        *_texts("shop", "id", "code", "item", "location", "title", "sku"),
        *_whole("units"),
        *_texts("unbound_because"),
        *_maybe("desired"),
        *_whole("want_off"),
        *_maybe("expected_lo", "expected_hi", "observed", "observed_at"),
        *_whole("withheld"),
        *_maybe("on_sale"),
        *_texts("delisted_by"),
        *_whole("gone"),
        *_texts("deducts"),
        *[sa.CheckConstraint(f"{name} IN (0, 1)") for name in ("want_off", "on_sale", "gone")],
        sa.PrimaryKeyConstraint("shop", "id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _make_orders() -> None:
    op.create_table(
        "orders",
        *_texts("shop", "order", "line", "listing", "code"),
        *_whole("units", "released", "shipped"),
        *_texts("stage"),
        *_whole("created"),
        *_maybe("paid", "sent", "ended"),
        *_whole("modified"),
        *_texts("replaces", "doubt", "warehouse", "parts"),
        *_whole("off_least", "off_most", "grown", "settled"),
        *_texts("deducts"),
        sa.CheckConstraint("settled IN (0, 1)"),
        sa.PrimaryKeyConstraint("shop", "line"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("orders_replaces", "orders", ["shop", "replaces"], sqlite_where=sa.text("replaces <> ''"))
