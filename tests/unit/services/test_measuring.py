"""What cycles measure of themselves: delays, calls, and decreases that wait."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.adapters.memory import Fault
from syncd.domain.model import ListingId, ShopName
from syncd.domain.records import Measure, PendingRow
from syncd.domain.topology import PolicyName, PoolMode
from syncd.errors import Kind, PortError
from tests.unit.services.cycle_world import TELLS, World, shops_of, shown
from tests.unit.services.measuring_world import measured, waiting
from tests.unit.services.orders_world import A, opened, order

DOWN = PortError(Kind.TRANSIENT, "down", sent=False)
LOST = PortError(Kind.UNKNOWN, "no answer", sent=True)
DAY = 86_400.0
MANY = {f"S{i:02}": 10 for i in range(12)}


# --- sales ---------------------------------------------------------------------------------------------


async def test_an_order_is_seen_as_late_as_the_next_cycle_comes() -> None:
    world = await opened()
    order(world)
    await world.run(after=60.0)

    assert await measured(world, Measure.SALE_TO_SEEN) == {("a", 63.1): 1.0}


async def test_an_order_that_a_shop_shows_late_counts_with_all_its_time() -> None:
    world = await opened()
    world.shop("a").buyers.order({A: 1}, at=world.clock.now() - timedelta(seconds=120))
    await world.run(after=60.0)

    assert await measured(world, Measure.SALE_TO_SEEN) == {("a", 199.53): 1.0}


async def test_an_order_is_seen_once() -> None:
    world = await opened()
    number = order(world, paid=False)
    await world.run(after=60.0)
    world.shop("a").buyers.pay(number, at=world.clock.now())
    await world.run(after=60.0)

    assert sum((await measured(world, Measure.SALE_TO_SEEN)).values()) == pytest.approx(1.0)


async def test_the_very_first_orders_of_a_shop_tell_nothing_of_delays() -> None:
    world = World({"A": 10}, traits=TELLS)
    world.shop("a").put(shown("A", 5))
    order(world)
    await world.filled()

    assert await measured(world, Measure.SALE_TO_SEEN) == {}


async def test_a_shop_without_orders_sold_at_worst_right_after_the_last_reading() -> None:
    world = await World({"A": 10}).filled()
    await world.run(after=0.0)
    world.clock.advance(40.0)
    world.shop("a").sell(ListingId("A"), 1)
    await world.run(after=20.0)

    assert await measured(world, Measure.SALE_TO_SEEN) == {("a", 63.1): 1.0}


async def test_another_reading_in_the_same_cycle_is_not_the_last_one_before_a_sale() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    await world.run(after=0.0)
    world.clock.advance(40.0)
    world.shop("a").sell(ListingId("A"), 1)
    # What was not shown is asked for once more.
    world.shop("a").drop(ListingId("B"))
    await world.run(after=20.0)

    assert await measured(world, Measure.SALE_TO_SEEN) == {("a", 63.1): 1.0}


async def test_a_sale_is_measured_up_to_where_the_other_shop_is_lowered() -> None:
    world = await opened()
    order(world)
    await world.run(after=30.0)

    assert await measured(world, Measure.SALE_TO_ACCEPTED) == {("b", 31.62): 1.0}


async def test_a_decrease_that_follows_from_no_sale_took_no_time_from_one() -> None:
    world = await World({"A": 10}).filled(A=8)

    assert await measured(world, Measure.SALE_TO_ACCEPTED) == {}


async def test_a_sale_whose_decrease_fails_first_counts_with_all_its_time() -> None:
    world = await opened()
    order(world)
    world.shop("b").fail_push(DOWN)
    await world.run(after=60.0)
    await world.run(after=60.0)

    assert await measured(world, Measure.SALE_TO_ACCEPTED) == {("b", 125.89): 1.0}


async def test_what_a_new_configuration_lowers_took_no_time_from_a_sale() -> None:
    world = await opened()
    world.rule(shop="b", buffer=4)
    order(world)
    await world.run(after=60.0)

    assert await measured(world, Measure.SALE_TO_ACCEPTED) == {}


async def test_what_was_sold_is_demand_where_no_pool_is_split() -> None:
    world = await opened()
    order(world, 3)
    await world.run(after=60.0)

    found = {row.shop: row.sold for row in await world.store.demand()}
    assert found[ShopName("a")] == pytest.approx(3.0)


async def test_demand_fades_and_its_time_counts_between_two_sales() -> None:
    world = await World({"A": 10}).filled()
    for _ in range(2):
        world.shop("a").sell(A, 2)
        await world.run(after=2 * DAY)
        # The snapshot contains it by now: what ends a claim is no sale.
        await world.run(after=DAY)

    rows = {row.shop: row for row in await world.store.demand()}
    assert rows[ShopName("a")].sold == pytest.approx(3.0)
    assert rows[ShopName("a")].seconds == pytest.approx(0.5 * 3 * DAY / 0.693147, rel=1e-4)


async def test_in_a_split_pool_a_sale_is_counted_once() -> None:
    world = await opened(mode=PoolMode.SPLIT)
    order(world, 2)
    await world.run(after=60.0)

    found = {row.shop: row.sold for row in await world.store.demand()}
    assert found[ShopName("a")] == pytest.approx(2.0)


# --- decreases -----------------------------------------------------------------------------------------


async def test_a_decrease_that_goes_at_once_took_no_time() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=8)
    await world.run()

    assert await measured(world, Measure.DECISION_TO_ACCEPTED) == {("a", 0.01): 1.0, ("b", 0.01): 1.0}


async def test_the_first_fill_of_a_shop_tells_nothing_of_delays() -> None:
    world = World({"A": 10})
    world.shop("a").put(shown("A", 20))
    await world.filled()

    assert world.counters("a") == {"A": 10}
    assert await measured(world, Measure.DECISION_TO_ACCEPTED) == {}


async def test_raises_are_no_decreases() -> None:
    world = await World({"A": 10}).filled(A=12)

    assert await measured(world, Measure.DECISION_TO_ACCEPTED) == {}


async def test_a_decrease_that_fails_waits_since_it_was_decided() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=8)
    world.shop("a").fail_push(DOWN, DOWN)
    await world.run()
    await world.run(after=60.0)

    assert await waiting(world) == {("a", "A"): 60.0}


async def test_a_decrease_that_goes_in_the_end_took_all_that_time_and_waits_no_more() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=8)
    world.shop("a").fail_push(DOWN)
    await world.run()
    await world.run(after=60.0)

    assert await measured(world, Measure.DECISION_TO_ACCEPTED) == {("a", 63.1): 1.0, ("b", 0.01): 1.0}
    assert await waiting(world) == {}


async def test_a_decrease_whose_answer_is_lost_counts_up_to_where_it_is_found_done() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=8)
    world.shop("a").fail_push(Fault(error=LOST, applied=True))
    await world.run()
    assert await waiting(world) == {("a", "A"): 0.0}
    await world.run(after=60.0)

    assert await measured(world, Measure.DECISION_TO_ACCEPTED) == {("a", 63.1): 1.0, ("b", 0.01): 1.0}
    assert await waiting(world) == {}


async def test_a_decrease_that_was_found_done_and_goes_further_counts_once() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=8)
    world.shop("a").fail_push(Fault(error=LOST, applied=True))
    await world.run()
    world.stock(A=6)
    await world.run(after=60.0)

    assert world.counters("a") == {"A": 6}
    assert await measured(world, Measure.DECISION_TO_ACCEPTED) == {("a", 63.1): 1.0, ("b", 0.01): 2.0}


async def test_a_sale_whose_decrease_was_found_done_counts_up_to_there() -> None:
    world = await opened()
    order(world)
    world.shop("b").fail_push(Fault(error=LOST, applied=True))
    await world.run(after=60.0)
    await world.run(after=60.0)

    assert await measured(world, Measure.SALE_TO_ACCEPTED) == {("b", 125.89): 1.0}


async def test_a_lost_write_that_changed_nothing_counts_when_it_is_done_again() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=8)
    world.shop("a").fail_push(Fault(error=LOST))
    await world.run()
    await world.run(after=60.0)

    assert await measured(world, Measure.DECISION_TO_ACCEPTED) == {("a", 63.1): 1.0, ("b", 0.01): 1.0}


async def test_a_lost_write_that_changed_nothing_and_is_needed_no_more_took_no_time() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=8)
    world.shop("a").fail_push(Fault(error=LOST))
    await world.run()
    world.stock(A=10)
    await world.run()

    found = await measured(world, Measure.DECISION_TO_ACCEPTED)
    assert {shop for shop, _ in found} == {"b"}


async def test_a_decrease_that_is_needed_no_more_waits_no_more() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=8)
    world.shop("a").fail_push(DOWN)
    await world.run()
    world.stock(A=10)
    await world.run()

    assert await waiting(world) == {}


async def test_what_waits_is_settled_by_a_cycle_that_plans_nothing() -> None:
    world = await World({"A": 10}, shops=shops_of("a")).filled()
    world.stock(A=8)
    world.shop("a").fail_push(DOWN)
    await world.run()
    assert await waiting(world) == {("a", "A"): 0.0}
    world.stock(A=10)
    await world.run()

    assert await waiting(world) == {}


async def test_a_decrease_that_the_guard_holds_waits_on_purpose() -> None:
    world = await World(MANY).filled()
    world.stock(**dict.fromkeys(MANY, 0))
    await world.run()
    await world.run(after=60.0)

    rows = await world.store.pending()
    assert len(rows) == 2 * len(MANY)
    assert {(row.held, world.clock.now() - row.since) for row in rows} == {(True, timedelta(seconds=60))}


async def test_how_long_a_person_took_to_approve_is_no_delay_of_the_shop() -> None:
    world = await World(MANY).filled()
    world.stock(**dict.fromkeys(MANY, 0))
    report = await world.run()
    world.clock.advance(3600.0)
    await world.approve(report.view.decision.digest)
    await world.run()

    found = await measured(world, Measure.DECISION_TO_ACCEPTED)
    assert found == {(shop, 0.01): float(len(MANY)) for shop in ("a", "b")}
    assert await waiting(world) == {}


async def test_a_held_decrease_of_which_only_a_sale_was_followed_waits_on() -> None:
    world = await World({"A": 5, "B": 5, "C": 5, "D": 5}).filled()
    world.stock(B=5, C=5, D=5)
    await world.run()
    await world.run()
    world.shop("a").sell(A, 2)
    await world.run(after=60.0)

    assert world.counters("b")["A"] == 3
    assert await waiting(world) == {("a", "A"): 60.0, ("b", "A"): 60.0}


async def test_a_decrease_in_a_shop_that_is_only_tried_out_waits_on_purpose() -> None:
    dry = shops_of("a", policy=PolicyName.DRY_RUN)
    world = World({"A": 3, **MANY}, shops=(*dry, *shops_of("b")))
    await world.filled()
    world.stock(A=0, **MANY)
    world.shop("a").put(replace(world.shop("b").shown(A), quantity=3))
    await world.run()

    assert [(row.shop, row.held) for row in await world.store.pending()] == [("a", True)]


@pytest.mark.parametrize("policy", [PolicyName.FREEZE, PolicyName.DRY_RUN])
async def test_a_decrease_in_a_shop_that_is_left_alone_waits_on_purpose(policy: PolicyName) -> None:
    world = await World({"A": 10}, shops=shops_of("a")).filled()
    world.topology = replace(world.topology, shops=shops_of("a", policy=policy))
    world.restart()
    world.stock(A=8)
    await world.run()

    assert [(row.shop, row.held) for row in await world.store.pending()] == [("a", True)]


async def test_a_delisting_that_nobody_wants_waits_on_purpose() -> None:
    world = World({"A": 10}, shops=shops_of("a", policy=PolicyName.NO_DELIST))
    await world.filled()
    world.rule(sku="A", warning_level=50)
    await world.run()

    assert [(row.shop, row.held) for row in await world.store.pending()] == [("a", True)]


async def test_a_decrease_remembers_the_sale_that_it_follows_from() -> None:
    world = await opened()
    order(world)
    sold_at = world.clock.now()
    world.shop("b").fail_push(DOWN)
    await world.run(after=60.0)

    assert await world.store.pending() == [PendingRow(ShopName("b"), A, world.clock.now(), sold_at, False)]
