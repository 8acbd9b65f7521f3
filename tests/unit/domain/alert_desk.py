"""A register of alerts on a desk, with a clock by hand and all that it ever said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from syncd.domain.alerts.kinds import TRAITS, AlertKind
from syncd.domain.alerts.messages import Message, Phase, worst_first
from syncd.domain.alerts.records import AlertRow, Due, facts_text
from syncd.domain.alerts.register import Register
from syncd.domain.alerts.rules import AlertRules
from syncd.domain.alerts.signals import Clear, Raise, cleared, raised, signals_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RULES = AlertRules()

_FACTS = {
    "units": 3,
    "sku": "MUG",
    "listing": "101",
    "because": "why",
    "error": "down",
    "minutes": 75,
    "limit": 60,
    "count": 4,
    "days": 5,
    "expires": "2026-03-07",
    "by": -2,
    "code": "1-MUG",
    "cause": "snapshot",
    "rule": "pools.main",
    "order": "7",
    "hint": "look",
    "seconds": 3600,
}


class AlertDesk:
    """Lets time pass in seconds, as the service does, and keeps the rows as the state would."""

    def __init__(self, rules: AlertRules = RULES, now: datetime = NOON) -> None:
        self.rules = rules
        self.now = now
        self.state: dict[int, AlertRow] = {}
        self.said: list[Message] = []
        self.register = Register(rules, now)

    def tell(self, name: str, **facts: object) -> None:
        self.register.take(signals_of(name, facts), self.now)

    def on(self, kind: AlertKind = AlertKind.SHOP_FAILING, **facts: object) -> None:
        self.register.take([shop_signal(kind, facts)], self.now)

    def off(self, kind: AlertKind = AlertKind.SHOP_FAILING, **facts: object) -> None:
        self.register.take([cleared(kind, {"shop": "web", **facts})], self.now)

    def wait(self, seconds: float = 0, **more: float) -> list[Message]:
        """Let time pass in ten steps; return what was said in them."""
        said, step = [], timedelta(seconds=seconds, **more) / 10
        for _ in range(10):
            self.now += step
            said += self.round()
        return said

    def round(self) -> list[Message]:
        said = self.register.due(self.now)
        self.keep()
        self.said += said
        return said

    def keep(self) -> None:
        for row in self.register.changed(touched=True):
            self.state[row.id] = row

    def restart(self, rules: AlertRules | None = None) -> None:
        """Begin again with what the state has."""
        self.keep()
        self.rules = rules or self.rules
        rows = list(self.state.values())
        live = [row for row in rows if row.is_live]
        self.register = Register(
            self.rules, self.now, live=live, recent=rows, last=max(self.state, default=0)
        )

    @property
    def open(self) -> list[AlertRow]:
        return [row for row in self.register.rows if row.is_open]


def shop_signal(kind: AlertKind, facts: dict[str, object]) -> Raise:
    return raised(kind, {"shop": "web", "error": "down", **facts})


def shop_over(kind: AlertKind = AlertKind.SHOP_FAILING) -> Clear:
    return cleared(kind, {"shop": "web"})


def phases(messages: Sequence[Message]) -> list[Phase]:
    return [message.phase for message in messages]


def with_rules(**values: object) -> AlertRules:
    return replace(RULES, **values)  # type: ignore[arg-type]


def row_of(
    kind: AlertKind = AlertKind.LOW_STOCK, number: int = 1, thing: str = "MUG", units: int = 3
) -> AlertRow:
    traits = TRAITS[kind]
    return AlertRow(
        id=number,
        kind=kind,
        level=traits.level,
        place="main" if traits.place else "",
        thing=thing if traits.thing else "",
        facts=facts_text({**_FACTS, "units": units}, traits.facts),
        began_at=NOON,
        seen_at=NOON,
        calm_at=None,
        ended_at=None,
        times=1,
        flapping=False,
        due=Due.NOTHING,
        due_at=NOON,
        told_at=None,
        owed="",
        acked_at=None,
        acked_by="",
    )


def message(*rows: AlertRow, phase: Phase = Phase.BEGIN) -> Message:
    return Message(phase=phase, at=NOON, rows=worst_first(rows))
