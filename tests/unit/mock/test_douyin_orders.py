"""How the Douyin mock tells orders and refunds, and what it sends by itself."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from syncd.mock.clock import START
from syncd.mock.core import Cause, Refund
from syncd.mock.douyin import (
    DouyinSettings,
    Message,
    event_signature,
    order_message,
    pushed,
    spi_query,
    spi_signature,
)
from tests.unit.mock.douyin_desk import NOW, DouyinDesk, opened_desk

SEARCH, ONE, REFUNDS = "/order/searchList", "/order/orderDetail", "/afterSale/List"


def later(seconds: int) -> Any:  # noqa: ANN401 - a time
    return START + timedelta(seconds=seconds)


@pytest.fixture
async def douyin() -> AsyncIterator[DouyinDesk]:
    """A shop in which the first of three orders, each of one line, was paid after a minute."""
    async with opened_desk() as desk:
        book = desk.state.orders
        for n in range(3):
            book.place(later(n), [("701", n + 1)])
        book.pay(later(60), next(iter(book.orders)))
        desk.rig.clock.move_to(later(70))
        yield desk


async def feed(douyin: DouyinDesk, **body: object) -> list[dict[str, Any]]:
    span = {"update_time_start": NOW, "update_time_end": NOW + 3600, "order_by": "update_time"}
    said = await douyin.ask(SEARCH, {"page": 0, "size": 100} | span | body)
    rows: list[dict[str, Any]] = said.data["shop_order_list"]
    return rows


def units(rows: list[dict[str, Any]]) -> list[Any]:
    return [line["item_num"] for row in rows for line in row["sku_order_list"]]


# --- pages -------------------------------------------------------------------------------------------------


async def test_pages_of_orders_count_from_0(douyin: DouyinDesk) -> None:
    pages = [units(await feed(douyin, page=page, size=2)) for page in (0, 1, 2)]
    assert pages == [[1, 3], [2], []]


async def test_orders_come_in_either_direction(douyin: DouyinDesk) -> None:
    assert units(await feed(douyin, order_asc=True)) == [2, 3, 1]
    span = {"create_time_start": NOW, "create_time_end": NOW + 1}
    said = await douyin.ask(SEARCH, {"page": 0, "size": 10} | span)
    assert (units(said.data["shop_order_list"]), said.data["total"]) == ([2, 1], 2)


async def test_rows_shift_where_an_order_changes_between_pages(douyin: DouyinDesk) -> None:
    first = units(await feed(douyin, size=1, order_asc=True, update_time_end=NOW + 65))
    douyin.state.orders.pay(later(66), list(douyin.state.orders.orders)[1])
    second = units(await feed(douyin, size=1, order_asc=True, page=1, update_time_end=NOW + 65))
    assert (first, second) == ([2], [1])


async def test_orders_are_asked_for_by_status(douyin: DouyinDesk) -> None:
    paid = await feed(douyin, combine_status=[{"order_status": "2,3"}])
    unpaid = await feed(douyin, combine_status=[{"order_status": "1"}])
    assert (units(paid), sorted(units(unpaid))) == ([1], [2, 3])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"update_time_start": None, "update_time_end": None}, 40002),
        ({"update_time_end": None}, 40002),
        ({"update_time_start": NOW + 7200}, 40004),
        ({"update_time_start": NOW - 91 * 86400}, 40004),
        ({"size": 101}, 40004),
        ({"page": None}, 40002),
        ({"page": 100}, 40004),
        ({"order_by": "luck"}, 40004),
        ({"combine_status": [{"order_status": "x"}]}, 40004),
    ],
)
async def test_a_page_of_orders_may_be_asked_for_wrongly(
    douyin: DouyinDesk, body: dict[str, Any], code: int
) -> None:
    whole = {"page": 0, "size": 100, "update_time_start": NOW, "update_time_end": NOW + 60} | body
    said = await douyin.ask(SEARCH, {name: value for name, value in whole.items() if value is not None})
    assert said.refusal[0] == code


# --- what an order says ------------------------------------------------------------------------------------


async def told(douyin: DouyinDesk, order: str) -> tuple[int, int, list[int]]:
    """Return the status and the main status of an order, and the status of each line."""
    data = (await douyin.ask(ONE, {"shop_order_id": order})).data["shop_order_detail"]
    return data["order_status"], data["main_status"], [row["order_status"] for row in data["sku_order_list"]]


def place(douyin: DouyinDesk, *wants: str, paid: bool = True) -> tuple[str, list[str]]:
    placed = douyin.state.orders.place(later(0), [(sku, 1) for sku in wants], paid=paid)
    assert placed.order is not None
    return placed.order.id, [line.id for line in placed.order.lines]


async def test_every_status_has_its_number(douyin: DouyinDesk) -> None:
    book = douyin.state.orders
    order, lines = place(douyin, "801", "802", paid=False)
    shown = [await told(douyin, order)]
    book.pay(later(1), order)
    shown.append(await told(douyin, order))
    book.ship(later(2), order, lines=lines[:1])
    shown.append(await told(douyin, order))
    book.ship(later(3), order, lines=lines[1:])
    shown.append(await told(douyin, order))
    book.finish(later(4), order)
    shown.append(await told(douyin, order))
    assert shown == [
        (1, 1, [1, 1]),
        (2, 2, [2, 2]),
        (101, 101, [3, 2]),
        (3, 3, [3, 3]),
        (5, 5, [5, 5]),
    ]


async def test_a_paid_order_may_still_be_checked(douyin: DouyinDesk) -> None:
    await douyin.settings(paid_status=105)
    order, _ = place(douyin, "801")
    assert await told(douyin, order) == (105, 105, [105])


async def test_an_unpaid_order_is_cancelled_with_the_time(douyin: DouyinDesk) -> None:
    order, _ = place(douyin, "801", paid=False)
    douyin.rig.clock.move_to(later(900))
    assert (await told(douyin, order), douyin.counter("801")) == ((4, 4, [4]), 5)


async def test_a_refund_is_told_on_its_line_and_closes_the_order(douyin: DouyinDesk) -> None:
    book = douyin.state.orders
    order, _ = place(douyin, "801")
    book.ask_refund(later(1), order)
    asked = await told(douyin, order)
    book.agree_refund(later(2), order)
    shipped, _ = place(douyin, "801")
    book.ship(later(1), shipped)
    book.ask_refund(later(2), shipped)
    book.agree_refund(later(3), shipped)
    assert (asked[1], (await told(douyin, order))[1], (await told(douyin, shipped))[1]) == (2, 21, 22)


@pytest.mark.parametrize(
    ("turns", "numbers"),
    [
        ([], (6, 2, 1)),
        ([Refund.REFUSED], (27, 2, 4)),
        ([Refund.WITHDRAWN], (28, 2, 4)),
    ],
)
async def test_a_refund_has_its_numbers(
    douyin: DouyinDesk, turns: list[Refund], numbers: tuple[int, int, int]
) -> None:
    order, _ = place(douyin, "801")
    douyin.state.orders.ask_refund(later(1), order)
    for turn in turns:
        douyin.state.orders.turn_refund(later(2), order, turn)
    data = (await douyin.ask(ONE, {"shop_order_id": order})).data["shop_order_detail"]
    assert tuple(data["sku_order_list"][0]["after_sale_info"].values()) == numbers


async def test_the_list_of_refunds_says_how_many_units(douyin: DouyinDesk) -> None:
    placed = douyin.state.orders.place(later(0), [("801", 3)], paid=True).order
    assert placed is not None
    douyin.state.orders.ask_refund(later(1), placed.id)
    douyin.state.orders.agree_refund(later(2), placed.id, units=2)
    body = {"page": 0, "size": 10, "update_start_time": NOW, "update_end_time": NOW + 9}
    rows = (await douyin.ask(REFUNDS, body)).data["items"]
    named = (await douyin.ask(REFUNDS, {"page": 0, "size": 10, "order_id": placed.id})).data["items"]
    info = rows[0]["aftersale_info"]
    assert (info["aftersale_num"], info["aftersale_status"], info["refund_status"]) == (2, 12, 3)
    assert (rows, douyin.counter("801")) == (named, 2)
    assert (await douyin.ask(REFUNDS, {"page": 0, "size": 10, "order_id": "5"})).data["items"] == []


async def test_goods_that_come_back_are_a_refund_with_a_return(douyin: DouyinDesk) -> None:
    book = douyin.state.orders
    order, _ = place(douyin, "801")
    book.ship(later(1), order)
    book.ask_refund(later(2), order)
    book.agree_refund(later(3), order, returns=True)
    rows = (await douyin.ask(REFUNDS, {"page": 0, "size": 10})).data["items"]
    info = rows[0]["aftersale_info"]
    assert (info["aftersale_status"], info["aftersale_type"]) == (7, 0)


async def test_a_line_says_when_its_counter_fell(douyin: DouyinDesk) -> None:
    by_order, _ = place(douyin, "801")
    rows = {row["order_id"]: row["sku_order_list"][0] for row in await feed(douyin)}
    by_payment = next(row for order, row in rows.items() if order != by_order)
    assert (rows[by_order]["reduce_stock_type"], by_payment["reduce_stock_type"]) == (1, 2)
    assert (rows[by_order]["sku_id"], rows[by_order]["product_id"], rows[by_order]["code"]) == (
        801,
        800,
        "A-1",
    )


async def test_times_are_unix_seconds_and_0_where_there_is_none(douyin: DouyinDesk) -> None:
    paid, unpaid = (await feed(douyin))[:2]
    assert (paid["create_time"], paid["pay_time"], paid["update_time"]) == (NOW, NOW + 60, NOW + 60)
    assert (unpaid["pay_time"], unpaid["ship_time"], unpaid["finish_time"]) == (0, 0, 0)


async def test_a_terse_shop_tells_no_time_of_sending(douyin: DouyinDesk) -> None:
    await douyin.settings(terse=True)
    order, *_ = await feed(douyin)
    assert not any("ship_time" in row for row in (order, *order["sku_order_list"]))


async def test_an_order_that_is_not_there_is_refused(douyin: DouyinDesk) -> None:
    assert (await douyin.ask(ONE, {"shop_order_id": "5"})).refusal[0] == 50002


# --- faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        ({"kind": "late_orders", "seconds": 30}, [3, 2]),
        ({"kind": "bad_numbers"}, ["NaN", 3, 2]),
        ({"kind": "half_page"}, [1]),
        ({"kind": "duplicate_rows"}, [1, 3, 2, 1]),
        ({"kind": "empty"}, []),
        ({"kind": "drop_skus", "share": 1.0}, []),
    ],
)
async def test_a_page_of_orders_may_be_damaged(
    douyin: DouyinDesk, fault: dict[str, Any], shown: list[Any]
) -> None:
    await douyin.faults(fault)
    assert units(await feed(douyin)) == shown


async def test_an_order_may_come_as_it_was_before(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "old_orders", "lines": 1})
    assert [row["order_status"] for row in await feed(douyin)] == [1, 1, 1]


async def test_an_order_that_is_there_may_be_left_out(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "empty"})
    said = await douyin.ask(ONE, {"shop_order_id": next(iter(douyin.state.orders.orders))})
    assert (said.refusal, said.body["data"]) == ((10000, ""), {})


async def test_a_page_of_orders_may_fail(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "half_page", "status": 500, "page": 2, "path": SEARCH})
    body = {"page": 1, "size": 1, "update_time_start": NOW, "update_time_end": NOW + 60}
    assert (await douyin.ask(SEARCH, body)).status == 500


# --- buyers by hand ----------------------------------------------------------------------------------------


async def test_buyers_by_hand_leave_orders(douyin: DouyinDesk) -> None:
    await douyin.sell("801", 1, "hold")
    await douyin.sell("801", 1, "pay")
    await douyin.sell("802", 1, "hold")
    await douyin.sell("802", 1, "release")
    held = await douyin.control("POST", "/sell", {"id": "801", "units": 1, "step": "pay"})
    unknown = await douyin.control("POST", "/sell", {"id": "5", "units": 1, "step": "pay"})
    assert (held["error"], unknown["error"]) == ("not_withheld", "not_found")
    assert (douyin.counter("801"), douyin.counter("802")) == (4, 3)


async def test_buyers_by_chance_stop_where_nothing_is_left(douyin: DouyinDesk) -> None:
    sold = (await douyin.control("POST", "/sell", {"random": 100}))["sold"]
    assert len(sold) == 5 + 3 + 7 + 4 + (7 - 5)


# --- what the platform sends -------------------------------------------------------------------------------


async def test_a_message_of_an_order_is_signed_over_its_bytes(douyin: DouyinDesk) -> None:
    order, _ = place(douyin, "801")
    shown = await douyin.control("POST", "/push", {"order": order})
    headers, body = shown["headers"], shown["body"]
    assert headers["event-sign"] == event_signature(headers["app-id"], body.encode(), "mock-secret")
    (message,) = json.loads(body)
    assert (message["tag"], json.loads(message["data"])["p_id"]) == ("101", int(order))


async def test_only_an_order_that_is_there_is_told(douyin: DouyinDesk) -> None:
    assert "there is no such order" in (await douyin.control("POST", "/push", {"order": "5"}))["message"]


async def test_each_step_of_an_order_has_its_tag(douyin: DouyinDesk) -> None:
    book, settings = douyin.state.orders, DouyinSettings()
    order, _ = place(douyin, "801", paid=False)
    tags = [order_message(settings, book.orders[order]).tag]
    for step in (book.pay, book.ask_refund):
        step(later(1), order)
        tags.append(order_message(settings, book.orders[order]).tag)
    book.turn_refund(later(2), order, Refund.WITHDRAWN)
    tags.append(order_message(settings, book.orders[order]).tag)
    book.ask_refund(later(3), order)
    book.agree_refund(later(4), order)
    tags.append(order_message(settings, book.orders[order]).tag)
    gone, _ = place(douyin, "801", paid=False)
    book.cancel(later(5), gone, cause=Cause.SELLER)
    tags.append(order_message(settings, book.orders[gone]).tag)
    assert tags == ["100", "101", "200", "207", "206", "106"]


async def test_a_partial_refund_is_told_as_done(douyin: DouyinDesk) -> None:
    book = douyin.state.orders
    placed = book.place(later(0), [("801", 3)], paid=True).order
    assert placed is not None
    book.ask_refund(later(1), placed.id)
    book.agree_refund(later(2), placed.id, units=1)
    assert order_message(DouyinSettings(), book.orders[placed.id]).tag == "206"


def test_several_messages_come_in_one_delivery() -> None:
    messages = [Message(tag="0", msg_id=str(n), data={}) for n in range(2)]
    body = json.loads(pushed(DouyinSettings(), messages).body)
    assert [row["msg_id"] for row in body] == ["0", "1"]


@pytest.mark.parametrize(("method", "name"), [("md5", "sign"), ("hmac-sha256", "sign_v2")])
def test_a_call_to_the_program_is_signed_by_either_method(method: str, name: str) -> None:
    query = spi_query(DouyinSettings(), "{}", START, method)
    assert query[name] == spi_signature(query, "{}", "mock-secret")
    assert query["timestamp"] == str(NOW)
