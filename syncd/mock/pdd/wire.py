"""How an answer is written, and what the faults make of it.

Nearly every failure is an error in a whole answer with status 200; a `server_error` with a status of its own
stands for a proxy before the platform, and answers with a page.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from syncd.mock.delivery import Parcel, Treatment
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.pdd.gate import TOKEN_TYPES
from syncd.mock.pdd.refusal import Refusal, not_permitted, throttled
from syncd.mock.rig import Rig, State

_IRREGULAR = {
    "pdd.goods.skus.get": "goods_sku_get_response",
    "pdd.goods.sku.price.update": "goods_update_sku_price_response",
    "pdd.order.number.list.increment.get": "order_sn_increment_get_response",
    "pdd.order.information.get": "order_info_get_response",
    "pdd.refund.list.increment.get": "refund_increment_get_response",
}
"""What holds the answer where its name does not follow from that of the interface."""

TOKENS = "/oauth/token"
"""Where tokens are to be had without a signature."""

_FORBIDDEN = 403
_PAGE = b"<html><body>The service is not to be had</body></html>"

Work = Callable[[Strikes], Mapping[str, Any]]
"""Carries out one call that was let in, and returns what its answer holds."""


class Scribe:
    """Writes the answers to one call."""

    def __init__(self, rig: Rig[State], kind: str) -> None:
        self._kind = kind
        self._request_id = f"mock{rig.calls.total:012x}"

    @property
    def takes_token(self) -> bool:
        """Return False for a call that buys tokens: it is made where the one before is over."""
        return not (self._kind in TOKEN_TYPES or self._kind == TOKENS)

    def answer(self, holds: Mapping[str, Any]) -> Parcel:
        """Return the answer to a call that was carried out."""
        usual = f"{self._kind.removeprefix('pdd.').replace('.', '_')}_response"
        return _written({_IRREGULAR.get(self._kind, usual): {**holds, "request_id": self._request_id}})

    def plain(self, holds: Mapping[str, Any]) -> Parcel:
        """Return an answer without an envelope, as the address of tokens gives it."""
        return _written(holds)

    def refuse(self, refusal: Refusal) -> Parcel:
        """Return the answer to a call that was refused."""
        return _written({"error_response": {**refusal.body(), "request_id": self._request_id}})


def as_treatment(scribe: Scribe, work: Work, *, enveloped: bool = True) -> Treatment:
    """Return a call that was let in; `work` carries it out."""
    write = scribe.answer if enveloped else scribe.plain
    return Treatment(
        refused=lambda strikes: _kept_from(strikes, scribe),
        done=lambda strikes: _worked(strikes, scribe, work, write),
    )


def _kept_from(strikes: Strikes, scribe: Scribe) -> Parcel | None:
    """Return the answer where a fault keeps the call from taking effect."""
    if FaultKind.TOKEN_REVOKED in strikes and scribe.takes_token:
        return scribe.refuse(Refusal(20032))
    if FaultKind.TOKEN_EXPIRED in strikes and scribe.takes_token:
        return scribe.refuse(Refusal(10019))
    throttle = strikes.get(FaultKind.THROTTLE)
    if throttle and not (throttle.lines or throttle.ids):
        return scribe.refuse(throttled(throttle.retry_after))
    error = strikes.get(FaultKind.SERVER_ERROR)
    if error and not error.applied:
        return _failed(error, scribe, Refusal(52102))
    page = strikes.get(FaultKind.HALF_PAGE)
    return _failed(page, scribe, Refusal(52102)) if page and page.status else None


def _worked(
    strikes: Strikes, scribe: Scribe, work: Work, write: Callable[[Mapping[str, Any]], Parcel]
) -> Parcel:
    try:
        reply = write(work(strikes))
    except Refusal as refusal:
        reply = scribe.refuse(refusal)
    error = strikes.get(FaultKind.SERVER_ERROR)
    return _failed(error, scribe, Refusal(50000)) if error else reply


def _failed(fault: Fault, scribe: Scribe, refusal: Refusal) -> Parcel:
    if not fault.status:
        return scribe.refuse(refusal)
    if fault.status == _FORBIDDEN:
        return scribe.refuse(not_permitted())
    wait = {} if fault.retry_after is None else {"Retry-After": str(math.ceil(fault.retry_after))}
    return Parcel(body=_PAGE, content_type="text/html;charset=utf-8", status=fault.status, headers=wait)


def _written(body: Mapping[str, Any]) -> Parcel:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Parcel(body=text.encode(), content_type="application/json;charset=utf-8")
