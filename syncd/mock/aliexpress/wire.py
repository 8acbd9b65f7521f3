"""How an IOP answer is written, and what the faults make of it.

Nearly every failure is an error in a whole answer with status 200; a `server_error` with a status of its own
stands for a proxy before the platform, and answers with a page. A call with `simplify=true` is answered
without the name of its response, and its lists stand without the name of their rows.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from syncd.mock.aliexpress.params import Params
from syncd.mock.aliexpress.refusal import (
    Refusal,
    busy,
    not_permitted,
    refresh_refused,
    throttled,
    timed_out,
    token_expired,
    token_refused,
)
from syncd.mock.aliexpress.state import AliexpressState
from syncd.mock.delivery import Parcel, Treatment
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.rig import Rig

_LISTS = {
    "aeop_a_e_product_display_d_t_o_list": "item_display_dto",
    "aeop_ae_product_s_k_us": "global_aeop_ae_product_sku",
    "update_failed_list": "synchronize_product_response_dto",
    "update_successful_list": "synchronize_product_response_dto",
    "target_list": "order_dto",
    "product_list": "order_product_dto",
}
"""The lists that name their rows; all others stand as they are."""

_FORBIDDEN = 403
_PAGE = b"<html><body>The service is not to be had</body></html>"


class Scribe:
    """Writes the answers to one call; `path` is that of a path method."""

    def __init__(self, rig: Rig[AliexpressState], params: Params, path: str = "") -> None:
        self._settings = rig.state.aliexpress
        self._method = params.values.get("method", "")
        self._simply = params.values.get("simplify") == "true"
        self._request_id = f"mock{rig.calls.total:012x}"
        self.path = path

    def answer(self, holds: Mapping[str, Any]) -> Parcel:
        """Return the answer to a call that was carried out."""
        body = self._listed(holds) | {"request_id": self._request_id}
        if self.path:
            return _written({"code": "0"} | body)
        return _written(body if self._simply else {f"{self._method.replace('.', '_')}_response": body})

    def refuse(self, refusal: Refusal) -> Parcel:
        """Return the answer to a call that was refused."""
        return _written(refusal.body(self._settings, self._request_id))

    def _listed(self, holds: Mapping[str, Any]) -> dict[str, Any]:
        """Return the rows with each list wrapped as the platform does it, and without the empty ones."""
        shown: dict[str, Any] = {}
        for name, value in holds.items():
            if isinstance(value, Mapping):
                shown[name] = self._listed(value)
            elif not isinstance(value, list):
                shown[name] = value
            elif value or self._settings.shows_empty_lists:
                rows = [self._listed(row) if isinstance(row, Mapping) else row for row in value]
                shown[name] = rows if self._simply or name not in _LISTS else {_LISTS[name]: rows}
        return shown


def as_treatment(scribe: Scribe, work: Callable[[Strikes], Mapping[str, Any]]) -> Treatment:
    """Return a call that was let in; `work` carries it out and returns what its answer holds."""
    return Treatment(
        refused=lambda strikes: _kept_from(strikes, scribe),
        done=lambda strikes: _worked(strikes, scribe, work),
    )


def _kept_from(strikes: Strikes, scribe: Scribe) -> Parcel | None:
    """Return the answer where a fault keeps the call from taking effect."""
    if FaultKind.TOKEN_REVOKED in strikes:
        return scribe.refuse(refresh_refused() if scribe.path else token_refused())
    if FaultKind.TOKEN_EXPIRED in strikes:
        return scribe.refuse(refresh_refused() if scribe.path else token_expired())
    throttle = strikes.get(FaultKind.THROTTLE)
    if throttle and not (throttle.lines or throttle.ids):
        return scribe.refuse(throttled(throttle.retry_after))
    error = strikes.get(FaultKind.SERVER_ERROR)
    if error and not error.applied:
        return _failed(error, scribe, busy())
    page = strikes.get(FaultKind.HALF_PAGE)
    return _failed(page, scribe, busy()) if page and page.status else None


def _worked(strikes: Strikes, scribe: Scribe, work: Callable[[Strikes], Mapping[str, Any]]) -> Parcel:
    try:
        reply = scribe.answer(work(strikes))
    except Refusal as refusal:
        reply = scribe.refuse(refusal)
    error = strikes.get(FaultKind.SERVER_ERROR)
    return _failed(error, scribe, timed_out()) if error else reply


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
