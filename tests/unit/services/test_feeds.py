"""Shops whose orders cannot be read, and where each reading of them begins."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from syncd.adapters.memory import FakeClock, MemoryChannel
from syncd.domain.model import ListingId, ShopName
from syncd.domain.ordering import OrderRules
from syncd.domain.orders import OrderLine, Stage
from syncd.domain.policy import Stop
from syncd.domain.records import FeedState, ShopStatus
from syncd.errors import Kind, PortError
from syncd.services.feeds import FeedJob, LongReadings, hear
from tests.unit.services.cycle_world import TELLS, World, shown, stops
from tests.unit.services.orders_world import A, claims, opened, order

SHOP = ShopName("a")
DOWN = PortError(Kind.TRANSIENT, "no route")


# --- feeds that fail -------------------------------------------------------------------------------------


async def test_nothing_is_raised_of_what_a_shop_sells_whose_orders_cannot_be_read() -> None:
    world = await opened()
    world.stock(A=20)
    world.shop("a").fail_orders(DOWN)

    report = await world.run()

    assert (stops(report)["b", "A"], world.counters("b")) == (Stop.UNTAKEN, {"A": 10})


async def test_what_another_shop_sells_alone_is_raised_all_the_same() -> None:
    world = World({"A": 10, "B": 10}, traits=TELLS)
    world.shop("a").drop(ListingId("B"))
    await world.filled()
    world.stock(A=10, B=20)
    world.shop("a").fail_orders(DOWN)

    await world.run()

    assert world.counters("b") == {"A": 10, "B": 20}


async def test_a_failing_feed_stops_no_lowering() -> None:
    world = await opened()
    world.stock(A=4)
    world.shop("a").fail_orders(DOWN)

    await world.run()

    assert (world.counters("a"), world.counters("b")) == ({"A": 4}, {"A": 4})


async def test_a_failing_feed_is_told_once_and_its_recovery_once() -> None:
    world = await opened()
    world.shop("a").fail_orders(DOWN)
    world.shop("a").fail_orders(DOWN)
    for _ in range(4):
        await world.run()

    told = [name for name, _ in world.told.events if name.startswith("orders_")]
    assert told == ["orders_failing", "orders_recovered"]


async def test_a_failing_feed_is_a_failure_of_the_cycle() -> None:
    world = await opened()
    world.shop("a").fail_orders(DOWN)

    report = await world.run()

    assert report.failures == ["shop a: orders: no route"]


async def test_a_failing_feed_keeps_its_cursor() -> None:
    world = await opened()
    before = (await world.store.feeds())[SHOP].cursor
    world.shop("a").fail_orders(DOWN)

    await world.run()

    assert (await world.store.feeds())[SHOP].cursor == before


async def test_an_order_on_a_page_before_the_failure_counts() -> None:
    world = await opened()
    order(world, 3)
    world.shop("a").fail_orders(DOWN, after_pages=1)

    await world.run()

    assert await claims(world) == [("order:1-1:A", 3)]


async def test_a_presumed_sale_does_not_end_while_no_order_can_explain_it() -> None:
    world = await opened()
    order(world, 3)
    for _ in range(20):
        world.shop("a").fail_orders(DOWN)
    for _ in range(20):
        await world.run()

    assert await world.claimed("A") == 3


async def test_orders_of_a_long_outage_lower_no_counter_twice() -> None:
    world = await opened()
    order(world, 3)
    world.stock(A=7)
    for _ in range(20):
        world.shop("a").fail_orders(DOWN)
    for _ in range(20):
        await world.run()

    await world.run()

    row = await world.row("a", "A")
    assert (row.expected_lo, row.expected_hi) == (7, 7)


# --- drops that no order explains ------------------------------------------------------------------------


async def test_a_drop_that_no_order_explains_ends_and_is_told_as_drift() -> None:
    world = await opened()
    world.shop("a").put(shown("A", 8))
    await world.run()
    quiet = len(world.told.named("drift"))
    await world.run(after=820)

    told = world.told.named("drift")[quiet:]
    assert (await claims(world), [(one["listing"], one["by"]) for one in told]) == ([], [("A", -2)])


async def test_a_drop_that_an_order_explains_is_no_drift() -> None:
    world = await opened()
    order(world, 3)
    for _ in range(20):
        await world.run()

    assert [one for one in world.told.named("drift") if one["shop"] == "a"] == []


# --- where a reading begins ------------------------------------------------------------------------------


async def test_a_first_reading_of_orders_begins_long_before_the_first_write() -> None:
    channel, now = MemoryChannel(traits=TELLS), FakeClock().now()
    channel.put(shown("A", 5))
    number = channel.buyers.order({A: 2}, at=now - timedelta(hours=23))

    (heard,) = await hear({SHOP: FeedJob(feed=channel, rules=OrderRules())}, {}, {}, now)

    assert [line.order for line in heard.lines] == [number]


@pytest.mark.parametrize(("minutes", "found"), [(-11.9, 1), (-12.1, 0), (1.9, 1), (2.1, 0)])
async def test_a_reading_overlaps_the_last_one_and_allows_for_a_clock_that_is_ahead(
    minutes: float, found: int
) -> None:
    channel, now = MemoryChannel(traits=TELLS), FakeClock().now()
    channel.put(shown("A", 5))
    channel.buyers.order({A: 2}, at=now + timedelta(minutes=minutes))
    states = {SHOP: FeedState(shop=SHOP, cursor=now)}

    (heard,) = await hear({SHOP: FeedJob(feed=channel, rules=OrderRules())}, states, {}, now)

    assert len(heard.lines) == found


async def test_open_orders_from_before_the_first_start_are_claimed_before_anything_is_shown() -> None:
    world = World({"A": 10}, traits=TELLS)
    world.shop("a").put(shown("A", 5))
    order(world, 3)

    await world.run()

    assert world.counters("b") == {"A": 7}


class Hanging(MemoryChannel):
    """A shop whose orders never come."""

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        del since, until
        await asyncio.Event().wait()
        yield ()


async def test_a_feed_that_hangs_is_given_up() -> None:
    job = FeedJob(feed=Hanging(traits=TELLS), rules=OrderRules(), timeout=0)

    (heard,) = await hear({SHOP: job}, {}, {}, FakeClock().now())

    assert heard.state.error == "not read within 0 s"


class Flaky(MemoryChannel):
    """A shop whose calls for orders fail as they are told to; remembers where each began."""

    def __init__(self, *fails: bool) -> None:
        super().__init__([shown("A", 99)], traits=TELLS)
        self.fails = list(fails)
        self.begun: list[datetime] = []

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        self.begun.append(since)
        if self.fails and self.fails.pop(0):
            raise DOWN
        async for page in super().orders(since=since, until=until):
            yield page


NOW = FakeClock().now()
LONG = timedelta(days=2)


def flaky(*fails: bool) -> tuple[Flaky, dict[ShopName, FeedJob]]:
    channel = Flaky(*fails)
    for hours in (47, 26, 1):
        channel.buyers.order({A: 1}, at=NOW - timedelta(hours=hours))
    return channel, {SHOP: FeedJob(feed=channel, rules=OrderRules(), back=LONG)}


async def test_a_long_reading_asks_again_for_the_part_that_failed_and_for_no_other() -> None:
    channel, jobs = flaky(False, False, True)

    (heard,) = await hear(jobs, {}, {}, NOW)

    assert (len(heard.lines), heard.error, heard.since) == (3, "", NOW - LONG)
    assert len(channel.begun) == len(set(channel.begun)) + 1


async def test_a_long_reading_that_broke_off_goes_on_where_it_was_and_tells_all_at_last() -> None:
    channel, jobs = flaky(False, False, True, True, True)
    long = LongReadings()
    (broken,) = await hear(jobs, {}, {}, NOW, long)
    asked = len(channel.begun)

    (heard,) = await hear(jobs, {}, {}, NOW + timedelta(minutes=1), long)

    assert (broken.error, broken.state.cursor, len(broken.lines)) == ("no route", None, 1)
    assert min(channel.begun[asked:]) > NOW - timedelta(hours=37)
    assert (len(heard.lines), heard.since) == (3, NOW - LONG)


async def test_an_order_that_changed_while_a_long_reading_stood_still_is_told_as_it_is_now() -> None:
    channel, jobs = flaky(False, False, True, True, True)
    long = LongReadings()
    await hear(jobs, {}, {}, NOW, long)
    channel.buyers.cancel("1", at=NOW + timedelta(seconds=30))

    (heard,) = await hear(jobs, {}, {}, NOW + timedelta(minutes=1), long)
    versions = [line.stage for line in heard.lines if line.order == "1"]

    assert (versions[0], versions[-1]) == (Stage.UNPAID, Stage.CLOSED)


async def test_a_short_reading_is_not_asked_for_again_in_the_same_cycle() -> None:
    channel, jobs = flaky(True)

    (heard,) = await hear(jobs, {SHOP: FeedState(shop=SHOP, cursor=NOW)}, {}, NOW)

    assert (heard.error, len(channel.begun)) == ("no route", 1)


async def test_a_retired_shop_is_not_asked_for_orders() -> None:
    world = await opened()
    await world.store.save_shop(replace((await world.store.shops())[SHOP], status=ShopStatus.RETIRED))
    order(world, 3)

    await world.run()

    assert await claims(world) == []
