"""The wire of TOP: signatures against the vectors, and its table of errors."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from syncd.adapters.wire.top import (
    SignMethod,
    TopAccount,
    TopRefusal,
    beijing,
    kind_of,
    refusal_of,
    response_key,
    sign,
    string_to_sign,
)
from syncd.errors import Kind

_VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data/vectors/top.json").read_text(encoding="utf-8")
)
_METHODS = {
    "top-md5": SignMethod.MD5,
    "top-hmac-md5": SignMethod.HMAC,
    "top-hmac-sha256": SignMethod.HMAC_SHA256,
}
_vectors = pytest.mark.parametrize("vector", _VECTORS, ids=[vector["id"] for vector in _VECTORS])

_ACCOUNT = TopAccount(app_key="12345678", app_secret="helloworld", session="test-session")
_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


# --- signatures --------------------------------------------------------------------------------------------


@_vectors
def test_a_call_has_the_signature_of_its_vector(vector: dict[str, Any]) -> None:
    method = _METHODS[vector["algorithm"]]
    assert sign(vector["params"], secret=vector["secret"], method=method) == vector["expected"]


@_vectors
def test_a_call_has_the_string_to_sign_of_its_vector(vector: dict[str, Any]) -> None:
    wrapping = vector["secret"] if vector["algorithm"] == "top-md5" else ""
    assert f"{wrapping}{string_to_sign(vector['params'])}{wrapping}" == vector["string_to_sign"]


def test_the_vectors_are_of_all_three_methods() -> None:
    assert {vector["algorithm"] for vector in _VECTORS} == set(_METHODS)


def test_a_signature_and_what_is_empty_are_not_signed() -> None:
    assert string_to_sign({"b": "2", "sign": "X", "a": "1", "c": "", "": "no"}) == "a1b2"


def test_parameters_are_sorted_by_their_bytes() -> None:
    assert string_to_sign({"a_b": "1", "aB": "2", "ab": "3", "B": "4"}) == "B4aB2a_b1ab3"


def test_what_is_signed_is_not_quoted_and_is_utf_8() -> None:
    plain = sign({"q": "红 a&b"}, secret="s", method=SignMethod.HMAC_SHA256)
    assert plain == "7F0DD104A82FC6177DE52BD7EC5DAF538ECA3B5A5E5260A9EA88B08886CA58EE"


def test_a_form_is_signed_whole() -> None:
    params = {"num_iid": "3838293428", "skuid_quantities": "1230005:7;1230006:0", "type": "1", "sku_id": ""}
    form = _ACCOUNT.form("taobao.skus.quantity.update", params, now=_NOW)
    vector = next(vector for vector in _VECTORS if vector["id"] == "top-skus-quantity-update")
    assert form == vector["params"] | {"sign": vector["expected"]}


def test_a_parameter_cannot_replace_a_common_one() -> None:
    assert _ACCOUNT.form("taobao.x.get", {"session": "other"}, now=_NOW)["session"] == "test-session"


def test_an_account_shows_no_secret() -> None:
    assert "helloworld" not in repr(_ACCOUNT)
    assert "test-session" not in repr(_ACCOUNT)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-8)), timezone(timedelta(hours=8))])
def test_times_are_those_of_beijing(zone: timezone) -> None:
    assert beijing(_NOW.astimezone(zone)) == "2026-11-20 10:00:00"


@pytest.mark.parametrize(
    ("method", "key"),
    [
        ("taobao.skus.quantity.update", "skus_quantity_update_response"),
        ("taobao.skus.quantity.update.tmall", "skus_quantity_update_tmall_response"),
        ("tmall.item.quantity.update", "tmall_item_quantity_update_response"),
    ],
)
def test_an_answer_stands_under_the_name_of_its_call(method: str, key: str) -> None:
    assert response_key(method) == key


# --- errors ------------------------------------------------------------------------------------------------


def _refusal(code: int | None, sub_code: str = "", *, sub_msg: str = "", msg: str = "") -> TopRefusal:
    return TopRefusal(code=code, msg=msg, sub_code=sub_code, sub_msg=sub_msg)


_KINDS = {
    Kind.THROTTLED: [4, 5, 6, 7, 8],
    Kind.SIGNATURE: [9, 21, 22, 23, 24, 25, 28, 29, 30, 31, 32, 33, 34],
    Kind.TRANSIENT: [10],
    Kind.PERMISSION: [11, 12, 13, 42],
    Kind.AUTH_EXPIRED: [26, 27, 53],
    Kind.REJECTED: [40, 41, 43],
}


@pytest.mark.parametrize(("code", "kind"), [(code, kind) for kind in _KINDS for code in _KINDS[kind]])
def test_a_code_of_the_gateway_has_a_kind(code: int, kind: Kind) -> None:
    assert kind_of(_refusal(code), writes=False) is kind


@pytest.mark.parametrize("code", [15, 50, 530])
@pytest.mark.parametrize(
    ("sub_code", "kind"),
    [
        ("accesscontrol.limited-by-app-access-count", Kind.THROTTLED),
        ("accesscontrol.limited-by-dynamic-access-count", Kind.THROTTLED),
        ("isp.call-limited", Kind.THROTTLED),
        ("isp.system-busy", Kind.TRANSIENT),
        ("isp.remote-service-timeout", Kind.TRANSIENT),
        ("isp.top-remote-service-unavailable", Kind.TRANSIENT),
        ("isv.permission-api-package-limit", Kind.PERMISSION),
        ("isv.appkey-not-exists", Kind.SIGNATURE),
        ("isv.invalid-parameter", Kind.REJECTED),
        ("isv.item-listing-service-error:SOLD_OUT", Kind.REJECTED),
        ("isv.item-quantity-service-error:ITEM_NOT_FOUND", Kind.NOT_FOUND),
        ("isv.item-is-delete:invalid-numIid", Kind.NOT_FOUND),
        ("isv.quantity-below-withheld", Kind.REJECTED),
        ("isv.item-service-error:CANNOT_DELETE", Kind.REJECTED),
        ("something-new", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
    ],
)
def test_a_refusal_of_the_service_goes_by_its_sub_code(code: int, sub_code: str, kind: Kind) -> None:
    assert kind_of(_refusal(code, sub_code), writes=False) is kind


@pytest.mark.parametrize(("code", "sub_code"), [(10, ""), (15, "isp.system-busy")])
def test_a_fault_of_the_platform_during_a_write_leaves_it_unknown(code: int, sub_code: str) -> None:
    assert kind_of(_refusal(code, sub_code), writes=True) is Kind.UNKNOWN


def test_a_throttled_write_was_not_applied() -> None:
    assert kind_of(_refusal(15, "isp.call-limited"), writes=True) is Kind.THROTTLED


@pytest.mark.parametrize(
    ("code", "kind"), [(99, Kind.REJECTED), (100, Kind.UNKNOWN), (0, Kind.UNKNOWN), (None, Kind.UNKNOWN)]
)
def test_only_the_gateways_own_check_proves_that_nothing_was_applied(code: int | None, kind: Kind) -> None:
    assert kind_of(_refusal(code), writes=True) is kind


@pytest.mark.parametrize("named", ["isv.over", "27"])
def test_settings_decide_before_the_table(named: str) -> None:
    refusal = _refusal(27, "isv.over")
    assert kind_of(refusal, writes=True, overrides={named: Kind.AUTH_REVOKED}) is Kind.AUTH_REVOKED


@pytest.mark.parametrize("where", ["msg", "sub_msg"])
def test_a_ban_says_how_long_it_lasts(where: str) -> None:
    text = {where: "This ban will last for 37 more seconds"}
    assert _refusal(7, **text).wait == 37.0


def test_a_refusal_without_a_ban_has_no_wait() -> None:
    assert _refusal(7, sub_msg="try it in 5 minutes").wait is None


def test_a_refusal_is_read_whole() -> None:
    error = {"code": "15", "msg": "Remote service error", "sub_code": "isv.x", "sub_msg": "库存不足"}
    refusal = refusal_of({"error_response": error})
    assert refusal == _refusal(15, "isv.x", msg="Remote service error", sub_msg="库存不足")


@pytest.mark.parametrize(("code", "read"), [(True, None), ("9" * 5000, None), ("x", None), (25, 25)])
def test_a_code_that_is_no_number_is_none(code: object, read: int | None) -> None:
    refusal = refusal_of({"error_response": {"code": code, "msg": 7}})
    assert refusal is not None
    assert (refusal.code, refusal.msg) == (read, "")


@pytest.mark.parametrize("body", [None, [], "error_response", {"items": {}}, {"error_response": "no"}])
def test_anything_else_is_no_refusal(body: object) -> None:
    assert refusal_of(body) is None


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (_refusal(15, "isv.x", msg="Remote", sub_msg="why"), "code 15 isv.x: why"),
        (_refusal(25, msg="Invalid signature"), "code 25: Invalid signature"),
        (_refusal(None), "without a reason"),
    ],
)
def test_a_refusal_says_what_the_platform_said(refusal: TopRefusal, text: str) -> None:
    assert refusal.text == text
