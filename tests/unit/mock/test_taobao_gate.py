"""What the gateway of the Taobao mock lets in, and what it answers otherwise."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from syncd.mock.taobao import GATEWAY, TopSettings, signature, signed_text
from tests.unit.mock.taobao_desk import TWO, TaobaoDesk, opened_desk

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data" / "mock_taobao" / "signing.json").read_text(encoding="utf-8")
)
READ = "taobao.items.onsale.get"


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    async with opened_desk() as desk:
        yield desk


async def read(taobao: TaobaoDesk, **params: str | None) -> tuple[int, str]:
    """Read a page and return the refusal, (0, "") where there was none."""
    return (await taobao.ask(READ, fields="num_iid", **params)).refusal


# --- signatures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_call_is_signed_as_the_vectors_say(vector: dict[str, Any]) -> None:
    assert signature(vector["params"], vector["secret"]) == vector["expected"]


@pytest.mark.parametrize("method", ["hmac", "hmac-sha256"])
def test_only_md5_wraps_the_text_in_the_secret(method: str) -> None:
    vector = next(entry for entry in VECTORS if entry["params"]["sign_method"] == method)
    assert signed_text(vector["params"]) == vector["string_to_sign"]


def test_empty_values_and_the_signature_itself_are_not_signed() -> None:
    assert signed_text({"b": "2", "a": "", "sign": "X", "a1": "1", "B": "3"}) == "B3a11b2"


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
async def test_all_three_methods_are_let_in(taobao: TaobaoDesk, method: str) -> None:
    assert await read(taobao, sign_method=method, q="茶 & +") == (0, "")


async def test_a_call_by_get_is_let_in(taobao: TaobaoDesk) -> None:
    params = taobao.signed(READ, fields="num_iid", q="茶")
    async with taobao.session.get(taobao.url + GATEWAY, params=params) as response:
        assert (await response.json())["items_onsale_get_response"]["total_results"] == 1


async def test_a_signature_of_another_text_is_invalid(taobao: TaobaoDesk) -> None:
    form = taobao.signed(TWO, num_iid="800", skuid_quantities="801:1") | {"skuid_quantities": "801:9"}
    said = await taobao.post(form)
    assert (said.status, said.refusal, said.error["msg"]) == (200, (25, ""), "Invalid signature")


async def test_a_call_with_a_wrong_signature_changes_nothing(taobao: TaobaoDesk) -> None:
    await taobao.ask(TWO, num_iid="800", skuid_quantities="801:9", sign="0" * 64)
    assert taobao.counter("801") == 5


async def test_a_signature_in_small_letters_is_invalid(taobao: TaobaoDesk) -> None:
    form = taobao.signed(READ, fields="num_iid")
    assert (await taobao.post(form | {"sign": form["sign"].lower()})).refusal == (25, "")


async def test_an_unknown_method_of_signing_is_an_invalid_signature(taobao: TaobaoDesk) -> None:
    assert await read(taobao, sign_method="sha1", sign="") == (24, "")
    assert await read(taobao, sign_method="sha1", sign="00") == (25, "")


# --- what must be there ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("method", 21),
        ("app_key", 28),
        ("timestamp", 30),
        ("v", 32),
        ("sign", 24),
        ("session", 26),
        ("sign_method", 40),
    ],
)
async def test_what_is_missing_is_named_by_its_code(taobao: TaobaoDesk, name: str, code: int) -> None:
    form = taobao.signed(READ, fields="num_iid")
    form.pop(name)
    if name == "session":
        form["sign"] = signature(form, "mock-secret")
    assert (await taobao.post(form)).refusal[0] == code


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"method": "taobao.item.get"}, 22),
        ({"app_key": "other"}, 29),
        ({"v": "1.0"}, 34),
        ({"session": "other"}, 27),
    ],
)
async def test_what_is_wrong_is_named_by_its_code(
    taobao: TaobaoDesk, params: dict[str, str], code: int
) -> None:
    form = taobao.signed(**{"method": READ, "fields": "num_iid"} | params)
    assert (await taobao.post(form)).refusal[0] == code


async def test_an_unknown_format_is_answered_in_xml(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(READ, fields="num_iid", format="yaml")
    assert "<code>23</code>" in said.text


async def test_another_verb_than_get_and_post_is_not_allowed(taobao: TaobaoDesk) -> None:
    said = await taobao.post(taobao.signed(READ, fields="num_iid"), verb="PUT")
    assert "<code>9</code>" in said.text


async def test_a_parameter_that_stands_twice_spoils_the_call(taobao: TaobaoDesk) -> None:
    form = FormData([("method", READ), ("method", READ)])
    async with taobao.session.post(taobao.url + GATEWAY, data=form) as response:
        assert "<code>41</code>" in await response.text()


@pytest.mark.parametrize("body", [b"method=\xff", b"method=%FF"])
async def test_what_is_not_utf_8_spoils_the_call(taobao: TaobaoDesk, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with taobao.session.post(taobao.url + GATEWAY, data=body, headers=headers) as response:
        assert "<code>41</code>" in await response.text()


# --- time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["2026-01-01 07:50:00", "2026-01-01 08:10:00", "1767225600000"])
async def test_a_time_of_at_most_ten_minutes_off_is_let_in(taobao: TaobaoDesk, when: str) -> None:
    assert await read(taobao, timestamp=when) == (0, "")


@pytest.mark.parametrize(
    "when",
    [
        "2026-01-01 07:49:59",
        "2026-01-01 08:10:01",
        "2026-01-01 00:00:00",
        "2026-1-1 8:00:00",
        "1767225600",
        "1767239600000",
        "soon",
    ],
)
async def test_any_other_time_is_invalid(taobao: TaobaoDesk, when: str) -> None:
    assert await read(taobao, timestamp=when) == (31, "")


# --- session, package, rate --------------------------------------------------------------------------------


async def test_a_session_ends_at_its_time(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"top": {"session_until": "2026-01-01T00:00:01Z"}})
    before = await read(taobao)
    await taobao.control("POST", "/time", {"advance": 1})
    assert (before, await read(taobao)) == ((0, ""), (27, "session-expired"))


async def test_a_renewed_session_is_let_in(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"settings": {"token": "fresh"}})
    assert [await read(taobao), await read(taobao, session="fresh")] == [(27, "invalid-sessionkey"), (0, "")]


async def test_methods_of_orders_need_a_package(taobao: TaobaoDesk) -> None:
    taobao.state.top = TopSettings(order_package=False)
    said = await taobao.ask("taobao.trades.sold.increment.get", fields="tid")
    assert said.refusal == (11, "isv.permission-api-package-limit")


async def test_a_method_may_be_denied(taobao: TaobaoDesk) -> None:
    taobao.state.top = TopSettings(denied=(TWO,))
    said = await taobao.write("800", "801:1")
    assert (said.refusal[0], taobao.counter("801")) == (11, 5)


async def test_calls_above_the_rate_are_limited_until_the_clock_moves(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"settings": {"rate": 0.5, "burst": 2}})
    codes = [(await read(taobao))[0] for _ in range(3)]
    await taobao.control("POST", "/time", {"advance": 2})
    assert (codes, (await read(taobao))[0]) == ([0, 0, 7], 0)


async def test_a_limited_call_says_how_long_the_ban_lasts(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"settings": {"rate": 0.25}})
    await read(taobao)
    error = (await taobao.ask(READ, fields="num_iid")).error
    assert (error["sub_code"], error["sub_msg"]) == (
        "accesscontrol.limited-by-app-access-count",
        "This ban will last for 4 more seconds",
    )


async def test_a_call_that_is_kept_out_takes_nothing_from_the_rate(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"settings": {"rate": 0.5}})
    await read(taobao, sign="00")
    assert await read(taobao) == (0, "")


# --- how it answers ----------------------------------------------------------------------------------------


async def test_an_answer_without_a_format_is_xml(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(
        "taobao.item.seller.get", num_iid="700", fields="num_iid,title,sku.sku_id", format=None
    )
    assert said.text == (
        '<?xml version="1.0" encoding="utf-8" ?><item_seller_get_response><item><num_iid>700</num_iid>'
        "<title>茶杯 &amp; 茶</title><skus><sku><sku_id>701</sku_id></sku></skus></item>"
        "<request_id>mock000000000001</request_id></item_seller_get_response>"
    )


async def test_an_error_carries_a_request_id(taobao: TaobaoDesk) -> None:
    said = await taobao.ask("taobao.item.get")
    assert said.body == {
        "error_response": {"code": 22, "msg": "Invalid Method", "request_id": "mock000000000001"}
    }


async def test_a_simplified_answer_wraps_no_lists(taobao: TaobaoDesk) -> None:
    said = await taobao.ask("taobao.items.seller.list.get", num_iids="900", fields="num_iid", simplify="true")
    assert said.holds["items"] == [{"num_iid": 900}]


async def test_the_secrets_are_in_no_repr(taobao: TaobaoDesk) -> None:
    assert "mock-secret" not in repr(taobao.state.top) + repr(taobao.state.settings)
