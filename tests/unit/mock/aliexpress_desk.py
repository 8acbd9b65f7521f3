"""A signing caller for the tests of the AliExpress mock, and the shop behind it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

from syncd.mock.aliexpress import (
    ON_PAYMENT,
    REST,
    SYNC,
    AliexpressState,
    Product,
    aliexpress_app,
    signature,
)
from syncd.mock.core import Listing
from syncd.mock.rig import Rig
from syncd.mock.server import running
from tests.unit.mock.platform_desk import PlatformDesk, Reply

BATCH = "aliexpress.solution.batch.product.inventory.update"
ONE_SKU = "aliexpress.postproduct.redefining.editsingleskustock"
SKUS = "aliexpress.postproduct.redefining.editmutilpleskustocks"
ON, OFF = (
    "aliexpress.postproduct.redefining.onlineaeproduct",
    "aliexpress.postproduct.redefining.offlineaeproduct",
)
LIST, INFO = "aliexpress.solution.product.list.get", "aliexpress.solution.product.info.get"
ORDERS, ORDER = "aliexpress.solution.order.get", "aliexpress.solution.order.info.get"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Reply):
    """What came back: `holds` is what the response holds, `code` the word of a refusal, empty without one."""

    @property
    def holds(self) -> dict[str, Any]:
        named = (value for name, value in self.body.items() if name.endswith("_response"))
        found: dict[str, Any] = next(named, self.body)
        return found

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = self.holds["result"]
        return found

    @property
    def code(self) -> str:
        error = self.body.get("error_response")
        if error is not None:
            return str(error.get("sub_code") or error["code"])
        return str(self.body.get("code", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class AliexpressDesk(PlatformDesk[AliexpressState]):
    """`ask` signs and sends a call, without the parameters that are None; `control` needs no signature."""

    def counters(self, *listings: str) -> list[int]:
        return [self.state.listings[listing].quantity for listing in listings]

    def signed(self, path: str = "", **params: str | None) -> dict[str, str]:
        now = str(int(self.rig.clock.now().timestamp() * 1000))
        common: dict[str, str | None] = {"app_key": "mock-app", "timestamp": now, "sign_method": "sha256"}
        if not path:
            common |= {"session": "mock-token", "format": "json"}
        form = {name: value for name, value in (common | params).items() if value is not None}
        if "sign" not in params:
            form["sign"] = signature(form, "mock-secret", path)
        return form

    async def ask(self, method: str | None, **params: str | None) -> Said:
        return await self.post(self.signed("", method=method, **params))

    async def system(self, path: str, **params: str | None) -> Said:
        return await self.post(self.signed(path, **params), REST + path)

    async def post(self, form: dict[str, str], path: str = SYNC) -> Said:
        async with self.session.post(self.url + path, data=form) as response:
            return await Said.read(response)

    async def write(self, wants: dict[str, dict[str, int]], **params: str) -> Said:
        """Set the inventories of the codes of each product."""
        entries = [
            {
                "product_id": int(product),
                "multiple_sku_update_list": [
                    {"sku_code": code, "inventory": stock} for code, stock in codes.items()
                ],
            }
            for product, codes in wants.items()
        ]
        return await self.ask(BATCH, mutiple_product_update_list=json.dumps(entries), **params)

    async def listed(self, **query: object) -> Said:
        asked = {"product_status_type": "onSelling"} | query
        return await self.ask(LIST, aeop_a_e_product_list_query=json.dumps(asked))

    async def orders(self, **query: object) -> Said:
        asked: dict[str, object] = {
            "modified_date_start": "2025-12-31 00:00:00",
            "modified_date_end": "2026-01-02 00:00:00",
            "current_page": 1,
            "page_size": 50,
        }
        named = {name: value for name, value in (asked | query).items() if value is not None}
        return await self.ask(ORDERS, param0=json.dumps(named))


def make_state() -> AliexpressState:
    """Product 800 has three SKUs, two of one code; 900 has none; of 700 payments take."""
    return AliexpressState(
        products=[Product(id="800"), Product(id="900"), Product(id="700", reduce_strategy=ON_PAYMENT)],
        listings=[
            Listing(id="800/14:1", item="800", code="A-1", quantity=5, title="Mug"),
            Listing(id="800/14:2", item="800", code="A-2", quantity=3, title="Mug"),
            Listing(id="800/14:3", item="800", code="A-2", quantity=7, title="Mug"),
            Listing(id="900", item="900", code="B", quantity=4, title="Lamp"),
            Listing(id="700/14:1", item="700", code="茶杯", quantity=8, title="茶杯 & 茶"),
        ],
    )


@asynccontextmanager
async def opened_desk() -> AsyncIterator[AliexpressDesk]:
    """Run the shop and yield its caller; both are closed at the end."""
    rig = Rig(name="aliexpress", state=make_state(), seed=7)
    async with running(aliexpress_app(rig)) as url, ClientSession() as session:
        yield AliexpressDesk(rig=rig, url=url, session=session)
