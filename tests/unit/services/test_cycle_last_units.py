"""Below the warning level one shop has all that is left; above it the others have their part again."""

import pytest

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.topology import PoolMode, Rule
from syncd.errors import Kind, PortError
from syncd.services.queries import Explainer
from tests.unit.services.cycle_world import MAIN, World, changes, shops_of

A = ListingId("A")
MODES = pytest.mark.parametrize("mode", list(PoolMode))
# Beside many SKUs, so that the guard does not take one that goes for a source that lost everything.
OTHERS = {f"S{i}": 30 for i in range(11)}


async def world_of(mode: PoolMode, *rules: Rule, shops: str = "ab", **values: int) -> World:
    """Return a pool of 30 units with a warning level of 5, whose shop `b` has the last ones."""
    levels = Rule(name="pools.main", values={"warning_level": 5, "relist_level": 8}, pools=(MAIN,))
    last = Rule(name="pools.main", values={"last_units": 1} | values, shops=(ShopName("b"),))
    world = World({"A": 30, **OTHERS}, mode=mode, rules=(levels, last, *rules), shops=shops_of(*shops))
    return await world.filled()


def shown(world: World) -> list[int]:
    return [world.counters(shop)["A"] for shop in world.channels]


def on_sale(world: World) -> list[bool | None]:
    return [world.shop(shop).shown(A).on_sale for shop in world.channels]


async def left(world: World, units: int, *, cycles: int = 4) -> None:
    world.stock(A=units, **OTHERS)
    for _ in range(cycles):
        await world.run(after=600)


@MODES
async def test_below_the_level_the_last_units_are_all_in_one_shop(mode: PoolMode) -> None:
    world = await world_of(mode, shops="abc")
    await left(world, 4)

    assert (shown(world), on_sale(world)) == ([0, 4, 0], [False, True, False])


@MODES
async def test_above_the_level_the_shop_of_the_last_units_is_one_of_all(mode: PoolMode) -> None:
    world = await world_of(mode)
    await left(world, 6)

    assert shown(world) == ([6, 6] if mode is PoolMode.SHARED else [3, 3])


@MODES
async def test_the_others_come_back_at_the_relist_level(mode: PoolMode) -> None:
    world = await world_of(mode)
    await left(world, 4)
    await left(world, 7)
    between = shown(world)
    await left(world, 10)

    assert (between, on_sale(world)) == ([0, 7], [True, True])
    assert sum(shown(world)) == (20 if mode is PoolMode.SHARED else 10)
    assert shown(world)[0] > 0


async def test_the_last_units_are_given_only_after_they_were_taken() -> None:
    world = await world_of(PoolMode.SPLIT, weight=0)
    world.shop("a").fail_push(*[PortError(Kind.TRANSIENT, "down") for _ in range(99)])
    await left(world, 4)

    assert shown(world) == [30, 0]


async def test_the_last_units_are_never_shown_twice() -> None:
    world = await world_of(PoolMode.SPLIT)
    world.stock(A=4, **OTHERS)
    for _ in range(5):
        await world.run(after=30)
        assert sum(shown(world)) <= 30
        world.shop("b").sell(A, 1)

    assert sum(shown(world)) <= 4


async def test_a_shop_without_a_share_gets_the_last_units() -> None:
    world = await world_of(PoolMode.SPLIT, weight=0)
    before = shown(world)
    await left(world, 4)

    assert (before, shown(world)) == ([30, 0], [0, 4])


async def test_the_cap_bounds_the_last_units() -> None:
    world = await world_of(PoolMode.SPLIT, cap=3)
    await left(world, 4)

    assert shown(world) == [0, 3]


async def test_the_last_units_sell_out_and_stay_on_sale() -> None:
    world = await world_of(PoolMode.SHARED)
    await left(world, 4)
    world.shop("b").sell(A, 4)
    for _ in range(3):
        await world.run()

    assert (shown(world), on_sale(world)) == ([0, 0], [False, True])


@MODES
async def test_the_plan_names_the_last_units(mode: PoolMode) -> None:
    world = await world_of(mode)
    world.stock(A=4, **OTHERS)
    report = await world.run()

    assert changes(report)["b", "A"].rule == "pools.main last_units"


@MODES
async def test_an_explanation_names_the_last_units(mode: PoolMode) -> None:
    world = await world_of(mode)
    await left(world, 4)
    found = Explainer(await world.cycle.look(save=False)).explain(Sku("A"))
    steps = {step["name"]: (step["value"], step["rule"]) for step in found["shops"]["b"]["steps"]}

    assert steps["main.base"] == (4, "pools.main last_units")
    assert found["shops"]["b"]["listings"][0]["rule"] == "pools.main last_units"


async def test_without_such_a_shop_everything_goes_off() -> None:
    world = await world_of(PoolMode.SPLIT, last_units=0)
    await left(world, 4)

    assert (shown(world), on_sale(world)) == ([0, 0], [False, False])


def only_a(value: int, *shops: str) -> Rule:
    """Return what an override's `last_units` becomes: for one SKU, for one shop or against all."""
    named = tuple(map(ShopName, shops))
    return Rule(name="overrides[1]", values={"last_units": value}, shops=named, skus=("A",))


@MODES
async def test_an_override_gives_the_last_units_of_one_sku_to_another_shop(mode: PoolMode) -> None:
    world = await world_of(mode, only_a(1, "a"))
    world.stock(A=4, **{**OTHERS, "S0": 4})
    for _ in range(4):
        await world.run(after=600)
    shown_of = {sku: [world.counters(shop)[sku] for shop in world.channels] for sku in ("A", "S0")}

    assert shown_of == {"A": [4, 0], "S0": [0, 4]}


@MODES
async def test_an_override_takes_the_last_units_of_one_sku_from_all_shops(mode: PoolMode) -> None:
    world = await world_of(mode, only_a(0))
    await left(world, 4)

    assert (shown(world), on_sale(world)) == ([0, 0], [False, False])


async def test_the_plan_names_the_override_of_the_last_units() -> None:
    world = await world_of(PoolMode.SPLIT, only_a(1, "a"))
    world.stock(A=4, **OTHERS)
    report = await world.run()

    assert changes(report)["a", "A"].rule == "overrides[1] last_units"
