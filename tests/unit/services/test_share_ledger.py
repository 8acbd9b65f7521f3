"""The ledger of shares: every change with its cause, so that the rows add up to what the state has."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import LedgerRow
from syncd.domain.topology import PoolMode
from syncd.domain.virtual.history import way_of, words
from syncd.errors import Kind, PortError
from tests.unit.services.cycle_world import MAIN, World

A = ListingId("A")
DOWN = PortError(Kind.TRANSIENT, "down")


async def split(**stock: int) -> World:
    return await World(stock, mode=PoolMode.SPLIT).filled()


async def told(world: World, shop: str, *, since: int = 0) -> list[tuple[int | None, int | None, str]]:
    """Return old, new and cause of the share of one shop, oldest first, without the first `since` rows."""
    rows = [row for row in await world.ledger("share") if row.shop == shop and row.sku == "A"]
    return [(row.old, row.new, row.cause) for row in reversed(rows)][since:]


async def moved(world: World) -> list[tuple[int | None, int | None, str]]:
    return [(row.old, row.new, row.cause) for row in reversed(await world.ledger("moving"))]


async def crowded(units: int = 14, *, down: bool = False) -> World:
    """Let one shop sell nearly all of its share, so that units of the other one move to it."""
    world = await split(A=30)
    if down:
        world.shop("b").fail_push(*[DOWN for _ in range(999)])
    for _ in range(units):
        world.shop("a").sell(A, 1)
        await world.run(after=30)
    return world


# --- why a share is what it is -----------------------------------------------------------------------------


async def test_a_first_division_is_one_row_for_each_shop() -> None:
    world = await split(A=40, B=10, C=2)

    rows = [(row.shop, row.sku, row.old, row.new, row.rule) for row in await world.ledger("share")]

    assert sorted(rows) == [
        ("a", "", None, 26, "pools.main, 3 SKUs"),
        ("b", "", None, 26, "pools.main, 3 SKUs"),
    ]


async def test_a_sale_is_written_down_for_the_shop_that_sold_and_no_other() -> None:
    world = await split(A=40)
    world.shop("a").sell(A, 6)
    await world.run()

    assert (await told(world, "a"), await told(world, "b")) == ([(20, 14, "sale")], [])


async def test_a_write_off_is_written_down_as_a_drop() -> None:
    world = await split(A=40)
    world.stock(A=30)
    await world.run()

    assert await told(world, "a") == [(20, 15, "drop")]


async def test_a_receipt_is_written_down_as_a_refill() -> None:
    world = await split(A=40)
    world.stock(A=50)
    await world.run()

    assert (await told(world, "a"))[0] == (20, 25, "refill")


async def test_a_new_configuration_is_written_down_as_a_new_division() -> None:
    world = await split(A=40)
    world.rule(shop="b", weight=3)
    for _ in range(3):
        await world.run()

    assert (await told(world, "a"), await told(world, "b")) == ([(20, 10, "divided")], [(20, 30, "divided")])


async def test_a_quiet_cycle_writes_nothing_down() -> None:
    world = await split(A=40)
    before = len(await world.store.ledger(limit=999))
    for _ in range(3):
        await world.run()

    assert len(await world.store.ledger(limit=999)) == before


async def test_a_raise_that_does_not_reach_its_shop_is_no_news_again_and_again() -> None:
    world = await split(A=40)
    world.shop("a").fail_push(*[DOWN for _ in range(99)])
    world.stock(A=50)
    for _ in range(5):
        await world.run()

    assert len(await told(world, "a")) == 1


async def test_a_sale_that_the_same_cycle_refills_is_written_down() -> None:
    world = await split(A=40)
    world.shop("a").sell(A, 5)
    world.stock(A=50)
    await world.run()

    assert (20, 15, "sale") in await told(world, "a")


async def test_the_rows_are_committed_together_with_the_shares() -> None:
    world = await split(A=40)
    world.shop("a").sell(A, 6)
    await world.run()
    shares = {row.shop: row.units for row in await world.store.shares()}
    newest = (await world.store.ledger(what="share"))[0]

    assert (newest.shop, newest.new) == (ShopName("a"), shares[ShopName("a")])


# --- units on their way ------------------------------------------------------------------------------------


async def test_units_that_leave_a_share_are_written_down_as_sent() -> None:
    world = await crowded(down=True)
    (first, *_) = reversed(await world.ledger("moving"))

    assert (first.old, first.cause, first.shop, way_of(first.rule)) == (0, "rebalance", "a", (MAIN, "b", "a"))


async def test_units_that_arrive_are_written_down_as_landed() -> None:
    world = await crowded()
    for _ in range(3):
        await world.run(after=30)
    rows = await moved(world)

    assert {cause for _, _, cause in rows} == {"rebalance", "landed"}
    assert sum((new or 0) - (old or 0) for old, new, _ in rows) == 0


async def test_what_landed_raised_the_share() -> None:
    world = await crowded()
    for _ in range(3):
        await world.run(after=30)

    assert "landed" in [cause for _, _, cause in await told(world, "a")]


async def test_units_that_waited_too_long_are_written_down_as_expired() -> None:
    world = await crowded(down=True)
    (open_, *_) = await world.store.moves()
    await world.run(after=timedelta(minutes=31).total_seconds())

    assert (open_.units, 0, "expired") in await moved(world)


async def test_units_on_their_way_in_a_pool_that_is_divided_anew_are_written_down() -> None:
    world = await crowded(down=True)
    (open_, *_) = await world.store.moves()
    world.rule(shop="b", weight=3)
    await world.run(after=30)

    assert (await moved(world))[-1] == (open_.units, 0, "divided")


@pytest.mark.parametrize("cause", ["sale", "unshown", "divided", "expired", "drop", "landed"])
def test_every_cause_has_words_for_people(cause: str) -> None:
    assert len(words(cause).split()) > 2


def test_a_cause_that_is_not_known_is_shown_as_it_is() -> None:
    assert words("magic") == "magic"


# --- the books add up --------------------------------------------------------------------------------------

steps = st.lists(
    st.tuples(st.sampled_from(["a", "b", "stock", "down", "late", "rule"]), st.integers(1, 5)), max_size=14
)


async def _played(world: World, script: list[tuple[str, int]]) -> None:
    units = 30
    for what, number in script:
        if what in ("a", "b"):
            sold = min(number, world.counters(what)["A"])
            world.shop(what).sell(A, sold)
        elif what == "stock":
            units = max(units + 7 * (number - 3), 1)
            world.stock(A=units)
        elif what == "down":
            world.shop("b").fail_push(DOWN, DOWN)
        elif what == "rule":
            world.rule(shop="b", weight=number)
        await world.run(after=2400 if what == "late" else 30)


def _chained(rows: list[LedgerRow], start: int) -> list[int]:
    """Return the figures of one share from row to row; each row begins where the one before ended."""
    figures = [start]
    for row in reversed(rows):
        assert (row.old, row.new is not None) == (figures[-1], True)
        figures.append(row.new or 0)
    return figures


@settings(max_examples=30, deadline=None)
@given(steps)
async def test_the_rows_lead_from_the_first_share_to_the_stored_one(script: list[tuple[str, int]]) -> None:
    world = await split(A=30)
    await _played(world, script)
    ledger = [row for row in await world.ledger("share") if row.sku == "A"]
    stored = {row.shop: row.units for row in await world.store.shares() if row.sku == Sku("A")}

    for shop, units in stored.items():
        assert _chained([row for row in ledger if row.shop == shop], 15)[-1] == units


@settings(max_examples=30, deadline=None)
@given(steps)
async def test_what_was_sent_is_on_its_way_or_has_ended(script: list[tuple[str, int]]) -> None:
    world = await split(A=30)
    await _played(world, script)
    open_ = sum(row.units for row in await world.store.moves())

    assert sum((new or 0) - (old or 0) for old, new, _ in await moved(world)) == open_
