"""What happened in each shop minute by minute, for the last hours: what small plots are drawn from.

It lives in memory and begins anew with the process; the ledger is what remembers.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias

from syncd.domain.model import ShopName
from syncd.ports.clock import Clock

Json = dict[str, Any]
Facts: TypeAlias = Mapping[str, Any]

KEPT = 180
"""So many minutes are kept of every shop."""

MOST = 500
"""Of so many shops at most."""

STEP = 60
"""The seconds of one bucket."""

_SUMS = ("done", "refused", "calls", "throttled", "raised_units", "lowered_units")
_OLDEST = "oldest_decrease_seconds"


class Series(Protocol):
    """The last hours of every shop."""

    def document(self, shop: ShopName) -> Json:
        """Return one number a minute for each figure, oldest first, and the running minute last.

        `since` is when the first minute began, None where there is none yet; all lists are of one length.
        The age of the oldest decrease is the highest of its minute, None where nobody looked.
        """
        ...


@dataclass(slots=True)
class _Minute:
    number: int
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SUMS, 0))
    oldest: float | None = None


class MinuteSeries:
    """Listens to events and counts them by shop and minute.

    `note_age` is told now and then how long the oldest decrease of a shop waits.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minutes: dict[object, deque[_Minute]] = {}
        self._takes: Mapping[str, Callable[[_Minute, Facts], None]] = {
            "pushed": _pushed,
            "changed": _changed,
        }

    def tell(self, name: str, /, **facts: object) -> None:
        """Count what an event says of a shop."""
        take = self._takes.get(name)
        if take is not None and (minute := self._running(facts.get("shop"))) is not None:
            take(minute, facts)

    def note_age(self, shop: ShopName, seconds: float) -> None:
        """Note how long the oldest decrease of a shop has been waiting by now, 0 where none does."""
        if (minute := self._running(shop)) is not None:
            minute.oldest = max(minute.oldest or 0.0, seconds)

    def document(self, shop: ShopName) -> Json:
        """Return one number a minute for each figure, oldest first."""
        minutes = self._minutes.get(shop)
        if not minutes:
            return {"since": None, "step_seconds": STEP} | {name: [] for name in (*_SUMS, _OLDEST)}
        last = max(self._now(), minutes[-1].number)
        first = max(minutes[0].number, last - KEPT + 1)
        known = {minute.number: minute for minute in minutes}
        row = [known.get(number, _Minute(number)) for number in range(first, last + 1)]
        return {
            "since": datetime.fromtimestamp(first * STEP, UTC).isoformat(),
            "step_seconds": STEP,
            **{name: [minute.sums[name] for minute in row] for name in _SUMS},
            _OLDEST: [minute.oldest for minute in row],
        }

    def _running(self, shop: object) -> _Minute | None:
        """Return the minute that runs; None of one shop more than anybody has."""
        minutes = self._minutes.get(shop)
        if minutes is None:
            if len(self._minutes) >= MOST:
                return None
            minutes = self._minutes[shop] = deque(maxlen=KEPT)
        number = self._now()
        # A clock that is set back goes on with the minute that was the last.
        if not minutes or minutes[-1].number < number:
            minutes.append(_Minute(number))
        return minutes[-1]

    def _now(self) -> int:
        return int(self._clock.now().timestamp()) // STEP


def _pushed(minute: _Minute, facts: Facts) -> None:
    for name in ("done", "refused", "calls", "throttled"):
        minute.sums[name] += facts.get(name, 0)


def _changed(minute: _Minute, facts: Facts) -> None:
    old, new = facts.get("old"), facts.get("new")
    if old is not None and new is not None:
        minute.sums["raised_units" if new > old else "lowered_units"] += abs(new - old)
