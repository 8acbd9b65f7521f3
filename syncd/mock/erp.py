"""The mock ERP over HTTP.

`GET /stock?page=1&size=200[&since=CURSOR]` answers rows of figures by SKU and warehouse; instead of pages it
takes `offset` and `limit`, or `after` (empty at first) and `limit`, and answers `next`, null at the end.

All pages of a reading show what was there when its first page was asked for, unless the setting `torn_reads`
is on. `unrouted` comes whole with the first page. The header is `Authorization: Bearer TOKEN`; the routes
under `/_mock` need none.

Shops that are linked (in process by `ErpState.link`, else under `imports` of the state) have their orders
imported, and every answer then says `imported_until` by shop; with the setting `names_orders` the first page
also says `included`: by shop the ids of the lines in the figures. `POST /_mock/orders` names a `shop` and a
`step`: `hear` with `orders` as the shop's own `/_mock/orders` shows them, `ship` an `order` or some `lines`
of it, `take_back` `units` of a `line`, `mend` what failed or came twice.
"""

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web

from syncd.mock.control import add_control, read_body, reply_json, told
from syncd.mock.core import PARTS, Call, ErpState, Reading
from syncd.mock.core.erp_imports import ShopImport
from syncd.mock.core.orders import read_order
from syncd.mock.damage import spoil, thin_out
from syncd.mock.faults import Strikes
from syncd.mock.fields import Fields, MockError, show_time
from syncd.mock.rig import Rig
from syncd.mock.wire import Reply, answer, failure, number_in_query

_MOST_ROWS = 1000
_USUAL_ROWS = 200
_KEPT_READINGS = 16


def erp_app(rig: Rig[ErpState]) -> web.Application:
    """Return the web application of one mock ERP; run it with `syncd.mock.server.running`."""
    routes = _Routes(rig)
    app = add_control(rig, takes_lines=False)
    app.router.add_get("/stock", routes.read)
    app.router.add_post("/_mock/move", told(routes.move))
    app.router.add_post("/_mock/orders", told(routes.orders))
    return app


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """Which rows are asked for, and in which of the three ways."""

    way: str
    start: int
    size: int
    since: str

    @property
    def page(self) -> int:
        return self.start // self.size + 1


class _Routes:
    def __init__(self, rig: Rig[ErpState]) -> None:
        self._rig = rig
        self._readings: OrderedDict[tuple[str, str, int], Reading] = OrderedDict()

    async def read(self, request: web.Request) -> web.StreamResponse:
        call = Call(
            at=self._rig.clock.now(),
            method=request.method,
            path=request.path,
            route="GET /stock",
            query=request.query_string,
        )
        self._rig.calls.record(call)
        try:
            window = _read_window(request)
        except ValueError as error:
            reply = failure(400, "bad_request", str(error))
            return await answer(self._rig, request, call, lambda _: reply)
        call.page = window.page
        return await answer(self._rig, request, call, partial(self._rows, window))

    async def move(self, request: web.Request) -> web.Response:
        fields = Fields(await read_body(request), "move")
        if fields.has("random"):
            count = fields.whole("random", least=1)
            fields.done()
            return reply_json({"moves": self._rig.state.move_some(self._rig.rng, count)})
        sku, warehouse = fields.text("sku"), fields.text("warehouse")
        differences = {part: fields.whole(part) for part in PARTS if fields.has(part)}
        fields.done()
        refusal = self._rig.state.move(sku, warehouse, differences)
        if refusal:
            return reply_json({"error": "rejected", "message": refusal}, status=409)
        return reply_json(self._rig.state.cells[sku, warehouse].wire())

    async def orders(self, request: web.Request) -> web.Response:
        state, now = self._rig.state, self._rig.clock.now()
        fields = Fields(await read_body(request), "orders")
        shop, step = fields.text("shop"), fields.text("step", "hear")
        if shop not in state.imports:
            raise MockError("orders.shop: is not linked, post it to /_mock/state under imports first")
        refusal = _carry_out(state.imports[shop], step, fields, now)
        state.settle(now)
        if refusal:
            return reply_json({"error": refusal}, status=409)
        return reply_json({"ok": True, "imported_until": show_time(state.imports[shop].imported_until(now))})

    # --- inside --------------------------------------------------------------------------------------------

    def _rows(self, window: _Window, strikes: Strikes) -> Reply:
        try:
            reading = self._reading(window, strikes)
        except MockError as error:
            return failure(400, "bad_cursor", str(error))
        rows = thin_out(reading.rows, strikes, "sku", self._rig.seed)
        shown = rows[window.start : window.start + window.size]
        return Reply(
            body={
                "as_of": show_time(reading.as_of),
                "kind": reading.kind,
                "cursor": reading.cursor,
                **_place(window, len(rows)),
                "rows": spoil(shown, strikes, "on_hand"),
                "unrouted": self._unrouted(window),
                **_contained(reading, first=not window.start),
            }
        )

    def _reading(self, window: _Window, strikes: Strikes) -> Reading:
        """Return what this reader sees; asking for the first rows begins a new reading."""
        state, now = self._rig.state, self._rig.clock.now()
        key = (window.way, window.since, window.size)
        begun = self._readings.get(key) if window.start else None
        if begun is None:
            begun = state.read(now, window.since)
            # What a reading leaves out at its first page stays left out on the others.
            begun = replace(begun, rows=tuple(thin_out(begun.rows, strikes, "sku", self._rig.seed)))
            self._remember(key, begun)
        elif state.settings.torn_reads:
            return replace(begun, rows=state.read(now, window.since).rows)
        return begun

    def _remember(self, key: tuple[str, str, int], reading: Reading) -> None:
        self._readings[key] = reading
        self._readings.move_to_end(key)
        if len(self._readings) > _KEPT_READINGS:
            self._readings.popitem(last=False)

    def _unrouted(self, window: _Window) -> Sequence[Mapping[str, Any]]:
        if window.start:
            return []
        return [{"sku": sku, "units": units} for sku, units in self._rig.state.unrouted.items()]


