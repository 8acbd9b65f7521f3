"""Put what decides and pushes together, for one configuration and the sources and shops that it opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from syncd.config.configuration import Configuration, ShopConfig
from syncd.domain.model import ShopName, SourceName
from syncd.domain.ordering import OrderRules
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.source import Source
from syncd.ports.store import Store
from syncd.services.carry import Carry
from syncd.services.collect import Collector, SourceJob
from syncd.services.cycle import Cycle
from syncd.services.desk import Ground
from syncd.services.feeds import FeedJob, NamedOrders, told_by
from syncd.services.foreign import ForeignWriters
from syncd.services.gate import Gate
from syncd.services.hands import Hands
from syncd.services.intake import Intake
from syncd.services.judging import Rules
from syncd.services.lowering import Lowering
from syncd.services.observe import Observer
from syncd.services.precedence import Precedence
from syncd.services.push import Pusher, PushEvent, PushSettings
from syncd.services.readings import ShopJob
from syncd.services.recall import Recall
from syncd.services.seat import Seat
from syncd.services.summons import Summons
from syncd.services.telling import tell_circuit
from syncd.services.traits import deducts, shop_traits
from syncd.services.written import Notes, noting

Listeners: TypeAlias = tuple[Clock, Events, Callable[[PushEvent], None] | None]
"""The clock, and who hears of events and of each call of a push."""

AUDITED = 50
"""How many listings of a shop a cycle reads back between two whole readings."""

WHOLE_READING = 10
"""How many single calls' time-outs a reading of a whole shop may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The shops: what calls them, the gates where all wait who do, and what makes pushes give way.

    `precedence` is that of the gates.
    """

    channels: Mapping[ShopName, Channel]
    gates: Mapping[ShopName, Gate]
    summons: Summons = field(default_factory=Summons)
    precedence: Precedence = field(default_factory=Precedence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What decides and pushes: the cycles, and who lowers at once beside them; they share a seat.

    Whoever else writes to the state does so through this `store`, or the cycles do not hear of it. By
    `recall` people see what a cycle would decide.
    """

    store: Store
    cycle: Cycle
    lowering: Lowering
    seat: Seat
    named: NamedOrders
    recall: Recall


def make_engine(
    configuration: Configuration,
    store: Store,
    sources: Mapping[SourceName, Source],
    opened: Opened,
    seams: Listeners,
    *,
    named: NamedOrders | None = None,
) -> Engine:
    """Return the engine for `configuration`; nothing is read or written yet."""
    clock, events, _ = seams
    named, notes = named or NamedOrders(), Notes()
    store = noting(store, notes)
    topology = configuration.topology
    settings = configuration.settings.cycle
    channels = opened.channels
    hands = Hands(
        collector=Collector(
            _source_jobs(configuration, sources),
            store=store,
            clock=clock,
            events=events,
            full_every=timedelta(seconds=settings.full_every),
        ),
        observer=Observer(
            _shop_jobs(configuration, opened),
            store=store,
            clock=clock,
            events=events,
            fingerprint=configuration.fingerprint,
        ),
        intake=Intake(
            topology,
            rules=rules_of(configuration, channels),
            store=store,
            events=events,
            feeds=_feed_jobs(configuration, opened),
            named=named,
        ),
        foreign=ForeignWriters(store=store, events=events),
        pushers=_pushers(configuration, store, opened, seams),
        carry=Carry(topology, store, notes),
        precedence=opened.precedence,
    )
    rules = Rules(
        topology=topology,
        traits={name: shop_traits(channel.traits) for name, channel in channels.items()},
        fingerprint=configuration.fingerprint,
    )
    seat = Seat()
    return Engine(
        store=store,
        cycle=Cycle(rules, hands, store=store, clock=clock, events=events, seat=seat),
        lowering=Lowering(rules, hands, store=store, clock=clock, events=events, seat=seat),
        seat=seat,
        named=named,
        recall=Recall(rules, hands, store=store, clock=clock, seat=seat),
    )


