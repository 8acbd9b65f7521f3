"""Decide in one go what becomes of all that was heard; it waits for nothing, so a thread may do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from syncd.domain.alerts.messages import Filter, Message, Phase, worst_first
from syncd.domain.alerts.records import AlertRow
from syncd.domain.alerts.register import Register
from syncd.domain.alerts.rules import AlertRules
from syncd.domain.alerts.sights import SEEN, Sight, over, relooked, seen
from syncd.domain.alerts.signals import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen in the state: how things stand, and the live alerts, with who acknowledged them."""

    sight: Sight
    live: Sequence[AlertRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard since the last time: signals, what `arrived` at which target, and perhaps a look."""

    at: datetime
    signals: Sequence[Signal] = ()
    arrived: Sequence[tuple[str, Sequence[AlertRow]]] = ()
    look: Look | None = None

    @property
    def size(self) -> int:
        """Return of how many alerts something was heard."""
        seen = 0 if self.look is None else len(self.look.live)
        return len(self.signals) + sum(len(rows) for _, rows in self.arrived) + seen


class Parcel(NamedTuple):
    """The part of a message that a target gets."""

    target: str
    message: Message


class Decided(NamedTuple):
    """What to write down first, and what to send then."""

    rows: Sequence[AlertRow]
    parcels: Sequence[Parcel]


class Decider:
    """Keeps the register of a process that began at `began`; `filters` are the targets' by their names."""

    def __init__(
        self, register: Register, rules: AlertRules, filters: Mapping[str, Filter], began: datetime
    ) -> None:
        self.register = register
        self._rules = rules
        self._filters = filters
        self._began = began

    def missed(self, now: datetime) -> list[Parcel]:
        """Return what an earlier process could not send."""
        owed = {name: [row for row in self.register.rows if name in row.owing] for name in self._filters}
        return [
            Parcel(name, Message(phase=Phase.MISSED, at=now, rows=worst_first(rows)))
            for name, rows in owed.items()
            if rows
        ]

    def decide(self, heard: Heard) -> Decided:
        """Return what becomes of what was heard, and of the time that passed."""
        self._note(heard)
        parcels = [parcel for message in self.register.due(heard.at) for parcel in self._parcels(message)]
        rows = self.register.changed(touched=heard.look is not None)
        return Decided(rows=rows, parcels=parcels)

    def last(self, heard: Heard) -> Sequence[AlertRow]:
        """Return what to write down of what was heard at the very end; it is told after the next start."""
        self._note(heard)
        return self.register.changed(touched=True)

    def _note(self, heard: Heard) -> None:
        register, now = self.register, heard.at
        for name, rows in heard.arrived:
            register.sent(name, rows)
        register.take(heard.signals, now)
        if heard.look is not None:
            sight = heard.look.sight
            register.acknowledged(heard.look.live)
            register.look(SEEN, seen(sight, self._rules), now)
            register.take(over(sight, register.rows, self._began), now)
            register.take(relooked(sight), now)

    def _parcels(self, message: Message) -> list[Parcel]:
        """Return who gets which part of a message, and note down that it is owed to them."""
        for row in message.rows:
            takers = [name for name, wanted in self._filters.items() if wanted.takes(row)]
            self.register.owe(row, takers)
        parts = [(name, message.only(wanted.takes)) for name, wanted in self._filters.items()]
        return [Parcel(name, part) for name, part in parts if part is not None]
