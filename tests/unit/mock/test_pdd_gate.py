"""What the gateway of the mock of Pinduoduo lets in, and what it answers otherwise."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from syncd.mock.clock import START
from syncd.mock.pdd import GATEWAY, signature, signed_text
from tests.unit.mock.pdd_desk import LIST, SET, PddDesk, opened_desk, seconds

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data" / "vectors" / "pdd.json").read_text(encoding="utf-8")
)


@pytest.fixture
async def pdd() -> AsyncIterator[PddDesk]:
    async with opened_desk() as desk:
        yield desk


async def read(pdd: PddDesk, **params: str | None) -> int:
    """Read a page and return the code of the refusal, 0 where there was none."""
    return (await pdd.ask(LIST, **params)).refusal[0]


# --- signatures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_call_is_signed_as_the_vectors_say(vector: dict[str, Any]) -> None:
    secret = vector["secret"]
    assert f"{secret}{signed_text(vector['params'])}{secret}" == vector["string_to_sign"]
    assert signature(vector["params"], secret) == vector["expected"]


def test_the_signature_itself_is_not_signed() -> None:
    assert signed_text({"b": "2", "sign": "X", "a1": "1", "B": "3"}) == "B3a11b2"


async def test_a_signed_call_is_let_in(pdd: PddDesk) -> None:
    assert await read(pdd, goods_name="茶 & +", version="V1") == 0


async def test_a_body_in_json_is_let_in(pdd: PddDesk) -> None:
    said = await pdd.post_json(pdd.signed(LIST))
    assert said.holds["total_count"] == 3


async def test_a_signature_of_another_text_is_refused_and_changes_nothing(pdd: PddDesk) -> None:
    form = pdd.signed(SET, goods_id="500", sku_id="501", quantity="1") | {"quantity": "9"}
    said = await pdd.post(form)
    assert (said.status, said.refusal, pdd.counter("501")) == (200, (20004, ""), 5)


async def test_a_signature_in_small_letters_is_refused(pdd: PddDesk) -> None:
    form = pdd.signed(LIST)
    assert (await pdd.post(form | {"sign": form["sign"].lower()})).refusal == (20004, "")


async def test_an_error_says_its_code_twice_and_names_the_call(pdd: PddDesk) -> None:
    said = await pdd.ask(LIST, access_token="other")
    assert said.body == {
        "error_response": {
            "error_code": 20032,
            "error_msg": "access_token或client_id错误",
            "sub_code": "20032",
            "sub_msg": "access_token或client_id错误",
            "request_id": "mock000000000001",
        }
    }


# --- what must be there ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["type", "client_id", "access_token", "timestamp", "data_type", "sign"])
async def test_what_is_missing_is_named(pdd: PddDesk, name: str) -> None:
    form = pdd.signed(LIST)
    form.pop(name)
    error = (await pdd.post(form)).error
    assert (error["error_code"], error["error_msg"]) == (10001, f"公共参数错误:{name}")
    assert (error["sub_code"], error["sub_msg"]) == (None, "")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"type": "pdd.goods.nothing.get"}, 10017),
        ({"client_id": "other"}, 10016),
        ({"data_type": "json"}, 10001),
        ({"data_type": "XML"}, 10001),
        ({"version": "V2"}, 10001),
        ({"access_token": "other"}, 20032),
    ],
)
async def test_what_is_wrong_has_its_code(pdd: PddDesk, params: dict[str, str], code: int) -> None:
    form = pdd.signed(**{"kind": LIST} | params)
    assert (await pdd.post(form)).refusal[0] == code


async def test_the_app_is_checked_before_the_time_and_the_time_before_the_signature(pdd: PddDesk) -> None:
    wrong = {"sign": "0" * 32, "timestamp": "5"}
    assert [await read(pdd, client_id="other", **wrong), await read(pdd, **wrong)] == [10016, 10001]


async def test_the_signature_is_checked_before_the_token(pdd: PddDesk) -> None:
    assert await read(pdd, access_token="other", sign="0" * 32) == 20004


async def test_only_a_post_is_answered(pdd: PddDesk) -> None:
    assert (await pdd.post(pdd.signed(LIST), verb="PUT")).refusal[0] == 10001


async def test_a_parameter_that_stands_twice_spoils_the_call(pdd: PddDesk) -> None:
    form = FormData([("type", LIST), ("type", LIST)])
    async with pdd.session.post(pdd.url + GATEWAY, data=form) as response:
        assert (await response.json())["error_response"]["error_code"] == 10000


@pytest.mark.parametrize("body", [b"type=\xff", b"type=%FF"])
async def test_what_is_not_utf_8_spoils_the_call(pdd: PddDesk, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with pdd.session.post(pdd.url + GATEWAY, data=body, headers=headers) as response:
        assert (await response.json())["error_response"]["error_code"] == 10000


@pytest.mark.parametrize("document", [[], {"type": 5}])
async def test_a_json_body_holds_texts_only(pdd: PddDesk, document: object) -> None:
    assert (await pdd.post_json(document)).refusal[0] == 10000


async def test_a_body_that_is_no_json_spoils_the_call(pdd: PddDesk) -> None:
    headers = {"Content-Type": "application/json"}
    async with pdd.session.post(pdd.url + GATEWAY, data=b"{", headers=headers) as response:
        assert (await response.json())["error_response"]["error_code"] == 10000


# --- time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [-600, 0, 600])
async def test_a_time_of_at_most_ten_minutes_off_is_let_in(pdd: PddDesk, off: int) -> None:
    assert await read(pdd, timestamp=seconds(START + timedelta(seconds=off))) == 0


@pytest.mark.parametrize("when", ["1767225600000", "2026-01-01 08:00:00", "soon", "1767226201"])
async def test_any_other_time_is_refused(pdd: PddDesk, when: str) -> None:
    error = (await pdd.ask(LIST, timestamp=when)).error
    assert (error["error_code"], error["error_msg"]) == (10001, "公共参数错误:timestamp")


# --- token, package, rate ----------------------------------------------------------------------------------


async def test_a_token_ends_at_its_time(pdd: PddDesk) -> None:
    await pdd.set(pdd={"token_until": "2026-01-01T00:00:01Z"})
    before = await read(pdd)
    await pdd.control("POST", "/time", {"advance": 1})
    assert (before, await read(pdd)) == (0, 10019)


async def test_a_package_that_the_app_has_not_is_refused(pdd: PddDesk) -> None:
    await pdd.set(pdd={"denied": [SET]})
    assert ((await pdd.write("501", 1)).refusal[0], await read(pdd)) == (20031, 0)


async def test_more_calls_than_the_rate_allows_are_refused(pdd: PddDesk) -> None:
    await pdd.set(settings={"rate": 1, "burst": 2})
    codes = [await read(pdd) for _ in range(3)]
    await pdd.control("POST", "/time", {"advance": 1})
    assert (codes, await read(pdd)) == ([0, 0, 52101], 0)


async def test_a_call_that_is_kept_out_is_logged_by_its_type(pdd: PddDesk) -> None:
    await read(pdd, access_token="other")
    await pdd.post({})
    assert list(pdd.rig.calls.counts) == [LIST, "none"]
