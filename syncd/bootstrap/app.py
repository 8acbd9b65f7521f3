"""Put the program together for one configuration."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from syncd.adapters.alerts import open_sinks
from syncd.adapters.clock import SystemClock
from syncd.adapters.events import FanOut, LogEvents, configure_log
from syncd.adapters.http import HttpClient, PacedHttp, open_http
from syncd.adapters.state import FileLock, FileVault, open_store
from syncd.bootstrap.bell import Bell, make_bell, open_bridge
from syncd.bootstrap.care import care_of, make_audit, make_purging, make_repairs
from syncd.config.configuration import Configuration
from syncd.config.loader import load
from syncd.config.registry import Registry
from syncd.config.settings import LogFormat
from syncd.domain.model import ShopName, SourceName
from syncd.ports.channel import Channel
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.source import Source
from syncd.ports.store import PushLock, Store
from syncd.ports.tokens import Renewing, TokenVault
from syncd.runtime.daemon import Daemon, Pace
from syncd.runtime.engine import Engine, Opened, ground_of, make_engine, rules_of
from syncd.runtime.haste import Lowerer
from syncd.runtime.schedule import JobSchedule
from syncd.runtime.wake import NamedSkus, Trigger
from syncd.services.alerting import Alerting, Hearing, Inbox, open_alerting
from syncd.services.audit import Audit
from syncd.services.cycle import Cycle, CycleReport, Selection, View
from syncd.services.desk import Desk
from syncd.services.feeds import NamedOrders
from syncd.services.gate import Gate, open_gate
from syncd.services.precedence import Precedence
from syncd.services.purging import Purging
from syncd.services.push import PushEvent
from syncd.services.renewal import Renewal
from syncd.services.renewed import renewed
from syncd.services.requests import SYNC, Outcome, Requests
from syncd.services.retiring import Settling, refuse_dropped
from syncd.services.summons import Summons

POLL = 0.2
"""Seconds between two looks for the answer of another process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """What a caller may bring instead of the real thing: tests their clock, the demo its listener.

    Who has the state open already must bring it as `store`: a program that opens one file twice loses its
    locks on it, and another process could then take the state from under it. Who keeps the state elsewhere
    for a while must bring the `vault` of the true one: what buys the next tokens is good for one use only.
    """

    store: Store | None = None
    vault: TokenVault | None = None
    clock: Clock | None = None
    events: Events | None = None
    listeners: tuple[Events, ...] = ()
    on_push: Callable[[PushEvent], None] | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The program, put together for one configuration."""

    configuration: Configuration
    store: Store
    lock: PushLock
    clock: Clock
    events: Events
    engine: Engine
    requests: Requests
    purging: Purging
    audit: Audit
    sources: Mapping[SourceName, Source]
    channels: Mapping[ShopName, Channel]
    gates: Mapping[ShopName, Gate]
    renewals: Mapping[ShopName, Renewal]
    summons: Summons
    alerting: Alerting
    desk: Desk
    bell: Bell | None = None

    @property
    def cycle(self) -> Cycle:
        """Return the cycles."""
        return self.engine.cycle

    def daemon(self) -> Daemon:
        """Return the daemon for this configuration."""
        cycle = self.configuration.settings.cycle
        return Daemon(
            cycle=self.cycle.run,
            requests=self.requests,
            store=self.store,
            lock=self.lock,
            clock=self.clock,
            events=self.events,
            pace=Pace(
                every=cycle.every,
                jitter=cycle.jitter,
                stop_within=cycle.stop_within,
                stuck_after=cycle.stuck_after,
            ),
            schedule=JobSchedule(every=cycle.every, jitter=cycle.jitter, clock=self.clock),
            trigger=self._trigger(),
            summons=self.summons,
            seat=self.engine.seat,
            beside=(self.alerting.run, self.purging.run),
        )

    async def refuse_dropped_shops(self) -> None:
        """Raise `ConfigError` if the configuration lacks a shop of which something is on sale."""
        await refuse_dropped(self.store, self.configuration.shops, file=str(self.configuration.file))

    def _trigger(self) -> Trigger | None:
        if self.bell is None:
            return None
        named = NamedSkus(
            cycle=self.cycle.run,
            store=self.store,
            topology=self.configuration.topology,
            events=self.events,
        )
        haste = Lowerer(lower=self.engine.lowering.run, bell=self.bell.haste)
        return Trigger(wake=self.bell.wake, cycle=named.run, listen=self.bell.listen, haste=haste)

    async def sync(
        self, selection: Selection, *, planned: Callable[[View], None] | None = None
    ) -> CycleReport | Outcome:
        """Run one cycle; where another process pushes it runs one for us, and we return what came of it."""
        number: int | None = None
        while True:
            # Tried again and again: whoever pushes may end before it has seen the request.
            async with self.lock.held() as mine:
                if mine:
                    await self.refuse_dropped_shops()
                    asked = await self.requests.obey()
                    report = await self.cycle.run(selection, planned=planned, whole=True)
                    await self.requests.finish()
                    for request in asked:
                        await self.store.answer(request.id, Outcome.of(report).text())
                    await self.purging.once()
                    return report
            if number is None:
                number = await self.store.ask(SYNC, "", at=self.clock.now(), by="cli")
            if text := await self.store.answered(number):
                return Outcome.read(text)
            await self.clock.sleep(POLL)


def read_configuration(file: Path, environ: Mapping[str, str]) -> Configuration:
    """Return the configuration in `file`; all its problems at once as a `ConfigError`."""
    return load(file, environ=environ, registry=Registry.installed())


def set_up_log(configuration: Configuration, *, terminal: bool) -> None:
    """Make the log look as the configuration wants it."""
    log = configuration.settings.log
    as_json = log.format is LogFormat.JSON or (log.format is LogFormat.AUTO and not terminal)
    configure_log(log.level.value, as_json=as_json)


def open_state(configuration: Configuration) -> AbstractAsyncContextManager[Store]:
    """Return what opens the state alone, for programs put together one after another (`Seams.store`)."""
    return open_store(configuration.settings.state.dir, care=care_of(configuration))


async def slow_shops(configuration: Configuration) -> frozenset[ShopName]:
    """Return the shops that may show what they accepted a while later; nothing is called."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(open_http())
        shops = await _open_shops(configuration, http, stack, SystemClock())
        return frozenset(
            name for name, channel in shops.channels.items() if channel.traits.max_apply_delay > 0
        )


