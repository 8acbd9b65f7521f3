"""What all rules have in common: what is signed is believed, and nothing that differs from it in one bit."""

import base64
import json
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.ports.hooks import HookRequest, Pairs, Probe, Reason, Refused, Signed
from tests.unit.adapters.hooks_rig import BY_RULE, CASES, NOW, SECRET, Case, pem, post
from tests.unit.adapters.hooks_rig import OTHER_KEY as OTHER_EBAY_KEY

_SIGNATURES = {
    "douyin": "event-sign",
    "iop": "Authorization",
    "shopify": "X-Shopify-Hmac-SHA256",
    "woocommerce": "X-WC-Webhook-Signature",
    "hmac": "webhook-signature",
    "ebay": "X-EBAY-SIGNATURE",
}
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)


def _reason(case: Case, request: HookRequest) -> Reason | None:
    verdict = case.hook().read(request)
    return verdict.reason if isinstance(verdict, Refused) else None


def _means(case: Case, signature: str) -> object:
    """Return what a signature says: eBay's is JSON in base64, of which two texts can say the same."""
    if case.rule != "ebay":
        return signature
    try:
        said = json.loads(base64.b64decode(signature, validate=True))
        return said["kid"], said["digest"], base64.b64decode(said["signature"], validate=True)
    except (KeyError, ValueError):
        return signature


def _form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("latin-1"), keep_blank_values=True)


@every_case
def test_what_the_platform_signed_is_believed_and_names_its_orders(case: Case) -> None:
    verdict = case.hook().read(case.request())
    assert isinstance(verdict, Signed)
    assert [message.orders for message in verdict.messages] == [case.orders]


@every_case
def test_a_time_that_was_signed_is_told(case: Case) -> None:
    verdict = case.hook().read(case.request())
    assert isinstance(verdict, Signed)
    assert verdict.at == (NOW if case.rule in {"top", "jd", "pdd", "hmac"} else None)


@every_case
def test_the_names_of_headers_are_the_same_in_any_case(case: Case) -> None:
    request = case.request()
    shouted = Pairs.of_headers((name.upper(), text) for name, text in request.headers.rows)
    assert isinstance(case.hook().read(replace(request, headers=shouted)), Signed)


@every_case
def test_another_secret_signs_nothing(case: Case) -> None:
    assert _reason(case, case.request(secret="another")) is Reason.SIGNATURE


@every_case
def test_during_a_change_over_the_secret_before_counts_too(case: Case) -> None:
    request = case.request(secret="another")
    if case.rule == "ebay":
        hook = case.hook(public_keys={"k-0": pem(OTHER_EBAY_KEY), "k-1": pem(OTHER_EBAY_KEY)})
    else:
        hook = case.hook(previous_secret="another")
    assert isinstance(hook.read(request), Signed)


@every_case
def test_without_a_signature_nothing_is_believed(case: Case) -> None:
    assert _reason(case, replace(case.request(), headers=Pairs.of_headers([]), query=Pairs())) in {
        Reason.UNSIGNED,
        Reason.MALFORMED,
    }


@every_case
def test_a_signature_that_comes_twice_is_none(case: Case) -> None:
    request = case.request()
    if case.rule in _SIGNATURES:
        rows = [row for row in request.headers.rows if row[0] == _SIGNATURES[case.rule]]
        twice = replace(request, headers=Pairs.of_headers([*request.headers.rows, *rows]))
        assert _reason(case, twice) is Reason.UNSIGNED
    else:
        twice = replace(request, query=Pairs((*request.query.rows, ("sign", "0"))))
        assert _reason(case, twice) is Reason.MALFORMED


@every_case
def test_only_a_post_is_taken(case: Case) -> None:
    assert _reason(case, replace(case.request(), method="PUT")) is Reason.METHOD


@every_case
@given(data=st.data())
def test_a_body_with_one_other_bit_is_refused(case: Case, data: st.DataObject) -> None:
    request = case.request()
    at = data.draw(st.integers(0, len(request.body) * 8 - 1))
    body = bytearray(request.body)
    body[at // 8] ^= 1 << at % 8
    # A form can write one text in two ways, and the text is what is signed.
    means_the_same = case.rule == "pdd" and _form(bytes(body)) == _form(request.body)
    assert means_the_same or _reason(case, replace(request, body=bytes(body))) is not None


@every_case
@given(data=st.data())
def test_a_signature_with_one_other_character_is_refused(case: Case, data: st.DataObject) -> None:
    request, other = case.request(), data.draw(st.characters(codec="utf-8"))
    is_query = case.rule not in _SIGNATURES
    rows = request.query.rows if is_query else request.headers.rows
    name = "sign" if is_query else _SIGNATURES[case.rule]
    text = dict(rows)[name]
    at = data.draw(st.integers(0, len(text) - 1))
    spoilt = text[:at] + other + text[at + 1 :]
    changed = tuple((key, spoilt if key == name else value) for key, value in rows)
    forged = (
        replace(request, query=Pairs(changed))
        if is_query
        else replace(request, headers=Pairs.of_headers(changed))
    )
    assert _means(case, spoilt) == _means(case, text) or _reason(case, forged) is not None


@every_case
@given(data=st.data())
def test_a_secret_with_one_other_character_is_refused(case: Case, data: st.DataObject) -> None:
    at, other = data.draw(st.integers(0, len(SECRET) - 1)), data.draw(st.characters(codec="utf-8"))
    secret = SECRET[:at] + other + SECRET[at + 1 :]
    assert secret == SECRET or _reason(case, case.request(secret=secret)) is Reason.SIGNATURE


@every_case
@given(
    method=st.sampled_from(["POST", "GET", "PATCH", ""]),
    rows=st.lists(st.tuples(st.text(), st.text())),
    body=st.binary(),
    data=st.data(),
)
def test_whatever_comes_in_is_judged_without_an_error(
    case: Case, method: str, rows: list[tuple[str, str]], body: bytes, data: st.DataObject
) -> None:
    known = [*case.request().headers.rows, *case.request().query.rows]
    mixed = data.draw(st.lists(st.sampled_from(known))) if known else []
    request = HookRequest(
        method=method,
        query=Pairs((*rows, *mixed)),
        headers=Pairs.of_headers([*mixed, *rows, ("webhook-timestamp", "9" * 11)]),
        body=body,
        received_at=NOW,
    )
    assert isinstance(case.hook().read(request), Refused | Probe)


@every_case
@given(inside=st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists), raw=st.binary())
def test_whatever_is_signed_is_judged_without_an_error(case: Case, inside: object, raw: bytes) -> None:
    for body in (raw, b"[" * 20_000, repr(inside).encode(errors="replace"), b'[{"tag":1,"data":[]}]', b"{}"):
        assert isinstance(case.hook().read(case.make(body, SECRET)), Signed | Probe | Refused)


def test_of_two_headers_of_one_name_neither_counts() -> None:
    headers = Pairs.of_headers([("A", "1"), ("a", "2")])
    assert (headers.one("A"), headers.has("a"), headers.has("b")) == ("", True, False)


@pytest.mark.parametrize("rule", ["douyin", "top", "jd", "pdd"])
def test_what_is_signed_for_another_app_is_not_for_us(rule: str) -> None:
    case = BY_RULE[rule]
    verdict = case.hook(app_key="another").read(case.request())
    # The key of a Douyin app is part of what is signed, so it does not even come to that.
    assert verdict == Refused(reason=Reason.SIGNATURE if rule == "douyin" else Reason.FOREIGN)


def test_a_request_shows_no_body_in_its_repr() -> None:
    assert "planted" not in repr(post(b"planted", {}))
