"""A real Tryton, three Taobao shops and syncd between them: every counter, before and after every change."""

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from syncd.bootstrap import App, open_app, read_configuration
from syncd.mock import Listing, Rig, ShopSettings, running
from syncd.mock.clock import RealClock
from syncd.mock.taobao import Item, TaobaoState, TopSettings, taobao_app
from syncd.services.cycle import CycleReport, Selection
from tests.integration.tryton.rig import Erp, Figures, tryton

# Installing and seeding Tryton takes minutes the first time.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LEVEL = 25
"""The warning level of the shared pool: some SKUs of the seed lie below it."""
PER_ITEM = 20
AT_FIRST = 5
"""What every counter reads before syncd has written it."""
MOST_CYCLES = 6

CONFIG = """
[state]
dir = "{state}"

[sources.erp]
type = "tryton"
warehouses = ["main", "east"]
codes = {{ main = "MAIN", east = "EAST" }}
unsellable = ["QUAR-MAIN"]
url = "{erp.url}"
database = "{erp.database}"
user = "{erp.user}"
password = "env:ERP"

[pools.main]
mode = "shared"
warehouses = ["main"]
shops = ["alpha", "beta"]
warning_level = {level}
least_off_time = "0s"
relist_after = 1

[pools.east]
mode = "split"
warehouses = ["east"]
shops = ["beta", "gamma"]
"""

SHOP = """
[shops.{name}]
type = "taobao"
url = "{url}/router/rest"
app_key = "mock-app"
app_secret = "env:SECRET"
session = "env:SESSION"
calls_per_second = 1000
burst = 100
{aliases}
"""

ALIASES = {"alpha": 'prefix_separators = ["-"]', "beta": 'suffix_separators = ["-"]', "gamma": ""}

Shop = Literal["alpha", "beta", "gamma"]
SHOPS: tuple[Shop, ...] = ("alpha", "beta", "gamma")
Counters = dict[tuple[Shop, str], int]


def code(shop: Shop, sku: str, place: int) -> str:
    """Return what a shop calls a SKU: with one of two prefixes, with a suffix, or plainly."""
    return {"alpha": f"{place % 2 + 1}-{sku}", "beta": f"{sku}-B", "gamma": sku}[shop]


def net(figures: Figures) -> int:
    """Return the whole units that nobody was promised, by DESIGN 3: each figure rounded against us."""
    taken = (figures.unsellable, figures.allocated, figures.transfer_out)
    return math.floor(figures.on_hand) - sum(math.ceil(part) for part in taken)


