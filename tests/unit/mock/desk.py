"""A caller for the tests of the mocks: one HTTP client, its token, and the mock behind it."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiohttp import ClientSession
from yarl import URL

from syncd.mock.core import Cell, ErpState, Listing, ShopState
from syncd.mock.rig import Rig

StateT = TypeVar("StateT", ErpState, ShopState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Generic[StateT]):
    """`call` speaks to the mock's API with its token, `control` to the routes under `/_mock` without."""

    rig: Rig[StateT]
    url: str
    session: ClientSession

    async def call(self, method: str, path: str, body: object = None, token: str | None = None) -> Answer:
        token = self.rig.state.settings.token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self._send(method, path, body, headers)

    async def control(self, method: str, path: str, body: object = None) -> Answer:
        return await self._send(method, f"/_mock{path}", body, {})

    async def faults(self, *faults: dict[str, Any]) -> None:
        answer = await self.control("POST", "/faults", list(faults))
        assert answer.status == 200, answer.body

    async def write(self, *changes: dict[str, Any]) -> Answer:
        return await self.call("POST", "/stock", {"changes": list(changes)})

    async def _send(self, method: str, path: str, body: object, headers: dict[str, str]) -> Answer:
        url = URL(self.url + path)
        async with self.session.request(method, url, json=body, headers=headers) as response:
            return Answer(status=response.status, body=await response.json(), headers=dict(response.headers))


def make_shop_state() -> ShopState:
    """Three listings of two items: 1001 and 1002 belong together, 1003 stands alone."""
    return ShopState(
        listings=[
            Listing(id="1001", item="9001", code="1-ABC", quantity=5, title="Abc"),
            Listing(id="1002", item="9001", code="ABC*12", quantity=3),
            Listing(id="1003", item="9002", code="茶杯", quantity=8),
        ]
    )


def make_erp_state(rows: int = 5) -> ErpState:
    """Rows S0, S1, ... in `main`, with 10, 11, ... units on hand."""
    cells = [Cell(sku=f"S{n}", warehouse="main") for n in range(rows)]
    for n, cell in enumerate(cells):
        cell.figures["on_hand"] = 10 + n
    return ErpState(cells=cells, unrouted={"S0": 2})
