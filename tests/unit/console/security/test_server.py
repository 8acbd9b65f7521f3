"""The listening socket: reloads keep it, a taken port is said, TLS is TLS, and an end is an end."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from syncd.console.access import anyone
from syncd.console.guests import MOST_CONNECTIONS
from syncd.console.keys import LEAVING
from syncd.console.server import Door
from syncd.errors import ConfigError, ListenError
from tests.unit.console.security.certificate import certificate
from tests.unit.console.security.stage import ALICE, ROUTES, Stage, browser, settings


def says(word: str) -> web.RouteDef:
    """Return a route that answers with a word of its own."""

    @anyone
    async def say(_request: web.Request) -> web.Response:
        return web.Response(text=word)

    return web.get("/word", say)


@contextmanager
def taken() -> Iterator[int]:
    """Yield a port that another program has."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


# --- reloads -----------------------------------------------------------------------------------------------


async def test_a_reload_keeps_the_port_and_shows_what_is_new(stage: Stage) -> None:
    async with stage.showing(routes=[says("old")]) as url, browser(url) as made:
        assert (await made.get("/word")).text == "old"
        async with stage.showing(routes=[says("new")]) as again:
            assert (again, (await made.get("/word")).text) == (url, "new")
    assert stage.told.named("http_listening") == [{"url": url}]


async def test_the_one_before_is_closed_without_touching_the_next(stage: Stage) -> None:
    before = stage.showing(routes=[says("old")])
    url = await before.__aenter__()
    async with stage.showing(routes=[says("new")]), browser(url) as made:
        await before.__aexit__(None, None, None)
        assert (await made.get("/word")).text == "new"


async def test_the_port_is_kept_through_one_reload_after_another(stage: Stage) -> None:
    async with AsyncExitStack() as present:
        urls = {await present.enter_async_context(stage.showing())}
        for _ in range(3):
            past = present.pop_all()
            urls.add(await present.enter_async_context(stage.showing()))
            await past.aclose()
    assert len(urls) == len(stage.told.named("http_listening")) == 1


async def test_callers_find_somebody_at_every_moment_of_a_reload(stage: Stage) -> None:
    async with stage.showing(routes=[says("old")]) as url, aiohttp.ClientSession() as client:
        over = asyncio.Event()

        async def ask() -> set[str]:
            words = set()
            while not over.is_set():
                # A connection for each, or the first would be kept.
                async with client.get(f"{url}/word", headers={"Connection": "close"}) as answer:
                    words.add(await answer.text())
            return words

        asking = asyncio.create_task(ask())
        async with stage.showing(routes=[says("new")]):
            over.set()
            assert await asking <= {"old", "new"}


async def test_another_port_is_another_address(stage: Stage) -> None:
    with taken() as port:
        pass
    async with stage.showing() as url, stage.showing(settings(port=port)) as other:
        assert URL(other).port == port
        async with browser(url) as made:
            with pytest.raises(aiohttp.ClientConnectorError):
                await made.get("/healthz")


async def test_nobody_listens_after_the_end(stage: Stage) -> None:
    async with stage.showing() as url:
        pass
    async with browser(url) as made:
        with pytest.raises(aiohttp.ClientConnectorError):
            await made.get("/healthz")


async def test_a_port_that_somebody_has_is_named_and_changes_nothing(stage: Stage) -> None:
    with taken() as port:
        async with stage.showing() as url, browser(url) as made:
            with pytest.raises(
                ListenError, match=rf"http\.port: cannot listen at 127\.0\.0\.1:{port}: .* set another"
            ):
                await stage.showing(settings(port=port)).__aenter__()
            assert (await made.get("/healthz")).status == 200


# --- the end -----------------------------------------------------------------------------------------------


async def test_a_stream_that_listens_ends_at_once_when_the_application_closes(stage: Stage) -> None:
    @anyone
    async def stream(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"begin")
        await request.app[LEAVING].wait()
        await answer.write(b"end")
        return answer

    shown = stage.showing(routes=[web.get("/stream", stream)])
    url = await shown.__aenter__()
    async with aiohttp.ClientSession() as client, client.get(f"{url}/stream") as answer:
        assert await answer.content.readexactly(5) == b"begin"
        await shown.__aexit__(None, None, None)
        assert await answer.content.read() == b"end"


async def test_a_stream_that_never_ends_is_cut() -> None:
    stage = Stage(door=Door(grace=0.01))
    cut = asyncio.Event()

    @anyone
    async def stream(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"begin")
        try:
            await asyncio.Event().wait()
        finally:
            cut.set()
        return answer

    shown = stage.showing(routes=[web.get("/stream", stream)])
    url = await shown.__aenter__()
    async with aiohttp.ClientSession() as client, client.get(f"{url}/stream") as answer:
        await answer.content.readexactly(5)
        await shown.__aexit__(None, None, None)
    assert cut.is_set()


