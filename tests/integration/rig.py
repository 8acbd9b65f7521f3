"""The whole program over mock shops and a mock ERP, with one clock for all of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from syncd.adapters.memory import FakeClock
from syncd.bootstrap import App, Seams, open_app, read_configuration
from syncd.config.configuration import Configuration
from syncd.mock import Cell, ErpState, Listing, RealClock, Rig, ShopSettings, ShopState, running
from syncd.mock import erp_app as erp_routes
from syncd.mock import shop_app as shop_routes
from syncd.services.cycle import CycleReport, Selection

TOKEN = "Bearer mock-token"
ENVIRON = {"ERP": TOKEN, "SHOP": TOKEN, "WRONG": "Bearer stolen-secret"}
MOST_CYCLES = 30
"""So many cycles after which a world that is not quiet never will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSpec:
    """A mock shop and how the program is told to write it; `keys` are more lines of its table."""

    name: str
    modes: tuple[str, ...] = ("set",)
    keys: tuple[str, ...] = ()
    platform: ShopSettings = field(default_factory=ShopSettings)
    token: str = "SHOP"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSpec:
    """What a world begins with: `stock` is on hand in the ERP, `shown` the counter of every listing."""

    shops: tuple[ShopSpec, ...]
    stock: Mapping[str, int]
    shown: Mapping[str, int] = field(default_factory=dict)
    mode: str = "split"
    pool_keys: tuple[str, ...] = ()
    cycle_keys: tuple[str, ...] = ()
    source: str = ""
    erp_token: str = "ERP"


