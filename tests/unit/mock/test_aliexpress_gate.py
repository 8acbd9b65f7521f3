"""What the gateway of the AliExpress mock lets in, and what it answers otherwise."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from syncd.mock.aliexpress import REST, SYNC, AliexpressSettings, signature, signed_text
from tests.unit.mock.aliexpress_desk import INFO, LIST, ORDERS, AliexpressDesk, opened_desk

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data" / "vectors" / "aliexpress.json").read_text(encoding="utf-8")
)
PROFILE = "aliexpress.solution.merchant.profile.get"


@pytest.fixture
async def ali() -> AsyncIterator[AliexpressDesk]:
    async with opened_desk() as desk:
        yield desk


# --- signatures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_call_is_signed_as_the_vectors_say(vector: dict[str, Any]) -> None:
    assert signed_text(vector["params"]) == vector["string_to_sign"]
    assert signature(vector["params"], vector["secret"]) == vector["expected"]


def test_the_path_of_a_path_method_stands_before_the_parameters() -> None:
    params = {"code": "x", "app_key": "1", "sign": "old"}
    assert signed_text(params, "/auth/token/create") == "/auth/token/createapp_key1codex"


def test_names_are_in_the_order_of_their_bytes() -> None:
    assert signed_text({"b": "1", "B": "2", "_": "3", "a": "4"}) == "B2_3a4b1"


async def test_a_signed_call_is_let_in(ali: AliexpressDesk) -> None:
    said = await ali.ask(PROFILE)
    assert said.body == {
        "aliexpress_solution_merchant_profile_get_response": {
            "shop_id": 1100000000,
            "request_id": "mock000000000001",
        }
    }


async def test_a_simplified_answer_has_neither_its_name_nor_those_of_rows(ali: AliexpressDesk) -> None:
    said = await ali.ask(INFO, product_id="900", simplify="true")
    assert said.body["result"]["aeop_ae_product_s_k_us"][0]["sku_code"] == "B"


async def test_parameters_of_the_address_count_too(ali: AliexpressDesk) -> None:
    form = ali.signed(method=PROFILE)
    async with ali.session.post(ali.url + SYNC, params=form) as response:
        assert "aliexpress_solution_merchant_profile_get_response" in await response.json()


# --- the order of the checks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"method": None}, "MissingParameter"),
        ({"app_key": None}, "MissingParameter"),
        ({"timestamp": None}, "MissingParameter"),
        ({"sign": ""}, "MissingParameter"),
        ({"sign_method": None}, "MissingParameter"),
        ({"session": None}, "MissingParameter"),
        ({"method": "aliexpress.no.such"}, "InvalidApiPath"),
        ({"sign_method": "md5"}, "InvalidSignMethod"),
        ({"format": "xml"}, "InvalidFormat"),
        ({"simplify": "yes"}, "InvalidParameter"),
        ({"app_key": "other", "sign": "X"}, "InvalidAppKey"),
        ({"timestamp": "1", "sign": "X"}, "InvalidTimestamp"),
        ({"timestamp": "1767225000000", "sign": "X"}, "InvalidSignature"),
        ({"timestamp": "1767224000000"}, "InvalidTimestamp"),
        ({"session": "stolen", "sign": "X"}, "InvalidSignature"),
        ({"session": "stolen"}, "IllegalAccessToken"),
    ],
)
async def test_what_is_wrong_has_its_word(
    ali: AliexpressDesk, params: dict[str, str | None], code: str
) -> None:
    method = params.get("method", PROFILE)
    said = await ali.ask(method, **{name: value for name, value in params.items() if name != "method"})
    assert (said.status, said.code) == (200, code)


async def test_a_signature_that_was_cut_is_called_incomplete(ali: AliexpressDesk) -> None:
    whole = ali.signed(method=PROFILE)["sign"]
    assert (await ali.ask(PROFILE, sign=whole[:-1])).code == "IncompleteSignature"


async def test_a_parameter_that_stands_twice_is_refused(ali: AliexpressDesk) -> None:
    async with ali.session.post(f"{ali.url}{SYNC}?a=1&a=2") as response:
        assert (await response.json())["error_response"]["sub_code"] == "isv.invalid-parameter"


async def test_parameters_are_utf_8(ali: AliexpressDesk) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with ali.session.post(ali.url + SYNC, data=b"method=%ff", headers=headers) as response:
        assert (await response.json())["error_response"]["sub_code"] == "isv.invalid-parameter"


async def test_the_gateway_says_who_is_to_blame_at_the_top(ali: AliexpressDesk) -> None:
    said = await ali.ask(PROFILE, session="stolen")
    assert said.body == {
        "code": "IllegalAccessToken",
        "type": "ISV",
        "message": "the access token is invalid, the seller must authorize the app",
        "request_id": "mock000000000001",
    }


async def test_the_gateway_may_wrap_its_errors_and_use_other_words(ali: AliexpressDesk) -> None:
    await ali.settings(wraps_errors=True, words={"IllegalAccessToken": "AccessTokenInvalid"})
    said = await ali.ask(PROFILE, session="stolen")
    assert said.body["error_response"]["code"] == "AccessTokenInvalid"


async def test_a_token_ends_at_its_time(ali: AliexpressDesk) -> None:
    await ali.settings(token_until="2026-01-01T00:00:00Z")
    said = await ali.ask(PROFILE)
    assert (said.code, said.body["message"]) == (
        "IllegalAccessToken",
        "the access token has expired, refresh it",
    )


async def test_a_method_may_be_denied(ali: AliexpressDesk) -> None:
    await ali.settings(denied=[LIST], order_package=False)
    assert [(await ali.ask(name)).code for name in (LIST, ORDERS)] == ["InsufficientPermission"] * 2


async def test_a_rate_is_told_with_its_wait(ali: AliexpressDesk) -> None:
    await ali.control("POST", "/state", {"settings": {"rate": 0.5, "burst": 1}})
    await ali.ask(PROFILE)
    said = await ali.ask(PROFILE)
    assert (said.code, said.body["message"]) == ("ApiCallLimit", "this ban will last for 2 seconds")


def test_no_secret_stands_in_the_representation_of_the_settings() -> None:
    shown = repr(AliexpressSettings(app_secret="planted", refresh_token="planted", auth_code="planted"))
    assert "planted" not in shown


# --- tokens ------------------------------------------------------------------------------------------------


async def test_a_code_gives_the_first_tokens_once(ali: AliexpressDesk) -> None:
    first = await ali.system("/auth/token/create", code="mock-code")
    again = await ali.system("/auth/token/create", code="mock-code")
    assert (first.code, again.code) == ("0", "InvalidCode")
    assert first.body == {
        "code": "0",
        "access_token": "mock-token-1",
        "refresh_token": "mock-refresh-1",
        "expires_in": 2_592_000,
        "refresh_expires_in": 15_552_000,
        "expire_time": 1_769_817_600_000,
        "refresh_token_valid_time": 1_782_777_600_000,
        "seller_id": "1100000000",
        "user_id": "1100000000",
        "account_platform": "seller_center",
        "request_id": "mock000000000001",
    }


async def test_a_refresh_ends_the_old_tokens_and_the_new_one_works(ali: AliexpressDesk) -> None:
    await ali.settings(token_until="2026-01-01T00:00:00Z")
    fresh = (await ali.system("/auth/token/refresh", refresh_token="mock-refresh")).body["access_token"]
    assert (await ali.ask(PROFILE)).code == "IllegalAccessToken"
    assert (await ali.ask(PROFILE, session=fresh)).holds["shop_id"] == 1100000000


async def test_a_refresh_token_is_good_for_once(ali: AliexpressDesk) -> None:
    said = [await ali.system("/auth/token/refresh", refresh_token="mock-refresh") for _ in range(2)]
    assert [one.code for one in said] == ["0", "IllegalRefreshToken"]


async def test_a_refresh_token_may_be_good_for_longer(ali: AliexpressDesk) -> None:
    await ali.settings(refresh_once=False)
    said = [await ali.system("/auth/token/refresh", refresh_token="mock-refresh") for _ in range(2)]
    assert [one.code for one in said] == ["0", "0"]


async def test_a_refresh_token_ends_at_its_time(ali: AliexpressDesk) -> None:
    await ali.settings(refresh_until="2026-01-01T00:00:00Z")
    said = await ali.system("/auth/token/refresh", refresh_token="mock-refresh")
    assert said.code == "IllegalRefreshToken"


async def test_a_refresh_is_signed_with_its_path(ali: AliexpressDesk) -> None:
    form = ali.signed("", refresh_token="mock-refresh", session=None, format=None)
    said = await ali.post(form, f"{REST}/auth/token/refresh")
    assert said.code == "InvalidSignature"


async def test_an_unknown_path_is_refused(ali: AliexpressDesk) -> None:
    assert (await ali.system("/auth/token/steal")).code == "InvalidApiPath"


async def test_a_refresh_needs_its_token(ali: AliexpressDesk) -> None:
    assert (await ali.system("/auth/token/refresh")).code == "MissingParameter"


@pytest.mark.parametrize("kind", ["token_expired", "token_revoked"])
async def test_a_fault_may_refuse_a_refresh(ali: AliexpressDesk, kind: str) -> None:
    await ali.faults({"kind": kind, "path": "/auth/token/*"})
    said = await ali.system("/auth/token/refresh", refresh_token="mock-refresh")
    assert said.code == "IllegalRefreshToken"
