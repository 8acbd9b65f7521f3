"""What is held says what it is and why; what of it is held now, and what people rejected of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables; what was held before is not known so well, and the next cycle holds it again."""
    op.drop_table("held")
    op.create_table(
        "held",
        *_texts("digest", "shop", "listing", "direction"),
        *_whole("bound"),
        *_texts("sku", "kind"),
        sa.Column("old", sa.Integer(), nullable=True),
        *_texts("cause", "rule", "setting"),
        *_whole("limit", "value"),
        *_texts("unit"),
        *_whole("saved_at"),
        sa.PrimaryKeyConstraint("digest", "shop", "listing", "direction"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "held_now",
        *_texts("digest", "since"),
        sa.PrimaryKeyConstraint("digest"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rejections",
        *_texts("shop", "listing", "direction"),
        *_whole("bound", "at"),
        *_texts("by"),
        sa.PrimaryKeyConstraint("shop", "listing", "direction"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
