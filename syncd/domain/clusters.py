"""Which SKUs and listings hang together, so that what changes can be computed without all others."""

from dataclasses import dataclass

import numpy as np

from syncd.domain.columns import NOTHING, Column, narrow, places_in
from syncd.domain.draws import Bundles, entries_of
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Every SKU in a cluster, alone or with others, and the listings with what they are bound to.

    No figure of one rests on another: SKUs are together where a listed bundle is made of them. `of_sku` says
    which cluster, and `of_word` which one whatever is bound to a code is in, `NOTHING` where that draws on no
    SKU; `words` are the codes that listings are bound to, as places in `of_word`. `skus` and `listings` stand
    one cluster after the other, and cluster c has those from `sku_start[c]` and `listing_start[c]` on.
    """

    of_sku: Column
    of_word: Column
    words: Column
    skus: Column
    sku_start: Column
    listings: Column
    listing_start: Column

    def around(self, skus: Ints, listings: Ints) -> tuple[Ints, Ints]:
        """Return all SKUs and listings in the clusters of these, ascending."""
        of_listing = self.of_word[self.words[listings]]
        is_alone = of_listing == NOTHING
        chosen = np.unique(np.concatenate((self.of_sku[skus], of_listing[~is_alone])))
        members = ranges(self.listings, self.listing_start, chosen)
        # Each cluster's stand in order already, by which this way of sorting gains.
        return (
            np.sort(ranges(self.skus, self.sku_start, chosen), kind="stable"),
            np.sort(np.concatenate((members, np.unique(listings[is_alone]))), kind="stable"),
        )


def clusters_of(skus: int, listings: ListingColumns, of_word: Column, bundles: Bundles) -> Clusters:
    """Return the clusters of so many SKUs; `of_word` are the SKUs that the listings' words stand for.

    What is called like a bundle is the bundle. What a listing that is held can sell comes off its SKU, so
    that it is with it.
    """
    packed = places_in(listings.skus, bundles.index)
    bundle = np.unique(packed[packed != NOTHING])
    entry, count = entries_of(bundles, bundle)
    component, of = bundles.sku[entry], np.repeat(np.arange(len(bundle)), count)
    is_known = component != NOTHING
    of_sku, of_bundle = _joined(skus, component[is_known], of[is_known], len(bundle))
    words = np.where(of_word == NOTHING, NOTHING, of_sku[np.maximum(of_word, 0)] if skus else NOTHING)
    words[packed != NOTHING] = of_bundle[np.searchsorted(bundle, packed[packed != NOTHING])]
    name, number = np.unique(of_sku, return_inverse=True)
    known = words != NOTHING
    words[known] = np.searchsorted(name, words[known])
    of_listing = words[listings.sku]
    order = np.argsort(of_listing, kind="stable")
    alone = int(np.count_nonzero(of_listing == NOTHING))
    return Clusters(
        of_sku=narrow(number),
        of_word=narrow(words),
        words=listings.sku,
        skus=narrow(np.argsort(number, kind="stable")),
        sku_start=starts(number, len(name)),
        listings=narrow(order[alone:]),
        listing_start=starts(of_listing[order[alone:]], len(name)),
    )


def _joined(skus: int, component: Ints, bundle: Ints, bundles: int) -> tuple[Ints, Ints]:
    """Return what every SKU and bundle has in common with all that they are in one cluster with.

    A bundle without any known component has nothing in common with anything.
    """
    of_sku = np.arange(skus, dtype=np.int64)
    of_bundle = np.full(bundles, skus, dtype=np.int64)
    while True:
        before = of_sku.copy()
        np.minimum.at(of_bundle, bundle, of_sku[component])
        np.minimum.at(of_sku, component, of_bundle[bundle])
        # A SKU that is named by another one follows it at once, so that long chains take few rounds.
        of_sku = of_sku[of_sku]
        if np.array_equal(before, of_sku):
            return of_sku, np.where(of_bundle == skus, NOTHING, of_bundle)


def starts(of: Column, count: int) -> Column:
    """Return where the members of each of so many groups begin, and where the last ones end."""
    ends = np.cumsum(np.bincount(of, minlength=count))
    return narrow(np.concatenate((np.zeros(1, dtype=np.int64), ends)))


def ranges(members: Column, start: Column, chosen: Column) -> Ints:
    """Return the members of the chosen groups, one group after the other."""
    first = start[chosen].astype(np.int64)
    count = start[chosen + 1] - first
    before = np.cumsum(count) - count
    within = np.arange(count.sum(), dtype=np.int64) - np.repeat(before, count)
    found: Ints = members[np.repeat(first, count) + within].astype(np.int64)
    return found
