"""How a TOP answer is written, and what the faults make of it."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from syncd.mock.delivery import Parcel, Treatment
from syncd.mock.faults import Strikes
from syncd.mock.gateway import Troubles, treat, written
from syncd.mock.rig import Rig
from syncd.mock.taobao.params import Params
from syncd.mock.taobao.refusal import Refusal, busy, not_permitted, session_refused, throttled, timed_out
from syncd.mock.taobao.session import REFRESH
from syncd.mock.taobao.state import TaobaoState

_LISTS = {"items": "item", "skus": "sku", "trades": "trade", "orders": "order"}


class Scribe:
    """Writes the answers to one call in the format that it asked for; xml, unless it asked for json."""

    def __init__(self, rig: Rig[TaobaoState], params: Params) -> None:
        self._top = rig.state.top
        self._params = params.values
        self._request_id = f"mock{rig.calls.total:012x}"

    @property
    def takes_session(self) -> bool:
        """Return False for the call that buys one: it is asked for where the session is over."""
        return self._params.get("method") != REFRESH

    def answer(self, holds: Mapping[str, Any]) -> Parcel:
        """Return the answer to a call that was carried out."""
        name = self._params["method"].removeprefix("taobao.").replace(".", "_")
        body = self._listed(holds) | {"request_id": self._request_id}
        return self._written({f"{name}_response": body})

    def refuse(self, refusal: Refusal) -> Parcel:
        """Return the answer to a call that was refused."""
        error = refusal.body(self._top.service_code) | {"request_id": self._request_id}
        return self._written({"error_response": error})

    def _written(self, body: Mapping[str, Any]) -> Parcel:
        if self._params.get("format") == "json":
            return written(body)
        text = '<?xml version="1.0" encoding="utf-8" ?>' + _as_xml(body)
        return Parcel(body=text.encode(), content_type="text/xml;charset=utf-8")

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


def as_treatment(scribe: Scribe, work: Callable[[Strikes], Mapping[str, Any]]) -> Treatment:
    """Return a call that was let in; `work` carries it out and returns what its answer holds."""
    tells = scribe.takes_session
    troubles = Troubles(
        kind=Refusal,
        revoked=session_refused("invalid-sessionkey") if tells else None,
        expired=session_refused("session-expired") if tells else None,
        throttled=throttled,
        busy=busy(),
        timed_out=timed_out(),
        not_permitted=not_permitted(),
    )
    return treat(troubles, scribe.refuse, lambda strikes: scribe.answer(work(strikes)))


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
