"""Units that people lock for a shop or for nobody, and what orders used of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of locks."""
    op.create_table(
        "locks",
        sa.Column("id", sa.Integer(), primary_key=True),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("sku", "pool", "shop", "mode")],
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("units", "by_hand")],
        sa.Column("schedule", sa.Text(), nullable=False),
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("released", "created_at")],
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "uses",
        sa.Column("lock", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lock", "line"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
