"""Listings as documents."""

from typing import Any

from syncd.domain.model import ListingId, ListingRow, ShopName
from syncd.ports.pages import CatalogueStore, ListingsWanted
from syncd.services.desk.asked import Asked, key_of, paged
from syncd.services.desk.shops import iso

Json = dict[str, Any]

_KIND = "listings"


async def listings_page(store: CatalogueStore, asked: Asked) -> Json:
    """Return the listings that the state knows, bound or not, as a page."""
    after = key_of(_KIND, asked.cursor, str, str)
    wanted = ListingsWanted(
        shop=asked.shop,
        sku=asked.sku,
        search=asked.search,
        unbound=asked.unbound,
        after=(ShopName(after[0]), ListingId(after[1])) if after else None,
        limit=asked.page + 1,
    )
    found = await store.listing_page(wanted)
    rows, following = paged(_KIND, found, asked.page, lambda row: (row.shop, row.id))
    return {"items": [listing_document(row) for row in rows], "next": following}


def listing_document(row: ListingRow) -> Json:
    """Return what a listing is bound to, and what it should and can read."""
    return {
        "shop": row.shop,
        "listing": row.id,
        "code": row.code,
        "title": row.title,
        "sku": row.sku,
        "units": row.units,
        "desired": row.desired,
        "expected": expected_of(row),
        "observed": row.observed,
        "observed_at": iso(row.observed_at),
        "on_sale": row.on_sale,
        "delisted_by": row.delisted_by,
        "unbound_because": row.unbound_because,
        "holds": holds_of(row),
        "gone": row.gone,
    }


def holds_of(row: ListingRow) -> int | None:
    """Return how many units of its last SKU an unbound listing can still sell, None where nobody knows."""
    if not row.is_held:
        return 0
    return None if row.expected_hi is None else row.expected_hi * row.units


def expected_of(row: ListingRow) -> list[int] | None:
    """Return between which figures a counter reads, None where nothing is known."""
    if row.expected_lo is None or row.expected_hi is None:
        return None
    return [row.expected_lo, row.expected_hi]
