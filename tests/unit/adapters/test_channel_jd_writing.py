"""How the channel `jd` writes: what the call holds, and what its answer says of each row."""

import json
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from syncd.adapters.wire.jd import sign
from syncd.domain.model import Action, Outcome
from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import pushed
from tests.unit.adapters.jd_rig import (
    SET,
    SWITCH,
    WARES,
    Gateway,
    done,
    failed,
    page,
    refused,
    ware,
    write,
    wrote,
)

OFF, ON = Action.DELIST, Action.RELIST


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def kinds(outcomes: list[Outcome]) -> list[Kind]:
    return [outcome.kind for outcome in outcomes]


async def failure(gateway: Gateway, *listings: str, **settings: Any) -> PortError:  # noqa: ANN401
    with pytest.raises(PortError) as caught:
        await pushed(gateway.channel(**settings), *(write(listing, 7) for listing in listings))
    return caught.value


# --- the call ----------------------------------------------------------------------------------------------


async def test_a_call_is_signed_whole_with_its_business_in_the_form(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(7)))
    await pushed(gateway.channel(), write("7", 3))
    (request,) = gateway.requests
    query, form = dict(request.url.params), dict(parse_qsl(request.content.decode()))
    signature = query.pop("sign")
    assert signature == sign(query | form, secret="planted-secret")
    assert list(form) == ["360buy_param_json"]
    assert (request.method, request.url.path, query["access_token"]) == (
        "POST",
        "/routerjson",
        "planted-token",
    )


async def test_counters_of_any_wares_go_in_one_call(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(7), done(8)))
    await pushed(gateway.channel(), write("7", 3), write("8", 0, item="200"))
    (asked,) = gateway.asked(SET)
    assert asked["req"]["updateModel"] == "fullStockIn"
    assert asked["req"]["skuStocks"] == [{"skuId": 7, "stockNum": 3}, {"skuId": 8, "stockNum": 0}]


async def test_a_difference_keeps_its_sign(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(7), done(8)))
    await pushed(gateway.channel(), write("7", -3, Action.DELTA), write("8", 2, Action.DELTA))
    (asked,) = gateway.asked(SET)
    assert asked["req"]["updateModel"] == "incrStockIn"
    assert asked["req"]["skuStocks"] == [{"skuId": 7, "incrStockNum": -3}, {"skuId": 8, "incrStockNum": 2}]


async def test_a_partition_warehouse_is_named_in_each_row(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(7)))
    await pushed(gateway.channel(store_id=4), write("7", 3))
    assert gateway.asked(SET)[0]["req"]["skuStocks"] == [{"skuId": 7, "stockNum": 3, "storeId": 4}]


async def test_ids_of_64_bits_are_bare_numbers(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(2**62)))
    await pushed(gateway.channel(), write(str(2**62), 3))
    form = dict(parse_qsl(gateway.requests[0].content.decode()))
    assert f'"skuId":{2**62},' in form["360buy_param_json"]


async def test_a_single_write_goes_under_its_own_key(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(7)))
    await pushed(gateway.channel(), write("7", 3, key="0123abcd"))
    assert gateway.asked(SET)[0]["req"]["stockRfId"] == "0123abcd"


async def test_several_writes_have_the_same_code_when_they_are_sent_again(gateway: Gateway) -> None:
    gateway.on(SET, wrote())
    channel = gateway.channel()
    for writes in (("7", "8"), ("7", "8"), ("8", "9")):
        await pushed(channel, *(write(listing, 3) for listing in writes))
    first, again, other = (asked["req"]["stockRfId"] for asked in gateway.asked(SET))
    assert (first == again, first == other, len(first)) == (True, False, 32)


async def test_nothing_to_write_makes_no_call(gateway: Gateway) -> None:
    assert await pushed(gateway.channel()) == []
    assert gateway.calls == []


