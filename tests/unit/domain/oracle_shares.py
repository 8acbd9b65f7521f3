"""The oracle's steps from the figures of a pool to what it contributes to each of its shops."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.records import LevelRow
from syncd.domain.topology import Pool, PoolMode
from tests.unit.domain.oracle_extras import Used, most
from tests.unit.domain.oracle_locks import Counted, exposure_of, units_of
from tests.unit.domain.oracle_rules import DEFAULT, designated, relist_level, setting, webster
from tests.unit.domain.oracle_stock import StockAnswer
from tests.unit.domain.oracle_world import Edge, PoolFigures, World


class Level(NamedTuple):
    """Whether an edge is off, and how many snapshots in a row agree that it need not be."""

    off: bool
    agree: int


def edges(world: World, stock: StockAnswer, used: Used) -> dict[tuple[PoolName, ShopName, Sku], Edge]:
    answer = {}
    for sku in stock.skus:
        pools = [pool for pool in world.topology.pools if (pool.name, sku) in stock.pools]
        figures = {pool.name: stock.pools[pool.name, sku] for pool in pools}
        kept = _kept_by_unwritable(world, pools, figures, sku)
        for pool in pools:
            free = figures[pool.name].rest - kept[pool.name]
            levels = {shop: _level(world, pool, shop, sku, figures[pool.name]) for shop in pool.shops}
            locks = stock.locks[pool.name, sku]
            last = _last(world, pool, sku, figures[pool.name].available, levels)
            for shop, start in _starts(world, pool, sku, (free, locks), (levels, last)).items():
                gone = used[pool.name, shop, sku]
                answer[pool.name, shop, sku] = _shaped(world, (pool, shop, sku), start, locks, gone)
    return answer


# --- the warning level ---------------------------------------------------------------------------------


def _level(world: World, pool: Pool, shop: ShopName, sku: Sku, figures: PoolFigures) -> Level:
    if designated(world, pool, sku) == shop:
        return Level(off=False, agree=0)
    row = _row(world, pool, shop, sku)
    if row is None:
        level = setting(world, "warning_level", pool.name, shop, sku)[0]
        return Level(off=figures.available - figures.locked < level, agree=0)
    if figures.shaky:
        return Level(off=True, agree=row.agree)
    recovered = figures.available - figures.locked >= relist_level(world, pool.name, shop, sku)
    agree = _agree(row, recovered=recovered, seq=world.seq.get(pool.name, 0))
    rested = world.now - row.off_since >= timedelta(seconds=pool.least_off_seconds)
    back = recovered and rested and agree >= pool.relist_after
    return Level(off=not back, agree=agree)


def _last(
    world: World, pool: Pool, sku: Sku, available: int, levels: Mapping[ShopName, Level]
) -> ShopName | None:
    """Return the shop that keeps the last units now."""
    shop = designated(world, pool, sku)
    if shop is None:
        return None
    below = available < setting(world, "warning_level", pool.name, shop, sku)[0]
    return shop if below or any(level.off for level in levels.values()) else None


def _agree(row: LevelRow, *, recovered: bool, seq: int) -> int:
    if not recovered:
        return 0
    return row.agree if seq == row.seq else row.agree + 1


def _row(world: World, pool: Pool, shop: ShopName, sku: Sku) -> LevelRow | None:
    for row in world.levels:
        if (row.pool, row.shop, row.sku) == (pool.name, shop, sku):
            return row
    return None


# --- what unwritable shops keep ------------------------------------------------------------------------


def _kept_by_unwritable(
    world: World, pools: list[Pool], figures: Mapping[PoolName, PoolFigures], sku: Sku
) -> dict[PoolName, int]:
    """Return what comes off each pool's rest because a shop that cannot be written may still sell it."""
    kept = {pool.name: 0 for pool in pools}
    for shop in world.topology.shops:
        if shop.name not in world.unwritable:
            continue
        left = exposure_of(world, shop.name, sku)
        for pool in pools:
            if pool.mode is not PoolMode.SPLIT or shop.name not in pool.shops:
                continue
            room = figures[pool.name].rest - kept[pool.name]
            part = room if left is None else min(left, room)
            kept[pool.name] += part
            left = None if left is None else left - part
    return kept


