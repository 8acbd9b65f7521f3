"""A signing caller for the tests of the Douyin mock, and the shop behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from syncd.mock.core import Listing
from syncd.mock.douyin import DouyinState, Product, canonical, douyin_app, signature
from syncd.mock.rig import Rig
from syncd.mock.server import running
from tests.unit.mock.platform_desk import PlatformDesk, Reply

NOW = 1767225600
"""The virtual clock's beginning, in unix seconds."""

ONE, PRODUCT, SEVERAL = "/sku/syncStock", "/sku/syncStockBatch", "/sku/syncStockBatchMultiProducts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Reply):
    """What came back: `data` is what the answer holds, `refusal` its code and sub_code."""

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body.get("data") or {}
        return found

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The data of the answer where it is a list."""
        found: list[dict[str, Any]] = self.body.get("data") or []
        return found

    @property
    def refusal(self) -> tuple[int, str]:
        return self.body.get("code", 0), self.body.get("sub_code", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class DouyinDesk(PlatformDesk[DouyinState]):
    """`ask` signs and sends a call; `control` needs no signature."""

    def signed(self, path: str, body: str, **query: str | None) -> dict[str, str]:
        common: dict[str, str | None] = {
            "app_key": "7000000000000000001",
            "method": path.removeprefix("/").replace("/", "."),
            "access_token": self.state.settings.token,
            "timestamp": str(int(self.rig.clock.now().timestamp())),
            "v": "2",
            "sign_method": "hmac-sha256",
        }
        params = {name: value for name, value in (common | query).items() if value is not None}
        if "sign" not in query:
            params["sign"] = signature(params, body, "mock-secret")
        return params

    async def ask(self, path: str, body: dict[str, Any], **query: str | None) -> Said:
        text = canonical(body)
        if path.startswith("/token/"):
            query = {"access_token": None, "param_json": text} | query
        return await self.post(path, text, self.signed(path, text, **query))

    async def post(self, path: str, body: str, query: dict[str, str]) -> Said:
        url = URL(self.url + path).with_query(query)
        headers = {"Content-Type": "application/json"}
        async with self.session.post(url, data=body.encode(), headers=headers) as response:
            return await Said.read(response)

    async def set(self, sku: str, stock: int, **body: object) -> Said:
        return await self.ask(ONE, {"sku_id": int(sku), "stock_num": stock} | body)

    async def set_product(self, pairs: dict[str, int], **body: object) -> Said:
        rows = [{"sku_id": int(sku), "sku_type": 0, "stock_num": stock} for sku, stock in pairs.items()]
        return await self.ask(
            PRODUCT, {"product_id": 800, "incremental": False, "sku_sync_list": rows} | body
        )

    async def set_rows(self, *rows: tuple[int, int, int], key: str = "k1", **body: object) -> Said:
        """Write rows of (product, SKU, stock)."""
        items = [{"product_id": item, "sku_id": sku, "stock_num": stock} for item, sku, stock in rows]
        return await self.ask(SEVERAL, {"items": items, "idempotent_id": key, "incremental": False} | body)


def make_state() -> DouyinState:
    """Product 800 has SKUs 801 to 803, and an order takes its units; payments take those of 700."""
    return DouyinState(
        products=[
            Product(id="800", activity={"803": 2}),
            Product(id="900"),
            Product(id="700", reduce_type=2),
        ],
        listings=[
            Listing(id="801", item="800", code="A-1", quantity=5, title="Mug"),
            Listing(id="802", item="800", code="A-2", quantity=3, title="Mug"),
            Listing(id="803", item="800", code="A-3", quantity=7, title="Mug"),
            Listing(id="900", item="900", code="B", quantity=4, title="Lamp"),
            Listing(id="701", item="700", code="茶杯", quantity=8, title="茶杯 & 茶"),
        ],
    )


@asynccontextmanager
async def opened_desk() -> AsyncIterator[DouyinDesk]:
    """Run the shop and yield its caller; both are closed at the end."""
    rig = Rig(name="douyin", state=make_state(), seed=7)
    async with running(douyin_app(rig)) as url, ClientSession() as session:
        yield DouyinDesk(rig=rig, url=url, session=session)
