"""How the channel `douyin` writes counters and switches products, and what the answers mean."""

import json
from typing import Any

import httpx
import pytest

from syncd.domain.model import Action, Outcome
from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import pushed, write
from tests.unit.adapters.douyin_rig import (
    DETAIL,
    OFF,
    ON,
    PRODUCT,
    ROWS,
    SKU,
    Gateway,
    Script,
    product,
    refused,
)

DELTA = Action.DELTA


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def result(sku: int, code: object = 0, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {"uniq_id": str(sku), "sku_id": sku, "status_code": code, "status_message": "why"} | fields
    return {key: value for key, value in shown.items() if value is not ...}


def results(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"results": list(rows)}


def kinds(outcomes: list[Outcome]) -> list[Kind]:
    return [outcome.kind for outcome in outcomes]


# --- rows of any products ----------------------------------------------------------------------------------


async def test_rows_of_any_products_go_out_in_one_call(gateway: Gateway) -> None:
    gateway.on(ROWS, results(result(7), result(8)))
    found = await pushed(gateway.channel(), write("100:7", 5, key="k"), write("200:8", 0, key="l"))
    ((_, params),) = gateway.calls
    assert params.pop("idempotent_id")
    assert params == {
        "incremental": False,
        "items": [
            {"product_id": 100, "sku_id": 7, "stock_num": 5, "uniq_id": "7"},
            {"product_id": 200, "sku_id": 8, "stock_num": 0, "uniq_id": "8"},
        ],
    }
    assert kinds(found) == [Kind.DONE, Kind.DONE]


async def test_a_difference_is_incremental(gateway: Gateway) -> None:
    gateway.on(ROWS, results(result(7)))
    await pushed(gateway.channel(), write("100:7", -2, DELTA))
    params = gateway.calls[0][1]
    assert (params["incremental"], params["items"][0]["stock_num"]) == (True, -2)


async def test_one_key_of_two_listings_makes_two_calls_of_it(gateway: Gateway) -> None:
    gateway.on(SKU, {})
    for listing in ("100:7", "100:8", "100:7"):
        await pushed(gateway.channel(calls="sku"), write(listing, 1, DELTA, key="k" * 99 + "茶"))
    first, second, third = (params["idempotent_id"] for _, params in gateway.calls)
    assert (first == third, first == second, len(first), first.isascii()) == (True, False, 40, True)


async def test_the_same_writes_have_the_same_key_and_others_another(gateway: Gateway) -> None:
    gateway.on(ROWS, results())
    first, second, third = write("100:7", 1), write("200:8", 1), write("200:8", 2)
    for batch in ((first, second), (second, first), (first, third)):
        await pushed(gateway.channel(), *batch)
    keys = [params["idempotent_id"] for _, params in gateway.calls]
    assert (keys[0] == keys[1], keys[0] == keys[2], len(keys[0])) == (True, False, 40)


async def test_the_body_is_what_was_signed(gateway: Gateway) -> None:
    gateway.on(ROWS, results())
    await pushed(gateway.channel(), write("100:7", 1))
    (request,) = gateway.requests
    assert request.content.decode() == json.dumps(
        json.loads(request.content), sort_keys=True, separators=(",", ":")
    )
    assert dict(request.url.params) == {
        "app_key": "7000000000000000001",
        "method": "sku.syncStockBatchMultiProducts",
        "access_token": "test-token",
        "timestamp": "1795140000",
        "v": "2",
        "sign_method": "hmac-sha256",
        "sign": request.url.params["sign"],
    }
    assert request.headers["content-type"] == "application/json"


async def test_rows_are_judged_alone(gateway: Gateway) -> None:
    answer = results(result(10, -20002), result(9, -40003), result(8, -20001), result(7))
    gateway.on(ROWS, {"code": 10001, "msg": "partial", "data": answer})
    found = await pushed(gateway.channel(), *(write(f"100:{sku}", 1) for sku in (7, 8, 9, 10, 11)))
    assert kinds(found) == [Kind.DONE, Kind.REJECTED, Kind.NOT_FOUND, Kind.DUPLICATE, Kind.UNKNOWN]
    assert found[1].message == "status_code -20001 why"


@pytest.mark.parametrize("code", [-5000, -99999, None, "x", ..., True])
async def test_a_row_that_says_nothing_plain_is_unknown(gateway: Gateway, code: object) -> None:
    gateway.on(ROWS, results(result(7, code)))
    assert kinds(await pushed(gateway.channel(), write("100:7", 1))) == [Kind.UNKNOWN]


async def test_a_row_told_in_two_ways_is_unknown(gateway: Gateway) -> None:
    gateway.on(ROWS, results(result(7), result(7, -20001)))
    assert kinds(await pushed(gateway.channel(), write("100:7", 1))) == [Kind.UNKNOWN]


@pytest.mark.parametrize("fields", [{"uniq_id": ...}, {"uniq_id": ""}, {"uniq_id": "0"}, {"sku_id": ...}])
async def test_a_row_is_known_by_what_was_sent_or_by_its_sku(
    gateway: Gateway, fields: dict[str, Any]
) -> None:
    gateway.on(ROWS, results(result(7, **fields), result(8, -20001, **fields)))
    found = await pushed(gateway.channel(), write("100:7", 1), write("100:8", 1))
    assert kinds(found) == [Kind.DONE, Kind.REJECTED]


@pytest.mark.parametrize("answer", [{}, {"results": {}}, {"results": None}, [], None, {"results": [7]}])
async def test_an_answer_without_rows_leaves_the_writes_unknown(gateway: Gateway, answer: object) -> None:
    gateway.on(ROWS, {"code": 10000, "data": answer})
    try:
        found = kinds(await pushed(gateway.channel(), write("100:7", 1)))
    except PortError as error:
        found = [error.kind]
    assert found == [Kind.UNKNOWN]


async def test_a_known_call_of_several_rows_does_not_say_which_were_done(gateway: Gateway) -> None:
    gateway.on(ROWS, refused(50002, "isv.business-failed:-20002"))
    one = await pushed(gateway.channel(), write("100:7", 1))
    two = await pushed(gateway.channel(), write("100:7", 1), write("100:8", 1))
    assert (kinds(one), kinds(two)) == ([Kind.DUPLICATE], [Kind.UNKNOWN, Kind.UNKNOWN])


# --- SKUs of one product -----------------------------------------------------------------------------------


async def test_skus_of_one_product_go_out_as_the_document_shows(gateway: Gateway) -> None:
    gateway.on(PRODUCT, {})
    channel = gateway.channel(calls="product")
    found = await pushed(channel, write("100:7", 5), write("100:8", 0))
    params = gateway.calls[0][1]
    assert params.pop("idempotent_id")
    assert params == {
        "incremental": False,
        "product_id": 100,
        "sku_sync_list": [
            {"sku_id": 7, "sku_type": 0, "stock_num": 5},
            {"sku_id": 8, "sku_type": 0, "stock_num": 0},
        ],
    }
    assert kinds(found) == [Kind.DONE, Kind.DONE]


async def test_a_refused_call_of_several_skus_fails_as_a_whole(gateway: Gateway) -> None:
    gateway.on(PRODUCT, refused(50002, "isv.business-failed:2010012", "insufficient"))
    channel = gateway.channel(calls="product")
    with pytest.raises(PortError, match="2010012: insufficient") as caught:
        await pushed(channel, write("100:7", -5, DELTA), write("100:8", -1, DELTA))
    assert caught.value.kind is Kind.REJECTED


async def test_a_refused_call_of_one_sku_is_its_outcome(gateway: Gateway) -> None:
    gateway.on(PRODUCT, refused(50002, "isv.business-failed:2010058"))
    found = await pushed(gateway.channel(calls="product"), write("100:7", 1))
    assert kinds(found) == [Kind.NOT_FOUND]


async def test_a_known_call_of_one_product_was_done_whole(gateway: Gateway) -> None:
    gateway.on(PRODUCT, refused(50002, "isv.business-failed:2010021"))
    found = await pushed(gateway.channel(calls="product"), write("100:7", 1), write("100:8", 1))
    assert kinds(found) == [Kind.DUPLICATE, Kind.DUPLICATE]


@pytest.mark.parametrize("calls", ["product", "sku"])
async def test_a_part_of_what_is_done_whole_is_unknown(gateway: Gateway, calls: str) -> None:
    gateway.on(PRODUCT if calls == "product" else SKU, {"code": 10001, "data": {}})
    assert kinds(await pushed(gateway.channel(calls=calls), write("100:7", 1))) == [Kind.UNKNOWN]


# --- one SKU -----------------------------------------------------------------------------------------------


async def test_one_sku_goes_out_with_its_key(gateway: Gateway) -> None:
    gateway.on(SKU, {})
    found = await pushed(gateway.channel(calls="sku"), write("100:7", -3, DELTA))
    ((path, params),) = gateway.calls
    assert (path, bool(params.pop("idempotent_id"))) == (SKU, True)
    assert params == {"product_id": 100, "sku_id": 7, "stock_num": -3, "incremental": True}
    assert kinds(found) == [Kind.DONE]


@pytest.mark.parametrize(
    ("code", "sub_code", "kind"),
    [
        (40004, "isv.business-failed:5", Kind.NOT_FOUND),
        (40004, "isv.business-failed:40010", Kind.DUPLICATE),
        (40003, "isv.idempotent-id-existed", Kind.DUPLICATE),
        (40004, "isv.parameter-invalid:1", Kind.REJECTED),
        (50002, "isv.business-failed:2010012", Kind.REJECTED),
        (50002, "isv.business-failed:777", Kind.UNKNOWN),
        (50002, "isp.service-error:2010401", Kind.UNKNOWN),
    ],
)
async def test_a_refused_sku_has_an_outcome(gateway: Gateway, code: int, sub_code: str, kind: Kind) -> None:
    gateway.on(SKU, refused(code, sub_code))
    assert kinds(await pushed(gateway.channel(calls="sku"), write("100:7", 1, DELTA))) == [kind]


@pytest.mark.parametrize("answer", [{"code": 10000, "data": None}, {"err_no": 0, "message": "", "data": {}}])
async def test_a_success_needs_no_more_than_its_code(gateway: Gateway, answer: dict[str, Any]) -> None:
    gateway.on(SKU, answer)
    assert kinds(await pushed(gateway.channel(calls="sku"), write("100:7", 1))) == [Kind.DONE]


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"null", b'"code"', b"", b"<html>", b'{"data":{}}', b'{"code":10000']
)
async def test_an_answer_without_a_code_is_no_success(gateway: Gateway, body: bytes) -> None:
    gateway.on(SKU, body)
    with pytest.raises(PortError) as caught:
        await pushed(gateway.channel(calls="sku"), write("100:7", 1))
    assert (caught.value.kind, caught.value.sent) == (Kind.UNKNOWN, True)


