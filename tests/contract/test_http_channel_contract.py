"""The channel `http` keeps the contract, against a small shop over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from syncd.adapters.channels.http import ADAPTER
from syncd.adapters.http import open_http
from syncd.domain.model import ObservedListing
from syncd.errors import Kind
from syncd.ports.channel import Channel
from tests.contract.channel_contract import ChannelContract, Fault, Rig

_WORDS = {
    Kind.REJECTED: "rejected",
    Kind.NOT_FOUND: "not_found",
    Kind.THROTTLED: "throttled",
    Kind.PERMISSION: "permission",
}

_REFUSALS: dict[Fault, tuple[int, str, dict[str, str]]] = {
    Fault.SERVER_ERROR: (502, '{"error":"permission"}', {}),
    Fault.THROTTLED: (429, "", {}),
    Fault.THROTTLED_FOR_7_SECONDS: (429, "", {"Retry-After": "7"}),
    Fault.BAD_TOKEN: (401, '{"error":"unauthorized"}', {}),
    Fault.FORBIDDEN: (403, '{"error":"permission"}', {}),
    Fault.HTML: (200, "<html><body>We will be back soon</body></html>", {}),
    Fault.MALFORMED: (200, '{"listing":{"id":1},"result":[7]}', {}),
    Fault.HUGE: (200, '{"listings":[],"results":[]}' + " " * 200_000, {}),
}


class SmallShop:
    """The wire of a generic JSON shop, as little of it as the contract needs."""

    def __init__(self, token: str) -> None:
        self.arrived = asyncio.Event()
        self._token = token
        self._listings: dict[str, ObservedListing] = {}
        self._keys: set[str] = set()
        self._calls = 0
        self._fault: Fault | None = None
        self._refused: dict[str, Kind] = {}
        self._silenced: set[str] = set()

    def put(self, listing: ObservedListing) -> None:
        self._listings[listing.id] = listing

    def counter(self, listing: str) -> int:
        quantity = self._listings[listing].quantity
        assert quantity is not None
        return quantity

    def is_on_sale(self, listing: str) -> bool:
        return bool(self._listings[listing].on_sale)

    def calls(self) -> int:
        return self._calls

    def fail(self, fault: Fault) -> None:
        self._fault = fault

    def refuse(self, listing: str, kind: Kind) -> None:
        self._refused[listing] = kind

    def silence(self, listing: str) -> None:
        self._silenced.add(listing)

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._failing])
        app.router.add_get("/api/listings", self._list)
        app.router.add_post("/api/stock", self._write)
        app.router.add_post("/api/listings/{id}/{switch:delist|relist}", self._switch)
        return app

    @web.middleware
    async def _failing(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self._calls += 1
        fault, self._fault = self._fault, None
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.json_response({"error": "unauthorized"}, status=401)
        if fault in _REFUSALS:
            status, text, headers = _REFUSALS[fault]
            return web.Response(status=status, text=text, headers=headers)
        if fault is None:
            return await handler(request)
        if fault is Fault.HANGING:
            self.arrived.set()
            await asyncio.Event().wait()
        return await self._broken(request, fault, handler)

    async def _broken(
        self,
        request: web.Request,
        fault: Fault,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if fault is Fault.LOST_REPLY:
            await handler(request)
        response = web.StreamResponse(headers={"Content-Length": "100"})
        if fault is Fault.TRUNCATED:
            await response.prepare(request)
            await response.write(b'{"results":[')
        assert request.transport is not None
        request.transport.abort()
        return response

    def _line(self, listing: ObservedListing) -> dict[str, Any]:
        return {
            "id": listing.id,
            "item": listing.item,
            "code": listing.code,
            "quantity": listing.quantity,
            "withheld": listing.withheld,
            "on_sale": listing.on_sale,
            "off_reason": listing.off_reason,
            "title": listing.title,
        }

    async def _list(self, request: web.Request) -> web.Response:
        lines = [self._line(listing) for listing in self._listings.values()]
        if "ids" in request.query:
            asked = request.query["ids"].split(",")
            return web.json_response({"listings": [line for line in lines if line["id"] in asked]})
        page, size = int(request.query["page"]), int(request.query["size"])
        pages = max(1, -(-len(lines) // size))
        shown = lines[(page - 1) * size : page * size]
        return web.json_response({"listings": shown, "page": page, "pages": pages, "total": len(lines)})

    async def _write(self, request: web.Request) -> web.Response:
        changes = (await request.json())["changes"]
        if len(changes) > 50:
            return web.json_response({"error": "too_many"}, status=400)
        results = [self._result(change) for change in changes]
        return web.json_response({"results": [line for line in results if line["id"] not in self._silenced]})

    def _result(self, change: dict[str, Any]) -> dict[str, Any]:
        listing = self._listings[change["id"]]
        word = self._refusal(change)
        if word:
            told = {"error": word, "message": f"it was {word}"}
            return {"id": listing.id, "ok": False, "quantity": listing.quantity, **told}
        quantity = change.get("quantity", (listing.quantity or 0) + change.get("delta", 0))
        self._keys.add(change["key"])
        self._listings[listing.id] = replace(listing, quantity=quantity)
        return {"id": listing.id, "ok": True, "quantity": quantity}

    def _refusal(self, change: dict[str, Any]) -> str:
        listing = self._listings[change["id"]]
        if listing.id in self._refused:
            return _WORDS[self._refused[listing.id]]
        if change["key"] in self._keys:
            return "duplicate"
        if change.get("if_quantity", listing.quantity) != listing.quantity:
            return "conflict"
        if (listing.quantity or 0) + change.get("delta", 0) < 0:
            return "rejected"
        return ""

    async def _switch(self, request: web.Request) -> web.Response:
        key = request.match_info["id"]
        self._listings[key] = replace(self._listings[key], on_sale=request.match_info["switch"] == "relist")
        return web.json_response({"id": key, "ok": True})


class TestHttpChannel(ChannelContract):
    @pytest.fixture
    async def rig(self) -> SmallShop:
        return SmallShop(self.secret)

    @pytest.fixture
    async def channel(self, rig: Rig) -> AsyncIterator[Channel]:
        assert isinstance(rig, SmallShop)
        async with TestServer(rig.app()) as server, open_http() as http:
            settings = ADAPTER.settings.model_validate(
                {
                    "url": str(server.make_url("/api")),
                    "headers": {"Authorization": f"Bearer {self.secret}"},
                    "timeout": 1.0,
                    "max_bytes": 100_000,
                }
            )
            async with ADAPTER.open(settings, "small", http) as channel:
                yield channel
