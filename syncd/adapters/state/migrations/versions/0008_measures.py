"""How long sales and decreases take, how many calls were throttled, and which decreases wait."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables of measures and of decreases that no shop has accepted yet."""
    op.create_table(
        "measures",
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("shop", "what")],
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("amount", sa.REAL(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "what", "bucket"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pending",
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("shop", "listing")],
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("sold_at", sa.Integer(), nullable=True),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.CheckConstraint("held IN (0, 1)"),
        sa.PrimaryKeyConstraint("shop", "listing"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
