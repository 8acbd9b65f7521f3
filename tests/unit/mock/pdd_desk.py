"""A signing caller for the tests of the mock of Pinduoduo, and the shop behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import ClientSession

from syncd.mock.clock import START
from syncd.mock.core import Listing, Order
from syncd.mock.pdd import GATEWAY, TOKENS, Goods, PddState, pdd_app, signature
from syncd.mock.rig import Rig
from syncd.mock.server import running
from tests.unit.mock.platform_desk import PlatformDesk, Reply

SET, SWITCH, SKUS = "pdd.goods.quantity.update", "pdd.goods.sale.status.set", "pdd.goods.sku.price.update"
LIST, DETAIL, SKU = "pdd.goods.list.get", "pdd.goods.detail.get", "pdd.goods.skus.get"
CHANGED, CONFIRMED = "pdd.order.number.list.increment.get", "pdd.order.list.get"
ONE, REFUNDS = "pdd.order.information.get", "pdd.refund.list.increment.get"
MINUTE = timedelta(minutes=1)


def seconds(when: datetime) -> str:
    return str(int(when.timestamp()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Reply):
    """What came back: `name` of what the answer holds, `holds` itself, `error` what the refusal holds."""

    @property
    def name(self) -> str:
        return next(iter(self.body), "")

    @property
    def refusal(self) -> tuple[int, str]:
        """The code, and the word of the service behind the gateway where it is one."""
        code = self.error.get("error_code", 0)
        word = self.error.get("sub_code") or ""
        return code, "" if word == str(code) else word


@dataclass(frozen=True, slots=True, kw_only=True)
class PddDesk(PlatformDesk[PddState]):
    """`ask` signs and sends a call, without the parameters that are None; `control` needs no signature."""

    def signed(self, kind: str, **params: str | None) -> dict[str, str]:
        common: dict[str, str | None] = {
            "type": kind,
            "client_id": "mock-client",
            "access_token": "mock-token",
            "timestamp": seconds(self.rig.clock.now()),
            "data_type": "JSON",
        }
        form = {name: value for name, value in (common | params).items() if value is not None}
        if "sign" not in params:
            form["sign"] = signature(form, "mock-secret")
        return form

    async def ask(self, kind: str, **params: str | None) -> Said:
        return await self.post(self.signed(kind, **params))

    async def post(self, form: dict[str, str], verb: str = "POST", path: str = GATEWAY) -> Said:
        async with self.session.request(verb, self.url + path, data=form) as response:
            return await Said.read(response)

    async def post_json(self, document: object, path: str = GATEWAY) -> Said:
        async with self.session.post(self.url + path, json=document) as response:
            return await Said.read(response)

    async def tokens(self, **body: str) -> Said:
        app = {"client_id": "mock-client", "client_secret": "mock-secret"}
        return await self.post_json(app | body, TOKENS)

    async def write(self, sku: str, quantity: int, goods: str = "500", **params: str) -> Said:
        return await self.ask(SET, goods_id=goods, sku_id=sku, quantity=str(quantity), **params)

    async def changed(self, **params: str | None) -> Said:
        asked: dict[str, str | None] = {
            "start_updated_at": seconds(START),
            "end_updated_at": seconds(START + 30 * MINUTE),
            "order_status": "5",
            "refund_status": "5",
            "is_lucky_flag": "0",
        }
        return await self.ask(CHANGED, **(asked | params))

    async def told(self, **params: str | None) -> list[dict[str, Any]]:
        said = await self.changed(**params)
        assert not said.error, said.error
        found: list[dict[str, Any]] = said.holds["order_sn_list"]
        return found

    def placed(self, *wants: tuple[str, int], after: int = 0, paid: bool = True) -> Order:
        order = self.state.orders.place(START + after * MINUTE, wants, buyer=4711, paid=paid).order
        assert order is not None
        return order

    async def set(self, **document: object) -> None:
        assert await self.control("POST", "/state", document) == {"ok": True}


def make_state() -> PddState:
    """Goods 500 have SKUs 501 to 503, the last two of one code; 600 and 700 have one each."""
    return PddState(
        goods=[Goods(id="500", outer_id="A"), Goods(id="600", outer_id="B"), Goods(id="700")],
        listings=[
            Listing(id="501", item="500", code="A-1", quantity=5, title="Mug"),
            Listing(id="502", item="500", code="A-2", quantity=3, title="Mug"),
            Listing(id="503", item="500", code="A-2", quantity=7, title="Mug"),
            Listing(id="601", item="600", code="B", quantity=4, title="Lamp"),
            Listing(id="701", item="700", code="茶杯", quantity=8, title="茶杯 & 茶"),
        ],
    )


@asynccontextmanager
async def opened_desk() -> AsyncIterator[PddDesk]:
    """Run the shop and yield its caller; both are closed at the end."""
    rig = Rig(name="pdd", state=make_state(), seed=7)
    async with running(pdd_app(rig)) as url, ClientSession() as session:
        yield PddDesk(rig=rig, url=url, session=session)
