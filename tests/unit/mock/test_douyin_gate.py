"""What the gateway of the Douyin mock lets in, and what it answers otherwise."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from syncd.mock.clock import START
from syncd.mock.douyin import canonical, event_signature, signature, signed_text, spi_signature
from tests.unit.mock.douyin_desk import NOW, DouyinDesk, Said, opened_desk

VECTORS = {
    vector["id"]: vector
    for vector in json.loads(
        (Path(__file__).parents[2] / "data" / "vectors" / "douyin.json").read_text(encoding="utf-8")
    )
}
READ = "/product/listV2"


@pytest.fixture
async def douyin() -> AsyncIterator[DouyinDesk]:
    async with opened_desk() as desk:
        yield desk


async def read(douyin: DouyinDesk, **query: str | None) -> tuple[int, str]:
    return (await douyin.ask(READ, {"page": 1, "size": 10}, **query)).refusal


# --- signatures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["doudian-hmac-syncStockBatch", "doudian-hmac-escaping"])
def test_a_call_is_signed_as_the_vectors_say(name: str) -> None:
    vector = VECTORS[name]
    params, body, secret = vector["params"], vector["body"], vector["secret"]
    assert canonical(json.loads(body)) == body
    assert signed_text(params, body, secret) == vector["string_to_sign"]
    assert signature(params, body, secret) == vector["expected"]


def test_a_pushed_message_is_signed_as_the_vector_says() -> None:
    vector = VECTORS["doudian-event-sign"]
    given = event_signature(vector["params"]["app-id"], vector["body"].encode(), vector["secret"])
    assert given == vector["expected"]


def test_a_call_of_the_platform_is_signed_as_the_vector_says() -> None:
    vector = VECTORS["doudian-spi-md5"]
    assert spi_signature(vector["params"], vector["body"], vector["secret"]) == vector["expected"]


def test_whole_numbers_are_written_without_a_point() -> None:
    assert canonical({"b": 2.0, "a": [1.5, {"d": 1, "c": True}]}) == '{"a":[1.5,{"c":true,"d":1}],"b":2}'


@pytest.mark.parametrize("method", ["md5", "hmac-sha256"])
async def test_both_methods_are_let_in(douyin: DouyinDesk, method: str) -> None:
    assert await read(douyin, sign_method=method) == (10000, "")


async def test_without_a_name_the_signature_is_taken_for_md5(douyin: DouyinDesk) -> None:
    assert await read(douyin, sign_method=None) == (10000, "")


async def test_a_body_that_is_not_in_the_platforms_form_has_another_signature(douyin: DouyinDesk) -> None:
    body = '{"size": 10, "page": 1}'
    said = await douyin.post(READ, body, douyin.signed(READ, body))
    assert said.refusal == (40003, "isv.signature-invalid")


async def test_a_wrong_signature_changes_nothing(douyin: DouyinDesk) -> None:
    text = canonical({"sku_id": 801, "stock_num": 9})
    query = douyin.signed("/sku/syncStock", canonical({"sku_id": 801, "stock_num": 1}))
    said = await douyin.post("/sku/syncStock", text, query)
    assert (said.refusal, douyin.counter("801")) == ((40003, "isv.signature-invalid"), 5)


# --- what must be there, and be right ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ({"app_key": None}, (40001, "isv.app-id-missing")),
        ({"sign": None}, (40001, "isv.signature-missing")),
        ({"access_token": None}, (40001, "isv.access-token-missing")),
        ({"timestamp": None}, (40003, "isv.timestamp-format-error")),
        ({"timestamp": "soon"}, (40003, "isv.timestamp-format-error")),
        ({"timestamp": "2026-01-01 8:00:00"}, (40003, "isv.timestamp-format-error")),
        ({"timestamp": "2026-13-01 08:00:00"}, (40003, "isv.timestamp-format-error")),
        ({"timestamp": str(NOW * 1000)}, (40003, "isv.timestamp-format-error")),
        ({"timestamp": str(NOW - 601)}, (40003, "isv.timestamp-invalid")),
        ({"method": "sku.syncStock"}, (40003, "isv.parameter-format-invalid")),
        ({"v": "1"}, (40003, "isv.parameter-format-invalid")),
        ({"sign_method": "sha1", "sign": "0"}, (40003, "isv.parameter-format-invalid")),
        ({"app_key": "8"}, (40003, "isv.app-id-invalid")),
        ({"access_token": "other"}, (40003, "isv.access-token-no-existed")),
        ({"sign": "0" * 64}, (40003, "isv.signature-invalid")),
    ],
)
async def test_what_is_missing_or_wrong_is_named(
    douyin: DouyinDesk, query: dict[str, str | None], refusal: tuple[int, str]
) -> None:
    assert await read(douyin, **query) == refusal


async def test_a_date_of_beijing_is_a_timestamp_too(douyin: DouyinDesk) -> None:
    assert await read(douyin, timestamp="2026-01-01 08:00:00") == (10000, "")


@pytest.mark.parametrize("body", ["[]", "{", "5"])
async def test_a_body_that_is_no_object_is_refused(douyin: DouyinDesk, body: str) -> None:
    said = await douyin.post(READ, body, douyin.signed(READ, body))
    assert said.refusal == (40003, "isv.parameter-format-invalid")


async def test_a_parameter_that_stands_twice_spoils_the_call(douyin: DouyinDesk) -> None:
    async with douyin.session.post(f"{douyin.url}{READ}?v=2&v=2", data=b"{}") as response:
        assert (await response.json())["sub_code"] == "isv.parameter-format-invalid"


async def test_an_unknown_method_is_not_to_be_had(douyin: DouyinDesk) -> None:
    assert (await douyin.ask("/sku/none", {})).refusal == (70000, "isp.api-service-off")


async def test_every_refusal_comes_with_status_200_and_a_number(douyin: DouyinDesk) -> None:
    said = await douyin.ask(READ, {}, app_key="8")
    assert (said.status, said.data, said.body["log_id"][:4]) == (200, {}, "mock")


async def test_the_checks_come_in_the_order_of_the_platforms(douyin: DouyinDesk) -> None:
    wrong = {"app_key": "8", "timestamp": "0", "sign": "0", "access_token": "other"}
    right = {"app_key": "7000000000000000001", "timestamp": str(NOW), "sign": None, "access_token": None}
    said = []
    for name in ("app_key", "timestamp", "sign", "access_token"):
        query: dict[str, str | None] = dict(wrong)
        said.append((await read(douyin, **query))[1].removeprefix("isv."))
        wrong = {key: value for key, value in wrong.items() if key != name}
        if right[name]:
            wrong[name] = str(right[name])
    assert said == ["app-id-invalid", "timestamp-invalid", "signature-invalid", "access-token-no-existed"]


# --- the token, the package, the rate ----------------------------------------------------------------------


async def test_a_token_is_good_until_its_time(douyin: DouyinDesk) -> None:
    await douyin.settings(token_until="2026-01-01T00:01:00Z")
    before = await read(douyin)
    douyin.rig.clock.move_to(START + timedelta(seconds=60))
    assert (before, await read(douyin)) == ((10000, ""), (40003, "isv.access-token-expired"))


async def test_a_shop_can_take_its_authorization_back(douyin: DouyinDesk) -> None:
    await douyin.settings(closed=True)
    assert await read(douyin) == (30001, "dop.authorization-closed")


async def test_a_method_without_its_package_is_not_permitted(douyin: DouyinDesk) -> None:
    await douyin.settings(denied=[READ], order_package=False)
    orders = await douyin.ask("/order/orderDetail", {"shop_order_id": "1"})
    refusal = (30001, "isv.app-permissions-insufficient")
    assert (await read(douyin), orders.refusal) == (refusal, refusal)


async def test_too_many_calls_are_limited_by_the_mocks_own_time(douyin: DouyinDesk) -> None:
    await douyin.control("POST", "/state", {"settings": {"rate": 0.5, "burst": 2}})
    said = [(await douyin.ask(READ, {})) for _ in range(3)]
    assert [one.refusal[0] for one in said] == [10000, 10000, 60000]
    assert said[2].headers["Retry-After"] == "2"
    douyin.rig.clock.move_to(START + timedelta(seconds=2))
    assert (await read(douyin))[0] == 10000


# --- giving out tokens -------------------------------------------------------------------------------------


async def refresh(douyin: DouyinDesk, token: str) -> Said:
    return await douyin.ask("/token/refresh", {"grant_type": "refresh_token", "refresh_token": token})


async def test_a_refresh_gives_tokens_that_replace_the_old_ones(douyin: DouyinDesk) -> None:
    data = (await refresh(douyin, "mock-refresh")).data
    old = await read(douyin, access_token="mock-token")
    assert (data["expires_in"], data["shop_id"], old[1]) == (604_800, 123456, "isv.access-token-no-existed")
    assert await read(douyin, access_token=data["access_token"]) == (10000, "")


async def test_an_expired_token_works_again_after_a_refresh(douyin: DouyinDesk) -> None:
    await douyin.settings(token_until="2026-01-01T00:00:00Z")
    data = (await refresh(douyin, "mock-refresh")).data
    assert await read(douyin, access_token=data["access_token"]) == (10000, "")


async def test_a_refresh_token_is_good_once(douyin: DouyinDesk) -> None:
    first = (await refresh(douyin, "mock-refresh")).data["refresh_token"]
    again = await refresh(douyin, "mock-refresh")
    assert again.refusal == (50001, "dop.token-generate-failed:token-expired")
    assert (await refresh(douyin, first)).refusal == (10000, "")


async def test_a_refresh_token_may_be_good_for_ever(douyin: DouyinDesk) -> None:
    await douyin.settings(refresh_once=False)
    codes = [(await refresh(douyin, "mock-refresh")).refusal[0] for _ in range(2)]
    assert codes == [10000, 10000]


@pytest.mark.parametrize(
    ("settings", "token", "word"),
    [
        ({}, "other", "token-invalid"),
        ({"refresh_until": "2026-01-01T00:00:00Z"}, "mock-refresh", "token-expired"),
        ({"closed": True}, "mock-refresh", "no-authorization"),
    ],
)
async def test_a_refresh_may_be_refused(
    douyin: DouyinDesk, settings: dict[str, Any], token: str, word: str
) -> None:
    await douyin.settings(**settings)
    assert (await refresh(douyin, token)).refusal == (50001, f"dop.token-generate-failed:{word}")


async def test_a_code_is_good_once(douyin: DouyinDesk) -> None:
    body = {"grant_type": "authorization_code", "code": "mock-code"}
    said = [(await douyin.ask("/token/create", body)).refusal for _ in range(2)]
    assert said == [(10000, ""), (50001, "dop.token-generate-failed:code-expired")]


@pytest.mark.parametrize(("shop", "code"), [("123456", 10000), ("5", 50001)])
async def test_an_app_of_ones_own_names_its_shop(douyin: DouyinDesk, shop: str, code: int) -> None:
    body = {"grant_type": "authorization_self", "code": "", "shop_id": shop}
    assert (await douyin.ask("/token/create", body)).refusal[0] == code


@pytest.mark.parametrize("path", ["/token/create", "/token/refresh"])
async def test_a_token_call_needs_a_grant_and_its_body_in_the_query(douyin: DouyinDesk, path: str) -> None:
    wrong = await douyin.ask(path, {"grant_type": "luck"})
    bare = await douyin.ask(path, {"grant_type": "luck"}, param_json=None)
    assert (wrong.refusal[0], bare.refusal) == (40004, (40003, "isv.parameter-format-invalid"))


def test_the_beginning_of_the_clock_is_the_tests_own() -> None:
    assert datetime.fromtimestamp(NOW, UTC) == START
