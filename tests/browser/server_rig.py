"""The console on loopback before the desk of the rig: the true application with its gate, stream and pages."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiohttp import web

from syncd.adapters.memory.clock import FakeClock
from syncd.config.http import HttpTable, TokenRole, TokenTable
from syncd.console.access import Role, needs
from syncd.console.app import make_app
from syncd.console.keys import LEAVING, csrf
from syncd.console.live import Hub
from syncd.console.pages import install
from syncd.console.pages.frame import Parts as PageParts
from syncd.console.pages.frame import furnish
from syncd.console.pages.looks import ConsoleLooks
from syncd.console.parts import Kept, Parts
from syncd.console.security.tokens import Tokens, new_hash, new_token
from syncd.domain.model import ShopName
from tests.browser.desk_rig import FakeDesk
from tests.browser.documents_rig import NOW

OPERATOR, VIEWER = "anna", "wei"


@cache
def tokens() -> Mapping[str, str]:
    """Return the tokens by the names of their owners; a hash takes its time, so they are made once."""
    return {name: new_token(name) for name in (OPERATOR, VIEWER)}


@cache
def _settings() -> HttpTable:
    roles = {OPERATOR: TokenRole.OPERATOR, VIEWER: TokenRole.VIEWER}
    tables = {
        name: TokenTable.model_validate({"role": roles[name], "hash": new_hash(token)})
        for name, token in tokens().items()
    }
    return HttpTable(port=0, tokens=tables)


class FakeSeries:
    """Three hours of a shop that sells in waves."""

    def document(self, shop: ShopName) -> Mapping[str, Any]:
        """Return two plots that differ by shop."""
        size = len(shop)
        wave = [max(0, 30 - abs(minute % 60 - 30) + minute * size % 11 - 8) for minute in range(180)]
        waits = [None if minute < 30 else minute * size % 17 * (minute // 30 % 2) for minute in range(180)]
        return {"since": NOW.isoformat(), "step_seconds": 60, "done": wave, "oldest_decrease_seconds": waits}


class Quiet:
    """Listens to nothing."""

    def tell(self, name: str, /, **facts: object) -> None:
        """Take note of nothing."""


@dataclass(slots=True, kw_only=True)
class Served:
    """A console that runs: where, its desk, and how a test tells an event to the browsers."""

    url: str
    desk: FakeDesk
    hub: Hub
    kept: Kept

    def tell(self, name: str, **facts: object) -> None:
        """Tell an event to every browser that watches."""
        self.hub.tell(name, **facts)

    async def session(self, name: str) -> dict[str, Any]:
        """Return the cookie of somebody who has signed in."""
        book = Tokens(_settings().tokens)
        async with book.turn():
            proven = await book.prove(tokens()[name])
        assert proven is not None
        identity, _ = self.kept.sessions.begin(proven)
        return {"name": "syncd", "value": identity, "url": self.url}


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    """Serve a console until the block ends."""
    desk, clock = FakeDesk(), FakeClock(NOW)
    hub, kept = Hub(clock), Kept.fresh(clock)
    pages = PageParts(desk=desk, now=clock.now, csrf=csrf, series=FakeSeries())
    parts = Parts(
        settings=_settings(),
        clock=clock,
        events=Quiet(),
        kept=kept,
        routes=(install.routes(), _beside(hub)),
        looks=ConsoleLooks(),
        prepare=(lambda app: furnish(app, pages),),
    )
    runner = web.AppRunner(make_app(parts), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield Served(url=f"http://{host}:{port}", desk=desk, hub=hub, kept=kept)
    finally:
        await runner.cleanup()


def _beside(hub: Hub) -> list[web.RouteDef]:
    @needs(Role.VIEWER)
    async def events(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b": here\n\n")
        leaving = asyncio.ensure_future(request.app[LEAVING].wait())
        with hub.joined(request.query.get("names", "").split(",")) as client:
            while not leaving.done():
                frames = asyncio.ensure_future(client.frames())
                await asyncio.wait({frames, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if frames.done():
                    await answer.write(frames.result())
                frames.cancel()
        leaving.cancel()
        return answer

    @needs(Role.VIEWER)
    async def fault(_request: web.Request) -> web.Response:
        raise LookupError("what nobody foresaw, with a secret in it")

    return [web.get("/events", events), web.get("/fault", fault)]
