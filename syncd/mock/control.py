"""The routes by which a test or a person moves a mock: state, faults, time, calls.

They need no token: a mock listens on loopback only.

- `GET`/`POST /_mock/state`: the whole state; what is posted is merged, or replaces all with `"replace": true`
- `GET`/`POST`/`DELETE /_mock/faults`: the plan (see `syncd.mock.faults.Fault`); a post replaces it
- `POST /_mock/release`: lets all held calls go on
- `GET`/`POST /_mock/time`: `{"advance": 60}` or `{"set": "2026-01-01T00:00:00Z"}`
- buyers: see `syncd.mock.buyers`
- `GET`/`DELETE /_mock/calls`: the log; `?total=3`, `?answered=3` or `?held=1` waits until so many are there
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from syncd.mock.faults import OF_LINES, OF_ORDERS, FaultKind, read_faults
from syncd.mock.fields import Fields, MockError, read_json, show_time
from syncd.mock.rig import Rig, State
from syncd.mock.wire import number_in_query

_LARGEST_BODY = 1024**3

Route = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_control(rig: Rig[State], *, takes_lines: bool = True, tells_orders: bool = False) -> web.Application:
    """Return an application that has the control routes of a mock and lets go of held calls as it ends."""

    async def let_go(_: web.Application) -> None:
        rig.close()

    useless = {} if takes_lines else dict.fromkeys(OF_LINES, "strikes written lines")
    useless |= {} if tells_orders else dict.fromkeys(OF_ORDERS, "strikes the feed of orders")
    control = _Control(rig, useless)
    app = web.Application(client_max_size=_LARGEST_BODY)
    app.on_shutdown.append(let_go)
    app.router.add_get("/_mock/state", control.state)
    app.router.add_post("/_mock/state", told(control.merge))
    app.router.add_get("/_mock/faults", control.faults)
    app.router.add_post("/_mock/faults", told(control.plan))
    app.router.add_delete("/_mock/faults", control.clear_faults)
    app.router.add_post("/_mock/release", control.release)
    app.router.add_get("/_mock/time", control.time)
    app.router.add_post("/_mock/time", told(control.set_time))
    app.router.add_get("/_mock/calls", told(control.calls))
    app.router.add_delete("/_mock/calls", control.clear_calls)
    return app


def told(route: Route) -> Route:
    """Return the route with what it cannot do answered as 400 and a message."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await route(request)
        except MockError as error:
            return reply_json({"error": "bad_request", "message": str(error)}, status=400)

    return guarded


async def read_body(request: web.Request) -> object:
    """Return the JSON body of a control call."""
    return read_json(await request.read(), "the body")


def reply_json(body: object, *, status: int = 200) -> web.Response:
    """Return a JSON answer."""
    return web.json_response(body, status=status)


class _Control:
    def __init__(self, rig: Rig[State], useless: Mapping[FaultKind, str]) -> None:
        self._rig = rig
        self._useless = useless

    async def state(self, _: web.Request) -> web.Response:
        self._rig.state.settle(self._rig.clock.now())
        return reply_json(self._rig.as_json())

    async def merge(self, request: web.Request) -> web.Response:
        self._rig.merge(await read_body(request))
        return reply_json({"ok": True})

    async def faults(self, _: web.Request) -> web.Response:
        return reply_json({"faults": self._rig.faults.as_json()})

    async def plan(self, request: web.Request) -> web.Response:
        faults = read_faults(await read_body(request))
        for fault in faults:
            if fault.kind in self._useless:
                why = self._useless[fault.kind]
                raise MockError(f"faults: {fault.kind} {why}, the mock {self._rig.name} has none")
        self._rig.faults.replace(faults)
        return reply_json({"ok": True, "faults": len(faults)})

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._rig.faults.replace([])
        return reply_json({"ok": True})

    async def release(self, _: web.Request) -> web.Response:
        return reply_json({"released": self._rig.release()})

    async def time(self, _: web.Request) -> web.Response:
        return reply_json({"time": show_time(self._rig.clock.now())})

    async def set_time(self, request: web.Request) -> web.Response:
        self._rig.set_time(Fields(await read_body(request), ""))
        return reply_json({"time": show_time(self._rig.clock.now())})

    async def calls(self, request: web.Request) -> web.Response:
        waits: dict[str, Any] = {}
        try:
            for name in ("total", "answered", "held"):
                waits[name] = number_in_query(request, name, 0, least=0, most=10**9)
        except ValueError as error:
            raise MockError(str(error)) from None
        await self._rig.calls.reached(**waits)
        return reply_json(self._rig.calls.as_json())

    async def clear_calls(self, _: web.Request) -> web.Response:
        self._rig.calls.clear()
        return reply_json({"ok": True})
