"""Shares of a split pool from cycle to cycle: only a cause moves them, and every unit stays in one place."""

from dataclasses import replace

import pytest

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.topology import PoolMode, VirtualStock
from syncd.errors import Kind, PortError
from syncd.services.cycle import Selection
from tests.unit.services.cycle_world import PROVES, W, World

A = ListingId("A")


async def split(**stock: int) -> World:
    return await World(stock, mode=PoolMode.SPLIT, traits=PROVES).filled()


def shown(world: World, sku: str = "A") -> list[int]:
    return [world.counters(shop)[sku] for shop in world.channels]


async def crowded() -> World:
    """Let one shop sell nearly all of its share, so that units of the other one move to it."""
    world = await split(A=30)
    for _ in range(14):
        world.shop("a").sell(A, 1)
        await world.run(after=30)
    return world


async def shares(world: World, sku: str = "A") -> dict[ShopName, int]:
    return {row.shop: row.units for row in await world.store.shares() if row.sku == sku}


def written(world: World, shop: str) -> int:
    return len(world.shop(shop).pushed)


async def test_a_sale_lowers_nobody_else() -> None:
    world = await split(A=40)
    before = written(world, "b")
    world.shop("a").sell(A, 6)
    for _ in range(3):
        await world.run()

    assert (shown(world), written(world, "b") - before) == ([14, 20], 0)
    assert await shares(world) == {"a": 14, "b": 20}


async def test_a_sale_that_the_erp_then_knows_of_moves_nothing() -> None:
    world = await split(A=40)
    world.shop("a").sell(A, 6)
    await world.run()
    world.stock(A=34)
    for _ in range(3):
        await world.run(after=1200)

    assert shown(world) == [14, 20]


async def test_a_receipt_goes_to_who_has_least() -> None:
    world = await split(A=40)
    world.shop("a").sell(A, 10)
    await world.run()
    world.stock(A=40)
    for _ in range(4):
        await world.run(after=1200)

    assert sum(shown(world)) == 40
    assert shown(world)[0] > 15


async def test_what_was_written_off_comes_off_all_shares() -> None:
    world = await split(A=40)
    world.stock(A=20)
    for _ in range(3):
        await world.run()

    assert shown(world) == [10, 10]


async def test_a_new_configuration_divides_anew() -> None:
    world = await split(A=40)
    world.rule(shop="b", weight=3)
    for _ in range(3):
        await world.run()

    assert shown(world) == [10, 30]


async def test_a_restart_moves_nothing() -> None:
    world = await split(A=40)
    world.shop("a").sell(A, 6)
    await world.run()
    world.restart()
    for _ in range(3):
        await world.run()

    assert shown(world) == [14, 20]


async def test_a_shop_that_cannot_be_written_keeps_its_units_to_itself() -> None:
    world = await split(A=40)
    world.shop("a").fail_push(*[PortError(Kind.TRANSIENT, "down") for _ in range(20)])
    world.stock(A=20)
    for _ in range(3):
        await world.run()

    assert shown(world)[0] == 20
    assert sum(shown(world)) <= 40
    assert shown(world)[1] <= 10


async def test_units_move_to_where_they_sell() -> None:
    world = await crowded()
    for _ in range(4):
        await world.run(after=30)

    assert sum(shown(world)) == 16
    assert shown(world)[0] > 1


async def test_every_unit_is_in_one_share_at_most() -> None:
    world = await split(A=30)
    for step in range(12):
        world.shop("ab"[step % 3 == 0]).sell(A, 1)
        await world.run(after=30)
        on_the_way = sum(row.units for row in await world.store.moves())

        assert sum((await shares(world)).values()) + on_the_way <= 30 - step - 1


@pytest.mark.parametrize("units", [0, 1, 3])
async def test_the_last_units_are_shown_once(units: int) -> None:
    # Of many SKUs, so that the guard does not take it for a source that lost everything.
    others = {f"S{i}": 30 for i in range(11)}
    world = await split(A=30, **others)
    world.stock(A=units, **others)
    for _ in range(4):
        await world.run()

    assert sum(shown(world)) == units


async def test_sales_that_a_partial_cycle_sees_are_remembered_too() -> None:
    world = await split(A=30)
    world.shop("a").sell(A, 6)
    await world.run(selection=Selection(sku=Sku("other")))
    await world.run()

    demand = {(row.shop, row.sku): row.sold for row in await world.store.demand()}
    assert demand[ShopName("a"), Sku("A")] == pytest.approx(6, rel=0.01)


async def test_sales_are_remembered_as_demand() -> None:
    world = await split(A=40)
    world.shop("a").sell(A, 6)
    await world.run()
    demand = {(row.shop, row.sku): row.sold for row in await world.store.demand()}

    assert demand[ShopName("a"), Sku("A")] == pytest.approx(6, rel=0.01)
    assert demand[ShopName("b"), Sku("A")] == 0


async def test_units_whose_taking_fails_are_remembered_as_on_their_way_and_given_to_nobody() -> None:
    world = await split(A=30)
    world.shop("b").fail_push(*[PortError(Kind.TRANSIENT, "down") for _ in range(99)])
    for _ in range(14):
        world.shop("a").sell(A, 1)
        await world.run(after=30)
    on_the_way = await world.store.moves()

    assert {(row.taken_from, row.given_to) for row in on_the_way} == {("b", "a")}
    assert shown(world) == [1, 15]


async def test_what_is_taken_is_given_in_the_same_cycle() -> None:
    world = await crowded()

    assert shown(world) == [12, 4]
    assert await world.store.moves() == []
    assert await shares(world) == {"a": 12, "b": 4}


async def test_a_sale_of_units_that_just_arrived_comes_off_the_share() -> None:
    world = await crowded()
    world.shop("a").sell(A, 2)
    await world.run(after=30)

    assert await shares(world) == {"a": 10, "b": 4}


async def test_the_plan_says_what_is_taken_and_what_is_given() -> None:
    world = await crowded()
    causes = {
        (row.shop, row.cause) for row in await world.store.ledger(sku=Sku("A")) if row.what == "counter"
    }

    assert {("b", "take"), ("a", "give")} <= causes


async def test_virtual_units_are_shared_out_beside_what_is_there() -> None:
    world = World({"A": 10}, mode=PoolMode.SPLIT, traits=PROVES)
    world.topology = replace(world.topology, virtual=(VirtualStock(sku=Sku("A"), warehouse=W, units=6),))
    await world.filled()
    for _ in range(3):
        await world.run()

    assert (shown(world), await shares(world)) == ([8, 8], {"a": 8, "b": 8})
