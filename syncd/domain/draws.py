"""What the listings draw on: SKUs, alone or as the components of bundles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syncd.domain.columns import NOTHING, coded, spread
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import Bools, Ints, Sku
from syncd.domain.topology import Bundle, Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """What the listings draw on, one row per (listing, SKU), sorted by shop, SKU and listing.

    `units` of `sku` make one unit of `listing`; a bundle has one row per component. `cell` is the place in a
    flattened column by (shop, sku), any where the SKU is not `known`; `start` are the first rows of all that
    draw on the same SKU in the same shop.
    """

    listing: Ints
    sku: Ints
    shop: Ints
    units: Ints
    bundle: Ints
    cell: Ints
    known: Bools
    start: Ints

    def any_of(self, flags: Bools, listings: int) -> Bools:
        """Return which of so many listings draw on a SKU that is marked by (shop, sku)."""
        found = np.zeros(listings, dtype=np.bool_)
        if flags.any():
            found[self.listing[flags.ravel()[self.cell] & self.known]] = True
        return found

    def gathered(self, into: Ints, figures: Ints, by: np.ufunc) -> None:
        """Put into a column by (shop, sku) what the figures of all that draw on the SKU come to."""
        if self.start.size:
            total, known = by.reduceat(figures, self.start), self.known[self.start]
            into.ravel()[self.cell[self.start[known]]] = total[known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundles:
    """The components of all bundles; bundle b owns the entries `start[b]:start[b + 1]`, sorted by code."""

    index: Mapping[Sku, int]
    start: Ints
    sku: Ints
    units: Ints
    known: Bools
    assemble: tuple[str, ...]

    def take(self, wanted: Ints, names: Sequence[Sku], skus: Ints) -> "Bundles":
        """Return only the bundles at `wanted`, which are called `names`, in a catalogue of only `skus`.

        These are places that ascend; a component that is not among them is not known there.
        """
        entry, count = spread(self.start, wanted)
        sku = self.sku[entry]
        place = np.minimum(np.searchsorted(skus, sku), max(len(skus) - 1, 0))
        here = skus[place] == sku if len(skus) else np.zeros(len(sku), dtype=np.bool_)
        known = np.ones(len(wanted), dtype=np.bool_)
        known[np.repeat(np.arange(len(wanted)), count)[~here]] = False
        return Bundles(
            index={name: at for at, name in enumerate(names)},
            start=np.concatenate(([0], np.cumsum(count))),
            sku=np.where(here, place, NOTHING),
            units=self.units[entry],
            known=known,
            assemble=tuple(self.assemble[at] for at in wanted.tolist()),
        )


def bundles_of(bundles: Sequence[Bundle], sku_index: Mapping[Sku, int]) -> Bundles:
    """Return the components of bundles as columns."""
    entries = [(b, sku, units) for b, bundle in enumerate(bundles) for sku, units in _sorted(bundle)]
    lengths = [len(bundle.components) for bundle in bundles]
    sku = np.array([sku_index.get(sku, NOTHING) for _, sku, _ in entries], dtype=np.int64)
    known = np.ones(len(bundles), dtype=np.bool_)
    for (bundle, _, _), at in zip(entries, sku, strict=True):
        known[bundle] &= at != NOTHING
    return Bundles(
        index={bundle.sku: index for index, bundle in enumerate(bundles)},
        start=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64),
        sku=sku,
        units=np.array([units for _, _, units in entries], dtype=np.int64),
        known=known,
        assemble=tuple(bundle.assemble.value for bundle in bundles),
    )


def _sorted(bundle: Bundle) -> list[tuple[Sku, int]]:
    return sorted(bundle.components.items())


def draws_of(
    rows: ListingColumns,
    topology: Topology,
    sku_index: Mapping[Sku, int],
    bundles: Bundles,
    *,
    held: bool = False,
) -> Draws:
    """Return what the listings of configured shops draw on; unbound and gone ones draw on nothing.

    Those that are `held` are unbound too: only who asks for them is told what they can sell.
    """
    shops = {shop.name: index for index, shop in enumerate(topology.shops)}
    shop = coded(rows.shop, rows.shops, shops)
    bundle = coded(rows.sku, rows.skus, bundles.index)
    sku = coded(rows.sku, rows.skus, sku_index)
    drawing = (rows.held if held else rows.bound) & (shop != NOTHING) & ~rows.gone
    single = np.flatnonzero(drawing & (bundle == NOTHING))
    packed = np.flatnonzero(drawing & (bundle != NOTHING))
    entry, count = spread(bundles.start, bundle[packed])
    listing = np.concatenate((single, np.repeat(packed, count)))
    of_draw = np.concatenate((sku[single], bundles.sku[entry]))
    times = np.repeat(rows.units[packed].astype(np.int64), count)
    each = np.concatenate((rows.units[single], bundles.units[entry] * times))
    of_shop = shop[listing]
    # No two rows are of one listing and SKU, so that one number says all of the order.
    # Most of it is in that order as it comes, by which this way of sorting gains.
    order = np.argsort(
        (of_shop * (len(sku_index) + 1) + of_draw) * max(len(rows), 1) + listing, kind="stable"
    )
    sku, of_shop = of_draw[order], of_shop[order]
    known = sku != NOTHING
    cell = of_shop * len(sku_index) + np.maximum(sku, 0)
    return Draws(
        shop=of_shop,
        sku=sku,
        listing=listing[order],
        units=each[order],
        bundle=bundle[listing][order],
        cell=cell,
        known=known,
        start=np.flatnonzero(np.diff(cell, prepend=-1) | np.diff(known, prepend=False)),
    )
