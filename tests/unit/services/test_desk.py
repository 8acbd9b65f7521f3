"""The desk answers operators from the state, with the figures of the cycles."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.model import ShopName, Sku
from syncd.errors import Kind, NotThere, PortError
from syncd.services.desk import Asked
from tests.unit.services.cycle_world import World
from tests.unit.services.desk_world import STOCK, by, desk_of, seeded

A = ShopName("a")
DOWN = PortError(Kind.TRANSIENT, "no route")


# --- overview and shops --------------------------------------------------------------------------------


async def test_the_overview_says_how_every_shop_stands() -> None:
    desk = desk_of(await seeded())

    found = await desk.overview()

    a = by(found["shops"], "shop")["a"]
    assert (a["status"], a["listings"], a["unbound"], a["error"]) == ("active", 14, 1, "")
    assert (found["unbound"], a["orders"]["error"]) == (1, "")


async def test_the_overview_says_how_old_the_figures_are() -> None:
    world = await seeded()
    world.clock.advance(90)

    (source,) = (await desk_of(world).overview())["sources"]

    assert (source["source"], source["age_seconds"], source["error"]) == ("erp", 90.0, "")


async def test_the_overview_names_what_is_held_and_counts_alerts() -> None:
    world = await seeded()

    found = await desk_of(world).overview()

    assert [plan["digest"] for plan in found["held"]] == [(await world.store.held_now()).digest]
    assert found["alerts"] == {"critical": 1, "warning": 0, "info": 0}


async def test_a_shop_that_was_never_read_has_nobody_knows_how_many_listings() -> None:
    found = await desk_of(World(STOCK)).overview()

    assert (found["shops"][0]["listings"], found["sources"][0]["as_of"]) == (None, None)
    assert found["unbound"] is None


async def test_a_failing_shop_says_why_and_since_when() -> None:
    world = await seeded()
    world.shop("b").fail_observe(DOWN)
    await world.run()

    b = by((await desk_of(world).overview())["shops"], "shop")["b"]

    assert (b["error"], b["since"]) == ("no route", world.clock.now().isoformat())


async def test_one_shop_has_the_limits_by_which_it_is_written() -> None:
    found = await desk_of(await seeded()).shop(A)

    assert (found["policy"], found["pools"], found["unanswered"]) == ("full", ["main"], 0)
    assert found["guard"]["max_off_percent"] == 30


async def test_a_shop_that_is_not_configured_is_not_there() -> None:
    with pytest.raises(NotThere, match="there is no shop 'z'"):
        await desk_of(await seeded()).shop(ShopName("z"))


async def test_listings_are_counted_anew_after_a_while() -> None:
    world = await seeded()
    desk = desk_of(world)
    await desk.overview()
    row = await world.row("a", "S01")
    await world.store.save_listings([row._replace(sku=Sku(""), unbound_because="gone")])

    first = (await desk.overview())["unbound"]
    world.clock.advance(11)

    assert (first, (await desk.overview())["unbound"]) == (1, 2)


async def test_the_shops_come_with_advice() -> None:
    found = await desk_of(await seeded()).shops()

    assert [pool["pool"] for pool in found["pools"]] == ["main"]
    assert [one["pool"] for one in found["shops"][0]["advice"]] == ["main"]


# --- stock ---------------------------------------------------------------------------------------------


async def test_the_stock_says_what_is_available_and_what_shops_should_show() -> None:
    items = by((await desk_of(await seeded()).stock(Asked()))["items"], "sku")

    assert (items["S08"]["available"], items["S08"]["claims"], items["S08"]["flags"]) == (10, 0, [])
    shops = by(items["S08"]["shops"], "shop")
    assert (shops["a"]["quantity"], shops["a"]["desired"], shops["a"]["expected"]) == (10, 10, [10, 10])


async def test_the_stock_knows_of_claims_and_locks() -> None:
    items = by((await desk_of(await seeded()).stock(Asked()))["items"], "sku")

    assert (items["S11"]["available"], items["S11"]["claims"]) == (8, 2)
    assert (items["S09"]["pools"][0]["locked"], items["S09"]["flags"]) == (3, ["locked"])


async def test_the_stock_marks_what_the_guard_holds() -> None:
    item = by((await desk_of(await seeded()).stock(Asked()))["items"], "sku")["S00"]

    assert item["flags"] == ["held"]
    assert item["shops"][0]["held_because"] == "held by the guard"


async def test_a_bundle_stands_among_the_stock_without_a_pool() -> None:
    item = by((await desk_of(await seeded()).stock(Asked()))["items"], "sku")["KIT"]

    assert (item["bundle"], item["available"], item["pools"]) == (True, None, [])
    assert [(shop["shop"], shop["desired"]) for shop in item["shops"]] == [("a", 2)]


async def test_low_stock_is_marked() -> None:
    world = await World(STOCK).filled()
    world.rule(sku="S01", notice_level=10)

    items = by((await desk_of(world).stock(Asked()))["items"], "sku")

    assert (items["S01"]["flags"], items["S02"]["flags"]) == (["low"], [])


async def test_what_is_off_sale_is_marked() -> None:
    world = await World(STOCK).filled()
    world.rule(sku="S01", warning_level=20)
    await world.run()

    item = by((await desk_of(world).stock(Asked()))["items"], "sku")["S01"]

    assert ("off" in item["flags"], item["shops"][0]["off_sale"]) == (True, True)


async def test_the_stock_is_searched_by_codes_and_titles() -> None:
    world = await seeded()
    row = await world.row("a", "S05")
    await world.store.save_listings([row._replace(title="A red mug")])

    found = [item["sku"] for item in (await desk_of(world).stock(Asked(search="MUG")))["items"]]

    assert found == ["S05"]


async def test_the_stock_of_one_pool_leaves_bundles_out() -> None:
    world = await seeded()
    pool = world.topology.pools[0].name

    items = (await desk_of(world).stock(Asked(pool=pool)))["items"]

    assert [item["sku"] for item in items] == list(STOCK)


async def test_a_pool_that_is_not_configured_is_not_there() -> None:
    with pytest.raises(NotThere, match="there is no pool 'z'; configured are main"):
        await desk_of(await seeded()).stock(Asked(pool="z"))  # type: ignore[arg-type]


async def test_nothing_is_there_while_nothing_was_collected() -> None:
    assert await desk_of(World(STOCK)).stock(Asked()) == {"items": [], "next": None}


async def test_a_history_is_of_steps_with_the_oldest_first() -> None:
    world = await World({"A": 10}).filled()
    for units in (8, 6):
        world.stock(A=units)
        await world.run()

    series = (await desk_of(world).history(Sku("A")))["series"]

    counter = next(one for one in series if (one["shop"], one["what"]) == ("a", "counter"))
    assert [value for _, value in counter["points"]][-2:] == [8, 6]
    assert counter["points"] == sorted(counter["points"])


async def test_a_history_begins_when_it_is_asked_to() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=8)
    await world.run()
    later = world.clock.now() + timedelta(minutes=1)

    assert (await desk_of(world).history(Sku("A"), since=later))["series"] == []


# --- plans ---------------------------------------------------------------------------------------------


async def test_a_held_plan_says_what_and_why_by_shop() -> None:
    (plan,) = (await desk_of(await seeded()).plans())["items"]

    assert (plan["changes"], plan["waiting"], plan["rejected"], plan["stands"]) == (10, 10, 0, True)
    hold = by(plan["shops"], "shop")["a"]["holds"][0]
    assert (hold["setting"], hold["limit"], hold["changes"]) == ("guard.max_off_percent", 30, 5)
    assert hold["message"].startswith("shop a: ")


async def test_a_held_plan_lists_its_changes() -> None:
    world = await seeded()
    digest = (await world.store.held_now()).digest

    first = (await desk_of(world).plan(digest, Asked(shop=A)))["list"]["items"][0]

    assert (first["sku"], first["old"], first["new"], first["kind"]) == ("S00", 10, 0, "zero")
    assert (first["cause"], first["setting"]) == ("snapshot", "guard.max_off_percent")


async def test_a_rejected_plan_waits_for_nobody() -> None:
    world = await seeded()
    desk, digest = desk_of(world), (await world.store.held_now()).digest
    await desk.reject(digest, by="console:ann")
    await world.requests.obey()

    found = await desk.plan(digest)

    assert (found["waiting"], found["rejected"]) == (0, 10)
    assert found["list"]["items"][0]["rejected_by"] == "console:ann"


async def test_a_plan_that_is_held_no_more_does_not_stand() -> None:
    world = await seeded()
    digest = (await world.store.held_now()).digest
    world.stock(**STOCK)
    await world.run()

    found = await desk_of(world).plan(digest)

    assert (found["stands"], found["waiting"], (await desk_of(world).plans())["items"]) == (False, 0, [])


async def test_a_plan_that_nobody_made_is_not_there() -> None:
    with pytest.raises(NotThere, match="nothing is held under"):
        await desk_of(await seeded()).plan("f" * 16)


# --- what was ------------------------------------------------------------------------------------------


async def test_the_ledger_is_found_by_kind() -> None:
    found = (await desk_of(await seeded()).ledger(Asked(what="lock")))["items"]

    assert [row["what"] for row in found] == ["lock"] * len(found)


async def test_alerts_that_are_over_are_shown_where_asked() -> None:
    desk = desk_of(await seeded())

    going = [one["id"] for one in (await desk.alerts(Asked()))["items"]]
    all_ = [one["id"] for one in (await desk.alerts(Asked(ended=True)))["items"]]

    assert (going, all_) == ([1], [2, 1])


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        (Asked(what="warning"), 0),
        (Asked(what="critical"), 1),
        (Asked(shop=ShopName("b")), 0),
        (Asked(shop=A), 1),
    ],
)
async def test_alerts_are_found_by_level_and_shop(asked: Asked, count: int) -> None:
    assert len((await desk_of(await seeded()).alerts(asked))["items"]) == count


async def test_a_request_says_what_came_of_it() -> None:
    world = await seeded()
    desk = desk_of(world)
    number = await desk.set_status(A, "pause", by="console:ann")

    before = await desk.request(number)
    await world.requests.obey()
    after = await desk.request(number)

    assert (before["done"], before["answer"]) == (False, "")
    assert (after["done"], after["refused"], after["answer"]) == (True, False, "shop a is paused")


async def test_a_refused_request_says_so() -> None:
    world = await seeded()
    desk = desk_of(world)
    number = await desk.release_lock(1, 99, by="console:ann")
    await world.requests.obey()

    found = await desk.request(number)

    assert (found["refused"], found["answer"]) == (
        True,
        "lock 1: 1 to 2 of its units can be released, not 99",
    )


async def test_a_cycle_that_was_asked_for_answers_in_words() -> None:
    world = await seeded()
    desk = desk_of(world)
    number = await desk.sync(by="console:ann")
    await world.store.answer(number, '{"done": 3, "held": "2c26b46b68ffc68f", "failures": ["shop b: down"]}')

    answer = (await desk.request(number))["answer"]

    assert answer == "3 changes done, held by the guard: 2c26b46b68ffc68f; shop b: down"


async def test_a_request_that_nobody_made_is_not_there() -> None:
    with pytest.raises(NotThere, match="there is no request 99"):
        await desk_of(await seeded()).request(99)


async def test_a_shop_without_a_feed_tells_no_orders() -> None:
    world = await World(STOCK).filled()

    assert (await desk_of(world).shop(A))["orders"] is None


async def test_a_shop_that_never_told_its_orders_is_known_until_never() -> None:
    world = World(STOCK)
    desk = desk_of(world)
    ground = replace(desk.ground, told=frozenset([A]))

    assert (await type(desk)(ground).shop(A))["orders"] == {"known_until": None, "error": "", "since": None}