async def test_an_id_that_is_none_of_jd_is_not_sent_and_stops_no_other(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(7)))
    outcomes = await pushed(gateway.channel(), write("x", 1), write("7", 3), write("７", 3))
    assert kinds(outcomes) == [Kind.REJECTED, Kind.DONE, Kind.REJECTED]
    assert len(gateway.asked(SET)[0]["req"]["skuStocks"]) == 1


async def test_only_ids_that_are_none_of_jd_make_no_call(gateway: Gateway) -> None:
    assert kinds(await pushed(gateway.channel(), write("x", 1))) == [Kind.REJECTED]
    assert gateway.calls == []


@pytest.mark.parametrize(
    ("settings", "most"), [({}, 30), ({"keyed_calls": True}, 1)], ids=["thirty", "one with a key"]
)
async def test_more_lines_than_the_traits_say_are_no_call(
    gateway: Gateway, settings: dict[str, Any], most: int
) -> None:
    channel = gateway.channel(**settings)
    assert channel.traits.max_batch == most
    with pytest.raises(ValueError, match="no more lines"):
        await pushed(channel, *(write(str(n), 1) for n in range(most + 1)))


async def test_two_kinds_of_writes_are_no_call(gateway: Gateway) -> None:
    with pytest.raises(ValueError, match="one action"):
        await pushed(gateway.channel(), write("7", 1), write("8", 1, Action.DELTA))


# --- rows of the answer ------------------------------------------------------------------------------------


async def test_rows_fail_inside_an_answer_that_says_success(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(7), failed(8), done(9)))
    outcomes = await pushed(gateway.channel(), write("7", 1), write("8", 1), write("9", 1))
    assert outcomes == [
        Outcome(kind=Kind.DONE),
        Outcome(kind=Kind.REJECTED, message="库存不足"),
        Outcome(kind=Kind.DONE),
    ]


async def test_rows_may_come_in_any_order_and_ids_as_texts(gateway: Gateway) -> None:
    gateway.on(SET, wrote(failed(9) | {"data": "9"}, done(7) | {"success": "true"}))
    assert kinds(await pushed(gateway.channel(), write("7", 1), write("9", 1))) == [Kind.DONE, Kind.REJECTED]


@pytest.mark.parametrize("rows", [[], None])
async def test_rows_that_are_not_named_are_unknown(gateway: Gateway, rows: object) -> None:
    answer = wrote()
    answer["returnType"]["obj"]["updateStockResult"] = rows
    gateway.on(SET, answer)
    assert kinds(await pushed(gateway.channel(), write("7", 1))) == [Kind.UNKNOWN]


async def test_rows_that_are_not_among_those_that_failed_may_be_taken_for_written(gateway: Gateway) -> None:
    gateway.on(SET, wrote(failed(8)))
    outcomes = await pushed(gateway.channel(unlisted_is_done=True), write("7", 1), write("8", 1))
    assert kinds(outcomes) == [Kind.DONE, Kind.REJECTED]


async def test_a_row_that_is_missing_among_written_ones_is_unknown_in_any_case(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(8)))
    outcomes = await pushed(gateway.channel(unlisted_is_done=True), write("7", 1), write("8", 1))
    assert kinds(outcomes) == [Kind.UNKNOWN, Kind.DONE]


async def test_a_row_that_is_named_twice_and_differently_is_unknown(gateway: Gateway) -> None:
    gateway.on(SET, wrote(done(7), failed(7)))
    assert kinds(await pushed(gateway.channel(), write("7", 1))) == [Kind.UNKNOWN]


async def test_a_row_that_does_not_say_whether_it_was_written_is_unknown(gateway: Gateway) -> None:
    gateway.on(SET, wrote({"data": 7}))
    assert kinds(await pushed(gateway.channel(), write("7", 1))) == [Kind.UNKNOWN]


