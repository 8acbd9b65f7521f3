"""How an answer is written, and what the faults make of it."""

from collections.abc import Callable, Mapping
from typing import Any

from syncd.mock.delivery import Parcel, Treatment
from syncd.mock.faults import Strikes
from syncd.mock.gateway import Troubles, treat, written
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
        return written({_IRREGULAR.get(self._kind, usual): {**holds, "request_id": self._request_id}})

    def plain(self, holds: Mapping[str, Any]) -> Parcel:
        """Return an answer without an envelope, as the address of tokens gives it."""
        return written(holds)

    def refuse(self, refusal: Refusal) -> Parcel:
        """Return the answer to a call that was refused."""
        return written({"error_response": {**refusal.body(), "request_id": self._request_id}})


def as_treatment(scribe: Scribe, work: Work, *, enveloped: bool = True) -> Treatment:
    """Return a call that was let in; `work` carries it out."""
    write = scribe.answer if enveloped else scribe.plain
    troubles = Troubles(
        kind=Refusal,
        revoked=Refusal(20032) if scribe.takes_token else None,
        expired=Refusal(10019) if scribe.takes_token else None,
        throttled=throttled,
        busy=Refusal(52102),
        timed_out=Refusal(50000),
        not_permitted=not_permitted(),
    )
    return treat(troubles, scribe.refuse, lambda strikes: write(work(strikes)))