def ground_of(
    configuration: Configuration, channels: Mapping[ShopName, Channel], engine: Engine, clock: Clock
) -> Ground:
    """Return what the documents for people are made from."""
    return Ground(
        store=engine.store,
        clock=clock,
        topology=configuration.topology,
        types={name: shop.core.type for name, shop in configuration.shops.items()},
        recall=engine.recall,
        rules=rules_of(configuration, channels),
        applies={name: one.traits.max_apply_delay for name, one in channels.items()},
        told=frozenset(name for name, one in channels.items() if one.traits.order_feed),
        risk=configuration.settings.cycle.risk,
    )


def _pushers(
    configuration: Configuration, store: Store, opened: Opened, seams: Listeners
) -> dict[ShopName, Pusher]:
    clock, events, on_push = seams

    def hear(event: PushEvent) -> None:
        tell_circuit(events, event)
        if on_push is not None:
            on_push(event)

    return {
        name: Pusher(
            shop=name,
            channel=channel,
            store=store,
            clock=clock,
            gate=opened.gates[name],
            summons=opened.summons,
            settings=_push_settings(configuration.shops[name]),
            on_event=hear,
        )
        for name, channel in opened.channels.items()
    }


def _source_jobs(configuration: Configuration, sources: Mapping[SourceName, Source]) -> list[SourceJob]:
    return [
        SourceJob(
            rules=rules,
            source=sources[rules.name],
            timeout=configuration.sources[rules.name].core.timeout * WHOLE_READING,
        )
        for rules in configuration.topology.sources
    ]


def _shop_jobs(configuration: Configuration, opened: Opened) -> list[ShopJob]:
    shops = configuration.shops
    return [
        ShopJob(
            shop=shop,
            channel=opened.channels[shop.name],
            gate=opened.gates[shop.name],
            timeout=shops[shop.name].core.timeout * WHOLE_READING,
            observe_every=timedelta(seconds=shops[shop.name].observe_every),
            audit=AUDITED,
        )
        for shop in configuration.topology.shops
    ]


def _feed_jobs(configuration: Configuration, opened: Opened) -> dict[ShopName, FeedJob]:
    """Return the shops that tell their orders."""
    jobs = {}
    for name, feed in told_by(opened.channels).items():
        shop = configuration.shops[name].core
        jobs[name] = FeedJob(
            feed=feed,
            gate=opened.gates[name],
            rules=order_rules(configuration.shops[name], opened.channels[name].traits),
            timeout=shop.timeout * WHOLE_READING,
            overlap=timedelta(seconds=shop.orders_overlap),
            back=timedelta(seconds=shop.orders_back),
        )
    return jobs


def _lag(shop: ShopConfig) -> timedelta | None:
    return timedelta(seconds=shop.core.erp_lag) if shop.core.erp_imports else None


def rules_of(
    configuration: Configuration, channels: Mapping[ShopName, Channel]
) -> dict[ShopName, OrderRules]:
    """Return how the orders of every shop count."""
    shops = configuration.shops
    return {name: order_rules(shops[name], channel.traits) for name, channel in channels.items()}


def order_rules(shop: ShopConfig, traits: ChannelTraits) -> OrderRules:
    """Return how the orders of a shop count."""
    core = shop.core
    return OrderRules(
        occupies=core.occupies_at,
        hold=timedelta(minutes=core.hold_minutes),
        grace=timedelta(seconds=core.hold_grace),
        skew=timedelta(seconds=core.clock_skew),
        lag=_lag(shop),
        ship_lag=timedelta(seconds=core.ship_lag),
        deducts=deducts(traits),
        restores_unpaid=traits.restores_unpaid,
        restores_paid=traits.restores_paid,
    )


def _push_settings(shop: ShopConfig) -> PushSettings:
    return PushSettings(calls_per_second=shop.core.calls_per_second, burst=shop.core.burst)
