"""What the conformance kit has no words for, held against the JD mock's own code over real HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.adapters.channels.jd import JdChannel
from syncd.conformance import Bench, Stock
from syncd.conformance.words import Desk, buy_paid, desk_of, later, observed, pushed, raising, told, write
from syncd.domain.model import Action, ListingId, Write
from syncd.domain.orders import Stage
from syncd.errors import Kind, PortError
from tests.contract.jd_rig import JdRig


@asynccontextmanager
async def opened(
    *,
    lists_all: bool = False,
    shop: dict[str, Any] | None = None,
    **options: Any,  # noqa: ANN401 - the adapter's
) -> AsyncIterator[tuple[Bench, JdRig]]:
    """Yield a bench and its rig; `shop` is how the mock behaves, `options` how the adapter is set."""
    rig = JdRig(lists_all=lists_all, **options)
    rig.mock.merge({"jd": shop or {}})
    async with rig.bench() as bench:
        yield bench, rig


def three(bench: Bench) -> list[ListingId]:
    return [bench.rig.put(Stock(key=f"{n}", item=f"I{n}")) for n in range(3)]


def raises(bench: Bench, listings: Sequence[ListingId]) -> list[Write]:
    return [write(bench, listing, 2, Action.DELTA, key=f"k{listing}") for listing in listings]


# --- what an answer names ----------------------------------------------------------------------------------


@pytest.mark.parametrize("says_success", [True, False])
async def test_by_default_rows_that_are_not_among_those_that_failed_are_read_back(says_success: bool) -> None:  # noqa: FBT001
    async with opened(shop={"success_with_failures": says_success}) as (bench, rig):
        listings = three(bench)
        rig.refuse(listings[1], Kind.REJECTED)
        outcomes = await pushed(bench, *raises(bench, listings))
        kinds = [outcome.kind for outcome in outcomes]
        counters = [rig.counter(listing) for listing in listings]
        assert (kinds, counters) == ([Kind.UNKNOWN, Kind.REJECTED, Kind.UNKNOWN], [7, 5, 7])


@pytest.mark.parametrize(
    ("says_success", "left_out"), [(True, Kind.DONE), (False, Kind.UNKNOWN)], ids=["success", "failure"]
)
async def test_they_may_be_taken_for_written_where_the_answer_says_success(
    says_success: bool,  # noqa: FBT001
    left_out: Kind,
) -> None:
    shop = {"success_with_failures": says_success}
    async with opened(shop=shop, unlisted_is_done=True) as (bench, rig):
        listings = three(bench)
        rig.refuse(listings[1], Kind.REJECTED)
        outcomes = await pushed(bench, *raises(bench, listings))
        assert [outcome.kind for outcome in outcomes] == [left_out, Kind.REJECTED, left_out]


# --- codes of calls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"keyed_calls": True}], ids=["batch", "keyed"])
async def test_the_same_call_sent_again_writes_only_the_rows_that_failed(options: dict[str, Any]) -> None:
    async with opened(lists_all=True, **options) as (bench, rig):
        writes = raises(bench, three(bench)[: bench.channel.traits.max_batch])
        rig.refuse(writes[0].listing, Kind.REJECTED)
        for _ in range(3):
            await pushed(bench, *writes)
        assert {rig.counter(each.listing) for each in writes} == {7}


async def test_a_line_that_is_sent_again_among_others_counts_twice_so_that_the_traits_promise_no_key() -> (
    None
):
    async with opened(lists_all=True) as (bench, rig):
        first, *others = raises(bench, three(bench))
        await pushed(bench, first, others[0])
        await pushed(bench, first, others[1])
        assert (rig.counter(first.listing), bench.channel.traits.idempotent) == (9, False)


# --- lists -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [2, 3, 5, 15, 16, 26])
async def test_what_leaves_the_lists_of_wares_and_skus_hides_no_other(call: int) -> None:
    # The first three calls show wares; each page of SKUs is followed by the counters of its ten.
    async with opened() as (bench, rig):
        ids = [rig.put(Stock(key=f"L{n}", code=f"C{n}")) for n in range(bench.many)]

        def leave() -> None:
            for gone in ids[:3]:
                rig.drop(gone)

        rig.before_call(call, leave)
        shown = {each.id: (each.quantity, each.on_sale) for each in await observed(bench.channel)}
        assert {listing: shown.get(listing) for listing in ids[3:]} == dict.fromkeys(ids[3:], (5, True))


# --- counters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_total", [True, False], ids=["total", "what is left"])
@pytest.mark.parametrize("counter", ["net", "gross"])
async def test_whatever_the_counter_holds_net_never_shows_more_than_is_left(
    *, in_total: bool, counter: str
) -> None:
    async with opened(shop={"holds_booked": in_total}, counter=counter) as (bench, _):
        desk = desk_of(bench)
        buy_paid(bench, desk, (desk.one, 2))
        shown = {each.id: each for each in await observed(bench.channel)}[desk.one]
        left = (shown.quantity or 0) - shown.withheld
        assert (shown.withheld, left) == (2, 998 if in_total else 996)


async def test_a_counter_that_falls_with_the_order_is_exact_without_its_booked_units() -> None:
    shop = {"holds_booked": False}
    async with opened(shop=shop, booked=False, deducts_at="order") as (bench, _):
        desk = desk_of(bench)
        buy_paid(bench, desk, (desk.one, 2))
        shown = {each.id: each for each in await observed(bench.channel)}[desk.one]
        assert (shown.quantity, shown.withheld, bench.channel.traits.withholds) == (998, 0, False)


async def test_a_ware_that_jd_took_off_sale_is_not_put_back_and_says_why() -> None:
    async with opened() as (bench, rig):
        listing = rig.put(Stock(key="1"))
        off = {"id": listing, "item": bench.rig.item_of(listing), "on_sale": False, "off_reason": "violation"}
        rig.mock.merge({"listings": [off]})
        (outcome,) = await pushed(bench, write(bench, listing, 0, Action.RELIST))
        assert (outcome.kind, rig.is_on_sale(listing)) == (Kind.REJECTED, False)
        assert "违规" in outcome.message


# --- orders ------------------------------------------------------------------------------------------------


async def test_an_order_that_does_not_say_when_it_was_placed_was_placed_as_it_was_paid() -> None:
    async with opened(shop={"tells_order_times": False}) as (bench, _):
        desk = desk_of(bench)
        order = buy_paid(bench, desk, (desk.one, 2), paid=40)
        desk.buyers.ship(order, at=later(bench, 50))
        desk.buyers.finish(order, at=later(bench, 60))
        (line,) = await told(bench)
        assert (line.created, line.paid, line.ended) == (
            later(bench, 40),
            later(bench, 40),
            later(bench, 60),
        )


async def test_an_order_that_is_not_paid_occupies_as_if_it_were() -> None:
    async with opened() as (bench, _):
        desk = desk_of(bench)
        order = desk.buyers.order((desk.one, 2), at=later(bench, 0))
        (before,) = await told(bench)
        desk.buyers.cancel(order, at=later(bench, 900))
        (after,) = await told(bench)
        assert (before.stage, before.paid, before.released) == (Stage.UNPAID, None, 0)
        assert "paid on delivery" in before.doubt
        assert (after.stage, after.released) == (Stage.CLOSED, 2)


async def test_a_word_for_orders_that_are_not_paid_can_be_set() -> None:
    options: dict[str, Any] = {"order_states": ["NOT_PAY"], "order_statuses": {"NOT_PAY": "unpaid"}}
    async with opened(shop={"unpaid_word": "NOT_PAY"}, **options) as (bench, _):
        desk = desk_of(bench)
        desk.buyers.order((desk.one, 2), at=later(bench, 0))
        assert [line.stage for line in await told(bench)] == [Stage.UNPAID]


@pytest.mark.parametrize("word", ["PAUSE", "POP_ORDER_PAUSE", "LOCKED", "WAIT_SELLER_DELIVERY"])
async def test_an_order_that_is_held_up_occupies(word: str) -> None:
    async with opened() as (bench, rig):
        desk = desk_of(bench)
        order = buy_paid(bench, desk, (desk.one, 2))
        rig.mock.merge({"jd": {"order_words": {order: word}}})
        (line,) = await told(bench)
        assert (line.stage, line.released, line.shipped, line.doubt) == (Stage.PAID, 0, 0, "")


async def test_the_parts_of_an_order_take_the_place_of_its_lines() -> None:
    async with opened(shop={"splits_orders": True}) as (bench, _):
        desk = desk_of(bench)
        order = buy_paid(bench, desk, (desk.one, 2), (desk.two, 3))
        whole = {line.listing: line.line for line in await told(bench)}
        one = next(line for line in await told(bench) if line.listing == desk.one)
        desk.buyers.ship(order, one, at=later(bench, 5))
        parts = {line.listing: (line.replaces, line.stage) for line in await told(bench)}
        assert parts == {desk.one: (whole[desk.one], Stage.SHIPPED), desk.two: (whole[desk.two], Stage.PAID)}


async def _cancelled_late(bench: Bench, desk: Desk) -> None:
    order = buy_paid(bench, desk, (desk.one, 2))
    desk.buyers.ship(order, at=later(bench, 5))
    (line,) = await told(bench)
    desk.buyers.refund(line, at=later(bench, 9))


async def test_an_order_that_is_cancelled_after_it_was_sent_reads_like_any_that_was_cancelled() -> None:
    # Its state is all that JD tells of it: who has seen it sent knows more than this answer.
    async with opened() as (bench, _):
        await _cancelled_late(bench, desk_of(bench))
        (line,) = await told(bench)
        assert (line.stage, line.shipped, line.released) == (Stage.CLOSED, 0, 2)


async def test_an_app_outside_the_cloud_of_jd_is_told_to_read_no_orders() -> None:
    async with opened(shop={"in_cloud": False}) as (bench, _):
        with pytest.raises(PortError) as caught:
            await told(bench)
        assert (caught.value.kind, "orders = false" in str(caught.value)) == (Kind.PERMISSION, True)
        assert await observed(bench.channel) == []


# --- calls and tokens --------------------------------------------------------------------------------------


async def test_the_calls_of_a_day_that_are_used_up_are_throttled() -> None:
    async with opened(shop={"daily_calls": 3}) as (bench, _):
        listing = bench.rig.put(Stock(key="1"))
        await observed(bench.channel)
        with pytest.raises(PortError) as caught:
            await pushed(bench, raising(bench, listing))
        assert (caught.value.kind, bench.rig.counter(listing)) == (Kind.THROTTLED, 5)


_HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"token_until": datetime.now(UTC) + 30 * _HOURS}, "within its last day only"),
        ({"token_until": datetime.now(UTC) - _HOURS}, "has expired"),
        ({"refresh_cap": 2, "refreshes": 2}, "of this month"),
        ({"app_secret": "another"}, "app_secret is wrong"),
    ],
    ids=["too early", "too late", "too often", "another app"],
)
async def test_a_renewal_that_jd_does_not_take_is_refused_for_good(
    changes: dict[str, Any], words: str
) -> None:
    async with opened() as (bench, rig):
        rig.mock.state.jd = replace(rig.mock.state.jd, **changes)
        channel = bench.channel
        assert isinstance(channel, JdChannel)
        with pytest.raises(PortError) as caught:
            await channel.renew(channel.tokens)
        message = str(caught.value)
        assert (caught.value.kind, words in message, "token_expires" in message) == (
            Kind.AUTH_REVOKED,
            True,
            True,
        )


async def test_what_is_renewed_ends_when_jd_says_and_is_renewed_before() -> None:
    async with opened() as (bench, rig):
        channel = bench.channel
        assert isinstance(channel, JdChannel)
        bought = await channel.renew(channel.tokens)
        until = rig.mock.state.jd.token_until
        assert until is not None
        assert bought.access_expires is not None
        assert abs(bought.access_expires - until) < timedelta(seconds=30)
        taken_from = until - timedelta(seconds=rig.mock.state.jd.refresh_from)
        assert taken_from < bought.access_expires - channel.renew_ahead < until
