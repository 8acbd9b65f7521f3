"""A register of alerts on a desk, with a clock by hand and all that it ever said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from syncd.domain.alerts.kinds import AlertKind
from syncd.domain.alerts.messages import Message, Phase
from syncd.domain.alerts.records import AlertRow
from syncd.domain.alerts.register import Register
from syncd.domain.alerts.rules import AlertRules
from syncd.domain.alerts.signals import Clear, Raise, cleared, raised, signals_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RULES = AlertRules()


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
