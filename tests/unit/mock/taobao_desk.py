"""A signing caller for the tests of the Taobao mock, and the shop behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession

from syncd.mock.core import Listing
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.taobao import GATEWAY, Item, TaobaoState, signature, taobao_app
from tests.unit.mock.platform_desk import PlatformDesk, Reply

NOW = "2026-01-01 08:00:00"
"""The virtual clock's beginning in Beijing."""

ONE, TWO = "taobao.item.quantity.update", "taobao.skus.quantity.update"
LIST, DELIST = "taobao.item.update.listing", "taobao.item.update.delisting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Reply):
    """What came back: `holds` is what the answer holds, `error` what the refusal does; the other is empty."""

    @property
    def refusal(self) -> tuple[int, str]:
        return self.error.get("code", 0), self.error.get("sub_code", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaobaoDesk(PlatformDesk[TaobaoState]):
    """`ask` signs and sends a call, without the parameters that are None; `control` needs no signature."""

    def signed(self, method: str, **params: str | None) -> dict[str, str]:
        common: dict[str, str | None] = {
            "method": method,
            "app_key": "mock-app",
            "session": "mock-token",
            "timestamp": NOW,
            "v": "2.0",
            "format": "json",
            "sign_method": "hmac-sha256",
        }
        form = {name: value for name, value in (common | params).items() if value is not None}
        if "sign" not in params:
            form["sign"] = signature(form, "mock-secret")
        return form

    async def ask(self, method: str, **params: str | None) -> Said:
        return await self.post(self.signed(method, **params))

    async def post(self, form: dict[str, str], verb: str = "POST") -> Said:
        async with self.session.request(verb, self.url + GATEWAY, data=form) as response:
            return await Said.read(response)

    async def write(self, item: str, pairs: str, kind: str = "1") -> Said:
        return await self.ask(TWO, num_iid=item, skuid_quantities=pairs, type=kind)


def make_state() -> TaobaoState:
    """Item 800 has SKUs 801 to 803, the last two of one code; 900 has none; payments take from 700."""
    return TaobaoState(
        items=[Item(id="800", outer_id="A"), Item(id="900"), Item(id="700", sub_stock=2)],
        listings=[
            Listing(id="801", item="800", code="A-1", quantity=5, title="Mug"),
            Listing(id="802", item="800", code="A-2", quantity=3, title="Mug"),
            Listing(id="803", item="800", code="A-2", quantity=7, title="Mug"),
            Listing(id="900", item="900", code="B", quantity=4, title="Lamp"),
            Listing(id="701", item="700", code="茶杯", quantity=8, title="茶杯 & 茶"),
        ],
    )


@asynccontextmanager
async def opened_desk() -> AsyncIterator[TaobaoDesk]:
    """Run the shop and yield its caller; both are closed at the end."""
    rig = Rig(name="taobao", state=make_state(), seed=7)
    async with running(taobao_app(rig)) as url, ClientSession() as session:
        yield TaobaoDesk(rig=rig, url=url, session=session)
