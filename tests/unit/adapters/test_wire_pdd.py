"""The wire of Pinduoduo: signatures against the vectors, and its table of errors."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncd.adapters.wire.pdd import (
    PddAccount,
    PddRefusal,
    content_of,
    kind_of,
    refusal_of,
    sign,
    string_to_sign,
)
from syncd.errors import Kind

_VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data/vectors/pdd.json").read_text(encoding="utf-8")
)
_vectors = pytest.mark.parametrize("vector", _VECTORS, ids=[vector["id"] for vector in _VECTORS])

_ACCOUNT = PddAccount(client_id="app", client_secret="hush-secret", access_token="hush-token")
_NOW = datetime(2026, 11, 20, 2, 0, 0, 999_999, tzinfo=UTC)


# --- signatures --------------------------------------------------------------------------------------------


@_vectors
def test_a_call_has_the_signature_of_its_vector(vector: dict[str, Any]) -> None:
    assert sign(vector["params"], vector["secret"]) == vector["expected"]


@_vectors
def test_a_call_has_the_string_to_sign_of_its_vector(vector: dict[str, Any]) -> None:
    assert string_to_sign(vector["params"], vector["secret"]) == vector["string_to_sign"]


def test_a_signature_is_not_signed() -> None:
    assert string_to_sign({"b": "2", "sign": "X", "a": "1"}, "s") == "sa1b2s"


def test_parameters_are_sorted_by_their_bytes() -> None:
    assert string_to_sign({"a_b": "1", "aB": "2", "ab": "3", "B": "4"}, "") == "B4aB2a_b1ab3"


def test_what_is_signed_is_utf_8() -> None:
    assert sign({"q": "红 a&b"}, "s") == "A7BA6B88A5E5C3200362F550AEB6351E"


def test_a_form_is_dated_in_whole_seconds_and_leaves_out_what_is_empty() -> None:
    form = _ACCOUNT.form("pdd.x.get", {"goods_id": "1", "sku_id": ""}, now=_NOW)
    expected = {
        "goods_id": "1",
        "type": "pdd.x.get",
        "client_id": "app",
        "access_token": "hush-token",
        "timestamp": "1795140000",
        "data_type": "JSON",
    }
    assert form == expected | {"sign": sign(expected, "hush-secret")}


def test_an_account_without_a_token_sends_none() -> None:
    account = PddAccount(client_id="app", client_secret="s", access_token="")
    assert "access_token" not in account.form("pdd.x.get", {}, now=_NOW)


def test_a_parameter_cannot_replace_a_common_one() -> None:
    assert _ACCOUNT.form("pdd.x.get", {"client_id": "other"}, now=_NOW)["client_id"] == "app"


def test_an_account_shows_no_secret() -> None:
    assert "hush" not in repr(_ACCOUNT)


# --- answers -----------------------------------------------------------------------------------------------


def test_an_answer_stands_under_its_only_key_whatever_that_is() -> None:
    assert content_of({"goods_sku_get_response": {"quantity": 1}}) == {"quantity": 1}


@pytest.mark.parametrize("body", [None, [], {}, {"a_response": 1}, {"a_response": {}, "b_response": {}}])
def test_what_is_not_one_object_under_one_key_is_not_understood(body: object) -> None:
    with pytest.raises(TypeError):
        content_of(body)


@pytest.mark.parametrize("body", [None, [], {}, {"error_response": "no"}, {"x_response": {}}])
def test_what_holds_no_error_is_no_refusal(body: object) -> None:
    assert refusal_of(body) is None


def test_a_refusal_is_read_whole() -> None:
    error = {"error_code": 50001, "error_msg": "业务错误", "sub_code": "S1", "sub_msg": "库存不足"}
    refusal = refusal_of({"error_response": error})
    assert refusal == PddRefusal(code=50001, msg="业务错误", sub_code="S1", sub_msg="库存不足")
    assert refusal.text == "code 50001 S1: 库存不足"


def test_a_refusal_may_be_written_otherwise() -> None:
    refusal = refusal_of({"error_response": {"error_code": "10019", "sub_code": 10019, "error_msg": None}})
    assert refusal == PddRefusal(code=10019, msg="", sub_code="10019", sub_msg="")
    assert refusal.text == "code 10019"


@pytest.mark.parametrize("code", [True, 1.5, "x", None, "9" * 20])
def test_a_code_that_is_none_is_unknown(code: object) -> None:
    refusal = refusal_of({"error_response": {"error_code": code}})
    assert refusal == PddRefusal(code=None, msg="", sub_code="", sub_msg="")
    assert (refusal.text, kind_of(refusal, writes=False)) == ("without a reason", Kind.UNKNOWN)


# --- the table of errors -----------------------------------------------------------------------------------


def _refusal(code: int | None, sub_code: str = "", sub_msg: str = "库存不足") -> PddRefusal:
    return PddRefusal(code=code, msg="no", sub_code=sub_code, sub_msg=sub_msg)


@pytest.mark.parametrize(
    ("code", "read", "write"),
    [
        (10001, Kind.SIGNATURE, Kind.SIGNATURE),
        (10016, Kind.SIGNATURE, Kind.SIGNATURE),
        (20004, Kind.SIGNATURE, Kind.SIGNATURE),
        (10019, Kind.AUTH_EXPIRED, Kind.AUTH_EXPIRED),
        (20032, Kind.AUTH_REVOKED, Kind.AUTH_REVOKED),
        (20005, Kind.PERMISSION, Kind.PERMISSION),
        (20031, Kind.PERMISSION, Kind.PERMISSION),
        (30000, Kind.PERMISSION, Kind.PERMISSION),
        (52101, Kind.THROTTLED, Kind.THROTTLED),
        (70031, Kind.THROTTLED, Kind.THROTTLED),
        (70032, Kind.THROTTLED, Kind.THROTTLED),
        (70033, Kind.THROTTLED, Kind.THROTTLED),
        (52102, Kind.TRANSIENT, Kind.UNKNOWN),
        (52103, Kind.TRANSIENT, Kind.UNKNOWN),
        (10000, Kind.REJECTED, Kind.REJECTED),
        (39999, Kind.REJECTED, Kind.REJECTED),
        (40000, Kind.REJECTED, Kind.UNKNOWN),
        (50001, Kind.REJECTED, Kind.UNKNOWN),
        (59999, Kind.REJECTED, Kind.UNKNOWN),
        (60000, Kind.UNKNOWN, Kind.UNKNOWN),
        (9, Kind.UNKNOWN, Kind.UNKNOWN),
        (None, Kind.UNKNOWN, Kind.UNKNOWN),
    ],
)
def test_a_code_means_what_the_table_says(code: int | None, read: Kind, write: Kind) -> None:
    refusal = _refusal(code)
    assert (kind_of(refusal, writes=False), kind_of(refusal, writes=True)) == (read, write)


def test_a_refusal_by_the_service_may_be_final() -> None:
    assert kind_of(_refusal(50001), writes=True, is_final=True) is Kind.REJECTED


@pytest.mark.parametrize("sub_code", ["", "50000"])
@pytest.mark.parametrize("sub_msg", ["", "no"])
def test_the_service_refuses_nothing_without_a_reason(sub_code: str, sub_msg: str) -> None:
    refusal = _refusal(50000, sub_code, sub_msg)
    assert not refusal.is_of_service
    assert kind_of(refusal, writes=False) is kind_of(refusal, writes=True, is_final=True) is Kind.UNKNOWN


@pytest.mark.parametrize(("sub_code", "sub_msg"), [("S1", ""), ("S1", "no"), ("50000", "x"), ("", "x")])
def test_a_word_or_a_sentence_of_its_own_is_a_reason(sub_code: str, sub_msg: str) -> None:
    assert _refusal(50000, sub_code, sub_msg).is_of_service


def test_a_fault_of_the_platform_is_never_final() -> None:
    assert kind_of(_refusal(52102), writes=True, is_final=True) is Kind.UNKNOWN


def test_the_settings_know_better_by_sub_code_before_code() -> None:
    told = {"50001": Kind.NOT_FOUND, "S1": Kind.THROTTLED}
    kinds = [kind_of(_refusal(50001, sub), writes=True, overrides=told) for sub in ("S1", "S2")]
    assert kinds == [Kind.THROTTLED, Kind.NOT_FOUND]


@pytest.mark.parametrize(("code", "is_of_service"), [(50001, True), (52101, False), (20004, False)])
def test_only_what_no_table_knows_is_the_word_of_the_service(code: int, *, is_of_service: bool) -> None:
    assert _refusal(code).is_of_service is is_of_service
