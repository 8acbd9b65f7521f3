"""What buyers could take from each shop at this moment, and which shops can be written."""

from dataclasses import dataclass

import numpy as np

from syncd.domain.book import NOTHING, UNBOUNDED, Book
from syncd.domain.draws import Draws, draws_of
from syncd.domain.listing_columns import UNKNOWN
from syncd.domain.model import Bools, Ints
from syncd.domain.records import ShopStatus
from syncd.domain.topology import PoolMode


def exposure(book: Book) -> Ints:
    """Return by (shop, sku) the units that buyers could take there now: upper(expected) x units, summed.

    Without those of held listings, which no shop can lower.
    """
    return _shown(book, book.draws)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What listings that lost their binding can sell of the SKUs that they had.

    `by_shop` and `sets` are units by (shop, sku) and pieces by (shop, bundle), `UNBOUNDED` where a counter
    was never read.
    """

    by_shop: Ints
    sets: Ints


def held_units(book: Book) -> Held | None:
    """Return what held listings can sell, None where there is none: nearly always."""
    if not book.listings.held.any():
        return None
    rows = book.listings
    draws = draws_of(rows, book.topology, book.sku_index, book.bundles, held=True)
    sets = np.zeros((len(book.topology.shops), len(book.bundles.assemble)), dtype=np.int64)
    packed = np.flatnonzero(draws.bundle != NOTHING)
    listing, first = np.unique(draws.listing[packed], return_index=True)
    at = packed[first]
    upper = rows.hi[listing].astype(np.int64)
    pieces = np.where(upper == UNKNOWN, UNBOUNDED, upper * rows.units[listing])
    np.add.at(sets, (draws.shop[at], draws.bundle[at]), pieces)
    sets[book.shops_that_are(ShopStatus.RETIRED)] = 0
    return Held(by_shop=_shown(book, draws), sets=np.minimum(sets, UNBOUNDED))


def held_by_pool(book: Book, held: Held | None, available: Ints, known: Bools) -> tuple[Ints, Bools]:
    """Return by (pool, sku) what comes off split pools for held listings, and where nobody knows how much.

    A shop of several pools is charged to each up to what is `available`, and with the rest to the first that
    knows the SKU; where a shared one is among them, whose units every shop shows, that has the rest.
    """
    taken, unread = np.zeros_like(available), np.zeros(available.shape, dtype=np.bool_)
    if held is None:
        return taken, unread
    for at, shop in enumerate(book.topology.shops):
        left = held.by_shop[at].copy()
        mine = [index for index, pool in enumerate(book.topology.pools) if shop.name in pool.shops]
        split = [index for index in mine if book.topology.pools[index].mode is PoolMode.SPLIT]
        if not split or not left.any():
            continue
        unread[split] |= left >= UNBOUNDED
        # How much that is nobody knows; nothing is given meanwhile.
        left[left >= UNBOUNDED] = 0
        for index in split:
            part = np.minimum(np.maximum(available[index] - taken[index], 0), left) * known[index]
            taken[index] += part
            left -= part
        if len(mine) == len(split):
            first = np.array(split)[known[split].argmax(axis=0)]
            taken[first, np.arange(len(left))] += left
    return taken, unread & known


def _shown(book: Book, draws: Draws) -> Ints:
    total = np.zeros((len(book.topology.shops), len(book.skus)), dtype=np.int64)
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
