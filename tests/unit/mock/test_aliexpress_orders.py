"""What the AliExpress mock tells of orders."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.mock.aliexpress.params import read_pacific, show_pacific
from syncd.mock.clock import START
from syncd.mock.core import Order, Refund
from tests.unit.mock.aliexpress_desk import ORDER, AliexpressDesk, opened_desk

CUP, LAMP, MUG = "700/14:1", "900", "800/14:1"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def ali() -> AsyncIterator[AliexpressDesk]:
    async with opened_desk() as desk:
        yield desk


def placed(ali: AliexpressDesk, *wants: tuple[str, int], after: int = 0, paid: bool = True) -> Order:
    order = ali.state.orders.place(START + after * MINUTE, wants, buyer=4711, paid=paid).order
    assert order is not None
    return order


async def told(ali: AliexpressDesk, **query: object) -> list[dict[str, Any]]:
    result = (await ali.orders(**query)).result
    found: list[dict[str, Any]] = result.get("target_list", {"order_dto": []})["order_dto"]
    return found


# --- times -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (datetime(2026, 1, 1, 8, tzinfo=UTC), "2026-01-01 00:00:00"),
        (datetime(2026, 3, 8, 9, 59, 59, tzinfo=UTC), "2026-03-08 01:59:59"),
        (datetime(2026, 3, 8, 10, tzinfo=UTC), "2026-03-08 03:00:00"),
        (datetime(2026, 7, 1, 7, tzinfo=UTC), "2026-07-01 00:00:00"),
        (datetime(2026, 11, 1, 9, 30, tzinfo=UTC), "2026-11-01 01:30:00"),
    ],
)
def test_times_follow_summer_time_in_the_west_of_america(when: datetime, text: str) -> None:
    assert (show_pacific(when), read_pacific(text)) == (text, when)


def test_an_hour_that_comes_twice_is_written_alike_both_times() -> None:
    first = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert show_pacific(first) == show_pacific(first + timedelta(hours=1))
    assert read_pacific(show_pacific(first)) == first + timedelta(hours=1)


# --- rows --------------------------------------------------------------------------------------------------


async def test_an_order_says_what_was_bought_and_how_far_it_is(ali: AliexpressDesk) -> None:
    order = placed(ali, (CUP, 2), (LAMP, 1), after=1, paid=False)
    ali.state.orders.pay(START + 2 * MINUTE, order.id)
    ids = [int(line.id) for line in order.lines]
    common = {
        "son_order_status": "WAIT_SELLER_SEND_GOODS",
        "show_status": "WAIT_SELLER_SEND_GOODS",
        "issue_status": "NO_ISSUE",
    }
    cup = {"child_id": ids[0], "product_id": 700, "sku_code": "茶杯", "product_count": 2}
    lamp = {"child_id": ids[1], "product_id": 900, "sku_code": "B", "product_count": 1}
    assert await told(ali) == [
        {
            "order_id": int(order.id),
            "order_status": "WAIT_SELLER_SEND_GOODS",
            "fund_status": "PAY_SUCCESS",
            "logistics_status": "WAIT_SELLER_SEND_GOODS",
            "issue_status": "NO_ISSUE",
            "gmt_create": "2025-12-31 16:01:00",
            "gmt_update": "2025-12-31 16:02:00",
            "gmt_pay_time": "2025-12-31 16:02:00",
            "product_list": {"order_product_dto": [cup | common, lamp | common]},
        }
    ]


async def test_no_buyer_is_named(ali: AliexpressDesk) -> None:
    placed(ali, (CUP, 1))
    assert "buyer" not in (await ali.orders()).text


async def test_each_step_has_its_status(ali: AliexpressDesk) -> None:
    book = ali.state.orders
    order = placed(ali, (CUP, 1), (LAMP, 1), paid=False)
    seen = [(await told(ali))[0]["order_status"]]
    steps: tuple[Callable[[], str], ...] = (
        lambda: book.pay(START, order.id),
        lambda: book.ask_refund(START, order.id, lines=[order.lines[0].id]),
        lambda: book.turn_refund(START, order.id, Refund.REFUSED),
        lambda: book.ship(START, order.id, lines=[order.lines[1].id]),
        lambda: book.turn_refund(START, order.id, Refund.WITHDRAWN),
        lambda: book.ship(START, order.id),
        lambda: book.finish(START, order.id),
    )
    for step in steps:
        assert not step()
        seen.append((await told(ali))[0]["order_status"])
    assert seen == [
        "PLACE_ORDER_SUCCESS",
        "WAIT_SELLER_SEND_GOODS",
        "IN_CANCEL",
        "WAIT_SELLER_SEND_GOODS",
        "IN_ISSUE",
        "SELLER_PART_SEND_GOODS",
        "WAIT_BUYER_ACCEPT_GOODS",
        "FINISH",
    ]


async def test_orders_that_end_differ_only_in_money_and_reason(ali: AliexpressDesk) -> None:
    book = ali.state.orders
    cancelled = placed(ali, (CUP, 1), paid=False)
    book.cancel(START, cancelled.id)
    refunded = placed(ali, (CUP, 1))
    book.ask_refund(START, refunded.id)
    book.agree_refund(START, refunded.id)
    rows = [(row["order_status"], row["fund_status"], row["end_reason"]) for row in await told(ali)]
    assert rows == [("FINISH", "PAY_SUCCESS", "refunded"), ("FINISH", "NOT_PAY", "cancelled")]


async def test_money_that_is_given_back_does_not_bring_goods_back(ali: AliexpressDesk) -> None:
    book = ali.state.orders
    whole, part, never = (placed(ali, (CUP, 1), (LAMP, 1)) for _ in range(3))
    book.ship(START, whole.id)
    book.ship(START, part.id, lines=[part.lines[0].id])
    for order in (whole, part, never):
        book.ask_refund(START, order.id)
        assert not book.agree_refund(START, order.id)
    shown = {row["order_id"]: (row["order_status"], row["logistics_status"]) for row in await told(ali)}
    assert shown == {
        int(whole.id): ("FINISH", "SELLER_SEND_GOODS"),
        int(part.id): ("FINISH", "SELLER_SEND_PART_GOODS"),
        int(never.id): ("FINISH", "NO_LOGISTICS"),
    }


async def test_a_refund_that_is_over_ends_the_issue(ali: AliexpressDesk) -> None:
    order = placed(ali, (CUP, 1))
    ali.state.orders.ask_refund(START, order.id)
    ali.state.orders.turn_refund(START, order.id, Refund.WITHDRAWN)
    assert (await told(ali))[0]["issue_status"] == "END_ISSUE"


@pytest.mark.parametrize("status", ["RISK_CONTROL", "IN_FROZEN", "FUND_PROCESSING", "NEVER_HEARD_OF"])
async def test_an_order_may_show_any_status(ali: AliexpressDesk, status: str) -> None:
    order = placed(ali, (CUP, 1))
    await ali.settings(shown_as={order.id: status})
    assert [row["order_status"] for row in await told(ali, order_status=status)] == [status]


async def test_money_under_examination_is_no_success_yet(ali: AliexpressDesk) -> None:
    order = placed(ali, (CUP, 1))
    await ali.settings(shown_as={order.id: "WAIT_SELLER_EXAMINE_MONEY"})
    assert (await told(ali))[0]["fund_status"] == "WAIT_SELLER_CHECK"


# --- counters ----------------------------------------------------------------------------------------------


async def test_an_order_takes_units_at_once_or_as_it_is_paid(ali: AliexpressDesk) -> None:
    order = placed(ali, (CUP, 2), (LAMP, 1), paid=False)
    assert ali.counters(CUP, LAMP) == [8, 3]
    ali.state.orders.pay(START, order.id)
    assert ali.counters(CUP, LAMP) == [6, 3]


async def test_an_order_that_is_not_paid_in_time_gives_its_units_back(ali: AliexpressDesk) -> None:
    placed(ali, (CUP, 2), (LAMP, 1), paid=False)
    await ali.control("POST", "/time", {"advance": 901})
    assert ali.counters(CUP, LAMP) == [8, 4]
    assert (await told(ali))[0]["order_status"] == "FINISH"


@pytest.mark.parametrize(("step", "left"), [("buy", 2), ("hold", 2), ("pay", 2), ("release", 4)])
async def test_a_buyer_is_moved_by_hand(ali: AliexpressDesk, step: str, left: int) -> None:
    if step in ("pay", "release"):
        ali.state.sell(LAMP, 2, "hold")
    shown = await ali.control("POST", "/sell", {"id": LAMP, "units": 2, "step": step})
    assert (shown["quantity"], "error" in shown) == (left, False)


async def test_what_cannot_be_sold_is_not(ali: AliexpressDesk) -> None:
    assert [ali.state.sell("901", 1, "pay"), ali.state.sell(LAMP, 1, "pay")] == ["not_found", "not_withheld"]


async def test_units_are_paid_by_the_oldest_orders_that_make_them_up(ali: AliexpressDesk) -> None:
    first, second = placed(ali, (LAMP, 2), paid=False), placed(ali, (LAMP, 1), paid=False)
    placed(ali, (LAMP, 1), (CUP, 1), paid=False)
    assert [ali.state.sell(LAMP, 1, "pay"), ali.state.sell(LAMP, 1, "pay")] == ["", "not_withheld"]
    assert [ali.state.orders.orders[one.id].paid is None for one in (first, second)] == [True, False]


async def test_some_buyers_come_until_nothing_is_left(ali: AliexpressDesk) -> None:
    shown = await ali.control("POST", "/sell", {"random": 100})
    assert (len(shown["sold"]), len(ali.state.orders.orders)) == (27, 27)


# --- pages -------------------------------------------------------------------------------------------------


async def test_orders_are_counted_newest_first_and_page_by_page(ali: AliexpressDesk) -> None:
    orders = [placed(ali, (CUP, 1), after=n) for n in range(3)]
    result = (await ali.orders(page_size=2, current_page=2)).result
    assert (result["total_count"], result["total_page"], result["current_page"]) == (3, 2, 2)
    assert [row["order_id"] for row in result["target_list"]["order_dto"]] == [int(orders[0].id)]


async def test_orders_may_come_the_oldest_first(ali: AliexpressDesk) -> None:
    orders = [placed(ali, (LAMP, 1), after=n) for n in range(3)]
    await ali.settings(oldest_first=True)
    assert [row["order_id"] for row in await told(ali)] == [int(order.id) for order in orders]


async def test_an_order_that_changes_leaves_a_closed_window(ali: AliexpressDesk) -> None:
    orders = [placed(ali, (CUP, 1), after=n) for n in range(3)]
    closed = {"modified_date_end": show_pacific(START + 3 * MINUTE), "page_size": 2}
    assert len(await told(ali, **closed)) == 2
    ali.state.orders.ship(START + 5 * MINUTE, orders[2].id)
    assert await told(ali, **closed, current_page=2) == []


async def test_orders_are_found_by_when_they_were_placed(ali: AliexpressDesk) -> None:
    first, second = placed(ali, (CUP, 1)), placed(ali, (CUP, 1), after=2)
    ali.state.orders.ship(START + 5 * MINUTE, first.id)
    rows = await told(
        ali,
        modified_date_start=None,
        modified_date_end=None,
        create_date_start="2025-12-31 16:01:00",
        create_date_end="2025-12-31 16:03:00",
    )
    assert [row["order_id"] for row in rows] == [int(second.id)]


async def test_orders_are_found_by_their_status(ali: AliexpressDesk) -> None:
    unpaid, paid = placed(ali, (CUP, 1), paid=False), placed(ali, (CUP, 1))
    one = await told(ali, order_status="PLACE_ORDER_SUCCESS")
    both = await told(ali, order_status_list=["PLACE_ORDER_SUCCESS", "WAIT_SELLER_SEND_GOODS"])
    assert ([row["order_id"] for row in one], len(both)) == ([int(unpaid.id)], len((unpaid, paid)))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"page_size": 51}, "isv.invalid-parameter"),
        ({"page_size": None}, "MissingParameter"),
        ({"current_page": None}, "MissingParameter"),
        ({"modified_date_end": None}, "MissingParameter"),
        ({"modified_date_start": None, "modified_date_end": None}, "MissingParameter"),
        ({"modified_date_end": "2025-12-30 00:00:00"}, "isv.invalid-parameter"),
        ({"modified_date_end": "2026-01-02T00:00:00"}, "isv.invalid-parameter"),
        ({"order_status_list": "FINISH"}, "isv.invalid-parameter"),
    ],
)
async def test_a_query_that_cannot_be_is_refused(
    ali: AliexpressDesk, query: dict[str, object], code: str
) -> None:
    assert (await ali.orders(**query)).code == code


# --- one order ---------------------------------------------------------------------------------------------


async def test_an_order_is_told_by_its_id(ali: AliexpressDesk) -> None:
    order = placed(ali, (CUP, 1))
    said = await ali.ask(ORDER, param1=json.dumps({"order_id": int(order.id), "ext_info_bit_flag": 11111}))
    assert (said.result["error_code"], said.result["data"]) == (0, (await told(ali))[0])


async def test_an_order_that_is_not_there_has_a_code_and_no_data(ali: AliexpressDesk) -> None:
    said = await ali.ask(ORDER, param1='{"order_id": "5"}')
    assert said.result == {"error_code": "ORDER_NOT_FOUND", "error_message": "there is no order 5"}


# --- faults ------------------------------------------------------------------------------------------------


async def test_the_feed_may_be_late(ali: AliexpressDesk) -> None:
    placed(ali, (CUP, 1))
    await ali.faults({"kind": "late_orders", "seconds": 30})
    assert (await told(ali), len(await told(ali))) == ([], 1)


async def test_an_older_version_may_come_after_a_newer_one(ali: AliexpressDesk) -> None:
    order = placed(ali, (CUP, 1), paid=False)
    ali.state.orders.pay(START, order.id)
    await ali.faults({"kind": "old_orders"})
    seen = [(await told(ali))[0]["fund_status"] for _ in range(2)]
    assert seen == ["NOT_PAY", "PAY_SUCCESS"]


async def test_rows_may_be_dropped_doubled_and_damaged(ali: AliexpressDesk) -> None:
    for _ in range(4):
        placed(ali, (CUP, 1))
    await ali.faults(
        {"kind": "drop_skus", "share": 1.0},
        {"kind": "duplicate_rows", "after": 1},
        {"kind": "bad_numbers", "after": 2},
        {"kind": "half_page", "after": 3},
        {"kind": "empty", "after": 4},
    )
    pages = [await told(ali) for _ in range(5)]
    assert [len(page) for page in pages] == [0, 5, 4, 2, 0]
    assert pages[2][0]["product_list"]["order_product_dto"][0]["product_count"] == "NaN"


async def test_an_order_may_seem_gone(ali: AliexpressDesk) -> None:
    order = placed(ali, (CUP, 1))
    await ali.faults({"kind": "empty"})
    said = await ali.ask(ORDER, param1=json.dumps({"order_id": order.id}))
    assert said.result["error_code"] == "ORDER_NOT_FOUND"
