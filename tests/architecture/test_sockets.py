"""The sockets of the tests: loopback works, the rest of the world does not exist."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from pytest_socket import SocketConnectBlockedError

_ELSEWHERE = "192.0.2.1"
"""An address of the range kept for documentation; nothing lives there."""

# pytest-socket warns before it raises, and a warning that is an error would hide the block itself.
_blocked = pytest.mark.filterwarnings("ignore:A test tried to use socket")


async def _greet(_request: web.Request) -> web.Response:
    return web.Response(text="here")


@pytest.fixture
async def address() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/", _greet)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        _host, port = runner.addresses[0][:2]
        yield f"http://127.0.0.1:{port}/"
    finally:
        await runner.cleanup()


async def test_a_server_on_loopback_answers(address: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert await answer.text() == "here"


@_blocked
async def test_asyncio_cannot_leave_the_machine() -> None:
    with pytest.raises(SocketConnectBlockedError):
        await asyncio.open_connection(_ELSEWHERE, 80)


@_blocked
async def test_an_http_client_cannot_leave_the_machine() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SocketConnectBlockedError):
            await session.get(f"http://{_ELSEWHERE}/")


@_blocked
def test_a_plain_socket_cannot_leave_the_machine() -> None:
    with socket.socket() as plain, pytest.raises(SocketConnectBlockedError):
        plain.connect((_ELSEWHERE, 80))


def test_no_setting_of_the_tester_reaches_a_test() -> None:
    assert [name for name in os.environ if name.startswith("SYNCD_") or name.lower().endswith("_proxy")] == []


def test_a_naive_time_is_seen_where_the_machine_knows_zones() -> None:
    if os.environ["TZ"] == "UTC":
        pytest.skip("needs the time zone database (tzdata), so that local time differs from UTC")
    assert time.localtime(0).tm_hour == 8


def test_the_fixed_time_is_aware_and_in_utc(now: datetime) -> None:
    assert now.tzinfo is UTC
