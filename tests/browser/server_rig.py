"""The true application with its gate and pages on loopback, before the desk of the rig."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache

from aiohttp import web
from argon2 import PasswordHasher

from syncd.adapters.memory.clock import FakeClock
from syncd.config.http import HttpTable, TokenRole, TokenTable
from syncd.console import live
from syncd.console.access import Role, needs
from syncd.console.app import make_app
from syncd.console.keys import csrf
from syncd.console.live import Hub
from syncd.console.pages import install
from syncd.console.pages.frame import Json, furnish
from syncd.console.pages.frame import Parts as PageParts
from syncd.console.pages.looks import ConsoleLooks
from syncd.console.parts import Kept, Parts
from syncd.console.security.tokens import Tokens, new_token
from syncd.domain.model import ShopName
from syncd.services.desk import Desk
from tests.browser.desk_rig import FakeDesk
from tests.browser.documents_rig import NOW

OPERATOR, VIEWER = "anna", "wei"

_CHEAP = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1)
"""The weakest that a configuration may hold."""


@cache
def tokens() -> Mapping[str, str]:
    """Return the tokens by the names of their owners; a hash takes its time, so they are made once."""
    return {name: new_token(name) for name in (OPERATOR, VIEWER)}


@cache
def _settings() -> HttpTable:
    roles = {OPERATOR: TokenRole.OPERATOR, VIEWER: TokenRole.VIEWER}
    tables = {
        name: TokenTable.model_validate({"role": roles[name], "hash": _CHEAP.hash(token)})
        for name, token in tokens().items()
    }
    return HttpTable(port=0, tokens=tables)


class FakeSeries:
    """Three hours of a shop that sells in waves."""

    def document(self, shop: ShopName) -> Json:
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
    identities: dict[str, str] = field(default_factory=dict)

    def tell(self, name: str, **facts: object) -> None:
        """Tell an event to every browser that watches."""
        self.hub.tell(name, **facts)

    async def session(self, name: str) -> str:
        """Return what the cookie of somebody who has signed in holds."""
        if name in self.identities:
            return self.identities[name]
        book = Tokens(_settings().tokens)
        async with book.turn():
            proven = await book.prove(tokens()[name])
        assert proven is not None
        self.identities[name], _ = self.kept.sessions.begin(proven)
        return self.identities[name]


@asynccontextmanager
async def served(true_desk: Desk | None = None) -> AsyncIterator[Served]:
    """Serve a console until the block ends, before the desk of the rig or another one."""
    desk, clock = FakeDesk(), FakeClock(NOW)
    hub, kept = Hub(clock), Kept.fresh(clock)
    pages = PageParts(desk=true_desk or desk, now=clock.now, csrf=csrf, series=FakeSeries())
    parts = Parts(
        settings=_settings(),
        clock=clock,
        events=Quiet(),
        kept=kept,
        routes=(install.routes(), live.routes(hub, clock), _faulty()),
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


def _faulty() -> list[web.RouteDef]:
    @needs(Role.VIEWER)
    async def fault(_request: web.Request) -> web.Response:
        raise LookupError("what nobody foresaw, with a secret in it")

    return [web.get("/fault", fault)]