def open_vault(configuration: Configuration) -> TokenVault:
    """Return what keeps the shops' tokens beside the state; nothing is read yet."""
    return FileVault(configuration.settings.state.dir)


@asynccontextmanager
async def open_app(configuration: Configuration, seams: Seams | None = None) -> AsyncIterator[App]:
    """Yield the program for `configuration`; everything it opened is closed with the block.

    Raises:
        StateError: the state cannot be used.
    """
    seams = seams or Seams()
    clock = seams.clock or SystemClock()
    told = FanOut(LogEvents(), *([seams.events] if seams.events else []), *seams.listeners)
    named = NamedOrders()
    bell = make_bell(configuration, named, clock)
    inbox = Inbox()
    folder = configuration.settings.state.dir
    async with AsyncExitStack() as stack:
        store = seams.store
        if store is None:
            store = await stack.enter_async_context(
                open_store(folder, read_only=seams.read_only, care=care_of(configuration))
            )
        # How the connection to a broker fares goes everywhere but over that connection.
        bell, listeners = open_bridge(configuration, bell, store, FanOut(told, inbox), clock)
        events = FanOut(told, *listeners, inbox)
        http = await stack.enter_async_context(open_http())
        sources = await _open_sources(configuration, http, stack)
        shops = await _open_shops(configuration, http, stack, clock)
        renewals = _renewals(shops, seams.vault or open_vault(configuration), (clock, events), stack)
        shops = _kept_good(shops, renewals)
        channels = shops.channels
        engine = make_engine(
            configuration, store, sources, shops, (clock, events, seams.on_push), named=named
        )
        yield App(
            configuration=configuration,
            store=engine.store,
            lock=FileLock(folder),
            clock=clock,
            events=events,
            engine=engine,
            requests=Requests(
                store=engine.store,
                clock=clock,
                events=events,
                settling=Settling(topology=configuration.topology, rules=rules_of(configuration, channels)),
                approve_for=timedelta(seconds=configuration.settings.cycle.approve_for),
                others=make_repairs(configuration, channels, engine.store, clock),
            ),
            audit=make_audit(configuration, shops, engine.store, clock),
            purging=make_purging(configuration, engine.store, clock, events),
            sources=sources,
            channels=channels,
            gates=shops.gates,
            renewals=renewals,
            summons=shops.summons,
            desk=Desk(ground_of(configuration, channels, engine, clock)),
            alerting=open_alerting(
                configuration,
                open_sinks(configuration.settings.alerts),
                engine.store,
                clock,
                Hearing(inbox=inbox, events=events),
            ),
            bell=bell.joined_by(sources, events, clock),
        )


async def _open_sources(
    configuration: Configuration, http: HttpClient, stack: AsyncExitStack
) -> dict[SourceName, Source]:
    return {
        name: await stack.enter_async_context(source.adapter.open(source.options, name, http))
        for name, source in configuration.sources.items()
    }


async def _open_shops(
    configuration: Configuration, http: HttpClient, stack: AsyncExitStack, clock: Clock
) -> Opened:
    precedence = Precedence()
    gates = {
        name: open_gate(shop.core.calls_per_second, shop.core.burst, clock, precedence)
        for name, shop in configuration.shops.items()
    }
    channels = {
        name: await stack.enter_async_context(
            shop.adapter.open(shop.options, name, PacedHttp(http, gates[name].read))
        )
        for name, shop in configuration.shops.items()
    }
    return Opened(channels=channels, gates=gates, precedence=precedence)


def _renewals(
    shops: Opened, vault: TokenVault, seams: tuple[Clock, Events], stack: AsyncExitStack
) -> dict[ShopName, Renewal]:
    """Return what keeps the tokens of shops good, where they run out; it ends before the HTTP client."""
    clock, events = seams
    renewals = {
        name: Renewal(shop=name, channel=channel, vault=vault, clock=clock, events=events)
        for name, channel in shops.channels.items()
        if isinstance(channel, Renewing)
    }
    for renewal in renewals.values():
        stack.push_async_callback(renewal.close)
    return renewals


def _kept_good(shops: Opened, renewals: Mapping[ShopName, Renewal]) -> Opened:
    channels = {
        name: renewed(channel, renewals[name]) if name in renewals else channel
        for name, channel in shops.channels.items()
    }
    return replace(shops, channels=channels)
