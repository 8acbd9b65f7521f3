"""A buyer orders in one shop, its platform says so, and the other shop shows less: no cycle was due."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from syncd.adapters.clock import SystemClock
from syncd.bootstrap import Porch, Seams, open_app, open_console, read_configuration
from syncd.mock import Cell, DouyinState, ErpState, Listing, Rig, douyin_app, erp_app, running
from syncd.mock.clock import RealClock
from syncd.mock.douyin import Product
from tests.integration.hooks_rig import PATIENCE

pytestmark = pytest.mark.timeout(60)

SECRETS = {"ERP": "Bearer mock-token", "SECRET": "mock-secret", "TOKEN": "mock-token"}
CONFIG = """
[state]
dir = "{state}"

[cycle]
every = "1h"

[http]
port = 0

[sources.erp]
type = "http_json"
warehouses = ["main"]
url = "{erp}/stock"
headers = {{ Authorization = "env:ERP" }}

[pools.main]
mode = "shared"
warehouses = ["main"]
shops = ["dy", "other"]
"""
SHOP = """
[shops.{name}]
type = "douyin"
url = "{url}"
app_key = "7000000000000000001"
app_secret = "env:SECRET"
access_token = "env:TOKEN"
calls_per_second = 1000
burst = 100

[shops.{name}.hook]
rule = "douyin"
app_key = "7000000000000000001"
secret = "env:SECRET"
"""


@dataclass(slots=True)
class Told:
    """What was told, and a way to wait for it."""

    names: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, name: str, /, **_: object) -> None:
        self.names.append(name)
        self.news.set()

    async def heard(self, name: str, times: int = 1) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.names.count(name) < times:
                self.news.clear()
                await self.news.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """Two Douyin shops that sell one mug, syncd behind its door, and what it told."""

    shops: dict[str, Rig[DouyinState]]
    mocks: dict[str, str]
    url: str
    told: Told
    session: aiohttp.ClientSession

    async def aim(self, **percents: float) -> None:
        target = {"url": f"{self.url}/hooks/dy", **percents}
        async with self.session.post(f"{self.mocks['dy']}/_mock/hook", json=target) as answer:
            assert answer.status == 200

    async def delivered(self, answered: int) -> dict[str, object]:
        async with self.session.get(f"{self.mocks['dy']}/_mock/hook?answered={answered}") as answer:
            found: dict[str, object] = await answer.json()
            return found

    def buy(self, units: int) -> None:
        assert not self.shops["dy"].state.sell("7001", units)

    def shown(self, shop: str) -> int:
        return self.shops[shop].state.listings["7001"].quantity


def _shop(name: str) -> Rig[DouyinState]:
    clock = RealClock()
    state = DouyinState(
        products=[Product(id="7000", updated=clock.now())],
        listings=[Listing(id="7001", item="7000", code="MUG", quantity=3)],
        now=clock.now,
    )
    return Rig(name=name, state=state, clock=clock)


@asynccontextmanager
async def street(folder: Path) -> AsyncIterator[Street]:
    cell = Cell(sku="MUG", warehouse="main")
    cell.figures["on_hand"] = 20
    erp = Rig(name="erp", clock=RealClock(), state=ErpState(cells=[cell]))
    shops = {name: _shop(name) for name in ("dy", "other")}
    told, stop = Told(), asyncio.Event()
    async with (
        running(erp_app(erp)) as erp_url,
        running(douyin_app(shops["dy"])) as first,
        running(douyin_app(shops["other"])) as second,
        aiohttp.ClientSession() as session,
    ):
        mocks = {"dy": first, "other": second}
        file = folder / "syncd.toml"
        parts = [SHOP.format(name=name, url=url) for name, url in mocks.items()]
        file.write_text(CONFIG.format(state=folder / "state", erp=erp_url) + "".join(parts), "utf-8")
        configuration = read_configuration(file, SECRETS)
        porch = Porch.fresh(SystemClock())
        seams = Seams(events=told, listeners=porch.listeners(configuration))
        async with open_app(configuration, seams) as app, open_console(app, porch) as console:
            daemon = asyncio.create_task(console.daemon.run(stop))
            try:
                await told.heard("cycle_ended")
                assert console.url
                yield Street(shops=shops, mocks=mocks, url=console.url, told=told, session=session)
            finally:
                stop.set()
                await daemon


async def test_a_sale_lowers_the_other_shop_before_the_next_cycle(tmp_path: Path) -> None:
    async with street(tmp_path) as place:
        await place.aim()
        assert place.shown("other") == 20
        place.buy(5)
        await place.told.heard("lowered")
        assert (await place.delivered(1))["statuses"] == [200]
        assert (place.shown("dy"), place.shown("other")) == (15, 15)
        assert place.told.names.count("cycle_ended") == 1


async def test_deliveries_that_come_twice_and_late_lower_once(tmp_path: Path) -> None:
    async with street(tmp_path) as place:
        await place.aim(twice=100, late=100)
        place.buy(2)
        await place.aim(twice=100)
        place.buy(3)
        assert (await place.delivered(4))["statuses"] == [200] * 4
        await place.told.heard("hook_taken", 2)
        await place.told.heard("hook_refused")
        await place.told.heard("lowered")
        if place.shown("other") != 15:
            # The two may be looked at one after the other.
            await place.told.heard("lowered", 2)
        assert place.shown("other") == 15


async def test_what_is_forged_lowers_nothing_and_calls_nobody(tmp_path: Path) -> None:
    async with street(tmp_path) as place:
        calls = {name: rig.calls.total for name, rig in place.shops.items()}
        headers = {"app-id": "7000000000000000001", "event-sign": "0" * 32}
        body = b'[{"tag":"100","msg_id":"1","data":"{\\"p_id\\":1}"}]'
        async with place.session.post(f"{place.url}/hooks/dy", data=body, headers=headers) as answer:
            assert answer.status == 401
        assert {name: rig.calls.total for name, rig in place.shops.items()} == calls
        assert "hook_refused" in place.told.names


async def test_a_lost_delivery_costs_only_the_wait(tmp_path: Path) -> None:
    async with street(tmp_path) as place:
        await place.aim(lost=100)
        place.buy(5)
        assert (await place.delivered(0))["not_sent"] == 1
        assert place.shown("other") == 20
        await place.aim()
        place.buy(1)
        await place.told.heard("lowered")
        # Only the order that was named is known; the other one is found by the next whole reading.
        assert place.shown("other") == 19


async def test_the_door_leaves_reading_to_the_hook(tmp_path: Path) -> None:
    async def flood() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * 32_768

    async with street(tmp_path) as place:
        async with place.session.post(f"{place.url}/hooks/dy", data=flood()) as answer:
            assert answer.status == 413
        async with place.session.get(f"{place.url}/hooks/nobody") as answer:
            assert answer.status == 401
