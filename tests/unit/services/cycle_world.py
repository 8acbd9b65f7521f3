"""The engine over shops, a source, a state and a clock in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import numpy as np

from syncd.adapters.memory import FakeClock, MemoryChannel, MemoryLock, MemorySource, MemoryStore
from syncd.domain.claims import Drop
from syncd.domain.model import (
    Action,
    Change,
    ItemId,
    ListingId,
    ListingRow,
    ObservedListing,
    OffReason,
    PoolName,
    RowProblem,
    ShopName,
    Sku,
    Snapshot,
    SnapshotKind,
    SourceName,
    WarehouseName,
)
from syncd.domain.ordering import Deducts, OrderRules, Restores
from syncd.domain.policy import Stop
from syncd.domain.records import LedgerRow
from syncd.domain.topology import Pool, PoolMode, Rule, Shop, SourceRules, Topology
from syncd.errors import PortError
from syncd.ports.channel import ChannelTraits, DeductsAt
from syncd.ports.clock import Clock
from syncd.services.carry import Carry
from syncd.services.collect import Collector, SourceJob
from syncd.services.cycle import Cycle, CycleReport, Selection
from syncd.services.feeds import FeedJob, NamedOrders
from syncd.services.foreign import ForeignWriters
from syncd.services.hands import Hands
from syncd.services.intake import Intake
from syncd.services.judging import Rules
from syncd.services.lowering import Lowering
from syncd.services.observe import Observer
from syncd.services.precedence import Precedence
from syncd.services.push import Pusher, PushSettings
from syncd.services.readings import ShopJob
from syncd.services.requests import Requests
from syncd.services.retiring import Settling
from syncd.services.seat import Seat
from syncd.services.summons import Summons
from syncd.services.traits import shop_traits
from syncd.services.written import Notes, noting
from tests.unit.services.doubting import Doubting

ERP, MAIN, W = SourceName("erp"), PoolName("main"), WarehouseName("w")
LAG = timedelta(minutes=10)
ORDER_RULES = OrderRules(
    lag=LAG, deducts=Deducts.ORDER, restores_unpaid=Restores.YES, restores_paid=Restores.YES
)
CAN = ChannelTraits(max_batch=50, max_batch_listing=50, can_unlist=True, observes_some=True)
PROVES = replace(CAN, write_modes=(Action.DELTA, Action.SET))
"""Traits of a platform that refuses a difference that its counter cannot bear."""
TELLS = replace(CAN, order_feed=True, deducts_at=DeductsAt.ORDER)


def shown(
    listing: str,
    quantity: int | None,
    *,
    on_sale: bool = True,
    item: str = "",
    code: str = "",
    off_reason: OffReason | None = None,
    withheld: int = 0,
) -> ObservedListing:
    """Return a listing whose id and code are its SKU unless something else is said."""
    return ObservedListing(
        id=ListingId(listing),
        code=code or listing,
        item=ItemId(item or listing),
        quantity=quantity,
        on_sale=on_sale,
        off_reason=off_reason,
        withheld=withheld,
    )


def snapshot(
    stock: Mapping[str, int], *, kind: SnapshotKind = SnapshotKind.FULL, problems: Sequence[RowProblem] = ()
) -> Snapshot:
    parts = np.zeros((len(stock), 7), dtype=np.int64)
    parts[:, 0] = list(stock.values())
    return Snapshot(
        source=ERP,
        as_of=FakeClock().now(),
        kind=kind,
        skus=tuple(Sku(sku) for sku in stock),
        warehouses=(W,) * len(stock),
        parts=parts,
        problems=tuple(problems),
    )


class Told:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []

    def tell(self, name: str, /, **facts: object) -> None:
        self.events.append((name, facts))

    def named(self, name: str) -> list[dict[str, object]]:
        return [facts for told, facts in self.events if told == name]


class World:
    """Shops that draw on one pool of one warehouse; a shop that is not described lists every SKU at 0."""

    def __init__(
        self,
        stock: Mapping[str, int],
        *,
        mode: PoolMode = PoolMode.SHARED,
        shops: Sequence[Shop] = (Shop(name=ShopName("a")), Shop(name=ShopName("b"))),
        rules: Sequence[Rule] = (),
        traits: ChannelTraits = CAN,
        pool: Mapping[str, float] | None = None,
    ) -> None:
        self.clock = FakeClock(auto=True)
        self.notes = Notes()
        self.keep_in(MemoryStore())
        self.told = Told()
        self.source = MemorySource(snapshot(stock), restamp=True)
        self.channels = {shop.name: MemoryChannel(traits=traits) for shop in shops}
        for channel in self.channels.values():
            channel.put(*(shown(sku, 0) for sku in stock))
        names = tuple(shop.name for shop in shops)
        self.topology = Topology(
            sources=(SourceRules(name=ERP, warehouses=(W,), max_missing_percent=50),),
            pools=(
                Pool(name=MAIN, mode=mode, warehouses=(W,), shops=names, **(pool or {})),  # type: ignore[arg-type]
            ),
            shops=tuple(shops),
            rules=tuple(rules),
        )
        self.observe_every = timedelta(0)
        self.audit = 0
        self.fingerprint = "1"
        self.order_rules = ORDER_RULES
        # Whatever is decided on news is decided on everything too, and must be the same.
        self.carries: type[Carry] = Doubting
        self.lock = MemoryLock()
        self.named = NamedOrders()
        self.push = PushSettings(calls_per_second=1000.0, burst=1000, in_flight=1, max_attempts=1)
        self.push_clock: Clock | None = None
        self.summons: Summons | None = None
        self.precedence = Precedence()
        self.seat = Seat()
        self._engine: tuple[Cycle, Lowering] | None = None

    @property
    def cycle(self) -> Cycle:
        """Return the engine as it runs; `restart` makes the next one."""
        return self._running[0]

    @property
    def lowering(self) -> Lowering:
        """Return who lowers at once beside it."""
        return self._running[1]

    @property
    def _running(self) -> tuple[Cycle, Lowering]:
        self._engine = self._engine or self._composed()
        return self._engine

    def keep_in(self, store: MemoryStore) -> None:
        """Keep the state in another store; cycles must hear of all that is written to it."""
        self.store = cast("MemoryStore", noting(store, self.notes))

    def restart(self) -> None:
        self.seat = Seat(patience=self.seat.patience)
        self._engine = None

    @property
    def requests(self) -> Requests:
        settling = Settling(topology=self.topology, rules=dict.fromkeys(self.channels, self.order_rules))
        return Requests(store=self.store, clock=self.clock, events=self.told, settling=settling)

    def shop(self, name: str) -> MemoryChannel:
        return self.channels[ShopName(name)]

    def stock(self, **units: int) -> None:
        """Let the ERP say other figures."""
        self.source.say(snapshot(units))

    def rule(self, *, shop: str = "", sku: str = "", **values: int) -> None:
        """Add an override, as a new configuration does: the program is started anew."""
        rule = Rule(
            name=f"overrides[{len(self.topology.rules)}]",
            values=values,
            shops=(ShopName(shop),) if shop else (),
            skus=(sku,) if sku else (),
        )
        self.topology = replace(self.topology, rules=(*self.topology.rules, rule))
        self.fingerprint += "1"
        self.restart()

    def lose(self, *errors: PortError) -> None:
        """Let the source fail for ever."""
        self.source.say(*errors)

    async def run(
        self, *, after: float = 60.0, selection: Selection | None = None, whole: bool = False
    ) -> CycleReport:
        self.clock.advance(after)
        return await self.cycle.run(selection, whole=whole)

    async def filled(self, **stock: int) -> "World":
        """Run until the shops show what they should, and have been filled."""
        if stock:
            self.stock(**stock)
        for _ in range(3):
            await self.run()
        return self

    async def approve(self, digest: str) -> None:
        await self.store.ask("approve", digest, at=self.clock.now(), by="ann")
        await self.requests.obey()

    def counters(self, shop: str) -> dict[str, int]:
        """Return what buyers can buy of each listing: 0 where it is off sale."""
        rows = self.shop(shop)._counters.shown.values()
        return {row.id: (row.quantity or 0) if row.on_sale else 0 for row in rows}

    async def row(self, shop: str, listing: str) -> ListingRow:
        rows = await self.store.listings(ShopName(shop))
        return next(row for row in rows if row.id == listing)

    async def ledger(self, what: str) -> list[LedgerRow]:
        return [row for row in await self.store.ledger(limit=1000) if row.what == what]

    async def claimed(self, sku: str) -> int:
        return sum(claim.units for claim in await self.store.claims() if claim.sku == sku)

    def _composed(self) -> tuple[Cycle, Lowering]:
        clock, store, told = self.clock, self.store, self.told
        jobs = [
            ShopJob(
                shop=shop,
                channel=self.channels[shop.name],
                observe_every=self.observe_every,
                audit=self.audit,
            )
            for shop in self.topology.shops
        ]
        hands = Hands(
            collector=Collector(
                [SourceJob(rules=rules, source=self.source) for rules in self.topology.sources],
                store=store,
                clock=clock,
                events=told,
            ),
            observer=Observer(jobs, store=store, clock=clock, events=told, fingerprint=self.fingerprint),
            intake=Intake(
                self.topology,
                rules={shop.name: self.order_rules for shop in self.topology.shops},
                store=store,
                events=told,
                feeds={
                    name: FeedJob(feed=channel, rules=self.order_rules)
                    for name, channel in self.channels.items()
                    if channel.traits.order_feed
                },
                named=self.named,
            ),
            foreign=ForeignWriters(store=store, events=told),
            pushers={
                name: Pusher(
                    shop=name,
                    channel=channel,
                    store=store,
                    clock=self.push_clock or clock,
                    settings=self.push,
                    summons=self.summons,
                )
                for name, channel in self.channels.items()
            },
            carry=self.carries(self.topology, store, self.notes),
            precedence=self.precedence,
        )
        rules = Rules(
            topology=self.topology,
            traits={name: shop_traits(channel.traits) for name, channel in self.channels.items()},
            fingerprint=self.fingerprint,
        )
        return (
            Cycle(rules, hands, store=store, clock=clock, events=told, seat=self.seat),
            Lowering(rules, hands, store=store, clock=clock, events=told, seat=self.seat),
        )


def stops(report: CycleReport) -> dict[tuple[str, str], Stop]:
    """Return why changes stayed behind, by shop and listing."""
    return {(c.shop, c.listing): stop for c, stop in report.view.decision.stopped()}


def changes(report: CycleReport) -> dict[tuple[str, str], Change]:
    """Return every change that was planned, by shop and listing."""
    return {(c.shop, c.listing): c for c in report.view.decision.plan.changes()}


def a_drop(row: ListingRow, units: int, base: str = "t") -> Drop:
    return Drop(row, units, base)


def shops_of(*names: str, **settings: object) -> tuple[Shop, ...]:
    return tuple(replace(Shop(name=ShopName(name)), **settings) for name in names)  # type: ignore[arg-type]
