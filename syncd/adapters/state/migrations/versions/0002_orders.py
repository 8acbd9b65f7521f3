"""Orders, how far they were taken in, and what sources say of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of orders; give the sources their watermarks."""
    _sources()
    _orders()
    op.create_table(
        "feeds",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failing_since", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("shop"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _sources() -> None:
    # Made anew and not altered, so that its text is the one that a fresh state has.
    op.rename_table("sources", "sources_before")
    op.create_table(
        "sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Integer(), nullable=True),
        sa.Column("full_at", sa.Integer(), nullable=True),
        *[
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("kind", "transfer_convention", "contains", "cursor", "error")
        ],
        sa.Column("failing_since", sa.Integer(), nullable=True),
        sa.Column("watermarks", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO sources SELECT name, seq, as_of, full_at, kind, transfer_convention, contains, "
        "\"cursor\", error, failing_since, '{}', 'created' FROM sources_before"
    )
    op.drop_table("sources_before")


def _orders() -> None:
    texts = ("shop", "order", "line", "listing", "code")
    op.create_table(
        "orders",
        *[sa.Column(name, sa.Text(), nullable=False) for name in texts],
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("units", "released", "shipped")],
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        *[sa.Column(name, sa.Integer(), nullable=True) for name in ("paid", "sent", "ended")],
        sa.Column("modified", sa.Integer(), nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("replaces", "doubt", "warehouse", "parts")],
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("off_least", "off_most", "grown")],
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.CheckConstraint("settled IN (0, 1)"),
        sa.PrimaryKeyConstraint("shop", "line"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("orders_replaces", "orders", ["shop", "replaces"], sqlite_where=sa.text("replaces <> ''"))
