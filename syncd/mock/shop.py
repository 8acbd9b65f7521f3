"""The mock shop: a generic JSON shop over HTTP.

- `GET /listings?page=1&size=100` or `?ids=a,b,c`
- `POST /stock` with changes: absolute, delta, or compare-and-set
- `POST /listings/ID/delist` and `/relist`
- what it sends by itself, see `syncd.mock.hooks`: Standard Webhooks, signed with the token

The header is `Authorization: Bearer TOKEN`; the routes under `/_mock` need none.
"""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from aiohttp import web

from syncd.mock.buyers import add_buyers
from syncd.mock.control import add_control
from syncd.mock.core import Call, Line, Order, ShopState, read_line
from syncd.mock.core.shop import Result
from syncd.mock.damage import spoil, thin_out
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.fields import Fields, MockError, read_json
from syncd.mock.hooks import Pushed, add_hook
from syncd.mock.rig import Rig
from syncd.mock.wire import Reply, answer, failure, number_in_query, page_in_query

_MOST_ROWS = 1000


def shop_app(rig: Rig[ShopState]) -> web.Application:
    """Return the web application of one mock shop; run it with `syncd.mock.server.running`."""
    routes = _Routes(rig)
    app = add_control(rig)
    app.router.add_get("/listings", routes.read)
    app.router.add_post("/stock", routes.write)
    app.router.add_post("/listings/{id}/delist", routes.delist)
    app.router.add_post("/listings/{id}/relist", routes.relist)
    add_buyers(app, rig)
    add_hook(app, rig, routes.written)
    return app


