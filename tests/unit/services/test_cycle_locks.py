"""Locks from cycle to cycle: what is locked is on sale nowhere else, and every unit is in one place."""

import pytest

from syncd.domain.model import Cause
from syncd.domain.policy import Stop
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from syncd.services.lock_requests import END, RELEASE, release_text
from tests.unit.services.cycle_world import World, changes, stops
from tests.unit.services.locks_world import A, ask, filled, lock, settle, shares, shown, used

BOTH = pytest.mark.parametrize("mode", list(PoolMode))


# --- a lock comes and goes ----------------------------------------------------------------------------


async def test_what_is_locked_for_nobody_leaves_a_shared_pool_at_once() -> None:
    world = await filled(PoolMode.SHARED)
    await lock(world, 15)
    await world.run()
    assert shown(world) == [25, 25]


async def test_what_is_locked_for_nobody_comes_off_all_shares() -> None:
    world = await filled(PoolMode.SPLIT)
    await lock(world, 10)
    await settle(world)
    assert (shown(world), await shares(world)) == ([15, 15], {"a": 15, "b": 15})


async def test_a_lock_that_ends_gives_its_units_back_to_a_shared_pool() -> None:
    world = await filled(PoolMode.SHARED)
    await lock(world, 10, shop="a", only=True)
    await settle(world)
    await ask(world, END, "1")
    await settle(world)
    assert shown(world) == [40, 40]


async def test_what_a_lock_held_goes_to_who_has_least_once_it_has_ended() -> None:
    world = await filled(PoolMode.SPLIT)
    await lock(world, 10, shop="a", only=True)
    await settle(world)
    await ask(world, END, "1")
    await settle(world)
    assert shown(world) == [10, 30]


@BOTH
async def test_a_shop_that_shows_only_its_lock_shows_what_is_released_of_it(mode: PoolMode) -> None:
    world = await filled(mode)
    await lock(world, 10, shop="a", only=True, released=4)
    await settle(world)
    assert shown(world) == [4, 30]


@BOTH
async def test_units_are_released_by_hand(mode: PoolMode) -> None:
    world = await filled(mode)
    await lock(world, 10, shop="a", only=True)
    await settle(world)
    before = shown(world)
    await ask(world, RELEASE, release_text(1, 3))
    await settle(world)
    assert (before, shown(world)) == ([0, 30], [3, 30])


@BOTH
async def test_a_batch_is_released_when_its_time_has_come(mode: PoolMode) -> None:
    world = await filled(mode)
    at = world.clock.now().replace(hour=20).isoformat()
    await lock(world, 10, shop="a", only=True, released=1, schedule=f"5@{at}")
    await settle(world)
    before = shown(world)
    await world.run(after=11 * 3600)
    await settle(world)
    assert (before[0], shown(world)[0]) == (1, 6)


async def test_a_release_that_fell_due_is_written_down_once() -> None:
    world = await filled(PoolMode.SHARED)
    at = world.clock.now().replace(hour=20).isoformat()
    await lock(world, 10, shop="a", schedule=f"5@{at}")
    await world.run(after=11 * 3600)
    await settle(world)
    rows = [(row.old, row.new, row.cause, row.rule) for row in await world.ledger("lock_released")]
    assert rows == [(0, 5, "schedule", "locks.1")]


async def test_what_a_lock_lowers_is_said_to_be_for_the_lock() -> None:
    world = await filled(PoolMode.SHARED)
    await lock(world, 15)
    report = await world.run()
    assert {change.cause for change in changes(report).values()} == {Cause.LOCK}


async def test_the_guard_never_holds_what_a_lock_takes_away() -> None:
    world = await World({f"S{i}": 30 for i in range(12)}).filled()
    for i in range(12):
        await lock(world, 30, shop="a", only=True, sku=f"S{i}")
    report = await world.run()
    assert (report.held, sum(world.counters("b").values())) == (False, 0)


async def test_the_guard_holds_a_source_that_leaves_no_more_than_is_locked() -> None:
    names = [f"S{i}" for i in range(12)]
    world = await World(dict.fromkeys(names, 30)).filled()
    for name in names:
        await lock(world, 2, sku=name)
    await settle(world)
    world.stock(**dict.fromkeys(names, 2))
    report = await world.run()
    assert (report.held, sum(world.counters("b").values())) == (True, 12 * 28)


# --- proof before giving ------------------------------------------------------------------------------


