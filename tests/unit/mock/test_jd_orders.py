"""What the JD mock tells of orders."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from syncd.mock.clock import START
from syncd.mock.core import Order, Refund
from tests.unit.mock.jd_desk import SEARCH, JdDesk, Said, opened_desk

GET = "jingdong.pop.order.get"
SINCE, UNTIL = "2026-01-01 08:00:00", "2026-01-01 09:00:00"
MINUTE = timedelta(minutes=1)
ALL = (
    "WAIT_SELLER_STOCK_OUT,WAIT_GOODS_RECEIVE_CONFIRM,WAIT_SELLER_DELIVERY,PAUSE,POP_ORDER_PAUSE,LOCKED,"
    "FINISHED_L,TRADE_CANCELED"
)
FIELDS = "orderId,parentOrderId,orderState,paymentConfirmTime,modified,itemInfoList"


@pytest.fixture
async def jd() -> AsyncIterator[JdDesk]:
    async with opened_desk() as desk:
        yield desk


def placed(jd: JdDesk, *wants: tuple[str, int], after: int = 0, paid: bool = True) -> Order:
    order = jd.state.orders.place(START + after * MINUTE, wants, buyer=4711, paid=paid).order
    assert order is not None
    return order


async def search(jd: JdDesk, **business: object) -> Said:
    usual: dict[str, object] = {
        "start_date": SINCE,
        "end_date": UNTIL,
        "order_state": ALL,
        "optional_fields": FIELDS,
        "page": "1",
        "page_size": "100",
    }
    asked = {name: value for name, value in (usual | business).items() if value is not None}
    return await jd.ask(SEARCH, asked)


async def told(jd: JdDesk, **business: object) -> list[dict[str, Any]]:
    """Return the orders of a page."""
    said = await search(jd, **business)
    found: list[dict[str, Any]] = said.holds["searchorderinfo_result"]["orderInfoList"]
    return found


async def state_of(jd: JdDesk, order: Order) -> str:
    rows = [row["orderState"] for row in await told(jd) if row["orderId"] == int(order.id)]
    return "".join(rows)


# --- rows --------------------------------------------------------------------------------------------------


async def test_an_order_shows_what_was_asked_for(jd: JdDesk) -> None:
    order = placed(jd, ("801", 2), ("9007199254740995", 1))
    said = await search(jd)
    assert said.holds["searchorderinfo_result"] == {
        "apiResult": {
            "success": True,
            "errorCode": "0",
            "englishErrCode": "success",
            "chineseErrCode": "成功",
        },
        "orderTotal": 1,
        "orderInfoList": [
            {
                "orderId": int(order.id),
                "parentOrderId": 0,
                "orderState": "WAIT_SELLER_STOCK_OUT",
                "paymentConfirmTime": "2026-01-01 08:00:00",
                "modified": "2026-01-01 08:00:00",
                "itemInfoList": [
                    {"skuId": 801, "wareId": 800, "outerSkuId": "A-1", "itemTotal": 2},
                    {
                        "skuId": 9007199254740995,
                        "wareId": 9007199254740993,
                        "outerSkuId": "茶杯",
                        "itemTotal": 1,
                    },
                ],
            }
        ],
    }


async def test_fields_that_were_not_asked_for_are_left_out(jd: JdDesk) -> None:
    order = placed(jd, ("801", 1))
    assert await told(jd, optional_fields="orderState,venderId,telephone") == [
        {"orderId": int(order.id), "venderId": 80001, "orderState": "WAIT_SELLER_STOCK_OUT"}
    ]


async def test_an_unpaid_order_has_no_time_of_payment(jd: JdDesk) -> None:
    placed(jd, ("801", 1), paid=False)
    row = (await told(jd))[0]
    assert (row["orderState"], row["paymentConfirmTime"]) == (
        "WAIT_SELLER_STOCK_OUT",
        "0001-01-01 00:00:00",
    )


@pytest.mark.parametrize("told_times", [True, False])
async def test_orders_may_tell_when_they_were_placed_and_ended(jd: JdDesk, *, told_times: bool) -> None:
    await jd.settings(tells_order_times=told_times)
    order = placed(jd, ("801", 1), paid=False)
    (open_,) = await told(jd, optional_fields="orderStartTime,orderEndTime")
    jd.state.orders.cancel(START + 5 * MINUTE, order.id)
    (over,) = await told(jd, optional_fields="orderStartTime,orderEndTime")
    start, end = {"orderStartTime": "2026-01-01 08:00:00"}, {"orderEndTime": "2026-01-01 08:05:00"}
    name = {"orderId": int(order.id)}
    assert (open_, over) == ((name | start, name | start | end) if told_times else (name, name))


@pytest.mark.parametrize(("word", "found"), [("", 0), ("NOT_PAY", 1)])
async def test_unpaid_orders_may_be_kept_back_or_told_by_another_word(
    jd: JdDesk, word: str, found: int
) -> None:
    await jd.settings(unpaid_word=word)
    placed(jd, ("801", 1), paid=False)
    assert (await told(jd), len(await told(jd, order_state="NOT_PAY"))) == ([], found)


async def test_an_order_goes_through_its_states(jd: JdDesk) -> None:
    book, order = jd.state.orders, placed(jd, ("801", 1), paid=False)
    steps: tuple[Callable[[], str], ...] = (
        lambda: book.pay(START, order.id),
        lambda: book.ask_refund(START, order.id),
        lambda: book.turn_refund(START, order.id, Refund.REFUSED),
        lambda: book.ship(START, order.id),
        lambda: book.finish(START, order.id),
    )
    seen = []
    for step in steps:
        assert not step()
        seen.append(await state_of(jd, order))
    assert seen == [
        "WAIT_SELLER_STOCK_OUT",
        "LOCKED",
        "WAIT_SELLER_STOCK_OUT",
        "WAIT_GOODS_RECEIVE_CONFIRM",
        "FINISHED_L",
    ]


@pytest.mark.parametrize("paid", [True, False])
async def test_an_order_that_ended_is_cancelled(jd: JdDesk, *, paid: bool) -> None:
    book, order = jd.state.orders, placed(jd, ("801", 1), paid=paid)
    if paid:
        book.ask_refund(START, order.id)
        book.agree_refund(START, order.id)
    else:
        book.cancel(START, order.id)
    assert await state_of(jd, order) == "TRADE_CANCELED"


async def test_one_order_may_be_told_with_any_word(jd: JdDesk) -> None:
    order = placed(jd, ("801", 1))
    await jd.settings(order_words={order.id: "POP_ORDER_PAUSE"})
    assert await state_of(jd, order) == "POP_ORDER_PAUSE"


async def test_an_order_that_left_in_part_is_to_ship(jd: JdDesk) -> None:
    order = placed(jd, ("801", 1), ("901", 2))
    jd.state.orders.ship(START, order.id, lines=[order.lines[0].id])
    assert await state_of(jd, order) == "WAIT_SELLER_STOCK_OUT"


async def test_an_order_of_lines_that_differ_may_be_split(jd: JdDesk) -> None:
    await jd.settings(splits_orders=True)
    order = placed(jd, ("801", 1), ("901", 2))
    whole = [row["orderId"] for row in await told(jd)]
    jd.state.orders.ship(START, order.id, lines=[order.lines[0].id])
    rows = await told(jd)
    assert whole == [int(order.id)]
    assert [(row["orderId"], row["parentOrderId"], row["orderState"]) for row in rows] == [
        (int(order.lines[0].id), int(order.id), "WAIT_GOODS_RECEIVE_CONFIRM"),
        (int(order.lines[1].id), int(order.id), "WAIT_SELLER_STOCK_OUT"),
    ]


# --- pages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sort", "expected"), [(None, [1, 2, 0]), ("1", [0, 2, 1]), (1, [0, 2, 1])])
async def test_orders_come_by_their_last_change(jd: JdDesk, sort: object, expected: list[int]) -> None:
    orders = [placed(jd, ("9007199254740995", 1), after=n) for n in range(3)]
    jd.state.orders.ship(START + 9 * MINUTE, orders[0].id)
    ids = [row["orderId"] for row in await told(jd, sortType=sort)]
    assert ids == [int(orders[n].id) for n in expected]


async def test_orders_are_found_by_when_they_were_made(jd: JdDesk) -> None:
    orders = [placed(jd, ("9007199254740995", 1), after=n) for n in range(3)]
    jd.state.orders.ship(START + 9 * MINUTE, orders[0].id)
    rows = await told(jd, dateType="1", end_date="2026-01-01 08:01:00")
    assert [row["orderId"] for row in rows] == [int(orders[n].id) for n in (0, 1)]


async def test_pages_split_the_whole(jd: JdDesk) -> None:
    for n in range(5):
        placed(jd, ("9007199254740995", 1), after=n)
    pages = [await search(jd, page=str(page), page_size="2") for page in (1, 2, 3, 4)]
    found = [page.holds["searchorderinfo_result"] for page in pages]
    assert ([len(page["orderInfoList"]) for page in found], {page["orderTotal"] for page in found}) == (
        [2, 2, 1, 0],
        {5},
    )


async def test_an_order_that_changes_while_pages_are_read_moves_to_the_end(jd: JdDesk) -> None:
    orders = [placed(jd, ("9007199254740995", 1), after=n) for n in range(4)]
    first = [row["orderId"] for row in await told(jd, page="1", page_size="2")]
    jd.state.orders.ship(START + 9 * MINUTE, orders[0].id)
    second = [row["orderId"] for row in await told(jd, page="2", page_size="2")]
    ids = [int(order.id) for order in orders]
    assert (first, second) == ([ids[0], ids[1]], [ids[3], ids[0]])


async def test_only_the_states_that_were_asked_for_are_told(jd: JdDesk) -> None:
    order = placed(jd, ("801", 1))
    placed(jd, ("901", 1))
    jd.state.orders.ship(START, order.id)
    assert [row["orderId"] for row in await told(jd, order_state="WAIT_GOODS_RECEIVE_CONFIRM,LOCKED")] == [
        int(order.id)
    ]


async def test_without_times_the_last_month_is_told(jd: JdDesk) -> None:
    placed(jd, ("801", 1))
    assert len(await told(jd, start_date=None, end_date=None)) == 1


@pytest.mark.parametrize(
    "span",
    [
        {"start_date": UNTIL, "end_date": SINCE},
        {"start_date": "2025-12-01 08:00:00", "end_date": "2026-01-01 08:00:01"},
        {"start_date": "2025-09-30 08:00:00", "end_date": "2025-10-01 08:00:00"},
    ],
)
async def test_a_span_that_cannot_be_is_refused_inside_the_answer(jd: JdDesk, span: dict[str, str]) -> None:
    result = (await search(jd, **span)).holds["searchorderinfo_result"]
    assert (result["apiResult"]["success"], "orderInfoList" in result) == (False, False)


@pytest.mark.parametrize(
    ("business", "code"),
    [
        ({"order_state": None}, 60),
        ({"optional_fields": None}, 60),
        ({"page": None}, 60),
        ({"page_size": None}, 60),
        ({"page_size": "101"}, 62),
        ({"page": "0"}, 62),
        ({"page": "one"}, 62),
        ({"start_date": "2026-01-01"}, 62),
    ],
)
async def test_what_cannot_be_asked_is_refused(jd: JdDesk, business: dict[str, object], code: int) -> None:
    assert (await search(jd, **business)).code == code


# --- one order ---------------------------------------------------------------------------------------------


async def test_one_order_is_told_by_its_id(jd: JdDesk) -> None:
    order = placed(jd, ("801", 1))
    said = await jd.ask(GET, {"order_id": order.id, "optional_fields": "orderState"})
    assert said.holds["orderDetailInfo"]["orderInfo"] == {
        "orderId": int(order.id),
        "orderState": "WAIT_SELLER_STOCK_OUT",
    }


async def test_a_child_is_told_by_its_id_and_its_parent_no_more(jd: JdDesk) -> None:
    await jd.settings(splits_orders=True)
    order = placed(jd, ("801", 1), ("901", 2))
    jd.state.orders.ship(START, order.id, lines=[order.lines[0].id])
    child = await jd.ask(GET, {"orderId": order.lines[1].id, "optional_fields": "parentOrderId"})
    parent = await jd.ask(GET, {"orderId": order.id, "optional_fields": "parentOrderId"})
    assert (child.holds["orderDetailInfo"]["orderInfo"]["parentOrderId"], parent.code) == (int(order.id), 71)


async def test_an_order_that_is_not_there_is_refused(jd: JdDesk) -> None:
    assert (await jd.ask(GET, {"order_id": "5", "optional_fields": "orderState"})).code == 71


async def test_whatever_a_hand_or_chance_sells_is_an_order(jd: JdDesk) -> None:
    await jd.sell("801", 2)
    await jd.control("POST", "/sell", {"random": 3})
    assert sum(len(row["itemInfoList"]) for row in await told(jd)) == 4
