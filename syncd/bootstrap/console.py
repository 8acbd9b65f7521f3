"""Put the console together, and show it as long as its program runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from syncd.adapters.clock import SystemClock
from syncd.bootstrap.app import App
from syncd.bootstrap.gauges import Instruments, watch
from syncd.bootstrap.hooks import open_hooks
from syncd.config.configuration import Configuration
from syncd.console import api, hooks
from syncd.console.app import make_app
from syncd.console.health import Health
from syncd.console.keys import csrf
from syncd.console.pages import frame, install
from syncd.console.pages.looks import ConsoleLooks
from syncd.console.parts import Kept, Parts
from syncd.console.server import Door
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.runtime.companions import Companion
from syncd.runtime.daemon import Daemon
from syncd.runtime.vitals import Vitals
from syncd.services.hooks import Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Porch:
    """What of the console outlives a reload: the socket, who is signed in, what was counted and seen."""

    door: Door
    kept: Kept
    vitals: Vitals
    instruments: Instruments
    hooks: Memory = field(default_factory=Memory)

    @classmethod
    def fresh(cls, clock: Clock | None = None) -> "Porch":
        """Return one for a program that starts; nothing is opened yet."""
        clock = clock or SystemClock()
        return cls(
            door=Door(),
            kept=Kept.fresh(clock),
            vitals=Vitals(clock),
            instruments=Instruments.fresh(clock),
        )

    def listeners(self, configuration: Configuration) -> tuple[Events, ...]:
        """Return who has to hear all events; nobody where nobody can ask."""
        is_shown = configuration.settings.http.port is not None
        return self.instruments.listeners if is_shown else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """A console that is shown: its URL, None where `[http]` has no port, and the daemon that it is for.

    `routes` are all that it answers.
    """

    url: str | None
    daemon: Daemon
    routes: tuple[web.AbstractRoute, ...] = ()


@asynccontextmanager
async def open_console(app: App, porch: Porch) -> AsyncIterator[Console]:
    """Show the console of `app` until the block ends, and yield it with the daemon that keeps it going.

    `app` must have been opened with the `listeners` of the porch.

    Raises:
        ConfigError: the certificate cannot be used.
        ListenError: another program has the port.
    """
    settings = app.configuration.settings.http
    daemon = replace(app.daemon(), vitals=porch.vitals)
    if settings.port is None:
        yield Console(url=None, daemon=daemon)
        return
    made = _Made(app, porch)
    answering = made.app()
    shown = porch.door.showing(answering, settings, file=app.configuration.file, events=app.events)
    async with shown as url:
        instruments = porch.instruments
        surveyor = watch(app, instruments, hooks=made.deliveries)
        beside = (*daemon.beside, _beside(surveyor.run), _beside(instruments.metrics.watch_loop))
        yield Console(url=url, daemon=replace(daemon, beside=beside), routes=tuple(answering.router.routes()))


class _Made:
    """The parts of one console."""

    def __init__(self, app: App, porch: Porch) -> None:
        self._app = app
        self._porch = porch
        self._hooks = open_hooks(app, porch.hooks)

    def app(self) -> web.Application:
        """Return the application."""
        return make_app(
            Parts(
                settings=self._app.configuration.settings.http,
                clock=self._app.clock,
                events=self._app.events,
                kept=self._porch.kept,
                routes=self._routes(),
                looks=ConsoleLooks(),
                prepare=(self._furnish,),
                outermost=(self._porch.instruments.metrics.middleware,),
            )
        )

    def deliveries(self) -> Mapping[tuple[str, str], int]:
        """Return how many webhooks came by shop and what became of them."""
        return self._porch.hooks.counts

    def _furnish(self, app: web.Application) -> None:
        """Give the application what its pages are made of."""
        series = self._porch.instruments.series
        desk, now = self._app.desk, self._app.clock.now
        frame.furnish(app, frame.Parts(desk=desk, now=now, csrf=csrf, series=series))

    def _routes(self) -> Sequence[Sequence[web.RouteDef]]:
        """Return the routes of every part."""
        health = Health(self._porch.vitals, self._app.store.requests, self._app.clock)
        pages = install.routes(), api.routes(self._app.desk), hooks.routes(self._hooks)
        return health.routes(), *pages, *self._porch.instruments.routes()


def _beside(
    work: Callable[[], Coroutine[Any, Any, object]],
) -> Companion:
    """Return `work` as what runs beside the cycles until the event is set; if it breaks, that is a bug."""

    async def run(over: asyncio.Event) -> None:
        tasks = {asyncio.create_task(work()), asyncio.create_task(over.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()

    return run
