"""What is sold though it is not there: V and `extra` are sold once, for their own shop, and given back."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from syncd.domain.model import ListingId, Part, ShopName, Sku
from syncd.domain.topology import PoolMode, Rule, VirtualStock
from tests.unit.services.cycle_world import LAG, TELLS, W, World, snapshot, stops
from tests.unit.services.orders_world import order

A, LATER = ListingId("A"), 2 * LAG.total_seconds()
# Beside many SKUs, so that the guard does not take one that goes for a source that lost everything.
OTHERS = {f"S{i}": 30 for i in range(11)}
MODES = pytest.mark.parametrize("mode", list(PoolMode))


def extra(shop: str, units: int, *, setting: str = "extra") -> Rule:
    return Rule(name=f"shops.{shop}", values={setting: units}, shops=(ShopName(shop),))


async def world_of(stock: int, *rules: Rule, mode: PoolMode = PoolMode.SHARED) -> World:
    return await World({"A": stock, **OTHERS}, mode=mode, rules=rules).filled()


def shown(world: World) -> list[int]:
    return [world.counters(shop)["A"] for shop in world.channels]


def erp(world: World, on_hand: int, ordered: int = 0, *, locked: int = 0) -> None:
    """Let the ERP say what is there and what of it orders took, in all."""
    said = snapshot({"A": on_hand, **OTHERS})
    said.parts[0, [Part.ALLOCATED, Part.LOCKED]] = ordered, locked
    world.source.say(said)


async def sell(world: World, units: int, shop: str = "a", *, after: float = 60.0) -> None:
    world.shop(shop).sell(A, units)
    await world.run(after=after)


async def used(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in await world.store.extras():
        found[row.shop] = found.get(row.shop, 0) + row.units
    return found


async def calm(world: World, *, cycles: int = 3, after: float = 60.0) -> None:
    for _ in range(cycles):
        await world.run(after=after)


# --- extra ---------------------------------------------------------------------------------------------


@MODES
async def test_ten_extra_units_are_not_refilled_when_the_erp_imports_their_orders(mode: PoolMode) -> None:
    world = await world_of(0, extra("a", 10), mode=mode)
    before = shown(world)
    await sell(world, 10)
    sold = shown(world)
    erp(world, 0, ordered=10)
    await calm(world, after=LATER)

    assert (before, sold, shown(world)) == ([10, 0], [0, 0], [0, 0])
    assert await world.claimed("A") == 0


@MODES
async def test_extra_sold_in_part_is_offered_only_for_the_rest(mode: PoolMode) -> None:
    world = await world_of(0, extra("a", 10), mode=mode)
    await sell(world, 4)
    erp(world, 0, ordered=4)
    await calm(world, after=LATER)

    assert shown(world) == [6, 0]


@MODES
async def test_extra_is_not_offered_again_after_a_restart(mode: PoolMode) -> None:
    world = await world_of(0, extra("a", 10), mode=mode)
    await sell(world, 10)
    world.restart()
    await calm(world)

    assert (shown(world), await used(world)) == ([0, 0], {"a": 10})


@MODES
async def test_a_receipt_gives_extra_back(mode: PoolMode) -> None:
    world = await world_of(0, extra("a", 10), mode=mode)
    await sell(world, 10)
    erp(world, 4, ordered=10)
    await calm(world, after=LATER)

    assert (shown(world), await used(world)) == ([4, 0], {"a": 6})


@MODES
async def test_a_receipt_that_covers_all_of_it_is_for_everybody_again(mode: PoolMode) -> None:
    world = await world_of(0, extra("a", 10), mode=mode)
    await sell(world, 10)
    erp(world, 14, ordered=10)
    await calm(world, cycles=4, after=LATER)

    assert shown(world) == ([14, 4] if mode is PoolMode.SHARED else [12, 2])


@MODES
async def test_a_cancelled_sale_gives_extra_back(mode: PoolMode) -> None:
    world = await world_of(0, extra("a", 10), mode=mode)
    await sell(world, 3)
    world.shop("a").sell(A, -3)
    await calm(world)

    assert (shown(world), await used(world)) == ([10, 0], {})


async def test_every_unit_of_a_split_pool_and_of_its_extra_is_sold_once() -> None:
    world = await world_of(10, extra("a", 3), mode=PoolMode.SPLIT)
    random, sold = Random(7), 0  # noqa: S311 - which shop sells, no secret
    for _ in range(30):
        sold += world.shop("ab"[random.random() < 0.3]).sell(A, random.randint(1, 3))
        await world.run(after=15)
        assert sum(shown(world)) + sum(row.units for row in await world.store.moves()) <= 13 - sold
    erp(world, 10, ordered=sold)
    await calm(world, after=LATER)

    assert (sold, shown(world), await used(world)) == (13, [0, 0], {"a": 3})


async def test_a_write_off_uses_no_extra_up() -> None:
    world = await world_of(10, extra("a", 3), mode=PoolMode.SPLIT)
    erp(world, 6)
    await calm(world)

    assert (shown(world), await used(world)) == ([6, 3], {})


async def test_the_shop_that_sold_it_has_less_extra_and_the_other_keeps_its_own() -> None:
    world = await world_of(0, extra("a", 5), extra("b", 5))
    await sell(world, 2, "b")
    await calm(world)

    assert (shown(world), await used(world)) == ([5, 3], {"b": 2})


async def test_orders_that_no_shop_explains_use_extra_up_in_the_order_of_the_configuration() -> None:
    world = await world_of(0, extra("a", 5), extra("b", 5))
    erp(world, 0, ordered=7)
    await calm(world)

    assert (shown(world), await used(world)) == ([0, 3], {"a": 5, "b": 2})


async def test_extra_that_was_sold_first_is_given_back_first() -> None:
    world = await world_of(0, extra("a", 5), extra("b", 5))
    await sell(world, 2, "b")
    await sell(world, 2, "a")
    erp(world, 3, ordered=4)
    await calm(world, after=LATER)

    assert await used(world) == {"a": 1}


async def test_what_is_locked_was_not_sold_and_uses_no_extra_up() -> None:
    world = await world_of(5, extra("a", 3))
    erp(world, 5, locked=7)
    await calm(world)

    assert (shown(world), await used(world)) == ([3, 0], {})


async def test_what_is_sold_on_extra_keeps_no_other_shop_from_being_raised() -> None:
    world = await world_of(0, extra("a", 3), extra("b", 3))
    await sell(world, 3)
    await sell(world, 2, "b")
    erp(world, 1, ordered=5)
    report = await world.run(after=LATER)

    assert (stops(report), shown(world)) == ({}, [1, 1])


async def test_what_is_oversold_beyond_extra_is_told_and_blocks_raises() -> None:
    world = await world_of(0, extra("a", 3))
    erp(world, 0, ordered=8)
    await calm(world)

    assert [facts["units"] for facts in world.told.named("oversold")] == [5]


async def test_what_is_sold_on_extra_is_not_told_as_oversold() -> None:
    world = await world_of(0, extra("a", 10))
    await sell(world, 10)

    assert world.told.named("oversold") == []


async def test_a_snapshot_that_is_silent_gives_no_extra_back() -> None:
    world = await world_of(0, extra("a", 10))
    await sell(world, 10)
    erp(world, 0, ordered=10)
    await calm(world, after=LATER)
    world.stock(**OTHERS)
    await calm(world)

    assert await used(world) == {"a": 10}


@MODES
async def test_orders_that_shops_tell_use_extra_up_once_and_a_cancelled_one_gives_it_back(
    mode: PoolMode,
) -> None:
    world = await World({"A": 0, **OTHERS}, mode=mode, rules=[extra("a", 5)], traits=TELLS).filled()
    order(world, 2)
    cancelled = order(world, 3, paid=False)
    await calm(world)
    sold = (shown(world), await used(world))
    world.shop("a").buyers.cancel(cancelled, at=world.clock.now())
    await calm(world)

    assert sold == ([0, 0], {"a": 5})
    assert (shown(world), await used(world)) == ([3, 0], {"a": 2})


# --- floor ---------------------------------------------------------------------------------------------


@MODES
async def test_a_floor_shows_nothing_more_once_as_many_units_are_sold_on_it(mode: PoolMode) -> None:
    world = await world_of(0, extra("a", 4, setting="floor"), mode=mode)
    before = shown(world)
    await sell(world, 4)
    erp(world, 0, ordered=4)
    await calm(world, after=LATER)

    assert (before, shown(world)) == ([4, 0], [0, 0])


async def test_a_floor_shows_what_is_left_of_it() -> None:
    world = await world_of(3, extra("a", 5, setting="floor"))
    await sell(world, 4)
    await calm(world)

    assert (shown(world), await used(world)) == ([4, 0], {"a": 1})


# --- V -------------------------------------------------------------------------------------------------


async def virtual_world(units: int, mode: PoolMode, *rules: Rule, until: timedelta | None = None) -> World:
    world = World({"A": 0, **OTHERS}, mode=mode, rules=rules)
    end = None if until is None else world.clock.now() + until
    stock = VirtualStock(sku=Sku("A"), warehouse=W, units=units, until=end)
    world.topology = replace(world.topology, virtual=(stock,))
    return await world.filled()


@MODES
async def test_ten_virtual_units_are_not_refilled_when_the_erp_imports_their_orders(mode: PoolMode) -> None:
    world = await virtual_world(10, mode)
    for _ in range(12):
        for shop in ("a", "b"):
            await sell(world, 1, shop, after=30)
    erp(world, 0, ordered=10)
    await calm(world, after=LATER)

    assert shown(world) == [0, 0]


async def test_virtual_units_are_sold_before_the_extra() -> None:
    world = await virtual_world(10, PoolMode.SHARED, extra("a", 3))
    await sell(world, 10)
    first = await used(world)
    await sell(world, 2)

    assert (first, await used(world), shown(world)) == ({}, {"a": 2}, [1, 0])


async def test_what_was_sold_on_virtual_stock_is_told_as_backordered() -> None:
    world = await virtual_world(10, PoolMode.SHARED)
    await sell(world, 4)

    assert [facts["units"] for facts in world.told.named("backordered")] == [4]


@MODES
async def test_virtual_stock_that_ends_while_sold_on_opens_a_deficit_that_is_told(mode: PoolMode) -> None:
    world = await virtual_world(10, mode, until=timedelta(hours=1))
    await sell(world, 4)
    erp(world, 0, ordered=4)
    await calm(world, after=3600)

    assert (shown(world), world.told.named("oversold")[-1]["units"]) == ([0, 0], 4)
