"""What buyers could take from each shop at this moment, and which shops can be written."""

import numpy as np

from syncd.domain.book import UNBOUNDED, Book
from syncd.domain.listing_columns import UNKNOWN
from syncd.domain.model import Bools, Ints
from syncd.domain.records import ShopStatus


def exposure(book: Book) -> Ints:
    """Return by (shop, sku) the units that buyers could take there now: upper(expected) x units, summed."""
    draws, total = book.draws, np.zeros((len(book.topology.shops), len(book.skus)), dtype=np.int64)
    upper = book.listings.hi[draws.listing].astype(np.int64)
    units = upper * draws.units
    units[upper == UNKNOWN] = UNBOUNDED
    # A shop that left was seen off sale, whatever its counters read.
    retired = book.shops_that_are(ShopStatus.RETIRED)
    if retired.any():
        units[retired[draws.shop]] = 0
    draws.gathered(total, units, np.add)
    return np.minimum(total, UNBOUNDED)


def writable_shops(book: Book) -> Bools:
    """Return by shop whether it can be written now."""
    unwritable = book.state.unwritable
    return np.array([shop.name not in unwritable for shop in book.topology.shops], dtype=np.bool_)
