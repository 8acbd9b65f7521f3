"""Buyers who shop over the mocks' HTTP, as somebody outside of syncd does."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from aiohttp import ClientSession

from syncd.cli.demo.world import Ware

_OK = 200


class Buyers(Protocol):
    """Who shops in the demo."""

    async def order(self, ware: Ware, pieces: int, *, paid: bool) -> str:
        """Return the id of a new order, empty where the shop does not sell so many."""
        ...

    async def step(self, shop: str, order: str, word: str) -> bool:
        """Return whether the next step of an order was possible, such as `pay`, `cancel` or `ask_refund`."""
        ...

    async def rush(self, ware: Ware, buyers: int, *, seconds: float, paying: bool, seed: int) -> bool:
        """Let buyers of one piece each come by themselves within some seconds, most of them at once."""
        ...

    async def go_home(self, shops: Sequence[str]) -> None:
        """Let nobody come any more by themselves."""
        ...


class WebBuyers:
    """Buyers who call the mocks; `urls` are those of the mocks by name."""

    def __init__(self, session: ClientSession, urls: Mapping[str, str]) -> None:
        self._session = session
        self._urls = urls

    async def order(self, ware: Ware, pieces: int, *, paid: bool) -> str:
        """Return the id of a new order, empty where the shop does not sell so many."""
        lines = [{"id": ware.listing, "units": pieces}]
        answer = await self._post(ware.shop, "orders", {"step": "place", "lines": lines, "paid": paid})
        return str(answer.get("id", "")) if answer else ""

    async def step(self, shop: str, order: str, word: str) -> bool:
        """Return whether the next step of an order was possible, such as `pay`, `cancel` or `ask_refund`."""
        return await self._post(shop, "orders", {"step": word, "order": order}) is not None

    async def rush(self, ware: Ware, buyers: int, *, seconds: float, paying: bool, seed: int) -> bool:
        """Let buyers of one piece each come by themselves within some seconds, most of them at once."""
        flash = {"after": 0, "id": ware.listing, "buyers": buyers, "seconds": seconds}
        habits = {"unpaid": 0 if paying else 1}
        crowd = {"seed": seed, "flashes": [flash], "habits": habits}
        return await self._post(ware.shop, "crowd", crowd) is not None

    async def go_home(self, shops: Sequence[str]) -> None:
        """Let nobody come any more by themselves."""
        for shop in shops:
            async with self._session.delete(f"{self._urls[shop]}/_mock/crowd"):
                pass

    async def _post(self, shop: str, route: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the answer, None where the shop says no."""
        async with self._session.post(f"{self._urls[shop]}/_mock/{route}", json=body) as reply:
            answer: Mapping[str, Any] = await reply.json()
            return answer if reply.status == _OK else None


@asynccontextmanager
async def shopping(urls: Mapping[str, str]) -> AsyncIterator[Buyers]:
    """Yield buyers for the shops at `urls`."""
    async with ClientSession() as session:
        yield WebBuyers(session, urls)
