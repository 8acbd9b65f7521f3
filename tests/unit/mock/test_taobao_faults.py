"""Each fault of the plan as TOP shows it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from tests.unit.mock.taobao_desk import DELIST, LIST, TWO, Said, TaobaoDesk, opened_desk

PAGE, SEVERAL = "taobao.items.onsale.get", "taobao.items.seller.list.get"


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    async with opened_desk() as desk:
        yield desk


async def lower(taobao: TaobaoDesk) -> Said:
    return await taobao.write("800", "801:1;802:2")


def counters(taobao: TaobaoDesk) -> tuple[int, int]:
    return taobao.counter("801"), taobao.counter("802")


async def page(taobao: TaobaoDesk) -> Said:
    return await taobao.ask(PAGE, fields="num_iid,num")


def rows(said: Said) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said.holds.get("items", {"item": []})["item"]
    return found


# --- the whole call ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ({"kind": "throttle"}, (7, "accesscontrol.limited-by-dynamic-access-count")),
        ({"kind": "throttle", "retry_after": 3}, (7, "accesscontrol.limited-by-app-access-count")),
        ({"kind": "throttle", "ids": ["802"]}, (7, "accesscontrol.limited-by-dynamic-access-count")),
        ({"kind": "throttle", "lines": 1}, (7, "accesscontrol.limited-by-dynamic-access-count")),
        ({"kind": "server_error"}, (10, "isp.system-busy")),
        ({"kind": "server_error", "status": 403}, (11, "isv.permission-api-package-limit")),
        ({"kind": "token_expired"}, (27, "session-expired")),
        ({"kind": "token_revoked"}, (27, "invalid-sessionkey")),
        ({"kind": "partial"}, (15, "isv.item-quantity-service-error:REJECTED")),
        ({"kind": "partial", "error": "not_found"}, (15, "isv.item-quantity-service-error:ITEM_NOT_FOUND")),
        ({"kind": "partial", "error": "permission"}, (11, "isv.permission-api-package-limit")),
        (
            {"kind": "partial", "error": "throttled"},
            (7, "accesscontrol.limited-by-dynamic-access-count"),
        ),
    ],
)
async def test_a_refusing_fault_answers_200_and_writes_nothing(
    taobao: TaobaoDesk, fault: dict[str, Any], refusal: tuple[int, str]
) -> None:
    await taobao.faults(fault)
    said = await lower(taobao)
    assert (said.status, said.refusal, counters(taobao)) == (200, refusal, (5, 3))


async def test_a_throttled_call_may_say_how_long(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "throttle", "retry_after": 2.5})
    assert (await lower(taobao)).error["sub_msg"] == "This ban will last for 3 more seconds"


async def test_a_throttled_sku_that_is_not_in_the_call_refuses_nothing(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "throttle", "ids": ["803"]})
    await lower(taobao)
    assert counters(taobao) == (1, 2)


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ({"kind": "server_error", "applied": True}, (15, "isp.remote-service-timeout")),
        ({"kind": "partial", "applied": True}, (15, "isv.item-quantity-service-error:REJECTED")),
    ],
)
async def test_a_call_may_take_effect_and_be_refused_all_the_same(
    taobao: TaobaoDesk, fault: dict[str, Any], refusal: tuple[int, str]
) -> None:
    await taobao.faults(fault)
    said = await lower(taobao)
    assert (said.refusal, counters(taobao)) == (refusal, (1, 2))


@pytest.mark.parametrize(("applied", "left"), [(False, (5, 3)), (True, (1, 2))])
async def test_a_proxy_answers_a_page_with_its_own_status(
    taobao: TaobaoDesk, *, applied: bool, left: tuple[int, int]
) -> None:
    await taobao.faults({"kind": "server_error", "status": 502, "applied": applied})
    said = await lower(taobao)
    assert (said.status, said.body, counters(taobao)) == (502, {}, left)


async def test_a_proxy_may_say_when_to_come_again(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "server_error", "status": 503, "retry_after": 2})
    form = taobao.signed(PAGE, fields="num_iid")
    async with taobao.session.post(f"{taobao.url}/router/rest", data=form) as response:
        assert response.headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ({"kind": "lost_reply"}, (1, 2)),
        ({"kind": "reset"}, (5, 3)),
        ({"kind": "reset", "applied": True}, (1, 2)),
        ({"kind": "cut_body"}, (1, 2)),
    ],
)
async def test_an_answer_may_never_arrive(
    taobao: TaobaoDesk, fault: dict[str, Any], left: tuple[int, int]
) -> None:
    await taobao.faults(fault)
    with pytest.raises(aiohttp.ClientError):
        await lower(taobao)
    assert counters(taobao) == left


async def test_garbage_comes_instead_of_the_answer(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "garbage", "body": "{}"})
    said = await lower(taobao)
    assert (said.text, counters(taobao)) == ("{}", (1, 2))


@pytest.mark.parametrize(("when", "held"), [("before", (5, 3)), ("after", (1, 2))])
async def test_a_call_can_be_held_before_and_after_it_takes_effect(
    taobao: TaobaoDesk, when: str, held: tuple[int, int]
) -> None:
    await taobao.faults({"kind": "delay", "when": when})
    call = asyncio.create_task(lower(taobao))
    await taobao.rig.calls.reached(held=1)
    seen = counters(taobao)
    await taobao.control("POST", "/release")
    await call
    assert (seen, counters(taobao)) == (held, (1, 2))


async def test_a_fault_strikes_the_method_that_it_names(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "server_error", "path": "taobao.skus.*", "times": 0})
    assert [(await page(taobao)).refusal[0], (await lower(taobao)).refusal[0]] == [0, 10]


async def test_a_fault_strikes_a_call_that_is_wrong_in_itself_too(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "server_error"})
    assert (await taobao.ask(TWO, num_iid="800")).refusal[0] == 10


async def test_a_call_that_the_gateway_keeps_out_uses_up_no_fault(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "server_error"})
    await taobao.ask(PAGE, fields="num_iid", session="other")
    assert (await page(taobao)).refusal[0] == 10


# --- lines -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("applied", "left"), [(False, (5, 2)), (True, (1, 2))])
async def test_a_line_may_be_left_out_of_the_answer(
    taobao: TaobaoDesk, *, applied: bool, left: tuple[int, int]
) -> None:
    await taobao.faults({"kind": "partial", "ids": ["801"], "error": "", "applied": applied})
    said = await lower(taobao)
    shown = [row["sku_id"] for row in said.holds["item"]["skus"]["sku"]]
    assert (shown, counters(taobao)) == ([802], left)


async def test_a_line_may_take_effect_later_though_the_answer_says_it_did(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "late_apply", "ids": ["801"], "seconds": 30})
    said = await lower(taobao)
    told = [row["quantity"] for row in said.holds["item"]["skus"]["sku"]]
    before = counters(taobao)
    await taobao.control("POST", "/time", {"advance": 30})
    assert (told, before, counters(taobao)) == ([1, 2], (5, 2), (1, 2))


async def test_a_line_takes_effect_with_the_first_call_after_its_time(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "late_apply", "seconds": 30})
    await lower(taobao)
    taobao.rig.clock.move_to(taobao.rig.clock.now() + timedelta(seconds=30))
    await page(taobao)
    assert counters(taobao) == (1, 2)


async def test_a_late_difference_is_cut_when_it_takes_effect(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "late_apply", "seconds": 30})
    await taobao.write("800", "801:-4", kind="2")
    await taobao.sell("801", 3)
    await taobao.control("POST", "/time", {"advance": 30})
    assert taobao.counter("801") == 0


# --- on and off sale ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code", "on_sale"),
    [
        ({"kind": "partial"}, 15, True),
        ({"kind": "partial", "applied": True}, 15, False),
        ({"kind": "partial", "error": ""}, 0, True),
        ({"kind": "throttle", "ids": ["800"]}, 7, True),
    ],
)
async def test_a_switch_may_be_refused(
    taobao: TaobaoDesk, fault: dict[str, Any], code: int, *, on_sale: bool
) -> None:
    await taobao.faults(fault)
    said = await taobao.ask(DELIST, num_iid="800")
    assert (said.refusal[0], taobao.state.on_sale("800")) == (code, on_sale)


async def test_a_refused_switch_is_logged_as_such(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "partial"})
    await taobao.ask(LIST, num_iid="900", num="9")
    call = taobao.rig.calls.calls[0]
    assert (call.listings, call.quantities, call.applied) == (("900",), (9,), [False])


# --- rows --------------------------------------------------------------------------------------------------


async def test_a_page_may_be_empty(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "empty"})
    said = await page(taobao)
    assert (said.holds["total_results"], rows(said)) == (0, [])


async def test_half_a_page_may_come(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "half_page"})
    said = await page(taobao)
    assert (said.holds["total_results"], len(rows(said))) == (3, 1)


async def test_a_page_may_not_be_had(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "half_page", "page": 2, "status": 500})
    first = await page(taobao)
    second = await taobao.ask(PAGE, fields="num_iid", page_no="2")
    assert (first.status, second.status) == (200, 500)


async def test_a_share_of_the_items_may_be_missing(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "drop_skus", "share": 1})
    assert rows(await page(taobao)) == []


async def test_rows_may_come_twice(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "duplicate_rows", "differ": True})
    assert [(row["num_iid"], row["num"]) for row in rows(await page(taobao))] == [
        (900, 4),
        (800, 15),
        (700, 8),
        (900, 5),
    ]


async def test_counters_of_items_may_be_no_numbers(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "bad_numbers"})
    assert rows(await page(taobao))[0]["num"] == "NaN"


async def test_counters_of_one_items_skus_may_be_no_numbers(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "bad_numbers", "lines": 2})
    said = await taobao.ask(SEVERAL, num_iids="800,700", fields="sku.quantity")
    shown = [[sku["quantity"] for sku in row["skus"]["sku"]] for row in rows(said)]
    assert shown == [["NaN", -7, 7], [8]]


async def test_counters_of_skus_may_be_no_numbers(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "bad_numbers", "value": None, "column": "with_hold_quantity"})
    said = await taobao.ask("taobao.item.skus.get", num_iids="700", fields="quantity,with_hold_quantity")
    assert said.holds["skus"]["sku"] == [{"quantity": 8, "with_hold_quantity": "NaN"}]


async def test_one_item_may_come_without_its_inside(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "half_page"})
    said = await taobao.ask("taobao.item.seller.get", num_iid="900", fields="num")
    assert "item" not in said.holds