def right_counters(truth: Mapping[tuple[str, str], Figures]) -> Counters:
    """Return what every counter must read: two shops share MAIN, two split EAST, one does both.

    Of a SKU of which a warehouse promised more than it has nothing is raised anywhere (DESIGN 4.2).
    """
    counters: Counters = {}
    for sku in {sku for sku, _ in truth}:
        nets = [net(truth[sku, place]) for place in ("MAIN", "EAST")]
        here, there = (max(units, 0) for units in nets)
        shared = here if here >= LEVEL else 0
        counters["alpha", sku] = shared
        counters["beta", sku] = shared + there - there // 2
        counters["gamma", sku] = there // 2
        if min(nets) < 0:
            counters |= {(shop, sku): min(counters[shop, sku], AT_FIRST) for shop in SHOPS}
    return counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Tryton, three Taobao shops, and syncd between them."""

    erp: Erp
    shops: Mapping[Shop, Rig[TaobaoState]]
    app: App
    skus: Mapping[str, str] = field(default_factory=dict)

    async def settle(self) -> set[tuple[Shop, str]]:
        """Run cycles until one writes nothing; return the shop and SKU of everything written till then."""
        written: set[tuple[Shop, str]] = set()
        for _ in range(MOST_CYCLES):
            for shop in self.shops.values():
                shop.calls.clear()
            report = await self.app.sync(Selection())
            assert isinstance(report, CycleReport)
            assert report.failures == []
            now = self._written()
            if not now:
                return written
            written |= now
        raise AssertionError(f"not quiet after {MOST_CYCLES} cycles: {sorted(written)[:9]}")

    def _written(self) -> set[tuple[Shop, str]]:
        return {
            (name, self.skus[listing])
            for name, shop in self.shops.items()
            for call in shop.calls.calls
            if ".update" in call.route
            for listing in call.listings
        }

    def shown(self) -> Counters:
        return {
            (name, self.skus[listing.id]): listing.quantity
            for name, shop in self.shops.items()
            for listing in shop.state.listings.values()
        }


def _rig(shop: Shop, skus: Mapping[str, str]) -> Rig[TaobaoState]:
    clock = RealClock()
    listings = [
        Listing(id=key, item=str(100 + at // PER_ITEM), code=code(shop, sku, at), quantity=AT_FIRST)
        for at, (key, sku) in enumerate(skus.items())
    ]
    state = TaobaoState(
        settings=ShopSettings(unlists_items=True),
        top=TopSettings(),
        items=[Item(id=item) for item in sorted({listing.item for listing in listings})],
        listings=listings,
        now=clock.now,
    )
    return Rig(name=shop, clock=clock, state=state)


@asynccontextmanager
async def market(erp: Erp, folder: Path) -> AsyncIterator[Market]:
    # The ids of the listings are digits, as all ids of this platform are.
    skus = {str(10_000 + at): sku for at, sku in enumerate(erp.skus)}
    shops = {shop: _rig(shop, skus) for shop in SHOPS}
    text = CONFIG.format(state=folder / "state", erp=erp, level=LEVEL)
    async with AsyncExitStack() as stack:
        for name, shop in shops.items():
            url = await stack.enter_async_context(running(taobao_app(shop)))
            text += SHOP.format(name=name, url=url, aliases=ALIASES[name])
        file = folder / "syncd.toml"
        file.write_text(text, "utf-8")
        secrets = {"ERP": erp.password, "SECRET": "mock-secret", "SESSION": "mock-token"}
        app = await stack.enter_async_context(open_app(read_configuration(file, secrets)))
        yield Market(erp=erp, shops=shops, app=app, skus=skus)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Market]:
    server = tmp_path / "erp"
    server.mkdir()
    async with tryton(server) as erp, market(erp, tmp_path) as made:
        await made.settle()
        yield made


async def test_every_counter_is_what_the_documents_of_the_erp_add_up_to(place: Market) -> None:
    truth = await place.erp.truth()
    right = right_counters(truth)
    below = [sku for sku in place.erp.skus if 0 < net(truth[sku, "MAIN"]) < LEVEL]

    assert len(place.erp.skus) >= 200
    assert len(below) >= 1
    assert place.shown() == right


async def _plenty(erp: Erp, count: int) -> list[str]:
    """Return some SKUs without a story of which both warehouses have enough for what is to come."""
    truth = await erp.truth()
    most = {"MAIN": 2 * LEVEL, "EAST": 10}
    found = [
        sku for sku in erp.stocked if all(net(truth[sku, place]) > units for place, units in most.items())
    ]
    return found[:count]


async def test_every_change_in_the_erp_writes_exactly_the_listings_that_it_touches(place: Market) -> None:
    erp = place.erp
    received, sold, cancelled, moved, lost, planned = await _plenty(erp, 6)
    on_main = frozenset(("alpha", "beta"))
    on_east = frozenset(("beta", "gamma"))
    written = {}

    await erp.receive(received, "MAIN", 7)
    written["receipt", received, on_main] = await place.settle()
    sale = await erp.sell(sold, "MAIN", 2)
    written["sale", sold, on_main] = await place.settle()
    await erp.ship(sale)
    written["shipment of it", sold, frozenset()] = await place.settle()
    second = await erp.sell(cancelled, "EAST", 4)
    written["another sale", cancelled, on_east] = await place.settle()
    await erp.cancel(second)
    written["its cancellation", cancelled, on_east] = await place.settle()
    transfer = await erp.transfer_send(moved, "MAIN", "EAST", 4)
    written["transfer sent", moved, on_main] = await place.settle()
    await erp.transfer_receive(transfer)
    written["transfer received", moved, on_east] = await place.settle()
    await erp.write_off(lost, "EAST", 6)
    written["write-off", lost, on_east] = await place.settle()
    await erp.transfer_plan(planned, "EAST", "MAIN", 2)
    written["transfer planned", planned, on_east] = await place.settle()

    assert written == {key: {(shop, key[1]) for shop in key[2]} for key in written}
    assert place.shown() == right_counters(await erp.truth())


async def test_a_fall_below_the_warning_level_takes_every_shop_of_the_pool_to_zero(place: Market) -> None:
    erp = place.erp
    (sku,) = await _plenty(erp, 1)
    truth = await erp.truth()
    await erp.write_off(sku, "MAIN", net(truth[sku, "MAIN"]) - LEVEL + 1)
    await place.settle()
    shown = place.shown()

    assert shown["alpha", sku] == 0
    assert shown == right_counters(await erp.truth())
