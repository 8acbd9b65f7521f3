"""Shops, buyers, an ERP and syncd's own services on one state, and what of it is true."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import NamedTuple, TypeAlias, TypeVar, cast

from syncd.adapters.memory import FakeClock, MemoryStore
from syncd.domain.model import Action, ListingId, PoolName, ShopName, Sku, Write
from syncd.domain.ordering import Occupies
from syncd.domain.orders import OrderLine, Stage
from syncd.domain.records import ShopState, ShopStatus
from syncd.domain.topology import GuardLimits, Pack, Pool, PoolMode, Rule, Shop, SourceRules, Topology
from syncd.ports.store import Store
from syncd.services.collect import Collector, SourceJob
from syncd.services.cycle import Cycle, CycleReport
from syncd.services.feeds import FeedJob, NamedOrders
from syncd.services.foreign import ForeignWriters
from syncd.services.gate import open_gate
from syncd.services.hands import Hands
from syncd.services.intake import Intake
from syncd.services.judging import Rules
from syncd.services.lowering import Lowered, Lowering
from syncd.services.observe import Observer
from syncd.services.precedence import Precedence
from syncd.services.push import Pusher, PushSettings
from syncd.services.readings import ShopJob
from syncd.services.requests import Requests
from syncd.services.seat import Seat
from syncd.services.traits import shop_traits
from syncd.services.written import Notes, noting
from tests.integration.exactness.erp import NAME, PLACE, Erp
from tests.integration.exactness.steps import DiedError, SteppedErp, SteppedShop, SteppedStore, Steps, Strikes
from tests.integration.exactness.till import Habits, Till, open_units
from tests.unit.services.doubting import Doubting

POOL = PoolName("main")
A, B = Sku("A"), Sku("B")
PACK = Pack(code="A3", sku=A, units=3)
UNGUARDED = GuardLimits(max_off_percent=100, from_listings=10**9)
LISTED = ((("A", "A"), ("A-again", "A"), ("B", "B")), (("A", "A"), ("A3", "A3"), ("B", "B")))
"""What the first shops list, as id and code: one repeats a listing, one sells by threes."""

PLAIN = (("A", "A"), ("B", "B"))


Orders: TypeAlias = Mapping[ShopName, Sequence[str]]
"""What somebody points at: some orders of shops."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a scene is made of."""

    shops: Sequence[Habits]
    stock: Mapping[Sku, int]
    listed: Sequence[Sequence[tuple[str, str]]] = LISTED
    mode: PoolMode = PoolMode.SPLIT
    observe_every: timedelta = timedelta(0)


class Engine(NamedTuple):
    """The program as it runs."""

    cycle: Cycle
    lowering: Lowering
    named: NamedOrders

    async def lower(self, skus: Collection[Sku], orders: Orders) -> Lowered:
        """Lower what somebody named."""
        for shop, names in orders.items():
            self.named.name(shop, names)
        return await self.lowering.run(frozenset(skus))


class Silence:
    """Nobody listens."""

    def tell(self, name: str, /, **facts: object) -> None:
        """Forget it."""


