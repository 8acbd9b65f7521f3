"""Counters and bookings of the JD mock."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.mock.jd_desk import QUERY, SET, JdDesk, opened_desk


@pytest.fixture
async def jd() -> AsyncIterator[JdDesk]:
    async with opened_desk() as desk:
        yield desk


def req(**changes: object) -> dict[str, Any]:
    whole = {"updateModel": "fullStockIn", "stockRfId": "k", "skuStocks": [{"skuId": 801, "stockNum": 1}]}
    return {"req": {name: value for name, value in (whole | changes).items() if value is not None}}


# --- writing -----------------------------------------------------------------------------------------------


async def test_a_full_write_sets_counters_of_any_wares_and_lists_nothing(jd: JdDesk) -> None:
    said = await jd.write({801: 7, 901: 0})
    assert (said.body, jd.counter("801"), jd.counter("901")) == (
        {
            "jingdong_ware_stock_sku_set_responce": {
                "code": "0",
                "returnType": {"success": True, "errorMessage": None, "obj": {"updateStockResult": []}},
            }
        },
        7,
        0,
    )


async def test_a_difference_is_added(jd: JdDesk) -> None:
    await jd.write({801: -2, 901: 3}, delta=True)
    assert (jd.counter("801"), jd.counter("901")) == (3, 7)


async def test_refused_rows_stand_in_an_answer_that_says_success(jd: JdDesk) -> None:
    said = await jd.write({801: 1, 999: 1})
    assert (said.holds["returnType"]["success"], said.rows, jd.counter("801")) == (
        True,
        [{"data": 999, "storeId": 0, "success": False, "message": "SKU不存在或不属于该商家"}],
        1,
    )


async def test_an_answer_may_say_failure_for_one_row(jd: JdDesk) -> None:
    await jd.settings(success_with_failures=False)
    said = await jd.write({801: 1, 999: 1})
    assert (said.holds["returnType"]["success"], jd.counter("801")) == (False, 1)


async def test_written_rows_may_be_listed_too(jd: JdDesk) -> None:
    await jd.settings(lists_successes=True)
    said = await jd.write({801: 1})
    assert said.rows == [{"data": 801, "storeId": 0, "success": True, "message": None}]


@pytest.mark.parametrize(("figure", "delta"), [(-1, False), (-6, True), (10**9, False)])
async def test_a_counter_that_cannot_be_is_refused(jd: JdDesk, figure: int, *, delta: bool) -> None:
    said = await jd.write({801: figure}, delta=delta)
    assert (len(said.rows), jd.counter("801")) == (1, 5)


async def test_thirty_rows_are_written_and_no_more(jd: JdDesk) -> None:
    skus = range(1000, 1031)
    await jd.control("POST", "/state", {"listings": [{"id": str(sku), "item": "500"} for sku in skus]})
    fits = await jd.write(dict.fromkeys(skus[:30], 1))
    more = await jd.write(dict.fromkeys(skus, 2), key="k2")
    result = more.holds["returnType"]
    assert (fits.rows, jd.counter("1000"), result["success"], result["obj"]) == ([], 1, False, None)


async def test_another_store_is_refused(jd: JdDesk) -> None:
    said = await jd.ask(SET, req(skuStocks=[{"skuId": 801, "stockNum": 1, "storeId": 5}]))
    assert (len(said.rows), jd.counter("801")) == (1, 5)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"updateModel": None}, 60),
        ({"updateModel": "full"}, 62),
        ({"stockRfId": None}, 60),
        ({"skuStocks": None}, 60),
        ({"skuStocks": {}}, 60),
        ({"skuStocks": "801"}, 62),
        ({"skuStocks": [801]}, 62),
        ({"skuStocks": [{"skuId": 801}]}, 60),
        ({"skuStocks": [{"skuId": 801, "incrStockNum": 1}]}, 60),
        ({"skuStocks": [{"skuId": "A", "stockNum": 1}]}, 62),
        ({"skuStocks": [{"skuId": 801, "stockNum": 1.0}]}, 62),
        ({"skuStocks": [{"skuId": 801, "stockNum": True}]}, 62),
        ({"stockModel": "OTHER"}, 62),
    ],
)
async def test_a_request_that_is_wrong_in_itself_is_refused(
    jd: JdDesk, changes: dict[str, object], code: int
) -> None:
    assert ((await jd.ask(SET, req(**changes))).code, jd.counter("801")) == (code, 5)


async def test_a_request_without_its_object_is_refused(jd: JdDesk) -> None:
    assert (await jd.ask(SET)).code == 60


# --- the key -----------------------------------------------------------------------------------------------


async def test_a_row_that_was_written_is_skipped_with_the_same_key(jd: JdDesk) -> None:
    await jd.write({801: -1}, delta=True)
    said = await jd.write({801: -1}, delta=True)
    assert (said.rows, jd.counter("801")) == ([], 4)


async def test_only_refused_rows_are_tried_again_with_the_same_key(jd: JdDesk) -> None:
    await jd.write({801: -1, 802: -4}, delta=True)
    await jd.control("POST", "/state", {"listings": [{"id": "802", "quantity": 10}]})
    said = await jd.write({801: -1, 802: -4}, delta=True)
    assert (said.rows, jd.counter("801"), jd.counter("802")) == ([], 4, 6)


async def test_another_key_writes_again(jd: JdDesk) -> None:
    await jd.write({801: -1}, delta=True)
    await jd.write({801: -1}, delta=True, key="k2")
    assert jd.counter("801") == 3


async def test_keys_may_be_forgotten(jd: JdDesk) -> None:
    await jd.control("POST", "/state", {"settings": {"idempotent": False}})
    await jd.write({801: -1}, delta=True)
    await jd.write({801: -1}, delta=True)
    assert jd.counter("801") == 3


# --- bookings ----------------------------------------------------------------------------------------------


async def test_orders_book_units_paid_and_unpaid_and_the_counter_holds_them(jd: JdDesk) -> None:
    await jd.sell("801", 2, "hold")
    await jd.sell("801", 1)
    assert await jd.stock(801) == {
        "storeId": 0,
        "stockNum": 5,
        "orderBookingNum": 3,
        "appBookingNum": 0,
        "orderTransferNum": 0,
    }


async def test_shipping_takes_booked_units_from_the_counter(jd: JdDesk) -> None:
    await jd.sell("801", 2)
    await jd.control("POST", "/orders", {"step": "ship", "order": next(iter(jd.state.orders.orders))})
    figures = await jd.stock(801)
    assert (figures["stockNum"], figures["orderBookingNum"]) == (3, 0)


@pytest.mark.parametrize("step", ["cancel", "refund"])
async def test_an_order_that_ends_frees_its_units(jd: JdDesk, step: str) -> None:
    await jd.sell("801", 2, "hold" if step == "cancel" else "buy")
    order = next(iter(jd.state.orders.orders))
    if step == "refund":
        await jd.control("POST", "/orders", {"step": "ask_refund", "order": order})
        await jd.control("POST", "/orders", {"step": "agree_refund", "order": order})
    else:
        await jd.control("POST", "/orders", {"step": "cancel", "order": order})
    figures = await jd.stock(801)
    assert (figures["stockNum"], figures["orderBookingNum"]) == (5, 0)


async def test_a_refund_of_some_units_frees_these(jd: JdDesk) -> None:
    await jd.sell("801", 3)
    order = next(iter(jd.state.orders.orders))
    await jd.control("POST", "/orders", {"step": "ask_refund", "order": order})
    await jd.control("POST", "/orders", {"step": "agree_refund", "order": order, "units": 1})
    await jd.control("POST", "/orders", {"step": "ship", "order": order})
    assert ((await jd.stock(801))["orderBookingNum"], jd.counter("801")) == (0, 3)


async def test_nobody_can_buy_what_is_booked_or_locked(jd: JdDesk) -> None:
    await jd.control("POST", "/state", {"listings": [{"id": "801", "withheld": 2}]})
    await jd.sell("801", 2)
    shown = await jd.control("POST", "/sell", {"id": "801", "units": 2})
    assert shown["error"] == "not_enough"


async def test_units_locked_by_hand_are_told(jd: JdDesk) -> None:
    await jd.control("POST", "/state", {"listings": [{"id": "801", "withheld": 2}]})
    assert (await jd.stock(801))["appBookingNum"] == 2


@pytest.mark.parametrize(("refuses", "left"), [(True, 5), (False, 1)])
async def test_a_counter_below_what_is_booked_may_be_refused(jd: JdDesk, *, refuses: bool, left: int) -> None:
    await jd.settings(refuses_below_booked=refuses)
    await jd.sell("801", 2)
    await jd.write({801: 1})
    assert jd.counter("801") == left


async def test_a_counter_without_bookings_falls_with_the_order(jd: JdDesk) -> None:
    await jd.settings(holds_booked=False)
    await jd.sell("801", 2, "hold")
    before = await jd.stock(801)
    order = next(iter(jd.state.orders.orders))
    await jd.control("POST", "/orders", {"step": "pay", "order": order})
    await jd.control("POST", "/orders", {"step": "ship", "order": order})
    after = await jd.stock(801)
    told = [(figures["stockNum"], figures["orderBookingNum"]) for figures in (before, after)]
    assert told == [(3, 2), (3, 0)]


async def test_a_counter_without_bookings_rises_with_a_cancelled_order(jd: JdDesk) -> None:
    await jd.settings(holds_booked=False)
    await jd.sell("801", 2, "hold")
    await jd.sell("801", 2, "release")
    assert await jd.stock(801) == {
        "storeId": 0,
        "stockNum": 5,
        "orderBookingNum": 0,
        "appBookingNum": 0,
        "orderTransferNum": 0,
    }


async def test_what_a_counter_holds_cannot_change_under_orders(jd: JdDesk) -> None:
    await jd.sell("801", 1)
    shown = await jd.control("POST", "/state", {"jd": {"holds_booked": False}})
    assert shown["error"] == "bad_request"


async def test_a_sku_that_is_not_the_shops_is_foreign(jd: JdDesk) -> None:
    assert (await jd.ask(QUERY, {"skuId": 5})).code == 71


async def test_a_query_names_one_sku(jd: JdDesk) -> None:
    assert [(await jd.ask(QUERY, business)).code for business in ({}, {"skuId": "801,802"})] == [60, 62]
