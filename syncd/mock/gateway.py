"""What the gateways of the platforms have in common: a call is read, noted, let in or not, and carried out.

Nearly every failure is an error in a whole answer with status 200; a `server_error` with a status of its own
stands for a proxy before the platform, and answers with a page.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NoReturn, TypeVar

from aiohttp import web

from syncd.mock.core import Call
from syncd.mock.delivery import Parcel, Treatment
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.rig import Rig, State

_FORBIDDEN = 403
_PAGE = b"<html><body>The service is not to be had</body></html>"

AnswerT = TypeVar("AnswerT")
RefusalT = TypeVar("RefusalT", bound=Exception)


# Python 3.11 cannot make one with slots by the name that a platform gives to its kind of plan.
@dataclass(frozen=True, kw_only=True)
class Plan(Generic[AnswerT]):
    """What one call is about, for the log and the faults, and what it does once it is let in."""

    work: Callable[[Call, Strikes], AnswerT]
    listings: tuple[str, ...] = ()
    quantities: tuple[int | None, ...] = ()
    keys: tuple[str, ...] = ()
    page: int = 0


def planned(read: Callable[[], Plan[AnswerT]], refusal: type[Exception]) -> Plan[AnswerT]:
    """Return what a call is about; one that is wrong in itself is refused only after the gate."""
    try:
        return read()
    except refusal as error:
        return refused(error)


def refused(refusal: Exception) -> Plan[Any]:
    """Return the plan of a call that is wrong in itself: it is refused once it is let in."""
    return Plan(work=partial(_refuse, refusal))


def record(rig: Rig[State], request: web.Request, name: str, plan: Plan[Any]) -> Call:
    """Note a call under the name of its method, and return it."""
    return rig.calls.record(
        Call(
            at=rig.clock.now(),
            method=request.method,
            path=name,
            route=name,
            page=plan.page,
            listings=plan.listings,
            quantities=plan.quantities,
            keys=plan.keys,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles(Generic[RefusalT]):
    """How one platform refuses a call that a fault strikes; `kind` is what its refusals are.

    `revoked` and `expired` are None for a call that needs no token. `throttled` is told how many seconds to
    wait, where the fault says it.
    """

    kind: type[RefusalT]
    revoked: RefusalT | None
    expired: RefusalT | None
    throttled: Callable[[float | None], RefusalT]
    busy: RefusalT
    timed_out: RefusalT
    not_permitted: RefusalT


def treat(
    troubles: Troubles[RefusalT], refuse: Callable[[RefusalT], Parcel], answer: Callable[[Strikes], Parcel]
) -> Treatment:
    """Return a call that was let in; `answer` carries it out, `refuse` writes what the platform refuses."""
    return Treatment(
        refused=lambda strikes: _kept_from(strikes, troubles, refuse),
        done=lambda strikes: _worked(strikes, troubles, refuse, answer),
    )


def written(body: Mapping[str, Any], content_type: str = "application/json;charset=utf-8") -> Parcel:
    """Return an answer in JSON; ids stand in it as whole numbers beyond what a float holds."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Parcel(body=text.encode(), content_type=content_type)


def _kept_from(
    strikes: Strikes, troubles: Troubles[RefusalT], refuse: Callable[[RefusalT], Parcel]
) -> Parcel | None:
    """Return the answer where a fault keeps the call from taking effect."""
    if FaultKind.TOKEN_REVOKED in strikes and troubles.revoked is not None:
        return refuse(troubles.revoked)
    if FaultKind.TOKEN_EXPIRED in strikes and troubles.expired is not None:
        return refuse(troubles.expired)
    throttle = strikes.get(FaultKind.THROTTLE)
    if throttle and not (throttle.lines or throttle.ids):
        return refuse(troubles.throttled(throttle.retry_after))
    error = strikes.get(FaultKind.SERVER_ERROR)
    if error and not error.applied:
        return _failed(error, troubles.busy, troubles, refuse)
    page = strikes.get(FaultKind.HALF_PAGE)
    return _failed(page, troubles.busy, troubles, refuse) if page and page.status else None


def _worked(
    strikes: Strikes,
    troubles: Troubles[RefusalT],
    refuse: Callable[[RefusalT], Parcel],
    answer: Callable[[Strikes], Parcel],
) -> Parcel:
    try:
        reply = answer(strikes)
    except troubles.kind as refusal:
        reply = refuse(refusal)
    error = strikes.get(FaultKind.SERVER_ERROR)
    return _failed(error, troubles.timed_out, troubles, refuse) if error else reply


def _failed(
    fault: Fault, refusal: RefusalT, troubles: Troubles[RefusalT], refuse: Callable[[RefusalT], Parcel]
) -> Parcel:
    if not fault.status:
        return refuse(refusal)
    if fault.status == _FORBIDDEN:
        return refuse(troubles.not_permitted)
    wait = {} if fault.retry_after is None else {"Retry-After": str(math.ceil(fault.retry_after))}
    return Parcel(body=_PAGE, content_type="text/html;charset=utf-8", status=fault.status, headers=wait)


def _refuse(refusal: Exception, _call: Call, _strikes: Strikes) -> NoReturn:
    raise refusal