async def test_a_single_row_of_a_call_that_failed_is_rejected_with_its_reason(gateway: Gateway) -> None:
    gateway.on(SET, wrote(success=False, reason="sku不存在"))
    assert await pushed(gateway.channel(), write("7", 1)) == [
        Outcome(kind=Kind.REJECTED, message="sku不存在")
    ]


async def test_a_call_that_failed_may_have_written_the_rows_that_it_does_not_name(gateway: Gateway) -> None:
    gateway.on(SET, wrote(failed(8), success=False, reason="部分失败"))
    outcomes = await pushed(gateway.channel(), write("7", 1), write("8", 1))
    assert outcomes == [
        Outcome(kind=Kind.UNKNOWN, message="部分失败"),
        Outcome(kind=Kind.REJECTED, message="库存不足"),
    ]


async def test_what_a_failed_row_means_can_be_set_by_its_words(gateway: Gateway) -> None:
    gateway.on(SET, wrote(failed(7, "sku已删除")))
    channel = gateway.channel(errors={"sku已删除": Kind.NOT_FOUND})
    assert kinds(await pushed(channel, write("7", 1))) == [Kind.NOT_FOUND]


async def test_words_about_a_row_are_masked_and_cut(gateway: Gateway) -> None:
    gateway.on(SET, wrote(failed(7, f"planted-token {'x' * 900}")))
    (outcome,) = await pushed(gateway.channel(), write("7", 1))
    assert (outcome.message[:5], len(outcome.message)) == ("*** x", 300)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"returnType": None},
        {"returnType": {"success": True, "obj": []}},
        {"returnType": {"success": True, "obj": {"updateStockResult": {"data": 7}}}},
        {"returnType": {"success": True, "obj": {"updateStockResult": [7]}}},
        {"returnType": {"success": True, "obj": {"updateStockResult": [{"data": 7.0, "success": True}]}}},
        b"<html></html>",
        b"",
        b"[]",
        b'{"jingdong_ware_stock_sku_set_responce": []}',
        httpx.Response(502, content=b"<html></html>"),
    ],
)
async def test_an_answer_that_is_not_understood_may_have_been_a_yes(
    gateway: Gateway,
    answer: Any,  # noqa: ANN401
) -> None:
    gateway.on(SET, answer)
    error = await failure(gateway, "7")
    assert (error.kind, error.sent) == (Kind.UNKNOWN, True)


@pytest.mark.parametrize("result", [{"success": "maybe", "obj": {}}, {"success": True, "obj": None}])
async def test_an_answer_without_a_plain_yes_leaves_its_rows_unknown(
    gateway: Gateway, result: dict[str, Any]
) -> None:
    gateway.on(SET, {"returnType": result})
    assert kinds(await pushed(gateway.channel(), write("7", 1))) == [Kind.UNKNOWN]


# --- refused calls -----------------------------------------------------------------------------------------


async def test_a_refused_call_of_one_line_is_that_lines_outcome(gateway: Gateway) -> None:
    gateway.on(SET, refused("60", "Parameter Error"))
    (outcome,) = await pushed(gateway.channel(), write("7", 1))
    assert (outcome.kind, outcome.message) == (Kind.REJECTED, "code 60: Parameter Error 原因")


async def test_a_refused_call_of_several_lines_fails_as_a_whole(gateway: Gateway) -> None:
    gateway.on(SET, refused("71"))
    assert (await failure(gateway, "7", "8")).kind is Kind.NOT_FOUND


@pytest.mark.parametrize(("code", "kind"), [("2", Kind.THROTTLED), ("65", Kind.UNKNOWN), (1, Kind.UNKNOWN)])
async def test_a_refusal_of_the_gateway_fails_the_call(gateway: Gateway, code: object, kind: Kind) -> None:
    gateway.on(SET, refused(code))
    assert (await failure(gateway, "7")).kind is kind


async def test_a_refusal_may_stand_inside_the_answer(gateway: Gateway) -> None:
    gateway.on(SET, {"code": "24", "en_desc": "No Right"})
    error = await failure(gateway, "7")
    assert (error.kind, "No Right" in str(error)) == (Kind.PERMISSION, True)


