"""Answers about units on their way between shares: where they go, what they wait for, and how they ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import MoveRow
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from syncd.services.transfers import Ended, Json, stored_state, transfers_document
from tests.unit.services.cycle_world import MAIN, World

A = ListingId("A")
DOWN = PortError(Kind.TRANSIENT, "no route")
DAY = timedelta(days=1)


async def crowded(*, down: bool = True) -> World:
    """Let one shop sell nearly all of its share, so that units of the other one move to it."""
    world = await World({"A": 30}, mode=PoolMode.SPLIT).filled()
    if down:
        world.shop("b").fail_push(*[DOWN for _ in range(999)])
    for _ in range(14):
        world.shop("a").sell(A, 1)
        await world.run(after=30)
    for _ in range(0 if down else 3):
        await world.run(after=30)
    return world


async def listed(world: World, *, since: timedelta | None = None, limit: int = 50) -> Json:
    now = world.clock.now()
    state = await stored_state(world.store, world.topology, now)
    rows = await world.store.ledger(what="moving", limit=999)
    ended = None if since is None else Ended(ledger=rows, since=now - since, limit=limit)
    return transfers_document(state, ended)


async def the_move(world: World) -> Json:
    (found,) = (await listed(world))["moving"]
    row: Json = found
    return row


async def test_units_on_their_way_are_listed_with_both_shops() -> None:
    world = await crowded()
    (row,) = await world.store.moves()

    found = await the_move(world)

    assert [found[key] for key in ("pool", "sku", "from", "to", "units", "since")] == [
        "main",
        "A",
        "b",
        "a",
        row.units,
        row.at.isoformat(),
    ]


async def test_a_move_says_when_it_is_given_up() -> None:
    world = await crowded()
    (row,) = await world.store.moves()

    assert (await the_move(world))["expires"] == (row.at + timedelta(minutes=30)).isoformat()


async def test_a_move_waits_for_the_shop_that_can_still_sell_the_units() -> None:
    world = await crowded()
    shares = {row.shop: row.units for row in await world.store.shares()}
    own = shares[ShopName("b")]

    assert (await the_move(world))["waits_for"] == [f"shop b: it can still show 15 units, {own} are its own"]


async def test_units_of_a_shop_that_is_paused_meanwhile_turn_back_with_the_next_cycle() -> None:
    world = await crowded()
    await world.store.ask("pause", "b", at=world.clock.now(), by="ann")
    await world.requests.obey()

    assert (await the_move(world))["waits_for"] == ["the next cycle"]

    await world.run(after=30)

    assert [row["cause"] for row in (await listed(world, since=DAY))["finished"]] == ["returned"]


async def test_a_move_says_that_its_shop_cannot_be_read() -> None:
    world = await crowded()
    world.shop("b").fail_observe(DOWN)
    await world.run(after=30)

    assert "(no route)" in (await the_move(world))["waits_for"][0]


async def test_a_move_waits_for_a_counter_that_was_never_read() -> None:
    world = await crowded()
    row = await world.row("b", "A")
    await world.store.save_listings([row._replace(expected_lo=None, expected_hi=None)])

    assert "shop b: a counter of it was never read" in (await the_move(world))["waits_for"]


async def test_a_move_whose_taking_is_proven_waits_for_the_next_cycle() -> None:
    world = await crowded()
    row = await world.row("b", "A")
    await world.store.save_listings([row._replace(expected_lo=0, expected_hi=0)])

    assert (await the_move(world))["waits_for"] == ["the next cycle"]


async def test_a_move_of_what_is_there_no_more_is_shown_all_the_same() -> None:
    world = await crowded()
    strange = MoveRow(MAIN, Sku("GONE"), ShopName("b"), ShopName("a"), 3, world.clock.now())
    state = await stored_state(world.store, world.topology, world.clock.now())

    (found,) = transfers_document(replace(state, moves=[strange]))["moving"]

    assert "is there no more" in found["waits_for"][0]


async def test_without_being_asked_nothing_that_ended_is_listed() -> None:
    assert (await listed(await crowded(down=False)))["finished"] is None


async def test_units_that_arrived_are_listed_with_how_they_ended() -> None:
    world = await crowded(down=False)
    finished = (await listed(world, since=DAY))["finished"]

    assert {(row["from"], row["to"], row["cause"]) for row in finished} == {("b", "a", "landed")}
    assert finished[0]["because"] == "their taking from the other shop is proven"


async def test_units_that_were_only_sent_have_not_ended() -> None:
    assert (await listed(await crowded(), since=DAY))["finished"] == []


@pytest.mark.parametrize(("hours", "some"), [(1, True), (30, False)])
async def test_what_ended_longer_ago_is_not_listed(hours: int, *, some: bool) -> None:
    world = await crowded(down=False)
    world.clock.advance(hours * 3600)

    assert bool((await listed(world, since=DAY))["finished"]) is some


async def test_of_what_ended_the_newest_are_listed_and_the_rest_is_counted() -> None:
    world = await crowded(down=False)
    every = (await listed(world, since=DAY))["finished"]

    found = await listed(world, since=DAY, limit=1)

    assert (found["finished"], found["left_out"]) == (every[:1], len(every) - 1)


async def test_without_anything_on_its_way_nothing_is_listed() -> None:
    world = await World({"A": 30}, mode=PoolMode.SPLIT).filled()

    assert (await listed(world))["moving"] == []
