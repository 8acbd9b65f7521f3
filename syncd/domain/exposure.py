"""What buyers could take from each shop at this moment, and which shops can be written."""

import numpy as np

from syncd.domain.book import NOTHING, UNBOUNDED, Book
from syncd.domain.model import Bools, Ints
from syncd.domain.records import ShopStatus


def exposure(book: Book) -> Ints:
    """Return by (shop, sku) the units that buyers could take there now: upper(expected) x units, summed."""
    draws, listings = book.draws, book.state.listings
    total = np.zeros((len(book.topology.shops), len(book.skus)), dtype=np.int64)
    rows = np.flatnonzero(draws.sku != NOTHING)
    upper = np.array([_upper(listings[at].expected_hi) for at in draws.listing[rows]], dtype=np.int64)
    units = np.where(upper == UNBOUNDED, UNBOUNDED, upper * draws.units[rows])
    # A shop that left was seen off sale, whatever its counters read.
    units[book.shops_that_are(ShopStatus.RETIRED)[draws.shop[rows]]] = 0
    np.add.at(total, (draws.shop[rows], draws.sku[rows]), units)
    return np.minimum(total, UNBOUNDED)


def _upper(expected_hi: int | None) -> int:
    return UNBOUNDED if expected_hi is None else expected_hi


def writable_shops(book: Book) -> Bools:
    """Return by shop whether it can be written now."""
    unwritable = book.state.unwritable
    return np.array([shop.name not in unwritable for shop in book.topology.shops], dtype=np.bool_)
