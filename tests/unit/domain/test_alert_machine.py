"""Whatever happens in whatever order: told once while it goes on, one recovery for that, none lost."""

from datetime import time, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from syncd.domain.alerts.kinds import Level
from syncd.domain.alerts.messages import Message, Phase
from syncd.domain.alerts.rules import Quiet
from tests.unit.domain.alert_desk import AlertDesk, with_rules

SKUS = st.sampled_from(["A", "B", "C"])
EVENTS = st.sampled_from(["low_stock", "oversold"])
DAY, NIGHT = Quiet(time(13), time(15)), Quiet(time(14), time(13))
QUIET = st.sampled_from([{}, {Level.WARNING: DAY}, {Level.CRITICAL: NIGHT}])

OPENS = (Phase.BEGIN, Phase.FLAPPING, Phase.QUIET)


class AlertMachine(RuleBasedStateMachine):
    """Compares what was told of every alert with what really was on."""

    @initialize(quiet=QUIET)
    def begin(self, quiet: dict[Level, Quiet]) -> None:
        rules = with_rules(quiet=quiet, remind_after=timedelta(0), flap_for=timedelta(minutes=20))
        self.desk = AlertDesk(rules)
        self.on: set[tuple[str, str]] = set()
        self.known_open: set[int] = set()
        self.read = 0

    @rule(name=EVENTS, sku=SKUS)
    def comes(self, name: str, sku: str) -> None:
        self.desk.tell(name, pool="main", sku=sku, units=1)
        self.on.add((name, sku))

    @rule(name=EVENTS, sku=SKUS)
    def goes(self, name: str, sku: str) -> None:
        self.desk.tell(f"{name}_over", pool="main", sku=sku)
        self.on.discard((name, sku))

    @rule(minutes=st.sampled_from([0.1, 0.5, 1.0, 3.0, 30.0, 300.0]))
    def time_passes(self, minutes: float) -> None:
        self.desk.wait(minutes=minutes)

    @rule()
    def starts_again(self) -> None:
        self.desk.restart()

    @invariant()
    def each_is_told_once_while_it_goes_on_and_has_one_recovery(self) -> None:
        if not hasattr(self, "desk"):
            return
        said, self.read = self.desk.said[self.read :], len(self.desk.said)
        for message in said:
            self._hear(message)

    def _hear(self, message: Message) -> None:
        for row in message.rows:
            if row.is_open:
                assert row.id not in self.known_open, "told again while it goes on"
                assert message.phase in OPENS
                self.known_open.add(row.id)
            elif message.phase is Phase.END:
                assert row.id in self.known_open, "a recovery of what was never told"
                self.known_open.remove(row.id)
            else:
                # The summary tells of ends, and of what came and went unheard.
                assert message.phase is Phase.QUIET
                self.known_open.discard(row.id)

    @invariant()
    def what_is_on_is_open(self) -> None:
        if hasattr(self, "desk"):
            keys = {(row.kind.value, row.thing) for row in self.desk.open}
            assert self.on <= keys

    def teardown(self) -> None:
        """After a long calm time people know exactly what goes on."""
        if hasattr(self, "desk"):
            for _ in range(4):
                self.desk.wait(hours=10)
                self.each_is_told_once_while_it_goes_on_and_has_one_recovery()
            known = {
                (row.kind.value, row.thing) for row in self.desk.state.values() if row.id in self.known_open
            }
            assert known == self.on
            assert {(row.kind.value, row.thing) for row in self.desk.open} == self.on


AlertMachine.TestCase.settings = settings(stateful_step_count=30)
TestAlertMachine = AlertMachine.TestCase
