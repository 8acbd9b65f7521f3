"""What shops sold on their `extra`."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table of units sold on `extra`."""
    op.create_table(
        "extras",
        sa.Column("id", sa.Integer(), primary_key=True),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("pool", "shop", "sku")],
        *[sa.Column(name, sa.Integer(), nullable=False) for name in ("units", "at")],
        sqlite_strict=True,
    )
