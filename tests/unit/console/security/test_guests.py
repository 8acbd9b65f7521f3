"""How long a connection may keep the console waiting, and that all of them count."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from syncd.console.access import anyone
from syncd.console.guests import MOST_CONNECTIONS, Guests, Patience
from syncd.console.server import Door
from tests.unit.console.security.certificate import certificate
from tests.unit.console.security.stage import ALICE, Browser, Stage, browser, settings

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_GREETING = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


def impatient(*, asking: float = 60.0, taking: float = 60.0) -> Stage:
    """Return a console that waits for so many seconds."""
    return Stage(door=Door(patience=Patience(asking=asking, taking=taking)))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection(URL(url).host, URL(url).port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def wound_up(streams: Streams) -> bytes:
    """Send one more byte of a head now and then until we are hung up on; return what was answered."""
    reader, writer = streams
    while True:
        try:
            async with asyncio.timeout(0.01):
                return await reader.read(1)
        except TimeoutError:
            writer.write(b"x")


# --- who asks for nothing ----------------------------------------------------------------------------------


async def test_who_connects_and_says_nothing_is_hung_up_on() -> None:
    async with impatient(asking=0.05).showing() as url, connected(url) as (reader, _):
        assert await reader.read() == b""


async def test_who_sends_the_head_byte_by_byte_is_hung_up_on_all_the_same() -> None:
    async with impatient(asking=0.05).showing() as url, connected(url) as streams:
        streams[1].write(_GREETING + b"X: ")
        assert await wound_up(streams) == b""


async def test_who_sends_the_next_head_byte_by_byte_is_hung_up_on() -> None:
    async with impatient(asking=0.05).showing() as url, connected(url) as streams:
        reader, writer = streams
        writer.write(_GREETING + b"\r\n" + _GREETING + b"X: ")
        assert (await reader.readuntil(b'"alive"}')).startswith(b"HTTP/1.1 200 OK")
        assert await wound_up(streams) == b""


# --- who takes nothing -------------------------------------------------------------------------------------


async def test_who_takes_nothing_of_an_answer_is_hung_up_on() -> None:
    gone = asyncio.Event()

    @anyone
    async def pour(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(bytes(65_536))
        finally:
            gone.set()

    async with impatient(taking=0.05).showing(routes=[web.get("/pour", pour)]) as url, connected(url) as made:
        made[1].write(b"GET /pour HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await gone.wait()


async def test_who_asks_on_and_on_and_takes_no_answer_is_hung_up_on() -> None:
    stage = impatient(taking=0.05)
    async with stage.showing() as url:
        with socket.socket() as raw:
            # Little room at both ends, or the kernel would take it all.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(raw, (URL(url).host, URL(url).port))

            async def ask_on() -> None:
                while True:
                    await loop.sock_sendall(raw, (_GREETING + b"\r\n") * 100)

            with pytest.raises(ConnectionError):
                await ask_on()


async def test_who_takes_an_answer_bit_by_bit_gets_all_of_it() -> None:
    size = 8 * 1024**2

    @anyone
    async def pour(_request: web.Request) -> web.Response:
        return web.Response(body=bytes(size))

    async with impatient(taking=5.0).showing(routes=[web.get("/pour", pour)]) as url, connected(url) as made:
        reader, writer = made
        writer.write(b"GET /pour HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        taken = 0
        while bit := await reader.read(50_000):
            taken += len(bit)
        assert taken == size


async def answered(made: Browser) -> int:
    """Return the status of the first answer; until there is room there is none."""
    while True:
        try:
            return (await made.get("/healthz")).status
        except aiohttp.ClientError:
            # As the daemon does after each cycle: what is left of a failed handshake may hold itself.
            gc.collect()


# --- TLS ---------------------------------------------------------------------------------------------------


async def test_who_does_not_even_greet_counts_as_a_connection_until_it_is_gone(tmp_path: Path) -> None:
    files = certificate(tmp_path)
    table = settings(tls_cert=str(files.cert), tls_key=str(files.key))
    async with Stage().showing(table) as url:
        host, port = URL(url).host, URL(url).port
        held = [await asyncio.open_connection(host, port) for _ in range(MOST_CONNECTIONS)]
        async with browser(url, trusting=files.trusting()) as made:
            with pytest.raises(aiohttp.ClientError):
                await made.get("/healthz")
            for _, writer in held:
                writer.close()
            assert await answered(made) == 200


async def test_who_never_greets_counts_no_longer_than_greeting_may_take() -> None:
    guests = Guests(web.Server(_nobody), Patience(greeting=0.01))
    held = [guests() for _ in range(MOST_CONNECTIONS)]
    refused = guests()
    over = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, over.set)
    await over.wait()
    assert (type(refused) is type(held[0]), type(guests()) is type(held[0])) == (False, True)


async def _nobody(_request: web.BaseRequest) -> web.StreamResponse:
    raise AssertionError("nobody asks")


async def test_who_greets_only_after_a_reload_meets_no_token_of_before(tmp_path: Path) -> None:
    files = certificate(tmp_path)
    keys = {"tls_cert": str(files.cert), "tls_key": str(files.key)}
    stage = Stage()
    before = stage.showing(settings(**keys))
    url = await before.__aenter__()
    async with connected(url) as (reader, writer), stage.showing(settings(**keys, tokens={})):
        await writer.start_tls(files.trusting(), server_hostname="127.0.0.1")
        head = f"GET /api/v1/read HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ALICE}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode())
        assert b"alice" not in await reader.read()
    await before.__aexit__(None, None, None)
