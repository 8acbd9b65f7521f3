"""The demo's world around a real daemon: a broker, somebody who gets alerts, and a log to wait by."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from prometheus_client.parser import text_string_to_metric_families

from syncd.cli.demo.buyers import Buyers, shopping
from syncd.cli.demo.configuration import Console, configuration_text, write_configuration
from syncd.cli.demo.world import World, make_world, served
from syncd.mock.server import running
from tests.integration.mqtt_rig import PASSWORD, USER, BrokerUnit, broker_unit, ear
from tests.system.cli_rig import PATIENCE, ROOT

BASE = "hour"
TOKEN = "planted-session-of-the-shops"
SECRET = "planted-app-secret-of-the-shops"
REFRESH = "planted-refresh-of-the-shop"
_PACKS = "packs = ["
WAY_TO_PEOPLE = "planted-word-in-the-address-of-alerts"

_WARNINGS = "error,ignore:'imghdr' is deprecated:DeprecationWarning"
"""Apprise still imports that."""

_MORE = """
[log]
level = "debug"
format = "json"

[mqtt]
host = "127.0.0.1"
port = {broker}
base = "{base}"
user = "{user}"
password = "file:broker"

[alerts]
group_for = "1s"

[[alerts.to]]
name = "people"
url = "file:people"
min_level = "info"
"""


@dataclass(slots=True, kw_only=True)
class Daemon:
    """`syncd run` as a process; its log is read all the time, and is what a test waits by."""

    program: asyncio.subprocess.Process
    log: list[dict[str, Any]] = field(default_factory=list)
    words: str = ""
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        """Take in the log until the program ends."""
        assert self.program.stderr is not None
        async for raw in self.program.stderr:
            self.words += raw.decode()
            with suppress(ValueError):
                self.log.append(json.loads(raw))
            self._more.set()
        self._more.set()

    async def until(self, check: Callable[[], Awaitable[bool]]) -> None:
        """Return once `check` is true; it is asked whenever the daemon told something."""
        async with asyncio.timeout(PATIENCE):
            while not await check():
                assert self.program.returncode is None, self.words[-4000:]
                self._more.clear()
                await self._more.wait()

    async def told(self, event: str, *, after: int = 0, **facts: object) -> dict[str, Any]:
        """Return the first line of the log from `after` on about an event with these facts."""
        found: list[dict[str, Any]] = []

        async def look() -> bool:
            for one in self.log[after:]:
                if one["event"] == event and facts.items() <= one.items():
                    found.append(one)
                    return True
            return False

        await self.until(look)
        return found[0]

    async def stopped(self) -> int:
        """Return the exit code after a SIGTERM."""
        self.program.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            return await self.program.wait()


@dataclass(slots=True, kw_only=True)
class Hour:
    """All that there is while the hour runs."""

    folder: Path
    world: World
    buyers: Buyers
    broker: BrokerUnit
    daemon: Daemon
    url: str
    operator: str
    letters: list[dict[str, Any]]
    client: ClientSession

    async def metric(self, name: str, **labels: str) -> float | None:
        """Return one figure of the metrics, None where there is no such series."""
        text = await self.get("/metrics")
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return float(sample.value)
        return None

    async def until_metric(self, name: str, is_so: Callable[[float], bool], **labels: str) -> None:
        """Return once a figure of the metrics is so."""

        async def look() -> bool:
            value = await self.metric(name, **labels)
            return value is not None and is_so(value)

        await self.daemon.until(look)

    async def get(self, path: str) -> str:
        headers = {"Authorization": f"Bearer {self.operator}"}
        async with self.client.get(f"{self.url}{path}", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def heard(self, topic: str, check: Callable[[Any], bool] = bool) -> None:
        """Return once somebody at the broker hears of a topic below the base what `check` likes."""
        async with asyncio.timeout(PATIENCE), ear(self.broker.port, BASE) as listener:
            while True:
                payload = await listener.hear(topic)
                if payload and check(json.loads(payload)):
                    return

    def reload(self) -> None:
        """Have the configuration read again, as people do after they corrected it."""
        self.daemon.program.send_signal(signal.SIGHUP)

    async def until_letter(self, word: str) -> None:
        """Return once people were sent something with this word."""

        async def look() -> bool:
            return any(word in letter["title"] + letter["message"] for letter in self.letters)

        await self.daemon.until(look)


@asynccontextmanager
async def hour(folder: Path, kind: str) -> AsyncIterator[Hour]:
    """Yield the world with a daemon that has filled its shops, beside a broker of this kind."""
    letters: list[dict[str, Any]] = []
    console = Console.fresh()
    world = _trusted(make_world(1))
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(served(world, port=0))
        buyers = await stack.enter_async_context(shopping(urls))
        broker = await stack.enter_async_context(broker_unit(folder, kind))
        people = await stack.enter_async_context(running(_people(letters)))
        file = _configured(folder, configuration_text(urls, console), broker.port, people)
        daemon = await stack.enter_async_context(_daemon(file))
        listening = await daemon.told("http_listening")
        client = await stack.enter_async_context(ClientSession())
        await daemon.told("mqtt_connected")
        yield Hour(
            folder=folder,
            world=world,
            buyers=buyers,
            broker=broker,
            daemon=daemon,
            url=str(listening["url"]),
            operator=console.token,
            letters=letters,
            client=client,
        )


def _trusted(world: World) -> World:
    """Return the world with secrets of its own, of which none may ever be shown."""
    for shop in world.shops.values():
        shop.state.settings = replace(shop.state.settings, token=TOKEN)
        shop.state.top = replace(shop.state.top, app_secret=SECRET, refresh_token=REFRESH)
    return world


def _configured(folder: Path, text: str, broker: int, people: str) -> Path:
    # Of tmall's listings three in ten may go at once; the demo has no use for percents.
    text = text.replace("from_listings = 50", "from_listings = 5")
    # One shop's session can be renewed, if the platform lets us.
    text = text.replace(_PACKS, f'refresh_token = "file:refresh"\n{_PACKS}')
    text += _MORE.format(broker=broker, base=BASE, user=USER)
    file = write_configuration(folder, text, token=TOKEN, secret=SECRET)
    target = people.replace("http://", "json://") + f"/{WAY_TO_PEOPLE}"
    secrets = (
        ("broker", PASSWORD),
        ("people", target),
        ("refresh", REFRESH),
        ("token", "Bearer mock-token"),  # the ERP's
    )
    for name, content in secrets:
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(content, "utf-8")
    return file


def _people(letters: list[dict[str, Any]]) -> web.Application:
    """Return somebody who gets alerts as Apprise posts them to `json://`."""

    async def take(request: web.Request) -> web.Response:
        letters.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post(f"/{WAY_TO_PEOPLE}", take)
    return app


@asynccontextmanager
async def _daemon(file: Path) -> AsyncIterator[Daemon]:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "syncd", "--config", str(file), "run"),
        cwd=file.parent,
        env={"PATH": "", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONWARNINGS": _WARNINGS},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    daemon = Daemon(program=program)
    reading = asyncio.create_task(daemon.read())
    try:
        yield daemon
    finally:
        if program.returncode is None:
            program.kill()
        await asyncio.wait({reading})
        await program.wait()
        # For whoever looks why a test failed.
        (file.parent / "log.json").write_text(daemon.words, "utf-8")
