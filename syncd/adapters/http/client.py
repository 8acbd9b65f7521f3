"""The shared HTTP client: one exchange in, one whole answer or one `PortError` out."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from ssl import SSLContext

import aiohttp
import httpx

from syncd import __version__
from syncd.adapters.http.decoding import BodyDecoder, TooLarge, Undecodable
from syncd.adapters.http.transport import AiohttpTransport, Head, Translated, send_once
from syncd.errors import Kind, PortError

_HEADERS = {"user-agent": f"syncd/{__version__}", "accept-encoding": "gzip, deflate"}

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One request as the client sends it; `name` and `path` are all that a message says about it.

    `writes` says that an answer that does not arrive leaves the outcome unknown. `timeout` is the seconds
    that the answer may take in silence, and in all beside the time to connect. `max_bytes` limits the body,
    decompressed.
    """

    name: str
    method: str
    path: str
    url: str = field(repr=False)
    writes: bool
    timeout: float
    max_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)

    def error(self, message: str, *, sent: bool = True, kind: Kind | None = None) -> PortError:
        """Return the error of this call; its kind is unknown for a write, transient else, unless given."""
        kind = kind or (Kind.UNKNOWN if self.writes and sent else Kind.TRANSIENT)
        return PortError(kind, f"{self.place}: {message}", sent=sent)

    @property
    def place(self) -> str:
        """Return the shop, method and path for a message; never a query string."""
        place = f"{self.method} {self.path.partition('?')[0]}"
        return f"{self.name}: {place}" if self.name else place


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A whole answer, whatever its status; `headers` may be asked in any case, `body` is decompressed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class HttpClient:
    """Sends calls over the connections of `transport`; knows no cookies, redirects, proxies or retries."""

    def __init__(self, transport: httpx.AsyncBaseTransport, *, connect_timeout: float = 10.0) -> None:
        self._transport = transport
        self._connect_timeout = connect_timeout

    async def exchange(self, call: HttpCall) -> HttpAnswer:
        """Return the answer to `call`, also where its status says no.

        Raises:
            PortError: no whole answer; `sent` is False only if the connection was never made.
        """
        head = self._head(call)
        deadline = self._connect_timeout + call.timeout
        try:
            async with asyncio.timeout(deadline):
                if isinstance(self._transport, AiohttpTransport):
                    return await self._exchange(self._transport, call, head)
                return await self._answer(call, self._request(call))
        except TimeoutError:
            raise call.error(f"the whole answer took longer than {deadline:g} seconds") from None
        except TooLarge:
            raise call.error(f"the answer is larger than {call.max_bytes} bytes (max_bytes)") from None
        except Undecodable as error:
            raise call.error(f"the answer cannot be decompressed: {error}") from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, httpx.CookieConflict) as error:
            raise port_error(call, error) from None

    async def _exchange(self, transport: AiohttpTransport, call: HttpCall, head: Head) -> HttpAnswer:
        """Return the answer; a request and a response of httpx between would take a third of the time."""
        timeout = _limits(self._connect_timeout, call.timeout)
        answer = await transport.send(head, call.body or b"", timeout)
        try:
            decoder = BodyDecoder(answer.headers.get("content-encoding", ""), max_bytes=call.max_bytes)
            with Translated():
                async for chunk in answer.content.iter_any():
                    decoder.feed(chunk)
            return HttpAnswer(status=answer.status, headers=answer.headers, body=decoder.finish())
        finally:
            # Closes the connection unless the body was read to its end.
            answer.close()

    async def _answer(self, call: HttpCall, request: httpx.Request) -> HttpAnswer:
        response = await self._transport.handle_async_request(request)
        try:
            decoder = BodyDecoder(response.headers.get("content-encoding", ""), max_bytes=call.max_bytes)
            if not isinstance(response.stream, httpx.AsyncByteStream):
                raise TypeError("the transport is not an async one")
            # httpx would decompress a chunk without any limit, so its decoders are passed by.
            async for chunk in response.stream:
                decoder.feed(chunk)
            return HttpAnswer(status=response.status_code, headers=response.headers, body=decoder.finish())
        finally:
            await response.aclose()

    def _request(self, call: HttpCall) -> httpx.Request:
        times = {"connect": self._connect_timeout, "read": call.timeout}
        headers = _HEADERS | dict(call.headers)
        return httpx.Request(
            call.method, call.url, headers=headers, content=call.body, extensions={"timeout": times}
        )

    def _head(self, call: HttpCall) -> Head:
        try:
            return _built(call.method, call.url, tuple(call.headers.items()))
        except (httpx.InvalidURL, ValueError, TypeError):
            # The texts of these errors quote the URL or the header, which may be a secret.
            message = "the request cannot be built; check the URL and the headers for odd characters"
            raise call.error(message, sent=False, kind=Kind.REJECTED) from None


@lru_cache(maxsize=1024)
def _limits(connect: float, read: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(connect=connect, sock_connect=connect, sock_read=read)


@lru_cache(maxsize=1024)
def _built(method: str, url: str, headers: tuple[tuple[str, str], ...]) -> Head:
    """Return the head of a request; what writes to a shop differs in its body alone."""
    return Head.of(httpx.Request(method, url, headers=_HEADERS | dict(headers)))


def port_error(call: HttpCall, error: Exception) -> PortError:
    """Return what an error of the transport means for `call`; only a failed connect was not sent."""
    if isinstance(error, _NOT_SENT):
        return call.error(f"no connection, nothing was sent ({type(error).__name__}: {error})", sent=False)
    if isinstance(error, httpx.TimeoutException):
        return call.error(f"no answer in {call.timeout:g} seconds ({type(error).__name__})")
    return call.error(f"the connection failed before the whole answer came ({type(error).__name__}: {error})")


@asynccontextmanager
async def open_http(
    *,
    connect_timeout: float = 10.0,
    limit: int = 200,
    limit_per_host: int = 50,
    keepalive: float = 15.0,
    ssl: SSLContext | None = None,
) -> AsyncIterator[HttpClient]:
    """Yield the client that all adapters share, and close its connections afterwards.

    `keepalive` is shorter than most servers' own, because a write on a connection that the server is just
    closing ends as unknown. Without `ssl` the system's certificates are trusted.
    """
    connector = aiohttp.TCPConnector(
        limit=limit,
        limit_per_host=limit_per_host,
        keepalive_timeout=keepalive,
        ssl=ssl or True,
        # Else aiohttp rounds long time-outs up to whole seconds.
        timeout_ceil_threshold=float("inf"),
    )
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        middlewares=(send_once,),
    )
    async with session:
        yield HttpClient(AiohttpTransport(session), connect_timeout=connect_timeout)
