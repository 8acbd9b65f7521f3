"""Units that a platform withholds for unpaid orders: claimed once, whoever tells of them first."""

from dataclasses import replace

import pytest

from syncd.domain.model import ShopName
from syncd.domain.ordering import Deducts, Occupies, OrderRules
from syncd.errors import Kind, PortError
from syncd.ports.channel import DeductsAt
from tests.unit.services.cycle_world import CAN, ORDER_RULES, TELLS, World, shown
from tests.unit.services.orders_world import claims, order

SHOP = ShopName("a")
DOWN = PortError(Kind.TRANSIENT, "no route")
PAYS = replace(TELLS, deducts_at=DeductsAt.PAYMENT, withholds=True)
GROSS = replace(ORDER_RULES, deducts=Deducts.PAYMENT)
"""A counter that unpaid orders still stand in."""


async def told() -> World:
    """Return shops that tell their orders and lower their counters with the payment."""
    world = World({"A": 10}, traits=PAYS)
    world.order_rules = GROSS
    return await world.filled()


async def silent(rules: OrderRules = ORDER_RULES) -> World:
    """Return shops that tell no orders; their counters fall with the order unless told otherwise."""
    world = World({"A": 10}, traits=CAN)
    world.order_rules = rules
    return await world.filled()


async def shows(world: World, counter: int, withheld: int, *, after: float = 60) -> int:
    """Let the shop show a counter with withheld units; return what is claimed then."""
    world.shop("a").put(shown("A", counter, withheld=withheld))
    await world.run(after=after)
    return await world.claimed("A")


# --- shops that tell their orders ------------------------------------------------------------------------


async def test_units_withheld_for_a_known_order_are_not_claimed_on_top_of_it() -> None:
    world = await told()
    order(world, 3, paid=False)

    await world.run()

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_an_unpaid_order_that_cannot_be_read_lowers_the_others_by_what_is_withheld() -> None:
    world = await told()
    order(world, 3, paid=False)
    world.shop("a").fail_orders(DOWN)

    await world.run()

    assert (await claims(world), world.counters("b")) == ([("withheld:A:A", 3)], {"A": 7})


async def test_an_order_that_comes_late_takes_the_place_of_what_was_withheld() -> None:
    world = await told()
    order(world, 3, paid=False)
    world.shop("a").fail_orders(DOWN)
    await world.run()

    await world.run()

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_only_what_is_withheld_beyond_known_orders_is_presumed() -> None:
    world = await told()
    order(world, 3, paid=False)
    await world.run()
    order(world, 2, paid=False)
    world.shop("a").fail_orders(DOWN)

    await world.run()

    assert await claims(world) == [("order:1-1:A", 3), ("withheld:A:A", 2)]


async def test_an_order_that_is_paid_between_reading_and_intake_is_not_claimed_twice() -> None:
    world = await told()
    number = order(world, 3, paid=False)
    await world.run()
    seen = dict(world.shop("a")._counters.shown)
    world.clock.advance(60)
    world.shop("a").buyers.pay(number, at=world.clock.now())
    world.shop("a").put(*seen.values())

    await world.cycle.run()

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_a_known_order_that_a_snapshot_contains_explains_what_is_withheld() -> None:
    world = await told()
    order(world, 3, paid=False)
    await world.run()
    rows = [row._replace(modified=row.modified) for row in await world.store.orders()]
    assert rows
    for claim in await world.store.claims():
        await world.store.save_claims([], [claim])
    world.shop("a").lists_until = world.clock.now().replace(year=2000)
    world.clock.advance(3600)

    await world.cycle.look(save=True)

    assert [line for line, _ in await claims(world) if line.startswith("withheld")] == []


async def test_a_hold_that_is_over_by_time_is_not_claimed_again_as_withheld() -> None:
    world = await told()
    world.order_rules = replace(GROSS, occupies=Occupies.HOLD)
    world.restart()
    order(world, 3, paid=False)

    for _ in range(6):
        await world.run(after=240)

    assert await claims(world) == []


async def test_nothing_withheld_is_claimed_where_only_payment_occupies() -> None:
    world = await told()
    world.order_rules = replace(GROSS, occupies=Occupies.PAYMENT)
    world.restart()
    order(world, 3, paid=False)
    world.shop("a").fail_orders(DOWN)

    await world.run()

    assert await claims(world) == []


async def test_orders_that_end_after_the_last_reading_leave_nothing_withheld_behind() -> None:
    world = await told()
    number = order(world, 3, paid=False)
    await world.run()
    world.channels[SHOP].fail_observe(DOWN)
    world.shop("a").buyers.cancel(number, at=world.clock.now())
    await world.run()
    world.channels[SHOP].fail_observe(DOWN)
    await world.run(after=3600)

    assert await claims(world) == []


async def test_the_payment_of_a_known_order_makes_no_sale_of_what_is_withheld_beside_it() -> None:
    world = await World({"A": 10}, traits=TELLS).filled()
    order(world, 3, paid=False)
    counter = world.counters("a")["A"]
    await shows(world, counter - 2, 5)
    await world.run(after=3600)
    before = await claims(world)
    world.shop("a").buyers.pay("1", at=world.clock.now())

    await shows(world, world.counters("a")["A"], 2)

    assert (before, await claims(world)) == ([("order:1-1:A", 3), ("withheld:A:A", 2)],) * 2


