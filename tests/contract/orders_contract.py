"""What every feed of orders owes, as one suite: subclass `OrdersContract` and override its two fixtures."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from syncd.domain.orders import OrderLine, Stage
from syncd.errors import PortError
from syncd.ports.orders import OrderFeed
from tests.contract.channel_contract import MEANINGS, Fault

ONE, TWO = "100:7", "200:"
"""Two listings, in the form of the channel that is most particular about them."""

_T0 = datetime(2026, 11, 20, 15, 59, 30, tzinfo=UTC)
"""Half a minute before midnight in Beijing: a feed that mistakes the time zone loses a day."""

_NOT_SENT = (Stage.UNPAID, Stage.PAID)


def later(seconds: float) -> datetime:
    """Return the time so many seconds after the first order of a test."""
    return _T0 + timedelta(seconds=seconds)


class OrdersRig(Protocol):
    """The platform behind the feed, as its buyers and its seller move it; `at` is always whole seconds."""

    arrived: asyncio.Event
    """Set when a call with the fault `HANGING` has come in."""

    def order(self, *wanted: tuple[str, int], at: datetime) -> str:
        """Order units of listings, a line each; return the order's id."""
        ...

    def pay(self, order: str, *, at: datetime) -> None:
        """Pay an order."""
        ...

    def cancel(self, order: str, *, at: datetime) -> None:
        """Close an order that is not sent."""
        ...

    def ask_refund(self, line: str, *, at: datetime) -> None:
        """Ask for the money of a line back."""
        ...

    def refund(self, line: str, *, at: datetime) -> None:
        """Give the money of a line back, which ends it."""
        ...

    def ship(self, order: str, *lines: str, at: datetime) -> None:
        """Send an order, or only some of its lines."""
        ...

    def finish(self, order: str, *, at: datetime) -> None:
        """Let an order arrive that was sent whole."""
        ...

    def calls(self) -> int:
        """Return how many calls have come in."""
        ...

    def fail(self, fault: Fault) -> None:
        """Let the next call go wrong."""
        ...


async def told(
    feed: OrderFeed, since: datetime = _T0, until: datetime = _T0 + timedelta(hours=1)
) -> list[OrderLine]:
    """Return the newest version of every line that the feed yields, by the ids of order and line."""
    newest: dict[str, OrderLine] = {}
    async for page in feed.orders(since=since, until=until):
        for line in page:
            if line.line not in newest or newest[line.line].modified <= line.modified:
                newest[line.line] = line
    return sorted(newest.values(), key=lambda line: (int(line.order), line.line))


