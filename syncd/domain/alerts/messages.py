"""What goes out: alerts told together, and what becomes of messages that could not be sent."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from heapq import merge
from operator import itemgetter

from syncd.domain.alerts.kinds import TRAITS, AlertKind, Level
from syncd.domain.alerts.records import AlertRow

_KEY = itemgetter(0)
_PORTION = 5000

MOST_KEPT = 1000
"""So many alerts wait for a target that cannot be reached."""


class Phase(StrEnum):
    """What a message says of its alerts.

    They began, are over, go on all the same, come and go; or they are what came in the quiet hours, or what
    could not be sent before.
    """

    BEGIN = "begin"
    END = "end"
    REMINDER = "reminder"
    FLAPPING = "flapping"
    QUIET = "quiet"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Alerts that are told together, the worst first; `left_out` more did not fit.

    They are of one kind and place but where the phase is `QUIET` or `MISSED`.
    """

    phase: Phase
    at: datetime
    rows: tuple[AlertRow, ...]
    left_out: int = field(default=0)

    @property
    def level(self) -> Level:
        """Return how bad the worst is."""
        return self.rows[0].level

    def only(self, keep: Callable[[AlertRow], bool]) -> "Message | None":
        """Return the message with the rows that `keep` wants, None where that are none."""
        rows = tuple(filter(keep, self.rows))
        return replace(self, rows=rows) if rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which alerts a target takes: of at least a level, of some kinds, about some shops; None for all.

    What is about no shop, as a pool or a source, is for everybody.
    """

    min_level: Level = Level.INFO
    kinds: frozenset[AlertKind] | None = None
    shops: frozenset[str] | None = None
    never: str = ""

    def takes(self, row: AlertRow) -> bool:
        """Return whether the target wants to know of an alert; never of that it cannot be reached itself."""
        if row.level.rank < self.min_level.rank or (self.kinds is not None and row.kind not in self.kinds):
            return False
        if row.kind is AlertKind.TARGET_FAILING and row.place == self.never:
            return False
        return self.shops is None or TRAITS[row.kind].place != "shop" or row.place in self.shops


def worst_first(rows: Iterable[AlertRow]) -> tuple[AlertRow, ...]:
    """Return the rows of a message in the order of their badness, those as bad as others by age and id."""
    keyed = [(_badness(row), row) for row in rows]
    # In portions: as long as Python sorts one list, no other thread goes on.
    portions = (sorted(keyed[at : at + _PORTION], key=_KEY) for at in range(0, len(keyed), _PORTION))
    return tuple(row for _, row in merge(*portions, key=_KEY))


def merged(waiting: Sequence[Message], at: datetime) -> Message:
    """Return what could not be sent as one message: the newest state of each alert, the worst if too many."""
    newest = reduce(lambda known, message: known | {row.id: row for row in message.rows}, waiting, _none())
    rows = worst_first(newest.values())
    lost = sum(message.left_out for message in waiting if message.phase is Phase.MISSED)
    return Message(
        phase=Phase.MISSED,
        at=at,
        rows=rows[:MOST_KEPT],
        left_out=lost + max(len(rows) - MOST_KEPT, 0),
    )


def _none() -> dict[int, AlertRow]:
    return {}


def _badness(row: AlertRow) -> tuple[float, bool, float, datetime, int]:
    traits = TRAITS[row.kind]
    figure = row.known.get(traits.worst, 0) if traits.worst else 0
    amount = float(figure) if isinstance(figure, int | float) else 0.0
    # What goes on comes before what is over.
    return -row.level.rank, not row.is_open, -amount if traits.worst_is_most else amount, row.began_at, row.id
