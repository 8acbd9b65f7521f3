"""Every exception of the libraries below is mapped, and nothing that is shown holds a secret."""

import traceback
from collections.abc import Iterable

import aiohttp
import httpx
import pytest
from aiohttp import client_exceptions, http_exceptions

from syncd.adapters.http import HttpAnswer, HttpCall, HttpClient
from syncd.adapters.http.transport import Translated, meaning
from syncd.errors import PortError

_CALL = HttpCall(
    name="tmall",
    method="POST",
    path="/stock",
    url="http://127.0.0.1:1/stock?sign=hush",
    writes=True,
    timeout=20,
    max_bytes=100_000,
    headers={"authorization": "Bearer hush"},
    body=b"hush",
)


def _classes(namespaces: Iterable[object], root: type[Exception]) -> list[type[Exception]]:
    found = [value for space in namespaces for value in vars(space).values()]
    kinds = {value for value in found if isinstance(value, type) and issubclass(value, root)}
    return sorted(kinds, key=lambda kind: kind.__name__)


_THEIRS = _classes([aiohttp, client_exceptions, http_exceptions], aiohttp.ClientError) + _classes(
    [http_exceptions], http_exceptions.HttpProcessingError
)

_NOT_SENT = {
    "ClientConnectorError",
    "ClientConnectorDNSError",
    "ClientConnectorSSLError",
    "ClientConnectorCertificateError",
    "ClientProxyConnectionError",
    "ClientSSLError",
    "ConnectionTimeoutError",
    "UnixClientConnectorError",
}


@pytest.mark.parametrize("theirs", _THEIRS)
def test_every_exception_of_aiohttp_is_mapped(theirs: type[Exception]) -> None:
    ours = meaning(theirs.__new__(theirs))
    assert ours is not None
    assert issubclass(ours, (httpx.ConnectError, httpx.ConnectTimeout)) == (theirs.__name__ in _NOT_SENT)


def test_a_bug_of_ours_is_not_taken_for_a_broken_connection() -> None:
    assert meaning(AssertionError()) is None


_HTTPX = [
    *_classes([httpx], httpx.HTTPError),
    *_classes([httpx], httpx.StreamError),
    httpx.InvalidURL,
    httpx.CookieConflict,
]


@pytest.mark.parametrize("theirs", _HTTPX)
async def test_every_exception_of_httpx_is_a_port_error(theirs: type[Exception]) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        error = theirs.__new__(theirs)
        error.args = ("it failed",)
        raise error

    client = HttpClient(httpx.MockTransport(fail))
    with pytest.raises(PortError) as caught:
        await client.exchange(_CALL)
    assert caught.value.sent == (theirs not in {httpx.ConnectError, httpx.ConnectTimeout})


def test_neither_a_call_nor_its_answer_shows_secrets() -> None:
    answer = HttpAnswer(status=200, headers={"set-cookie": "hush"}, body=b"hush")
    assert "hush" not in repr(_CALL) + repr(answer)


def test_the_url_in_an_error_of_the_transport_is_in_no_trace() -> None:
    theirs = aiohttp.InvalidURL("http://shop/?token=secret")
    with pytest.raises(httpx.UnsupportedProtocol) as caught, Translated():
        raise theirs
    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_a_bug_of_ours_is_no_error_of_the_transport() -> None:
    with pytest.raises(AssertionError, match="ours"), Translated():
        raise AssertionError("ours")
