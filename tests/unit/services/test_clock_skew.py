"""Clocks of platform, ERP and daemon that differ: no sale is counted zero times, and none for ever."""

from dataclasses import replace
from datetime import timedelta

from syncd.adapters.memory import FakeClock, MemoryChannel
from syncd.domain.model import ShopName
from syncd.domain.ordering import Occupies, OrderRules
from syncd.domain.records import FeedState
from syncd.services.feeds import FeedJob, hear
from tests.unit.services.cycle_world import LAG, ORDER_RULES, TELLS, World, shown
from tests.unit.services.orders_world import A, claims, opened, order

SHOP = ShopName("a")
SKEW = ORDER_RULES.skew
MOMENT = timedelta(seconds=1)


async def test_an_order_that_a_platform_stamps_in_our_future_lowers_the_others_at_once() -> None:
    world = World({"A": 10}, traits=TELLS)
    world.observe_every = timedelta(hours=10)
    await world.filled()
    world.shop("a").buyers.order({A: 3}, at=world.clock.now() + timedelta(minutes=1) + SKEW)

    await world.run()

    assert world.counters("b") == {"A": 7}


async def test_an_order_that_a_platform_stamps_before_our_last_reading_is_not_overlooked() -> None:
    channel, now = MemoryChannel(traits=TELLS), FakeClock().now()
    channel.put(shown("A", 5))
    channel.buyers.order({A: 2}, at=now - SKEW)
    job = FeedJob(feed=channel, rules=OrderRules(), overlap=MOMENT)

    (heard,) = await hear({SHOP: job}, {SHOP: FeedState(shop=SHOP, cursor=now)}, {}, now + MOMENT)

    assert len(heard.lines) == 1


async def test_a_platform_that_is_ahead_has_no_hold_ended_before_its_time() -> None:
    world = await opened()
    world.order_rules = replace(ORDER_RULES, occupies=Occupies.HOLD)
    world.restart()
    made = world.clock.now() + SKEW
    world.shop("a").buyers.order({A: 3}, at=made)
    await world.run()

    await world.run(after=(SKEW + ORDER_RULES.hold).total_seconds())

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_figures_of_an_erp_that_is_ahead_end_no_presumed_sale_before_its_time() -> None:
    world = await World({"A": 10}).filled()
    world.source.ahead = SKEW
    world.shop("a").sell(A, 3)
    await world.run()

    await world.run(after=(LAG - MOMENT).total_seconds())

    assert (await world.claimed("A"), world.counters("b")) == (3, {"A": 7})


async def test_figures_of_an_erp_that_is_ahead_contain_no_order_before_its_time() -> None:
    world = await opened()
    world.source.ahead = SKEW
    await world.run()
    order(world, 3)

    await world.run(after=(LAG - MOMENT).total_seconds())

    assert (await claims(world), world.counters("b")) == ([("order:1-1:A", 3)], {"A": 7})


async def test_an_erp_that_is_behind_holds_sold_units_back_only_for_as_long_as_that() -> None:
    world = await World({"A": 10}).filled()
    world.source.ahead = -SKEW
    world.shop("a").sell(A, 3)
    await world.run(after=(2 * SKEW).total_seconds())
    world.stock(A=7)
    await world.run(after=(LAG + 2 * SKEW - MOMENT).total_seconds())
    before = await world.claimed("A")

    await world.run(after=MOMENT.total_seconds())

    assert (before, await world.claimed("A")) == (3, 0)
