"""Lowering beside a cycle that reads or pushes, and cycles that begin meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from syncd.adapters.memory import MemoryChannel, MemoryStore
from syncd.domain.model import ListingId, ObservedListing, Outcome, ShopName, Sku, Write
from syncd.domain.records import DemandRow
from syncd.ports.channel import ChannelTraits
from syncd.services.cycle import CycleReport
from syncd.services.lowering import Left
from syncd.services.seat import Seat
from tests.unit.services.cycle_world import TELLS, World, shown
from tests.unit.services.orders_world import order
from tests.unit.services.test_lowering import lower, reads

B = Sku("B")
SHOP, OTHER = ShopName("a"), ShopName("b")


class Slow(MemoryChannel):
    """A shop that answers the next call only when it may `go`, once somebody said `hold`."""

    def __init__(self, traits: ChannelTraits) -> None:
        super().__init__(traits=traits)
        self.hold = self.hold_reading = False
        self.began, self.go = asyncio.Event(), asyncio.Event()
        self.reads, self.read = asyncio.Event(), asyncio.Event()

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        pages = [page async for page in super().observe(listings)]
        if self.hold_reading:
            self.hold_reading = False
            self.reads.set()
            await self.read.wait()
        for page in pages:
            yield page

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        if self.hold:
            self.hold = False
            self.began.set()
            await self.go.wait()
        return await super().push(writes)


async def slow(**stock: int) -> tuple[World, Slow]:
    """Return a filled world whose shop a takes one listing a call, and one call at a time."""
    traits = replace(TELLS, max_batch=1, max_batch_listing=1)
    world, shop = World(stock, traits=traits), Slow(traits)
    shop.put(*(shown(sku, 0) for sku in stock))
    world.channels[SHOP] = shop
    world.observe_every = timedelta(hours=10)
    return await world.filled(), shop


async def turns() -> None:
    """Let everybody do what can be done."""
    for _ in range(50):
        await asyncio.sleep(0)


async def until(is_so: Callable[[], bool]) -> None:
    """Return once it has come to be so; what is done in a thread takes its time."""
    for _ in range(1_000_000):
        if is_so():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to be so")


async def raising() -> tuple[World, Slow, "asyncio.Task[CycleReport]"]:
    """Return a cycle whose raise of B from 1 to 12 is in the air in shop a, and one of A to 20 behind it."""
    world, shop = await slow(A=10, B=1)
    world.stock(A=20, B=12)
    world.clock.advance(60)
    shop.hold = True
    cycle = asyncio.create_task(world.cycle.run())
    await shop.began.wait()
    await turns()
    return world, shop, cycle


async def test_a_sale_does_not_wait_for_the_raises_of_a_pass() -> None:
    world, shop, cycle = await raising()
    # The other shop shows 20 by now; all of these are sold there.
    world.named.name(OTHER, [order(world, 16, shop="b")])

    await lower(world)

    assert (world.counters("a")["A"], cycle.done()) == (4, False)
    shop.go.set()
    await cycle
    # What the pass meant to show of A rests on what is no more.
    assert world.counters("a") == {"A": 4, "B": 12}


async def test_what_is_in_the_air_lands_before_it_is_decided_on() -> None:
    world, shop, cycle = await raising()
    world.named.name(OTHER, [order(world, 2, shop="b")])
    lowering = asyncio.create_task(world.lowering.run(frozenset({B})))
    await turns()
    assert not lowering.done()

    shop.go.set()
    await asyncio.gather(lowering, cycle)

    assert world.counters("a")["B"] == 12
    await world.run()
    assert (world.counters("a"), (await world.row("a", "B")).desired) == ({"A": 18, "B": 12}, 12)


async def test_what_was_lowered_beside_a_pass_is_not_its_to_settle() -> None:
    world, shop, cycle = await raising()
    world.stock(A=6, B=12)
    await lower(world, "A")

    shop.go.set()
    await cycle

    assert (world.counters("a")["A"], (await world.row("a", "A")).desired) == (6, 6)


async def test_a_cycle_that_begins_takes_over_what_is_being_lowered() -> None:
    world, shop = await slow(A=10, B=10)
    world.stock(A=4, B=10)
    shop.hold = True
    lowering = asyncio.create_task(lower(world, "A"))
    await shop.began.wait()
    world.stock(A=2, B=10)
    before = reads(world, "b")
    cycle = asyncio.create_task(world.run())
    await turns()
    # It does not even read before what is in the air has landed.
    assert (cycle.done(), reads(world, "b")) == (False, before)

    shop.go.set()
    await asyncio.gather(lowering, cycle)

    assert (world.counters("a")["A"], (await world.row("a", "A")).desired) == (2, 2)


async def reading(**stock: int) -> tuple[World, Slow, "asyncio.Task[CycleReport]"]:
    """Return a cycle that has read shop a and waits for the answer to arrive."""
    world, shop = await slow(A=10, B=10)
    world.observe_every = timedelta(0)
    world.restart()
    await world.run()
    world.stock(**stock)
    world.clock.advance(60)
    shop.hold_reading = True
    cycle = asyncio.create_task(world.cycle.run())
    await shop.reads.wait()
    await turns()
    return world, shop, cycle


async def test_what_a_cycle_read_before_it_was_lowered_is_old() -> None:
    world, shop, cycle = await reading(A=10, B=12)
    world.stock(A=4, B=12)
    await lower(world, "A")

    shop.read.set()
    await cycle

    row = await world.row("a", "A")
    assert (world.counters("a"), row.expected_hi, row.desired) == ({"A": 4, "B": 12}, 4, 4)
    assert await world.ledger("drift") == []


async def test_what_a_cycle_read_of_a_listing_that_was_lowered_is_not_kept() -> None:
    world, shop = await slow(A=10, B=10)
    world.observe_every = timedelta(0)
    world.restart()
    await world.run()
    world.clock.advance(60)
    world.shop("a").sell(ListingId("A"), 2)
    shop.hold_reading = True
    cycle = asyncio.create_task(world.cycle.run())
    await shop.reads.wait()
    world.stock(A=3, B=10)
    await lower(world, "A")
    shown_now = world.counters("a")["A"]

    shop.read.set()
    await cycle

    row = await world.row("a", "A")
    assert (world.counters("a")["A"], row.expected_lo, row.expected_hi) == (shown_now,) * 3


async def test_a_cycle_that_was_reading_does_not_write_what_is_being_lowered() -> None:
    world, shop, cycle = await reading(A=10, B=12)
    world.stock(A=0, B=12)
    shop.hold = True
    lowering = asyncio.create_task(lower(world, "A"))
    await shop.began.wait()

    shop.read.set()
    await until(lambda: world.counters("b")["B"] == 12)
    shop.go.set()
    await asyncio.gather(cycle, lowering)

    assert (world.counters("a")["A"], (await world.row("a", "A")).desired) == (0, 0)


async def test_a_cycle_that_begins_right_after_the_look_does_not_write_it_either() -> None:
    world, shop = await slow(A=10, B=10)
    world.stock(A=4, B=10)
    shop.hold_reading = shop.hold = True
    lowering = asyncio.create_task(lower(world, "A"))
    await shop.reads.wait()
    cycle = asyncio.create_task(world.run())
    await turns()

    shop.read.set()
    await turns()
    shop.go.set()
    await asyncio.gather(cycle, lowering)

    assert (world.counters("a")["A"], (await world.row("a", "A")).desired) == (4, 4)


async def test_all_else_makes_way_until_the_last_decrease_has_ended() -> None:
    world, shop = await slow(A=10, B=10)
    world.stock(A=4, B=10)
    shop.hold = True
    lowering = asyncio.create_task(lower(world, "A"))
    await shop.began.wait()
    before = world.precedence.left(world.clock.monotonic())
    shop.go.set()
    await lowering
    assert before > 0.0 == world.precedence.left(world.clock.monotonic())


async def test_nobody_makes_way_for_what_waits_until_a_cycle_has_decided() -> None:
    world, _ = await slow(A=10)
    world.stock(A=4)
    async with world.seat.taken():
        lowering = asyncio.create_task(lower(world, "A"))
        await turns()
        assert world.precedence.left(world.clock.monotonic()) == 0.0
    await lowering
    assert world.counters("a") == {"A": 4}


async def test_nobody_makes_way_any_more_for_what_only_a_cycle_can_tell() -> None:
    world, _ = await slow(A=10)
    world.named.name(SHOP, ["unheard of"])
    await lower(world, "unknown")
    assert world.precedence.left(world.clock.monotonic()) == 0.0


async def test_an_order_that_a_cycle_took_in_meanwhile_is_lowered_at_once_all_the_same() -> None:
    world, shop = await slow(A=10, B=1)
    world.stock(A=10, B=12)
    shop.hold = True
    cycle = asyncio.create_task(world.run())
    await shop.began.wait()
    number = order(world, 4, shop="b")
    world.named.name(OTHER, [number])
    # As a cycle does that hears of it only once it has read back what it means to write.
    world.named.asked({OTHER: [number]})

    await lower(world)

    assert (world.counters("a")["A"], cycle.done()) == (6, False)
    shop.go.set()
    await cycle


async def test_all_else_makes_way_until_its_books_are_closed() -> None:
    world, shop = await slow(A=10, B=10)
    world.stock(A=4, B=10)
    shop.hold = True
    lowering = asyncio.create_task(lower(world, "A"))
    await shop.began.wait()
    async with world.seat.taken():
        shop.go.set()
        await until(lambda: world.counters("a")["A"] == 4)
        await turns()
        assert world.precedence.left(world.clock.monotonic()) > 0.0
    await lowering
    assert world.precedence.left(world.clock.monotonic()) == 0.0


class Overtaken(Seat):
    """A seat on which somebody else decides on all as soon as it is free, once somebody said so."""

    def __init__(self) -> None:
        super().__init__()
        self.is_overtaken = False

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        async with super().taken():
            yield
        self.number += self.is_overtaken


async def test_what_was_decided_before_somebody_decided_on_all_is_left_to_that() -> None:
    world, seat = World({"A": 10, "B": 10}, traits=TELLS), Overtaken()
    world.observe_every, world.seat = timedelta(hours=10), seat
    await world.filled()
    world.stock(A=4, B=10)
    seat.is_overtaken = True

    lowered = await lower(world, "A")

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (10, 10)
    assert lowered.left == Left(skus=frozenset({Sku("A")}))


class Pausing(MemoryStore):
    """A state in which a cycle waits right before it pushes, once somebody said `hold`."""

    def __init__(self) -> None:
        super().__init__()
        self.hold = False
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def demand(self, skus: Collection[Sku] | None = None) -> Sequence[DemandRow]:
        if self.hold:
            self.hold = False
            self.asked.set()
            await self.go.wait()
        return await super().demand(skus)


async def test_a_raise_that_was_about_to_be_sent_is_not_when_a_newer_look_wants_nothing_changed() -> None:
    world, store = World({"A": 10, "B": 10}, traits=TELLS), Pausing()
    world.keep_in(store)
    world.observe_every = timedelta(hours=10)
    await world.filled()
    world.stock(A=20, B=20)
    store.hold = True
    cycle = asyncio.create_task(world.run())
    await store.asked.wait()
    world.stock(A=10, B=20)
    await lower(world, "A")

    store.go.set()
    await cycle

    assert [world.counters(name) for name in "ab"] == [{"A": 10, "B": 20}] * 2
