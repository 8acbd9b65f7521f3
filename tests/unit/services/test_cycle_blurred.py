"""Orders may leave a counter between two figures; what buyers take meanwhile must not come back on sale."""

from dataclasses import replace

import pytest

from syncd.domain.model import Action, ListingId
from syncd.domain.ordering import Restores
from syncd.errors import Kind, PortError
from syncd.services.cycle import CycleReport, View
from tests.unit.services.cycle_world import ORDER_RULES, PROVES, World, shops_of
from tests.unit.services.orders_world import order

A = ListingId("A")
LOST = PortError(Kind.UNKNOWN, "the answer was lost")
TRAITS = replace(PROVES, order_feed=True, restores_paid=Restores.UNKNOWN)
PATIENT = 20
"""So many cycles, a minute each, are longer than a sale that no order tells is believed in."""

MODES = pytest.mark.parametrize("first", [Action.DELTA, Action.COMPARE_AND_SET])


async def blurred(first: Action, *, goes_off: bool = False) -> World:
    """Return a shop that shows 15, or 20 if a cancelled order came back; the ERP has 10 left."""
    traits = replace(TRAITS, write_modes=(first, Action.SET), auto_delists_at_zero=goes_off)
    world = World({"A": 20, "B": 90}, traits=traits, shops=shops_of("a"))
    world.order_rules = replace(ORDER_RULES, restores_paid=Restores.UNKNOWN)
    await world.filled()
    number = order(world, 5)
    await world.run()
    world.shop("a").buyers.cancel(number, at=world.clock.now(), restores=False)
    world.stock(A=10, B=90)
    return world


async def bought_before_the_write(world: World, units: int) -> CycleReport:
    """Run a cycle in which buyers take units after the last reading and before the first write."""
    world.clock.advance(60)

    def buy(_: View) -> None:
        world.shop("a").sell(A, units)

    return await world.cycle.run(planned=buy)


@MODES
async def test_a_sale_between_the_reading_and_an_absolute_write_is_not_put_back(first: Action) -> None:
    world = await blurred(first)
    await bought_before_the_write(world, 8)

    assert world.counters("a")["A"] <= 7


async def test_what_was_hidden_for_it_is_on_sale_again_after_the_next_reading() -> None:
    world = await blurred(Action.COMPARE_AND_SET)
    for _ in range(3):
        await world.run()

    assert world.counters("a")["A"] == 10


async def test_by_a_difference_no_more_is_hidden_than_what_may_have_come_back() -> None:
    world = await blurred(Action.DELTA)
    await world.run()

    assert world.counters("a")["A"] == 5


async def test_what_it_shows_then_stays_between_two_figures_until_it_is_read() -> None:
    world = await blurred(Action.DELTA)
    await world.run()
    row = await world.row("a", "A")

    assert (row.expected_lo, row.expected_hi) == (5, 10)


async def test_a_difference_without_an_answer_may_be_applied_or_not() -> None:
    world = await blurred(Action.DELTA)
    world.shop("a").fail_push(LOST)
    await world.run()
    row = await world.row("a", "A")

    assert (row.expected_lo, row.expected_hi) == (5, 20)


async def test_what_may_have_been_sold_below_the_higher_figure_is_back_once_that_is_known() -> None:
    """Until then the 5 units could be another sale that no order tells yet."""
    world = await blurred(Action.DELTA)
    await world.run()
    for _ in range(PATIENT):
        world.stock(A=10, B=90)
        await world.run()

    assert world.counters("a")["A"] == 10


async def test_a_platform_that_takes_it_off_sale_for_that_0_is_known_to_have_done_so() -> None:
    """Blamed on a person, the listing would stay off sale for ever."""
    world = await blurred(Action.COMPARE_AND_SET, goes_off=True)
    await world.run()
    row = await world.row("a", "A")
    for _ in range(3):
        await world.run()

    assert (row.on_sale, row.delisted_by, world.counters("a")["A"]) == (False, "platform", 10)
