"""A small gateway of Douyin's, by our own reading of its documents, for the suite of all channels."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from syncd.adapters.channels.douyin import ADAPTER
from syncd.adapters.http import open_http
from syncd.conformance import Ability, Bench, Fault, Gate, Rig, Stock, Task
from syncd.domain.model import ItemId, ListingId
from syncd.errors import Kind

APP_KEY = "7000000000000000001"
SECRET, TOKEN, REFRESH = "hush-hush-secret", "hush-hush-token", "hush-hush-refresh"

_FIRST = 9_007_199_254_740_993
"""The first whole number that a float cannot hold."""

_ROWS = "sku/syncStockBatchMultiProducts"
_WRITES = frozenset({_ROWS, "sku/syncStockBatch", "sku/syncStock"})
_TASKS = {
    Task.READ: frozenset({"product/listV2", "product/detail", "sku/list"}),
    Task.WRITE: _WRITES,
    Task.SWITCH: frozenset({"product/setOnline", "product/setOffline"}),
    Task.ORDERS: frozenset({"order/searchList", "order/orderDetail"}),
}


def _error(code: int, sub_code: str = "", sub_msg: str = "") -> dict[str, Any]:
    return {"code": code, "msg": "failed", "sub_code": sub_code, "sub_msg": sub_msg, "data": None}


_FORBIDDEN = _error(30001, "isv.app-permissions-insufficient")

_WHOLE: Mapping[Fault, Callable[[], web.Response]] = {
    Fault.BUSY: lambda: web.json_response(_error(20000, "isp.service-error:1")),
    Fault.THROTTLED: lambda: web.json_response(_error(60000)),
    Fault.THROTTLED_FOR_7_SECONDS: lambda: web.json_response(
        _error(60000), status=429, headers={"Retry-After": "7"}
    ),
    Fault.SERVER_ERROR: lambda: web.Response(status=502, text="bad gateway"),
    Fault.TOKEN_EXPIRED: lambda: web.json_response(
        _error(40003, "isv.access-token-expired", f"{TOKEN} is over")
    ),
    Fault.TOKEN_REVOKED: lambda: web.json_response(_error(30001, "dop.authorization-closed")),
    Fault.FORBIDDEN: lambda: web.json_response(_FORBIDDEN),
    Fault.MALFORMED: lambda: web.json_response({"listing": {"id": 1}, "result": [7], "text": TOKEN}),
    Fault.EMPTY: lambda: web.json_response({}),
    Fault.HTML: lambda: web.Response(text="<html></html>"),
    Fault.BLANK: lambda: web.Response(text=""),
    Fault.HUGE: lambda: web.Response(text="{}" + " " * 300_000),
}

_ROW_CODES = {Kind.REJECTED: -20001, Kind.NOT_FOUND: -40003, Kind.DUPLICATE: -20002}
_SUB_CODES = {
    Kind.REJECTED: (50002, "isv.business-failed:2010012"),
    Kind.NOT_FOUND: (50002, "isv.business-failed:2010058"),
}

Answer = Any


class DouyinBench(Rig, Gate):
    """One shop; `options` are settings of the channel beside its account."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the adapter's settings
        self._options = options
        self._calls = options.get("calls", "rows")
        self._stocks: dict[int, Stock] = {}
        self._items: dict[int, int] = {}
        self._counters: dict[int, int] = {}
        self._on_sale: dict[int, bool] = {}
        self._numbers: dict[str, int] = {}
        self._paths: list[str] = []
        self._hooks: list[tuple[int, Callable[[], object]]] = []
        self._faults: dict[int, Fault] = {}
        self._refused: dict[int, Kind] = {}
        self._silent: set[int] = set()
        self._known: set[str] = set()
        self._forbidden: frozenset[str] = frozenset()
        self._secret, self._token, self._refresh, self._skew = SECRET, TOKEN, REFRESH, 0.0
        self._arrived = asyncio.Event()

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        """Serve the shop, open the channel, and yield both."""
        app = web.Application()
        app.router.add_post("/{path:.*}", self._serve)
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            account = {
                "url": f"http://127.0.0.1:{runner.addresses[0][1]}",
                "app_key": APP_KEY,
                "app_secret": SECRET,
                "access_token": TOKEN,
                "refresh_token": REFRESH,
            }
            limits = {"timeout": "1s", "max_bytes": 200_000, "page_size": 10}
            settings = ADAPTER.settings.model_validate(account | limits | self._options)
            async with open_http() as http, ADAPTER.open(settings, "small", http) as channel:
                yield Bench(
                    channel=channel,
                    rig=self,
                    gate=self,
                    abilities=_ABILITIES | (_OF_ROWS if self._calls == "rows" else frozenset()),
                    secrets=(SECRET, TOKEN, REFRESH),
                    advice={Kind.SIGNATURE: "app_secret", Kind.AUTH_EXPIRED: "access_token"},
                    never={} if self._calls == "sku" else {Kind.DUPLICATE: "no line has a key of its own"},
                    many=25,
                )
        finally:
            await runner.cleanup()

    # --- listings ------------------------------------------------------------------------------------------

    def put(self, stock: Stock) -> ListingId:
        product = self._number(f"item {stock.item}" if stock.item else f"lone {stock.key}")
        sku = self._number(f"sku {stock.key}")
        self._stocks[sku], self._items[sku], self._counters[sku] = stock, product, stock.quantity
        self._on_sale[product] = stock.on_sale
        return ListingId(f"{product}:{sku}")

    def item_of(self, listing: ListingId) -> ItemId:
        return ItemId(listing.partition(":")[0])

    def code_of(self, listing: ListingId) -> str:
        return self._stocks[_sku(listing)].code

    def drop(self, listing: ListingId) -> None:
        product = self._items[_sku(listing)]
        del self._on_sale[product]
        self._items = {sku: item for sku, item in self._items.items() if item != product}

    def counter(self, listing: ListingId) -> int:
        return self._counters[_sku(listing)]

    def is_on_sale(self, listing: ListingId) -> bool:
        return self._on_sale[self._items[_sku(listing)]]

    # --- calls and trouble ---------------------------------------------------------------------------------

    def calls(self) -> int:
        return len(self._paths)

    def writes(self) -> int:
        return sum(path in _WRITES for path in self._paths)

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        rows = {"rows": -(-sum(sizes) // 50), "sku": sum(sizes)}
        # Without a limit that is documented, the setting is the rule.
        return rows.get(self._calls, sum(-(-size // 20) for size in sizes))

    def before_call(self, number: int, act: Callable[[], object]) -> None:
        self._hooks.append((self.calls() + number, act))

    def fail(self, fault: Fault, *, after: int = 0) -> None:
        self._faults[self.calls() + after + 1] = fault

    async def arrived(self) -> None:
        await self._arrived.wait()

    def refuse(self, listing: ListingId, kind: Kind) -> None:
        self._refused[_sku(listing)] = kind

    def silence(self, listing: ListingId) -> None:
        self._silent.add(_sku(listing))

    # --- the gate ------------------------------------------------------------------------------------------

    def skew(self, seconds: float) -> None:
        self._skew = seconds

    def change_secret(self) -> None:
        self._secret = "another"

    def forbid(self, task: Task) -> None:
        self._forbidden |= _TASKS[task]

    def expire_token(self) -> None:
        self._token = "another"

    def revoke_token(self) -> None:
        self._token = self._refresh = "another"

    def renewals(self) -> int:
        return self._paths.count("token/refresh")

    # --- as the channel sees it ----------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path, body = request.match_info["path"], await request.text()
        self._paths.append(path)
        for number, act in self._hooks:
            if number == self.calls():
                act()
        fault = self._faults.pop(self.calls(), None)
        if fault is None:
            return web.json_response(self._judged(request, path, body))
        if fault in _WHOLE:
            return _WHOLE[fault]()
        if fault is Fault.HANGING:
            self._arrived.set()
            await asyncio.Event().wait()
        if fault is not Fault.RESET:
            self._judged(request, path, body)
        return await _broken(request, fault)

    def _judged(self, request: web.Request, path: str, body: str) -> Answer:
        query, params = request.query, json.loads(body)
        word = self._forged(query, path, body)
        if not word and path == "token/refresh":
            return self._renewed(params)
        if not word and query["access_token"] != self._token:
            word = "isv.access-token-expired"
        if word:
            return _error(40003, word)
        answer = _FORBIDDEN if path in self._forbidden else self._content(path, params)
        is_error = isinstance(answer, dict) and "code" in answer
        return answer if is_error else {"code": 10000, "msg": "success", "data": answer}

    def _forged(self, query: Mapping[str, str], path: str, body: str) -> str:
        """Return the word for what is wrong with a call itself, empty for nothing."""
        if query["app_key"] != APP_KEY:
            return "isv.app-id-invalid"
        if abs(time.time() + self._skew - int(query["timestamp"])) > 600:
            return "isv.timestamp-invalid"
        return "" if query["sign"] == self._signature(query, path, body) else "isv.signature-invalid"

    def _signature(self, query: Mapping[str, str], path: str, body: str) -> str:
        named = (
            f"app_key{APP_KEY}method{path.replace('/', '.')}param_json{body}timestamp{query['timestamp']}v2"
        )
        text = f"{self._secret}{named}{self._secret}".encode()
        if query["sign_method"] == "md5":
            return hashlib.md5(text).hexdigest()
        return hmac.digest(self._secret.encode(), text, "sha256").hex()

    def _renewed(self, params: Mapping[str, Any]) -> Answer:
        if params["refresh_token"] != self._refresh:
            return _error(50001, "dop.token-generate-failed:token-expired")
        self._token, self._refresh = f"{TOKEN}-{self.calls()}", f"{REFRESH}-{self.calls()}"
        new = {"access_token": self._token, "refresh_token": self._refresh, "expires_in": 604_800}
        return {"code": 10000, "data": new}

    def _content(self, path: str, params: Mapping[str, Any]) -> Answer:
        if path == "product/listV2":
            return self._page(params)
        if path == _ROWS:
            return self._write_rows(params)
        product = params["product_id"]
        if product not in self._on_sale:
            return _error(*_SUB_CODES[Kind.NOT_FOUND])
        if path == "product/detail":
            return self._shown(product) | {"reduce_type": 2}
        if path == "sku/list":
            return [self._sku_row(sku) for sku, item in self._items.items() if item == product]
        return self._write_product(params) if path in _WRITES else self._switch(path, product)

    def _switch(self, path: str, product: int) -> Answer:
        self._on_sale[product] = path.endswith("Online")
        return {}

    def _page(self, params: Mapping[str, Any]) -> Answer:
        due = [] if "update_start_time" in params else list(self._on_sale)
        first = (params["page"] - 1) * params["size"]
        shown = [self._shown(product) for product in due[first : first + params["size"]]]
        return {"data": shown, "total": len(due), "page": params["page"], "size": params["size"]}

    def _shown(self, product: int) -> dict[str, Any]:
        return {"product_id": product, "status": 0 if self._on_sale[product] else 1, "check_status": 3}

    def _sku_row(self, sku: int) -> dict[str, Any]:
        stock = self._stocks[sku]
        shown = {"id": sku, "product_id": self._items[sku], "code": stock.code, "sku_type": 0}
        return shown | {"stock_num": self._counters[sku], "prehold_stock_num": stock.withheld}

    # --- writing -------------------------------------------------------------------------------------------

    def _write_product(self, params: Mapping[str, Any]) -> Answer:
        if params["idempotent_id"] in self._known:
            number = "2010021" if "sku_sync_list" in params else "40010"
            return _error(40004, f"isv.business-failed:{number}")
        rows = params.get("sku_sync_list", [params])
        for row in rows:
            kind = self._obstacle(row, params["incremental"])
            if kind is not None:
                return _error(*_SUB_CODES[kind])
        self._known.add(params["idempotent_id"])
        for row in rows:
            self._count(row, params["incremental"])
        return {}

    def _write_rows(self, params: Mapping[str, Any]) -> Answer:
        assert len(params["items"]) <= 50
        if params["idempotent_id"] in self._known:
            return _error(50002, "isv.business-failed:-20002")
        self._known.add(params["idempotent_id"])
        results = []
        for row in params["items"]:
            kind = self._obstacle(row, params["incremental"])
            if kind is None:
                self._count(row, params["incremental"])
            if row["sku_id"] not in self._silent:
                code = 0 if kind is None else _ROW_CODES[kind]
                told = {"uniq_id": row["uniq_id"], "sku_id": row["sku_id"], "warehouse_id": 0}
                results.append(
                    told | {"status_code": code, "status_message": "it was refused" if code else ""}
                )
        self._silent.clear()
        whole = all(row["status_code"] == 0 for row in results)
        return {"code": 10000 if whole else 10001, "msg": "", "data": {"results": results}}

    def _obstacle(self, row: Mapping[str, Any], incremental: bool) -> Kind | None:  # noqa: FBT001 - the wire's
        sku = row["sku_id"]
        if sku not in self._items:
            return Kind.NOT_FOUND
        if sku in self._refused:
            return self._refused.pop(sku)
        after = row["stock_num"] + (self._counters[sku] if incremental else 0)
        return Kind.REJECTED if after < 0 else None

    def _count(self, row: Mapping[str, Any], incremental: bool) -> None:  # noqa: FBT001 - the wire's
        sku = row["sku_id"]
        self._counters[sku] = row["stock_num"] + (self._counters[sku] if incremental else 0)

    def _number(self, key: str) -> int:
        return self._numbers.setdefault(key, _FIRST + 2 * len(self._numbers))


_OF_ROWS = frozenset({Ability.LINE_REFUSALS, Ability.SILENT_LINES})
_ABILITIES = frozenset(
    {
        Ability.WIRE,
        Ability.STEADY_LISTS,
        Ability.DELETES,
        Ability.LEAST_CALLS,
        Ability.WITHHOLDING,
        Ability.SIGNATURES,
        Ability.SKEW,
        Ability.PERMISSIONS,
        Ability.REVOCATION,
        Ability.RENEWAL,
    }
)


async def _broken(request: web.Request, fault: Fault) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    if fault is Fault.TRUNCATED:
        await response.prepare(request)
        await response.write(b'{"code":10000,"data":{')
    assert request.transport is not None
    request.transport.abort()
    return response


def _sku(listing: ListingId) -> int:
    return int(listing.partition(":")[2])
