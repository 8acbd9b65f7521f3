"""What was the matter, and who was told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"


def upgrade() -> None:
    """Make the table of alerts."""
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), primary_key=True),
        *[
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("kind", "level", "place", "thing", "facts")
        ],
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("began_at", "seen_at")],
        *[sa.Column(name, sa.Integer(), nullable=True) for name in ("calm_at", "ended_at")],
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("times", "flapping")],
        sa.CheckConstraint("flapping IN (0, 1)"),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.Integer(), nullable=True),
        sa.Column("owed", sa.Text(), nullable=False),
        sa.Column("acked_at", sa.Integer(), nullable=True),
        sa.Column("acked_by", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index(
        "alerts_live",
        "alerts",
        ["id"],
        sqlite_where=sa.text("ended_at IS NULL OR due <> '' OR owed <> ''"),
    )
