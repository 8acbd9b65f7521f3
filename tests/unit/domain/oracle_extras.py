"""The oracle's account of what shops sold though it was not there, one unit after the other."""

from collections.abc import Mapping

from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.topology import Pool
from tests.unit.domain.oracle_rules import setting
from tests.unit.domain.oracle_stock import StockAnswer
from tests.unit.domain.oracle_world import World

Used = dict[tuple[PoolName, ShopName, Sku], int]


def most(world: World, pool: PoolName, shop: ShopName, sku: Sku) -> int:
    """Return how many units the shop may sell beyond what is there."""
    return max(setting(world, name, pool, shop, sku)[0] for name in ("extra", "floor"))


def used_up(world: World, stock: StockAnswer) -> Used:
    """Return how many of these units are sold, where the pool keeps no shares."""
    used: Used = {}
    sold = dict(world.sold)
    for pool in world.topology.pools:
        for sku in stock.skus:
            queue = _queue(world, pool, sku)
            figures = stock.pools.get((pool.name, sku))
            if figures is not None:
                _sell(world, pool, sku, queue, oversold=figures.oversold, sold=sold)
            if figures is not None and not figures.shaky and not figures.vanished:
                del queue[: max(len(queue) - figures.oversold, 0)]
            used |= {(pool.name, shop, sku): queue.count(shop) for shop in pool.shops}
    return used


def on_extra(world: World, used: Mapping[tuple[PoolName, ShopName, Sku], int], pool: Pool, sku: Sku) -> int:
    """Return what the shops of a pool sold on purpose; what their settings allow no more is oversold."""
    return sum(min(used[pool.name, shop, sku], most(world, pool.name, shop, sku)) for shop in pool.shops)


def _queue(world: World, pool: Pool, sku: Sku) -> list[ShopName]:
    """Return who sold each unit, the oldest first."""
    rows = [row for row in world.extras if (row.pool, row.sku) == (pool.name, sku) and row.shop in pool.shops]
    return [row.shop for row in sorted(rows, key=lambda row: row.at) for _ in range(row.units)]


def _sell(
    world: World,
    pool: Pool,
    sku: Sku,
    queue: list[ShopName],
    *,
    oversold: int,
    sold: dict[tuple[ShopName, Sku], int],
) -> None:
    while len(queue) < oversold:
        able = [shop for shop in pool.shops if queue.count(shop) < most(world, pool.name, shop, sku)]
        sellers = [shop for shop in able if sold.get((shop, sku), 0) > 0]
        if not able:
            return
        seller = (sellers or able)[0]
        queue.append(seller)
        sold[seller, sku] = sold.get((seller, sku), 0) - 1
