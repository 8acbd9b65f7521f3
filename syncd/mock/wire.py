"""How a mock shop or ERP answers a call over HTTP, in JSON and with plain statuses."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hmac import compare_digest
from typing import Any

from aiohttp import web

from syncd.mock.core import Call
from syncd.mock.delivery import Parcel, Treatment, carry_out, send
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.rig import Rig, State

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
        return send(rig, call, _packed(refusal))
    return await carry_out(
        rig,
        request,
        call,
        Treatment(
            refused=partial(_refused, call),
            done=lambda strikes: _packed(_failed_after(strikes, work(strikes))),
        ),
    )


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


def _refused(call: Call, strikes: Strikes) -> Parcel | None:
    """Return the answer where a fault keeps the call from taking effect."""
    reply = _kept_from(call, strikes)
    return None if reply is None else _packed(reply)


def _kept_from(call: Call, strikes: Strikes) -> Reply | None:
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


def _packed(reply: Reply) -> Parcel:
    body = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":")).encode()
    return Parcel(body=body, content_type="application/json", status=reply.status, headers=reply.headers)
