"""From a shop's units to the quantities of its listings: packs, bundles, repeats (DESIGN 4.5 step 15)."""

from dataclasses import dataclass

import numpy as np

from syncd.domain.availability import Availability
from syncd.domain.book import NOTHING, Book, Levels, warehouse_index
from syncd.domain.division import UNCAPPED, divide
from syncd.domain.exposure import held_units
from syncd.domain.levels import EdgeRules
from syncd.domain.model import Bools, Ints
from syncd.domain.records import ShopStatus
from syncd.domain.shares import Shares
from syncd.domain.topology import Assemble, PoolMode, Repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """What each listing should show; `units` is `NOTHING` where nothing is known or may be written."""

    units: Ints
    off: Bools
    shaky: Bools
    vanished: Bools


def quantities(
    book: Book, pools: Availability, levels: Levels, rules: EdgeRules, given: Shares
) -> Quantities:
    """Return the quantity of every listing; unbound, gone and unwritable ones are unknown."""
    draws = book.draws
    of_draw = _per_draw(book, given, bundle_limits(book, pools, levels, rules))
    shape = len(book.listings)
    units = np.full(shape, UNCAPPED, dtype=np.int64)
    alone = draws.bundle == NOTHING
    # Only a set draws on more than one SKU.
    units[draws.listing[alone]] = of_draw[alone]
    np.minimum.at(units, draws.listing[~alone], of_draw[~alone])
    units[units == UNCAPPED] = NOTHING
    known = draws.known & given.known.ravel()[draws.cell]
    units[draws.listing[~known]] = NOTHING
    if not given.writable.all():
        units[draws.listing[~given.writable[draws.shop]]] = NOTHING
    off = draws.any_of(given.off, shape) & (units != NOTHING)
    # That a shop leaves was decided by a person, whatever is known of its SKUs.
    leaving = np.zeros(shape, dtype=np.bool_)
    if (retiring := book.shops_that_are(ShopStatus.RETIRING)).any():
        leaving[draws.listing[retiring[draws.shop]]] = True
    off |= leaving
    units[off] = 0
    vanished = draws.any_of(given.vanished, shape) & ~leaving
    return Quantities(units=units, off=off, shaky=draws.any_of(given.shaky, shape), vanished=vanished)


def bundle_limits(book: Book, pools: Availability, levels: Levels, rules: EdgeRules) -> Ints:
    """Return by (shop, bundle) how many can be packed together; `UNCAPPED` where only the shop's units limit.

    In a split pool the limit is divided between the shops that list the bundle, so that no two of them count
    on the same packing. What held listings can sell of it is packed first.
    """
    bundles, topology = book.bundles, book.topology
    limits = np.zeros((len(topology.shops), len(bundles.assemble)), dtype=np.int64)
    if not bundles.assemble:
        return limits
    lists = np.zeros(limits.shape, dtype=np.bool_)
    packed = book.draws.bundle != NOTHING
    lists[book.draws.shop[packed], book.draws.bundle[packed]] = True
    by_pool = _packable(book, pools)
    held = held_units(book)
    # A component without a cell counts as none; its index is replaced by any valid one and masked.
    sku = np.maximum(bundles.sku, 0)
    starts = bundles.start[:-1]
    for index, pool in enumerate(topology.pools):
        edges = np.flatnonzero(rules.pool == index)
        on = ~np.logical_or.reduceat(levels.off[np.ix_(edges, sku)], starts, axis=1)
        part = np.broadcast_to(by_pool[index], on.shape)
        if pool.mode is PoolMode.SPLIT:
            sets = by_pool[index]
            if held is not None:
                sets = np.maximum(sets - held.sets[rules.shop[edges]].sum(axis=0), 0)
            weights = rules.weight[np.ix_(edges, sku[starts])] * lists[rules.shop[edges]]
            part = divide(sets, weights.T, np.full(weights.T.shape, UNCAPPED)).T
        elif held is not None:
            sets = held.sets[rules.shop[edges]] * _divides(book)[rules.shop[edges]][:, None]
            part = np.maximum(part - sets, 0)
        limits[rules.shop[edges]] += np.where(on, part, 0)
    free = np.array([name == Assemble.SHOP for name in bundles.assemble])
    return np.where(free, UNCAPPED, limits)


