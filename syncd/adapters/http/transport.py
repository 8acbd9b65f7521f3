"""The httpx transport over aiohttp: every failure keeps apart what was sent and what was not."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp
import httpx
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

_MEANINGS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
    (HttpProcessingError, httpx.RemoteProtocolError),
    (TimeoutError, httpx.ReadTimeout),
    (OSError, httpx.ReadError),
    (ValueError, httpx.LocalProtocolError),
    (TypeError, httpx.LocalProtocolError),
)
"""The first line that fits decides. Only the connector raises the first two, before a byte is written."""


_LENGTH = "content-length"
_NOT_ADDED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


def meaning(error: Exception) -> type[httpx.TransportError] | None:
    """Return the httpx class that `error` of aiohttp stands for, None for a bug of ours."""
    return next((ours for theirs, ours in _MEANINGS if isinstance(error, theirs)), None)


class Translated:
    """Turns what aiohttp raises inside the block into httpx errors, without the texts that quote the URL."""

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise what an error stands for; a bug of ours goes on as it is."""
        if isinstance(error, Exception) and (ours := meaning(error)) is not None:
            raise ours(_told(error)) from None


def _told(error: Exception) -> str:
    """Return the name of `error` and the system's word for it; a URL may hold a secret."""
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {reason}" if isinstance(reason, str) else type(error).__name__


async def send_once(
    request: aiohttp.ClientRequest, passed_on: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Pass `request` on once, as a middleware.

    aiohttp repeats a GET, PUT or DELETE whose kept connection broke; a repeated write may apply twice. It
    repeats only on errors of its own, which end here.
    """
    with Translated():
        return await passed_on(request)


class _Body(httpx.AsyncByteStream):
    """The body as it came over the wire, still compressed."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with Translated():
            async for chunk in self._answer.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        # Closes the connection unless the body was read to its end.
        self._answer.close()


class Head(NamedTuple):
    """What a request begins with; many carry the same one."""

    method: str
    url: URL
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, request: httpx.Request) -> Self:
        """Return the head of a request; its length is counted anew with every body."""
        raw = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in request.headers.raw]
        headers = tuple(pair for pair in raw if pair[0].lower() != _LENGTH)
        # The signature of a request covers its URL byte by byte, so it is never quoted again.
        return cls(request.method, URL(str(request.url), encoded=True), headers)


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends requests through a session of aiohttp, which it does not own.

    The session must have `send_once` as its middleware, no cookies and no decompression.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer as soon as its headers are read; its body follows as a stream.

        Raises:
            httpx.TransportError: a ConnectError or ConnectTimeout proves that nothing was sent.
        """
        answer = await self.send(Head.of(request), await request.aread(), _timeout(request))
        return httpx.Response(answer.status, headers=list(answer.raw_headers), stream=_Body(answer))

    async def send(self, head: Head, body: bytes, limits: aiohttp.ClientTimeout) -> aiohttp.ClientResponse:
        """Return the answer as soon as its headers are read; who asked must close it.

        Raises:
            httpx.TransportError: a ConnectError or ConnectTimeout proves that nothing was sent.
        """
        with Translated():
            return await self._session.request(
                head.method,
                head.url,
                headers=head.headers,
                data=body or None,
                allow_redirects=False,
                timeout=limits,
                skip_auto_headers=_NOT_ADDED,
            )


def _timeout(request: httpx.Request) -> aiohttp.ClientTimeout:
    """Return the request's time-outs for aiohttp; to wait for a free connection is to connect."""
    seconds: dict[str, float | None] = request.extensions.get("timeout", {})
    connect = seconds.get("connect")
    return aiohttp.ClientTimeout(connect=connect, sock_connect=connect, sock_read=seconds.get("read"))
