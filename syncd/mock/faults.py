"""The fault plan: what goes wrong, at which calls, how often."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from syncd.mock.core import Call
from syncd.mock.fields import Fields, MockError

_LEAST_ERROR_STATUS, _MOST_STATUS = 400, 599


class FaultKind(StrEnum):
    """What can go wrong; README of the mock is the docstring of `Fault`."""

    THROTTLE = "throttle"
    SERVER_ERROR = "server_error"
    DELAY = "delay"
    LOST_REPLY = "lost_reply"
    RESET = "reset"
    PARTIAL = "partial"
    LATE_APPLY = "late_apply"
    CUT_BODY = "cut_body"
    GARBAGE = "garbage"
    EMPTY = "empty"
    HALF_PAGE = "half_page"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - the name of a fault
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - the name of a fault
    DROP_SKUS = "drop_skus"
    DUPLICATE_ROWS = "duplicate_rows"
    BAD_NUMBERS = "bad_numbers"
    LATE_ORDERS = "late_orders"
    OLD_ORDERS = "old_orders"


OF_LINES = frozenset({FaultKind.PARTIAL, FaultKind.LATE_APPLY})
"""The faults that need lines to strike; a mock without writes refuses them."""

OF_ORDERS = frozenset({FaultKind.LATE_ORDERS, FaultKind.OLD_ORDERS})
"""The faults that need a feed of orders to strike; a mock that tells no orders refuses them."""

_PARAMETERS: Mapping[FaultKind, frozenset[str]] = {
    FaultKind.THROTTLE: frozenset({"retry_after", "lines", "ids"}),
    FaultKind.SERVER_ERROR: frozenset({"status", "applied", "retry_after"}),
    FaultKind.DELAY: frozenset({"seconds", "when"}),
    FaultKind.RESET: frozenset({"applied"}),
    FaultKind.PARTIAL: frozenset({"lines", "ids", "error", "applied"}),
    FaultKind.LATE_APPLY: frozenset({"seconds", "ids"}),
    FaultKind.GARBAGE: frozenset({"body"}),
    FaultKind.HALF_PAGE: frozenset({"status"}),
    FaultKind.DROP_SKUS: frozenset({"share"}),
    FaultKind.DUPLICATE_ROWS: frozenset({"lines", "differ"}),
    FaultKind.BAD_NUMBERS: frozenset({"lines", "column", "value"}),
    FaultKind.LATE_ORDERS: frozenset({"seconds"}),
    FaultKind.OLD_ORDERS: frozenset({"lines"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong, and at which calls.

    It strikes calls whose `method` and `path` match (globs), on `page` only where that is not 0, carrying one
    of `ids` only where there are any; it lets `after` of them pass, then strikes `times` of them (0: until it
    is cleared), each with `probability`.

    - `throttle`: 429, with `Retry-After` where `retry_after` is given; with `lines` or `ids` only these.
    - `server_error`: `status` (also 403 or 404), before anything took effect, or after it where `applied`;
      with `Retry-After` where `retry_after` is given.
    - `delay`: the call waits `when` = "before" it takes effect or "after" it, for `seconds` of the mock's
      clock, or without them until it is released. A caller that gives up does not stop it.
    - `lost_reply`: it takes effect, then the connection is closed without an answer.
    - `reset`: the connection is reset, before it takes effect unless `applied`.
    - `partial`: `lines` lines (or those of `ids`) are refused with `error`, or left out of the answer where
      `error` is empty; they take effect all the same where `applied`.
    - `late_apply`: accepted and answered now, takes effect after `seconds` of the mock's clock.
    - `cut_body`, `garbage`: half of the answer, or `body` instead of it.
    - `empty`, `half_page`: no rows; half of a page's rows, or `status` for this page.
    - `token_expired`, `token_revoked`: 401.
    - `drop_skus`: the reading leaves out a `share` of its rows, always the same ones.
    - `duplicate_rows`: `lines` rows come twice, with another figure where `differ`.
    - `bad_numbers`: `lines` rows carry `value` in `column`, or in turn a text, a negative and a huge number.
    - `late_orders`: the feed does not know yet what happened to orders in the last `seconds`.
    - `old_orders`: `lines` orders of a page come as they were before their newest change.
    """

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    page: int = 0
    after: int = 0
    times: int = 1
    probability: float = 1.0
    status: int = 0
    applied: bool = False
    retry_after: float | None = None
    seconds: float | None = None
    when: str = "before"
    lines: int = 0
    ids: tuple[str, ...] = ()
    error: str = "rejected"
    share: float = 0.1
    differ: bool = False
    column: str = ""
    value: Any = None
    body: str = "<html>busy</html>"

    def matches(self, call: Call) -> bool:
        """Return True where the call is one that the fault may strike."""
        return (
            fnmatchcase(call.method, self.method)
            and fnmatchcase(call.path, self.path)
            and self.page in (0, call.page)
            and (not self.ids or any(listing in self.ids for listing in call.listings))
        )

    def strikes_line(self, listing: str, n: int) -> bool:
        """Return True where line `n` of a call is meant by `ids`; without them the first ones are."""
        if self.ids:
            return listing in self.ids
        return n < max(self.lines, 1)