def _carry_out(shop: ShopImport, step: str, fields: Fields, now: datetime) -> str:
    """Do one thing with a shop's orders; return why not, empty if done."""
    if step == "hear":
        versions = [read_order(entry) for entry in fields.objects("orders")]
        fields.done()
        for version in versions:
            shop.hear(version)
        return ""
    if step == "mend":
        fields.done()
        shop.mend()
        return ""
    if step == "ship":
        order, lines = fields.text("order"), fields.texts("lines")
        fields.done()
        return shop.ship(now, order, lines=lines)
    if step == "take_back":
        line, units = fields.text("line"), fields.whole("units", 1, least=1)
        good = fields.flag("good", default=True)
        fields.done()
        return shop.take_back(line, units, good=good)
    raise MockError("orders.step: must be one of hear, ship, take_back, mend")


def _contained(reading: Reading, *, first: bool) -> dict[str, Any]:
    if not reading.imported_until:
        return {}
    told: dict[str, Any] = {
        "imported_until": {shop: show_time(until) for shop, until in reading.imported_until.items()}
    }
    return told | {"included": reading.included} if first and reading.included else told


def _read_window(request: web.Request) -> _Window:
    since = request.query.get("since", "")
    if "offset" in request.query or "after" in request.query:
        way = "after" if "after" in request.query else "offset"
        size_word = "size" if "size" in request.query else "limit"
        size = number_in_query(request, size_word, _USUAL_ROWS, least=1, most=_MOST_ROWS)
        if way == "offset" or not request.query["after"]:
            return _Window(way=way, start=_start(request, way), size=size, since=since)
        return _Window(way=way, start=_read_token(request.query["after"]), size=size, since=since)
    size = number_in_query(request, "size", _USUAL_ROWS, least=1, most=_MOST_ROWS)
    page = number_in_query(request, "page", 1, least=1, most=10**9)
    return _Window(way="page", start=(page - 1) * size, size=size, since=since)


def _start(request: web.Request, way: str) -> int:
    return number_in_query(request, "offset", 0, least=0, most=10**9) if way == "offset" else 0


def _read_token(token: str) -> int:
    digits = token.removeprefix("r")
    if not token.startswith("r") or not digits.isascii() or not digits.isdigit():
        raise ValueError('after must be empty or what the answer before gave as "next"')
    return int(digits)


def _place(window: _Window, total: int) -> dict[str, Any]:
    """Return where the rows stand in the whole, in the words of the way they were asked for."""
    end = window.start + window.size
    if window.way == "page":
        return {"page": window.page, "pages": max(math.ceil(total / window.size), 1), "total": total}
    if window.way == "offset":
        where = {"offset": window.start, "limit": window.size, "total": total}
        return where | {"next": end if end < total else None}
    return {"total": total, "next": f"r{end}" if end < total else None}
