"""How an answer of JD is written, and what the faults make of it.

No error says how long to wait.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from syncd.mock import gateway
from syncd.mock.core import Call
from syncd.mock.delivery import Parcel, Treatment
from syncd.mock.faults import Strikes
from syncd.mock.gateway import Troubles, treat, written
from syncd.mock.jd.refusal import Refusal

Row = dict[str, Any]
Work = Callable[[Call, Strikes], Row]
"""Carries out one call that was let in, and returns what its answer holds."""


Plan = gateway.Plan[Row]
"""What one call is about, and what it does once it is let in."""


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


def as_treatment(scribe: Scribe, work: Callable[[Strikes], Mapping[str, Any]]) -> Treatment:
    """Return a call that was let in; `work` carries it out and returns what its answer holds."""
    troubles = Troubles(
        kind=Refusal,
        revoked=Refusal(22),
        expired=Refusal(19),
        throttled=lambda _wait: Refusal(2),
        busy=Refusal(1),
        timed_out=Refusal(65),
        not_permitted=Refusal(3),
    )
    return treat(troubles, scribe.refuse, lambda strikes: scribe.answer(work(strikes)))