# --- shops that do not, whose counter falls with the payment ---------------------------------------------


async def test_an_unpaid_unit_is_claimed_though_no_counter_fell() -> None:
    world = await silent(GROSS)

    assert await shows(world, 10, 3) == 3


async def test_a_payment_turns_what_is_withheld_into_a_sale_and_counts_once() -> None:
    world = await silent(GROSS)
    await shows(world, 10, 3)

    assert await shows(world, world.counters("a")["A"] - 3, 0) == 3


async def test_a_release_frees_what_was_withheld() -> None:
    world = await silent(GROSS)
    await shows(world, 10, 3)

    assert await shows(world, world.counters("a")["A"], 0) == 0


async def test_a_sale_beside_a_new_unpaid_unit_counts_both() -> None:
    world = await silent(GROSS)

    assert await shows(world, 9, 1) == 2


# --- shops that do not, whose counter falls with the order -----------------------------------------------


async def test_a_withheld_unit_that_made_the_counter_fall_counts_once() -> None:
    world = await silent()

    assert await shows(world, 7, 3) == 3


async def test_a_sale_beside_a_withheld_unit_that_fell_counts_too() -> None:
    world = await silent()

    assert await shows(world, 6, 3) == 4


async def test_an_unpaid_unit_stays_claimed_when_its_fall_is_forgotten() -> None:
    world = await silent()
    await shows(world, 7, 3)

    await world.run(after=3600)

    assert await claims(world) == [("withheld:A:A", 3)]


async def test_a_new_sale_does_not_hide_an_unpaid_unit_whose_fall_is_forgotten() -> None:
    world = await silent()
    await shows(world, 7, 3)
    await world.run(after=3600)
    counter = world.counters("a")["A"]

    assert await shows(world, counter - 1, 3) == 4


async def test_a_payment_after_the_fall_is_forgotten_is_a_sale_that_the_source_does_not_have_yet() -> None:
    world = await silent()
    await shows(world, 7, 3)
    await world.run(after=3600)
    counter = world.counters("a")["A"]
    paid = await shows(world, counter, 0)

    await world.run(after=3600)

    assert (paid, await world.claimed("A")) == (3, 0)


async def test_a_payment_before_the_fall_is_forgotten_gives_the_source_its_whole_time() -> None:
    world = await silent()
    await shows(world, 7, 3)
    counter = world.counters("a")["A"]
    await shows(world, counter, 0, after=600)

    await world.run(after=600)

    assert await world.claimed("A") == 3


async def test_a_release_gives_back_what_fell() -> None:
    world = await silent()
    await shows(world, 7, 3)

    assert await shows(world, world.counters("a")["A"] + 3, 0) == 0


async def test_a_payment_found_again_after_a_crash_is_one_sale() -> None:
    world = await silent()
    await shows(world, 7, 3)
    await world.run(after=3600)
    world.shop("a").put(shown("A", world.counters("a")["A"]))
    world.clock.advance(60)
    hands = world.cycle._hands
    collected = await hands.collector.collect(save=True)
    observed = await hands.observer.observe(hands.observer._codes)  # type: ignore[arg-type]
    told = await hands.intake.hear(observed.shops, world.clock.now())
    taken = await hands.intake.take(observed, told, collected.sources, world.clock.now())
    await hands.intake.open(taken)
    world.restart()

    await world.run()

    assert await world.claimed("A") == 3


# --- what is not known -----------------------------------------------------------------------------------


async def test_where_nobody_says_when_the_counter_falls_both_are_counted() -> None:
    world = await silent(replace(ORDER_RULES, deducts=Deducts.UNKNOWN))

    assert await shows(world, 7, 3) == 6


async def test_a_counter_that_cannot_be_read_releases_nothing() -> None:
    world = await silent(GROSS)
    await shows(world, 10, 3)
    world.shop("a").put(shown("A", None))

    await world.run()

    assert await world.claimed("A") == 3


async def test_a_listing_that_says_itself_that_orders_lower_it_is_believed() -> None:
    world = await silent(GROSS)
    world.shop("a").put(replace(shown("A", 7, withheld=3), deducts=Deducts.ORDER))

    await world.run()

    assert await world.claimed("A") == 3


@pytest.mark.parametrize("withheld", [3, 0])
async def test_a_plan_that_is_only_looked_at_claims_nothing_withheld(withheld: int) -> None:
    world = await silent(GROSS)
    world.shop("a").put(shown("A", 10, withheld=withheld))

    await world.cycle.look(save=False)

    assert await claims(world) == []


async def test_what_was_withheld_when_a_listing_is_read_first_is_claimed() -> None:
    world = World({"A": 10}, traits=CAN)
    world.shop("a").put(shown("A", 5, withheld=2))

    await world.run()

    assert await claims(world) == [("withheld:A:A", 2)]
