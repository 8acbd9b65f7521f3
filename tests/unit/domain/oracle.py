"""The pipeline of DESIGN 4.5 in its slow, obvious form: plain integers and loops, one unit at a time.

It was written from the text alone and shares no code with the program, so that an error of reading shows as
a difference between the two. Where the text leaves a choice, this was chosen:

- a code of unsellable units is no SKU anywhere once one source folds it; the flags of its row do not make
  the base shaky;
- a claim whose warehouse belongs to no pool is treated as one without a warehouse; one that is routed to a
  pool that does not know the SKU comes off nothing;
- unrouted units are taken source by source, and what unwritable shops keep shop by shop, both in the order of
  the topology;
- what an unwritable shop may still sell counts its bundles with the units they take;
- a listing that must not be touched never wants to be off; one that is gone does not exist for the division;
- a bundle listing never shows more than can be packed, also where it is the only one that draws; listings of
  one bundle that divide their units divide what can be packed too, in equal parts;
- a relist level that is not above the warning level counts as one above it;
- of several shops that rules name for the last units the one whose rule comes last has them, of one rule the
  lower name; it has them as soon as another shop of the pool is off, or the pool is below its own level;
- `floor` is sold on `extra`, or where that is less on as many units as it shows.
"""

from collections.abc import Mapping
from dataclasses import replace

from syncd.domain.model import PoolName, ShopName, Sku
from tests.unit.domain.oracle_extras import on_extra, used_up
from tests.unit.domain.oracle_listings import listings
from tests.unit.domain.oracle_shares import edges
from tests.unit.domain.oracle_stock import StockAnswer, stock_answer
from tests.unit.domain.oracle_world import Edge, ListingFigures, PoolFigures, ShopFigures, Solution, World

__all__ = ["Edge", "ListingFigures", "PoolFigures", "ShopFigures", "Solution", "World", "solve"]


def solve(world: World) -> Solution:
    """Return every figure of the world."""
    stock = stock_answer(world)
    used = used_up(world, stock)
    contributions = edges(world, stock, used)
    shops = _shops(world, stock, contributions)
    return Solution(
        pools={
            (pool.name, sku): _told(stock.pools[pool.name, sku], on_extra(world, used, pool, sku))
            for pool in world.topology.pools
            for sku in stock.skus
            if (pool.name, sku) in stock.pools
        },
        edges=contributions,
        shops=shops,
        listings=listings(world, stock, contributions, shops),
    )


def _told(figures: PoolFigures, on_purpose: int) -> PoolFigures:
    return replace(figures, on_extra=on_purpose, oversold=max(figures.oversold - on_purpose, 0))


def _shops(
    world: World, stock: StockAnswer, contributions: Mapping[tuple[PoolName, ShopName, Sku], Edge]
) -> dict[tuple[ShopName, Sku], ShopFigures]:
    answer = {}
    for shop in world.topology.shops:
        for sku in stock.skus:
            mine = [e for (_, name, code), e in contributions.items() if (name, code) == (shop.name, sku)]
            known = bool(mine) and shop.name not in world.unwritable
            answer[shop.name, sku] = ShopFigures(
                units=sum(edge.result for edge in mine) if known else None,
                want_off=bool(mine) and all(edge.off and not edge.result for edge in mine),
            )
    return answer
