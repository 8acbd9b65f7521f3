"""What the gateway of the JD mock lets in, and what it answers otherwise."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from syncd.mock.jd import GATEWAY, signature, signed_text
from tests.unit.mock.jd_desk import BUSINESS, QUERY, SEARCH, JdDesk, opened_desk

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "vectors" / "jd.json").read_text(encoding="utf-8"))
SHOP = "jingdong.vender.shop.query"


@pytest.fixture
async def jd() -> AsyncIterator[JdDesk]:
    async with opened_desk() as desk:
        yield desk


async def ask(jd: JdDesk, **system: str | None) -> int:
    return (await jd.ask(SHOP, None, **system)).code


# --- signatures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_call_is_signed_as_the_vectors_say(vector: dict[str, Any]) -> None:
    assert signature(vector["params"], vector["secret"]) == vector["expected"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_the_text_to_sign_is_that_of_the_vectors(vector: dict[str, Any]) -> None:
    assert signed_text(vector["params"], vector["secret"]) == vector["string_to_sign"]


def test_empty_values_and_the_signature_itself_are_not_signed() -> None:
    assert signed_text({"b": "2", "a": "", "sign": "X", BUSINESS: "{}"}, "s") == f"s{BUSINESS}{{}}b2s"


async def test_an_answer_is_framed_with_the_platforms_spelling(jd: JdDesk) -> None:
    said = await jd.ask(SHOP)
    assert said.body == {
        "jingdong_vender_shop_query_responce": {
            "code": "0",
            "shop_jos_result": {"shop_id": 90001, "vender_id": 80001, "shop_name": "mock-shop"},
        }
    }


async def test_all_parameters_may_stand_in_the_form(jd: JdDesk) -> None:
    async with jd.session.post(jd.url + GATEWAY, data=jd.signed(SHOP)) as response:
        assert "jingdong_vender_shop_query_responce" in await response.json()


async def test_a_signature_of_another_text_is_invalid(jd: JdDesk) -> None:
    said = await jd.post(jd.signed(QUERY, {"skuId": 801}) | {BUSINESS: '{"skuId": 802}'})
    assert (said.status, said.error) == (
        200,
        {"code": "12", "zh_desc": "无效签名", "en_desc": "Invalid Signature"},
    )


async def test_a_signature_in_small_letters_is_invalid(jd: JdDesk) -> None:
    params = jd.signed(SHOP)
    assert (await jd.post(params | {"sign": params["sign"].lower()})).code == 12


async def test_a_call_with_a_wrong_signature_changes_nothing(jd: JdDesk) -> None:
    params = jd.signed("jingdong.ware.write.upOrDown", {"wareId": 800, "opType": 2}, sign="0")
    await jd.post(params)
    assert jd.state.on_sale("800")


# --- what must be there ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [("method", 14), ("app_key", 20), ("timestamp", 7), ("v", 4), ("sign", 11), ("access_token", 18)],
)
async def test_what_is_missing_is_named_by_its_code(jd: JdDesk, name: str, code: int) -> None:
    params = jd.signed(SHOP)
    params.pop(name)
    assert (await jd.post(params)).code == code


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ({"app_key": "other"}, 21),
        ({"v": "1.0"}, 5),
        ({"access_token": "other"}, 19),
        ({BUSINESS: "[1"}, 61),
        ({BUSINESS: "[]"}, 62),
    ],
)
async def test_what_is_wrong_is_named_by_its_code(
    jd: JdDesk, system: dict[str, str | None], code: int
) -> None:
    params = jd.signed(SHOP, None, **system)
    assert (await jd.post(params)).code == code


async def test_a_method_that_is_not_there_is_named_by_its_code(jd: JdDesk) -> None:
    assert (await jd.ask("jingdong.other")).code == 15


async def test_another_verb_than_get_and_post_is_forbidden(jd: JdDesk) -> None:
    assert (await jd.post(jd.signed(SHOP), verb="PUT")).code == 3


async def test_a_parameter_that_stands_twice_spoils_the_call(jd: JdDesk) -> None:
    form = FormData([("method", SHOP), ("method", SHOP)])
    async with jd.session.post(jd.url + GATEWAY, data=form) as response:
        assert (await response.json())["error_response"]["code"] == "62"


async def test_what_is_not_utf_8_spoils_the_call(jd: JdDesk) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with jd.session.post(jd.url + GATEWAY, data=b"method=%FF", headers=headers) as response:
        assert (await response.json())["error_response"]["code"] == "62"


# --- time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "when",
    [
        "2026-01-01 07:54:00",
        "2026-01-01 08:06:00",
        "2026-01-01 08:00:00.123+0800",
        "2026-01-01 00:00:00.000+0000",
    ],
)
async def test_a_time_of_at_most_six_minutes_off_is_let_in(jd: JdDesk, when: str) -> None:
    assert await ask(jd, timestamp=when) == 0


@pytest.mark.parametrize(
    "when",
    [
        "2026-01-01 07:53:59",
        "2026-01-01 08:06:01",
        "2026-01-01 00:00:00",
        "2026-1-1 8:00:00",
        "1767225600000",
        "2026-13-01 08:00:00",
        "2026-13-01 08:00:00.000+0800",
    ],
)
async def test_any_other_time_is_invalid(jd: JdDesk, when: str) -> None:
    assert await ask(jd, timestamp=when) == 8


# --- token, right, rate ------------------------------------------------------------------------------------


async def test_a_token_ends_at_its_time(jd: JdDesk) -> None:
    await jd.settings(token_until="2026-01-01T00:00:01Z")
    before = await ask(jd)
    await jd.control("POST", "/time", {"advance": 1})
    assert (before, await ask(jd)) == (0, 19)


async def test_a_method_may_be_denied(jd: JdDesk) -> None:
    await jd.settings(denied=[SHOP])
    assert await ask(jd) == 24


async def test_orders_may_be_told_in_the_cloud_only(jd: JdDesk) -> None:
    await jd.settings(in_cloud=False)
    assert (await jd.ask(SEARCH)).code == 73


async def test_too_many_calls_are_limited(jd: JdDesk) -> None:
    await jd.control("POST", "/state", {"settings": {"rate": 1}})
    assert [await ask(jd), await ask(jd)] == [0, 2]


async def test_the_calls_of_a_day_may_be_limited(jd: JdDesk) -> None:
    await jd.settings(daily_calls=1, window=100_000)
    codes = [await ask(jd), await ask(jd)]
    await jd.control("POST", "/time", {"advance": 16 * 3600})
    assert [*codes, await ask(jd)] == [0, 2, 0]


async def test_the_log_names_the_method_the_skus_and_the_key(jd: JdDesk) -> None:
    await jd.write({801: 2}, key="abc")
    call = jd.rig.calls.calls[0]
    assert (call.path, call.listings, call.quantities, call.keys, call.applied) == (
        "jingdong.ware.stock.sku.set",
        ("801",),
        (2,),
        ("abc",),
        [True],
    )
