"""Orders that somebody points at: asked for by name in the next cycle, beside the list of what changed."""

from dataclasses import replace
from datetime import timedelta

from syncd.domain.model import ShopName
from syncd.domain.policy import Stop
from syncd.errors import Kind, PortError
from syncd.services.feeds import MOST_NAMED, NamedOrders
from tests.unit.services.cycle_world import TELLS, World, stops
from tests.unit.services.orders_world import claims, opened, order

SHOP, OTHER = ShopName("a"), ShopName("b")
DOWN = PortError(Kind.TRANSIENT, "no route")


async def test_an_order_that_the_list_does_not_show_yet_lowers_the_others_at_once() -> None:
    world = World({"A": 10}, traits=TELLS)
    world.observe_every = timedelta(hours=10)
    await world.filled()
    world.shop("a").lists_until = world.clock.now() - timedelta(seconds=1)
    number = order(world, 3)
    world.named.name(SHOP, [number])

    await world.run()

    assert world.counters("b") == {"A": 7}


async def test_an_order_that_list_and_message_tell_counts_once() -> None:
    world = await opened()
    number = order(world, 3)
    world.named.name(SHOP, [number])

    await world.run()

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_a_message_does_not_move_the_cursor_of_a_list_that_failed() -> None:
    world = await opened()
    number = order(world, 3)
    before = (await world.store.feeds())[SHOP].cursor
    world.shop("a").fail_orders(DOWN)
    world.named.name(SHOP, [number])

    await world.run()

    assert ((await world.store.feeds())[SHOP].cursor, await claims(world)) == (before, [("order:1-1:A", 3)])


async def test_an_older_version_that_is_told_by_name_does_not_win() -> None:
    world = await opened()
    number = order(world, 3)
    old = dict(world.shop("a").buyers.lines)
    world.clock.advance(60)
    world.shop("a").buyers.cancel(number, at=world.clock.now())
    await world.run()
    world.shop("a").buyers.lines.update(old)
    world.named.name(SHOP, [number])

    await world.run()

    assert await claims(world) == []


async def test_a_named_order_is_asked_for_in_one_cycle_only() -> None:
    world = await opened()
    number = order(world, 1)
    world.named.name(SHOP, [number])
    await world.run()

    await world.run()

    assert (world.shop("a").named, world.named.waiting()) == ([(number,)], {})


async def test_an_order_named_while_a_cycle_runs_waits_for_the_next() -> None:
    named = NamedOrders()
    named.name(SHOP, ["1"])
    waiting = named.waiting()
    named.name(SHOP, ["2"])

    named.asked(waiting)

    assert named.waiting() == {SHOP: {"2"}}


async def test_a_plan_that_is_only_looked_at_takes_no_name_away() -> None:
    world = await opened()
    world.named.name(SHOP, ["1"])

    await world.cycle.look(save=False)

    assert world.named.waiting() == {SHOP: {"1"}}


async def test_named_orders_that_cannot_be_read_hold_the_raises_of_that_cycle() -> None:
    world = await opened()
    world.stock(A=20)
    world.named.name(SHOP, ["1"])
    world.shop("a").fail_named(DOWN)

    report = await world.run()

    assert (stops(report)["b", "A"], report.failures) == (
        Stop.UNTAKEN,
        ["shop a: orders: named orders: no route"],
    )


async def test_named_orders_that_cannot_be_read_hold_no_later_cycle() -> None:
    world = await opened()
    world.stock(A=20)
    world.named.name(SHOP, ["1"])
    world.shop("a").fail_named(DOWN)
    await world.run()

    await world.run()

    assert world.counters("b") == {"A": 20}


async def test_names_for_a_shop_that_tells_no_orders_ask_nobody() -> None:
    world = await opened()
    world.channels[OTHER]._traits = replace(world.channels[OTHER].traits, order_feed=False)
    world.restart()
    world.named.name(OTHER, ["1"])

    await world.run()

    assert (world.shop("b").named, world.named.waiting()) == ([], {})


def test_a_flood_of_names_keeps_the_newest() -> None:
    named = NamedOrders()
    for number in range(MOST_NAMED + 5):
        named.name(SHOP, [f"{number:04}"])

    assert min(named.waiting()[SHOP]) == "0005"


def test_names_of_one_shop_do_not_push_out_those_of_another() -> None:
    named = NamedOrders()
    named.name(OTHER, ["x"])
    named.name(SHOP, [f"{number}" for number in range(MOST_NAMED)])

    assert named.waiting()[OTHER] == {"x"}


def test_who_is_in_a_hurry_has_every_name_once_whatever_cycles_asked_for() -> None:
    named = NamedOrders()
    named.name(SHOP, ["1"])
    named.asked({SHOP: ["1"]})
    assert [named.hurried(), named.hurried(), named.waiting()] == [{SHOP: frozenset({"1"})}, {}, {}]


def test_what_was_taken_in_a_hurry_still_waits_for_a_cycle() -> None:
    named = NamedOrders()
    named.name(SHOP, ["1"])
    named.hurried()
    assert named.waiting() == {SHOP: {"1"}}


def test_of_too_many_names_the_newest_are_hurried_too() -> None:
    named = NamedOrders()
    named.name(SHOP, [f"{at:04}" for at in range(MOST_NAMED + 5)])
    assert min(named.hurried()[SHOP]) == "0005"
