"""Cases of a SKU in a split pool: what does not fill a case is not sold, and shares rest."""

import pytest

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.topology import Pack, PoolMode, Rule, Shop
from tests.unit.services.cycle_world import PROVES, World

A = ListingId("A")
CASES = (Pack(code="A", sku=Sku("A"), units=12),)


async def in_cases(stock: int, **values: int) -> World:
    """Return three shops that sell a SKU by the dozen; what `values` say hides a part of the share of two."""
    names = [ShopName(name) for name in "abc"]
    rule = Rule(name="overrides[0]", shops=tuple(names[:2]), values=values)
    world = World(
        {"A": stock},
        mode=PoolMode.SPLIT,
        shops=[Shop(name=name, packs=CASES) for name in names],
        rules=(rule,),
        traits=PROVES,
    )
    return await world.filled()


def writes(world: World) -> int:
    return sum(len(shop.pushed) for shop in world.channels.values())


@pytest.mark.parametrize("values", [{"percent": 95}, {"buffer": 2}, {"percent": 80, "buffer": 3}])
@pytest.mark.parametrize("stock", [40, 75, 96, 130, 200])
async def test_what_a_percentage_leaves_of_a_case_is_no_sale(stock: int, values: dict[str, int]) -> None:
    world = await in_cases(stock, **values)
    await world.run()
    before, shares = writes(world), await world.store.shares()
    for _ in range(6):
        await world.run()

    assert (writes(world), await world.store.shares()) == (before, shares)


async def test_a_case_that_is_sold_comes_off_the_share_whole() -> None:
    world = await in_cases(200, percent=95)
    await world.run()
    before = {row.shop: row.units for row in await world.store.shares()}
    world.shop("a").sell(A, 1)
    await world.run()
    after = {row.shop: row.units for row in await world.store.shares()}

    assert {shop: before[shop] - after[shop] for shop in before} == {"a": 12, "b": 0, "c": 0}
