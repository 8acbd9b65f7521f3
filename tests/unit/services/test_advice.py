"""What buffers and warning levels are advised, in a whole explanation."""

import pytest

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import DemandRow
from syncd.domain.risk import units_at_risk
from syncd.domain.topology import PoolMode
from syncd.ports.store import Virtual
from syncd.services.advice import Adviser, Stated
from syncd.services.queries import Explainer, Json
from syncd.services.standing import Beside
from tests.unit.services.cycle_world import World

A = ListingId("A")
DAY = 86_400.0


async def sold(mode: PoolMode = PoolMode.SHARED) -> World:
    """Return a world in which shop a sold twice, an hour apart; a sale was seen within a minute."""
    world = await World({"A": 90, "B": 9}, mode=mode).filled()
    for _ in range(2):
        world.shop("a").sell(A, 3)
        await world.run(after=60.0)
        await world.run(after=3600.0)
    await world.run(after=60.0)
    return world


async def stated_by(world: World, *, risk: float = 0.001, applies: float = 0.0) -> Stated:
    return Stated(
        risk=risk,
        measures=await world.store.measures(),
        demand=await world.store.demand(),
        applies=dict.fromkeys(world.channels, applies),
    )


async def explained(
    world: World, sku: str = "A", *, risk: float = 0.001, applies: float = 0.0, stated: bool = True
) -> Json:
    view = await world.cycle.look(save=False)
    one = await stated_by(world, risk=risk, applies=applies)
    return Explainer(view, Beside(stated=one if stated else None)).explain(Sku(sku))


def mean_of(content: Json, shop: str, *, applies: float = 0.0) -> float:
    """Return what a shop sells, in units, until the other knows."""
    one, other = content["shops"][shop], content["shops"]["b" if shop == "a" else "a"]
    return float(one["sold_per_day"] / DAY * (63.1 + (other["lowered_within"] or 0.01) + applies))


async def test_a_shop_is_told_how_fast_it_sells_and_how_late_it_is() -> None:
    found = (await explained(await sold()))["shops"]["a"]

    # Six units in two hours, and a prior that believes in less.
    assert 20 < found["sold_per_day"] < 72
    assert found["seen_within"] == 63.1


async def test_a_buffer_is_for_what_the_other_shop_sells_until_this_one_knows() -> None:
    content = await explained(await sold())

    (advice,) = content["shops"]["b"]["advice"]
    assert advice == {"pool": "main", "risk": 0.001, "buffer": units_at_risk(mean_of(content, "a"), 0.001)}
    assert advice["buffer"] >= 1


async def test_what_a_shop_takes_to_show_what_it_accepted_makes_it_slower() -> None:
    content = await explained(await sold(), applies=7200.0)

    (advice,) = content["shops"]["b"]["advice"]
    assert advice["buffer"] == units_at_risk(mean_of(content, "a", applies=7200.0), 0.001)


async def test_a_smaller_risk_asks_for_more() -> None:
    world = await sold()
    many = [await explained(world, risk=risk, applies=7200.0) for risk in (0.1, 1e-6)]

    buffers = [content["shops"]["b"]["advice"][0]["buffer"] for content in many]
    assert buffers[0] < buffers[1]


async def test_the_level_of_a_pool_is_for_what_all_its_shops_sell() -> None:
    content = await explained(await sold(), applies=7200.0)

    total = sum(mean_of(content, shop, applies=7200.0) for shop in ("a", "b"))
    assert content["pools"]["main"]["advised_level"] == pytest.approx(units_at_risk(total, 0.001), abs=1)


async def test_a_shop_that_was_never_measured_is_as_slow_as_the_slowest() -> None:
    content = await explained(await sold())

    assert content["shops"]["b"]["seen_within"] is None
    assert content["shops"]["a"]["advice"][0]["buffer"] is not None


async def test_time_in_which_nobody_noted_what_was_in_stock_counts_all_the_same() -> None:
    world = await sold()
    rows = [row._replace(stocked=False) for row in await world.store.demand()]
    await world.store.save_virtual(Virtual(demand=rows))
    before = (await explained(world))["shops"]["a"]["sold_per_day"]
    world.clock.advance(2 * DAY)
    after = (await explained(world))["shops"]["a"]["sold_per_day"]

    assert after < before / 4


async def test_of_a_sku_that_nobody_bought_nothing_is_advised() -> None:
    content = await explained(await sold(), "B")

    assert content["shops"]["a"]["sold_per_day"] is None
    assert content["shops"]["a"]["advice"][0]["buffer"] is None
    assert content["pools"]["main"]["advised_level"] is None


