"""What the counters of the shops can read at this moment, as intervals (DESIGN 6)."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from syncd.domain.book import NOTHING, Book
from syncd.domain.columns import Column, coded
from syncd.domain.listing_columns import UNKNOWN
from syncd.domain.model import Bools, Ints, ListingRow, ObservedListing, OffReason

TAKEN = "syncd"
PUT_BACK = "put_back"
TAKEN_AGAIN = "syncd_again"
LEFT = "left"
"""A person put back what syncd took down: it is taken down once more, and then left alone."""

DELISTED_BY_US = (TAKEN, TAKEN_AGAIN, "platform")
"""Who took a listing off sale so that syncd may put it back; a platform's own sold-out counts as ours."""


READ_AT = ListingRow._fields.index("observed_at")
"""Where a row has the time of its last reading, which is new with each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """The listings' counters as columns; `on_sale` is 1, 0, or -1 where the platform did not say.

    `lo` and `hi` bound the counter; a row whose counter was never read has `observed` False and 0..0.
    `unread` says that its highest reading is not known. `sells` says that it is bound and that buyers
    can buy from it now, as far as is known. `ours` says that syncd, or the platform for having sold out,
    took the listing off sale.
    """

    shop: Ints
    lo: Ints
    hi: Ints
    observed: Bools
    unread: Bools
    sells: Bools
    withheld: Ints
    on_sale: Column
    ours: Bools
    desired: Ints
    want_off: Bools


def counters(book: Book) -> Counters:
    """Return the counters of all listings; those of shops without configuration count as never read."""
    shops = {shop.name: index for index, shop in enumerate(book.topology.shops)}
    rows = book.listings
    shop = coded(rows.shop, rows.shops, shops)
    lo, hi = (bound.astype(np.int64) for bound in (rows.lo, rows.hi))
    read, unread = lo != UNKNOWN, hi == UNKNOWN
    lo[~read], hi[unread] = 0, 0
    desired = rows.desired.astype(np.int64)
    desired[desired == UNKNOWN] = NOTHING
    here = (shop != NOTHING) & ~rows.gone
    ours = np.array([hand in DELISTED_BY_US for hand in rows.hands], dtype=np.bool_)
    return Counters(
        shop=np.maximum(shop, 0),
        lo=lo,
        hi=hi,
        observed=here & read,
        unread=unread,
        # What is unbound is nobody's to take off sale: it must not make "all at once" look like less.
        sells=here & rows.bound & (rows.on_sale != 0) & (hi > 0),
        withheld=rows.withheld.astype(np.int64),
        on_sale=rows.on_sale,
        ours=ours[rows.delisted_by],
        desired=desired,
        want_off=rows.want_off,
    )


def seen(row: ListingRow, now: ObservedListing, at: datetime) -> ListingRow:
    """Return `row` as an observation proves it: the counter is what was read, whoever wrote it.

    A quantity that could not be read proves nothing and leaves the interval. A listing that went off sale
    keeps `delisted_by` if syncd did it; otherwise the platform's reason decides, and without one a person is
    blamed, because putting back what a person took down is worse than leaving it.
    """
    if _is_as_before(row, now):
        # Nearly all are, and every listing of every reading comes by here.
        return ListingRow._make((*row[:READ_AT], at, *row[READ_AT + 1 :]))
    lo, hi = row.expected_lo, row.expected_hi
    if now.quantity is not None:
        lo = hi = now.quantity
    return ListingRow(
        shop=row.shop,
        id=row.id,
        code=now.code,
        item=now.item,
        location=now.location,
        title=now.title,
        sku=row.sku,
        units=row.units,
        unbound_because=row.unbound_because,
        desired=row.desired,
        want_off=row.want_off,
        expected_lo=lo,
        expected_hi=hi,
        observed=now.quantity if now.quantity is not None else row.observed,
        observed_at=at,
        # Both are known or none: what could not be read is not 0.
        withheld=row.withheld if now.quantity is None else now.withheld,
        on_sale=row.on_sale if now.on_sale is None else now.on_sale,
        delisted_by=_delisted_by(row, now),
        gone=False,
        deducts=now.deducts,
    )


def _is_as_before(row: ListingRow, now: ObservedListing) -> bool:
    """Return whether a listing that is on sale reads in all as it should, so that only the time is new."""
    return (
        now.on_sale is True
        and row.on_sale is True
        and row.expected_lo == row.expected_hi == row.observed == now.quantity
        and row.observed is not None
        and (row.withheld, row.delisted_by, row.gone) == (now.withheld, "", False)
        and (row.code, row.item, row.title) == (now.code, now.item, now.title)
        and (row.location, row.deducts) == (now.location, now.deducts)
    )


def _delisted_by(row: ListingRow, now: ObservedListing) -> str:
    if now.on_sale is None:
        return row.delisted_by
    if now.on_sale:
        return _put_back(row)
    if now.off_reason is OffReason.VIOLATION:
        return "violation"
    if row.delisted_by in (TAKEN, TAKEN_AGAIN):
        return row.delisted_by
    if now.off_reason is OffReason.SOLD_OUT:
        return "platform"
    return row.delisted_by if row.delisted_by in ("person", "platform", "violation") else "person"


def _put_back(row: ListingRow) -> str:
    """Return how to remember a listing that is on sale though it should not be; empty if it should."""
    if not row.want_off:
        return ""
    following = {TAKEN: PUT_BACK, TAKEN_AGAIN: LEFT, PUT_BACK: PUT_BACK, LEFT: LEFT}
    return following.get(row.delisted_by, "")
