"""The oracle's held listings: unbound ones that can still sell a SKU (DESIGN 4.2, 5), one after the other.

Where the text leaves a choice, this was chosen: in a shared pool, where every shop shows all there is, they
take nothing from the other shops, but of what a shop divides between its listings they come first; of several
split pools each has as much of them as it has, in the order of the configuration, and the first one what is
left, unless the shop draws on a shared pool too; a counter that was never read takes nothing away and lets
nothing be raised.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncd.domain.model import ListingRow, PoolName, ShopName, Sku
from syncd.domain.topology import PoolMode, Repeated, Shop
from tests.unit.domain.oracle_world import World

FAR = 1 << 40


@dataclass(slots=True, kw_only=True)
class Stuck:
    """What comes off each pool before anything is divided, and where nobody knows how much."""

    units: dict[tuple[PoolName, Sku], int]
    unknown: set[tuple[PoolName, Sku]] = field(default_factory=set)


def is_held(listing: ListingRow) -> bool:
    return bool(listing.sku and listing.unbound_because and not listing.gone)


def stuck(world: World, available: Mapping[tuple[PoolName, Sku], int]) -> Stuck:
    answer = Stuck(units=dict.fromkeys(available, 0))
    for shop in world.topology.shops:
        for sku in sorted({sku for _, sku in available}):
            units = held_in(world, shop.name, sku)
            mine = [pool for pool in world.topology.pools if shop.name in pool.shops]
            split = [p.name for p in mine if p.mode is PoolMode.SPLIT and (p.name, sku) in available]
            if units is None:
                answer.unknown |= {(name, sku) for name in split}
                continue
            for name in split:
                part = min(units, max(available[name, sku] - answer.units[name, sku], 0))
                answer.units[name, sku] += part
                units -= part
            if split and all(pool.mode is PoolMode.SPLIT for pool in mine):
                answer.units[split[0], sku] += units
    return answer


def held_in(world: World, shop: ShopName, sku: Sku) -> int | None:
    """Return the units of `sku` that held listings of `shop` can sell; None where nobody knows."""
    rows = [row for row in world.listings if row.shop == shop and is_held(row) and _each(world, row, sku)]
    if any(row.expected_hi is None for row in rows):
        return None
    return sum((row.expected_hi or 0) * _each(world, row, sku) for row in rows)


def sets_in(world: World, shop: ShopName, bundle: Sku) -> int:
    """Return how many of a bundle held listings of `shop` can sell."""
    rows = [row for row in world.listings if row.shop == shop and is_held(row) and row.sku == bundle]
    return sum((FAR if row.expected_hi is None else row.expected_hi) * row.units for row in rows)


def left_in(world: World, shop: Shop, units: Mapping[Sku, int]) -> dict[Sku, int]:
    """Return what is left for the other listings of a shop that divide what it may sell."""
    pools = [pool for pool in world.topology.pools if shop.name in pool.shops]
    if shop.repeated is Repeated.MIRROR or any(pool.mode is PoolMode.SPLIT for pool in pools):
        return dict(units)
    held = {sku: held_in(world, shop.name, sku) for sku in units}
    return {sku: 0 if (one := held[sku]) is None else max(mine - one, 0) for sku, mine in units.items()}


def _each(world: World, listing: ListingRow, sku: Sku) -> int:
    for bundle in world.topology.bundles:
        if bundle.sku == listing.sku:
            return bundle.components.get(sku, 0) * listing.units
    return listing.units if listing.sku == sku else 0
