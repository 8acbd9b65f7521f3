"""What listens, counts and shows figures: one set for a process, fed by each of its programs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from syncd.adapters.clock import SystemClock
from syncd.bootstrap.app import App
from syncd.console import live, metrics
from syncd.domain.model import ShopName
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.tokens import Tokens
from syncd.services.series import MinuteSeries
from syncd.services.surveying import Survey, Surveyor

Deliveries = Callable[[], Mapping[tuple[str, str], int]]
"""Says how many webhooks came by shop and what became of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What outlives reloads, so that no count begins anew: they are all `listeners`."""

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
    def listeners(self) -> tuple[Events, ...]:
        """Return them as who has to hear all events."""
        return self.metrics, self.hub, self.series

    def routes(self) -> Sequence[Sequence[web.RouteDef]]:
        """Return the routes of all of them."""
        return metrics.routes(self.metrics), live.routes(self.hub, self.clock)


def watch(app: App, instruments: Instruments, *, hooks: Deliveries = dict) -> Surveyor:
    """Show how `app` stands from now on; return what has to look at its state now and then."""
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
    return surveyor


def _note_ages(app: App, instruments: Instruments, survey: Survey) -> None:
    now = app.clock.now()
    for shop in app.gates:
        instruments.series.note_age(shop, survey.oldest_decrease(shop, now))


def _tokens(app: App) -> dict[ShopName, Tokens]:
    return {shop: renewal.tokens for shop, renewal in app.renewals.items()}
