"""The console of a real daemon: its port stays through reloads, and who watches delays no stop."""

import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.system.cli_rig import Bench, bench
from tests.system.service_rig import Unit, unit
from tests.unit.console.security.stage import ALICE, TOKENS, bearer, browser

# Starting a program takes seconds on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]

TABLE = f"""
[http]
port = PORT

[http.tokens.alice]
role = "operator"
hash = "{TOKENS["alice"]["hash"]}"
"""


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        yield made


def listen(tools: Bench, port: int) -> None:
    """Let the daemon listen there from its start, or the next reload, on."""
    text = tools.config.read_text("utf-8").partition("\n[http]\n")[0]
    tools.config.write_text(text + TABLE.replace("PORT", str(port)), "utf-8")


async def address(daemon: Unit) -> str:
    return str((await daemon.told("http_listening"))["url"])


async def test_the_port_and_who_is_signed_in_stay_through_a_reload(tools: Bench) -> None:
    listen(tools, 0)
    async with unit(tools) as daemon:
        url = await address(daemon)
        async with browser(url) as someone:
            assert (await someone.post("/login", data={"token": ALICE})).status == 303
            daemon.kill(signal.SIGHUP)
            await daemon.told("reloaded")
            assert (await someone.get("/metrics")).status == 200
        assert await daemon.stopped() == 0
        assert "http_listening" not in await daemon.words()


async def test_who_watches_does_not_keep_the_daemon_from_its_end(tools: Bench) -> None:
    listen(tools, 0)
    async with unit(tools) as daemon:
        url = await address(daemon)
        async with (
            browser(url) as someone,
            someone.client.get(f"{url}/events", headers=bearer(ALICE)) as answer,
        ):
            assert answer.status == 200
            assert await daemon.stopped() == 0
            assert await answer.content.read()


async def test_a_port_that_is_taken_is_named_and_tried_again_by_systemd(tools: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen(tools, other.getsockname()[1])
        async with unit(tools) as daemon:
            words = await daemon.words()
            assert (await daemon.ended(), daemon.notices.waiting()) == (1, [])
    assert "http.port: cannot listen at 127.0.0.1:" in words
    assert "Traceback" not in words


async def test_a_reload_to_a_port_that_is_taken_changes_nothing(tools: Bench) -> None:
    listen(tools, 0)
    async with unit(tools) as daemon:
        url = await address(daemon)
        with socket.create_server(("127.0.0.1", 0)) as other:
            listen(tools, other.getsockname()[1])
            daemon.kill(signal.SIGHUP)
            refused = await daemon.told("reload_refused")
        assert "http.port" in refused["error"]
        async with browser(url) as someone:
            assert (await someone.get("/healthz")).status == 200
        assert await daemon.stopped() == 0


async def test_a_reload_can_close_the_console_and_open_it_again(tools: Bench) -> None:
    listen(tools, 0)
    async with unit(tools) as daemon:
        await address(daemon)
        whole = tools.config.read_text("utf-8")
        tools.config.write_text(whole.partition("\n[http]\n")[0], "utf-8")
        daemon.kill(signal.SIGHUP)
        await daemon.told("reloaded")
        tools.config.write_text(whole, "utf-8")
        daemon.kill(signal.SIGHUP)
        async with browser(await address(daemon)) as someone:
            assert (await someone.get("/healthz")).status == 200
        assert await daemon.stopped() == 0