class OrderLinesContract:
    """What is told; `orders_beyond_one_page` must be more than the feed gets at once."""

    orders_beyond_one_page = 12

    @pytest.fixture
    async def rig(self) -> OrdersRig:
        raise NotImplementedError

    @pytest.fixture
    async def feed(self, rig: OrdersRig) -> OrderFeed:
        raise NotImplementedError(rig)

    # --- lines ---------------------------------------------------------------------------------------------

    async def test_a_shop_without_orders_tells_none(self, rig: OrdersRig, feed: OrderFeed) -> None:
        assert await told(feed) == []
        assert rig.calls() >= 1

    async def test_opening_makes_no_call(self, rig: OrdersRig, feed: OrderFeed) -> None:
        assert isinstance(feed, OrderFeed)
        assert rig.calls() == 0

    async def test_a_new_order_waits_for_its_money(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 2), at=_T0)
        (line,) = await told(feed)
        assert (line.order, line.listing, line.units) == (order, ONE, 2)
        assert (line.stage, line.released, line.shipped) == (Stage.UNPAID, 0, 0)
        assert (line.created, line.modified) == (_T0, _T0)
        assert (line.paid, line.sent, line.ended) == (None, None, None)

    async def test_each_line_of_an_order_has_an_id_of_its_own(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 1), (TWO, 2), (ONE, 3), at=_T0)
        lines = await told(feed)
        assert [(line.order, line.listing, line.units) for line in lines] == [
            (order, ONE, 1),
            (order, TWO, 2),
            (order, ONE, 3),
        ]

    async def test_no_two_orders_share_a_line(self, rig: OrdersRig, feed: OrderFeed) -> None:
        rig.order((ONE, 1), (TWO, 1), at=_T0)
        rig.order((ONE, 1), (TWO, 1), at=_T0)
        assert len({line.line for line in await told(feed)}) == 4

    async def test_a_line_keeps_its_id(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 1), (TWO, 1), at=_T0)
        before = [line.line for line in await told(feed)]
        rig.pay(order, at=later(1))
        assert [line.line for line in await told(feed)] == before

    async def test_a_payment_has_a_time(self, rig: OrdersRig, feed: OrderFeed) -> None:
        rig.pay(rig.order((ONE, 2), at=_T0), at=later(40))
        (line,) = await told(feed)
        assert (line.stage, line.created, line.paid) == (Stage.PAID, _T0, later(40))
        assert line.modified == later(40)

    async def test_an_unpaid_order_that_ends_releases_all_it_held(
        self, rig: OrdersRig, feed: OrderFeed
    ) -> None:
        rig.cancel(rig.order((ONE, 2), at=_T0), at=later(900))
        (line,) = await told(feed)
        assert (line.stage, line.released, line.shipped) == (Stage.CLOSED, 2, 0)
        assert line.ended == later(900)

    async def test_a_paid_order_that_is_cancelled_releases_its_units(
        self, rig: OrdersRig, feed: OrderFeed
    ) -> None:
        order = rig.order((ONE, 2), at=_T0)
        rig.pay(order, at=later(1))
        rig.cancel(order, at=later(2))
        (line,) = await told(feed)
        assert (line.stage, line.released, line.shipped) == (Stage.CLOSED, 2, 0)

    async def test_what_was_sent_is_shipped(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 2), at=_T0)
        rig.pay(order, at=later(1))
        rig.ship(order, at=later(2))
        (line,) = await told(feed)
        assert (line.stage, line.released, line.shipped, line.sent) == (Stage.SHIPPED, 0, 2, later(2))

    async def test_what_arrived_is_done_and_stays_shipped(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 2), at=_T0)
        rig.pay(order, at=later(1))
        rig.ship(order, at=later(2))
        rig.finish(order, at=later(3))
        (line,) = await told(feed)
        assert (line.stage, line.released, line.shipped) == (Stage.DONE, 0, 2)
        assert (line.sent, line.ended) == (later(2), later(3))

    async def test_an_order_sent_in_parts_still_owes_the_rest(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 2), (TWO, 3), at=_T0)
        rig.pay(order, at=later(1))
        first, second = await told(feed)
        rig.ship(order, first.line, at=later(2))
        lines = {line.line: (line.stage, line.shipped) for line in await told(feed)}
        assert lines == {first.line: (Stage.SHIPPED, 2), second.line: (Stage.PAID, 0)}

    async def test_a_refund_that_is_asked_for_releases_nothing(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 2), at=_T0)
        rig.pay(order, at=later(1))
        (line,) = await told(feed)
        rig.ask_refund(line.line, at=later(2))
        (line,) = await told(feed)
        assert (line.stage, line.released, line.modified) == (Stage.PAID, 0, later(2))

    async def test_a_refund_before_shipping_releases_its_line_and_no_other(
        self, rig: OrdersRig, feed: OrderFeed
    ) -> None:
        order = rig.order((ONE, 2), (TWO, 3), at=_T0)
        rig.pay(order, at=later(1))
        first, second = await told(feed)
        rig.refund(first.line, at=later(2))
        lines = {line.line: line.released for line in await told(feed)}
        assert lines == {first.line: 2, second.line: 0}

    async def test_a_refund_after_shipping_releases_nothing(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 2), at=_T0)
        rig.pay(order, at=later(1))
        rig.ship(order, at=later(2))
        (line,) = await told(feed)
        rig.refund(line.line, at=later(3))
        (line,) = await told(feed)
        assert (line.released, line.shipped) == (0, 2)
        assert line.stage not in _NOT_SENT

    async def test_every_line_of_an_order_carries_its_last_change(
        self, rig: OrdersRig, feed: OrderFeed
    ) -> None:
        order = rig.order((ONE, 2), (TWO, 3), at=_T0)
        rig.pay(order, at=later(1))
        first, _ = await told(feed)
        rig.refund(first.line, at=later(2))
        assert {line.modified for line in await told(feed)} == {later(2)}

    async def test_nothing_was_misunderstood(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 2), at=_T0)
        rig.pay(order, at=later(1))
        rig.ship(order, at=later(2))
        rig.finish(order, at=later(3))
        assert [line.doubt for line in await told(feed)] == [""]

    # --- time ----------------------------------------------------------------------------------------------

    async def test_every_time_is_in_utc(self, rig: OrdersRig, feed: OrderFeed) -> None:
        rig.pay(rig.order((ONE, 2), at=_T0), at=later(40))
        (line,) = await told(feed)
        times = [line.created, line.modified, line.paid]
        assert [time.utcoffset() for time in times if time] == [timedelta(0)] * 3

    async def test_changes_at_both_ends_of_the_time_are_told(self, rig: OrdersRig, feed: OrderFeed) -> None:
        orders = [rig.order((ONE, 1), at=_T0), rig.order((ONE, 1), at=later(60))]
        assert [line.order for line in await told(feed, _T0, later(60))] == orders

    async def test_an_old_order_that_changed_is_told(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 1), at=later(-90_000))
        rig.pay(order, at=later(5))
        (line,) = await told(feed)
        assert (line.order, line.created) == (order, later(-90_000))

    async def test_orders_of_several_days_are_told(self, rig: OrdersRig, feed: OrderFeed) -> None:
        orders = [rig.order((ONE, 1), at=later(day * 86_400)) for day in range(3)]
        assert [line.order for line in await told(feed, _T0, later(2 * 86_400))] == orders

    async def test_more_orders_than_a_page_are_told_each(self, rig: OrdersRig, feed: OrderFeed) -> None:
        orders = [rig.order((ONE, 1), at=later(number)) for number in range(self.orders_beyond_one_page)]
        assert [line.order for line in await told(feed)] == orders

    async def test_more_orders_of_one_second_than_a_page_are_told_each(
        self, rig: OrdersRig, feed: OrderFeed
    ) -> None:
        orders = [rig.order((ONE, 1), at=_T0) for _ in range(self.orders_beyond_one_page)]
        assert [line.order for line in await told(feed)] == orders

    async def test_a_moment_can_be_asked_for(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 1), at=_T0)
        assert [line.order for line in await told(feed, _T0, _T0)] == [order]

    # --- named orders --------------------------------------------------------------------------------------

    async def test_named_orders_are_told_as_they_are_now(self, rig: OrdersRig, feed: OrderFeed) -> None:
        one, _, three = (rig.order((ONE, 1), (TWO, 1), at=_T0) for _ in range(3))
        rig.pay(three, at=later(9))
        lines = await feed.these_orders([three, one])
        assert sorted({(line.order, line.stage) for line in lines}) == [
            (one, Stage.UNPAID),
            (three, Stage.PAID),
        ]

    async def test_a_named_order_is_the_same_as_in_the_feed(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 2), (TWO, 3), at=_T0)
        rig.pay(order, at=later(1))
        assert list(await feed.these_orders([order])) == await told(feed)

    @pytest.mark.parametrize("name", ["404", "no id at all", "", "７"])
    async def test_an_order_that_does_not_exist_is_left_out(
        self, rig: OrdersRig, feed: OrderFeed, name: str
    ) -> None:
        order = rig.order((ONE, 1), at=_T0)
        assert [line.order for line in await feed.these_orders([name, order])] == [order]

    async def test_no_names_need_no_call(self, rig: OrdersRig, feed: OrderFeed) -> None:
        assert list(await feed.these_orders([])) == []
        assert rig.calls() == 0


