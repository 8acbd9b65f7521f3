"""What listens, counts and shows figures: put together once for a process, and fed by each of its programs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from syncd.adapters.clock import SystemClock
from syncd.adapters.events import FanOut
from syncd.bootstrap.app import App
from syncd.console import live, metrics
from syncd.domain.model import ShopName
from syncd.ports.clock import Clock
from syncd.ports.tokens import Tokens
from syncd.services.series import MinuteSeries
from syncd.services.surveying import Survey, Surveyor

Deliveries = Callable[[], Mapping[tuple[str, str], int]]
"""Says how many webhooks came by shop and what became of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What outlives reloads, so that no count begins anew: all of them listen to `events`."""

    clock: Clock
    metrics: metrics.Metrics
    hub: live.Hub
    series: MinuteSeries

    @classmethod
    def fresh(cls, clock: Clock | None = None) -> "Instruments":
        """Return those of a program that starts."""
        clock = clock or SystemClock()
        return cls(
            clock=clock, metrics=metrics.Metrics(clock), hub=live.Hub(clock), series=MinuteSeries(clock)
        )

    @property
    def events(self) -> FanOut:
        """Return them as one listener, for `Seams.events`."""
        return FanOut(self.metrics, self.hub, self.series)

    def routes(self) -> Sequence[Sequence[web.RouteDef]]:
        """Return the routes of all of them."""
        return metrics.routes(self.metrics), live.routes(self.hub, self.clock)


@asynccontextmanager
async def watching(
    app: App, instruments: Instruments, *, hooks: Deliveries = dict
) -> AsyncIterator[Surveyor]:
    """Show how `app` stands, and look at its state now and then, until the block ends; yield who looks.

    Raises:
        Exception: looking broke, which is a bug.
    """
    surveyor = Surveyor(app.store, app.clock, lambda survey: _note_ages(app, instruments, survey))
    topology = app.configuration.topology
    instruments.metrics.show(
        metrics.Watched(
            shops=tuple(shop.name for shop in topology.shops),
            sources=tuple(source.name for source in topology.sources),
            pools=tuple(pool.name for pool in topology.pools),
            has_broker=bool(app.configuration.settings.mqtt.host),
            gates=app.gates,
            survey=lambda: surveyor.last,
            tokens=lambda: _tokens(app),
            hooks=hooks,
            clients=lambda: instruments.hub.clients,
        )
    )
    tasks = [
        asyncio.create_task(surveyor.run(), name="survey"),
        asyncio.create_task(instruments.metrics.watch_loop(), name="loop lag"),
    ]
    try:
        yield surveyor
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


def _note_ages(app: App, instruments: Instruments, survey: Survey) -> None:
    now = app.clock.now()
    for shop in app.gates:
        instruments.series.note_age(shop, survey.oldest_decrease(shop, now))


def _tokens(app: App) -> dict[ShopName, Tokens]:
    return {shop: renewal.tokens for shop, renewal in app.renewals.items()}
