"""Looking now and then at how much there is, without ever being in the way."""

import asyncio
from datetime import timedelta

from syncd.adapters.memory import FakeClock, MemoryStore
from syncd.domain.held import HeldNow
from syncd.domain.model import ListingId, ShopName, SourceName
from syncd.domain.records import FeedState, PendingRow, ShopState, SourceState
from syncd.errors import StateError
from syncd.ports.store import Measured, TakenOrders
from syncd.ports.tallies import Tally
from syncd.services.surveying import EVERY, TALLY_EVERY, Survey, Surveyor

A = ShopName("a")


class Slow(MemoryStore):
    """A state in which counting takes a while; it may also be broken."""

    def __init__(self, clock: FakeClock, *, takes: float = 0.0) -> None:
        super().__init__()
        self.clock = clock
        self.takes = takes
        self.tallied = 0
        self.is_broken = False

    async def tally(self) -> Tally:
        self.tallied += 1
        self.clock.advance(self.takes)
        return Tally(ledger=self.tallied)

    async def shops(self) -> dict[ShopName, ShopState]:
        if self.is_broken:
            raise StateError("the disk is gone")
        return {A: ShopState(name=A)}


async def asleep(task: "asyncio.Task[None]", clock: FakeClock) -> None:
    """Return once the task sleeps; raise what broke it."""
    sleeping = asyncio.create_task(clock.until_asleep())
    await asyncio.wait({task, sleeping}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        sleeping.cancel()
        task.result()


async def test_a_survey_says_what_the_state_says() -> None:
    clock, store = FakeClock(), MemoryStore()
    await store.save_shop(ShopState(name=A, error="down"))
    await store.save_source(SourceState(name=SourceName("erp"), seq=4))
    await store.stand(HeldNow(digest="0123456789abcdef", since={A: clock.now()}), ())
    await store.take_orders(TakenOrders(feeds=[FeedState(shop=A, error="late")]))
    survey = await Surveyor(store, clock).look()
    assert (survey.shops[A].error, survey.sources[SourceName("erp")].seq, survey.feeds[A].error) == (
        "down",
        4,
        "late",
    )
    assert (survey.held_since, survey.alerts) == ({A: clock.now()}, {})
    assert (survey.at, survey.tallied_at) == (clock.now(), clock.now())


async def test_the_oldest_decrease_ages_between_two_looks() -> None:
    clock, store = FakeClock(), MemoryStore()
    row = PendingRow(A, ListingId("1"), clock.now() - timedelta(seconds=30), None, False)
    await store.save_measures(Measured(pending=[row]))
    survey = await Surveyor(store, clock).look()
    clock.advance(5)
    assert survey.oldest_decrease(A, clock.now()) == 35
    assert survey.oldest_decrease(ShopName("b"), clock.now()) == 0


async def test_everything_is_not_counted_at_every_look() -> None:
    clock = FakeClock()
    store = Slow(clock)
    surveyor = Surveyor(store, clock)
    for _ in range(int(TALLY_EVERY / EVERY)):
        await surveyor.look()
        clock.advance(EVERY)
    assert store.tallied == 1
    assert (await surveyor.look()).tally.ledger == 2


async def test_counting_that_takes_long_rests_for_long() -> None:
    clock = FakeClock()
    store = Slow(clock, takes=10.0)
    surveyor = Surveyor(store, clock)
    await surveyor.look()
    clock.advance(499)
    await surveyor.look()
    assert store.tallied == 1
    clock.advance(1)
    await surveyor.look()
    assert store.tallied == 2


async def test_what_is_quick_is_known_before_what_takes_long() -> None:
    clock = FakeClock()
    heard: list[Survey] = []
    await Surveyor(Slow(clock, takes=10.0), clock, heard.append).look()
    assert [survey.tallied_at is None for survey in heard] == [True, False]


async def test_a_state_that_cannot_be_read_leaves_the_last_survey() -> None:
    clock = FakeClock()
    store = Slow(clock)
    surveyor = Surveyor(store, clock)
    task = asyncio.create_task(surveyor.run())
    await asleep(task, clock)
    first = surveyor.last
    store.is_broken = True
    clock.advance(EVERY)
    await asyncio.sleep(0)
    await asleep(task, clock)
    store.is_broken = False
    assert first is not None
    assert surveyor.last is first
    clock.advance(EVERY)
    await asyncio.sleep(0)
    await asleep(task, clock)
    assert surveyor.last is not first
    task.cancel()
    await asyncio.wait({task})