Strikes = Mapping[FaultKind, Fault]
"""The faults that strike one call."""


def read_faults(document: object) -> list[Fault]:
    """Read the list that `/_mock/faults` takes; nothing of it where one is wrong."""
    entries = document.get("faults") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise MockError("faults: must be a list of faults, [] to clear them")
    return [_read_fault(Fields(entry, f"faults[{n}]")) for n, entry in enumerate(entries)]


def _read_fault(entry: Fields) -> Fault:
    kind = _read_kind(entry)
    known = _PARAMETERS.get(kind, frozenset())
    given = {name: reader(entry) for name, reader in _READERS.items() if name in known and entry.has(name)}
    fault = Fault(
        kind=kind,
        method=entry.text("method", "*"),
        path=entry.text("path", "*"),
        page=entry.whole("page", 0, least=0),
        after=entry.whole("after", 0, least=0),
        times=entry.whole("times", 1, least=0),
        probability=entry.number("probability", 1.0, most=1.0),
        **given,
    )
    entry.done()
    if kind is FaultKind.LATE_APPLY and fault.seconds is None:
        raise MockError(f"{entry.at('seconds')}: is missing, write after how many seconds it takes effect")
    if kind is FaultKind.LATE_ORDERS and fault.seconds is None:
        raise MockError(f"{entry.at('seconds')}: is missing, write how many seconds the feed is behind")
    return fault


def _read_kind(entry: Fields) -> FaultKind:
    word = entry.text("kind")
    if word not in set(FaultKind):
        raise MockError(f"{entry.at('kind')}: must be one of {', '.join(FaultKind)}")
    return FaultKind(word)


def _read_status(entry: Fields) -> int:
    status = entry.whole("status", least=_LEAST_ERROR_STATUS)
    if status > _MOST_STATUS:
        raise entry.wrong("status", "an error status from 400 to 599")
    return status


def _read_when(entry: Fields) -> str:
    word = entry.text("when")
    if word not in ("before", "after"):
        raise entry.wrong("when", '"before" or "after"')
    return word


_READERS: Mapping[str, Any] = {
    "status": _read_status,
    "applied": lambda entry: entry.flag("applied", default=False),
    "retry_after": lambda entry: entry.number("retry_after", 0.0),
    "seconds": lambda entry: entry.number("seconds", 0.0),
    "when": _read_when,
    "lines": lambda entry: entry.whole("lines", least=1),
    "ids": lambda entry: entry.texts("ids"),
    "error": lambda entry: entry.text("error", ""),
    "share": lambda entry: entry.number("share", 0.0, most=1.0),
    "differ": lambda entry: entry.flag("differ", default=False),
    "column": lambda entry: entry.text("column"),
    "value": lambda entry: entry.raw("value"),
    "body": lambda entry: entry.text("body", ""),
}


@dataclass(slots=True, kw_only=True)
class _Planned:
    """A fault with what became of it so far."""

    fault: Fault
    rng: random.Random
    seen: int = 0
    struck: int = 0

    def draw(self, call: Call) -> bool:
        fault = self.fault
        if not fault.matches(call):
            return False
        self.seen += 1
        if self.seen <= fault.after or 0 < fault.times <= self.struck:
            return False
        if fault.probability < 1 and self.rng.random() >= fault.probability:
            return False
        self.struck += 1
        return True


@dataclass(slots=True)
class FaultPlan:
    """The faults in force; the same seed and the same calls give the same strikes."""

    seed: int = 0
    _planned: list[_Planned] = field(default_factory=list)

    def replace(self, faults: Sequence[Fault]) -> None:
        """Put these faults in force instead of those before; each has dice of its own."""
        self._planned = [
            _Planned(fault=fault, rng=random.Random(f"{self.seed}/{n}/{fault.kind}"))
            for n, fault in enumerate(faults)
        ]

    def draw(self, call: Call) -> Strikes:
        """Return the faults that strike this call, the first of each kind."""
        if not self._planned:
            return {}
        struck = [planned.fault for planned in self._planned if planned.draw(call)]
        return {fault.kind: fault for fault in reversed(struck)}

    def as_json(self) -> list[dict[str, object]]:
        """Return each fault's kind, the calls it matched and those it struck, in the order of the plan."""
        return [
            {"kind": planned.fault.kind, "seen": planned.seen, "struck": planned.struck}
            for planned in self._planned
        ]