def _packable(book: Book, pools: Availability) -> Ints:
    """Return by (pool, bundle) how many sets lie together in one warehouse, or in the pool."""
    bundles = book.bundles
    sku, there = np.maximum(bundles.sku, 0), bundles.sku != NOTHING
    starts = bundles.start[:-1]

    def sets(units: Ints) -> Ints:
        whole = np.where(there, np.maximum(units[:, sku], 0) // bundles.units, 0)
        return np.minimum.reduceat(whole, starts, axis=1)

    together = sets(pools.net + pools.virtual_by_warehouse)
    places = warehouse_index(book.topology)
    rows = [[places[name] for name in pool.warehouses] for pool in book.topology.pools]
    by_warehouse = np.stack([together[members].sum(axis=0) for members in rows])
    in_pool = np.array([name == Assemble.POOL for name in bundles.assemble])
    return np.where(in_pool, sets(pools.available), by_warehouse)


def _per_draw(book: Book, given: Shares, limits: Ints) -> Ints:
    """Return for every draw the quantity that it allows its listing."""
    draws = book.draws
    total = np.maximum(given.quantity.ravel()[draws.cell], 0) * draws.known
    divides = _divides(book)[draws.shop]
    if (beside := _held_beside(book)) is not None:
        total = np.maximum(total - beside.ravel()[draws.cell], 0) * draws.known
    cap = _bundle_caps(book, total, limits, divides)
    allowed: Ints = np.minimum(total, cap) // np.maximum(draws.units, 1)
    size = np.diff(draws.start, append=len(draws.sku))
    for k in np.unique(size[size > 1]):
        start = draws.start[size == k]
        start = start[divides[start] & draws.known[start]]
        if not start.size:
            continue
        rows = start[:, None] + np.arange(k)
        allowed[rows] = _divided(total[start], cap[rows], draws.units[rows], draws.bundle[rows] != NOTHING)
    return allowed


def _divides(book: Book) -> Bools:
    """Return by shop whether its listings of one SKU divide the units (always in split pools)."""
    split = {shop for pool in book.topology.pools if pool.mode is PoolMode.SPLIT for shop in pool.shops}
    return np.array(
        [shop.repeated is Repeated.SPLIT or shop.name in split for shop in book.topology.shops],
        dtype=np.bool_,
    )


def _held_beside(book: Book) -> Ints | None:
    """Return by (shop, sku) what held listings take of what their shop may sell; None where there are none.

    Off split pools it comes before these are divided, and shops whose listings all show the same show it too.
    """
    held = held_units(book)
    if held is None:
        return None
    split = {shop for pool in book.topology.pools if pool.mode is PoolMode.SPLIT for shop in pool.shops}
    counts = [shop.name not in split and shop.repeated is Repeated.SPLIT for shop in book.topology.shops]
    return held.by_shop * np.array(counts, dtype=np.bool_)[:, None]


def _bundle_caps(book: Book, total: Ints, limits: Ints, divides: Bools) -> Ints:
    """Return for every draw the most units it can use: sets are bounded by all components and by packing."""
    draws = book.draws
    cap = np.full(len(draws.sku), UNCAPPED, dtype=np.int64)
    rows = np.flatnonzero(draws.bundle != NOTHING)
    if not rows.size:
        return cap
    sets = np.full(len(book.listings), UNCAPPED, dtype=np.int64)
    np.minimum.at(sets, draws.listing[rows], total[rows] // draws.units[rows])
    together = _packings(book, limits, rows, divides)
    cap[rows] = np.minimum(sets[draws.listing[rows]], together) * draws.units[rows]
    return cap


def _packings(book: Book, limits: Ints, rows: Ints, divides: Bools) -> Ints:
    """Return for each of the draws `rows` how often its listing can be packed.

    Listings of one bundle divide what their shop can pack as they divide its units, or two of them would
    count on the same packing.
    """
    draws = book.draws
    listing, first = np.unique(draws.listing[rows], return_index=True)
    at = rows[first]
    sets = limits[draws.shop[at], draws.bundle[at]]
    group = draws.shop[at] * limits.shape[1] + draws.bundle[at]
    order = np.argsort(group, kind="stable")
    start = np.flatnonzero(np.diff(group[order], prepend=-1))
    size = np.diff(start, append=len(order))
    for k in np.unique(size[size > 1]):
        members = order[start[size == k][:, None] + np.arange(k)]
        members = members[divides[at[members[:, 0]]]]
        weights = np.ones(members.shape, dtype=np.int64)
        sets[members] = divide(sets[members[:, 0]], weights, np.full(members.shape, UNCAPPED))
    # The packing limit counts single sets; a listing may sell several as one.
    times = sets // book.listings.units[listing]
    packings: Ints = times[np.searchsorted(listing, draws.listing[rows])]
    return packings


def _divided(total: Ints, cap: Ints, units: Ints, bundle: Bools) -> Ints:
    """Return the quantities of k listings that share `total` units; arrays of shape (rows, k).

    Equal parts in units, no bundle more than it can use; what single packs leave over goes to the smallest.
    """
    portion = divide(total, np.ones_like(cap), cap)
    whole = portion // units
    single = ~bundle
    spare = np.where(single, portion - whole * units, 0).sum(axis=1)
    smallest = np.argmin(np.where(single, units, UNCAPPED), axis=1)
    rows = np.flatnonzero(single.any(axis=1))
    whole[rows, smallest[rows]] += spare[rows] // units[rows, smallest[rows]]
    return whole
