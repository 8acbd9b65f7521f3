"""What is particular to each platform, and the signatures that others computed."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from syncd.adapters.hooks import open_hook
from syncd.config.hooks import HookTable
from syncd.ports.hooks import HookRequest, Pairs, Probe, Reason, Refused, Signed, Verdict
from tests.unit.adapters.hooks_rig import (
    BY_RULE,
    ENDPOINT,
    KEY,
    NOW,
    SECRET,
    post,
    standard,
    top,
    with_header,
)

VECTORS = Path(__file__).parents[2] / "data" / "vectors"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _vectors(name: str) -> Any:  # noqa: ANN401 - JSON is anything
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def _read(request: HookRequest, **table: object) -> Verdict:
    return open_hook(HookTable.model_validate(table)).read(request)


def _md5(params: Mapping[str, str], body: bytes = b"") -> str:
    text = "".join(f"{name}{params[name]}" for name in sorted(params)).encode() + body
    return hashlib.md5(SECRET.encode() + text + SECRET.encode()).hexdigest().upper()


# --- Douyin ------------------------------------------------------------------------------------------------


def _douyin(rows: list[dict[str, object]]) -> Verdict:
    case = BY_RULE["douyin"]
    return case.hook().read(case.make(json.dumps(rows).encode(), SECRET))


def test_the_platforms_worked_example_of_a_message_is_believed() -> None:
    row = next(each for each in _vectors("douyin") if each["id"] == "doudian-event-sign")
    request = post(row["body"].encode(), {"app-id": row["params"]["app-id"], "event-sign": row["expected"]})
    verdict = _read(request, rule="douyin", secret=row["secret"], app_key=row["params"]["app-id"])
    assert isinstance(verdict, Signed)
    assert verdict.messages[0].orders == {"4800000000000000001"}
    assert verdict.messages[0].ids == ("msg:6890000000000000001:101:1763604000:7000",)


def test_it_hears_that_all_is_well() -> None:
    verdict = BY_RULE["douyin"].hook().read(BY_RULE["douyin"].request())
    assert isinstance(verdict, Signed)
    assert (verdict.answer.status, json.loads(verdict.answer.body)) == (200, {"code": 0, "msg": "success"})


def test_its_probe_is_answered_and_nothing_else() -> None:
    verdict = _douyin([{"tag": "0", "msg_id": "0", "data": "2022-02-15 16:00:00"}])
    assert isinstance(verdict, Probe)
    assert b"success" in verdict.answer.body


def test_of_a_delivery_with_a_probe_the_news_count() -> None:
    verdict = _douyin([{"tag": "0", "msg_id": "0"}, {"tag": "400", "msg_id": "7", "data": "{}"}])
    assert isinstance(verdict, Signed)
    assert [message.ids for message in verdict.messages] == [("msg:7",)]


@pytest.mark.parametrize(
    ("tag", "data", "orders"),
    [
        ("100", '{"p_id":4800}', {"4800"}),
        ("206", '{"p_id":"4800"}', {"4800"}),
        ("400", '{"product_id":7,"p_id":4800}', set()),
        ("100", '{"p_id":4800.5}', set()),
        ("100", '{"p_id":true}', set()),
        ("100", '{"p_id":"../1"}', set()),
        ("100", '{"p_id":0}', set()),
        ("100", "not json", set()),
        ("100", "[1]", set()),
    ],
)
def test_an_order_is_named_where_a_message_of_orders_has_one(tag: str, data: str, orders: set[str]) -> None:
    verdict = _douyin([{"tag": tag, "msg_id": "1", "data": data}])
    assert isinstance(verdict, Signed)
    assert verdict.messages[0].orders == orders


def test_a_message_without_an_id_is_known_by_the_delivery() -> None:
    verdict = _douyin([{"tag": "100", "data": "{}"}])
    assert isinstance(verdict, Signed)
    assert verdict.messages[0].ids[0].startswith("signed:")


@pytest.mark.parametrize("body", [b"{}", b"[]", b"[1]", b"null", b"\xff", b"[NaN]"])
def test_what_is_no_list_of_messages_is_refused(body: bytes) -> None:
    case = BY_RULE["douyin"]
    assert case.hook().read(case.make(body, SECRET)) == Refused(reason=Reason.MALFORMED)


# --- TOP, JD, Pinduoduo ------------------------------------------------------------------------------------


def test_a_form_is_signed_with_the_query_and_has_nothing_behind_it() -> None:
    query = {"app_key": KEY, "timestamp": "2026-11-23 18:00:00"}
    form = {"tid": "4800", "note": "a b&c 中"}
    request = post(urlencode(form).encode(), FORM, {**query, "sign": _md5({**query, **form})})
    verdict = _read(request, rule="top", **BY_RULE["top"].settings)
    assert isinstance(verdict, Signed)
    assert verdict.messages[0].orders == {"4800"}


def test_headers_that_the_call_lists_are_signed_too() -> None:
    query = {"app_key": KEY, "timestamp": "2026-11-23 18:00:00"}
    sign = _md5({**query, "from-ip": "10.0.0.1 a", "absent": ""}, b"{}")
    headers = {"top-sign-list": "from-ip,absent", "From-IP": "10.0.0.1%20a"}
    request = post(b"{}", headers, {**query, "sign": sign})
    assert isinstance(_read(request, rule="top", **BY_RULE["top"].settings), Signed)
    forged = with_header(request, "From-IP", "10.0.0.2")
    assert _read(forged, rule="top", **BY_RULE["top"].settings) == Refused(reason=Reason.SIGNATURE)


@pytest.mark.parametrize(("method", "digest"), [("hmac", "md5"), ("hmac-sha256", "sha256")])
def test_hmac_signs_as_calls_to_the_platform_are_signed(method: str, digest: str) -> None:
    query = {"app_key": KEY, "sign_method": method, "timestamp": "2026-11-23 18:00:00"}
    text = "".join(f"{name}{query[name]}" for name in sorted(query))
    sign = hmac.new(SECRET.encode(), text.encode() + b"{}", digest).hexdigest().upper()
    request = post(b"{}", {}, {**query, "sign": sign})
    assert isinstance(_read(request, rule="top", **BY_RULE["top"].settings), Signed)


def test_a_form_alone_cannot_carry_the_signature() -> None:
    form = {"app_key": KEY, "timestamp": "2026-11-23 18:00:00"}
    request = post(urlencode({**form, "sign": _md5(form)}).encode(), FORM)
    assert _read(request, rule="top", **BY_RULE["top"].settings) == Refused(reason=Reason.UNSIGNED)


@pytest.mark.parametrize("body", [b"a=\xff", b"a=1&a=2", b"app_key=1"])
def test_a_form_that_can_be_read_in_two_ways_is_refused(body: bytes) -> None:
    request = replace(top(b"", SECRET), body=body, headers=Pairs.of_headers(FORM.items()))
    assert _read(request, rule="top", **BY_RULE["top"].settings) == Refused(reason=Reason.MALFORMED)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-23 18:00:00", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23 18:00:00.500+0800", datetime(2026, 11, 23, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("0001-01-01 00:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_call_needs_a_time_that_can_be_read(text: str, at: datetime | None) -> None:
    query = {"app_key": KEY, "timestamp": text, "method": "m", "v": "2.0"}
    signed = {**query, "360buy_param_json": "{}"}
    sign = _md5({name: value for name, value in signed.items() if value})
    verdict = _read(post(b"{}", {}, {**query, "sign": sign}), rule="jd", **BY_RULE["jd"].settings)
    if at is None:
        assert verdict == Refused(reason=Reason.MALFORMED)
    else:
        assert isinstance(verdict, Signed)
        assert verdict.at == at


def test_jd_may_send_its_parameters_as_a_form() -> None:
    query = {"app_key": KEY, "timestamp": "2026-11-23 18:00:00", "method": "m", "v": "2.0"}
    form = {"360buy_param_json": '{"a":1}'}
    request = post(urlencode(form).encode(), FORM, {**query, "sign": _md5({**query, **form})})
    assert isinstance(_read(request, rule="jd", **BY_RULE["jd"].settings), Signed)


@pytest.mark.parametrize("row", _vectors("jd"), ids=lambda row: row["id"])
def test_jds_own_example_of_a_signature_is_ours(row: dict[str, Any]) -> None:
    params = dict(row["params"])
    body = params.pop("360buy_param_json").encode()
    request = post(body, {}, {**params, "sign": row["expected"]})
    verdict = _read(request, rule="jd", secret=row["secret"], app_key=params["app_key"])
    assert isinstance(verdict, Signed)


@pytest.mark.parametrize("row", _vectors("pdd"), ids=lambda row: row["id"])
def test_pinduoduos_own_example_of_a_signature_is_ours(row: dict[str, Any]) -> None:
    request = post(b"", {}, {**row["params"], "sign": row["expected"]})
    verdict = _read(request, rule="pdd", secret=row["secret"], app_key=row["params"]["client_id"])
    assert isinstance(verdict, Signed)


def test_pinduoduo_signs_no_body_but_a_form() -> None:
    request = replace(BY_RULE["pdd"].request(), headers=Pairs.of_headers([]))
    assert BY_RULE["pdd"].hook().read(request) == Refused(reason=Reason.MALFORMED)


# --- Shopify, WooCommerce ----------------------------------------------------------------------------------


def test_shopifys_headers_come_without_their_x_too() -> None:
    request = BY_RULE["shopify"].request()
    rows = [(name.removeprefix("X-"), text) for name, text in request.headers.rows]
    verdict = BY_RULE["shopify"].hook().read(replace(request, headers=Pairs.of_headers(rows)))
    assert isinstance(verdict, Signed)
    assert "event:e-1" in verdict.messages[0].ids


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [("shopify", "X-Shopify-Topic", "products/update"), ("woocommerce", "X-WC-Webhook-Resource", "product")],
)
def test_what_is_no_order_names_none(rule: str, name: str, text: str) -> None:
    verdict = BY_RULE[rule].hook().read(with_header(BY_RULE[rule].request(), name, text))
    assert isinstance(verdict, Signed)
    assert verdict.messages[0].orders == frozenset()


@pytest.mark.parametrize("rule", ["shopify", "woocommerce", "iop"])
def test_a_signed_body_that_is_no_object_is_refused(rule: str) -> None:
    case = BY_RULE[rule]
    assert case.hook().read(case.make(b"[]", SECRET)) == Refused(reason=Reason.MALFORMED)


@pytest.mark.parametrize("row", _vectors("woocommerce"), ids=lambda row: row["secret"])
def test_what_woocommerce_itself_signed_is_believed(row: dict[str, str]) -> None:
    request = post(row["body"].encode(), {"X-WC-Webhook-Signature": row["signature"]})
    verdict = _read(request, rule="woocommerce", secret=row["secret"])
    # An empty body is signed well and says nothing.
    assert isinstance(verdict, Signed) or not row["body"]
    assert verdict != Refused(reason=Reason.SIGNATURE)


def test_deliveries_recorded_from_woocommerce_are_two_pings_a_product_and_an_order() -> None:
    recorded = _vectors("woocommerce-deliveries")
    verdicts = [
        _read(
            post(each["body_utf8"].encode(), each["headers"]), rule="woocommerce", secret=recorded["secret"]
        )
        for each in recorded["deliveries"]
    ]
    assert [type(verdict) for verdict in verdicts] == [Probe, Probe, Signed, Signed]
    orders = [verdict.messages[0].orders for verdict in verdicts if isinstance(verdict, Signed)]
    assert orders == [frozenset(), {"16"}]


@pytest.mark.parametrize("body", [b"webhook_id=", b"webhook_id=1&x=2", b"webhook_id=1x", b'{"id":1}'])
def test_nothing_else_unsigned_passes_for_woocommerces_ping(body: bytes) -> None:
    verdict = _read(post(body, FORM), rule="woocommerce", secret=SECRET)
    assert verdict == Refused(reason=Reason.UNSIGNED)


# --- eBay --------------------------------------------------------------------------------------------------


def _ebay(word: str) -> Verdict:
    row = _vectors("ebay")[word]
    keys = {_vectors("ebay")["VALID"]["public_key"]: _vectors("ebay")["VALID"]["response"]["key"]}
    body = json.dumps(row["message"], separators=(",", ":")).encode()
    return _read(
        post(body, {"X-EBAY-SIGNATURE": row["signature"]}),
        rule="ebay",
        verification_token="t" * 32,
        endpoint=ENDPOINT,
        public_keys=keys,
    )


def test_what_ebay_itself_signed_is_believed() -> None:
    verdict = _ebay("VALID")
    assert isinstance(verdict, Signed)
    assert verdict.messages[0].ids[0].startswith("notification:49feeaeb-")


@pytest.mark.parametrize("word", ["INVALID", "SIGNATURE_MISMATCH"])
def test_what_ebays_own_tests_refuse_is_refused(word: str) -> None:
    assert _ebay(word) == Refused(reason=Reason.SIGNATURE)


def test_ebays_challenge_is_answered_with_the_token_and_the_address() -> None:
    request = HookRequest(method="GET", query=Pairs((("challenge_code", "abc"),)), received_at=NOW)
    verdict = BY_RULE["ebay"].hook().read(request)
    assert isinstance(verdict, Probe)
    wanted = hashlib.sha256(f"abctoken-of-eighty{ENDPOINT}".encode()).hexdigest()
    assert json.loads(verdict.answer.body) == {"challengeResponse": wanted}


@pytest.mark.parametrize("code", ["", "x" * 1001])
def test_a_get_without_a_challenge_is_refused(code: str) -> None:
    request = HookRequest(method="GET", query=Pairs((("challenge_code", code),)), received_at=NOW)
    assert BY_RULE["ebay"].hook().read(request) == Refused(reason=Reason.METHOD)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kid": "k-9"}, Reason.KEY),
        ({"digest": "MD5"}, Reason.SIGNATURE),
        ({"signature": "?"}, Reason.SIGNATURE),
        ({"signature": ""}, Reason.SIGNATURE),
    ],
)
def test_a_header_that_names_something_else_is_refused(change: dict[str, str], reason: Reason) -> None:
    request = BY_RULE["ebay"].request()
    header = json.loads(base64.b64decode(request.headers.one("X-EBAY-SIGNATURE")))
    forged = base64.b64encode(json.dumps({**header, **change}).encode()).decode()
    verdict = BY_RULE["ebay"].hook().read(with_header(request, "X-EBAY-SIGNATURE", forged))
    assert verdict == Refused(reason=reason)


@pytest.mark.parametrize("header", ["?", "bnVsbA==", "/w=="])
def test_a_header_that_cannot_be_read_names_no_key(header: str) -> None:
    request = with_header(BY_RULE["ebay"].request(), "X-EBAY-SIGNATURE", header)
    assert BY_RULE["ebay"].hook().read(request) == Refused(reason=Reason.KEY)


# --- Standard Webhooks -------------------------------------------------------------------------------------


def test_the_specifications_own_example_is_believed() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,AAAA v2,none v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    verdict = _read(post(b'{"test": 2432232314}', headers), rule="hmac", secret=secret)
    assert isinstance(verdict, Signed)
    assert verdict.at == datetime(2021, 2, 25, 15, 2, 10, tzinfo=UTC)


def test_a_repeat_has_the_same_id_and_another_time() -> None:
    hook = BY_RULE["hmac"].hook()
    first, second = (hook.read(standard(b"x", SECRET, at=NOW + timedelta(seconds=late))) for late in (0, 60))
    assert isinstance(first, Signed)
    assert isinstance(second, Signed)
    assert first.messages == second.messages


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_the_id_and_the_time_are_signed(name: str) -> None:
    request = with_header(standard(b"x", SECRET), name, "1")
    assert BY_RULE["hmac"].hook().read(request) == Refused(reason=Reason.SIGNATURE)


@pytest.mark.parametrize("time", ["", "soon", "-1", "9" * 12, "１"])
def test_a_time_that_is_none_is_malformed(time: str) -> None:
    request = with_header(standard(b"x", SECRET), "webhook-timestamp", time)
    assert BY_RULE["hmac"].hook().read(request) == Refused(reason=Reason.MALFORMED)
