"""Alerts in the state, and the ways by which they reach people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from syncd.domain.alerts.kinds import Level
from syncd.domain.alerts.messages import Message
from syncd.domain.alerts.records import AlertRow


class AlertStore(Protocol):
    """What was the matter; kept so that a restart tells nothing twice and forgets nothing."""

    async def live_alerts(self) -> Sequence[AlertRow]:
        """Return the alerts that go on, and those of which somebody is still to be told, by id."""
        ...

    async def open_alerts(self) -> Mapping[Level, int]:
        """Return how many alerts go on, by level; none of a level that has none."""
        ...

    async def alerts(self, *, before: int | None = None, limit: int = 100) -> Sequence[AlertRow]:
        """Return the newest alerts with an id below `before`, also those that are over, newest first."""
        ...

    async def save_alerts(self, rows: Sequence[AlertRow]) -> None:
        """Upsert alerts by id; of one that is there already, who acknowledged it stays as it is."""
        ...

    async def acknowledge(self, alert: int, *, at: datetime, by: str) -> bool:
        """Note down that a person knows of an alert; return False if there is none of that id."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message on its way to people: in words, with the `message` it was made from, None of a test."""

    level: Level
    title: str
    body: str
    message: Message | None = None


class AlertSink(Protocol):
    """A way to people. It keeps nothing and tries once; whoever calls it repeats."""

    async def send(self, notice: Notice) -> None:
        """Send one message; returns once it was accepted.

        Raises:
            PortError: it was not, or nobody knows; the words carry no secret, not even an address.
        """
        ...
