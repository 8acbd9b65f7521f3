"""An alert as the state keeps it."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from syncd.domain.alerts.kinds import AlertKind, Level

Json: TypeAlias = dict[str, Any]
Fact: TypeAlias = str | int | float
Facts: TypeAlias = Mapping[str, Fact]

_LONGEST = 300


class Due(StrEnum):
    """What people are still to be told of an alert: nothing, its begin, its end, or that it came and went."""

    NOTHING = ""
    BEGIN = "begin"
    END = "end"
    PASSED = "passed"


class Key(NamedTuple):
    """What tells an alert from the others that are open: its kind, where it is, and about what."""

    kind: AlertKind
    place: str
    thing: str


class AlertRow(NamedTuple):
    """One alert, from its begin to its end.

    `facts` is an object of JSON. `seen_at` is when it was last heard of. `calm_at` is since when one that
    comes and goes (`flapping`) is calm, None while it is on. `times` counts how often it came in a row. What
    is `due` became so at `due_at`; `told_at` is when people were last told of it, None while they were not.
    `owed` names the targets that did not get the last message yet, each followed by a line feed.
    """

    id: int
    kind: AlertKind
    level: Level
    place: str
    thing: str
    facts: str
    began_at: datetime
    seen_at: datetime
    calm_at: datetime | None
    ended_at: datetime | None
    times: int
    flapping: bool
    due: Due
    due_at: datetime
    told_at: datetime | None
    owed: str
    acked_at: datetime | None
    acked_by: str

    @property
    def key(self) -> Key:
        """Return what tells it from the other open ones."""
        return Key(self.kind, self.place, self.thing)

    @property
    def is_open(self) -> bool:
        """Return whether it goes on."""
        return self.ended_at is None

    @property
    def is_live(self) -> bool:
        """Return whether it goes on or somebody is still to be told of it."""
        return self.is_open or self.due is not Due.NOTHING or bool(self.owed)

    @property
    def known(self) -> dict[str, Fact]:
        """Return its facts."""
        read: dict[str, Fact] = json.loads(self.facts)
        return read

    @property
    def owing(self) -> tuple[str, ...]:
        """Return the targets that did not get the last message yet."""
        return tuple(self.owed.splitlines())


def owed_text(targets: tuple[str, ...]) -> str:
    """Return what a row keeps of `targets`."""
    return "".join(f"{name}\n" for name in targets)


def facts_text(facts: Mapping[str, object], names: tuple[str, ...]) -> str:
    """Return the facts that are among `names`, as a row keeps them; empty ones are left out."""
    kept = {name: plain(facts[name]) for name in names if facts.get(name) not in (None, "")}
    return json.dumps(kept, ensure_ascii=False)


def plain(value: object) -> Fact:
    """Return a fact as a number or as one line of text that can be printed and is not long."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    line = " ".join(str(value).split())
    text = "".join(sign if sign.isprintable() else "?" for sign in line)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
