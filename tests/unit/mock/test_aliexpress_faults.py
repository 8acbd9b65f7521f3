"""Each fault of the plan as AliExpress shows it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.unit.mock.aliexpress_desk import OFF, ONE_SKU, AliexpressDesk, Said, opened_desk

MUG, LAMP = "800/14:1", "900"


@pytest.fixture
async def ali() -> AsyncIterator[AliexpressDesk]:
    async with opened_desk() as desk:
        yield desk


async def lower(ali: AliexpressDesk) -> Said:
    return await ali.write({"800": {"A-1": 1}, "900": {"B": 2}})


def rows(said: Said, which: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said.holds.get(f"update_{which}_list", {}).get(
        "synchronize_product_response_dto", []
    )
    return found


# --- the whole call ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "throttle"}, "AppCallLimit"),
        ({"kind": "throttle", "retry_after": 3}, "ApiCallLimit"),
        ({"kind": "throttle", "ids": [LAMP]}, "AppCallLimit"),
        ({"kind": "throttle", "lines": 1}, "AppCallLimit"),
        ({"kind": "server_error"}, "ServiceUnavailable"),
        ({"kind": "server_error", "status": 403}, "InsufficientPermission"),
        ({"kind": "token_expired"}, "IllegalAccessToken"),
        ({"kind": "token_revoked"}, "IllegalAccessToken"),
        ({"kind": "partial", "error": "permission"}, "InsufficientPermission"),
        ({"kind": "partial", "error": "throttled"}, "AppCallLimit"),
    ],
)
async def test_a_refusing_fault_answers_200_and_writes_no_struck_product(
    ali: AliexpressDesk, fault: dict[str, Any], code: str
) -> None:
    await ali.faults(fault)
    said = await lower(ali)
    assert (said.status, said.code, ali.counters(MUG)) == (200, code, [5])


async def test_an_expired_token_differs_from_a_revoked_one_only_in_its_text(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "token_expired"}, {"kind": "token_revoked", "after": 1})
    assert [(await lower(ali)).body["message"] for _ in range(2)] == [
        "the access token has expired, refresh it",
        "the access token is invalid, the seller must authorize the app",
    ]


async def test_a_server_error_may_come_after_the_write(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "server_error", "applied": True})
    said = await lower(ali)
    assert (said.code, ali.counters(MUG, LAMP)) == ("ServiceTimeout", [1, 2])


async def test_a_proxy_answers_with_a_page_and_a_wait(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "server_error", "status": 503, "retry_after": 1.5})
    said = await lower(ali)
    assert (said.status, said.text[:6]) == (503, "<html>")


# --- products of a call ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [("rejected", "REJECTED"), ("not_found", "PRODUCT_NOT_FOUND"), ("unknown", "16009999")],
)
async def test_one_product_may_be_refused(ali: AliexpressDesk, error: str, code: str) -> None:
    await ali.faults({"kind": "partial", "error": error, "ids": [LAMP]})
    said = await lower(ali)
    assert [row["error_code"] for row in rows(said, "failed")] == [code]
    assert [row["product_id"] for row in rows(said, "successful")] == [800]
    assert ali.counters(MUG, LAMP) == [1, 4]


async def test_a_refused_product_may_have_been_written(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "partial", "applied": True, "ids": [LAMP]})
    said = await lower(ali)
    assert (len(rows(said, "failed")), ali.counters(LAMP)) == (1, [2])


@pytest.mark.parametrize(("applied", "left"), [(False, [5, 2]), (True, [1, 2])])
async def test_a_product_may_be_left_out_of_an_answer_that_is_called_a_success(
    ali: AliexpressDesk, *, applied: bool, left: list[int]
) -> None:
    await ali.faults({"kind": "partial", "error": "", "applied": applied})
    said = await lower(ali)
    assert said.holds["update_success"] is True
    assert [row["product_id"] for row in rows(said, "successful")] == [900]
    assert ali.counters(MUG, LAMP) == left


async def test_a_single_write_may_stay_without_a_result(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "partial", "error": ""})
    said = await ali.ask(ONE_SKU, product_id="900", sku_id="<none>", ipm_sku_stock="1")
    assert ("result" in said.holds, ali.counters(LAMP)) == (False, [4])


async def test_a_write_may_take_effect_later(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "late_apply", "seconds": 10, "ids": [LAMP]})
    said = await lower(ali)
    assert (said.holds["update_success"], ali.counters(MUG, LAMP)) == (True, [1, 4])
    await ali.control("POST", "/time", {"advance": 10})
    assert ali.counters(LAMP) == [2]


@pytest.mark.parametrize(
    ("fault", "count", "on_sale"),
    [
        ({"error": "rejected"}, 1, True),
        ({"error": "rejected", "applied": True}, 1, False),
        ({"error": ""}, 1, True),
        ({"error": "", "applied": True}, 1, False),
    ],
)
async def test_one_product_of_several_may_not_go_off_sale(
    ali: AliexpressDesk, fault: dict[str, Any], count: int, *, on_sale: bool
) -> None:
    await ali.faults({"kind": "partial", "ids": ["800"]} | fault)
    said = await ali.ask(OFF, product_ids="800;900")
    assert (said.result["success"], said.result["modify_count"]) == (True, count)
    assert ali.state.listings[MUG].on_sale is on_sale


async def test_a_limit_strikes_those_who_go_off_sale_too(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "throttle", "ids": ["800"]})
    assert (await ali.ask(OFF, product_ids="800;900")).code == "AppCallLimit"


# --- answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lost_reply", "cut_body"])
async def test_a_reply_may_be_lost_after_the_write(ali: AliexpressDesk, kind: str) -> None:
    await ali.faults({"kind": kind})
    with pytest.raises(aiohttp.ClientError):
        await lower(ali)
    assert ali.counters(MUG) == [1]


@pytest.mark.parametrize(("applied", "left"), [(False, 5), (True, 1)])
async def test_a_connection_may_be_reset(ali: AliexpressDesk, *, applied: bool, left: int) -> None:
    await ali.faults({"kind": "reset", "applied": applied})
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await lower(ali)
    assert ali.counters(MUG) == [left]


async def test_an_answer_may_be_garbage(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "garbage", "body": "<html>"})
    async with ali.session.post(f"{ali.url}/sync", data=ali.signed(method=ONE_SKU)) as response:
        assert await response.text() == "<html>"


async def test_a_call_may_be_held(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "delay"})
    asked = asyncio.create_task(lower(ali))
    await ali.rig.calls.reached(held=1)
    assert ali.counters(MUG) == [5]
    ali.rig.release()
    await asked
    assert ali.counters(MUG) == [1]