class _Routes:
    def __init__(self, rig: Rig[ShopState]) -> None:
        self._rig = rig
        self._messages = 0

    async def read(self, request: web.Request) -> web.StreamResponse:
        call = self._record(request, "GET /listings", listings=_asked_ids(request))
        return await answer(self._rig, request, call, partial(self._page, request))

    async def write(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        try:
            lines, problem = _read_lines(raw), ""
        except MockError as error:
            lines, problem = [], str(error)
        call = self._record(request, "POST /stock", listings=tuple(line.id for line in lines))
        call.quantities = tuple(None if line.problem else line.value for line in lines)
        call.keys = tuple(line.key for line in lines)
        self._rig.calls.lines += len(lines)
        if problem:
            work: Callable[[Strikes], Reply] = lambda _: failure(400, "bad_request", problem)  # noqa: E731
        else:
            work = partial(self._write_lines, call, lines)
        return await answer(self._rig, request, call, work)

    async def delist(self, request: web.Request) -> web.StreamResponse:
        return await self._switch(request, "POST /listings/{id}/delist", self._rig.state.delist)

    async def relist(self, request: web.Request) -> web.StreamResponse:
        return await self._switch(request, "POST /listings/{id}/relist", self._rig.state.relist)

    def written(self, order: Order) -> Pushed:
        """Return the message about an order, signed by the Standard Webhooks specification with the token."""
        body = json.dumps({"type": "order.changed", "data": {"order": order.id}}).encode()
        self._messages += 1
        name, time = f"msg_{self._messages}", str(int(self._rig.clock.now().timestamp()))
        key = self._rig.state.settings.token.encode()
        digest = hmac.new(key, f"{name}.{time}.".encode() + body, hashlib.sha256).digest()
        signature = f"v1,{base64.b64encode(digest).decode()}"
        headers = {"webhook-id": name, "webhook-timestamp": time, "webhook-signature": signature}
        return Pushed(body=body, headers={"Content-Type": "application/json", **headers})

    # --- inside --------------------------------------------------------------------------------------------

    def _record(self, request: web.Request, route: str, *, listings: tuple[str, ...]) -> Call:
        call = Call(
            at=self._rig.clock.now(),
            method=request.method,
            path=request.path,
            route=route,
            query=request.query_string,
            page=page_in_query(request),
            listings=listings,
        )
        return self._rig.calls.record(call)

    def _page(self, request: web.Request, strikes: Strikes) -> Reply:
        if "ids" in request.query:
            known = self._rig.state.listings
            rows = [known[one].wire() for one in dict.fromkeys(_asked_ids(request)) if one in known]
            kept = thin_out(rows, strikes, "id", self._rig.seed)
            return Reply(body={"listings": spoil(kept, strikes, "quantity")})
        try:
            page = number_in_query(request, "page", 1, least=1, most=10**9)
            size = number_in_query(request, "size", 100, least=1, most=_MOST_ROWS)
        except ValueError as error:
            return failure(400, "bad_request", str(error))
        rows = [listing.wire() for listing in self._shown(strikes, page, size)]
        total = len(self._order(strikes))
        body = {"page": page, "pages": max(math.ceil(total / size), 1), "total": total}
        return Reply(body={"listings": spoil(rows, strikes, "quantity"), **body})

    def _shown(self, strikes: Strikes, page: int, size: int) -> Sequence[Any]:
        return self._order(strikes)[(page - 1) * size : page * size]

    def _order(self, strikes: Strikes) -> Sequence[Any]:
        order = self._rig.state.order
        if not strikes:
            return order
        names = thin_out([{"id": listing.id} for listing in order], strikes, "id", self._rig.seed)
        return [self._rig.state.listings[row["id"]] for row in names]

    def _write_lines(self, call: Call, lines: Sequence[Line], strikes: Strikes) -> Reply:
        if len(lines) > self._rig.state.settings.max_batch:
            return failure(400, "too_many", f"at most {self._rig.state.settings.max_batch} changes a call")
        results = [self._write_line(call, line, n, strikes) for n, line in enumerate(lines)]
        return Reply(body={"results": [result for result in results if result is not None]})

    def _write_line(self, call: Call, line: Line, n: int, strikes: Strikes) -> Result | None:
        state = self._rig.state
        throttle, partial_ = strikes.get(FaultKind.THROTTLE), strikes.get(FaultKind.PARTIAL)
        if throttle and throttle.strikes_line(line.id, n):
            call.applied.append(False)
            return state.refuse(line.id, "throttled", "too many changes of this listing")
        if partial_ and partial_.strikes_line(line.id, n):
            call.applied.append(partial_.applied and bool(state.write(line)["ok"]))
            return _refused(state, line.id, partial_.error)
        late = strikes.get(FaultKind.LATE_APPLY)
        if late and late.seconds is not None and (not late.ids or line.id in late.ids):
            result = state.write_later(line, self._rig.clock.now() + timedelta(seconds=late.seconds))
            call.applied.append(False)
            return result
        result = state.write(line)
        call.applied.append(result["ok"])
        return result

    async def _switch(
        self, request: web.Request, route: str, act: Callable[[str], Result]
    ) -> web.StreamResponse:
        listing = request.match_info["id"]
        call = self._record(request, route, listings=(listing,))

        def work(strikes: Strikes) -> Reply:
            partial_ = strikes.get(FaultKind.PARTIAL)
            if partial_ is None or partial_.applied:
                result = act(listing)
                call.applied.append(result["ok"])
            else:
                result = {}
            if partial_ is None:
                return Reply(body=result)
            return Reply(body=_refused(self._rig.state, listing, partial_.error) or {})

        return await answer(self._rig, request, call, work)


def _asked_ids(request: web.Request) -> tuple[str, ...]:
    return tuple(one for one in request.query.get("ids", "").split(",") if one)


def _refused(state: ShopState, listing: str, error: str) -> Result | None:
    return state.refuse(listing, error, "refused by the fault plan") if error else None


def _read_lines(raw: bytes) -> list[Line]:
    fields = Fields(read_json(raw, "the body"), "")
    if not fields.has("changes"):
        raise fields.wrong("changes", "a list of changes")
    changes = fields.items("changes")
    fields.done()
    return [read_line(change, f"changes[{n}]") for n, change in enumerate(changes)]
