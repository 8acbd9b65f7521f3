"""How people want to be told, as values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo

from syncd.domain.alerts.kinds import TRAITS, AlertKind, Level
from syncd.domain.alerts.records import AlertRow
from syncd.domain.model import SourceName

CRITICAL_WAIT = timedelta(seconds=5)
"""How long something critical waits for more of its kind."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of a day in which nothing is told, by the clock on the wall; they may go over midnight."""

    begin: time
    end: time

    def holds(self, at: datetime, zone: tzinfo) -> bool:
        """Return whether `at` lies in them; the end is outside."""
        wall = at.astimezone(zone).time()
        if self.begin <= self.end:
            return self.begin <= wall < self.end
        return wall >= self.begin or wall < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """What becomes an alert, and when it is told.

    `levels` are those of kinds that differ from the usual; a kind in `off` is no alert at all. What is below
    `min_level` is kept and told to nobody. Alerts of a kind and place that come within `group_for` are one
    message. A critical one that goes on is told again every `remind_after`, never where that is zero. One
    that came more than `flaps` times, each within `flap_for` of the last, comes and goes: it is told once so,
    and over when it is calm for as long. `oldest_decrease` may wait so long. `max_ages` says how old the
    figures of each source may be. `places` are the names that there are, by what they name: what is about
    others is over.
    """

    min_level: Level = Level.INFO
    levels: Mapping[AlertKind, Level] = field(default_factory=dict)
    off: frozenset[AlertKind] = frozenset()
    quiet: Mapping[Level, Quiet] = field(default_factory=dict)
    zone: tzinfo = UTC
    group_for: timedelta = timedelta(minutes=1)
    remind_after: timedelta = timedelta(hours=4)
    flaps: int = 3
    flap_for: timedelta = timedelta(minutes=30)
    oldest_decrease: timedelta = timedelta(minutes=10)
    max_ages: Mapping[SourceName, float] = field(default_factory=dict)
    places: Mapping[str, Collection[str]] = field(default_factory=dict)

    def level(self, kind: AlertKind, *, urgent: bool = False) -> Level:
        """Return how bad a kind is here."""
        return self.levels.get(kind, Level.CRITICAL if urgent else TRAITS[kind].level)

    def concerns(self, row: AlertRow) -> bool:
        """Return whether an alert is about something that is still there, and not switched off."""
        names = self.places.get(TRAITS[row.kind].place)
        return row.kind not in self.off and (names is None or row.place in names)

    def is_quiet(self, level: Level, at: datetime) -> bool:
        """Return whether nothing of `level` is told at that time."""
        quiet = self.quiet.get(level)
        return quiet is not None and quiet.holds(at, self.zone)

    def wait(self, level: Level) -> timedelta:
        """Return how long one waits for more of its kind."""
        return min(self.group_for, CRITICAL_WAIT) if level is Level.CRITICAL else self.group_for
