"""Which listings orders are about, and what must be known of these to take the orders in."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from syncd.domain.model import ListingId, ListingRow, ShopName
from syncd.domain.ordering import PREFIX, Line, order_of
from syncd.domain.orders import OrderLine
from syncd.domain.records import ClaimRow, OrderRow
from syncd.domain.withheld import WITHHELD, withheld_listing
from syncd.ports.store import OrderStore
from syncd.services.feeds import Told
from syncd.services.readings import ShopReading


def listings_of(
    reading: ShopReading | None, lines: Sequence[OrderLine], rows: Mapping[str, OrderRow]
) -> dict[ListingId, ListingRow]:
    """Return the listings that orders are about; all of them where an order names none but only a code."""
    if reading is None or not (lines or rows):
        return {}
    named: list[Line] = [*lines, *rows.values()]
    wanted = {line.listing for line in named}
    codes = {line.code for line in named if not line.listing}
    return {row.id: row for row in reading.rows if row.id in wanted or row.code in codes}


def met(reading: ShopReading | None, listings: Mapping[ListingId, ListingRow]) -> frozenset[ListingId]:
    """Return which of the listings were read for the first time just now, or for the first time again."""
    if reading is None:
        return frozenset()
    before = {listing: reading.before.get(listing) for listing in listings}
    return frozenset(
        listing for listing, row in before.items() if row is None or row.expected_hi is None or row.gone
    )


def unsure(
    reading: ShopReading | None, listings: Mapping[ListingId, ListingRow], taken_in: datetime | None
) -> frozenset[ListingId]:
    """Return which of the listings had a write without an answer, or were read past the last whole intake.

    A counter that reads as if the write had not been applied may have been written and then sold from.
    """
    if reading is None:
        return frozenset()
    written = {intent.listing for intent in (*reading.resolved, *reading.open)}
    read_at = {id_: row.observed_at for id_, row in reading.before.items() if id_ in listings}
    past = {id_ for id_, at in read_at.items() if at is not None and taken_in is not None and at > taken_in}
    return frozenset(listings.keys() & (written | past))


def newly_bound(reading: ShopReading) -> set[ListingId]:
    """Return which listings were bound just now."""
    before = reading.before
    return {
        listing
        for listing, row in reading.changed.items()
        if row.sku and not (listing in before and before[listing].sku)
    }


async def places_of(
    told: Told, claims: Sequence[ClaimRow], store: OrderStore
) -> set[tuple[ShopName, ListingId]] | None:
    """Return the listings of all orders that were told or are claimed, and of claims of withheld units.

    None where that takes all listings: an order names none but only a code, or a shop tells its very first.
    """
    names: dict[ShopName, set[str]] = {}
    found: set[tuple[ShopName, ListingId]] = set()
    for shop, heard in told.heard.items():
        if heard.before.cursor is None or not all(line.listing for line in heard.lines):
            return None
        found.update((shop, line.listing) for line in heard.lines)
        mine = names.setdefault(shop, set())
        mine.update(line.line for line in heard.lines)
        mine.update(line.replaces for line in heard.lines if line.replaces)
    for claim in claims:
        if claim.line.startswith(WITHHELD):
            found.add((claim.shop, withheld_listing(claim)))
        elif claim.line.startswith(PREFIX):
            names.setdefault(claim.shop, set()).add(order_of(claim))
    for shop, mine in names.items():
        rows = await store.named_orders(shop, sorted(mine)) if mine else ()
        if not all(row.listing for row in rows):
            return None
        found.update((shop, row.listing) for row in rows)
    return found
