"""Each fault of the plan as Pinduoduo shows it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from syncd.mock.clock import START
from tests.unit.mock.pdd_desk import (
    CHANGED,
    DETAIL,
    LIST,
    MINUTE,
    ONE,
    SET,
    SKU,
    SWITCH,
    PddDesk,
    Said,
    opened_desk,
)


@pytest.fixture
async def pdd() -> AsyncIterator[PddDesk]:
    async with opened_desk() as desk:
        yield desk


async def lower(pdd: PddDesk) -> Said:
    return await pdd.write("501", 1)


async def page(pdd: PddDesk) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await pdd.ask(LIST)).holds["goods_list"]
    return rows


# --- the whole call ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ({"kind": "throttle"}, (52101, "")),
        ({"kind": "throttle", "retry_after": 3}, (70031, "")),
        ({"kind": "throttle", "ids": ["501"]}, (52101, "")),
        ({"kind": "throttle", "lines": 1, "retry_after": 1}, (70031, "")),
        ({"kind": "server_error"}, (52102, "")),
        ({"kind": "server_error", "status": 403}, (20031, "")),
        ({"kind": "token_expired"}, (10019, "")),
        ({"kind": "token_revoked"}, (20032, "")),
        ({"kind": "partial"}, (50001, "REJECTED")),
        ({"kind": "partial", "error": "not_found"}, (50001, "GOODS_NOT_FOUND")),
        ({"kind": "partial", "error": "permission"}, (20031, "")),
        ({"kind": "partial", "error": "throttled"}, (52101, "")),
        ({"kind": "partial", "error": "busy"}, (52102, "")),
    ],
)
async def test_a_refusing_fault_answers_200_and_writes_nothing(
    pdd: PddDesk, fault: dict[str, Any], refusal: tuple[int, str]
) -> None:
    await pdd.faults(fault)
    said = await lower(pdd)
    assert (said.status, said.refusal, pdd.counter("501")) == (200, refusal, 5)


async def test_no_refusal_says_how_long_to_wait(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "throttle", "retry_after": 3})
    said = await lower(pdd)
    assert ("Retry-After" in said.headers, "3" in said.error["sub_msg"]) == (False, False)


async def test_a_throttled_sku_that_is_not_in_the_call_refuses_nothing(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "throttle", "ids": ["502"]})
    await lower(pdd)
    assert pdd.counter("501") == 1


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ({"kind": "server_error", "applied": True}, (50000, "")),
        ({"kind": "partial", "applied": True}, (50001, "REJECTED")),
    ],
)
async def test_a_call_may_take_effect_and_be_refused_all_the_same(
    pdd: PddDesk, fault: dict[str, Any], refusal: tuple[int, str]
) -> None:
    await pdd.faults(fault)
    assert ((await lower(pdd)).refusal, pdd.counter("501")) == (refusal, 1)


@pytest.mark.parametrize(("applied", "left"), [(False, 5), (True, 1)])
async def test_a_proxy_answers_a_page_with_its_own_status(pdd: PddDesk, *, applied: bool, left: int) -> None:
    await pdd.faults({"kind": "server_error", "status": 502, "applied": applied, "retry_after": 2})
    said = await lower(pdd)
    assert (said.status, said.body, said.headers["Retry-After"], pdd.counter("501")) == (502, {}, "2", left)


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ({"kind": "lost_reply"}, 1),
        ({"kind": "reset"}, 5),
        ({"kind": "reset", "applied": True}, 1),
        ({"kind": "cut_body"}, 1),
    ],
)
async def test_an_answer_may_never_arrive(pdd: PddDesk, fault: dict[str, Any], left: int) -> None:
    await pdd.faults(fault)
    with pytest.raises(aiohttp.ClientError):
        await lower(pdd)
    assert pdd.counter("501") == left


async def test_garbage_comes_instead_of_the_answer(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "garbage", "body": "{}"})
    said = await lower(pdd)
    assert (said.text, pdd.counter("501")) == ("{}", 1)


@pytest.mark.parametrize(("when", "held"), [("before", 5), ("after", 1)])
async def test_a_call_can_be_held_before_and_after_it_takes_effect(
    pdd: PddDesk, when: str, held: int
) -> None:
    await pdd.faults({"kind": "delay", "when": when})
    call = asyncio.create_task(lower(pdd))
    await pdd.rig.calls.reached(held=1)
    seen = pdd.counter("501")
    await pdd.control("POST", "/release")
    await call
    assert (seen, pdd.counter("501")) == (held, 1)


async def test_a_fault_strikes_the_interface_that_it_names(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "server_error", "path": SET, "times": 0})
    assert ((await pdd.ask(LIST)).refusal[0], (await lower(pdd)).refusal[0]) == (0, 52102)


async def test_a_call_that_the_gateway_keeps_out_uses_up_no_fault(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "server_error"})
    await pdd.ask(LIST, access_token="other")
    assert (await pdd.ask(LIST)).refusal[0] == 52102


# --- lines -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("applied", "left"), [(False, 5), (True, 1)])
async def test_the_answer_may_not_say_what_became_of_the_write(
    pdd: PddDesk, *, applied: bool, left: int
) -> None:
    await pdd.faults({"kind": "partial", "error": "", "applied": applied})
    said = await lower(pdd)
    assert (list(said.holds), pdd.counter("501")) == (["request_id"], left)


async def test_the_answer_may_say_that_nothing_was_done(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "partial", "error": "not_done"})
    said = await lower(pdd)
    assert (said.holds["is_success"], pdd.counter("501")) == (False, 5)


async def test_a_write_may_take_effect_later(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "late_apply", "seconds": 30})
    said = await lower(pdd)
    before = pdd.counter("501")
    await pdd.control("POST", "/time", {"advance": 30})
    assert (said.holds["is_success"], before, pdd.counter("501")) == (True, 5, 1)


@pytest.mark.parametrize(
    ("fault", "code", "on_sale"),
    [
        ({"kind": "partial"}, 50001, True),
        ({"kind": "partial", "applied": True}, 50001, False),
        ({"kind": "partial", "error": ""}, 0, True),
        ({"kind": "throttle", "ids": ["500"]}, 52101, True),
    ],
)
async def test_a_switch_may_be_refused(
    pdd: PddDesk, fault: dict[str, Any], code: int, *, on_sale: bool
) -> None:
    await pdd.faults(fault)
    said = await pdd.ask(SWITCH, goods_id="500", is_onsale="0")
    assert (said.refusal[0], pdd.state.goods["500"].on_sale) == (code, on_sale)


# --- rows --------------------------------------------------------------------------------------------------


async def test_a_page_may_be_empty(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "empty"})
    said = await pdd.ask(LIST)
    assert (said.holds["total_count"], said.holds["goods_list"]) == (0, [])


async def test_half_a_page_may_come(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "half_page"})
    assert [row["goods_id"] for row in await page(pdd)] == [500]


async def test_a_page_may_not_be_had(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "half_page", "page": 2, "status": 500})
    answers = [await pdd.ask(LIST, page=number) for number in ("1", "2")]
    assert [answer.status for answer in answers] == [200, 500]


async def test_a_share_of_the_goods_may_be_missing(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "drop_skus", "share": 1})
    assert await page(pdd) == []


async def test_rows_may_come_twice(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "duplicate_rows", "differ": True})
    shown = [(row["goods_id"], row["goods_quantity"]) for row in await page(pdd)]
    assert shown == [(500, 15), (600, 4), (700, 8), (500, 16)]


async def test_counters_of_the_first_goods_may_be_no_numbers(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "bad_numbers", "lines": 2})
    shown = [[sku["sku_quantity"] for sku in row["sku_list"]] for row in await page(pdd)]
    assert shown == [["NaN", -7, 7], [4], [8]]


async def test_counters_in_detail_may_be_no_numbers(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "bad_numbers", "times": 2, "value": None, "column": "reserve_quantity"})
    detail = await pdd.ask(DETAIL, goods_id="600")
    one = await pdd.ask(SKU, goods_id="600", sku_id="601")
    assert (detail.holds["sku_list"][0]["reserve_quantity"], one.holds["reserve_quantity"]) == ("NaN", "NaN")


async def test_one_sku_may_come_without_its_inside(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "half_page"})
    assert list((await pdd.ask(SKU, goods_id="600", sku_id="601")).holds) == ["request_id"]


async def test_goods_that_are_there_may_be_said_not_to_be(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "empty"})
    assert (await pdd.ask(DETAIL, goods_id="600")).refusal == (50001, "GOODS_NOT_FOUND")


# --- orders ------------------------------------------------------------------------------------------------


async def test_the_feed_may_be_late(pdd: PddDesk) -> None:
    pdd.placed(("701", 1))
    await pdd.faults({"kind": "late_orders", "seconds": 60})
    before = await pdd.told()
    assert (before, len(await pdd.told())) == ([], 1)


async def test_an_order_may_come_as_it_was_before(pdd: PddDesk) -> None:
    order = pdd.placed(("701", 1))
    pdd.state.orders.ship(START + MINUTE, order.id)
    await pdd.faults({"kind": "old_orders", "times": 2})
    old = (await pdd.told())[0]["order_status"]
    number = f"260101-{order.id}"
    one = (await pdd.ask(ONE, order_sn=number)).holds["order_info"]["order_status"]
    assert (old, one, (await pdd.told())[0]["order_status"]) == (1, 1, 2)


async def test_orders_may_be_missing_doubled_or_halved(pdd: PddDesk) -> None:
    for _ in range(2):
        pdd.placed(("701", 1))
    counts = []
    for fault in ({"kind": "drop_skus", "share": 1}, {"kind": "duplicate_rows"}, {"kind": "half_page"}):
        await pdd.faults(fault | {"path": CHANGED})
        counts.append(len(await pdd.told()))
    assert counts == [0, 3, 1]


async def test_units_of_the_first_order_may_be_no_number(pdd: PddDesk) -> None:
    for _ in range(2):
        pdd.placed(("701", 1))
    await pdd.faults({"kind": "bad_numbers"})
    assert [row["item_list"][0]["goods_count"] for row in await pdd.told()] == ["NaN", 1]


async def test_one_order_may_come_without_its_inside_or_be_said_not_to_be(pdd: PddDesk) -> None:
    number = f"260101-{pdd.placed(('701', 1)).id}"
    await pdd.faults({"kind": "half_page"})
    inside = await pdd.ask(ONE, order_sn=number)
    await pdd.faults({"kind": "empty"})
    gone = await pdd.ask(ONE, order_sn=number)
    assert ("order_info" in inside.holds, gone.refusal) == (False, (50001, "ORDER_NOT_FOUND"))
