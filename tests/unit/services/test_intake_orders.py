"""Orders in the cycle: they lower every other shop, count once, and hold raises where they cannot be read."""

from dataclasses import replace
from datetime import timedelta

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.ordering import Deducts, Occupies
from syncd.domain.records import DemandRow
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from syncd.ports.store import Virtual
from tests.unit.services.cycle_world import TELLS, World, shown
from tests.unit.services.orders_world import A, claims, opened, order

SHOP = ShopName("a")
DOWN = PortError(Kind.TRANSIENT, "no route")


async def test_an_order_lowers_the_other_shop_at_once() -> None:
    world = await opened()
    order(world, 3)

    await world.run()

    assert (world.counters("a"), world.counters("b")) == ({"A": 7}, {"A": 7})


async def test_a_sale_that_counter_and_order_tell_counts_once() -> None:
    world = await opened()
    order(world, 3)

    await world.run()

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_an_order_that_comes_a_cycle_late_takes_the_place_of_the_presumed_sale() -> None:
    world = await opened()
    order(world, 3)
    world.shop("a").fail_orders(DOWN)
    await world.run()

    await world.run()

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_an_old_erp_figure_does_not_put_ordered_units_back() -> None:
    world = await opened()
    order(world, 3)

    for _ in range(5):
        await world.run()

    assert (world.counters("a"), world.counters("b")) == ({"A": 7}, {"A": 7})


async def test_a_claim_ends_when_the_snapshot_must_contain_the_order() -> None:
    world = await opened()
    order(world, 3)
    await world.run()
    world.stock(A=7)

    await world.run(after=800)

    assert await claims(world) == []


async def test_a_cancelled_order_puts_its_units_back_in_every_shop() -> None:
    world = await opened()
    number = order(world, 3)
    await world.run()
    world.shop("a").buyers.cancel(number, at=world.clock.now())

    await world.run()

    assert (world.counters("a"), world.counters("b")) == ({"A": 10}, {"A": 10})


async def test_a_cancelled_order_blames_no_foreign_writer() -> None:
    world = await opened()
    for _ in range(4):
        number = order(world, 3)
        await world.run()
        world.shop("a").buyers.cancel(number, at=world.clock.now())
        await world.run()

    assert await world.ledger("drift") == []


async def test_what_came_back_while_orders_could_not_be_read_blames_no_foreign_writer() -> None:
    """Three such outages would have stopped the raises of the listing for a day."""
    world = await opened()
    for _ in range(4):
        number = order(world, 3)
        await world.run()
        world.shop("a").buyers.cancel(number, at=world.clock.now())
        world.shop("a").fail_orders(DOWN)
        await world.run()
        await world.run()

    assert await world.ledger("drift") == []


async def test_an_order_between_two_readings_moves_what_the_counter_can_read() -> None:
    world = World({"A": 10}, traits=TELLS)
    world.observe_every = timedelta(hours=10)
    await world.filled()
    order(world, 3)

    await world.run()

    row = await world.row("a", "A")
    assert (row.expected_lo, row.expected_hi) == (7, 7)


async def test_a_sale_that_only_its_order_tells_needs_no_call_to_its_own_shop() -> None:
    world = World({"A": 10}, traits=TELLS)
    world.observe_every = timedelta(hours=10)
    await world.filled()
    order(world, 3)
    shop = world.shop("a")
    before = len(shop.pushed), len(shop.observed)

    await world.run()

    assert (len(shop.pushed), len(shop.observed)) == before


async def test_a_sale_beside_an_order_that_may_not_have_been_deducted_is_not_overlooked() -> None:
    world = await opened(20)
    world.order_rules = replace(world.order_rules, deducts=Deducts.UNKNOWN)
    world.restart()
    order(world, 3, paid=False)
    await world.cycle.look(save=True)
    world.shop("a").sell(A, 3)
    world.clock.advance(60)

    await world.cycle.look(save=True)

    assert await world.claimed("A") == 9


async def test_a_plan_that_is_only_looked_at_takes_in_no_order() -> None:
    world = await opened()
    order(world, 3)

    view = await world.cycle.look(save=False)

    assert (list(await world.store.orders()), [c.new for c in view.decision.going()]) == ([], [7])


async def test_the_state_is_not_written_where_no_order_is_new() -> None:
    world = await opened()
    order(world, 3)
    await world.run()
    before = list(await world.store.orders())

    await world.run()

    assert list(await world.store.orders()) == before


