"""A small gateway of Douyin's, by our own reading of its documents, and the channel with the contract's ids."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from syncd.domain.model import ItemId, ListingId, ObservedListing, Outcome, Write
from syncd.errors import Kind
from syncd.ports.channel import Channel, ChannelTraits
from tests.contract.channel_contract import Fault

APP_KEY = "7000000000000000001"
APP_SECRET = "planted-app-secret"

_FIRST = 9_007_199_254_740_993
"""The first whole number that a float cannot hold."""


def _error(code: int, sub_code: str = "", sub_msg: str = "") -> dict[str, Any]:
    return {"code": code, "msg": "failed", "sub_code": sub_code, "sub_msg": sub_msg, "data": None}


_ANSWERS: Mapping[Fault, dict[str, Any]] = {
    Fault.THROTTLED: _error(60000),
    Fault.BAD_TOKEN: _error(40003, "isv.access-token-expired", "hush-hush-token is over"),
    Fault.FORBIDDEN: _error(30001, "isv.app-permissions-insufficient"),
    Fault.MALFORMED: {"listing": {"id": 1}, "result": [7]},
}

_ROW_CODES = {Kind.REJECTED: -20001, Kind.NOT_FOUND: -40003}
_SUB_CODES = {
    Kind.REJECTED: (50002, "isv.business-failed:2010012"),
    Kind.NOT_FOUND: (50002, "isv.business-failed:2010058"),
    Kind.THROTTLED: (60000, ""),
    Kind.PERMISSION: (30001, "isv.app-permissions-insufficient"),
}


class SmallGateway:
    """The calls that the contract needs; every listing is a product of its own."""

    def __init__(self, token: str) -> None:
        self.arrived = asyncio.Event()
        self._token = token
        self._products: dict[int, ObservedListing] = {}
        self._numbers: dict[str, int] = {}
        self._calls = 0
        self._fault: Fault | None = None
        self._refused: dict[int, Kind] = {}
        self._silent: set[int] = set()
        self._known: set[str] = set()

    # --- as a test moves and reads it ----------------------------------------------------------------------

    def put(self, listing: ObservedListing) -> None:
        self._products[self._number(listing.id)] = listing

    def listing(self, key: str) -> ListingId:
        """Return the id of the channel for one of the contract's."""
        number = self._number(key)
        return ListingId(f"{number}:{number + 1}")

    def key(self, listing: str) -> ListingId:
        """Return the contract's id for one of the channel's."""
        return next(ListingId(key) for key in self._numbers if self.listing(key) == listing)

    def counter(self, listing: str) -> int:
        quantity = self._products[self._number(listing)].quantity
        assert quantity is not None
        return quantity

    def is_on_sale(self, listing: str) -> bool:
        return bool(self._products[self._number(listing)].on_sale)

    def calls(self) -> int:
        return self._calls

    def fail(self, fault: Fault) -> None:
        self._fault = fault

    def refuse(self, listing: str, kind: Kind) -> None:
        self._refused[self._number(listing)] = kind

    def silence(self, listing: str) -> None:
        self._silent.add(self._number(listing))

    def _number(self, key: str) -> int:
        return self._numbers.setdefault(key, _FIRST + 2 * len(self._numbers))

    # --- as the channel sees it ----------------------------------------------------------------------------

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self._calls += 1
        body = await request.text()
        fault, self._fault = self._fault, None
        if fault is Fault.THROTTLED_FOR_7_SECONDS:
            return web.json_response(_error(60000), status=429, headers={"Retry-After": "7"})
        if fault is not None and fault in _ANSWERS:
            return web.json_response(_ANSWERS[fault])
        if fault is Fault.SERVER_ERROR:
            return web.Response(status=502, text="bad gateway")
        if fault in {Fault.HTML, Fault.HUGE}:
            return web.Response(text="<html></html>" if fault is Fault.HTML else "{}" + " " * 300_000)
        if fault is None:
            return web.json_response(self._judged(request, body))
        if fault is Fault.HANGING:
            self.arrived.set()
            await asyncio.Event().wait()
        return await self._broken(request, fault, body)

    async def _broken(self, request: web.Request, fault: Fault, body: str) -> web.StreamResponse:
        if fault is Fault.LOST_REPLY:
            self._judged(request, body)
        response = web.StreamResponse(headers={"Content-Length": "100"})
        if fault is Fault.TRUNCATED:
            await response.prepare(request)
            await response.write(b'{"code":10000,"data":{')
        assert request.transport is not None
        request.transport.abort()
        return response

    def _judged(self, request: web.Request, body: str) -> dict[str, Any]:
        query, path = request.query, request.match_info["path"]
        signed = (
            f"app_key{APP_KEY}method{path.replace('/', '.')}param_json{body}timestamp{query['timestamp']}v2"
        )
        text = f"{APP_SECRET}{signed}{APP_SECRET}".encode()
        if query["sign_method"] == "md5":
            expected = hashlib.md5(text).hexdigest()
        else:
            expected = hmac.digest(APP_SECRET.encode(), text, "sha256").hex()
        if query["app_key"] != APP_KEY:
            return _error(40003, "isv.app-id-invalid")
        if abs(time.time() - int(query["timestamp"])) > 600:
            return _error(40003, "isv.timestamp-invalid")
        if query["sign"] != expected:
            return _error(40003, "isv.signature-invalid")
        if query["access_token"] != self._token:
            return _error(40003, "isv.access-token-invalid")
        answer = self._content(path, json.loads(body))
        if isinstance(answer, dict) and "code" in answer:
            return answer
        return {"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "data": answer}

    def _content(self, path: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if path == "product/listV2":
            return self._page(params)
        if path == "sku/syncStockBatchMultiProducts":
            return self._write_rows(params)
        row = self._products.get(params["product_id"])
        if row is None:
            return _error(*_SUB_CODES[Kind.NOT_FOUND])
        return self._of_product(path, params, row)

    def _of_product(self, path: str, params: Mapping[str, Any], row: ObservedListing) -> Any:  # noqa: ANN401
        product = params["product_id"]
        if path == "product/detail":
            return self._shown(product) | {"reduce_type": 1}
        if path == "sku/list":
            sku = {"id": product + 1, "code": row.code, "sku_type": 0, "stock_num": row.quantity}
            return [sku | {"product_id": product, "prehold_stock_num": 0}]
        if product in self._refused:
            return _error(*_SUB_CODES[self._refused[product]])
        if path in {"product/setOffline", "product/setOnline"}:
            self._products[product] = replace(row, on_sale=path.endswith("Online"))
            return {}
        return self._write_one(path, product, params)

    def _page(self, params: Mapping[str, Any]) -> dict[str, Any]:
        due = [] if "update_start_time" in params else list(self._products)
        first = (params["page"] - 1) * params["size"]
        shown = [self._shown(product) for product in due[first : first + params["size"]]]
        return {"data": shown, "total": len(due), "page": params["page"], "size": params["size"]}

    def _shown(self, product: int) -> dict[str, Any]:
        on_sale = self._products[product].on_sale
        return {"product_id": product, "status": 0 if on_sale else 1, "check_status": 3}

    def _write_one(self, path: str, product: int, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if path == "sku/syncStockBatch":
            (sku,) = params["sku_sync_list"]
        else:
            assert path == "sku/syncStock"
            sku = params
            if params["idempotent_id"] in self._known:
                return _error(40004, "isv.business-failed:40010")
        assert sku["sku_id"] == product + 1
        if not self._count(product, sku["stock_num"], incremental=params["incremental"]):
            return _error(*_SUB_CODES[Kind.REJECTED])
        self._known.add(params["idempotent_id"])
        return {}

    def _write_rows(self, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        assert len(params["items"]) <= 50
        assert params["idempotent_id"]
        results = []
        for item in params["items"]:
            product = item["product_id"]
            code = self._row_code(product, item["stock_num"], incremental=params["incremental"])
            if product not in self._silent:
                told = {"uniq_id": item["uniq_id"], "sku_id": item["sku_id"], "warehouse_id": 0}
                results.append(
                    told | {"status_code": code, "status_message": "it was refused" if code else ""}
                )
        self._silent.clear()
        whole = all(row["status_code"] == 0 for row in results)
        return {"code": 10000 if whole else 10001, "msg": "", "data": {"results": results}}

    def _row_code(self, product: int, value: int, *, incremental: bool) -> int:
        if product not in self._products:
            return _ROW_CODES[Kind.NOT_FOUND]
        if product in self._refused:
            return _ROW_CODES[self._refused[product]]
        done = self._count(product, value, incremental=incremental)
        return 0 if done else _ROW_CODES[Kind.REJECTED]

    def _count(self, product: int, value: int, *, incremental: bool) -> bool:
        row = self._products[product]
        quantity = value + ((row.quantity or 0) if incremental else 0)
        if quantity < 0:
            return False
        self._products[product] = replace(row, quantity=quantity)
        return True


class Renamed:
    """The channel with the contract's ids in place of Douyin's."""

    def __init__(self, channel: Channel, gateway: SmallGateway) -> None:
        self._channel = channel
        self._gateway = gateway

    @property
    def traits(self) -> ChannelTraits:
        return self._channel.traits

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        asked = None if listings is None else [self._gateway.listing(key) for key in listings]
        async for page in self._channel.observe(asked):
            yield [replace(listing, id=self._gateway.key(listing.id)) for listing in page]

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        renamed = []
        for write in writes:
            listing = self._gateway.listing(write.listing)
            renamed.append(write._replace(listing=listing, item=ItemId(listing.partition(":")[0])))
        return await self._channel.push(renamed)
