"""How an answer is written, and what the faults make of it.

Nearly every failure is an error in a whole answer with status 200; a `server_error` with a status of its own
stands for a proxy before the platform, and answers with a page.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from syncd.mock.core import Call
from syncd.mock.delivery import Parcel, Treatment
from syncd.mock.douyin.params import Asked
from syncd.mock.douyin.refusal import (
    Refusal,
    busy,
    not_permitted,
    throttled,
    timed_out,
    token_refused,
    unauthorized,
)
from syncd.mock.faults import Fault, FaultKind, Strikes

DONE = 10000
"""The code above an answer of which nothing failed."""

_FORBIDDEN = 403
_PAGE = b"<html><body>The service is not to be had</body></html>"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a call that was carried out is answered; without a `code` it says nothing of use."""

    data: object
    code: int | None = DONE


Work = Callable[[Call, Strikes], Reply]
"""Carries out one call that was let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one call is about, for the log and the faults, and what it does once it is let in."""

    work: Work
    listings: tuple[str, ...] = ()
    quantities: tuple[int | None, ...] = ()
    keys: tuple[str, ...] = ()
    page: int = 0


Method = Callable[[Asked], Plan]
"""Reads what a call asks for; a wrong parameter is a `Refusal`."""


class Scribe:
    """Writes the answers to one call."""

    def __init__(self, serial: int) -> None:
        self._log_id = f"mock{serial:012x}"

    def answer(self, reply: Reply) -> Parcel:
        """Return the answer to a call that was carried out."""
        if reply.code is None:
            return self._written({})
        message = "success" if reply.code == DONE else "partly failed"
        body = {"code": reply.code, "msg": message, "sub_code": "", "sub_msg": "", "data": reply.data}
        return self._written(body)

    def refuse(self, refusal: Refusal) -> Parcel:
        """Return the answer to a call that was refused."""
        return self._written({"data": None, **refusal.body()}, _wait_header(refusal.wait))

    def _written(self, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Parcel:
        text = json.dumps({**body, "log_id": self._log_id}, ensure_ascii=False, separators=(",", ":"))
        return Parcel(body=text.encode(), content_type="application/json", headers=headers or {})


def as_treatment(scribe: Scribe, work: Callable[[Strikes], Reply]) -> Treatment:
    """Return a call that was let in; `work` carries it out."""
    return Treatment(
        refused=lambda strikes: _kept_from(strikes, scribe),
        done=lambda strikes: _worked(strikes, scribe, work),
    )


def _kept_from(strikes: Strikes, scribe: Scribe) -> Parcel | None:
    """Return the answer where a fault keeps the call from taking effect."""
    if FaultKind.TOKEN_REVOKED in strikes:
        return scribe.refuse(unauthorized())
    if FaultKind.TOKEN_EXPIRED in strikes:
        return scribe.refuse(token_refused("expired"))
    throttle = strikes.get(FaultKind.THROTTLE)
    if throttle and not (throttle.lines or throttle.ids):
        return scribe.refuse(throttled(throttle.retry_after))
    error = strikes.get(FaultKind.SERVER_ERROR)
    if error and not error.applied:
        return _failed(error, scribe, busy())
    page = strikes.get(FaultKind.HALF_PAGE)
    return _failed(page, scribe, busy()) if page and page.status else None


def _worked(strikes: Strikes, scribe: Scribe, work: Callable[[Strikes], Reply]) -> Parcel:
    try:
        parcel = scribe.answer(work(strikes))
    except Refusal as refusal:
        parcel = scribe.refuse(refusal)
    error = strikes.get(FaultKind.SERVER_ERROR)
    return _failed(error, scribe, timed_out()) if error else parcel


def _failed(fault: Fault, scribe: Scribe, refusal: Refusal) -> Parcel:
    if not fault.status:
        return scribe.refuse(refusal)
    if fault.status == _FORBIDDEN:
        return scribe.refuse(not_permitted())
    headers = _wait_header(fault.retry_after)
    return Parcel(body=_PAGE, content_type="text/html;charset=utf-8", status=fault.status, headers=headers)


def _wait_header(wait: float | None) -> dict[str, str]:
    return {} if wait is None else {"Retry-After": str(max(math.ceil(wait), 1))}
