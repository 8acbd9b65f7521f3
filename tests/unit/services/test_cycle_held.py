"""A listing that loses its code goes on counting as the SKU that it sold, for as long as it can sell."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import ShopStatus
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from syncd.services.cycle import Selection
from syncd.services.queries import Explainer
from syncd.services.requests import GONE
from tests.unit.services.cycle_world import PROVES, World, shown

A = ListingId("A")
SECOND = ListingId("A2")


async def split(**stock: int) -> World:
    return await World(stock, mode=PoolMode.SPLIT, traits=PROVES).filled()


async def lost(text: str = "", **stock: int) -> World:
    """Let a shop's only listing of A lose its code after all was filled."""
    world = await split(**(stock or {"A": 40}))
    code(world, "a", text)
    await world.run()
    return world


def code(world: World, shop: str, text: str, listing: ListingId = A) -> None:
    """Let a person write another code on a listing of a shop."""
    world.shop(shop).put(replace(world.shop(shop).shown(listing), code=text))


def on_sale(world: World) -> list[int]:
    return [world.counters(shop)["A"] for shop in world.channels]


def writes(world: World, shop: str = "a") -> int:
    return sum(len(call) for call in world.shop(shop).pushed)


async def shares(world: World) -> dict[ShopName, int]:
    return {row.shop: row.units for row in await world.store.shares() if row.sku == "A"}


@pytest.mark.parametrize("text", ["", "no such code", "A2-B2"], ids=["none", "unknown", "strange"])
async def test_no_unit_of_a_listing_that_lost_its_code_is_given_away(text: str) -> None:
    world = await split(A=40)
    before = writes(world)
    code(world, "a", text)
    for _ in range(6):
        await world.run(after=1200)
        assert sum(on_sale(world)) <= 40

    assert (on_sale(world), writes(world) - before) == ([20, 20], 0)


async def test_it_keeps_its_sku_beside_the_reason_why_it_is_unbound() -> None:
    row = await (await lost("X")).row("a", "A")

    assert (row.sku, row.is_held, row.is_bound) == ("A", True, False)
    assert "no SKU or bundle 'X'" in row.unbound_because


async def test_it_is_told_once() -> None:
    world = await lost()
    for _ in range(3):
        await world.run(after=1200)

    [unbound], [changed] = world.told.named("listing_unbound"), world.told.named("binding_held")
    assert (unbound["shop"], unbound["listing"]) == ("a", "A")
    assert str(changed["because"]).endswith("what it can sell stays counted as 'A'")


async def test_a_new_start_goes_on_holding_it() -> None:
    world = await lost()
    world.restart()
    for _ in range(4):
        await world.run(after=1200)

    assert on_sale(world) == [20, 20]


async def test_what_it_sells_is_a_sale_of_its_sku_and_moves_nothing() -> None:
    world = await lost()
    world.shop("a").sell(A, 6)
    await world.run()

    assert (on_sale(world), await world.claimed("A")) == ([14, 20], 6)
    world.stock(A=34)
    for _ in range(3):
        await world.run(after=1200)
    assert (on_sale(world), await world.claimed("A")) == ([14, 20], 0)


async def test_new_units_go_to_the_others() -> None:
    world = await lost()
    world.stock(A=50)
    for _ in range(4):
        await world.run(after=1200)

    assert on_sale(world) == [20, 30]


async def test_where_too_few_are_left_the_others_are_lowered() -> None:
    world = await lost()
    before = writes(world)
    world.stock(A=25)
    for _ in range(3):
        await world.run(after=1200)

    assert (on_sale(world), writes(world) - before) == ([20, 5], 0)


async def test_what_a_person_adds_to_it_comes_off_the_others() -> None:
    world = await lost()
    world.shop("a").put(replace(world.shop("a").shown(A), quantity=30))
    for _ in range(3):
        await world.run(after=1200)

    assert on_sale(world) == [30, 10]


@pytest.mark.parametrize("first", [True, False], ids=["lost first", "at once"])
async def test_what_it_sold_last_is_a_sale_of_its_sku(first: bool) -> None:  # noqa: FBT001
    world = await split(A=40)
    code(world, "a", "")
    for _ in range(first):
        await world.run()
    world.shop("a").sell(A, 20)
    for _ in range(4):
        await world.run()

    assert (on_sale(world), await world.claimed("A")) == ([0, 20], 20)


async def test_what_it_sold_before_it_went_off_sale_is_a_sale_of_its_sku() -> None:
    world = await lost()
    world.shop("a").sell(A, 5)
    world.shop("a").put(replace(world.shop("a").shown(A), on_sale=False))
    for _ in range(4):
        await world.run()

    assert (on_sale(world), await world.claimed("A")) == ([0, 35], 5)


async def test_once_it_is_sold_out_it_is_plainly_unbound() -> None:
    world = await lost()
    world.shop("a").sell(A, 20)
    for _ in range(2):
        await world.run()
    row = await world.row("a", "A")

    assert (row.sku, bool(row.unbound_because)) == ("", True)
    world.stock(A=20)
    for _ in range(3):
        await world.run(after=1200)
    assert on_sale(world) == [0, 20]


