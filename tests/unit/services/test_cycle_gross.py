"""Counters that include units withheld for open orders: they are zeroed down to those and no further."""

from dataclasses import replace

from syncd.domain.model import ListingId
from syncd.domain.policy import Stop
from syncd.errors import Kind, PortError
from syncd.ports.channel import Counter
from tests.unit.services.cycle_world import CAN, World, shops_of, shown, stops

A = ListingId("A")


async def test_a_gross_counter_that_sells_nothing_still_shows_what_is_withheld() -> None:
    traits = replace(CAN, counter=Counter.GROSS, withholds=True, can_unlist=False)
    world = World({"A": 10, "B": 50}, traits=traits, shops=shops_of("a"))
    world.shop("a").put(shown("A", 12, withheld=2))
    await world.filled()
    world.stock(A=0, B=50)
    await world.run()

    assert world.shop("a").shown(A).quantity == 2
    assert not len((await world.run()).view.decision.plan)


async def test_a_gross_counter_is_zeroed_under_the_guard() -> None:
    traits = replace(CAN, counter=Counter.GROSS, withholds=True)
    world = World({"A": 10, "B": 50}, traits=traits, shops=shops_of("a"))
    world.shop("a").put(shown("A", 0, withheld=2), shown("B", 0, withheld=2))
    await world.filled()
    world.stock(A=0, B=0)

    report = await world.run()

    assert report.held


async def test_a_gross_counter_that_is_off_sale_is_left_in_peace() -> None:
    traits = replace(CAN, counter=Counter.GROSS, withholds=True)
    world = World({"A": 10, "B": 50}, traits=traits, shops=shops_of("a"))
    world.rule(sku="A", warning_level=5)
    world.shop("a").put(shown("A", 12, withheld=2))
    await world.filled()
    world.stock(A=0, B=50)
    await world.run()

    report = await world.run()

    assert not world.shop("a").shown(A).on_sale
    assert not len(report.view.decision.plan)


async def test_a_gross_counter_is_not_brought_to_what_is_withheld_on_an_old_reading() -> None:
    traits = replace(CAN, counter=Counter.GROSS, withholds=True, can_unlist=False)
    world = World({"A": 10, "B": 50}, traits=traits, shops=shops_of("a"))
    world.shop("a").put(shown("A", 12, withheld=2))
    await world.filled()
    world.stock(A=0, B=50)
    world.shop("a").fail_observe(PortError(Kind.TRANSIENT, "down"))

    report = await world.run()

    assert stops(report)["a", "A"] is Stop.UNREAD
