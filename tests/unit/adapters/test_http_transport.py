"""The client against servers that break the connection in every way, over real sockets."""

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import pytest

from syncd.adapters.http import HttpCall, HttpClient, open_http
from syncd.errors import Kind, PortError

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_GOOD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'


@dataclass(slots=True, kw_only=True)
class RawServer:
    """A server that reads requests and then does what its script says."""

    url: str
    requests: list[bytes] = field(default_factory=list)

    async def read(self, reader: asyncio.StreamReader) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(head)
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line.partition(b":")[2]))


Start = Callable[[Callable[[RawServer], Script]], Awaitable[RawServer]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def _start(make: Callable[[RawServer], Script]) -> RawServer:
            server = RawServer(url="")
            script = make(server)

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    await script(reader, writer)
                except (ConnectionError, asyncio.IncompleteReadError):
                    pass
                finally:
                    writer.close()

            listening = await asyncio.start_server(connected, "127.0.0.1", 0)
            await stack.enter_async_context(listening)
            server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            return server

        yield _start


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with open_http() as client:
        yield client


def _call(server: RawServer, *, writes: bool = True, path: str = "/stock", timeout: float = 20) -> HttpCall:
    return HttpCall(
        name="tmall",
        method="POST" if writes else "GET",
        path=path,
        url=f"{server.url}{path}",
        writes=writes,
        timeout=timeout,
        max_bytes=100_000,
        headers={"authorization": "Bearer hush"},
        body=b'{"changes":[]}' if writes else None,
    )


def _answering(*answers: bytes) -> Callable[[RawServer], Script]:
    """Answer each request of a connection with the next of `answers`, then close it."""

    def make(server: RawServer) -> Script:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for answer in answers:
                await server.read(reader)
                writer.write(answer)
                await writer.drain()

        return script

    return make


def _resetting(server: RawServer) -> Script:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.read(reader)
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return script


def _silent(server: RawServer) -> Script:
    async def script(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await server.read(reader)
        await reader.read()

    return script


def _with(head: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body


def _whole(encoding: str, body: bytes) -> bytes:
    return _with(f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}", body)


_SQUEEZED = gzip.compress(b'{"ok":true}')

_BROKEN: dict[str, Callable[[RawServer], Script]] = {
    "closed before the answer": _answering(b""),
    "reset": _resetting,
    "cut in the headers": _answering(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "cut in the body": _answering(_with("Content-Length: 100", b'{"ok"')),
    "cut in a chunk": _answering(_with("Transfer-Encoding: chunked", b'20\r\n{"ok"')),
    "cut between chunks": _answering(_with("Transfer-Encoding: chunked", b'5\r\n{"ok"\r\n')),
    "bad chunk size": _answering(_with("Transfer-Encoding: chunked", b"xyz\r\n{}\r\n")),
    "garbage instead of a status": _answering(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "a status that is no number": _answering(b"HTTP/1.1 abc OK\r\n\r\n"),
    "a content length that is no number": _answering(_with("Content-Length: ten", b"0123456789")),
    "a negative content length": _answering(_with("Content-Length: -1", b"{}")),
    "two content lengths": _answering(_with("Content-Length: 2\r\nContent-Length: 3", b"{}")),
    "a header without an end": _answering(_with("X: " + "x" * 70_000, b"{}")),
    "bad gzip": _answering(_whole("gzip", b"this is no gzip")),
    "cut gzip": _answering(_whole("gzip", _SQUEEZED[:-6])),
    "bad deflate": _answering(_whole("deflate", b"\x08 this is no deflate")),
    "an unknown encoding": _answering(_whole("sdch", b"{}")),
    "two encodings": _answering(_whole("gzip, deflate", _SQUEEZED)),
    "too large": _answering(_with("Content-Length: 100001", b" " * 100_001)),
    "too large once decompressed": _answering(_whole("gzip", gzip.compress(b" " * 50_000_000))),
}


@pytest.mark.parametrize("make", _BROKEN.values(), ids=_BROKEN.keys())
async def test_a_write_whose_answer_broke_is_unknown(
    start: Start, http: HttpClient, make: Callable[[RawServer], Script]
) -> None:
    server = await start(make)
    with pytest.raises(PortError) as caught:
        await http.exchange(_call(server))
    assert (caught.value.kind, caught.value.sent) == (Kind.UNKNOWN, True)


@pytest.mark.parametrize("make", _BROKEN.values(), ids=_BROKEN.keys())
async def test_a_read_whose_answer_broke_is_transient(
    start: Start, http: HttpClient, make: Callable[[RawServer], Script]
) -> None:
    server = await start(make)
    with pytest.raises(PortError) as caught:
        await http.exchange(_call(server, writes=False))
    assert (caught.value.kind, caught.value.sent) == (Kind.TRANSIENT, True)


@pytest.mark.parametrize("make", _BROKEN.values(), ids=_BROKEN.keys())
async def test_an_error_names_shop_method_and_path_but_no_query_or_header(
    start: Start, http: HttpClient, make: Callable[[RawServer], Script]
) -> None:
    server = await start(make)
    with pytest.raises(PortError, match=r"^tmall: POST /stock: ") as caught:
        await http.exchange(_call(server, path="/stock?sign=s3cret"))
    told = f"{caught.value}{caught.value.__cause__}"
    assert "s3cret" not in told
    assert "hush" not in told


async def test_silence_ends_as_unknown(start: Start, http: HttpClient) -> None:
    server = await start(_silent)
    with pytest.raises(PortError, match=r"no answer in 0\.05 seconds") as caught:
        await http.exchange(_call(server, timeout=0.05))
    assert (caught.value.kind, caught.value.sent) == (Kind.UNKNOWN, True)


async def test_an_answer_that_trickles_ends_by_the_clock(start: Start) -> None:
    def trickling(server: RawServer) -> Script:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await server.read(reader)
            writer.write(_with("Transfer-Encoding: chunked"))
            while not writer.is_closing():
                writer.write(b"1\r\n \r\n")
                await writer.drain()
                await asyncio.sleep(0)

        return script

    server = await start(trickling)
    async with open_http(connect_timeout=0.1) as http:
        endless = replace(_call(server, timeout=0.2), max_bytes=10**12)
        with pytest.raises(PortError, match=r"longer than 0\.3 seconds") as caught:
            await http.exchange(endless)
    assert caught.value.kind is Kind.UNKNOWN


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
async def test_a_request_on_a_dropped_connection_is_never_sent_twice(
    start: Start, http: HttpClient, method: str
) -> None:
    server = await start(_answering(_GOOD, b""))
    await http.exchange(_call(server))
    with pytest.raises(PortError) as caught:
        await http.exchange(replace(_call(server), method=method))
    assert caught.value.sent
    assert len(server.requests) == 2


async def test_a_kept_connection_is_used_again(start: Start, http: HttpClient) -> None:
    server = await start(_answering(_GOOD, _GOOD))
    answers = [await http.exchange(_call(server)) for _ in range(2)]
    assert [answer.body for answer in answers] == [b'{"ok":true}'] * 2


async def test_a_refused_connect_proves_that_nothing_was_sent(http: HttpClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(PortError, match="nothing was sent") as caught:
        await http.exchange(_call(RawServer(url=f"http://127.0.0.1:{port}")))
    assert (caught.value.kind, caught.value.sent) == (Kind.TRANSIENT, False)


async def test_a_connect_that_times_out_proves_that_nothing_was_sent(start: Start) -> None:
    arrived = asyncio.Event()

    def holding(server: RawServer) -> Script:
        async def script(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await server.read(reader)
            arrived.set()
            await reader.read()

        return script

    server = await start(holding)
    async with open_http(connect_timeout=0.1, limit=1) as http:
        first = asyncio.create_task(http.exchange(_call(server)))
        await arrived.wait()
        with pytest.raises(PortError, match="nothing was sent") as caught:
            await http.exchange(_call(server))
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
    assert (caught.value.kind, caught.value.sent) == (Kind.TRANSIENT, False)


async def test_a_cancelled_call_closes_its_connection(start: Start, http: HttpClient) -> None:
    arrived, left = asyncio.Event(), asyncio.Event()

    def watching(server: RawServer) -> Script:
        async def script(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await server.read(reader)
            arrived.set()
            await reader.read()
            left.set()

        return script

    server = await start(watching)
    call = asyncio.create_task(http.exchange(_call(server)))
    await arrived.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await left.wait()
    assert call.cancelled()


# --- what goes out and what comes in ------------------------------------------------------------------------


async def test_a_url_is_sent_byte_by_byte(start: Start, http: HttpClient) -> None:
    server = await start(_answering(_GOOD))
    await http.exchange(_call(server, path="/a%2Fb%20c/%E4%B8%AD?sign=a%2Bb%3D&x=%7e"))
    assert server.requests[0].startswith(b"POST /a%2Fb%20c/%E4%B8%AD?sign=a%2Bb%3D&x=%7e HTTP/1.1\r\n")


async def test_cookies_are_neither_kept_nor_sent(start: Start, http: HttpClient) -> None:
    cookie = _with("Set-Cookie: session=1\r\nContent-Length: 2", b"{}")
    server = await start(_answering(cookie, cookie))
    # aiohttp's own jar would keep the cookie of a name, though not that of an address.
    server.url = server.url.replace("127.0.0.1", "localhost")
    await http.exchange(_call(server))
    await http.exchange(_call(server))
    assert b"cookie" not in server.requests[1].lower()


async def test_a_redirect_is_not_followed(start: Start, http: HttpClient) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    server = await start(_answering(moved))
    answer = await http.exchange(_call(server))
    assert answer.status == 302


async def test_only_our_own_headers_go_out(start: Start, http: HttpClient) -> None:
    server = await start(_answering(_GOOD))
    await http.exchange(_call(server))
    names = {line.partition(b":")[0].lower() for line in server.requests[0].split(b"\r\n")[1:-2]}
    assert names == {b"host", b"user-agent", b"accept-encoding", b"authorization", b"content-length"}


def _bare_deflate(body: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(body) + squeezer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", _SQUEEZED),
        ("GZIP", gzip.compress(b'{"ok":') + gzip.compress(b"true}")),
        ("x-gzip", _SQUEEZED),
        ("deflate", zlib.compress(b'{"ok":true}')),
        ("deflate", _bare_deflate(b'{"ok":true}')),
        ("identity", b'{"ok":true}'),
    ],
    # A compressed body carries the time it was made: as a name it would differ from process to process.
    ids=["gzip", "two members", "x-gzip", "deflate", "bare deflate", "identity"],
)
async def test_a_compressed_body_is_read(start: Start, http: HttpClient, encoding: str, body: bytes) -> None:
    server = await start(_answering(_whole(encoding, body)))
    answer = await http.exchange(_call(server))
    assert answer.body == b'{"ok":true}'


async def test_headers_may_be_asked_in_any_case(start: Start, http: HttpClient) -> None:
    server = await start(_answering(_with("Retry-After: 7\r\nContent-Length: 2", b"{}")))
    answer = await http.exchange(_call(server))
    assert (answer.headers["retry-after"], answer.headers["Retry-After"]) == ("7", "7")


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://127.0.0.1:1/\n?sign=s3cret"},
        {"url": "no-url-at-all?sign=s3cret"},
        {"url": "ftp://127.0.0.1/?sign=s3cret"},
        {"headers": {"authorization": "s3cret…"}},
        {"headers": {"authorization": "s3cret\r\nX: y"}},
    ],
)
async def test_a_request_that_cannot_be_built_quotes_nothing(
    http: HttpClient, start: Start, change: dict[str, str]
) -> None:
    server = await start(_answering(_GOOD))
    with pytest.raises(PortError) as caught:
        await http.exchange(replace(_call(server), **change))  # type: ignore[arg-type]
    assert "s3cret" not in str(caught.value)
