"""The buyers of the shop in memory: what they do to its counters, and how its feed fails."""

from datetime import UTC, datetime, timedelta

import pytest

from syncd.adapters.memory import MemoryChannel
from syncd.domain.model import ItemId, ListingId, ObservedListing
from syncd.domain.orders import Stage
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits, DeductsAt
from syncd.ports.orders import OrderFeed

ONE, TWO = ListingId("1"), ListingId("2")
_AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
_LATER = _AT + timedelta(minutes=1)


def _shop(deducts_at: DeductsAt = DeductsAt.ORDER, *, on_sale: bool = True) -> MemoryChannel:
    listings = [
        ObservedListing(id=key, code=f"C{key}", item=ItemId("9"), quantity=5, on_sale=on_sale)
        for key in (ONE, TWO)
    ]
    return MemoryChannel(listings, traits=ChannelTraits(deducts_at=deducts_at), page_size=2)


def _counter(shop: MemoryChannel, listing: ListingId = ONE) -> tuple[int | None, int]:
    """Return what a listing shows, and what of it is withheld."""
    shown = shop.shown(listing)
    return shown.quantity, shown.withheld


async def _pages(feed: OrderFeed) -> list[list[str]]:
    return [[line.line for line in page] async for page in feed.orders(since=_AT, until=_LATER)]


@pytest.mark.parametrize("deducts_at", [DeductsAt.ORDER, DeductsAt.UNKNOWN])
def test_an_order_lowers_the_counter(deducts_at: DeductsAt) -> None:
    shop = _shop(deducts_at)
    assert shop.buyers.order({ONE: 2}, at=_AT)
    assert _counter(shop) == (3, 0)


def test_a_payment_lowers_no_counter_twice() -> None:
    shop = _shop()
    shop.buyers.pay(shop.buyers.order({ONE: 2}, at=_AT), at=_AT)
    assert _counter(shop) == (3, 0)


def test_a_shop_that_deducts_at_payment_withholds_until_then() -> None:
    shop = _shop(DeductsAt.PAYMENT)
    order = shop.buyers.order({ONE: 2}, at=_AT)
    withheld = _counter(shop)
    shop.buyers.pay(order, at=_AT)
    assert (withheld, _counter(shop)) == ((5, 2), (3, 0))


@pytest.mark.parametrize("deducts_at", DeductsAt)
def test_nobody_orders_what_another_one_holds(deducts_at: DeductsAt) -> None:
    shop = _shop(deducts_at)
    assert shop.buyers.order({ONE: 3}, at=_AT)
    assert shop.buyers.order({ONE: 3}, at=_AT) == ""


@pytest.mark.parametrize("deducts_at", DeductsAt)
def test_an_order_that_lacks_one_line_takes_nothing(deducts_at: DeductsAt) -> None:
    shop = _shop(deducts_at)
    assert shop.buyers.order({ONE: 2, TWO: 6}, at=_AT) == ""
    assert (_counter(shop), shop.buyers.lines) == ((5, 0), {})


@pytest.mark.parametrize("wanted", [{ONE: 6}, {ListingId("404"): 1}])
def test_nobody_orders_what_is_not_there(wanted: dict[ListingId, int]) -> None:
    assert _shop().buyers.order(wanted, at=_AT) == ""


def test_nobody_orders_what_is_off_sale() -> None:
    assert _shop(on_sale=False).buyers.order({ONE: 1}, at=_AT) == ""


def test_one_order_may_name_a_listing_twice() -> None:
    shop = _shop()
    shop.buyers.order([(ONE, 1), (ONE, 2)], at=_AT)
    assert (_counter(shop), [line.units for line in shop.buyers.lines.values()]) == ((2, 0), [1, 2])


@pytest.mark.parametrize("deducts_at", DeductsAt)
@pytest.mark.parametrize("paid", [False, True])
def test_a_cancelled_order_gives_its_units_back(deducts_at: DeductsAt, *, paid: bool) -> None:
    shop = _shop(deducts_at)
    order = shop.buyers.order({ONE: 2}, at=_AT)
    if paid:
        shop.buyers.pay(order, at=_AT)
    shop.buyers.cancel(order, at=_LATER)
    assert _counter(shop) == (5, 0)


def test_a_shop_may_keep_the_units_of_a_cancelled_order() -> None:
    shop = _shop()
    shop.buyers.cancel(shop.buyers.order({ONE: 2}, at=_AT), at=_LATER, restores=False)
    assert _counter(shop) == (3, 0)


def test_what_only_was_withheld_is_never_kept() -> None:
    shop = _shop(DeductsAt.PAYMENT)
    shop.buyers.cancel(shop.buyers.order({ONE: 2}, at=_AT), at=_LATER, restores=False)
    assert _counter(shop) == (5, 0)


def test_what_was_sent_does_not_come_back_on_sale() -> None:
    shop = _shop()
    order = shop.buyers.order({ONE: 2}, at=_AT)
    shop.buyers.pay(order, at=_AT)
    shop.buyers.ship(order, at=_AT)
    shop.buyers.refund(f"{order}-1", at=_LATER)
    line = shop.buyers.lines[f"{order}-1"]
    assert (_counter(shop), line.stage, line.released) == ((3, 0), Stage.CLOSED, 0)


def test_a_cancelled_order_cannot_be_cancelled_again() -> None:
    shop = _shop()
    order = shop.buyers.order({ONE: 2}, at=_AT)
    shop.buyers.cancel(order, at=_LATER)
    shop.buyers.cancel(order, at=_LATER)
    assert _counter(shop) == (5, 0)


def test_a_closed_line_keeps_what_it_released() -> None:
    shop = _shop()
    order = shop.buyers.order({ONE: 2}, at=_AT)
    shop.buyers.refund(f"{order}-1", at=_AT)
    shop.buyers.refund(f"{order}-1", at=_LATER)
    line = shop.buyers.lines[f"{order}-1"]
    assert (line.released, line.modified, _counter(shop)) == (2, _AT, (5, 0))


def test_a_line_names_the_code_of_its_listing() -> None:
    shop = _shop()
    shop.buyers.order({TWO: 1}, at=_AT)
    assert [line.code for line in shop.buyers.lines.values()] == ["C2"]


async def test_orders_are_told_a_page_at_a_time() -> None:
    shop = _shop()
    for _ in range(3):
        shop.buyers.order({ONE: 1, TWO: 1}, at=_AT)
    assert await _pages(shop) == [["1-1", "1-2", "2-1", "2-2"], ["3-1", "3-2"]]


async def test_what_was_asked_is_recorded() -> None:
    shop = _shop()
    await _pages(shop)
    assert shop.asked == [(_AT, _LATER)]


async def test_an_intake_can_fail_after_some_pages() -> None:
    shop = _shop()
    for _ in range(3):
        shop.buyers.order({ONE: 1}, at=_AT)
    shop.fail_orders(PortError(Kind.THROTTLED, "slow down"), after_pages=1)
    pages = shop.orders(since=_AT, until=_LATER)
    assert len(await anext(pages)) == 2
    with pytest.raises(PortError, match="slow down"):
        await anext(pages)


async def test_the_intake_after_a_failed_one_is_whole() -> None:
    shop = _shop()
    shop.buyers.order({ONE: 1}, at=_AT)
    shop.fail_orders(PortError(Kind.TRANSIENT, "down"))
    with pytest.raises(PortError):
        await _pages(shop)
    assert await _pages(shop) == [["1-1"]]
