"""A listing that loses its code goes on counting as the SKU that it sold, for as long as it can sell."""

from dataclasses import replace

from syncd.domain.model import ListingId
from syncd.domain.topology import PoolMode
from tests.unit.services.cycle_world import PROVES, World

A = ListingId("A")


async def split(**stock: int) -> World:
    return await World(stock, mode=PoolMode.SPLIT, traits=PROVES).filled()


def code(world: World, shop: str, text: str, listing: ListingId = A) -> None:
    """Let a person write another code on a listing of a shop."""
    world.shop(shop).put(replace(world.shop(shop).shown(listing), code=text))


def on_sale(world: World) -> list[int]:
    return [world.counters(shop)["A"] for shop in world.channels]


async def test_no_unit_of_a_listing_that_lost_its_code_is_given_away() -> None:
    world = await split(A=40)
    code(world, "a", "")
    for _ in range(6):
        await world.run(after=1200)
        assert sum(on_sale(world)) <= 40

    assert on_sale(world) == [20, 20]
