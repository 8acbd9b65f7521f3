"""The whole program with its console over mocks, with a secret of its own in every place that takes one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from aiohttp import web

from syncd.adapters.events import configure_log
from syncd.bootstrap import App, Porch, Seams, open_app, open_console, read_configuration
from syncd.runtime.daemon import Daemon
from tests.integration.rig import ENVIRON, ShopSpec, World, WorldSpec, world
from tests.unit.console.security.stage import ALICE, BOB, TOKENS

PLANTED: Mapping[str, str] = {
    "HOOK": "planted-hook-secret",
    "MQTT": "planted-broker-password",
    "ALERTS": "json://127.0.0.1:1/planted-alert-address",
}
"""Secrets of the environment, by name."""

SECRETS = (*PLANTED.values(), *ENVIRON.values(), "planted-", ALICE, BOB, "$argon2id")
"""What must be seen nowhere."""

_MORE = """
[http]
port = 0
body_limit = 65536

[http.tokens.alice]
role = "operator"
hash = "{alice}"

[http.tokens.bob]
hash = "{bob}"

[shops.web.hook]
rule = "hmac"
secret = "env:HOOK"

[mqtt]
host = "127.0.0.1"
port = 1
user = "somebody"
password = "env:MQTT"

[[alerts.to]]
name = "chat"
url = "env:ALERTS"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fortress:
    """The program that runs, and where its console is."""

    world: World
    app: App
    daemon: Daemon
    url: str
    routes: tuple[web.AbstractRoute, ...]
    log: StringIO


@asynccontextmanager
async def fortress(folder: Path, *, failing: bool = False) -> AsyncIterator[Fortress]:
    """Yield the program after its first cycles; the log has every event."""
    spec = WorldSpec(
        shops=(ShopSpec(name="web"), ShopSpec(name="other", token="WRONG" if failing else "SHOP")),
        stock={"MUG": 20, "CUP": 5},
        shown={"MUG": 3},
    )
    async with world(spec, folder) as here:
        text = _MORE.format(alice=TOKENS["alice"]["hash"], bob=TOKENS["bob"]["hash"])
        with here.file.open("a", encoding="utf-8") as file:
            file.write(text)
        configuration = read_configuration(here.file, {**ENVIRON, **PLANTED})
        log = StringIO()
        configure_log("debug", as_json=True, stream=log)
        porch = Porch.fresh(here.clock)
        seams = Seams(clock=here.clock, events=here.told, listeners=porch.listeners(configuration))
        async with open_app(configuration, seams) as app, open_console(app, porch) as console:
            await here.cycle(app)
            await here.cycle(app)
            assert console.url
            yield Fortress(
                world=here, app=app, daemon=console.daemon, url=console.url, routes=console.routes, log=log
            )
