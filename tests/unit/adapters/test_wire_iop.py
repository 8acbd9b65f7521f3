"""The wire of IOP: signatures against the vectors, and its table of errors."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncd.adapters.wire.iop import (
    IopAccount,
    IopRefusal,
    kind_of,
    refusal_of,
    response_key,
    rest,
    sign,
    string_to_sign,
)
from syncd.errors import Kind

_VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data/vectors/aliexpress.json").read_text(encoding="utf-8")
)
_ACCOUNT = IopAccount(app_key="500000", app_secret="testsecret", access_token="test-session")
_NOW = datetime.fromtimestamp(1763604000, UTC)
_UPDATE = "aliexpress.solution.batch.product.inventory.update"

_vectors = pytest.mark.parametrize("vector", _VECTORS, ids=[vector["id"] for vector in _VECTORS])


# --- signatures --------------------------------------------------------------------------------------------


@_vectors
def test_the_string_to_sign_is_that_of_the_vector(vector: dict[str, Any]) -> None:
    assert string_to_sign(vector["params"]) == vector["string_to_sign"]


@_vectors
def test_the_signature_is_that_of_the_vector(vector: dict[str, Any]) -> None:
    assert sign(vector["params"], secret=vector["secret"]) == vector["expected"]


def test_a_path_stands_before_what_is_signed() -> None:
    params = {"b": "2", "a": "1"}
    assert string_to_sign(params, path="/auth/token/refresh") == "/auth/token/refresha1b2"
    assert sign(params, secret="s", path="/x") != sign(params, secret="s")


def test_names_are_sorted_by_byte() -> None:
    assert string_to_sign({"b": "1", "B": "2", "_": "3", "é": "4", "z": "5"}) == "B2_3b1z5é4"


def test_what_is_empty_and_the_signature_itself_are_not_signed() -> None:
    assert string_to_sign({"a": "1", "b": "", "sign": "X"}) == "a1"


def test_a_form_holds_all_that_is_signed_and_no_more() -> None:
    form = _ACCOUNT.form(_UPDATE, {"empty": ""}, now=_NOW)
    assert form.pop("sign") == sign(form, secret="testsecret")
    assert form == {
        "method": _UPDATE,
        "app_key": "500000",
        "session": "test-session",
        "timestamp": "1763604000000",
        "sign_method": "sha256",
        "format": "json",
        "simplify": "false",
    }


def test_a_form_of_a_path_names_no_method_and_no_token() -> None:
    form = _ACCOUNT.path_form("/auth/token/refresh", {"refresh_token": "r"}, now=_NOW)
    assert form.pop("sign") == sign(form, secret="testsecret", path="/auth/token/refresh")
    assert sorted(form) == ["app_key", "refresh_token", "sign_method", "timestamp"]


def test_no_secret_is_in_a_repr() -> None:
    assert "testsecret" not in repr(_ACCOUNT)
    assert "test-session" not in repr(_ACCOUNT)


def test_places_and_names_are_those_of_the_platform() -> None:
    assert rest("/auth/token/refresh") == "/rest/auth/token/refresh"
    assert response_key(_UPDATE) == "aliexpress_solution_batch_product_inventory_update_response"


# --- refusals ----------------------------------------------------------------------------------------------


def _told(code: str, sub_code: str = "", type_: str = "", *, writes: bool = False) -> Kind:
    return kind_of(IopRefusal(code=code, message="m", sub_code=sub_code, type=type_), writes=writes)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("IllegalAccessToken", Kind.AUTH_EXPIRED),
        ("illegalaccesstoken", Kind.AUTH_EXPIRED),
        ("InvalidSession", Kind.AUTH_EXPIRED),
        ("IllegalRefreshToken", Kind.AUTH_REVOKED),
        ("InvalidSignature", Kind.SIGNATURE),
        ("IncompleteSignature", Kind.SIGNATURE),
        ("InvalidAppKey", Kind.SIGNATURE),
        ("IllegalTimestamp", Kind.SIGNATURE),
        ("ApiCallLimit", Kind.THROTTLED),
        ("AppCallLimit", Kind.THROTTLED),
        ("ServiceTimeout", Kind.TRANSIENT),
        ("ServiceUnavailable", Kind.TRANSIENT),
        ("InsufficientPermission", Kind.PERMISSION),
        ("MissingParameter", Kind.REJECTED),
        ("InvalidParameter", Kind.REJECTED),
        ("SomethingNew", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
        ("7", Kind.THROTTLED),
        ("25", Kind.SIGNATURE),
        ("27", Kind.AUTH_EXPIRED),
        ("11", Kind.PERMISSION),
        ("15", Kind.UNKNOWN),
    ],
)
def test_a_code_has_its_meaning(code: str, kind: Kind) -> None:
    assert _told(code) is kind


@pytest.mark.parametrize(
    ("code", "sub_code", "kind"),
    [
        ("15", "isv.permission-api-package-limit", Kind.PERMISSION),
        ("15", "isp.remote-service-timeout", Kind.TRANSIENT),
        ("Api", "accesscontrol.limited-by-app-access-count", Kind.THROTTLED),
        ("15", "isv.product-not-found", Kind.UNKNOWN),
    ],
)
def test_a_sub_code_says_more(code: str, sub_code: str, kind: Kind) -> None:
    assert _told(code, sub_code) is kind


@pytest.mark.parametrize(
    ("type_", "kind"), [("ISP", Kind.TRANSIENT), ("SYSTEM", Kind.TRANSIENT), ("ISV", Kind.UNKNOWN)]
)
def test_the_type_tells_whose_fault_an_unknown_code_is(type_: str, kind: Kind) -> None:
    assert _told("E100", type_=type_) is kind


def test_a_fault_of_the_platform_leaves_a_write_unknown() -> None:
    assert _told("ServiceTimeout", writes=True) is Kind.UNKNOWN
    assert _told("ApiCallLimit", writes=True) is Kind.THROTTLED


def test_words_for_people_mean_nothing() -> None:
    refusal = IopRefusal(code="E1", message="the token is not found, limit, signature")
    assert kind_of(refusal, writes=False) is Kind.UNKNOWN


def test_the_settings_know_better() -> None:
    refusal = IopRefusal(code="E1", message="", sub_code="isv.gone")
    assert kind_of(refusal, writes=True, overrides={"E1": Kind.REJECTED}) is Kind.REJECTED
    told = {"isv.gone": Kind.NOT_FOUND, "E1": Kind.REJECTED}
    assert kind_of(refusal, writes=True, overrides=told) is Kind.NOT_FOUND


@pytest.mark.parametrize("body", [None, [], {"result": {}}, {"code": "0"}, {"code": 0}, {"code": ""}])
def test_an_answer_without_an_error_is_no_refusal(body: object) -> None:
    assert refusal_of(body) is None


def test_both_envelopes_of_errors_are_understood() -> None:
    older = refusal_of({"error_response": {"code": 27, "msg": "m", "sub_code": "s", "sub_msg": "t"}})
    newer = refusal_of({"code": "ApiCallLimit", "type": "ISV", "message": "m", "request_id": "r"})
    assert older == IopRefusal(code="27", message="m", sub_code="s", sub_message="t")
    assert newer == IopRefusal(code="ApiCallLimit", message="m", type="ISV")


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("This ban will last for 7 more seconds", 7.0),
        ("retry after 3 seconds", 3.0),
        ("later", None),
        ("limit 5 per second", None),
    ],
)
def test_the_wait_is_read_where_one_is_named(message: str, wait: float | None) -> None:
    assert IopRefusal(code="ApiCallLimit", message=message).wait == wait


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (IopRefusal(code="E1", message="m"), "code E1: m"),
        (IopRefusal(code="15", message="m", sub_code="isv.x", sub_message="why"), "code 15 isv.x: why"),
        (IopRefusal(code="", message=""), "no reason"),
        (IopRefusal(code="", message="m"), "m"),
    ],
)
def test_all_it_says_is_told(refusal: IopRefusal, text: str) -> None:
    assert refusal.text == text
