"""Which SKUs and listings hang together, so that what changes can be computed without all others."""

from dataclasses import dataclass

import numpy as np

from syncd.domain.columns import NOTHING, Column, narrow, spread, starts
from syncd.domain.draws import Bundles
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
        members = self.listings[spread(self.listing_start, chosen)[0]].astype(np.int64)
        # Each cluster's stand in order already, by which this way of sorting gains.
        return (
            np.sort(self.skus[spread(self.sku_start, chosen)[0]].astype(np.int64), kind="stable"),
            np.sort(np.concatenate((members, np.unique(listings[is_alone]))), kind="stable"),
        )


def clusters_of(
    skus: int, words: Column, word_sku: Column, word_bundle: Column, bundles: Bundles
) -> Clusters:
    """Return the clusters of so many SKUs.

    The listings are bound to `words`, which are places in `word_sku` and `word_bundle`: which SKU and bundle
    that is, if any. What is called like a bundle is the bundle. What a listing that is held can sell comes
    off its SKU, so that it is with it.
    """
    packed = word_bundle != NOTHING
    bundle = np.unique(word_bundle[packed])
    entry, count = spread(bundles.start, bundle)
    component, of = bundles.sku[entry], np.repeat(np.arange(len(bundle)), count)
    is_known = component != NOTHING
    of_sku, of_bundle = _joined(skus, component[is_known], of[is_known], len(bundle))
    of_word = np.full(len(word_sku), NOTHING, dtype=np.int64)
    single = word_sku != NOTHING
    of_word[single] = of_sku[word_sku[single]]
    of_word[packed] = of_bundle[np.searchsorted(bundle, word_bundle[packed])]
    name, number = np.unique(of_sku, return_inverse=True)
    known = of_word != NOTHING
    of_word[known] = np.searchsorted(name, of_word[known])
    of_listing = of_word[words]
    order = np.argsort(of_listing, kind="stable")
    alone = int(np.count_nonzero(of_listing == NOTHING))
    return Clusters(
        of_sku=narrow(number),
        of_word=narrow(of_word),
        words=words,
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
