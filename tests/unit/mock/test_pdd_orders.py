"""What the mock of Pinduoduo tells of orders and refunds."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from syncd.mock.clock import START
from syncd.mock.core import Order, Refund
from tests.unit.mock.pdd_desk import (
    CONFIRMED,
    LIST,
    MINUTE,
    ONE,
    REFUNDS,
    PddDesk,
    Said,
    opened_desk,
    seconds,
)


@pytest.fixture
async def pdd() -> AsyncIterator[PddDesk]:
    async with opened_desk() as desk:
        yield desk


async def refunds(pdd: PddDesk, **params: str | None) -> Said:
    asked: dict[str, str | None] = {
        "start_updated_at": seconds(START),
        "end_updated_at": seconds(START + 30 * MINUTE),
        "after_sales_status": "1",
        "after_sales_type": "1",
    }
    return await pdd.ask(REFUNDS, **(asked | params))


def sn(order: Order, n: int = 0) -> str:
    return f"260101-{order.lines[n].id}"


# --- rows --------------------------------------------------------------------------------------------------


async def test_an_order_is_told_under_a_name_of_its_own(pdd: PddDesk) -> None:
    order = pdd.placed(("501", 2))
    said = await pdd.changed()
    assert (said.name, said.holds["total_count"]) == ("order_sn_increment_get_response", 1)
    row = said.holds["order_sn_list"][0]
    assert row["order_sn"] == sn(order)
    assert row["item_list"] == [
        {
            "goods_id": 500,
            "sku_id": 501,
            "outer_id": "A-1",
            "outer_goods_id": "A",
            "goods_count": 2,
            "goods_spec": "颜色:A-1",
        }
    ]


async def test_times_of_rows_are_texts_of_beijing(pdd: PddDesk) -> None:
    order = pdd.placed(("501", 1), paid=False)
    pdd.state.orders.pay(START + timedelta(seconds=61.9), order.id)
    row = (await pdd.told())[0]
    names = ("created_time", "pay_time", "confirm_time", "shipping_time", "updated_at")
    assert [row[name] for name in names] == [
        "2026-01-01 08:00:00",
        "2026-01-01 08:01:01",
        "2026-01-01 08:01:01",
        None,
        "2026-01-01 08:01:01",
    ]


async def test_times_of_rows_may_be_seconds(pdd: PddDesk) -> None:
    await pdd.set(pdd={"text_times": False})
    pdd.placed(("501", 1))
    row = (await pdd.told())[0]
    assert (row["updated_at"], row["shipping_time"]) == (1767225600, None)


async def test_each_line_of_a_basket_is_an_order(pdd: PddDesk) -> None:
    order = pdd.placed(("501", 1), ("601", 2))
    rows = await pdd.told()
    assert [(row["order_sn"], len(row["item_list"])) for row in rows] == [(sn(order), 1), (sn(order, 1), 1)]


async def test_an_order_is_told_only_when_it_is_paid(pdd: PddDesk) -> None:
    order = pdd.placed(("501", 2), paid=False)
    before = await pdd.told()
    shown = (await pdd.ask(LIST)).holds["goods_list"][0]["goods_reserve_quantity"]
    pdd.state.orders.pay(START, order.id)
    assert (before, shown, len(await pdd.told())) == ([], 2, 1)


async def test_an_order_that_was_never_paid_is_never_told(pdd: PddDesk) -> None:
    pdd.placed(("501", 2), paid=False)
    await pdd.control("POST", "/time", {"advance": 900})
    assert (await pdd.told(), pdd.state.listings["501"].withheld) == ([], 0)


async def test_orders_that_are_not_confirmed_may_be_told_as_such(pdd: PddDesk) -> None:
    await pdd.set(pdd={"shows_unconfirmed": True})
    orders = [pdd.placed(("701", 1), paid=paid) for paid in (False, False, True)]
    pdd.state.orders.cancel(START, orders[0].id)
    shown = {row["order_sn"]: (row["confirm_status"], row["group_status"]) for row in await pdd.told()}
    assert shown == {sn(orders[0]): (2, 2), sn(orders[1]): (0, 0), sn(orders[2]): (1, 1)}


async def test_where_an_order_takes_units_nothing_is_reserved(pdd: PddDesk) -> None:
    await pdd.set(settings={"takes_on_order": True})
    pdd.placed(("601", 3), paid=False)
    row = (await pdd.ask(LIST)).holds["goods_list"][1]
    assert (row["goods_quantity"], row["goods_reserve_quantity"]) == (1, 0)


async def test_each_step_has_its_status(pdd: PddDesk) -> None:
    book, order = pdd.state.orders, pdd.placed(("501", 1))
    seen = [(await pdd.told())[0]["order_status"]]
    for step in (book.ship, book.finish):
        assert not step(START, order.id)
        seen.append((await pdd.told())[0]["order_status"])
    assert seen == [1, 2, 3]


async def test_each_turn_of_a_refund_has_its_status(pdd: PddDesk) -> None:
    book, order = pdd.state.orders, pdd.placed(("501", 1))
    book.ship(START, order.id)
    seen = []
    steps: tuple[Callable[[], str], ...] = (
        lambda: book.ask_refund(START, order.id),
        lambda: book.turn_refund(START, order.id, Refund.REFUSED),
        lambda: book.turn_refund(START, order.id, Refund.WITHDRAWN),
        lambda: book.ask_refund(START, order.id),
        lambda: book.agree_refund(START, order.id, returns=True),
        lambda: book.turn_refund(START, order.id, Refund.SENT_BACK),
        lambda: book.agree_refund(START, order.id),
    )
    for step in steps:
        assert not step()
        row = (await pdd.told())[0]
        seen.append((row["order_status"], row["refund_status"], row["after_sales_status"]))
    assert seen == [(2, 2, 2), (2, 2, 6), (2, 1, 11), (2, 2, 2), (2, 3, 7), (2, 3, 8), (2, 4, 10)]


async def test_a_refund_before_shipping_stays_an_order_to_ship(pdd: PddDesk) -> None:
    book, order = pdd.state.orders, pdd.placed(("501", 1))
    book.ask_refund(START, order.id)
    book.agree_refund(START, order.id)
    row = (await pdd.told())[0]
    assert (row["order_status"], row["refund_status"]) == (1, 4)


async def test_a_refund_of_some_units_is_told_as_if_nothing_were(pdd: PddDesk) -> None:
    book, order = pdd.state.orders, pdd.placed(("501", 3))
    book.ask_refund(START, order.id)
    book.agree_refund(START, order.id, units=1)
    row = (await pdd.told())[0]
    assert (row["refund_status"], row["item_list"][0]["goods_count"]) == (1, 3)


async def test_an_order_is_under_review_for_a_while(pdd: PddDesk) -> None:
    await pdd.set(pdd={"review_seconds": 60})
    pdd.placed(("501", 1))
    seen = [(await pdd.told())[0]["risk_control_status"]]
    await pdd.control("POST", "/time", {"advance": 60})
    seen.append((await pdd.told())[0]["risk_control_status"])
    assert seen == [1, 0]


async def test_buyers_are_masked(pdd: PddDesk) -> None:
    pdd.placed(("501", 1))
    row = (await pdd.told())[0]
    assert (row["receiver_name"], row["receiver_phone"], row["address"]) == ("张**", "*******0000", "***")


# --- pages -------------------------------------------------------------------------------------------------


async def test_the_newest_change_comes_first(pdd: PddDesk) -> None:
    orders = [pdd.placed(("701", 1), after=n) for n in range(3)]
    pdd.state.orders.ship(START + 9 * MINUTE, orders[0].id)
    assert [row["order_sn"] for row in await pdd.told()] == [sn(orders[n]) for n in (0, 2, 1)]


async def test_pages_split_the_whole(pdd: PddDesk) -> None:
    for n in range(5):
        pdd.placed(("701", 1), after=n)
    pages = [await pdd.changed(page_size="2", page=str(page)) for page in (1, 2, 3, 4)]
    assert [len(page.holds["order_sn_list"]) for page in pages] == [2, 2, 1, 0]
    assert {page.holds["total_count"] for page in pages} == {5}


async def test_whether_there_is_more_may_be_told_instead_of_the_count(pdd: PddDesk) -> None:
    for _ in range(3):
        pdd.placed(("701", 1))
    pages = [await pdd.changed(page_size="2", page=page, use_has_next="true") for page in ("1", "2")]
    assert [(page.holds["has_next"], "total_count" in page.holds) for page in pages] == [
        (True, False),
        (False, False),
    ]


async def test_reading_forward_misses_what_leaves_the_window_meanwhile(pdd: PddDesk) -> None:
    orders = [pdd.placed(("701", 1), after=n) for n in range(4)]
    first = [row["order_sn"] for row in await pdd.told(page_size="2", page="1")]
    pdd.state.orders.ship(START + 40 * MINUTE, orders[3].id)
    second = [row["order_sn"] for row in await pdd.told(page_size="2", page="2")]
    assert [sn(order) for order in orders if sn(order) not in {*first, *second}] == [sn(orders[1])]


async def test_a_window_holds_both_its_ends(pdd: PddDesk) -> None:
    for n in range(4):
        pdd.placed(("701", 1), after=n)
    rows = await pdd.told(
        start_updated_at=seconds(START + MINUTE), end_updated_at=seconds(START + 2 * MINUTE)
    )
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"end_updated_at": seconds(START + 30 * MINUTE + timedelta(seconds=1))}, 21001),
        ({"end_updated_at": seconds(START - MINUTE)}, 21001),
        ({"start_updated_at": "2026-01-01 08:00:00"}, 21001),
        ({"start_updated_at": None}, 21002),
        ({"order_status": None}, 21002),
        ({"order_status": "4"}, 21001),
        ({"refund_status": None}, 21002),
        ({"refund_status": "6"}, 21001),
        ({"is_lucky_flag": None}, 21002),
        ({"is_lucky_flag": "3"}, 21001),
        ({"page_size": "101"}, 21001),
        ({"page": "0"}, 21001),
        ({"trade_type": "2"}, 21001),
    ],
)
async def test_a_window_that_cannot_be_is_refused(
    pdd: PddDesk, params: dict[str, str | None], code: int
) -> None:
    assert (await pdd.changed(**params)).refusal[0] == code


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"order_status": "1"}, 2),
        ({"order_status": "2"}, 1),
        ({"order_status": "3"}, 0),
        ({"refund_status": "1"}, 2),
        ({"refund_status": "2"}, 1),
        ({"is_lucky_flag": "1"}, 3),
        ({"is_lucky_flag": "2"}, 0),
        ({"trade_type": "1"}, 0),
    ],
)
async def test_orders_are_asked_for_by_status(pdd: PddDesk, params: dict[str, str], found: int) -> None:
    orders = [pdd.placed(("701", 1)) for _ in range(3)]
    pdd.state.orders.ship(START, orders[0].id)
    pdd.state.orders.ask_refund(START, orders[1].id)
    assert len(await pdd.told(**params)) == found


async def test_orders_of_three_months_ago_are_told_no_more(pdd: PddDesk) -> None:
    order = pdd.placed(("701", 1))
    later = START + timedelta(days=91)
    pdd.rig.clock.move_to(later)
    pdd.state.orders.ship(later, order.id)
    said = await pdd.changed(start_updated_at=seconds(later), end_updated_at=seconds(later))
    assert said.holds["total_count"] == 0


# --- the other interfaces ----------------------------------------------------------------------------------


async def test_orders_are_told_by_when_they_were_confirmed(pdd: PddDesk) -> None:
    orders = [pdd.placed(("701", 1), after=n) for n in range(3)]
    pdd.placed(("701", 1), paid=False)
    pdd.state.orders.ship(START + 9 * MINUTE, orders[0].id)
    said = await pdd.ask(
        CONFIRMED,
        start_confirm_at=seconds(START),
        end_confirm_at=seconds(START + MINUTE),
        order_status="5",
        refund_status="5",
    )
    assert said.name == "order_list_get_response"
    assert [row["order_sn"] for row in said.holds["order_list"]] == [sn(orders[1]), sn(orders[0])]


async def test_a_span_of_confirmation_is_at_most_a_day(pdd: PddDesk) -> None:
    said = await pdd.ask(
        CONFIRMED,
        start_confirm_at=seconds(START),
        end_confirm_at=seconds(START + timedelta(days=1, seconds=1)),
        order_status="5",
        refund_status="5",
    )
    assert said.refusal[0] == 21001


async def test_one_order_is_told_by_its_number(pdd: PddDesk) -> None:
    order = pdd.placed(("701", 1), ("501", 1))
    said = await pdd.ask(ONE, order_sn=sn(order, 1))
    assert (said.name, said.holds["order_info"]["item_list"][0]["sku_id"]) == ("order_info_get_response", 501)


@pytest.mark.parametrize("number", ["260101-5", "5"])
async def test_an_order_that_is_not_there_is_refused(pdd: PddDesk, number: str) -> None:
    assert (await pdd.ask(ONE, order_sn=number)).refusal == (50001, "ORDER_NOT_FOUND")


async def test_an_order_that_is_not_confirmed_is_not_told_by_its_number_either(pdd: PddDesk) -> None:
    order = pdd.placed(("701", 1), paid=False)
    assert (await pdd.ask(ONE, order_sn=sn(order))).refusal == (50001, "ORDER_NOT_FOUND")


async def test_refunds_are_told_with_their_orders(pdd: PddDesk) -> None:
    order = pdd.placed(("701", 2))
    pdd.placed(("701", 1))
    pdd.state.orders.ask_refund(START, order.id)
    said = await refunds(pdd)
    row: dict[str, Any] = said.holds["refund_list"][0]
    assert (said.name, said.holds["total_count"], row["order_sn"]) == (
        "refund_increment_get_response",
        1,
        sn(order),
    )
    assert (row["goods_number"], row["sku_id"], row["after_sales_status"]) == ("2", "701", 2)


@pytest.mark.parametrize(("status", "found"), [("2", 1), ("10", 0)])
async def test_refunds_are_asked_for_by_status(pdd: PddDesk, status: str, found: int) -> None:
    order = pdd.placed(("701", 2))
    pdd.state.orders.ask_refund(START, order.id)
    assert (await refunds(pdd, after_sales_status=status)).holds["total_count"] == found


async def test_a_span_of_refunds_is_at_most_half_an_hour(pdd: PddDesk) -> None:
    late = seconds(START + 31 * MINUTE)
    assert (await refunds(pdd, end_updated_at=late)).refusal[0] == 21001


# --- what buyers do to counters ----------------------------------------------------------------------------


async def test_whatever_a_hand_sells_is_an_order(pdd: PddDesk) -> None:
    await pdd.sell("501", 2)
    assert (await pdd.told())[0]["item_list"][0]["goods_count"] == 2


async def test_random_buyers_leave_orders_and_stop_where_nothing_is_left(pdd: PddDesk) -> None:
    for sku in ("502", "503", "601", "701"):
        pdd.state.listings[sku].quantity = 0
    await pdd.control("POST", "/sell", {"random": 9})
    assert (len(await pdd.told()), pdd.counter("501")) == (5, 0)


async def test_held_units_are_paid_or_released_by_their_orders(pdd: PddDesk) -> None:
    for _ in range(2):
        await pdd.sell("701", 2, "hold")
    await pdd.sell("701", 2, "pay")
    await pdd.sell("701", 2, "release")
    listing = pdd.state.listings["701"]
    assert (listing.quantity, listing.withheld, len(await pdd.told())) == (6, 0, 1)


@pytest.mark.parametrize(("listing", "error"), [("404", "not_found"), ("701", "not_withheld")])
async def test_what_was_never_held_cannot_be_paid(pdd: PddDesk, listing: str, error: str) -> None:
    shown = await pdd.control("POST", "/sell", {"id": listing, "step": "pay"})
    assert shown["error"] == error
