"""Each fault of the plan as JD shows it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from syncd.mock.clock import START
from tests.unit.mock.jd_desk import QUERY, SEARCH, JdDesk, Said, opened_desk

SKUS, ONE = "jingdong.sku.read.searchSkuList", "jingdong.sku.read.findSkuById"
SWITCH, GET = "jingdong.ware.write.upOrDown", "jingdong.pop.order.get"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def jd() -> AsyncIterator[JdDesk]:
    async with opened_desk() as desk:
        yield desk


async def lower(jd: JdDesk) -> Said:
    return await jd.write({801: 1, 802: 2})


def counters(jd: JdDesk) -> tuple[int, int]:
    return jd.counter("801"), jd.counter("802")


async def orders(jd: JdDesk) -> dict[str, Any]:
    """Return a page of the orders of a shop of which the first of two was paid later."""
    book = jd.state.orders
    if not book.orders:
        for n in range(2):
            book.place(START + n * SECOND, [("801", n + 1)])
        book.pay(START + 60 * SECOND, next(iter(book.orders)))
        jd.rig.clock.move_to(START + 70 * SECOND)
    said = await jd.ask(
        SEARCH,
        {
            "order_state": "WAIT_SELLER_STOCK_OUT",
            "optional_fields": "paymentConfirmTime,itemInfoList,storeId",
            "page": "1",
            "page_size": "10",
        },
    )
    found: dict[str, Any] = said.holds["searchorderinfo_result"]
    return found


def units(page: dict[str, Any]) -> list[Any]:
    return [line["itemTotal"] for row in page["orderInfoList"] for line in row["itemInfoList"]]


# --- the whole call ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "throttle"}, 2),
        ({"kind": "throttle", "retry_after": 3}, 2),
        ({"kind": "server_error"}, 1),
        ({"kind": "server_error", "status": 403}, 3),
        ({"kind": "token_expired"}, 19),
        ({"kind": "token_revoked"}, 22),
    ],
)
async def test_a_refusing_fault_answers_200_and_writes_nothing(
    jd: JdDesk, fault: dict[str, Any], code: int
) -> None:
    await jd.faults(fault)
    said = await lower(jd)
    assert (said.status, said.code, counters(jd)) == (200, code, (5, 3))


async def test_a_call_may_take_effect_and_be_refused_all_the_same(jd: JdDesk) -> None:
    await jd.faults({"kind": "server_error", "applied": True})
    assert ((await lower(jd)).code, counters(jd)) == (65, (1, 2))


@pytest.mark.parametrize(("applied", "left"), [(False, (5, 3)), (True, (1, 2))])
async def test_a_proxy_answers_a_page_with_its_own_status(
    jd: JdDesk, *, applied: bool, left: tuple[int, int]
) -> None:
    await jd.faults({"kind": "server_error", "status": 502, "applied": applied, "retry_after": 2})
    said = await lower(jd)
    assert (said.status, said.body, counters(jd)) == (502, {}, left)


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ({"kind": "lost_reply"}, (1, 2)),
        ({"kind": "reset"}, (5, 3)),
        ({"kind": "reset", "applied": True}, (1, 2)),
        ({"kind": "cut_body"}, (1, 2)),
    ],
)
async def test_an_answer_may_never_arrive(jd: JdDesk, fault: dict[str, Any], left: tuple[int, int]) -> None:
    await jd.faults(fault)
    with pytest.raises(aiohttp.ClientError):
        await lower(jd)
    assert counters(jd) == left


async def test_a_lost_write_is_known_by_its_key(jd: JdDesk) -> None:
    await jd.faults({"kind": "lost_reply"})
    with pytest.raises(aiohttp.ClientError):
        await jd.write({801: -1}, delta=True)
    await jd.write({801: -1}, delta=True)
    assert jd.counter("801") == 4


async def test_garbage_comes_instead_of_the_answer(jd: JdDesk) -> None:
    await jd.faults({"kind": "garbage", "body": "{}"})
    assert ((await lower(jd)).text, counters(jd)) == ("{}", (1, 2))


@pytest.mark.parametrize(("when", "held"), [("before", (5, 3)), ("after", (1, 2))])
async def test_a_call_can_be_held_before_and_after_it_takes_effect(
    jd: JdDesk, when: str, held: tuple[int, int]
) -> None:
    await jd.faults({"kind": "delay", "when": when})
    call = asyncio.create_task(lower(jd))
    await jd.rig.calls.reached(held=1)
    seen = counters(jd)
    await jd.control("POST", "/release")
    await call
    assert (seen, counters(jd)) == (held, (1, 2))


async def test_a_fault_strikes_the_method_that_it_names(jd: JdDesk) -> None:
    await jd.faults({"kind": "server_error", "path": "jingdong.ware.stock.*", "times": 0})
    assert [(await jd.ask(SKUS)).code, (await lower(jd)).code] == [0, 1]


async def test_a_call_that_the_gateway_keeps_out_uses_up_no_fault(jd: JdDesk) -> None:
    await jd.faults({"kind": "server_error"})
    await jd.ask(SKUS, access_token="other")
    assert (await jd.ask(SKUS)).code == 1


# --- rows that are written ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("applied", "left"), [(False, (5, 2)), (True, (1, 2))])
async def test_a_row_may_be_refused(jd: JdDesk, *, applied: bool, left: tuple[int, int]) -> None:
    await jd.faults({"kind": "partial", "ids": ["801"], "error": "活动中", "applied": applied})
    said = await lower(jd)
    assert ([(row["data"], row["message"]) for row in said.rows], counters(jd)) == ([(801, "活动中")], left)


@pytest.mark.parametrize(("lists", "told"), [(False, []), (True, [802])])
async def test_a_row_may_be_left_out_though_it_was_not_written(
    jd: JdDesk, *, lists: bool, told: list[int]
) -> None:
    await jd.settings(lists_successes=lists)
    await jd.faults({"kind": "partial", "ids": ["801"], "error": ""})
    said = await lower(jd)
    assert ([row["data"] for row in said.rows], counters(jd)) == (told, (5, 2))


async def test_a_throttled_row_is_refused_alone(jd: JdDesk) -> None:
    await jd.faults({"kind": "throttle", "ids": ["802"]})
    said = await lower(jd)
    assert ([row["data"] for row in said.rows], counters(jd)) == ([802], (1, 3))


async def test_a_row_may_take_effect_later_though_the_answer_says_it_did(jd: JdDesk) -> None:
    await jd.faults({"kind": "late_apply", "ids": ["801"], "seconds": 30})
    said = await lower(jd)
    before = counters(jd)
    await jd.control("POST", "/time", {"advance": 30})
    assert (said.rows, before, counters(jd)) == ([], (5, 2), (1, 2))


@pytest.mark.parametrize(
    ("fault", "holds", "code", "on_sale"),
    [
        ({"kind": "partial"}, {"code": "0", "success": False, "errorMessage": "rejected"}, 0, True),
        (
            {"kind": "partial", "applied": True},
            {"code": "0", "success": False, "errorMessage": "rejected"},
            0,
            False,
        ),
        ({"kind": "partial", "error": ""}, {"code": "0"}, 0, True),
        ({"kind": "partial", "error": "not_found"}, {}, 71, True),
        ({"kind": "throttle", "ids": ["800"]}, {}, 2, True),
    ],
)
async def test_a_switch_may_be_refused(
    jd: JdDesk, fault: dict[str, Any], holds: dict[str, Any], code: int, *, on_sale: bool
) -> None:
    await jd.faults(fault)
    said = await jd.ask(SWITCH, {"wareId": 800, "opType": 2})
    assert (said.holds, said.code, jd.state.on_sale("800")) == (holds, code, on_sale)


# --- rows that are read ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "total", "shown"),
    [
        ({"kind": "empty"}, 0, []),
        ({"kind": "half_page"}, 4, [5, 3]),
        ({"kind": "drop_skus", "share": 1}, 0, []),
        ({"kind": "duplicate_rows", "differ": True}, 4, [5, 3, 4, 8, 6]),
        ({"kind": "bad_numbers", "lines": 2}, 4, ["NaN", -7, 4, 8]),
    ],
)
async def test_a_page_of_skus_may_be_damaged(
    jd: JdDesk, fault: dict[str, Any], total: int, shown: list[object]
) -> None:
    await jd.faults(fault)
    page = (await jd.ask(SKUS, {"field": "stockNum"})).holds["page"]
    assert (page["totalItem"], [row["stockNum"] for row in page["data"]]) == (total, shown)


async def test_a_page_may_not_be_had(jd: JdDesk) -> None:
    await jd.faults({"kind": "half_page", "page": 2, "status": 500})
    statuses = [(await jd.ask(SKUS, {"pageNo": page})).status for page in (1, 2)]
    assert statuses == [200, 500]


async def test_a_sku_may_come_without_its_inside(jd: JdDesk) -> None:
    await jd.faults({"kind": "half_page"})
    assert "sku" not in (await jd.ask(ONE, {"skuId": 801})).holds


@pytest.mark.parametrize(
    ("fault", "figures"),
    [
        ({"kind": "empty"}, []),
        ({"kind": "bad_numbers", "column": "orderBookingNum"}, ["NaN"]),
        ({"kind": "duplicate_rows"}, [0, 0]),
    ],
)
async def test_the_figures_of_a_sku_may_be_damaged(
    jd: JdDesk, fault: dict[str, Any], figures: list[object]
) -> None:
    await jd.faults(fault)
    rows = (await jd.ask(QUERY, {"skuId": 801})).holds["returnType"]["obj"]["skuStockInfos"]
    assert [row["orderBookingNum"] for row in rows] == figures


# --- orders ------------------------------------------------------------------------------------------------


async def test_the_newest_orders_appear_late(jd: JdDesk) -> None:
    await jd.faults({"kind": "late_orders", "seconds": 30, "times": 0})
    page = await orders(jd)
    jd.rig.clock.move_to(START + 90 * SECOND)
    assert (page["orderTotal"], units(page), units(await orders(jd))) == (1, [2], [2, 1])


async def test_an_older_version_may_be_told(jd: JdDesk) -> None:
    await jd.faults({"kind": "old_orders", "lines": 2})
    page = await orders(jd)
    assert {row["paymentConfirmTime"] for row in page["orderInfoList"]} == {"0001-01-01 00:00:00"}


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        ({"kind": "empty"}, []),
        ({"kind": "half_page"}, [2]),
        ({"kind": "duplicate_rows", "lines": 2}, [2, 1, 2, 1]),
        ({"kind": "bad_numbers"}, ["NaN", 1]),
    ],
)
async def test_a_page_of_orders_may_be_damaged(
    jd: JdDesk, fault: dict[str, Any], shown: list[object]
) -> None:
    await jd.faults(fault)
    assert units(await orders(jd)) == shown


async def test_one_order_may_come_without_its_inside(jd: JdDesk) -> None:
    await orders(jd)
    await jd.faults({"kind": "half_page"})
    said = await jd.ask(GET, {"order_id": next(iter(jd.state.orders.orders)), "optional_fields": "storeId"})
    assert "orderInfo" not in said.holds["orderDetailInfo"]
