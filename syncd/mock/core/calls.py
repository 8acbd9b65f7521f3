"""What a mock remembers of the calls it received."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

from syncd.mock.fields import show_time

KEPT = 100_000
"""How many calls the log keeps; the counts go on beyond it."""


@dataclass(slots=True, kw_only=True)
class Call:
    """One call as it came in and what became of it.

    `quantities[i]` is the figure sent for `listings[i]` (a difference for a delta), None where there was none
    that could be read; `applied[i]` says whether it took effect, also where no answer told so;
    a line that takes effect later has False. `status` 0
    means that no answer was sent, or not yet.
    """

    at: datetime
    method: str
    path: str
    route: str
    query: str = ""
    page: int = 0
    listings: tuple[str, ...] = ()
    quantities: tuple[int | None, ...] = ()
    keys: tuple[str, ...] = ()
    applied: list[bool] = field(default_factory=list)
    status: int = 0
    faults: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the call as `/_mock/calls` shows it."""
        return {
            "at": show_time(self.at),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "listings": self.listings,
            "quantities": self.quantities,
            "keys": self.keys,
            "applied": self.applied,
            "status": self.status,
            "faults": self.faults,
        }


class CallLog:
    """The calls in the order they came in, and counts for budgets.

    `counts` is by route (`POST /listings/{id}/delist` is one), `lines` the quantities written in all of them.
    """

    def __init__(self) -> None:
        self.calls: deque[Call] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.lines = 0
        self.held = 0
        self._closed = False
        self._news = asyncio.Event()

    @property
    def total(self) -> int:
        """Return how many calls came in since the log was cleared."""
        return self.counts.total()

    def record(self, call: Call) -> Call:
        """Take in a call before anything else happens to it."""
        self.calls.append(call)
        self.counts[call.route] += 1
        self.lines += len(call.quantities)
        self._tell()
        return call

    def answered(self, call: Call, status: int) -> None:
        """Record how a call was answered; 0 for not at all."""
        call.status = status
        self.statuses[status] += 1
        self._tell()

    def hold(self, change: int) -> None:
        """Record that a call is held now (+1) or no longer (-1)."""
        self.held += change
        self._tell()

    def clear(self) -> None:
        """Forget all calls and counts; calls that are still held stay so."""
        self.calls.clear()
        self.counts.clear()
        self.statuses.clear()
        self.lines = 0

    def close(self) -> None:
        """End every wait; nothing more will come."""
        self._closed = True
        self._tell()

    async def reached(self, *, total: int = 0, answered: int = 0, held: int = 0) -> None:
        """Return once so many calls came in, are through, and are held at this moment, or the mock ends."""
        while not self._closed and (
            self.total < total or self.statuses.total() < answered or self.held < held
        ):
            await self._news.wait()

    def as_json(self) -> dict[str, object]:
        """Return the log as `/_mock/calls` shows it."""
        return {
            "total": self.total,
            "counts": dict(self.counts),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "lines": self.lines,
            "held": self.held,
            "calls": [call.as_json() for call in self.calls],
        }

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
