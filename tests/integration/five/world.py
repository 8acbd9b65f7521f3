"""One ERP and five shops on loopback, in one shared and one split pool, on one virtual clock."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from syncd.adapters.memory import FakeClock
from syncd.adapters.sources.http_json import ADAPTER as HTTP_JSON
from syncd.bootstrap import App, Seams, open_app
from syncd.config.loader import load
from syncd.config.registry import Registry
from syncd.mock import (
    Cell,
    Crowd,
    Demand,
    ErpState,
    Flash,
    Habits,
    ImportSettings,
    Listing,
    RealClock,
    Rig,
    ShopState,
    attempts_from,
    erp_app,
    running,
)
from syncd.mock.core.erp_imports import ShopImport
from syncd.services.cycle import CycleReport, Selection
from tests.integration.five.books import Books
from tests.integration.five.platforms import PLATFORMS, Platform

SHARED, SPLIT = "S", "P"
"""How the SKUs of each pool begin."""

_WAREHOUSES = {SHARED: "main", SPLIT: "east"}
_SECRETS = {
    "ERP": "Bearer mock-token",
    "SECRET": "mock-secret",
    "TOKEN": "mock-token",
    "REFRESH": "mock-refresh",
}
_FIRST_ITEM = 9_007_199_254_740_993
"""Ids beyond what a float holds."""

HABITS = Habits(
    unpaid=0.08, cancels=0.08, refunds=0.08, baskets=0.15, pairs=0.15, pays_within=150, refunds_within=300
)
"""What buyers do beside buying: all that orders can go through."""

EVERY = 60.0
"""Seconds between two cycles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a run is: `skus` of each pool, in items of `item_size`, and buyers for some `minutes`.

    `busy` is how many units buyers want of each listing in that time on the average, where a SKU has `stock`
    units for all shops together; the first of each pool is wanted by a crowd in every shop besides.
    """

    seed: int = 1
    skus: int = 6
    item_size: int = 3
    minutes: int = 30
    stock: tuple[int, int] = (15, 40)
    busy: float = 5.0
    crowd: int = 8
    habits: Habits = HABITS
    import_delay: float = 300.0
    ship_after: float = 420.0
    platforms: tuple[str, ...] = tuple(PLATFORMS)

    @property
    def skus_by_pool(self) -> Mapping[str, Sequence[str]]:
        """Return the SKUs of each pool."""
        return {pool: [f"{pool}{n}" for n in range(self.skus)] for pool in (SHARED, SPLIT)}

    @property
    def all_skus(self) -> list[str]:
        """Return the SKUs of both pools."""
        return [sku for skus in self.skus_by_pool.values() for sku in skus]


class Depot:
    """Takes what a shop sells from the warehouse where it lies; an import by itself knows one warehouse."""

    def __init__(self, erp: ErpState) -> None:
        self._erp = erp

    def move(self, sku: str, warehouse: str, differences: Mapping[str, int]) -> str:
        """Change the figures of one SKU; return why not, empty if done."""
        del warehouse
        return self._erp.move(sku, _WAREHOUSES[sku[0]], differences)


class World:
    """The mocks, what really happens in them, and the program's folder."""

    def __init__(
        self, scenario: Scenario, folder: Path, platforms: Mapping[str, Platform] = PLATFORMS
    ) -> None:
        self.scenario = scenario
        self.folder = folder
        self.clock = FakeClock(auto=True)
        rng = random.Random(scenario.seed)  # noqa: S311 - a repeatable world
        clock = RealClock(self.clock.now)
        self.erp = Rig(name="erp", clock=clock, seed=scenario.seed, state=_stock(scenario, rng))
        self.platforms: dict[str, Platform] = {name: platforms[name] for name in scenario.platforms}
        self.shops: dict[str, Rig[ShopState]] = {
            name: platform.rig(_listings(scenario, number), clock, seed=scenario.seed)
            for number, (name, platform) in enumerate(self.platforms.items(), start=1)
        }
        for name, rig in self.shops.items():
            settings = ImportSettings(delay=scenario.import_delay, ship_after=scenario.ship_after)
            self.erp.state.imports[name] = ShopImport(Depot(self.erp.state), settings, rig.state)
        self.books = Books(
            self.erp.state,
            {name: rig.state for name, rig in self.shops.items()},
            strict=frozenset(scenario.skus_by_pool[SPLIT]),
        )
        self.urls: dict[str, str] = {}

    @property
    def rigs(self) -> list[Rig[Any]]:
        """Return every mock, the ERP's first."""
        return [self.erp, *self.shops.values()]

    def counters(self, sku: str) -> dict[str, int]:
        """Return what the counter of each shop reads for a SKU."""
        return {name: self._listing(name, sku).quantity for name in self.shops}

    def on_sale(self, sku: str) -> dict[str, int]:
        """Return what buyers can buy of a SKU in each shop."""
        return {name: self.books.buyable(name, sku) for name in self.shops}

    def let_in(self, *, minutes: float | None = None) -> None:
        """Let buyers come to every shop from now on."""
        scenario, now = self.scenario, self.clock.now()
        minutes = scenario.minutes if minutes is None else minutes
        for name, rig in self.shops.items():
            ids = {listing.code: listing.id for listing in rig.state.listings.values()}
            rates = {ids[sku]: scenario.busy * 1440 / scenario.minutes for sku in scenario.all_skus}
            crowds = [
                Flash(
                    at=now + timedelta(minutes=minutes / 3),
                    listing=ids[skus[0]],
                    buyers=scenario.crowd,
                    seconds=180,
                )
                for skus in scenario.skus_by_pool.values()
                if scenario.crowd
            ]
            demand = Demand(start=now, hours=minutes / 60, rates=rates, shape=(1.0,), flashes=crowds)
            seed = scenario.seed * 100 + list(self.shops).index(name)
            rig.state.visitors = Crowd(rig.state, attempts_from(demand, habits=scenario.habits, seed=seed))

    def order(self, shop: str, sku: str, units: int) -> str:
        """Let somebody order without paying; return the order's id, empty if there is too little."""
        wants = [(self._listing(shop, sku).id, units)]
        placed = self.shops[shop].state.orders.place(self.clock.now(), wants)
        return placed.order.id if placed.order else ""

    def settle(self) -> None:
        """Let everything happen in the shops and in the ERP that happens until now."""
        for rig in self.shops.values():
            rig.state.settle(self.clock.now())
        self.erp.state.settle(self.clock.now())

    async def cycle(self, app: App, *, after: float = EVERY) -> CycleReport:
        """Run one cycle a while after the last one, and look at the books before and after."""
        self.clock.advance(after)
        self.settle()
        self.books.look("before a cycle")
        report = await app.sync(Selection())
        assert isinstance(report, CycleReport), report
        self.settle()
        self.books.look("after a cycle")
        return report

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[App]:
        """Yield the program, put together as it always is but for its clock."""
        registry = Registry(
            channels={name: platform.on(self.clock.now) for name, platform in self.platforms.items()},
            sources={"http_json": HTTP_JSON},
        )
        configuration = load(self.folder / "syncd.toml", environ=_SECRETS, registry=registry)
        async with open_app(configuration, Seams(clock=self.clock)) as app:
            yield app

    def write_configuration(self) -> None:
        """Write what the program reads."""
        (self.folder / "syncd.toml").write_text(_toml(self), encoding="utf-8")

    def _listing(self, shop: str, sku: str) -> Listing:
        return next(one for one in self.shops[shop].state.listings.values() if one.code == sku)