@pytest.mark.parametrize("how", ["off sale", "zero", "gone"])
async def test_once_nobody_can_buy_it_its_units_are_given_to_others(how: str) -> None:
    world = await lost()
    if how == "gone":
        world.shop("a").drop(A)
        world.shop("a").put(shown("other", 1, code="nothing"))
    else:
        off = {"on_sale": False} if how == "off sale" else {"quantity": 0}
        world.shop("a").put(replace(world.shop("a").shown(A), **off))
    for _ in range(4):
        await world.run(after=1200)

    assert (world.counters("b")["A"], (await world.row("a", "A")).sku) == (40, "")


async def test_with_its_code_back_it_is_as_it_was() -> None:
    world = await lost()
    before = writes(world), writes(world, "b")
    code(world, "a", "A")
    for _ in range(3):
        await world.run(after=1200)
    assert (on_sale(world), (writes(world), writes(world, "b"))) == ([20, 20], before)
    world.stock(A=30)
    for _ in range(3):
        await world.run(after=1200)

    assert (sum(on_sale(world)), (await world.row("a", "A")).is_bound) == (30, True)


async def test_with_the_code_of_another_sku_it_is_of_that_one() -> None:
    world = await lost(A=40, B=10)
    code(world, "a", "B")
    for _ in range(6):
        await world.run(after=1200)

    assert (await world.row("a", "A")).sku == "B"
    assert world.counters("b")["A"] == 40
    assert sum(world.counters("a").values()) + world.counters("b")["B"] == 10


async def test_a_code_that_becomes_known_binds_it() -> None:
    world = await lost("NEW")
    world.stock(A=40, NEW=7)
    for _ in range(6):
        await world.run(after=1200)

    assert (await world.row("a", "A")).sku == "NEW"
    assert [world.counters(shop)["A"] for shop in world.channels] == [7, 40]


async def test_the_other_listings_of_its_shop_have_the_rest() -> None:
    world = World({"A": 40}, mode=PoolMode.SPLIT, traits=PROVES)
    world.shop("a").put(shown(SECOND, 0, code="A"))
    await world.filled()
    code(world, "a", "")
    for _ in range(4):
        await world.run(after=1200)
    assert (world.counters("a"), world.counters("b")) == ({"A": 10, SECOND: 10}, {"A": 20})
    world.stock(A=25)
    for _ in range(4):
        await world.run(after=1200)

    mine, theirs = world.counters("a"), world.counters("b")
    assert mine["A"] == 10
    assert sum(mine.values()) + sum(theirs.values()) == 25


async def test_in_a_shared_pool_its_sales_lower_the_others() -> None:
    world = await World({"A": 40}).filled()
    code(world, "a", "")
    await world.run()
    world.shop("a").sell(A, 6)
    for _ in range(2):
        await world.run()

    assert on_sale(world) == [34, 34]


async def test_a_shop_that_is_read_seldom_has_it_audited_until_it_sells_no_more() -> None:
    world = World({"A": 40}, mode=PoolMode.SPLIT, traits=PROVES)
    world.observe_every, world.audit = timedelta(days=1), 5
    await world.filled()
    code(world, "a", "")
    for _ in range(3):
        await world.run()
    assert (on_sale(world), (await world.row("a", "A")).is_held) == ([20, 20], True)
    world.shop("a").put(replace(world.shop("a").shown(A), quantity=0))
    for _ in range(4):
        await world.run()

    assert (await world.row("a", "A")).sku == ""


async def test_a_listing_that_showed_nothing_is_unbound_as_soon_as_it_loses_its_code() -> None:
    world = await split(A=0)
    code(world, "a", "")
    await world.run()

    assert (await world.row("a", "A")).sku == ""


async def test_a_shop_cannot_leave_while_it_can_sell_what_it_holds() -> None:
    world = await lost()
    before = writes(world)
    await world.store.ask("retire_off_sale", "a", at=world.clock.now(), by="ann")
    for _ in range(4):
        await world.requests.obey()
        await world.run(after=1200)

    assert (on_sale(world), writes(world) - before) == ([20, 20], 0)
    assert (await world.store.shops())[ShopName("a")].status is ShopStatus.RETIRING
    world.shop("a").put(replace(world.shop("a").shown(A), on_sale=False))
    for _ in range(4):
        await world.requests.obey()
        await world.run(after=1200)
    assert on_sale(world) == [0, 40]


async def test_what_it_held_is_free_once_a_person_saw_its_shop_gone() -> None:
    world = await lost()
    for _ in range(40):
        world.shop("a").fail_observe(PortError(Kind.TRANSIENT, "no route"))
    await world.run()
    await world.store.ask(GONE, "a", at=world.clock.now(), by="ann")
    for _ in range(20):
        await world.requests.obey()
        await world.run(after=120)

    assert world.counters("b") == {"A": 40}


async def test_an_explanation_names_it_and_what_it_keeps() -> None:
    world = await lost()
    found = Explainer((await world.run(whole=True)).view).explain(Sku("A"))

    steps = {step["name"]: (step["value"], step["rule"]) for step in found["shops"]["b"]["steps"]}
    [listing] = found["shops"]["a"]["listings"]
    assert (steps["main.held"], found["pools"]["main"]["held"]) == ((20, "unbound a A"), 20)
    assert (found["shops"]["a"]["desired"], listing["rule"]) == (None, "unbound")
    assert listing["held_because"].startswith("the listing has no code")


async def test_a_plan_of_one_shop_alone_gives_nothing_of_it_away() -> None:
    world = await split(A=40)
    code(world, "a", "")
    await world.run(selection=Selection(shop=ShopName("b")))
    await world.run(selection=Selection(shop=ShopName("b")))

    assert on_sale(world) == [20, 20]
