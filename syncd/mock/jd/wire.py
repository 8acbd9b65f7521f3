"""How an answer of JD is written, and what the faults make of it.

Nearly every failure is an error in a whole answer with status 200, and none of them says how long to wait; a
`server_error` with a status of its own stands for a proxy before the platform, and answers with a page.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from syncd.mock.core import Call
from syncd.mock.delivery import Parcel, Treatment
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.jd.refusal import Refusal

Row = dict[str, Any]
Work = Callable[[Call, Strikes], Row]
"""Carries out one call that was let in, and returns what its answer holds."""

_FORBIDDEN = 403
_PAGE = b"<html><body>The service is not to be had</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one call is about, for the log and the faults, and what it does once it is let in."""

    work: Work
    listings: tuple[str, ...] = ()
    quantities: tuple[int | None, ...] = ()
    keys: tuple[str, ...] = ()
    page: int = 0


class Scribe(Protocol):
    """Writes the answers to one call."""

    def answer(self, holds: Mapping[str, Any]) -> Parcel:
        """Return the answer to a call that was carried out."""
        ...

    def refuse(self, refusal: Refusal) -> Parcel:
        """Return the answer to a call that was refused."""
        ...


class RouterScribe:
    """Writes the answers of `routerjson`; the name around them is spelled as JD does."""

    def __init__(self, method: str) -> None:
        self._name = f"{method.replace('.', '_')}_responce"

    def answer(self, holds: Mapping[str, Any]) -> Parcel:
        """Return the answer to a call that was carried out."""
        return written({self._name: {"code": "0", **holds}})

    def refuse(self, refusal: Refusal) -> Parcel:
        """Return the answer to a call that was refused."""
        return written({"error_response": refusal.body()})


def written(body: Mapping[str, Any]) -> Parcel:
    """Return an answer in JSON; ids stand in it as whole numbers beyond what a float holds."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Parcel(body=text.encode(), content_type="application/json;charset=utf-8")


def as_treatment(scribe: Scribe, work: Callable[[Strikes], Mapping[str, Any]]) -> Treatment:
    """Return a call that was let in; `work` carries it out and returns what its answer holds."""
    return Treatment(
        refused=lambda strikes: _kept_from(strikes, scribe),
        done=lambda strikes: _worked(strikes, scribe, work),
    )


def _kept_from(strikes: Strikes, scribe: Scribe) -> Parcel | None:
    """Return the answer where a fault keeps the call from taking effect."""
    if FaultKind.TOKEN_REVOKED in strikes:
        return scribe.refuse(Refusal(22))
    if FaultKind.TOKEN_EXPIRED in strikes:
        return scribe.refuse(Refusal(19))
    throttle = strikes.get(FaultKind.THROTTLE)
    if throttle and not (throttle.lines or throttle.ids):
        return scribe.refuse(Refusal(2))
    error = strikes.get(FaultKind.SERVER_ERROR)
    if error and not error.applied:
        return _failed(error, scribe, Refusal(1))
    page = strikes.get(FaultKind.HALF_PAGE)
    return _failed(page, scribe, Refusal(1)) if page and page.status else None


def _worked(strikes: Strikes, scribe: Scribe, work: Callable[[Strikes], Mapping[str, Any]]) -> Parcel:
    try:
        reply = scribe.answer(work(strikes))
    except Refusal as refusal:
        reply = scribe.refuse(refusal)
    error = strikes.get(FaultKind.SERVER_ERROR)
    return _failed(error, scribe, Refusal(65)) if error else reply


def _failed(fault: Fault, scribe: Scribe, refusal: Refusal) -> Parcel:
    if not fault.status:
        return scribe.refuse(refusal)
    if fault.status == _FORBIDDEN:
        return scribe.refuse(Refusal(3))
    wait = {} if fault.retry_after is None else {"Retry-After": str(math.ceil(fault.retry_after))}
    return Parcel(body=_PAGE, content_type="text/html;charset=utf-8", status=fault.status, headers=wait)
