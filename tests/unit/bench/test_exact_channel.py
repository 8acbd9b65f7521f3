"""The simulated shops' calls: they take time, buyers go on meanwhile, and each mishap does what it says."""

from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import pytest

from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from tests.bench.exact.channel import InProcessShop, Mishap, weather
from tests.bench.exact.clock import WorldClock, moment, run_simulated
from tests.bench.exact.demand import Buyer, Demand
from tests.bench.exact.scenario import Scenario, WriteMode
from tests.bench.exact.world import World

T = TypeVar("T")


class Street:
    """One shop with 10 units of one SKU, and whoever comes by."""

    def __init__(
        self, *buyers: Buyer, mishap: Mishap = Mishap.NONE, mode: WriteMode = WriteMode.KEYED, units: int = 10
    ) -> None:
        self.clock = WorldClock()
        scenario = Scenario(latency=2.0, page=1, mode=mode)
        stock = {"A": 100, "B": 100}
        self.world = World(scenario, Demand(buyers=buyers, stock=stock, shops=("jd",)))
        self.clock.reach = self.world.reach
        self.till = self.world.tills["jd"]
        filling = InProcessShop(self.till, scenario, WorldClock(starts=-10.0), lambda: Mishap.NONE)
        run_simulated(filling.push([self.write(Action.SET, units)]), filling._clock)
        self.shop = InProcessShop(self.till, scenario, self.clock, lambda: mishap)

    @property
    def counter(self) -> int:
        return self.till.counter("A")

    def write(self, action: Action, value: int, key: str = "") -> Write:
        listing = self.till.listing_of["A"]
        return Write(
            listing=ListingId(listing), item=ItemId(listing), action=action, value=value, base=None, key=key
        )

    def push(self, action: Action, value: int, key: str = "") -> Sequence[Outcome]:
        return self.run(self.shop.push([self.write(action, value, key)]))

    def observe(self) -> list[Sequence[ObservedListing]]:
        async def all_pages() -> list[Sequence[ObservedListing]]:
            return [page async for page in self.shop.observe()]

        return self.run(all_pages())

    def orders(self) -> list[OrderLine]:
        async def all_pages() -> list[OrderLine]:
            found = self.shop.orders(since=moment(-100.0), until=moment(100.0))
            return [line async for page in found for line in page]

        return self.run(all_pages())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return run_simulated(work, self.clock)


def buyer(at: float) -> Buyer:
    return Buyer(at, "A", "jd", 3)


def test_a_call_takes_its_time() -> None:
    street = Street()
    street.push(Action.SET, 5)
    assert street.clock.time == 2.0


def test_a_buyer_before_the_write_applies_is_overwritten_by_an_absolute_one() -> None:
    street = Street(buyer(0.5), mode=WriteMode.ABSOLUTE)
    street.push(Action.SET, 10)
    assert street.counter == 10


def test_a_buyer_before_the_write_applies_stays_sold_with_a_delta() -> None:
    street = Street(buyer(0.5))
    street.push(Action.DELTA, 1)
    assert street.counter == 8


def test_a_buyer_after_the_reading_is_not_in_it() -> None:
    [page, _] = Street(buyer(1.5)).observe()
    assert page[0].quantity == 10


def test_a_buyer_before_the_reading_is_in_it() -> None:
    [page, _] = Street(buyer(0.5)).observe()
    assert page[0].quantity == 7


def test_a_second_reading_shows_what_was_sold_since_the_first() -> None:
    street = Street(buyer(5.0))
    street.observe()
    [page, _] = street.observe()
    assert page[0].quantity == 7


def test_each_page_is_a_call() -> None:
    street = Street()
    street.observe()
    assert street.shop.tally.calls == 2


def test_a_written_quantity_is_counted() -> None:
    street = Street()
    street.push(Action.SET, 5)
    assert street.shop.tally.writes == 1


def test_a_delisting_is_no_written_quantity() -> None:
    street = Street()
    street.push(Action.DELIST, 0)
    assert street.shop.tally.writes == 0


def test_a_keyed_delta_below_zero_is_refused() -> None:
    street = Street()
    [outcome] = street.push(Action.DELTA, -11, "k")
    assert (outcome.kind, street.counter) == (Kind.REJECTED, 10)


def test_a_clipping_delta_below_zero_ends_at_zero_and_reports_success() -> None:
    street = Street(mode=WriteMode.CLIPPING)
    [outcome] = street.push(Action.DELTA, -11)
    assert (outcome.kind, outcome.counter) == (Kind.DONE, 0)


@pytest.mark.parametrize(
    ("mishap", "kind", "sent", "after"),
    [
        (Mishap.THROTTLED, Kind.THROTTLED, True, 10),
        (Mishap.REFUSED, Kind.TRANSIENT, False, 10),
        (Mishap.REPLY_LOST, Kind.UNKNOWN, True, 5),
    ],
)
def test_a_failed_call_did_what_its_mishap_says(
    mishap: Mishap, kind: Kind, after: int, *, sent: bool
) -> None:
    street = Street(mishap=mishap)
    with pytest.raises(PortError) as caught:
        street.push(Action.DELTA, -5, "k")
    assert (caught.value.kind, caught.value.sent, street.counter) == (kind, sent, after)


def test_a_doubled_delta_with_a_key_applies_once() -> None:
    street = Street(mishap=Mishap.DOUBLED)
    [outcome] = street.push(Action.DELTA, -4, "k")
    assert (outcome.kind, street.counter) == (Kind.DUPLICATE, 6)


def test_a_slow_call_takes_far_longer() -> None:
    street = Street(mishap=Mishap.SLOW)
    street.push(Action.SET, 5)
    assert street.clock.time == 40.0


def test_orders_come_a_page_at_a_time() -> None:
    street = Street(buyer(-3.0), buyer(-2.0))
    assert len(street.orders()) == 2
    assert street.shop.tally.calls == 2


def test_a_doubled_answer_tells_every_order_twice() -> None:
    street = Street(buyer(-3.0), mishap=Mishap.DOUBLED)
    assert len(street.orders()) == 2


def test_an_order_that_comes_during_the_call_is_told_once_it_was_reached() -> None:
    assert len(Street(buyer(0.5)).orders()) == 1


def test_as_many_calls_go_wrong_as_asked_for() -> None:
    befalls = weather(0.2, 1)
    wrong = sum(befalls() is not Mishap.NONE for _ in range(5000))
    assert wrong == pytest.approx(1000, abs=100)


def test_calls_go_wrong_in_every_way() -> None:
    befalls = weather(1.0, 1)
    assert {befalls() for _ in range(100)} == set(Mishap) - {Mishap.NONE}


def test_named_orders_are_told_as_they_are() -> None:
    street = Street(buyer(-3.0))
    [line] = street.orders()
    assert street.run(street.shop.these_orders([line.order, "1"])) == [line]
