"""A small gateway of TOP, by our own reading of its documents, and the channel under the contract's ids."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from syncd.domain.model import ItemId, ListingId, ObservedListing, Outcome, Write
from syncd.errors import Kind
from syncd.ports.channel import Channel, ChannelTraits
from tests.contract.channel_contract import Fault

APP_KEY = "12345678"
APP_SECRET = "planted-app-secret"

_FIRST_ITEM = 9_007_199_254_740_993
"""The first whole number that a float cannot hold."""


def _error(code: int, msg: str, sub_code: str = "", sub_msg: str = "") -> dict[str, Any]:
    return {"error_response": {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg}}


_SUB_CODES = {
    Kind.REJECTED: "isv.item-quantity-service-error:QUANTITY_TOO_LOW",
    Kind.NOT_FOUND: "isv.item-quantity-service-error:ITEM_NOT_FOUND",
    Kind.THROTTLED: "isp.call-limited",
    Kind.PERMISSION: "isv.permission-api-package-limit",
}

_BAN = "This ban will last for 7 more seconds"

_ANSWERS: Mapping[Fault, dict[str, Any]] = {
    Fault.THROTTLED: _error(7, "App Call Limited"),
    Fault.THROTTLED_FOR_7_SECONDS: _error(7, "App Call Limited", "accesscontrol.limited-by-app", _BAN),
    Fault.BAD_TOKEN: _error(27, "Invalid session", "isv.session-over", "hush-hush-token is over"),
    Fault.FORBIDDEN: _error(11, "Insufficient isv permissions"),
    Fault.MALFORMED: {"listing": {"id": 1}, "result": [7]},
}


def signature(form: Mapping[str, str]) -> str:
    """Return the signature of a form, computed apart from the program."""
    text = "".join(key + value for key, value in sorted(form.items()) if key != "sign")
    method = form["sign_method"]
    if method == "md5":
        return hashlib.md5(f"{APP_SECRET}{text}{APP_SECRET}".encode()).hexdigest().upper()
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}[method]
    return hmac.digest(APP_SECRET.encode(), text.encode(), digest).hex().upper()


class SmallGateway:
    """The calls of TOP that the contract needs; every listing is an item of its own."""

    def __init__(self, session: str, *, has_skus: bool) -> None:
        self.arrived = asyncio.Event()
        self._session = session
        self._has_skus = has_skus
        self._items: dict[str, ObservedListing] = {}
        self._keys: dict[str, str] = {}
        self._calls = 0
        self._fault: Fault | None = None
        self._refused: dict[str, Kind] = {}
        self._biz_keys: set[str] = set()

    # --- as a test moves and reads it ----------------------------------------------------------------------

    def put(self, listing: ObservedListing) -> None:
        self._items[self.item(listing.id)] = listing

    def item(self, key: str) -> str:
        """Return the item that stands for one of the contract's ids."""
        return self._keys.setdefault(key, str(_FIRST_ITEM + 2 * len(self._keys)))

    def listing(self, key: str) -> ListingId:
        """Return the id of the channel for one of the contract's."""
        item = self.item(key)
        return ListingId(f"{item}:{int(item) + 1 if self._has_skus else ''}")

    def key(self, listing: str) -> ListingId:
        """Return the contract's id for one of the channel's."""
        return next(ListingId(key) for key in self._keys if self.listing(key) == listing)

    def counter(self, listing: str) -> int:
        quantity = self._items[self.item(listing)].quantity
        assert quantity is not None
        return quantity

    def is_on_sale(self, listing: str) -> bool:
        return bool(self._items[self.item(listing)].on_sale)

    def calls(self) -> int:
        return self._calls

    def fail(self, fault: Fault) -> None:
        self._fault = fault

    def refuse(self, listing: str, kind: Kind) -> None:
        self._refused[self.item(listing)] = kind

    def silence(self, listing: str) -> None:
        raise NotImplementedError(f"TOP answers calls whole; {listing} cannot be left out")

    # --- as the channel sees it ----------------------------------------------------------------------------

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/router/rest", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self._calls += 1
        form = {key: str(value) for key, value in (await request.post()).items()}
        fault, self._fault = self._fault, None
        if fault is not None and fault in _ANSWERS:
            return web.json_response(_ANSWERS[fault])
        if fault is Fault.SERVER_ERROR:
            return web.Response(status=502, text="bad gateway")
        if fault in {Fault.HTML, Fault.HUGE}:
            return web.Response(text="<html></html>" if fault is Fault.HTML else "{}" + " " * 300_000)
        if fault is None:
            return web.json_response(self._judged(form))
        if fault is Fault.HANGING:
            self.arrived.set()
            await asyncio.Event().wait()
        return await self._broken(request, fault, form)

    async def _broken(
        self, request: web.Request, fault: Fault, form: Mapping[str, str]
    ) -> web.StreamResponse:
        if fault is Fault.LOST_REPLY:
            self._judged(form)
        response = web.StreamResponse(headers={"Content-Length": "100"})
        if fault is Fault.TRUNCATED:
            await response.prepare(request)
            await response.write(b'{"items_onsale_get_response":{')
        assert request.transport is not None
        request.transport.abort()
        return response

    def _judged(self, form: Mapping[str, str]) -> dict[str, Any]:
        if form["app_key"] != APP_KEY:
            return _error(29, "Invalid app Key")
        time = datetime.fromisoformat(f"{form['timestamp']}+08:00")
        if abs(datetime.now(UTC) - time) > timedelta(minutes=10):
            return _error(31, "Invalid timestamp")
        if form["sign"] != signature(form):
            return _error(25, "Invalid signature")
        if form["session"] != self._session:
            return _error(27, "Invalid session")
        method = form["method"].removeprefix("taobao.")
        content = self._content(method.removesuffix(".tmall"), form)
        name = f"{method.replace('.', '_')}_response"
        return content if "error_response" in content else {name: {**content, "request_id": "r"}}

    def _content(self, method: str, form: Mapping[str, str]) -> dict[str, Any]:
        if method == "items.onsale.get":
            return self._page([item for item, row in self._items.items() if row.on_sale], form)
        if method == "items.inventory.get":
            mine = form["banner"] == "for_shelved"
            return self._page([item for item, row in self._items.items() if mine and not row.on_sale], form)
        if method == "items.seller.list.get":
            asked = form["num_iids"].split(",")
            assert len(asked) <= 20
            return {"items": {"item": [self._detail(item) for item in asked if item in self._items]}}
        return self._write(method, form)

    def _page(self, items: Sequence[str], form: Mapping[str, str]) -> dict[str, Any]:
        """Return a page; every item was changed in a minute of its own, which is its number."""
        times = {item: f"2026-01-01 {n // 60:02}:{n % 60:02}:00" for n, item in enumerate(self._items)}
        since = form.get("start_modified", "")
        due = [item for item in items if times[item] >= since or since > "2026-02"]
        first = (int(form["page_no"]) - 1) * int(form["page_size"])
        shown = [
            {"num_iid": int(item), "modified": times[item]}
            for item in due[first : first + int(form["page_size"])]
        ]
        return {"total_results": len(due)} | ({"items": {"item": shown}} if shown else {})

    def _detail(self, item: str) -> dict[str, Any]:
        row = self._items[item]
        shown = {
            "num_iid": int(item),
            "num": row.quantity,
            "title": "thing",
            "approve_status": "onsale" if row.on_sale else "instock",
            "sub_stock": 1,
        }
        if not self._has_skus:
            return shown | {"outer_id": row.code}
        sku = {"sku_id": int(item) + 1, "quantity": row.quantity, "outer_id": row.code, "status": "normal"}
        return shown | {"outer_id": "the item's", "skus": {"sku": [sku]}}

    def _write(self, method: str, form: Mapping[str, str]) -> dict[str, Any]:
        if method == "tmall.item.quantity.update":
            form = self._unpacked(form)
        item = form["num_iid"]
        if item not in self._items:
            return _error(15, "Remote service error", _SUB_CODES[Kind.NOT_FOUND], "no such item")
        if item in self._refused:
            return _error(15, "Remote service error", _SUB_CODES[self._refused[item]], "it was refused")
        if method in {"item.update.delisting", "item.update.listing"}:
            assert method.endswith("delisting") or int(form["num"]) > 0
            self._items[item] = replace(self._items[item], on_sale=method.endswith(".listing"))
            return {"item": {"num_iid": int(item), "modified": "2026-01-01 00:00:00"}}
        return self._count(method, form)

    def _unpacked(self, form: Mapping[str, str]) -> dict[str, str]:
        """Return the call with a key in the words of the single one."""
        options = json.loads(form["options"])
        assert set(options["outer_biz_key"]) <= set("0123456789abcdef")
        plain = {"num_iid": form["item_id"], "type": str(options["type"]), "key": options["outer_biz_key"]}
        if "item_quantity" in form:
            return plain | {"quantity": form["item_quantity"]}
        (sku,) = json.loads(form["sku_quantities"])
        return plain | {"sku_id": str(sku["sku_id"]), "quantity": str(sku["quantity"])}

    def _count(self, method: str, form: Mapping[str, str]) -> dict[str, Any]:
        item = form["num_iid"]
        sku = str(int(item) + 1) if self._has_skus else ""
        if method == "skus.quantity.update":
            named, _, value = form["skuid_quantities"].partition(":")
        else:
            named, value = form.get("sku_id", ""), form["quantity"]
        assert named == sku
        if form.get("key") in self._biz_keys:
            return {"quantity_update_result": int(item)}
        quantity = int(value) + (self.counter(self.key(f"{item}:{sku}")) if form["type"] == "2" else 0)
        if quantity < 0 and method == "item.quantity.update":
            return _error(15, "Remote service error", _SUB_CODES[Kind.REJECTED], "below zero")
        quantity = max(quantity, 0)
        self._items[item] = replace(self._items[item], quantity=quantity)
        if "key" in form:
            self._biz_keys.add(form["key"])
            return {"quantity_update_result": int(item)}
        shown: dict[str, Any] = {"num_iid": int(item), "num": quantity}
        return {
            "item": shown | ({"skus": {"sku": [{"sku_id": int(sku), "quantity": quantity}]}} if sku else {})
        }


class Renamed:
    """The channel with the contract's ids in place of Taobao's."""

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
        return await self._channel.push(
            [
                write._replace(
                    listing=self._gateway.listing(write.listing),
                    item=ItemId(self._gateway.item(write.listing)),
                )
                for write in writes
            ]
        )
