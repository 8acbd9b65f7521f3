"""The wire of JD: signatures against the vectors, refusals against the table of its documents."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncd.adapters.wire.jd import (
    PARAMS,
    JdAccount,
    JdRefusal,
    content_of,
    kind_of,
    sign,
    string_to_sign,
)
from syncd.errors import Kind

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "vectors" / "jd.json").read_text(encoding="utf-8"))
ACCOUNT = JdAccount(app_key="key", app_secret="planted-secret", access_token="planted-token")
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


# --- signatures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_call_is_signed_as_the_vectors_say(vector: dict[str, Any]) -> None:
    secret = vector["secret"]
    assert f"{secret}{string_to_sign(vector['params'])}{secret}" == vector["string_to_sign"]
    assert sign(vector["params"], secret=secret) == vector["expected"]


def test_what_is_empty_and_the_signature_itself_are_not_signed() -> None:
    assert string_to_sign({"v": "2.0", "access_token": "", "sign": "X", PARAMS: "{}"}) == f"{PARAMS}{{}}v2.0"


def test_the_text_that_is_signed_is_the_text_that_is_sent() -> None:
    call = ACCOUNT.signed("jingdong.x.y", {"id": 2**60, "text": "茶 & +"}, now=NOW)
    assert call.form == {PARAMS: '{"id":1152921504606846976,"text":"茶 & +"}'}
    whole = {name: text for name, text in call.query.items() if name != "sign"} | dict(call.form)
    assert call.query["sign"] == sign(whole, secret="planted-secret")


def test_a_call_names_the_app_the_token_and_the_time_in_beijing() -> None:
    query = dict(ACCOUNT.signed("jingdong.x.y", {}, now=NOW).query)
    query.pop("sign")
    assert query == {
        "method": "jingdong.x.y",
        "access_token": "planted-token",
        "app_key": "key",
        "timestamp": "2026-11-20 10:00:00",
        "v": "2.0",
    }


def test_no_repr_shows_a_secret() -> None:
    assert "planted" not in f"{ACCOUNT!r}{ACCOUNT.signed('m', {}, now=NOW)!r}"


# --- answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["_responce", "_response"])
def test_an_answer_is_found_by_the_name_of_its_method(word: str) -> None:
    assert content_of("jingdong.a.readB", {f"jingdong_a_readB{word}": {"x": 1}}) == {"x": 1}


def test_an_answer_to_another_method_is_none() -> None:
    with pytest.raises(KeyError):
        content_of("jingdong.a.b", {"jingdong_a_c_responce": {}})


@pytest.mark.parametrize("body", [None, [], {}, {"error_response": "x"}, {"jingdong_a_responce": {}}])
def test_what_is_no_error_is_no_refusal(body: object) -> None:
    assert JdRefusal.of(body) is None


@pytest.mark.parametrize("content", [None, "x", {}, {"code": "0"}, {"code": 0}, {"code": ""}])
def test_an_answer_whose_code_is_zero_is_no_refusal(content: object) -> None:
    assert JdRefusal.inside(content) is None


def test_a_refusal_says_its_code_and_both_texts() -> None:
    error = {"code": "12", "zh_desc": "无效签名", "en_desc": "Invalid Signature"}
    refusal = JdRefusal.of({"error_response": error})
    assert refusal == JdRefusal.inside(error)
    assert refusal is not None
    assert refusal.text == "code 12: Invalid Signature 无效签名"


@pytest.mark.parametrize("code", [True, 1.5, None, "x", [], "9" * 99])
def test_a_code_that_is_no_number_is_none(code: object) -> None:
    refusal = JdRefusal.of({"error_response": {"code": code}})
    assert refusal is not None
    assert (refusal.code, refusal.text, kind_of(refusal, writes=False)) == (
        "",
        "without a reason",
        Kind.UNKNOWN,
    )


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ((1, 43, 65, 66, 67, 69), Kind.TRANSIENT),
        ((2,), Kind.THROTTLED),
        ((3, 23, 24, 64, 72, 73, 2001), Kind.PERMISSION),
        ((18, 19), Kind.AUTH_EXPIRED),
        ((22,), Kind.AUTH_REVOKED),
        ((4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 20, 21, 25), Kind.SIGNATURE),
        ((60, 61, 62, 63, 68, 1100), Kind.REJECTED),
        ((71,), Kind.NOT_FOUND),
        ((0, 9, 999), Kind.UNKNOWN),
    ],
)
def test_each_code_means_what_the_documents_say(codes: tuple[int, ...], kind: Kind) -> None:
    for code in codes:
        assert kind_of(JdRefusal(code=str(code)), writes=False) is kind
        wanted = Kind.UNKNOWN if kind is Kind.TRANSIENT else kind
        assert kind_of(JdRefusal(code=str(code)), writes=True) is wanted


def test_the_settings_know_better_than_the_table() -> None:
    refusal = JdRefusal(code="2")
    assert kind_of(refusal, writes=True, overrides={"2": Kind.TRANSIENT}) is Kind.TRANSIENT