class OrdersContract(OrderLinesContract):
    """What is told, and how it fails; `secret` is what the feed knows, `has_wire` whether a call can hang."""

    secret = "hush-hush-token"
    has_wire = True

    # --- failures ------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("fault", Fault)
    async def test_a_failed_intake_has_a_kind(self, rig: OrdersRig, feed: OrderFeed, fault: Fault) -> None:
        rig.order((ONE, 1), at=_T0)
        rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await told(feed)
        assert caught.value.kind in MEANINGS[fault].read
        assert caught.value.retry_after == MEANINGS[fault].wait

    @pytest.mark.parametrize("fault", Fault)
    async def test_a_failed_question_has_a_kind(self, rig: OrdersRig, feed: OrderFeed, fault: Fault) -> None:
        order = rig.order((ONE, 1), at=_T0)
        rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await feed.these_orders([order])
        assert caught.value.kind in MEANINGS[fault].read

    @pytest.mark.parametrize("fault", Fault)
    async def test_a_failed_call_is_not_repeated(self, rig: OrdersRig, feed: OrderFeed, fault: Fault) -> None:
        rig.order((ONE, 1), at=_T0)
        rig.fail(fault)
        with pytest.raises(PortError):
            await told(feed)
        assert rig.calls() == 1

    @pytest.mark.parametrize("fault", Fault)
    async def test_no_failure_shows_the_credentials(
        self, rig: OrdersRig, feed: OrderFeed, fault: Fault
    ) -> None:
        rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await told(feed)
        assert self.secret not in f"{caught.value!r}{caught.value.__cause__!r}{feed!r}"

    async def test_the_feed_works_on_after_a_failure(self, rig: OrdersRig, feed: OrderFeed) -> None:
        order = rig.order((ONE, 1), at=_T0)
        rig.fail(Fault.RESET)
        with pytest.raises(PortError):
            await told(feed)
        assert [line.order for line in await told(feed)] == [order]

    async def test_a_cancelled_intake_ends_at_once(self, rig: OrdersRig, feed: OrderFeed) -> None:
        self._needs_a_wire(rig)
        rig.fail(Fault.HANGING)
        call = asyncio.create_task(told(feed))
        await rig.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    def _needs_a_wire(self, rig: OrdersRig) -> None:
        if not self.has_wire:
            pytest.skip(f"nothing can hang behind {type(rig).__name__}")
