"""Put the console together, and show it as long as its program runs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from syncd.adapters.clock import SystemClock
from syncd.bootstrap.app import App
from syncd.console.app import make_app
from syncd.console.health import Health
from syncd.console.parts import Kept, Parts
from syncd.console.server import Door
from syncd.ports.clock import Clock
from syncd.runtime.vitals import Vitals


@dataclass(frozen=True, slots=True, kw_only=True)
class Porch:
    """What of the console outlives a reload: the socket, who is signed in, how the daemon fares."""

    door: Door
    kept: Kept
    vitals: Vitals

    @classmethod
    def fresh(cls, clock: Clock | None = None) -> "Porch":
        """Return one for a program that starts; nothing is opened yet."""
        clock = clock or SystemClock()
        return cls(door=Door(), kept=Kept.fresh(clock), vitals=Vitals(clock))


@asynccontextmanager
async def open_console(app: App, porch: Porch) -> AsyncIterator[str | None]:
    """Show the console of `app` until the block ends; yield its URL, None where `[http]` has no port.

    Raises:
        ConfigError: the certificate cannot be used.
        ListenError: another program has the port.
    """
    settings = app.configuration.settings.http
    if settings.port is None:
        yield None
        return
    parts = Parts(
        settings=settings, clock=app.clock, events=app.events, kept=porch.kept, routes=_routes(app, porch)
    )
    shown = porch.door.showing(make_app(parts), settings, file=app.configuration.file, events=app.events)
    async with shown as url:
        yield url


def _routes(app: App, porch: Porch) -> Sequence[Sequence[web.RouteDef]]:
    """Return the routes of every part."""
    health = Health(porch.vitals, app.store.requests, app.clock)
    return (health.routes(),)
