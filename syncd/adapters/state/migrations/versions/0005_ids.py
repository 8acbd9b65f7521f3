"""Which orders a source says that its figures contain, by their ids."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Give the sources the ids of the orders they contain; none are known of what was read before."""
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
        *[
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("watermarks", "counts", "included", "ids_of")
        ],
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO sources SELECT name, seq, as_of, full_at, kind, transfer_convention, contains, "
        "\"cursor\", error, failing_since, watermarks, counts, '{}', 'line' FROM sources_before"
    )
    op.drop_table("sources_before")