async def test_before_anything_was_measured_nothing_is_advised() -> None:
    world = await sold()
    view = await world.cycle.look(save=False)
    content = Explainer(view, Beside(stated=Stated(risk=0.001))).explain(Sku("A"))

    assert content["shops"]["b"]["advice"][0]["buffer"] is None
    assert content["pools"]["main"]["advised_level"] is None


async def test_a_split_pool_needs_neither() -> None:
    content = await explained(await sold(PoolMode.SPLIT))

    assert content["shops"]["a"]["advice"] == []
    assert "advised_level" not in content["pools"]["main"]


async def test_where_no_risk_is_stated_nothing_is_advised() -> None:
    content = await explained(await sold(), stated=False)

    assert "advice" not in content["shops"][ShopName("a")]
    assert "advised_level" not in content["pools"]["main"]


async def test_advice_changes_no_quantity() -> None:
    world = await sold()
    before = {shop: entry["quantity"] for shop, entry in (await explained(world))["shops"].items()}
    after = {shop: entry["quantity"] for shop, entry in (await explained(world, risk=0.5))["shops"].items()}
    assert before == after


# --- for all SKUs together -----------------------------------------------------------------------------


async def advising(world: World, *, applies: float = 0.0) -> Adviser:
    listings = await world.store.listings()
    return Adviser(world.topology, listings, await stated_by(world, applies=applies), world.clock.now())


async def test_a_shop_is_told_the_buffer_that_its_fastest_sku_needs() -> None:
    world = await sold()
    (advice,) = (await advising(world, applies=7200.0)).buffers()[ShopName("b")]
    (of_sku,) = (await explained(world, applies=7200.0))["shops"]["b"]["advice"]

    assert advice == {
        "pool": "main",
        "risk": 0.001,
        "buffer": of_sku["buffer"],
        "most": of_sku["buffer"],
        "sku": "A",
    }


async def test_a_pool_is_told_the_level_that_its_fastest_sku_needs() -> None:
    world = await sold()
    (advice,) = (await advising(world, applies=7200.0)).levels()
    level = (await explained(world, applies=7200.0))["pools"]["main"]["advised_level"]

    assert advice == {"pool": "main", "risk": 0.001, "warning_level": level, "most": level, "sku": "A"}


async def test_one_sku_of_hundreds_does_not_decide_for_all() -> None:
    skus = {f"S{i:03}": 90 for i in range(150)}
    world = await World(skus).filled()
    slow = [DemandRow(ShopName("a"), Sku(sku), 0.5, 3 * DAY, 0.0, True, world.clock.now()) for sku in skus]
    await world.store.save_virtual(Virtual(demand=[slow[0]._replace(sold=6000.0), *slow[1:]]))
    world.shop("a").sell(ListingId("S001"), 1)
    await world.run(after=3600.0)

    (advice,) = (await advising(world)).buffers()[ShopName("b")]
    assert (advice["sku"], advice["buffer"] * 20 < advice["most"]) == ("S000", True)


async def test_a_shop_needs_no_buffer_for_what_it_does_not_list() -> None:
    world = await sold()
    listings = [row for row in await world.store.listings() if (row.shop, row.sku) != ("b", "A")]
    adviser = Adviser(world.topology, listings, await stated_by(world), world.clock.now())

    assert [one["buffer"] for one in adviser.buffers()[ShopName("b")]] == [None]


async def test_before_anything_was_sold_no_setting_is_advised() -> None:
    world = await World({"A": 9}).filled()
    adviser = await advising(world)
    unknown = {"pool": "main", "risk": 0.001, "most": None, "sku": None}

    assert adviser.buffers()[ShopName("a")] == [unknown | {"buffer": None}]
    assert list(adviser.levels()) == [unknown | {"warning_level": None}]


async def test_while_no_delay_was_measured_no_setting_is_advised() -> None:
    world = await sold()
    stated = Stated(risk=0.001, demand=await world.store.demand())
    adviser = Adviser(world.topology, await world.store.listings(), stated, world.clock.now())

    (advice,) = adviser.buffers()[ShopName("b")]
    assert (advice["buffer"], advice["most"], advice["sku"]) == (None, None, None)


async def test_a_split_pool_is_advised_no_settings() -> None:
    adviser = await advising(await sold(PoolMode.SPLIT))

    assert (adviser.buffers()[ShopName("a")], list(adviser.levels())) == ([], [])