class Told:
    """A listener that keeps what it was told as lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, name: str, /, **facts: object) -> None:
        self.lines.append(" ".join([name, *(f"{key}={value}" for key, value in facts.items())]))

    def named(self, name: str) -> list[str]:
        return [line for line in self.lines if line.split(" ", 1)[0] == name]


class World:
    """Mocks that run, and a configuration that points at them; a listing's id is its SKU."""

    def __init__(self, spec: WorldSpec, folder: Path, clock: FakeClock) -> None:
        self.spec = spec
        self.folder = folder
        self.clock = clock
        self.told = Told()
        cells = [_cell(sku, units) for sku, units in spec.stock.items()]
        # The mocks read the same clock as the program, or its figures would be old or in the future.
        self.erp = Rig(name="erp", clock=RealClock(clock.now), state=ErpState(cells=cells))
        self.shops = {
            shop.name: Rig(name=shop.name, clock=RealClock(clock.now), state=_shop_state(spec, shop))
            for shop in spec.shops
        }
        self.urls: dict[str, str] = {}

        folder.mkdir(exist_ok=True)

    @property
    def file(self) -> Path:
        return self.folder / "syncd.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def configuration(self) -> Configuration:
        return read_configuration(self.file, ENVIRON)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[App]:
        async with open_app(self.configuration(), Seams(clock=self.clock, events=self.told)) as app:
            yield app

    async def cycle(self, app: App, *, after: float = 60.0) -> CycleReport:
        """Run one cycle a while after the last one."""
        self.clock.advance(after)
        report = await app.sync(Selection())
        assert isinstance(report, CycleReport), report
        return report

    async def until_quiet(self, app: App, *, after: float = 60.0) -> int:
        """Run cycles until one plans nothing and no write is open; return how many it took."""
        stopped: list[str] = []
        for count in range(1, MOST_CYCLES + 1):
            report = await self.cycle(app, after=after)
            settled = not report.failures and not len(report.view.decision.plan)
            unresolved = await app.store.unresolved()
            if settled and not unresolved:
                return count
            stopped = [f"{change} {stop.name}" for change, stop in report.view.decision.stopped()]
            stopped += [*report.failures, *map(str, unresolved)]
        raise AssertionError("not quiet: " + "; ".join(stopped))

    def shown(self, shop: str) -> dict[str, int]:
        """Return what buyers can buy in a shop: 0 where it is off sale."""
        listings = self.shops[shop].state.listings.values()
        return {row.id: row.quantity if row.on_sale else 0 for row in listings}

    def on_sale(self, sku: str) -> int:
        """Return what buyers can buy of a SKU in all shops together."""
        return sum(self.shown(shop).get(sku, 0) for shop in self.shops)

    def sold(self, sku: str) -> int:
        """Return what buyers bought of a SKU in all shops together."""
        return sum(shop.state.listings[sku].sold for shop in self.shops.values())

    def buy(self, shop: str, sku: str, units: int = 1) -> bool:
        """Let a buyer try; return whether the shop let the units go."""
        rig = self.shops[shop]
        rig.state.settle(rig.clock.now())
        return not rig.state.sell(sku, units)

    def book(self, sku: str, units: int) -> None:
        """Let the ERP learn of a sale."""
        refusal = self.erp.state.move(sku, "main", {"allocated": units})
        assert not refusal, refusal

    def set_stock(self, sku: str, on_hand: int) -> None:
        cell = self.erp.state.cells[sku, "main"]
        self.erp.state.move(sku, "main", {"on_hand": on_hand - cell.figures["on_hand"]})

    def sent(self, shop: str) -> list[tuple[str, ...]]:
        """Return the listings of every write call that a shop met."""
        return [call.listings for call in self.shops[shop].calls.calls if call.method == "POST"]

    def applied(self, shop: str) -> dict[str, int]:
        """Return how often each key took effect in a shop."""
        counts: dict[str, int] = {}
        for call in self.shops[shop].calls.calls:
            for key, applied in zip(call.keys, call.applied, strict=False):
                counts[key] = counts.get(key, 0) + applied
        return counts

    def keep(self) -> "Kept":
        """Return everything that the mocks are, to go back to."""
        shops = {name: deepcopy(rig.state) for name, rig in self.shops.items()}
        return Kept(erp=deepcopy(self.erp.state), shops=shops)

    def go_back(self, kept: "Kept") -> None:
        """Make the mocks what they were, and forget their calls; the clock never goes back."""
        self.erp.state = deepcopy(kept.erp)
        for name, rig in self.shops.items():
            rig.state = deepcopy(kept.shops[name])
            rig.calls.clear()

    def write_configuration(self) -> None:
        self.file.write_text(_toml(self.spec, self.urls))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What `World.keep` kept."""

    erp: ErpState
    shops: Mapping[str, ShopState]


@asynccontextmanager
async def world(spec: WorldSpec, folder: Path) -> AsyncIterator[World]:
    """Yield a world whose mocks serve on loopback until the block ends."""
    made = World(spec, folder, FakeClock(auto=True))
    async with AsyncExitStack() as stack:
        made.urls["erp"] = await stack.enter_async_context(running(erp_routes(made.erp)))
        for name, rig in made.shops.items():
            made.urls[name] = await stack.enter_async_context(running(shop_routes(rig)))
        made.write_configuration()
        yield made


def _cell(sku: str, units: int) -> Cell:
    cell = Cell(sku=sku, warehouse="main")
    cell.figures["on_hand"] = units
    return cell


def _shop_state(spec: WorldSpec, shop: ShopSpec) -> ShopState:
    listings = [Listing(id=sku, item=sku, code=sku, quantity=spec.shown.get(sku, 0)) for sku in spec.stock]
    return ShopState(settings=shop.platform, listings=listings)


def _quoted(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def _toml(spec: WorldSpec, urls: Mapping[str, str]) -> str:
    erp = ['type = "http_json"', f'url = "{urls["erp"]}/stock"', _header(spec.erp_token)]
    blocks = [
        ["[state]", 'dir = "state"'],
        ["[cycle]", *spec.cycle_keys],
        ["[sources.erp]", 'warehouses = ["main"]', *([spec.source] if spec.source else erp)],
        [
            "[pools.main]",
            f'mode = "{spec.mode}"',
            'warehouses = ["main"]',
            f"shops = {_quoted([shop.name for shop in spec.shops])}",
            *spec.pool_keys,
        ],
    ]
    blocks += [_shop_block(shop, urls[shop.name]) for shop in spec.shops]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _shop_block(shop: ShopSpec, url: str) -> list[str]:
    return [
        f"[shops.{shop.name}]",
        'type = "http"',
        f'url = "{url}"',
        _header(shop.token),
        f"write_modes = {_quoted(shop.modes)}",
        "calls_per_second = 1000.0",
        "burst = 1000",
        *shop.keys,
    ]


def _header(variable: str) -> str:
    return f'headers = {{ Authorization = "env:{variable}" }}'