async def test_a_status_of_the_gateway_itself_goes_by_what_it_says(gateway: Gateway) -> None:
    gateway.on(SET, httpx.Response(403, content=json.dumps(refused("19")).encode()))
    assert (await failure(gateway, "7")).kind is Kind.AUTH_EXPIRED


async def test_a_page_that_is_not_there_is_a_wrong_url(gateway: Gateway) -> None:
    gateway.on(SET, httpx.Response(404, content=b"no"))
    assert (await failure(gateway, "7")).kind is Kind.REJECTED


# --- on and off sale ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "kind"), [(ON, 1), (OFF, 2)])
async def test_a_ware_is_put_on_sale_and_taken_off(gateway: Gateway, action: Action, kind: int) -> None:
    gateway.on(SWITCH, {"success": True})
    assert kinds(await pushed(gateway.channel(), write("7", action=action))) == [Kind.DONE]
    assert gateway.asked(SWITCH) == [{"wareId": 100, "opType": kind}]


async def test_the_words_for_on_and_off_can_be_set(gateway: Gateway) -> None:
    gateway.on(SWITCH, {"success": True})
    await pushed(gateway.channel(put_off="down"), write("7", action=OFF))
    assert gateway.asked(SWITCH)[0]["opType"] == "down"


async def test_one_ware_goes_on_or_off_sale_in_a_call(gateway: Gateway) -> None:
    channel = gateway.channel()
    assert (channel.traits.max_batch_listing, channel.traits.unlists) == (1, "item")
    with pytest.raises(ValueError, match="no more lines"):
        await pushed(channel, write("7", action=OFF), write("8", action=OFF))


async def test_an_item_that_is_no_ware_is_not_sent(gateway: Gateway) -> None:
    outcomes = await pushed(gateway.channel(), write("7", action=OFF, item="x"))
    assert (kinds(outcomes), gateway.calls) == ([Kind.REJECTED], [])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"success": False, "message": "no"}, Kind.REJECTED),
        ({}, Kind.UNKNOWN),
        ({"success": "perhaps"}, Kind.UNKNOWN),
        (refused("60"), Kind.REJECTED),
        (refused("71"), Kind.NOT_FOUND),
    ],
)
async def test_a_switch_may_not_be_done(gateway: Gateway, answer: dict[str, Any], kind: Kind) -> None:
    gateway.on(SWITCH, answer)
    gateway.on(WARES, page(ware(wareStatus=8)))
    assert kinds(await pushed(gateway.channel(), write("7", action=OFF))) == [kind]


@pytest.mark.parametrize("answer", [{"success": False}, refused("60")])
async def test_a_ware_that_is_off_already_is_done(gateway: Gateway, answer: dict[str, Any]) -> None:
    gateway.on(SWITCH, answer)
    gateway.on(WARES, page(ware(wareStatus=2)))
    (outcome,) = await pushed(gateway.channel(), write("7", action=OFF))
    assert (outcome.kind, outcome.message) == (Kind.DONE, "it was so already")


@pytest.mark.parametrize("name", ["errorMessage", "message"])
async def test_a_refused_switch_stays_refused_where_nothing_can_be_read(gateway: Gateway, name: str) -> None:
    gateway.on(SWITCH, {"success": False, name: "违规下架"})
    gateway.on(WARES, refused("65"))
    outcomes = await pushed(gateway.channel(), write("7", action=ON))
    assert outcomes == [Outcome(kind=Kind.REJECTED, message="违规下架")]


async def test_a_switch_that_the_gateway_refuses_fails_as_a_call(gateway: Gateway) -> None:
    gateway.on(SWITCH, refused("2"))
    with pytest.raises(PortError) as caught:
        await pushed(gateway.channel(), write("7", action=OFF))
    assert caught.value.kind is Kind.THROTTLED