class Scene:
    """A world that goes on whatever becomes of syncd.

    `blame` are the units of each SKU that something outside put on sale or took away, so many may be sold too
    many; `oversold` are those that buyers bought though they were not there.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.clock = FakeClock(auto=True)
        self.store = MemoryStore()
        self.names = tuple(ShopName(f"s{at}") for at in range(len(setup.shops)))
        self.tills = {
            name: Till(name, habits, self.clock, setup.listed[at] if at < len(setup.listed) else PLAIN)
            for at, (name, habits) in enumerate(zip(self.names, setup.shops, strict=True))
        }
        for till in self.tills.values():
            till.on_write = self._hear
        self.erp = Erp(self.clock, setup.stock, list(self.tills.values()), self.parts)
        self.blame = dict.fromkeys(setup.stock, 0)
        self.oversold = dict.fromkeys(setup.stock, 0)
        self.topology = _topology(setup, self.names)
        self.report: CycleReport | None = None
        self.check: Callable[[str], None] = _nothing
        self.fingerprint = "1"
        self._keys = count()
        self._steps = Steps()
        self._engine: Engine | None = None
        self._beside: list[asyncio.Task[Lowered]] = []
        self.was_hurried = False

    # --- what is true --------------------------------------------------------------------------------------

    def parts(self, shop: ShopName, line: OrderLine) -> Mapping[Sku, int]:
        """Return the units of each SKU in one unit of a line."""
        del shop
        return parts_of(line.listing)

    def promised(self, sku: Sku) -> int:
        """Return the units that buyers were promised and that have not left."""
        return sum(
            parts_of(line.listing).get(sku, 0) * open_units(line)
            for till in self.tills.values()
            for line in till.promised_lines()
        )

    def free(self, sku: Sku) -> int:
        """Return the units that are there and promised to nobody; negative where too many were sold."""
        return self.erp.good[sku] - self.promised(sku)

    def exposed(self, till: Till, sku: Sku) -> int:
        """Return the units of a SKU that a shop could lose to buyers now."""
        return sum(till.at_stake(one) * parts_of(one).get(sku, 0) for one in till.listings())

    def slack(self, sku: Sku) -> int:
        """Return what is free less all that could be ordered; negative where too much is on sale."""
        return self.free(sku) - sum(self.exposed(till, sku) for till in self.tills.values())

    # --- what happens --------------------------------------------------------------------------------------

    def buy(self, shop: ShopName, listing: ListingId, units: int, *, paid: bool) -> None:
        """Let somebody order what the shop shows."""
        before = {sku: max(self.free(sku), 0) for sku in parts_of(listing)}
        if self.tills[shop].buy(listing, units, paid=paid):
            for sku, each in parts_of(listing).items():
                self.oversold[sku] += max(each * units - before[sku], 0)
            self.check(f"a sale of {units} of {listing} in {shop}")

    def pay(self, shop: ShopName, line: str) -> None:
        """Let somebody pay; who occupies units only then may find them gone, as the merchant has chosen."""
        till = self.tills[shop]
        found = till.lines[line]
        lacks = open_units(found) - (till.shown(found.listing).quantity or 0)
        if found.stage is Stage.UNPAID and till.habits.occupies is Occupies.PAYMENT:
            for sku, each in parts_of(found.listing).items():
                self.blame[sku] += each * max(lacks, 0)
        till.pay(line)

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what platforms do on their own happens when it is due."""
        left = seconds
        while left > 0:
            part = min(left, max(30.0, left / 10))
            left -= part
            self.clock.advance(part)
            for till in self.tills.values():
                till.expire()
                till.apply_due()

    def write_off(self, sku: Sku, units: int) -> None:
        """Let units be lost from the warehouse."""
        units = min(units, self.erp.good[sku])
        self.erp.good[sku] -= units
        self.blame[sku] += units

    def edit(self, shop: ShopName, listing: ListingId, counter: int) -> None:
        """Let a person set a counter in the shop's own pages."""
        till = self.tills[shop]
        before = till.shown(listing)
        till.put(replace(before, quantity=counter))
        for sku, each in parts_of(listing).items():
            self.blame[sku] += each * max(counter - (before.quantity or 0), 0)

    def reconfigure(self, shop: ShopName, weight: int) -> None:
        """Start the program anew with another weight for a shop."""
        rule = Rule(name=f"overrides[{len(self.topology.rules)}]", values={"weight": weight}, shops=(shop,))
        self.topology = replace(self.topology, rules=(*self.topology.rules, rule))
        self.fingerprint += "1"
        self._engine = None

    async def set_status(self, shop: ShopName, status: ShopStatus) -> None:
        """Let an operator pause a shop or resume it."""
        state = (await self.store.shops()).get(shop, ShopState(name=shop))
        await self.store.save_shop(replace(state, status=status))

    async def approve(self) -> None:
        """Let an operator release what the guard holds."""
        if self.report is None or not self.report.held:
            return
        digest = self.report.view.decision.digest
        await self.store.ask("approve", digest, at=self.clock.now(), by="ann")
        await Requests(store=self.store, clock=self.clock, events=Silence()).obey()

    # --- the program ---------------------------------------------------------------------------------------

    def restart(self, steps: Steps | None = None) -> None:
        """Start the program anew on the same state."""
        self._engine, self._steps = None, steps or Steps()

    async def run(self, *, fatal: int = 0, strikes: Strikes | None = None) -> CycleReport | None:
        """Run a cycle; return None where the program died in it."""
        self.report = None
        self.report = await self._living(lambda engine: engine.cycle.run(), fatal, strikes)
        return self.report

    async def hurry(
        self, skus: Collection[Sku], orders: Orders, *, fatal: int = 0, strikes: Strikes | None = None
    ) -> Lowered | None:
        """Let somebody name SKUs and orders between two cycles; return None where the program died of it."""

        def lowered(engine: Engine) -> Awaitable[Lowered]:
            return engine.lower(skus, orders)

        return await self._living(lowered, fatal, strikes)

    def hurry_beside(self, skus: Collection[Sku], orders: Orders) -> None:
        """Let somebody name SKUs and orders while the program runs already."""
        assert self._engine is not None
        self.was_hurried = True
        self._beside.append(asyncio.ensure_future(self._engine.lower(skus, orders)))

    async def _living(
        self, work: Callable[[Engine], Awaitable[T]], fatal: int, strikes: Strikes | None
    ) -> T | None:
        """Return what `work` and all that runs beside it comes to; None where the program died in it."""
        self.erp.look()
        self.was_hurried = False
        self._steps.begin(fatal=fatal, strikes=strikes)
        engine = self._engine = self._engine or self._composed(self._steps)
        told = {name: dict(till.told) for name, till in self.tills.items()}
        try:
            result = await work(engine)
            while self._beside:
                await self._beside.pop()
        except DiedError:
            await _end_all()
            self._beside.clear()
            for name, till in self.tills.items():
                till.told = told[name]
            self._engine, self._steps = None, Steps()
            return None
        return result

    def die(self) -> None:
        """Let the program die at the step at which this strikes."""
        self._steps.die()

    def _hear(self, till: Till, write: Write, sold: int) -> None:
        if write.action is Action.SET and write.value > 0:
            for sku, each in parts_of(write.listing).items():
                self.blame[sku] += each * max(sold, 0)
        self.check(f"{write.action} {write.value} of {write.listing} in {till.name}")

    def _composed(self, steps: Steps) -> Engine:
        clock, events, named, seat = self.clock, Silence(), NamedOrders(), Seat()
        precedence, notes = Precedence(), Notes()
        store = noting(cast("Store", SteppedStore(self.store, steps)), notes)
        shops = {name: SteppedShop(till, steps) for name, till in self.tills.items()}
        jobs = [
            ShopJob(shop=shop, channel=shops[shop.name], observe_every=self.setup.observe_every)
            for shop in self.topology.shops
        ]
        sources = [
            SourceJob(rules=rules, source=SteppedErp(self.erp, steps)) for rules in self.topology.sources
        ]
        settings = PushSettings(calls_per_second=1000.0, burst=1000, in_flight=1, max_attempts=2)
        hands = Hands(
            collector=Collector(sources, store=store, clock=clock, events=events),
            observer=Observer(jobs, store=store, clock=clock, events=events, fingerprint=self.fingerprint),
            intake=Intake(
                self.topology,
                rules={name: till.habits.rules for name, till in self.tills.items()},
                store=store,
                events=events,
                feeds={
                    name: FeedJob(feed=shop, rules=self.tills[name].habits.rules)
                    for name, shop in shops.items()
                    if shop.traits.order_feed
                },
                named=named,
            ),
            foreign=ForeignWriters(store=store, events=events),
            pushers={
                name: Pusher(
                    shop=name,
                    channel=shop,
                    store=store,
                    clock=clock,
                    settings=settings,
                    gate=open_gate(settings.calls_per_second, settings.burst, clock, precedence),
                    new_key=lambda: f"{next(self._keys)}",
                    jitter=lambda: 0.5,
                )
                for name, shop in shops.items()
            },
            carry=Doubting(self.topology, store, notes),
            precedence=precedence,
        )
        traits = {name: shop_traits(shop.traits) for name, shop in shops.items()}
        rules = Rules(topology=self.topology, traits=traits, fingerprint=self.fingerprint)
        return Engine(
            Cycle(rules, hands, store=store, clock=clock, events=events, seat=seat),
            Lowering(rules, hands, store=store, clock=clock, events=events, seat=seat),
            named,
        )


def _nothing(where: str) -> None:
    del where


def parts_of(listing: ListingId) -> Mapping[Sku, int]:
    """Return the units of each SKU in one unit of a listing."""
    if listing == "A3":
        return {A: 3}
    return {B: 1} if listing == "B" else {A: 1}


def unpaid(till: Till) -> list[str]:
    """Return the lines that wait for their payment."""
    return [line.line for line in till.lines.values() if line.stage is Stage.UNPAID]


def _topology(setup: Setup, names: Sequence[ShopName]) -> Topology:
    return Topology(
        sources=(SourceRules(name=NAME, warehouses=(PLACE,), max_missing_percent=50),),
        pools=(Pool(name=POOL, mode=setup.mode, warehouses=(PLACE,), shops=tuple(names)),),
        shops=tuple(Shop(name=name, packs=(PACK,), guard=UNGUARDED) for name in names),
    )


async def _end_all() -> None:
    """End what a dead process left running."""
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
