"""What an explanation says beside the figures: claims, shares with their history, what moved counters."""

from datetime import timedelta

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from syncd.services.queries import Explainer, Json
from syncd.services.sales import Sales
from syncd.services.standing import Beside
from tests.unit.services.cycle_world import TELLS, World
from tests.unit.services.orders_world import order

X, A = ListingId("A"), ShopName("a")
DOWN = PortError(Kind.TRANSIENT, "no route")


async def opened(mode: PoolMode = PoolMode.SPLIT, **settings: object) -> World:
    return await World({"A": 40}, mode=mode, **settings).filled()  # type: ignore[arg-type]


async def explained(world: World, *, shop: str | None = None, rows: int = 20) -> Json:
    """Look a minute later, without making the state know it."""
    world.clock.advance(60)
    view = await world.cycle.look(save=False)
    tells = {name for name, channel in world.channels.items() if channel.traits.order_feed}
    sales = Sales(
        topology=world.topology,
        rules=dict.fromkeys(world.channels, world.order_rules),
        sources={},
        orders=await world.store.orders(),
        feeds=await world.store.feeds(),
        told=frozenset(tells),
    )
    beside = Beside(
        intents=await world.store.unresolved(),
        ledger=await world.store.ledger(sku=Sku("A"), limit=999),
        sales=sales,
        rows=rows,
    )
    return Explainer(view, beside).explain(Sku("A"), ShopName(shop) if shop else None)


async def the_listing(world: World) -> Json:
    found: Json = (await explained(world))["shops"]["a"]["listings"][0]
    return found


# --- claims ------------------------------------------------------------------------------------------------


async def test_an_order_that_was_told_just_now_is_an_open_claim() -> None:
    world = await opened(traits=TELLS)
    number = order(world, 3)

    (claim,) = (await explained(world))["open_claims"]

    assert [claim[key] for key in ("shop", "presumed", "order", "listing", "units")] == [
        "a",
        False,
        number,
        "A",
        3,
    ]


async def test_a_claim_says_what_it_waits_for() -> None:
    world = await opened(traits=TELLS)
    order(world, 3)

    (claim,) = (await explained(world))["open_claims"]

    assert claim["waits_for"][0].startswith("source erp: its figures were read, until ")


async def test_a_counter_that_fell_is_a_presumed_claim() -> None:
    world = await opened()
    world.shop("a").sell(X, 2)

    (claim,) = (await explained(world))["open_claims"]

    assert (claim["presumed"], claim["listing"], claim["units"]) == (True, "A", 2)


async def test_claims_are_only_of_the_shop_that_was_asked_for() -> None:
    world = await opened()
    world.shop("a").sell(X, 2)

    assert ((await explained(world, shop="b"))["open_claims"], (await explained(world))["claims"]) == ([], 2)


async def test_without_what_the_state_knows_of_orders_claims_are_shown_all_the_same() -> None:
    world = await opened()
    world.shop("a").sell(X, 2)
    world.clock.advance(60)
    view = await world.cycle.look(save=False)

    assert [claim["units"] for claim in Explainer(view).explain(Sku("A"))["open_claims"]] == [2]


# --- shares ------------------------------------------------------------------------------------------------


async def test_a_shop_says_what_its_stored_share_is() -> None:
    world = await opened()

    assert (await explained(world))["shops"]["a"]["shares"] == {"main": 20}


async def test_a_shop_of_a_shared_pool_has_no_share() -> None:
    world = await opened(PoolMode.SHARED)

    assert (await explained(world))["shops"]["a"]["shares"] == {}


async def test_a_share_that_was_not_divided_yet_is_unknown() -> None:
    world = World({"A": 40}, mode=PoolMode.SPLIT)

    assert (await explained(world))["shops"]["a"]["shares"] == {"main": None}


async def test_a_share_has_its_history_with_words_for_people() -> None:
    world = await opened()
    world.shop("a").sell(X, 6)
    await world.run()

    (row,) = (await explained(world))["shops"]["a"]["history"]

    assert [row[key] for key in ("old", "new", "cause", "because", "rule")] == [
        20,
        14,
        "sale",
        "the shop sold them",
        "pools.main",
    ]


