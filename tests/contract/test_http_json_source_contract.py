"""The source `http_json` keeps the contract, against a small ERP over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from syncd.adapters.http import open_http
from syncd.adapters.sources.http_json import ADAPTER, HttpJsonSettings
from syncd.ports.source import Source
from tests.contract.source_contract import WAREHOUSES, Fault, Line, SourceContract

_TOKEN = "t0ken"
_SIZE = 7


class SmallErp:
    """The wire of the mock ERP, as little of it as the contract needs."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.released = asyncio.Event()
        self._lines: Sequence[Line] = ()
        self._changed: Sequence[Line] = ()
        self._fault: Fault | None = None
        self._hangs = False

    def put(self, *lines: Line) -> None:
        self._lines = lines
        self._fault = None

    def put_delta(self, *lines: Line) -> None:
        self._changed = lines

    def fail(self, fault: Fault) -> None:
        self._fault = fault

    def hang(self) -> None:
        self._hangs = True

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one page, or go wrong."""
        if request.headers.get("Authorization") != f"Bearer {_TOKEN}":
            return web.json_response({"error": "unauthorized"}, status=401)
        if self._hangs:
            self.arrived.set()
            await self.released.wait()
        if self._fault is Fault.GONE:
            return web.json_response({"error": "not_found"}, status=404)
        if self._fault is Fault.FOREIGN:
            return web.Response(text="<html>See you soon</html>", content_type="text/html")
        answer = web.json_response(self._page(request))
        if self._fault is Fault.CUT and isinstance(answer.body, bytes):
            return web.Response(body=answer.body[:-20], content_type="application/json")
        return answer

    def _page(self, request: web.Request) -> dict[str, Any]:
        is_delta = "since" in request.query
        lines = self._changed if is_delta else self._lines
        number, size = int(request.query["page"]), int(request.query["size"])
        return {
            "as_of": "2026-03-02T09:59:00Z",
            "kind": "delta" if is_delta else "full",
            "cursor": "17",
            "page": number,
            "pages": -(-len(lines) // size),
            "total": len(lines),
            "rows": [_row(line) for line in lines[(number - 1) * size : number * size]],
            "unrouted": [],
        }


def _row(line: Line) -> dict[str, object]:
    return {
        "sku": line.sku,
        "warehouse": line.warehouse,
        "on_hand": line.on_hand,
        "allocated": line.allocated,
        "unsellable": 0,
        "locked": 0,
        "virtual": 0,
        "transfer_out": 0,
        "in_air": 0,
    }


class TestHttpJsonSource(SourceContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[SmallErp]:
        erp = SmallErp()
        yield erp
        erp.released.set()

    @pytest.fixture
    async def source(self, rig: SmallErp) -> AsyncIterator[Source]:
        app = web.Application()
        app.router.add_get("/stock", rig.answer)
        async with TestServer(app, host="127.0.0.1") as server, open_http() as http:
            options = {
                "url": str(server.make_url("/stock")),
                "headers": {"Authorization": f"Bearer {_TOKEN}"},
                "page_size": _SIZE,
                "warehouses": WAREHOUSES,
            }
            settings = HttpJsonSettings.model_validate(options)
            async with ADAPTER.open(settings, "erp", http) as opened:
                yield opened
            rig.released.set()
