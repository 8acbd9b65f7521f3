"""An ERP behind a transport: pages in their order, and what it was asked."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from syncd.adapters.http import HttpClient
from syncd.adapters.sources.http_json import HttpJsonSettings, HttpJsonSource
from syncd.domain.model import Part, Snapshot

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
URL = "https://erp.test/api/stock"


def row(sku: object = "A", **cells: object) -> dict[str, object]:
    """Return a row of the warehouse main with five on hand."""
    return {"sku": sku, "warehouse": "main", "on_hand": 5} | cells


def page(*rows: object, **head: object) -> dict[str, object]:
    """Return an answer that is the whole of a full reading unless `head` says otherwise."""
    return {"as_of": "2026-03-02T09:59:00Z", "total": len(rows), "pages": 1, "rows": list(rows)} | head


class Erp(httpx.AsyncBaseTransport):
    """Answers the pages one after the other, and remembers the requests."""

    def __init__(self, pages: Sequence[object]) -> None:
        self._pages = iter(pages)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer the next page; a status stands for a failure."""
        self.requests.append(request)
        answer = next(self._pages)
        if isinstance(answer, int):
            return httpx.Response(answer)
        return httpx.Response(200, text=answer if isinstance(answer, str) else json.dumps(answer))

    @property
    def asked(self) -> list[dict[str, str]]:
        """Return the queries."""
        return [dict(request.url.params) for request in self.requests]

    @property
    def sent(self) -> list[Any]:
        """Return the bodies."""
        return [json.loads(request.content) for request in self.requests]


def settings(**options: object) -> HttpJsonSettings:
    """Return settings as the loader makes them, for the warehouses main and east."""
    return HttpJsonSettings.model_validate({"url": URL, "warehouses": ("main", "east")} | options)


async def collected(erp: Erp, cursor: str, options: Mapping[str, object]) -> Snapshot:
    """Return what a source with these options says of the ERP at `NOW`."""
    source = HttpJsonSource(settings(**options), "erp", HttpClient(erp))
    return await source.collect(now=NOW, cursor=cursor)


async def read(*pages: object, **options: object) -> Snapshot:
    """Return what the pages come to, read in full."""
    return await collected(Erp(pages), "", options)


async def read_delta(*pages: object, **options: object) -> Snapshot:
    """Return what the pages come to, asked for what changed after the cursor 16."""
    return await collected(Erp(pages), "16", options)


def on_hand(snapshot: Snapshot) -> Mapping[str, int]:
    """Return the units on hand by SKU, for snapshots of one warehouse."""
    return dict(zip(snapshot.skus, snapshot.parts[:, Part.ON_HAND].tolist(), strict=True))


def problems(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return where and what."""
    return [(problem.row, problem.message) for problem in snapshot.problems]
