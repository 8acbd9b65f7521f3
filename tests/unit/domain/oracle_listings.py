"""The oracle's steps from what a shop may sell to what each of its listings should read."""

from collections.abc import Mapping
from dataclasses import dataclass

from syncd.domain.model import ListingId, ListingRow, PoolName, ShopName, Sku
from syncd.domain.topology import Assemble, Bundle, Pool, PoolMode, Repeated, Shop
from tests.unit.domain.oracle_held import is_held, left_in, sets_in
from tests.unit.domain.oracle_locks import units_of
from tests.unit.domain.oracle_rules import setting, webster
from tests.unit.domain.oracle_stock import StockAnswer, sellable_in
from tests.unit.domain.oracle_world import Edge, ListingFigures, ShopFigures, World

UNTOUCHED = ListingFigures(desired=None, want_off=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """One shop at work: the figures of the steps before, and its listings that can be given a figure."""

    world: World
    stock: StockAnswer
    edges: Mapping[tuple[PoolName, ShopName, Sku], Edge]
    shop: Shop
    pools: tuple[Pool, ...]
    units: Mapping[Sku, int]
    off: frozenset[Sku]
    drawing: tuple[ListingRow, ...]


def listings(
    world: World,
    stock: StockAnswer,
    edges: Mapping[tuple[PoolName, ShopName, Sku], Edge],
    shops: Mapping[tuple[ShopName, Sku], ShopFigures],
) -> dict[tuple[ShopName, ListingId], ListingFigures]:
    answer = {(listing.shop, listing.id): UNTOUCHED for listing in world.listings}
    for shop in world.topology.shops:
        units = {s: f.units for (name, s), f in shops.items() if name == shop.name and f.units is not None}
        mine = [row for row in world.listings if row.shop == shop.name]
        counter = Counter(
            world=world,
            stock=stock,
            edges=edges,
            shop=shop,
            pools=tuple(pool for pool in world.topology.pools if shop.name in pool.shops),
            units=left_in(world, shop, units),
            off=frozenset(s for (name, s), f in shops.items() if name == shop.name and f.want_off),
            drawing=tuple(sorted((row for row in mine if _draws(world, row, units)), key=lambda row: row.id)),
        )
        desired = _divided(counter) if _divides(counter) else _mirrored(counter)
        for row in counter.drawing:
            want_off = any(sku in counter.off for sku in _needs(world, row))
            answer[row.shop, row.id] = ListingFigures(desired=desired[row.id], want_off=want_off)
    return answer


# --- which listings ------------------------------------------------------------------------------------


def _bundle(world: World, row: ListingRow) -> Bundle | None:
    return next((bundle for bundle in world.topology.bundles if bundle.sku == row.sku), None)


def _needs(world: World, row: ListingRow) -> dict[Sku, int]:
    """Return the units of each SKU that one sale of the listing takes."""
    bundle = _bundle(world, row)
    skus = sorted(bundle.components) if bundle else [row.sku]
    return {sku: units_of(world, row, sku) for sku in skus}


def _draws(world: World, row: ListingRow, units: Mapping[Sku, int]) -> bool:
    return not row.gone and not is_held(row) and all(sku in units for sku in _needs(world, row))


def _divides(counter: Counter) -> bool:
    split = any(pool.mode is PoolMode.SPLIT for pool in counter.pools)
    return split or counter.shop.repeated is Repeated.SPLIT


# --- how much each -------------------------------------------------------------------------------------


def _mirrored(counter: Counter) -> dict[ListingId, int]:
    return {row.id: _most(counter, row, counter.units) for row in counter.drawing}


def _divided(counter: Counter) -> dict[ListingId, int]:
    portions = {sku: _portions(counter, sku) for sku in counter.units}
    desired = {}
    for row in counter.drawing:
        mine = {sku: portions[sku][row.id] for sku in _needs(counter.world, row)}
        desired[row.id] = _most(counter, row, mine)
    for sku in counter.units:
        _give_leftover(counter, sku, portions[sku], desired)
    return desired


def _portions(counter: Counter, sku: Sku) -> dict[ListingId, int]:
    """Return the units of `sku` that each drawing listing may use, none of them twice."""
    rows = [row for row in counter.drawing if sku in _needs(counter.world, row)]
    if len(rows) == 1:
        return {rows[0].id: counter.units[sku]}
    caps = {
        row.id: _most(counter, row, counter.units) * _needs(counter.world, row)[sku]
        for row in rows
        if _bundle(counter.world, row)
    }
    return webster(counter.units[sku], {row.id: 1 for row in rows}, caps)


def _give_leftover(
    counter: Counter, sku: Sku, portions: Mapping[ListingId, int], desired: dict[ListingId, int]
) -> None:
    """Give what packs could not use to the single listing that can use it best."""
    singles = [row for row in counter.drawing if row.sku == sku and not _bundle(counter.world, row)]
    if not singles:
        return
    leftover = sum(portions[row.id] - desired[row.id] * row.units for row in singles)
    best = min(singles, key=lambda row: (row.units, row.id))
    desired[best.id] += leftover // best.units


def _most(counter: Counter, row: ListingRow, units: Mapping[Sku, int]) -> int:
    """Return how many times the listing can be sold out of `units`, and be packed if it is a bundle."""
    times = min(units[sku] // number for sku, number in _needs(counter.world, row).items())
    limit = _packable(counter, row)
    return times if limit is None else min(times, limit)


# --- what can be packed together -----------------------------------------------------------------------


def _packable(counter: Counter, row: ListingRow) -> int | None:
    """Return how many of a bundle lie close enough together for this listing; None where that is no limit.

    Listings of one bundle divide that number where they divide the units.
    """
    bundle = _bundle(counter.world, row)
    if bundle is None or bundle.assemble is Assemble.SHOP:
        return None
    needs = _needs(counter.world, row)
    sets = sum(_part_of_pool(counter, pool, bundle, needs) for pool in counter.pools)
    if not _divides(counter):
        return sets
    rivals = [other.id for other in counter.drawing if other.sku == row.sku]
    return webster(sets, dict.fromkeys(rivals, 1), {})[row.id]


def _part_of_pool(counter: Counter, pool: Pool, bundle: Bundle, needs: Mapping[Sku, int]) -> int:
    mine = [counter.edges.get((pool.name, counter.shop.name, sku)) for sku in needs]
    if any(edge is not None and edge.off for edge in mine):
        return 0
    sets = _sets_in_pool(counter, pool, bundle, needs)
    world, first = counter.world, min(needs)
    if pool.mode is PoolMode.SHARED:
        held = sets_in(world, counter.shop.name, bundle.sku) if _divides(counter) else 0
        return max(sets - held, 0)
    sets = max(sets - sum(sets_in(world, shop, bundle.sku) for shop in pool.shops), 0)
    mine_too = (row for row in world.listings if row.sku == bundle.sku and not is_held(row))
    sellers = {row.shop for row in mine_too if not row.gone}
    weights = {
        shop: setting(world, "weight", pool.name, shop, first)[0] for shop in pool.shops if shop in sellers
    }
    return webster(sets, weights, {}).get(counter.shop.name, 0)


def _sets_in_pool(counter: Counter, pool: Pool, bundle: Bundle, needs: Mapping[Sku, int]) -> int:
    if bundle.assemble is Assemble.POOL:
        return min(_available(counter, pool, sku) // number for sku, number in needs.items())
    return sum(
        min(
            sellable_in(counter.world, counter.stock.cells, w, sku) // number for sku, number in needs.items()
        )
        for w in pool.warehouses
    )


def _available(counter: Counter, pool: Pool, sku: Sku) -> int:
    figures = counter.stock.pools.get((pool.name, sku))
    return 0 if figures is None else figures.available
