"""JSON calls: what goes out, and what each status and body means."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import respx

from syncd.adapters.http import HttpClient, JsonAnswer, JsonClient, expecting
from syncd.adapters.http.answers import retry_after
from syncd.errors import Kind, PortError

_SITE = "https://shop.test/api"


@pytest.fixture
def router() -> respx.MockRouter:
    return respx.MockRouter(assert_all_called=False)


@pytest.fixture
def client(router: respx.MockRouter) -> JsonClient:
    http = HttpClient(httpx.MockTransport(router.async_handler))
    return JsonClient(http, base_url=f"{_SITE}/", headers={"Authorization": "Bearer hush"}, name="tmall")


async def _failure(client: JsonClient, method: str = "GET", **parts: Any) -> PortError:  # noqa: ANN401
    with pytest.raises(PortError) as caught:
        await client.call(method, "/stock", **parts)
    return caught.value


# --- what goes out ------------------------------------------------------------------------------------------


async def test_json_goes_out_as_compact_utf8(router: respx.MockRouter, client: JsonClient) -> None:
    route = router.post(f"{_SITE}/stock").respond(json={})
    await client.call("POST", "/stock", json={"code": "中", "n": [1, None]})
    request = route.calls.last.request
    assert request.content == '{"code":"中","n":[1,null]}'.encode()
    assert request.headers["content-type"] == "application/json"


async def test_a_form_goes_out_encoded(router: respx.MockRouter, client: JsonClient) -> None:
    route = router.post(f"{_SITE}/stock").respond(json={})
    await client.call("POST", "/stock", data={"a": "1&2", "b": "中"})
    assert route.calls.last.request.content == b"a=1%262&b=%E4%B8%AD"


async def test_bytes_go_out_as_they_are(router: respx.MockRouter, client: JsonClient) -> None:
    route = router.post(f"{_SITE}/stock").respond(json={})
    await client.call("POST", "/stock", data=b"<a/>", headers={"Content-Type": "text/xml"})
    request = route.calls.last.request
    assert (request.content, request.headers.get_list("content-type")) == (b"<a/>", ["text/xml"])


async def test_parameters_go_out_quoted_whole(router: respx.MockRouter, client: JsonClient) -> None:
    route = router.get(url__startswith=_SITE).respond(json={})
    await client.call("GET", "/stock", params={"ids": "a b,c/d&e", "on": True, "page": 2})
    assert route.calls.last.request.url.raw_path == b"/api/stock?ids=a%20b%2Cc%2Fd%26e&on=true&page=2"


async def test_a_parameter_may_come_twice_and_beside_a_fixed_one(
    router: respx.MockRouter, client: JsonClient
) -> None:
    route = router.get(url__startswith=_SITE).respond(json={})
    await client.call("GET", "stock?v=2", params=[("id", 1), ("id", 2)])
    assert route.calls.last.request.url.raw_path == b"/api/stock?v=2&id=1&id=2"


async def test_the_header_of_a_call_replaces_that_of_the_site(
    router: respx.MockRouter, client: JsonClient
) -> None:
    route = router.get(url__startswith=_SITE).respond(json={})
    await client.call("GET", "/stock", headers={"AUTHORIZATION": "Bearer other"})
    assert route.calls.last.request.headers.get_list("authorization") == ["Bearer other"]


@pytest.mark.parametrize("body", [float("nan"), {"a": "\ud800"}, {"a": object()}])
async def test_a_body_that_is_no_json_is_refused_unsent(client: JsonClient, body: object) -> None:
    error = await _failure(client, "POST", json=body)
    assert (error.kind, error.sent) == (Kind.REJECTED, False)


# --- bodies that come in ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b" \n", None),
        (b"", None),
        (b'{"a":1,"a":1}', {"a": 1}),
        (b'{"n":9223372036854775808123}', {"n": 9223372036854775808123}),
        (b'["\\u4e2d"]', ["中"]),
        (b"[" + b"1," * 600_000 + b"1]", [1] * 600_001),
    ],
)
async def test_json_is_read(router: respx.MockRouter, client: JsonClient, body: bytes, value: object) -> None:
    router.get(url__startswith=_SITE).respond(content=body)
    assert (await client.call("GET", "/stock")).body == value


_NOT_UNDERSTOOD = {
    "html": b"<html></html>",
    "cut": b'{"a":',
    "two values": b'{"a":1}{"a":1}',
    "NaN": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "two values for one key": b'{"quantity":5,"quantity":500}',
    "a number of 5000 digits": b"[" + b"9" * 5000 + b"]",
    "nested too deeply": b"[" * 100_000,
    "GBK": '{"a":"中文"}'.encode("gbk"),
    "UTF-16": '{"a":1}'.encode("utf-16"),
}


@pytest.mark.parametrize("body", _NOT_UNDERSTOOD.values(), ids=_NOT_UNDERSTOOD.keys())
@pytest.mark.parametrize(("method", "kind"), [("GET", Kind.TRANSIENT), ("POST", Kind.UNKNOWN)])
async def test_a_body_that_is_not_understood_is_no_answer(
    router: respx.MockRouter, client: JsonClient, body: bytes, method: str, kind: Kind
) -> None:
    router.route(url__startswith=_SITE).respond(content=body)
    error = await _failure(client, method)
    assert (error.kind, error.sent) == (kind, True)


@pytest.mark.parametrize("body", _NOT_UNDERSTOOD.values(), ids=_NOT_UNDERSTOOD.keys())
async def test_a_refusal_with_any_body_has_its_kind(
    router: respx.MockRouter, client: JsonClient, body: bytes
) -> None:
    router.get(url__startswith=_SITE).respond(403, content=body)
    assert (await _failure(client)).kind is Kind.PERMISSION


# --- statuses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (301, Kind.REJECTED, Kind.UNKNOWN),
        (302, Kind.REJECTED, Kind.UNKNOWN),
        (400, Kind.REJECTED, Kind.REJECTED),
        (401, Kind.AUTH_EXPIRED, Kind.AUTH_EXPIRED),
        (403, Kind.PERMISSION, Kind.PERMISSION),
        (404, Kind.NOT_FOUND, Kind.NOT_FOUND),
        (408, Kind.TRANSIENT, Kind.UNKNOWN),
        (409, Kind.REJECTED, Kind.REJECTED),
        (410, Kind.NOT_FOUND, Kind.NOT_FOUND),
        (422, Kind.REJECTED, Kind.REJECTED),
        (425, Kind.TRANSIENT, Kind.TRANSIENT),
        (429, Kind.THROTTLED, Kind.THROTTLED),
        (500, Kind.TRANSIENT, Kind.UNKNOWN),
        (502, Kind.TRANSIENT, Kind.UNKNOWN),
        (503, Kind.TRANSIENT, Kind.UNKNOWN),
        (504, Kind.TRANSIENT, Kind.UNKNOWN),
        (599, Kind.TRANSIENT, Kind.UNKNOWN),
    ],
)
async def test_a_status_has_a_kind_for_reads_and_for_writes(
    router: respx.MockRouter, client: JsonClient, status: int, read: Kind, write: Kind
) -> None:
    router.route(url__startswith=_SITE).respond(status)
    kinds = [(await _failure(client, method)).kind for method in ("GET", "POST")]
    assert kinds == [read, write]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_all_but_reads_are_taken_for_writes(
    router: respx.MockRouter, client: JsonClient, method: str
) -> None:
    router.route(url__startswith=_SITE).respond(500)
    assert (await _failure(client, method)).kind is Kind.UNKNOWN


async def test_a_search_by_post_may_be_called_a_read(router: respx.MockRouter, client: JsonClient) -> None:
    router.route(url__startswith=_SITE).respond(500)
    assert (await _failure(client, "POST", writes=False)).kind is Kind.TRANSIENT


async def test_503_with_a_hint_is_throttling(router: respx.MockRouter, client: JsonClient) -> None:
    router.route(url__startswith=_SITE).respond(503, headers={"Retry-After": "12"})
    error = await _failure(client, "POST")
    assert (error.kind, error.retry_after) == (Kind.THROTTLED, 12.0)


async def test_the_caller_may_judge_a_refusal(router: respx.MockRouter) -> None:
    def judge(answer: JsonAnswer) -> Kind | None:
        return Kind.AUTH_REVOKED if answer.body == {"error": "token_revoked"} else None

    http = HttpClient(httpx.MockTransport(router.async_handler))
    client = JsonClient(http, base_url=_SITE, judge=judge)
    router.get(url__startswith=_SITE).respond(401, json={"error": "token_revoked"})
    assert (await _failure(client)).kind is Kind.AUTH_REVOKED


async def test_a_refusal_names_shop_method_path_and_status_only(
    router: respx.MockRouter, client: JsonClient
) -> None:
    router.get(url__startswith=_SITE).respond(400, json={"echo": "hush"}, headers={"x-echo": "hush"})
    error = await _failure(client, params={"sign": "hush"})
    assert str(error) == "tmall: GET /stock: answered 400; check the settings of the request"


def test_a_client_does_not_show_its_headers(client: JsonClient) -> None:
    assert "hush" not in repr(client)


_DATE = "Mon, 02 Mar 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "86400"}, 3600.0),
        ({"retry-after": "9" * 400}, 3600.0),
        ({"retry-after": "Mon, 02 Mar 2026 10:00:30 GMT", "date": _DATE}, 30.0),
        ({"retry-after": "Mon, 02 Mar 2026 09:00:00 GMT", "date": _DATE}, 0.0),
        ({"retry-after": "Tue, 03 Mar 2026 10:00:00 GMT", "date": _DATE}, 3600.0),
        ({"retry-after": "Mon, 02 Mar 2026 10:00:30 GMT"}, None),
        ({"retry-after": "Mon, 02 Mar 2026 10:00:30", "date": _DATE}, None),
    ],
)
def test_a_wait_is_read_without_a_clock(headers: Mapping[str, str], wait: float | None) -> None:
    assert retry_after(headers) == wait


# --- taking answers apart -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [KeyError("items"), IndexError("s3cret"), TypeError("s3cret"), ValueError("s3cret")]
)
def test_an_unexpected_answer_is_unknown_and_not_quoted(error: Exception) -> None:
    with pytest.raises(PortError, match="tmall: the answer was not understood") as caught, expecting("tmall"):
        raise error
    assert caught.value.kind is Kind.UNKNOWN
    assert "s3cret" not in str(caught.value)


def test_a_missing_key_is_named() -> None:
    body: dict[str, int] = {}
    with pytest.raises(PortError, match="'items' is missing"), expecting("tmall"):
        assert body["items"]


def test_other_errors_pass_through() -> None:
    with pytest.raises(AssertionError), expecting("tmall"):
        raise AssertionError
