"""A signing caller for the tests of the JD mock, and the shop behind it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

from syncd.mock.core import Listing
from syncd.mock.jd import GATEWAY, REFRESH, JdState, Ware, jd_app, signature
from syncd.mock.rig import Rig
from syncd.mock.server import running
from tests.unit.mock.platform_desk import PlatformDesk, Reply

NOW = "2026-01-01 08:00:00"
"""The virtual clock's beginning in Beijing."""

SET, QUERY = "jingdong.ware.stock.sku.set", "jingdong.ware.stock.sku.query"
SEARCH = "jingdong.pop.order.search"
BUSINESS = "360buy_param_json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Reply):
    """What came back: `holds` is what the answer holds, `error` what the refusal does; the other is empty."""

    @property
    def code(self) -> int:
        return int(self.error.get("code", 0))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of a stock write that were told."""
        found: list[dict[str, Any]] = self.holds["returnType"]["obj"]["updateStockResult"]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class JdDesk(PlatformDesk[JdState]):
    """`ask` signs and sends a call; `control` needs no signature."""

    def signed(
        self, method: str, business: Mapping[str, Any] | None = None, **system: str | None
    ) -> dict[str, str]:
        common: dict[str, str | None] = {
            "method": method,
            "access_token": self.state.settings.token,
            "app_key": "mock-app",
            "timestamp": NOW,
            "v": "2.0",
            BUSINESS: json.dumps(business or {}, ensure_ascii=False),
        }
        params = {name: value for name, value in (common | system).items() if value is not None}
        if "sign" not in system:
            params["sign"] = signature(params, "mock-secret")
        return params

    async def ask(self, method: str, business: Mapping[str, Any] | None = None, **system: str | None) -> Said:
        return await self.post(self.signed(method, business, **system))

    async def post(self, params: dict[str, str], verb: str = "POST") -> Said:
        """Send the parameters of the gateway in the query, those of the business in the form."""
        form = {name: value for name, value in params.items() if name == BUSINESS}
        query = {name: value for name, value in params.items() if name != BUSINESS}
        async with self.session.request(verb, self.url + GATEWAY, params=query, data=form) as response:
            return await Said.read(response)

    async def write(self, rows: Mapping[int, int], key: str = "k1", *, delta: bool = False) -> Said:
        name = "incrStockNum" if delta else "stockNum"
        stocks = [{"skuId": sku, name: figure} for sku, figure in rows.items()]
        model = "incrStockIn" if delta else "fullStockIn"
        return await self.ask(SET, {"req": {"updateModel": model, "stockRfId": key, "skuStocks": stocks}})

    async def stock(self, sku: int) -> dict[str, Any]:
        """Return the figures of one SKU."""
        said = await self.ask(QUERY, {"skuId": sku})
        figures: dict[str, Any] = said.holds["returnType"]["obj"]["skuStockInfos"][0]
        return figures

    async def refresh(self, **params: str) -> dict[str, Any]:
        query = {
            "app_key": "mock-app",
            "app_secret": "mock-secret",
            "grant_type": "refresh_token",
            "refresh_token": "mock-refresh",
        }
        async with self.session.get(self.url + REFRESH, params=query | params) as response:
            body: dict[str, Any] = await response.json()
            return body


def make_state() -> JdState:
    """Ware 800 has SKUs 801 and 802, ware 900 has 901; ids beyond what a float holds are 9007199254740993."""
    return JdState(
        wares=[Ware(id="800", outer_id="A"), Ware(id="900"), Ware(id="9007199254740993")],
        listings=[
            Listing(id="801", item="800", code="A-1", quantity=5, title="Mug"),
            Listing(id="802", item="800", code="A-2", quantity=3, title="Mug"),
            Listing(id="901", item="900", code="B", quantity=4, title="Lamp"),
            Listing(id="9007199254740995", item="9007199254740993", code="茶杯", quantity=8, title="茶杯"),
        ],
    )


@asynccontextmanager
async def opened_desk() -> AsyncIterator[JdDesk]:
    """Run the shop and yield its caller; both are closed at the end."""
    rig = Rig(name="jd", state=make_state(), seed=7)
    async with running(jd_app(rig)) as url, ClientSession() as session:
        yield JdDesk(rig=rig, url=url, session=session)
