"""Douyin's wire: signatures of calls, pushes and calls to us, and what refusals mean."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncd.adapters.wire.douyin import (
    DouyinAccount,
    DouyinRefusal,
    Family,
    SignMethod,
    canonical,
    code_of,
    event_sign,
    kind_of,
    method_of,
    refusal_of,
    row_kind,
    sign,
    spi_sign,
    verify_event,
    verify_spi,
)
from syncd.errors import Kind

_FILE = Path(__file__).parents[2] / "data" / "vectors" / "douyin.json"
VECTORS = {vector["id"]: vector for vector in json.loads(_FILE.read_text(encoding="utf-8"))}
CALLS = [vector for vector in VECTORS.values() if vector["platform"] == "doudian"]
EVENT, SPI = VECTORS["doudian-event-sign"], VECTORS["doudian-spi-md5"]


# --- calls -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", CALLS, ids=lambda vector: vector["id"])
def test_a_call_has_the_signature_of_its_vector(vector: dict[str, Any]) -> None:
    account = DouyinAccount(app_key=vector["params"]["app_key"], app_secret=vector["secret"])
    now = datetime.fromtimestamp(int(vector["params"]["timestamp"]), UTC)
    path = "/" + vector["params"]["method"].replace(".", "/")
    query = account.query(path, vector["body"], access="test-token", now=now)
    assert query["sign"] == vector["expected"]
    assert query.items() >= vector["params"].items()


@pytest.mark.parametrize("vector", CALLS, ids=lambda vector: vector["id"])
def test_a_body_is_written_as_that_of_its_vector(vector: dict[str, Any]) -> None:
    assert canonical(json.loads(vector["body"])) == vector["body"]


def test_whole_numbers_are_written_as_such_at_every_depth() -> None:
    assert canonical({"b": [2.0, {"z": 1.0, "a": True}], "a": 0.5}) == '{"a":0.5,"b":[2,{"a":true,"z":1}]}'


def test_what_is_no_number_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})


def test_neither_the_token_nor_the_way_to_sign_is_signed() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    account = DouyinAccount(app_key="1", app_secret="s")
    signs = {account.query("/a", "{}", access=token, now=now)["sign"] for token in ("x", "y", "")}
    assert len(signs) == 1


def test_a_call_for_tokens_has_its_body_in_the_query_and_no_token() -> None:
    account = DouyinAccount(app_key="1", app_secret="s")
    query = account.query("/token/refresh", "{}", access="", now=datetime(2026, 11, 20, tzinfo=UTC))
    assert (query["param_json"], "access_token" in query) == ("{}", False)


def test_old_apps_sign_with_md5() -> None:
    # The sum of "sapp_key1v2s", computed apart from this program.
    expected = "c35b4498d90260bbc3ee0c6c54af64ec"
    assert sign({"v": "2", "app_key": "1"}, secret="s", method=SignMethod.MD5) == expected


def test_an_account_shows_no_secret() -> None:
    assert "planted" not in repr(DouyinAccount(app_key="1", app_secret="planted"))


def test_a_method_is_its_path_with_dots() -> None:
    assert method_of("/sku/syncStockBatch") == "sku.syncStockBatch"


# --- what the platform sends us ----------------------------------------------------------------------------


def _event(body: str = EVENT["body"], signature: str = EVENT["expected"], **changes: str) -> bool:
    app = EVENT["params"]["app-id"]
    who = {"app_id": app, "app_key": app, "secret": EVENT["secret"]} | changes
    return verify_event(body.encode(), signature, **who)


def test_a_push_has_the_signature_of_its_vector() -> None:
    app = EVENT["params"]["app-id"]
    assert event_sign(EVENT["body"].encode(), app_key=app, secret=EVENT["secret"]) == EVENT["expected"]


def test_a_push_of_the_platform_is_believed() -> None:
    assert _event()


@pytest.mark.parametrize(
    "changes",
    [
        {"body": EVENT["body"] + " "},
        {"signature": EVENT["expected"].upper()},
        {"signature": ""},
        {"signature": "ｆ" * 32},
        {"signature": "\udcff"},
        {"app_id": "1"},
        {"secret": "other"},
    ],
)
def test_any_other_push_is_not(changes: dict[str, str]) -> None:
    assert not _event(**changes)


def test_a_call_to_us_has_the_signature_of_its_vector() -> None:
    params = SPI["params"]
    found = spi_sign(
        SPI["body"],
        app_key=params["app_key"],
        timestamp=params["timestamp"],
        secret=SPI["secret"],
        method=SignMethod(params["sign_method"]),
    )
    assert found == SPI["expected"]


def _spi(body: bytes, **changes: str) -> bool:
    query = SPI["params"] | {"sign": SPI["expected"]} | changes
    return verify_spi(query, body, app_key=SPI["params"]["app_key"], secret=SPI["secret"])


@pytest.mark.parametrize("method", ["md5", ""])
def test_a_call_to_us_of_the_platform_is_believed(method: str) -> None:
    assert _spi(SPI["body"].encode(), sign_method=method)


@pytest.mark.parametrize("name", ["sign", "sign_v2"])
def test_a_call_to_us_may_be_signed_the_newer_way(name: str) -> None:
    params = SPI["params"]
    newer = spi_sign(
        SPI["body"],
        app_key=params["app_key"],
        timestamp=params["timestamp"],
        secret=SPI["secret"],
        method=SignMethod.HMAC_SHA256,
    )
    assert _spi(SPI["body"].encode(), sign_method="hmac-sha256", **{name: newer})


@pytest.mark.parametrize(
    "changes",
    [
        {"sign": ""},
        {"app_key": "1"},
        {"timestamp": "2026-11-20 10:00:01"},
        {"sign_method": "hmac-sha256"},
        {"sign_method": "sha1"},
        {"sign": "0" * 32, "sign_v2": SPI["expected"]},
    ],
)
def test_any_other_call_to_us_is_not(changes: dict[str, str]) -> None:
    assert not _spi(SPI["body"].encode(), **changes)


@pytest.mark.parametrize("body", [b"{}", b"\xff"])
def test_a_call_to_us_with_another_body_is_not_believed(body: bytes) -> None:
    assert not _spi(body)


# --- refusals ----------------------------------------------------------------------------------------------


def _refusal(code: int | None, sub_code: str = "", *, msg: str = "", sub_msg: str = "") -> DouyinRefusal:
    return DouyinRefusal(code=code, msg=msg, sub_code=sub_code, sub_msg=sub_msg)


@pytest.mark.parametrize(
    ("code", "sub_code", "kind"),
    [
        (20000, "isp.service-error:1", Kind.TRANSIENT),
        (20000, "dop.service-error", Kind.TRANSIENT),
        (20001, "", Kind.TRANSIENT),
        (30001, "isv.app-permissions-insufficient:x", Kind.PERMISSION),
        (30001, "dop.authorization-no-existed", Kind.AUTH_REVOKED),
        (30001, "dop.authorization-closed", Kind.AUTH_REVOKED),
        (30001, "dop.app-forbidden", Kind.AUTH_REVOKED),
        (30001, "something-new", Kind.PERMISSION),
        (30002, "", Kind.PERMISSION),
        (40001, "isv.signature-missing", Kind.SIGNATURE),
        (40001, "isv.app-id-missing", Kind.SIGNATURE),
        (40001, "isv.access-token-missing", Kind.SIGNATURE),
        (40003, "isv.signature-invalid", Kind.SIGNATURE),
        (40003, "isv.timestamp-invalid", Kind.SIGNATURE),
        (40003, "isv.timestamp-format-error", Kind.SIGNATURE),
        (40003, "isv.app-id-invalid", Kind.SIGNATURE),
        (40003, "isv.app-id-expired", Kind.SIGNATURE),
        (40003, "isv.parameter-format-invalid", Kind.SIGNATURE),
        (40003, "isv.access-token-expired", Kind.AUTH_EXPIRED),
        (40003, "isv.access-token-no-existed", Kind.AUTH_EXPIRED),
        (40003, "isv.access-token-invalid", Kind.AUTH_EXPIRED),
        (40003, "isv.authorization-type-invalid", Kind.AUTH_REVOKED),
        (40003, "something-new", Kind.UNKNOWN),
        (40002, "", Kind.REJECTED),
        (40004, "isv.parameter-invalid:17", Kind.REJECTED),
        (50002, "isv.business-failed:2010042", Kind.NOT_FOUND),
        (50002, "isv.business-failed:2010058", Kind.NOT_FOUND),
        (50002, "isv.business-failed:2010401", Kind.TRANSIENT),
        (50002, "isv.business-failed:777", Kind.UNKNOWN),
        (60000, "", Kind.THROTTLED),
        (70000, "isp.api-service-off", Kind.PERMISSION),
        (80000, "", Kind.UNKNOWN),
        (90000, "", Kind.TRANSIENT),
        (12345, "", Kind.UNKNOWN),
        (None, "", Kind.UNKNOWN),
    ],
)
def test_a_refused_reading_has_a_kind(code: int | None, sub_code: str, kind: Kind) -> None:
    assert kind_of(_refusal(code, sub_code), Family.OTHER, writes=False) is kind


@pytest.mark.parametrize(
    ("family", "code", "sub_code", "kind"),
    [
        (Family.SKU, 40004, "isv.parameter-invalid:4", Kind.NOT_FOUND),
        (Family.SKU, 40004, "isv.parameter-invalid:5", Kind.NOT_FOUND),
        (Family.SKU, 40004, "isv.parameter-invalid:40010", Kind.DUPLICATE),
        (Family.SKU, 40003, "isv.idempotent-id-existed", Kind.DUPLICATE),
        (Family.SKU, 40004, "isv.business-failed:40004", Kind.UNKNOWN),
        (Family.SKU, 50002, "isp.service-error:2010401", Kind.UNKNOWN),
        (Family.PRODUCT, 50002, "isv.business-failed:2010012", Kind.REJECTED),
        (Family.PRODUCT, 50002, "isv.business-failed:2010045", Kind.REJECTED),
        (Family.PRODUCT, 50002, "isv.business-failed:2010021", Kind.DUPLICATE),
        (Family.PRODUCT, 50002, "isv.parameter-invalid:2010013", Kind.REJECTED),
        (Family.PRODUCT, 50002, "isv.business-failed:2010058", Kind.NOT_FOUND),
        (Family.PRODUCT, 50002, "isv.business-failed:2010001", Kind.UNKNOWN),
        (Family.ROWS, 50002, "isv.business-failed:-20002", Kind.DUPLICATE),
        (Family.ROWS, 50002, "isv.business-failed:-40012", Kind.REJECTED),
        (Family.ROWS, 50002, "isv.business-failed:-5000", Kind.UNKNOWN),
        (Family.TOKEN, 50001, "dop.token-generate-failed:token-expired", Kind.AUTH_REVOKED),
        (Family.TOKEN, 50001, "dop.token-generate-failed:no-authorization", Kind.AUTH_REVOKED),
        (Family.TOKEN, 50001, "dop.token-generate-failed:something-new", Kind.UNKNOWN),
        (Family.TOKEN, 40003, "isv.access-token-expired", Kind.AUTH_REVOKED),
        (Family.TOKEN, 40004, "isv.parameter-invalid:1", Kind.AUTH_REVOKED),
        (Family.TOKEN, 40003, "isv.signature-invalid", Kind.SIGNATURE),
        (Family.TOKEN, 60000, "", Kind.THROTTLED),
        (Family.OTHER, 40004, "isv.parameter-invalid:4", Kind.REJECTED),
        (Family.OTHER, 60000, "", Kind.THROTTLED),
    ],
)
def test_a_refused_write_has_a_kind_by_the_numbers_of_its_call(
    family: Family, code: int, sub_code: str, kind: Kind
) -> None:
    assert kind_of(_refusal(code, sub_code), family, writes=True) is kind


@pytest.mark.parametrize("word", ["isv.product-not-found", "isv.sku-is-deleted", "isv.not-exist:not-found"])
def test_no_word_says_that_a_listing_is_gone(word: str) -> None:
    kinds = {kind_of(_refusal(50002, word), family, writes=True) for family in Family}
    assert kinds == {Kind.UNKNOWN}


def test_a_reading_was_never_done_before() -> None:
    refusal = _refusal(40003, "isv.idempotent-id-existed")
    assert kind_of(refusal, Family.OTHER, writes=False) is Kind.UNKNOWN


@pytest.mark.parametrize("named", ["isv.business-failed:2010042", "50002"])
def test_settings_decide_before_the_table(named: str) -> None:
    refusal = _refusal(50002, "isv.business-failed:2010042")
    kind = kind_of(refusal, Family.OTHER, writes=True, overrides={named: Kind.AUTH_REVOKED})
    assert kind is Kind.AUTH_REVOKED


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-20001, Kind.REJECTED),
        (-20002, Kind.DUPLICATE),
        (-40003, Kind.NOT_FOUND),
        (-5000, Kind.UNKNOWN),
        (-99999, Kind.UNKNOWN),
        (4, Kind.UNKNOWN),
        (None, Kind.UNKNOWN),
    ],
)
def test_the_code_of_a_row_has_a_kind(code: int | None, kind: Kind) -> None:
    assert row_kind(code) is kind


def test_settings_decide_what_a_row_means() -> None:
    assert row_kind(-99999, overrides={"-99999": Kind.REJECTED}) is Kind.REJECTED


@pytest.mark.parametrize(
    "body",
    [
        {"code": 10000, "data": {}},
        {"code": 10001, "data": {}},
        {"code": "10000"},
        {"err_no": 0, "data": {}},
        {"data": {}},
        None,
        [],
    ],
)
def test_what_was_carried_out_or_is_no_answer_is_no_refusal(body: object) -> None:
    assert refusal_of(body) is None


def test_a_refusal_is_read_whole() -> None:
    body = {"code": "50002", "msg": "m", "sub_code": "s", "sub_msg": "t", "data": None}
    assert refusal_of(body) == _refusal(50002, "s", msg="m", sub_msg="t")


def test_a_refusal_of_the_old_form_is_read() -> None:
    assert refusal_of({"err_no": 7, "message": "no"}) == _refusal(7, msg="no")


def test_what_is_no_text_is_left_out() -> None:
    assert refusal_of({"code": [], "msg": 5, "sub_code": None}) == _refusal(None)


@pytest.mark.parametrize(
    ("value", "code"), [(5, 5), ("-5", -5), (True, None), (1.0, None), ("x", None), ("9" * 10, None)]
)
def test_a_code_is_a_whole_number(value: object, code: int | None) -> None:
    assert code_of(value) == code


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (_refusal(5, "a", msg="b", sub_msg="c"), "code 5 a: c"),
        (_refusal(5, msg="b"), "code 5: b"),
        (_refusal(None), "without a reason"),
    ],
)
def test_a_refusal_says_what_the_platform_said(refusal: DouyinRefusal, text: str) -> None:
    assert refusal.text == text