# --- holds, restarts, re-binding -------------------------------------------------------------------------


async def test_an_unpaid_hold_that_is_over_frees_its_units_for_the_others() -> None:
    world = await opened()
    world.order_rules = replace(world.order_rules, occupies=Occupies.HOLD)
    world.restart()
    order(world, 3, paid=False)
    for _ in range(6):
        await world.run(after=240)

    assert await claims(world) == []


async def test_an_unpaid_order_is_claimed_long_after_it_was_told_last() -> None:
    world = await opened()
    order(world, 3, paid=False)
    for _ in range(6):
        await world.run(after=600)

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_an_order_is_claimed_once_over_a_restart() -> None:
    world = await opened()
    order(world, 3)
    await world.run()
    world.restart()

    await world.run()

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_a_crash_after_the_reading_was_kept_counts_the_sale_once() -> None:
    world = await opened()
    order(world, 3)
    cycle = world.cycle
    collected = await cycle._hands.collector.collect(save=True)
    observed = await cycle._hands.observer.observe(cycle._hands.observer._codes)  # type: ignore[arg-type]
    told = await cycle._hands.intake.hear(observed.shops, world.clock.now())
    taken = await cycle._hands.intake.take(observed, told, collected.sources, world.clock.now())
    await cycle._hands.intake.open(taken)
    await cycle._hands.observer.keep(observed)
    world.restart()
    world.clock.advance(60)

    await world.cycle.look(save=True)

    row = await world.row("a", "A")
    assert (await claims(world), row.expected_hi) == ([("order:1-1:A", 3)], 7)


async def test_a_sale_of_a_listing_that_was_bound_to_nothing_is_told() -> None:
    world = await opened()
    world.shop("a").put(shown("X", 5, code="stranger"))
    await world.run()
    world.shop("a").buyers.order({ListingId("X"): 1}, at=world.clock.now())

    await world.run()
    await world.run()

    assert len(world.told.named("order_doubted")) == 1


async def test_a_sale_is_claimed_when_its_listing_is_bound_at_last() -> None:
    world = await opened()
    world.shop("a").put(shown("X", 5, code="stranger"))
    await world.run()
    number = world.shop("a").buyers.order({ListingId("X"): 1}, at=world.clock.now())
    world.shop("a").buyers.pay(number, at=world.clock.now())
    await world.run()
    await world.run(after=600)
    world.shop("a").put(shown("X", 4, code="A"))

    await world.run(after=30)

    assert await claims(world) == [("order:1-1:A", 1)]


async def test_orders_of_a_shop_that_tells_no_more_are_claimed_until_they_are_contained() -> None:
    world = await opened()
    order(world, 3)
    await world.run()
    world.channels[SHOP]._traits = replace(TELLS, order_feed=False)
    world.restart()
    await world.run()
    before = await claims(world)

    await world.run(after=1200)

    assert (before, await claims(world)) == ([("order:1-1:A", 3)], [])


def _sold_for_hours() -> World:
    """Return a world in which one shop sold a unit in each of the hours before anybody asked."""
    world = World({"A": 40}, mode=PoolMode.SPLIT, traits=TELLS)
    now = world.clock.now()
    for hours in range(2, 8):
        world.shop("a").put(shown("A", 1))
        buyers, then = world.shop("a").buyers, now - timedelta(hours=hours)
        number = buyers.order({A: 1}, at=then)
        buyers.pay(number, at=then)
        buyers.ship(number, at=then)
    return world


async def test_what_the_very_first_orders_tell_is_decided_on_beside_what_is_known() -> None:
    world, b = _sold_for_hours(), ShopName("b")
    known = DemandRow(b, Sku("B"), 3.0, 600.0, 0.0, True, world.clock.now())
    await world.store.save_virtual(Virtual(demand=[known]))

    report = await world.run()

    found = {(str(row.shop), str(row.sku)): row.sold for row in report.view.decision.plan.book.state.demand}
    assert (found["a", "A"] > 5, found["b", "B"]) == (True, 3)


async def test_the_very_first_orders_tell_where_a_sku_sells() -> None:
    world = _sold_for_hours()
    await world.run()

    found = {row.shop: row.sold for row in await world.store.demand()}

    assert found[ShopName("a")] > 5 > found[ShopName("b")] == 0
