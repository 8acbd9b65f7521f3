"""How an IOP answer is written, and what the faults make of it.

A call with `simplify=true` is answered without the name of its response, and its lists stand without the name
of their rows.
"""

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
from syncd.mock.faults import Strikes
from syncd.mock.gateway import Troubles, treat, written
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
            return written({"code": "0"} | body)
        return written(body if self._simply else {f"{self._method.replace('.', '_')}_response": body})

    def refuse(self, refusal: Refusal) -> Parcel:
        """Return the answer to a call that was refused."""
        return written(refusal.body(self._settings, self._request_id))

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
    troubles = Troubles(
        kind=Refusal,
        revoked=refresh_refused() if scribe.path else token_refused(),
        expired=refresh_refused() if scribe.path else token_expired(),
        throttled=throttled,
        busy=busy(),
        timed_out=timed_out(),
        not_permitted=not_permitted(),
    )
    return treat(troubles, scribe.refuse, lambda strikes: scribe.answer(work(strikes)))
