"""How a TOP answer is written, and what the faults make of it.

Nearly every failure is an error in a whole answer with status 200; a `server_error` with a status of its own
stands for a proxy before the platform, and answers with a page.
"""

import json
import math
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web

from syncd.mock.core import Call
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.rig import Rig
from syncd.mock.taobao.params import Params
from syncd.mock.taobao.refusal import Refusal, busy, not_permitted, session_refused, throttled, timed_out
from syncd.mock.taobao.state import TaobaoState

_LISTS = {"items": "item", "skus": "sku"}
_FORBIDDEN = 403
_PAGE = b"<html><body>The service is not to be had</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer before it is sent."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Scribe:
    """Writes the answers to one call in the format that it asked for; xml, unless it asked for json."""

    def __init__(self, rig: Rig[TaobaoState], params: Params) -> None:
        self._top = rig.state.top
        self._params = params.values
        self._request_id = f"mock{rig.calls.total:012x}"

    def answer(self, holds: Mapping[str, Any]) -> Reply:
        """Return the answer to a call that was carried out."""
        name = self._params["method"].removeprefix("taobao.").replace(".", "_")
        body = self._listed(holds) | {"request_id": self._request_id}
        return self._written({f"{name}_response": body})

    def refuse(self, refusal: Refusal) -> Reply:
        """Return the answer to a call that was refused."""
        error = refusal.body(self._top.service_code) | {"request_id": self._request_id}
        return self._written({"error_response": error})

    def _written(self, body: Mapping[str, Any]) -> Reply:
        if self._params.get("format") == "json":
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            return Reply(body=text.encode(), content_type="application/json")
        text = '<?xml version="1.0" encoding="utf-8" ?>' + _as_xml(body)
        return Reply(body=text.encode(), content_type="text/xml")

    def _listed(self, holds: Mapping[str, Any]) -> dict[str, Any]:
        """Return the rows with each list wrapped as the platform does it, and without the empty ones."""
        shown: dict[str, Any] = {}
        for name, value in holds.items():
            if isinstance(value, Mapping):
                shown[name] = self._listed(value)
            elif not isinstance(value, list):
                shown[name] = value
            elif value or self._top.shows_empty_lists:
                rows = [self._listed(row) for row in value]
                shown[name] = rows if self._params.get("simplify") == "true" else {_LISTS[name]: rows}
        return shown


Work = Callable[[Strikes], Mapping[str, Any]]
"""Carries out one call that was let in, and returns what its answer holds."""


async def carry_out(
    rig: Rig[TaobaoState], request: web.Request, call: Call, scribe: Scribe, work: Work
) -> web.StreamResponse:
    """Let the call strike what must strike it, carry it out, and answer it or not."""
    strikes = rig.faults.draw(call)
    call.faults = tuple(strikes)
    delay = strikes.get(FaultKind.DELAY)
    await rig.hold(delay, "before")
    rig.state.settle(rig.clock.now())
    reply = _kept_from(strikes, scribe)
    reset = strikes.get(FaultKind.RESET)
    if reply is None and (reset is None or reset.applied):
        reply = _worked(strikes, scribe, work)
    await rig.hold(delay, "after")
    return await _deliver(rig, request, call, strikes, reply)


def send(rig: Rig[TaobaoState], call: Call, reply: Reply) -> web.Response:
    """Send a whole answer."""
    rig.calls.answered(call, reply.status)
    return web.Response(
        body=reply.body,
        status=reply.status,
        headers=reply.headers,
        content_type=reply.content_type,
        charset="utf-8",
    )


def _kept_from(strikes: Strikes, scribe: Scribe) -> Reply | None:
    """Return the answer where a fault keeps the call from taking effect."""
    if FaultKind.TOKEN_REVOKED in strikes:
        return scribe.refuse(session_refused("invalid-sessionkey"))
    if FaultKind.TOKEN_EXPIRED in strikes:
        return scribe.refuse(session_refused("session-expired"))
    throttle = strikes.get(FaultKind.THROTTLE)
    if throttle and not (throttle.lines or throttle.ids):
        return scribe.refuse(throttled(throttle.retry_after))
    error = strikes.get(FaultKind.SERVER_ERROR)
    if error and not error.applied:
        return _failed(error, scribe, busy())
    page = strikes.get(FaultKind.HALF_PAGE)
    return _failed(page, scribe, busy()) if page and page.status else None


def _worked(strikes: Strikes, scribe: Scribe, work: Work) -> Reply:
    try:
        reply = scribe.answer(work(strikes))
    except Refusal as refusal:
        reply = scribe.refuse(refusal)
    error = strikes.get(FaultKind.SERVER_ERROR)
    return _failed(error, scribe, timed_out()) if error else reply


def _failed(fault: Fault, scribe: Scribe, refusal: Refusal) -> Reply:
    if not fault.status:
        return scribe.refuse(refusal)
    if fault.status == _FORBIDDEN:
        return scribe.refuse(not_permitted())
    wait = {} if fault.retry_after is None else {"Retry-After": str(math.ceil(fault.retry_after))}
    return Reply(body=_PAGE, content_type="text/html", status=fault.status, headers=wait)


async def _deliver(
    rig: Rig[TaobaoState], request: web.Request, call: Call, strikes: Strikes, reply: Reply | None
) -> web.StreamResponse:
    if reply is None or FaultKind.RESET in strikes:
        return _hang_up(rig, request, call, reset=True)
    if FaultKind.LOST_REPLY in strikes:
        return _hang_up(rig, request, call, reset=False)
    if FaultKind.CUT_BODY in strikes:
        return await _send_half(rig, request, call, reply)
    if garbage := strikes.get(FaultKind.GARBAGE):
        reply = Reply(body=garbage.body.encode(), content_type=reply.content_type)
    return send(rig, call, reply)


def _hang_up(rig: Rig[TaobaoState], request: web.Request, call: Call, *, reset: bool) -> web.Response:
    rig.calls.answered(call, 0)
    if request.transport is not None:
        if reset:
            # With nothing to linger for, the kernel resets the connection instead of closing it.
            linger = struct.pack("ii", 1, 0)
            request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        request.transport.abort()
    # aiohttp wants an answer in any case, and drops it on a connection that is gone.
    return web.Response()


async def _send_half(
    rig: Rig[TaobaoState], request: web.Request, call: Call, reply: Reply
) -> web.StreamResponse:
    rig.calls.answered(call, reply.status)
    response = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.content_type})
    response.content_length = len(reply.body)
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _as_xml(value: object) -> str:
    if isinstance(value, Mapping):
        return "".join(_element(str(name), item) for name, item in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    return f"<{name}>{_as_xml(value)}</{name}>"