@asynccontextmanager
async def world(
    scenario: Scenario, folder: Path, platforms: Mapping[str, Platform] = PLATFORMS
) -> AsyncIterator[World]:
    """Yield a world whose mocks serve on loopback until the block ends."""
    made = World(scenario, folder, platforms)
    async with AsyncExitStack() as stack:
        made.urls["erp"] = await stack.enter_async_context(running(erp_app(made.erp)))
        for name, rig in made.shops.items():
            app = made.platforms[name].app(rig)
            made.urls[name] = await stack.enter_async_context(running(app))
        made.write_configuration()
        yield made


def _stock(scenario: Scenario, rng: random.Random) -> ErpState:
    cells = []
    for sku in scenario.all_skus:
        cell = Cell(sku=sku, warehouse=_WAREHOUSES[sku[0]])
        cell.figures["on_hand"] = rng.randint(*scenario.stock)
        cells.append(cell)
    return ErpState(cells=cells)


def _listings(scenario: Scenario, shop: int) -> list[Listing]:
    """Return a listing of every SKU at 0, some of one pool to an item."""
    listings = []
    for at, skus in enumerate(scenario.skus_by_pool.values(), start=1):
        for n, sku in enumerate(skus):
            item = _FIRST_ITEM + shop * 1_000_000 + at * 10_000 + n // scenario.item_size
            listings.append(Listing(id=str(item * 100 + n), item=str(item), code=sku, quantity=0))
    return listings


def _toml(world: World) -> str:
    names = ", ".join(f'"{name}"' for name in world.shops)
    tables = [
        '[state]\ndir = "state"\n[cycle]\njitter = "0s"\n[log]\nlevel = "error"',
        # Crowds sell out much of so small a shop: what is tried here is not the guard.
        "[guard]\nmax_off_percent = 100\nmax_raised_percent = 100000",
        f'[sources.erp]\ntype = "http_json"\nurl = "{world.urls["erp"]}/stock"\nsince_param = ""',
        'warehouses = ["main", "east"]\nheaders = { Authorization = "env:ERP" }\nimported_by = "paid"',
        'paths = { imported_until = "imported_until" }',
        f'[pools.shared]\nmode = "shared"\nwarehouses = ["main"]\nshops = [{names}]',
        f'[pools.split]\nmode = "split"\nwarehouses = ["east"]\nshops = [{names}]',
    ]
    for name, platform in world.platforms.items():
        tables.append(f'[shops.{name}]\ntype = "{name}"\nurl = "{world.urls[name]}{platform.path}"')
        tables.append('orders_back = "10m"\norders_overlap = "5m"\nclock_skew = "2s"\nerp_lag = "10m"')
        tables.append("calls_per_second = 10000.0\nburst = 10000")
        tables.extend(platform.keys)
    return "\n".join(tables) + "\n"