# --- bases and shaping ---------------------------------------------------------------------------------


def _starts(
    world: World,
    pool: Pool,
    sku: Sku,
    there: tuple[int, Counted],
    selling: tuple[Mapping[ShopName, Level], ShopName | None],
) -> dict[ShopName, Edge]:
    """Return every edge of the pool with its base, before percent and the rest."""
    free, locks = there
    levels, last = selling
    last_by = "" if last is None else setting(world, "last_units", pool.name, last, sku)[1]
    if pool.mode is PoolMode.SHARED:
        return {
            shop: _start(level, free, "last_units", last_by)
            if shop == last and shop not in world.unwritable
            else _start(level, free, "available", pool.name)
            for shop, level in levels.items()
        }
    pack = {shop: _smallest_pack(world, shop, sku) for shop in pool.shops}
    takes_part = [
        shop for shop in pool.shops if pack[shop] and shop not in world.unwritable and not levels[shop].off
    ]
    # Who shows only what is locked for him has no use for a share.
    takes_part = [shop for shop in takes_part if shop not in locks.only]
    caps = {shop: setting(world, "cap", pool.name, shop, sku)[0] for shop in takes_part}
    weights = {shop: setting(world, "weight", pool.name, shop, sku)[0] for shop in takes_part}
    if last in weights:
        weights[last] = max(weights[last], 1)
    shares = webster(free, weights, caps)
    answer = {}
    for shop, level in levels.items():
        if shop in world.unwritable:
            answer[shop] = _start(level, 0, "unwritable", DEFAULT)
            continue
        share = shares.get(shop, 0)
        share -= share % (pack[shop] or 1)
        name = "cap" if share and share == caps[shop] else "last_units" if shop == last else "weight"
        by = setting(world, name, pool.name, shop, sku)[1]
        answer[shop] = _start(level, share, name, by)
    return answer


def _start(level: Level, base: int, name: str, rule: str) -> Edge:
    return Edge(off=level.off, agree=level.agree, base=base, result=base, setting=name, rule=rule)


def _smallest_pack(world: World, shop: ShopName, sku: Sku) -> int | None:
    units = [units_of(world, listing, sku) for listing in world.listings if listing.shop == shop]
    return min((number for number in units if number), default=None)


def _shaped(world: World, place: tuple[Pool, ShopName, Sku], edge: Edge, locks: Counted, gone: int) -> Edge:
    """Return the edge after percent, buffer, cap, locks, extra and floor, in this order.

    While it is off only the locks of the shop are left. `gone` is what is sold beyond what was there.
    """
    pool, shop, sku = place
    mine = locks.sells.get(shop, 0)
    by_locks = " ".join(locks.names.get(shop, ()))
    if edge.off and mine:
        return replace(edge, result=mine, setting="lock", rule=by_locks)
    if edge.off:
        by = setting(world, "warning_level", pool.name, shop, sku)[1]
        return replace(edge, result=0, setting="warning_level", rule=by)
    own = 0
    for step in ("percent", "buffer", "cap", "lock", "extra", "floor"):
        value, by = (mine, by_locks) if step == "lock" else setting(world, step, pool.name, shop, sku)
        if step == "extra":
            own, value = edge.result, max(value - gone, 0)
        if step == "floor":
            value = min(value, own + most(world, pool.name, shop, sku) - gone)
        before = 0 if step == "lock" and shop in locks.only else edge.result
        units = _step(step, before, value)
        if units != edge.result:
            edge = replace(edge, result=units, setting=step, rule=by)
    return edge


def _step(step: str, units: int, value: int) -> int:
    match step:
        case "percent":
            return units * value // 100
        case "buffer":
            return max(units - value, 0)
        case "cap":
            return min(units, value)
        case "lock" | "extra":
            return units + value
        case _:
            return max(units, value)