# --- time ---------------------------------------------------------------------------------------------------


async def test_a_handler_that_never_answers_is_cut() -> None:
    stage = Stage(within=0.05)

    @anyone
    async def hang(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with stage.showing(routes=[web.get("/hang", hang)]) as url, browser(url) as made:
        answer = await made.get("/hang")
    assert (answer.status, "no answer within" in answer.text) == (503, True)


async def test_an_answer_that_has_begun_may_take_its_time() -> None:
    stage, passed = Stage(within=0.05), asyncio.Event()

    @anyone
    async def stream(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"begin")
        await passed.wait()
        await answer.write(b"end")
        return answer

    shown = stage.showing(routes=[web.get("/stream", stream)])
    async with shown as url, browser(url) as made, made.client.get(f"{url}/stream") as answer:
        await answer.content.readexactly(5)
        asyncio.get_running_loop().call_later(0.2, passed.set)
        assert await answer.content.read() == b"end"


async def test_who_sends_a_body_too_slowly_is_not_waited_for() -> None:
    stage = Stage(within=0.05)
    async with stage.showing() as url:
        reader, writer = await asyncio.open_connection(URL(url).host, URL(url).port)
        head = f"POST /api/v1/change HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ALICE}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{{".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        writer.close()


# --- who may connect ---------------------------------------------------------------------------------------


async def test_a_connection_too_many_is_hung_up_on(stage: Stage) -> None:
    async with stage.showing() as url:
        host, port = URL(url).host, URL(url).port
        held = [await asyncio.open_connection(host, port) for _ in range(MOST_CONNECTIONS + 1)]
        for _, writer in held[-2:]:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answers = [await reader.read() for reader, _ in held[-2:]]
        for _, writer in held:
            writer.close()
    assert [answer.partition(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 200 OK", b""]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: 1\r\n" % number for number in range(500)) + b"\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
        b"hello\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_the_console_goes_on(
    stage: Stage, sent: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    async with stage.showing() as url:
        reader, writer = await asyncio.open_connection(URL(url).host, URL(url).port)
        writer.write(sent)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        assert b" 200 " not in answer.partition(b"\r\n")[0]
        assert b"Traceback" not in answer
        async with browser(url) as made:
            assert (await made.get("/healthz")).status == 200
    assert capfd.readouterr().err == ""


# --- TLS ---------------------------------------------------------------------------------------------------


async def test_with_a_certificate_it_is_https_alone(stage: Stage, tmp_path: Path) -> None:
    files = certificate(tmp_path)
    table = settings(tls_cert=str(files.cert), tls_key=str(files.key))
    async with stage.showing(table) as url, browser(url, trusting=files.trusting()) as made:
        assert url.startswith("https://127.0.0.1:")
        answer = await made.post("/login", data={"token": ALICE}, headers={"Origin": url})
        assert answer.status == 303
        assert "Secure" in answer.headers["Set-Cookie"]
        assert answer.headers["Set-Cookie"].startswith("__Host-syncd=")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        async with browser(url.replace("https", "http")) as plain:
            with pytest.raises(aiohttp.ClientError):
                await plain.get("/healthz")


@pytest.mark.parametrize("wrong", ["missing", "garbage", "locked", "swapped"])
async def test_a_certificate_that_cannot_be_used_is_a_problem_of_the_configuration(
    stage: Stage, tmp_path: Path, wrong: str
) -> None:
    files = certificate(tmp_path, password=b"secret" if wrong == "locked" else None)
    if wrong == "missing":
        files.cert.unlink()
    if wrong == "garbage":
        files.key.write_text("no key", encoding="utf-8")
    cert, key = (files.key, files.cert) if wrong == "swapped" else (files.cert, files.key)
    with pytest.raises(ConfigError) as raised:
        await stage.showing(settings(tls_cert=str(cert), tls_key=str(key))).__aenter__()
    problem = raised.value.problems[0]
    assert (problem.file, problem.key) == ("syncd.toml", "http.tls_cert")
    assert "cannot be used" in problem.message


async def test_a_renewed_certificate_counts_from_the_next_reload_on(stage: Stage, tmp_path: Path) -> None:
    first = certificate(tmp_path)
    table = settings(tls_cert=str(first.cert), tls_key=str(first.key))
    async with stage.showing(table, routes=ROUTES):
        second = certificate(tmp_path)
        async with stage.showing(table) as url, browser(url, trusting=second.trusting()) as made:
            assert (await made.get("/healthz")).status == 200
