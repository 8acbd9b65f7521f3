"""Which SKUs and listings hang together, so that what changes can be computed without all others."""

from dataclasses import dataclass

import numpy as np

from syncd.domain.book import NOTHING, Book
from syncd.domain.columns import Column, narrow
from syncd.domain.draws import draws_of
from syncd.domain.model import Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Every SKU and listing in a cluster, alone or with others; no figure of one rests on another.

    A listing is with all SKUs that it draws on, and with the others of its item where a delisting takes these
    along. `of_sku` and `of_listing` say which cluster; `skus` and `listings` stand one cluster after the
    other, and cluster c has those from `sku_start[c]` and `listing_start[c]` on.
    """

    of_sku: Column
    of_listing: Column
    skus: Column
    sku_start: Column
    listings: Column
    listing_start: Column

    def around(self, skus: Ints, listings: Ints) -> tuple[Ints, Ints]:
        """Return all SKUs and listings in the clusters of these, ascending."""
        chosen = np.unique(np.concatenate((self.of_sku[skus], self.of_listing[listings])))
        return (
            np.sort(_ranges(self.skus, self.sku_start, chosen)),
            np.sort(_ranges(self.listings, self.listing_start, chosen)),
        )


def clusters_of(book: Book, together: Ints, items: Ints) -> Clusters:
    """Return the clusters of a book; of the listings `together` those with the same of `items` are in one."""
    number = len(book.skus)
    of_sku = np.arange(number, dtype=np.int64)
    of_listing = number + np.arange(len(book.listings), dtype=np.int64)
    listing, sku = book.draws.listing, book.draws.sku
    if book.listings.held.any():
        # What a held listing can sell comes off its SKU.
        held = draws_of(book.listings, book.topology, book.sku_index, book.bundles, held=True)
        listing, sku = np.concatenate((listing, held.listing)), np.concatenate((sku, held.sku))
    listing, sku = listing[sku != NOTHING], sku[sku != NOTHING]
    group, member = np.unique(items, return_inverse=True)
    while True:
        before = of_sku.copy(), of_listing.copy()
        np.minimum.at(of_listing, listing, of_sku[sku])
        first = np.full(len(group), number + len(of_listing), dtype=np.int64)
        np.minimum.at(first, member, of_listing[together])
        of_listing[together] = first[member]
        np.minimum.at(of_sku, sku, of_listing[listing])
        # A SKU that is named by another one follows it at once, so that long chains take few rounds.
        of_sku = of_sku[of_sku]
        if np.array_equal(before[0], of_sku) and np.array_equal(before[1], of_listing):
            return _sorted(of_sku, of_listing)


def _sorted(of_sku: Ints, of_listing: Ints) -> Clusters:
    """Return the clusters by what each SKU and listing has in common with the others of its own."""
    # The names are few whole numbers from 0 on: marked, not looked for among all others.
    is_name = np.zeros(len(of_sku) + len(of_listing), dtype=np.bool_)
    is_name[of_sku] = True
    is_name[of_listing] = True
    number = np.cumsum(is_name) - 1
    skus, listings = narrow(number[of_sku]), narrow(number[of_listing])
    count = int(np.count_nonzero(is_name))
    return Clusters(
        of_sku=skus,
        of_listing=listings,
        skus=narrow(np.argsort(skus, kind="stable")),
        sku_start=_starts(skus, count),
        listings=narrow(np.argsort(listings, kind="stable")),
        listing_start=_starts(listings, count),
    )


def _starts(of: Column, count: int) -> Column:
    """Return where the members of each of so many clusters begin, and where the last ones end."""
    ends = np.cumsum(np.bincount(of, minlength=count))
    return narrow(np.concatenate((np.zeros(1, dtype=np.int64), ends)))


def _ranges(members: Column, start: Column, chosen: Column) -> Ints:
    """Return the members of the chosen clusters, one after the other."""
    first = start[chosen].astype(np.int64)
    count = start[chosen + 1] - first
    before = np.cumsum(count) - count
    within = np.arange(count.sum(), dtype=np.int64) - np.repeat(before, count)
    found: Ints = members[np.repeat(first, count) + within].astype(np.int64)
    return found