# --- what is no call ---------------------------------------------------------------------------------------


async def test_nothing_to_write_needs_no_call(gateway: Gateway) -> None:
    assert await pushed(gateway.channel()) == []


@pytest.mark.parametrize("listing", ["7", "100:", ":7", "100:7:8", "１00:7", "100:" + "9" * 21, "a:b"])
async def test_an_id_that_is_not_ours_is_refused_without_a_call(gateway: Gateway, listing: str) -> None:
    found = await pushed(gateway.channel(), write(listing, 1), write("100:7", 1))
    assert (kinds(found), gateway.calls) == ([Kind.REJECTED, Kind.REJECTED], [])


@pytest.mark.parametrize(
    ("settings", "count", "product_ids"),
    [({}, 51, "100"), ({"calls": "sku"}, 2, "100"), ({"calls": "product"}, 2, "100,200")],
)
async def test_more_than_a_call_carries_is_a_mistake(
    gateway: Gateway, settings: dict[str, Any], count: int, product_ids: str
) -> None:
    names = product_ids.split(",")
    writes = [write(f"{names[n % len(names)]}:{n}", 1) for n in range(count)]
    with pytest.raises(ValueError, match="a call carries"):
        await pushed(gateway.channel(**settings), *writes)


async def test_two_actions_are_no_call(gateway: Gateway) -> None:
    with pytest.raises(ValueError, match="one action"):
        await pushed(gateway.channel(), write("100:7", 1), write("100:8", 1, DELTA))


