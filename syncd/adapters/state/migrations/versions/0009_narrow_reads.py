"""Find what concerns a few SKUs or items without reading the rest."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the indexes; a figure that changes moves none of them."""
    for table in ("stock", "listings", "levels", "shares", "demand"):
        op.create_index(f"{table}_sku", table, ["sku"])
    op.create_index("listings_item", "listings", ["item"])