async def test_the_history_is_of_the_shop_itself() -> None:
    world = await opened()
    world.shop("a").sell(X, 6)
    await world.run()

    assert (await explained(world))["shops"]["b"]["history"] == []


async def test_the_history_is_the_newest_part_of_it() -> None:
    world = await opened()
    for units in (1, 2, 3):
        world.shop("a").sell(X, units)
        await world.run()

    rows = (await explained(world, rows=2))["shops"]["a"]["history"]

    assert [(row["old"], row["new"]) for row in rows] == [(17, 14), (19, 17)]


async def test_changes_of_shares_do_not_push_changes_of_listings_out() -> None:
    world = await opened()
    world.stock(A=30)
    await world.run()

    assert {row["what"] for row in (await explained(world))["ledger"]} == {"counter", "desired"}


async def test_a_split_pool_says_what_is_in_no_share_and_what_is_shared_out_twice() -> None:
    world = await opened()

    pool = (await explained(world))["pools"]["main"]

    assert (pool["unassigned"], pool["deficit"]) == (0, 0)


async def test_what_was_written_off_beyond_what_can_be_taken_is_a_deficit() -> None:
    world = await opened()
    for shop in "ab":
        await world.store.ask("pause", shop, at=world.clock.now(), by="ann")
    await world.requests.obey()
    world.stock(A=30)

    assert (await explained(world))["pools"]["main"]["deficit"] == 10


async def test_a_pool_that_was_not_divided_yet_does_not_know_what_is_in_no_share() -> None:
    world = World({"A": 40}, mode=PoolMode.SPLIT)

    assert (await explained(world))["pools"]["main"]["unassigned"] is None


async def test_units_on_their_way_are_shown_with_what_they_wait_for() -> None:
    world = await World({"A": 30}, mode=PoolMode.SPLIT).filled()
    world.shop("b").fail_push(*[DOWN for _ in range(999)])
    for _ in range(14):
        world.shop("a").sell(X, 1)
        await world.run(after=30)

    (row,) = (await explained(world))["moving"]

    assert (row["from"], row["to"], row["waits_for"][0].startswith("shop b: it can still show")) == (
        "b",
        "a",
        True,
    )


# --- what moved a counter ----------------------------------------------------------------------------------


async def test_a_counter_that_was_read_just_now_was_moved_by_nothing() -> None:
    assert (await the_listing(await opened()))["moved_by"] == []


async def unread(world: World) -> World:
    """Let hours pass until the shop is read again."""
    world.observe_every = timedelta(hours=10)
    world.restart()
    return world


async def test_an_order_moves_a_counter_that_was_not_read_since() -> None:
    world = await unread(await opened(traits=TELLS))
    world.clock.advance(600)
    order(world, 3)

    row = await the_listing(world)

    assert (row["expected"], [one["text"] for one in row["moved_by"]]) == (
        [17, 17],
        ["order line 1-1 (paid): 3 units off it by now"],
    )


async def test_an_order_from_before_the_reading_moved_nothing_since() -> None:
    world = await opened(traits=TELLS)
    order(world, 3)
    await world.run(after=600)
    await unread(world)

    assert (await the_listing(world))["moved_by"] == []


async def test_a_write_moves_a_counter_that_was_not_read_since() -> None:
    world = await unread(await opened())
    world.stock(A=30)
    await world.run()

    row = await the_listing(world)

    assert [one["what"] for one in row["moved_by"]] == ["write"]
    assert row["moved_by"][0]["text"] == "syncd wrote its counter: 20 -> 15 (snapshot)"


async def test_a_write_without_an_answer_is_told_with_what_it_leads_to() -> None:
    world = await opened()
    world.shop("a").fail_push(PortError(Kind.UNKNOWN, "lost"))
    world.stock(A=30)
    await world.run()

    texts = [one["text"] for one in (await the_listing(await unread(world)))["moved_by"]]

    assert [text for text in texts if "has no answer: done, it reads 15" in text]
