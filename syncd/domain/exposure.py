"""What buyers could take from each shop at this moment, and which shops can be written."""

import numpy as np

from syncd.domain.book import NOTHING, UNBOUNDED, Book
from syncd.domain.listing_columns import UNKNOWN
from syncd.domain.model import Bools, Ints
from syncd.domain.records import ShopStatus


def exposure(book: Book) -> Ints:
    """Return by (shop, sku) the units that buyers could take there now: upper(expected) x units, summed."""
    draws, total = book.draws, np.zeros((len(book.topology.shops), len(book.skus)), dtype=np.int64)
    rows = np.flatnonzero(draws.sku != NOTHING)
    upper = book.listings.hi[draws.listing[rows]].astype(np.int64)
    units = np.where(upper == UNKNOWN, UNBOUNDED, upper * draws.units[rows])
    # A shop that left was seen off sale, whatever its counters read.
    units[book.shops_that_are(ShopStatus.RETIRED)[draws.shop[rows]]] = 0
    np.add.at(total, (draws.shop[rows], draws.sku[rows]), units)
    return np.minimum(total, UNBOUNDED)


def writable_shops(book: Book) -> Bools:
    """Return by shop whether it can be written now."""
    unwritable = book.state.unwritable
    return np.array([shop.name not in unwritable for shop in book.topology.shops], dtype=np.bool_)
