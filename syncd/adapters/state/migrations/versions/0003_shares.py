"""The shares of split pools, what moves between them, and the demand that pulls."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of virtual warehouses."""
    op.create_table(
        "shares",
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("pool", "shop", "sku")],
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("pool", "shop", "sku"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "moves",
        sa.Column("id", sa.Integer(), primary_key=True),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("pool", "sku", "taken_from", "given_to")],
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("units", "at")],
        sqlite_strict=True,
    )
    op.create_table(
        "demand",
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("shop", "sku")],
        *[sa.Column(name, sa.REAL(), nullable=False) for name in ("sold", "seconds", "recent")],
        sa.Column("stocked", sa.Integer(), nullable=False),
        sa.CheckConstraint("stocked IN (0, 1)"),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "sku"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
