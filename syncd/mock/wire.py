"""How a mock answers a call over HTTP, whole or broken as the faults say."""

import json
import math
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from aiohttp import web

from syncd.mock.core import Call
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.rig import Rig, State

_JSON = "application/json"
_OK = 200
_WORDS = {401: "unauthorized", 403: "permission", 404: "not_found", 429: "throttled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer before it is sent."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def failure(status: int, error: str, message: str = "") -> Reply:
    """Return the answer to a call that failed as a whole."""
    return Reply(status=status, body={"error": error, "message": message} if message else {"error": error})


Work = Callable[[Strikes], Reply]
"""Carries out one call that was let in."""


async def answer(rig: Rig[State], request: web.Request, call: Call, work: Work) -> web.StreamResponse:
    """Let the call in, let it strike what must strike it, carry it out, and answer it or not."""
    refusal = _admission(rig, request)
    if refusal is not None:
        return _send(rig, call, refusal)
    strikes = rig.faults.draw(call)
    if not strikes:
        rig.state.settle(rig.clock.now())
        return _send(rig, call, work(strikes))
    call.faults = tuple(strikes)
    delay = strikes.get(FaultKind.DELAY)
    await rig.hold(delay, "before")
    rig.state.settle(rig.clock.now())
    reply = _refused(strikes, call)
    if reply is None and not _reset_before(strikes):
        reply = _failed_after(strikes, work(strikes))
    await rig.hold(delay, "after")
    return await _deliver(rig, request, call, strikes, reply)


def number_in_query(request: web.Request, name: str, default: int, *, least: int, most: int) -> int:
    """Return a whole number of the query; raises `ValueError` with a message for people."""
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}")
    return int(text)


def page_in_query(request: web.Request) -> int:
    """Return which page is asked for, 0 where that is not a number."""
    text = request.query.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() else 0


def _admission(rig: Rig[State], request: web.Request) -> Reply | None:
    wanted = f"Bearer {rig.state.settings.token}".encode()
    given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
    if not compare_digest(given, wanted):
        return failure(401, "unauthorized")
    if wait := rig.wait_for_rate():
        return _throttled(wait)
    return None


def _throttled(wait: float | None) -> Reply:
    return Reply(status=429, body={"error": "throttled"}, headers=_retry_header(wait))


def _refused(strikes: Strikes, call: Call) -> Reply | None:
    """Return the answer where a fault keeps the call from taking effect."""
    for kind in (FaultKind.TOKEN_REVOKED, FaultKind.TOKEN_EXPIRED):
        if kind in strikes:
            return failure(401, kind)
    throttle = strikes.get(FaultKind.THROTTLE)
    if throttle and not (throttle.lines or throttle.ids):
        return _throttled(throttle.retry_after)
    error = strikes.get(FaultKind.SERVER_ERROR)
    if error and not error.applied:
        return _failed(error, 503)
    page = strikes.get(FaultKind.HALF_PAGE)
    if page and page.status:
        return failure(page.status, "server_error", f"page {call.page} is not to be had")
    return None


def _reset_before(strikes: Strikes) -> bool:
    reset = strikes.get(FaultKind.RESET)
    return reset is not None and not reset.applied


def _failed_after(strikes: Strikes, reply: Reply) -> Reply:
    error = strikes.get(FaultKind.SERVER_ERROR)
    return _failed(error, 502) if error else reply


def _failed(error: Fault, status: int) -> Reply:
    status = error.status or status
    return Reply(
        status=status,
        body={"error": _WORDS.get(status, "server_error")},
        headers=_retry_header(error.retry_after),
    )


def _retry_header(wait: float | None) -> dict[str, str]:
    return {} if wait is None else {"Retry-After": str(math.ceil(wait))}


async def _deliver(
    rig: Rig[State], request: web.Request, call: Call, strikes: Strikes, reply: Reply | None
) -> web.StreamResponse:
    if reply is None or FaultKind.RESET in strikes:
        return _hang_up(rig, request, call, reset=True)
    if FaultKind.LOST_REPLY in strikes:
        return _hang_up(rig, request, call, reset=False)
    if FaultKind.CUT_BODY in strikes:
        return await _send_half(rig, request, call, reply)
    if FaultKind.GARBAGE in strikes:
        rig.calls.answered(call, _OK)
        return web.Response(text=strikes[FaultKind.GARBAGE].body, content_type=_JSON)
    return _send(rig, call, reply)


def _send(rig: Rig[State], call: Call, reply: Reply) -> web.Response:
    rig.calls.answered(call, reply.status)
    return web.Response(
        body=_encoded(reply.body), status=reply.status, headers=reply.headers, content_type=_JSON
    )


def _encoded(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _hang_up(rig: Rig[State], request: web.Request, call: Call, *, reset: bool) -> web.Response:
    rig.calls.answered(call, 0)
    transport = request.transport
    if transport is not None:
        if reset:
            # Without lingering the kernel sends RST, not FIN: what a crashed proxy looks like.
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    # aiohttp wants a response in any case; it finds the connection closed and drops it.
    return web.Response()


async def _send_half(rig: Rig[State], request: web.Request, call: Call, reply: Reply) -> web.StreamResponse:
    rig.calls.answered(call, reply.status)
    body = _encoded(reply.body)
    response = web.StreamResponse(status=reply.status, headers={**reply.headers, "Content-Type": _JSON})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
