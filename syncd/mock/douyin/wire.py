"""How an answer is written, and what the faults make of it."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from syncd.mock import gateway
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
from syncd.mock.faults import Strikes
from syncd.mock.gateway import Troubles, treat

DONE = 10000
"""The code above an answer of which nothing failed."""


Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a call that was carried out is answered; without a `code` it says nothing of use."""

    data: object
    code: int | None = DONE


Work = Callable[[Call, Strikes], Reply]
"""Carries out one call that was let in."""

Plan = gateway.Plan[Reply]
"""What one call is about, and what it does once it is let in."""

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
    troubles = Troubles(
        kind=Refusal,
        revoked=unauthorized(),
        expired=token_refused("expired"),
        throttled=throttled,
        busy=busy(),
        timed_out=timed_out(),
        not_permitted=not_permitted(),
    )
    return treat(troubles, scribe.refuse, lambda strikes: scribe.answer(work(strikes)))


def _wait_header(wait: float | None) -> dict[str, str]:
    return {} if wait is None else {"Retry-After": str(max(math.ceil(wait), 1))}