# --- on and off sale ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "path"), [(Action.DELIST, OFF), (Action.RELIST, ON)])
async def test_a_product_is_switched_once_for_all_its_listings(
    gateway: Gateway, action: Action, path: str
) -> None:
    gateway.on(path, {})
    channel = gateway.channel(calls="product")
    found = await pushed(channel, write("100:7", 0, action), write("100:8", 0, action))
    assert (gateway.calls, kinds(found)) == ([(path, {"product_id": 100})], [Kind.DONE, Kind.DONE])


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        (Action.DELIST, 1, Kind.DONE),
        (Action.RELIST, 0, Kind.DONE),
        (Action.DELIST, 0, Kind.UNKNOWN),
        (Action.RELIST, None, Kind.UNKNOWN),
    ],
)
async def test_a_refused_switch_is_done_if_it_was_so_already(
    gateway: Gateway, action: Action, status: int | None, kind: Kind
) -> None:
    gateway.on(OFF, refused(50002, "isv.business-failed:12"))
    gateway.on(ON, refused(50002, "isv.business-failed:12"))
    gateway.on(DETAIL, product(status=status))
    assert kinds(await pushed(gateway.channel(), write("100:7", 0, action))) == [kind]


async def test_a_refused_switch_stands_where_the_product_cannot_be_read(gateway: Gateway) -> None:
    gateway.on(OFF, refused(40004, "isv.parameter-invalid:1"))
    gateway.on(DETAIL, refused(60000))
    assert kinds(await pushed(gateway.channel(), write("100:7", 0, Action.DELIST))) == [Kind.REJECTED]


async def test_a_product_that_is_gone_cannot_be_switched(gateway: Gateway) -> None:
    gateway.on(OFF, refused(50002, "isv.business-failed:2010042"))
    found = await pushed(gateway.channel(), write("100:7", 0, Action.DELIST))
    assert (kinds(found), len(gateway.calls)) == ([Kind.NOT_FOUND], 1)


async def test_a_switch_that_may_not_be_made_fails_as_a_whole(gateway: Gateway) -> None:
    gateway.on(ON, Script([refused(30001, "isv.app-permissions-insufficient"), httpx.Response(502)]))
    seen = []
    for _ in range(2):
        with pytest.raises(PortError) as caught:
            await pushed(gateway.channel(), write("100:7", 0, Action.RELIST))
        seen.append(caught.value.kind)
    assert seen == [Kind.PERMISSION, Kind.UNKNOWN]