async def test_a_released_lock_waits_until_other_shares_are_proven_to_be_taken() -> None:
    world = await filled(PoolMode.SPLIT)
    world.shop("b").fail_push(*[PortError(Kind.TRANSIENT, "down") for _ in range(99)])
    await lock(world, 30, shop="a", released=30)
    reports = [await world.run() for _ in range(3)]
    assert (sum(shown(world)), stops(reports[-1])["a", "A"]) == (40, Stop.TAKE_FIRST)


async def test_a_lock_takes_nothing_that_a_paused_shop_has_on_sale() -> None:
    world = await filled(PoolMode.SPLIT)
    await ask(world, "pause", "b")
    await lock(world, 30, shop="a", released=30)
    await settle(world)
    assert (shown(world), world.told.named("locks_cut")[-1]["units"]) == ([20, 20], 10)


async def test_a_release_does_not_pass_for_a_sale_from_the_share() -> None:
    world = await filled(PoolMode.SPLIT)
    await lock(world, 10, shop="a")
    await settle(world)
    await ask(world, RELEASE, release_text(1, None))
    await settle(world)
    assert (shown(world), await shares(world)) == ([25, 15], {"a": 15, "b": 15})


# --- sales --------------------------------------------------------------------------------------------


@BOTH
async def test_a_sale_from_a_lock_lowers_nobody_and_needs_no_write(mode: PoolMode) -> None:
    world = await filled(mode)
    await lock(world, 10, shop="a", only=True, released=10)
    await settle(world)
    writes = [len(world.shop(name).pushed) for name in "ab"]
    world.shop("a").sell(A, 3)
    await settle(world)
    assert (shown(world), await used(world)) == ([7, 30], 3)
    assert [len(world.shop(name).pushed) for name in "ab"] == writes


@BOTH
async def test_a_lock_stays_used_when_the_erp_knows_of_the_sale(mode: PoolMode) -> None:
    world = await filled(mode)
    await lock(world, 10, shop="a", only=True, released=10)
    await settle(world)
    world.shop("a").sell(A, 3)
    await world.run()
    world.stock(A=37)
    for _ in range(3):
        await world.run(after=1200)
    assert (shown(world), await world.claimed("A"), await used(world)) == ([7, 30], 0, 3)


async def test_a_sale_beside_a_lock_comes_off_the_lock_first_and_then_off_the_share() -> None:
    world = await filled(PoolMode.SPLIT)
    await lock(world, 4, shop="a", released=4)
    await settle(world)
    world.shop("a").sell(A, 6)
    await settle(world)
    assert (shown(world), await used(world)) == ([16, 18], 4)


async def test_what_was_sold_before_the_lock_does_not_come_off_it() -> None:
    world = await filled(PoolMode.SHARED)
    world.shop("a").sell(A, 3)
    await world.run()
    await lock(world, 10, shop="a", only=True, released=10)
    await settle(world)
    assert (shown(world), await used(world)) == ([10, 27], 0)


async def test_what_comes_back_comes_back_to_the_lock() -> None:
    world = await filled(PoolMode.SHARED)
    await lock(world, 10, shop="a", only=True, released=10)
    await settle(world)
    world.shop("a").sell(A, 3)
    await world.run()
    world.shop("a").sell(A, -2)
    await settle(world)
    assert (shown(world), await used(world)) == ([9, 30], 1)


async def test_what_sales_used_of_a_lock_is_written_down() -> None:
    world = await filled(PoolMode.SHARED)
    await lock(world, 10, shop="a", only=True, released=10)
    await settle(world)
    world.shop("a").sell(A, 3)
    await settle(world)
    rows = [(row.old, row.new, row.cause) for row in await world.ledger("lock")]
    assert rows == [(10, 7, "used"), (None, 10, "added")]


@BOTH
async def test_a_sold_out_lock_of_which_a_shop_shows_only_the_units_stays_at_zero(mode: PoolMode) -> None:
    world = await filled(mode)
    await lock(world, 5, shop="a", only=True, released=5)
    await settle(world)
    world.shop("a").sell(A, 5)
    await settle(world)
    assert shown(world) == [0, 35]


async def test_a_looked_at_sale_uses_nothing_yet() -> None:
    world = await filled(PoolMode.SHARED)
    await lock(world, 10, shop="a", only=True, released=10)
    await settle(world)
    world.shop("a").sell(A, 3)
    view = await world.cycle.look(save=False)
    assert (await used(world), [use.units for use in view.decision.plan.book.state.uses]) == (0, [3])
