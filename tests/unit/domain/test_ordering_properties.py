"""Whatever the order in which news comes, claims are the same, and nothing is counted zero times."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from syncd.domain.ordering import Deducts, Occupies, OrderRules, Restores
from syncd.domain.orders import OrderLine, Stage
from tests.unit.domain.oracle_orders import claimed
from tests.unit.domain.order_cases import SURE, Desk, at, line, listing, silent

RULES = st.builds(
    OrderRules,
    occupies=st.sampled_from(Occupies),
    deducts=st.sampled_from(Deducts),
    restores_unpaid=st.sampled_from(Restores),
    restores_paid=st.sampled_from(Restores),
)


@st.composite
def versions(draw: st.DrawFn) -> OrderLine:
    units = draw(st.integers(0, 4))
    stage = draw(st.sampled_from(Stage))
    modified = at(draw(st.integers(0, 3)))
    return line(
        draw(st.sampled_from("123")),
        units=units,
        released=draw(st.integers(0, units)),
        shipped=draw(st.integers(0, units)),
        stage=stage,
        paid=None if stage is Stage.UNPAID else draw(st.sampled_from([None, at(0)])),
        modified=modified,
        replaces=draw(st.sampled_from(["", "", "", "9"])),
    )


def taken(rules: OrderRules, batches: list[list[OrderLine]]) -> Desk:
    desk = Desk(rules)
    for batch in batches:
        desk.take(*batch, now=5)
    return desk


@given(RULES, st.lists(versions(), max_size=8), st.sampled_from([5, 100]))
def test_claims_are_what_the_newest_versions_say(rules: OrderRules, lines: list[OrderLine], now: int) -> None:
    desk = Desk(rules)
    desk.take(*lines, now=now)

    over = at(0) + rules.hold + rules.grace + rules.skew
    assert desk.claimed() == claimed(lines, occupies=rules.occupies.value, hold_over=over, now=at(now))


@given(RULES, st.lists(versions(), max_size=8), st.randoms(use_true_random=False), st.integers(1, 4))
def test_neither_order_of_arrival_nor_repetition_nor_overlap_changes_a_claim(
    rules: OrderRules, lines: list[OrderLine], random: Random, size: int
) -> None:
    mixed = [*lines, *lines[: len(lines) // 2]]
    random.shuffle(mixed)
    batches = [mixed[start : start + size] for start in range(0, len(mixed), size)]

    one, other = taken(rules, [lines]), taken(rules, batches)

    units = [{name: claim.units for name, claim in desk.claims.items()} for desk in (one, other)]
    assert units[0] == units[1]


@given(RULES, st.lists(st.lists(versions(), max_size=4), max_size=4), st.integers(0, 12))
def test_no_claim_and_no_counter_is_ever_negative(
    rules: OrderRules, batches: list[list[OrderLine]], shown: int
) -> None:
    desk = taken(rules, batches)
    desk.read(shown, *(batches[0] if batches else ()), now=6)

    assert all(claim.units > 0 for claim in desk.claims.values())
    lo, hi = desk.expected()
    assert lo is not None
    assert hi is not None
    assert 0 <= lo <= hi


class Sales(RuleBasedStateMachine):
    """A shop, its buyers, an ERP and an intake in any interleaving.

    What may be sold elsewhere is the ERP's figure less claims and less what the counter can read. It must
    never be more than what really is there and not promised: so claims and the counter's upper end together
    are never less than the real counter and all sales that the ERP's figure does not contain.
    """

    IMPORT = 10.0

    @initialize(
        deducts=st.sampled_from([Deducts.ORDER, Deducts.PAYMENT, Deducts.UNKNOWN]),
        restores=st.sampled_from(Restores),
        skew=st.sampled_from([-2.0, 0.0, 2.0]),
        lag=st.sampled_from([10.0, 15.0]),
    )
    def open_shop(self, deducts: Deducts, restores: Restores, skew: float, lag: float) -> None:
        at_payment = deducts is Deducts.PAYMENT
        self.at_payment = at_payment
        self.restores = restores
        self.skew = skew
        self.time = 0.0
        self.counter = 60
        self.orders: dict[str, OrderLine] = {}
        self.sold_at: dict[str, float] = {}
        self.hidden: set[str] = set()
        self.contained: dict[str, int] = {}
        self.is_known = True
        rules = replace(
            SURE,
            deducts=deducts,
            occupies=Occupies.PAYMENT if at_payment else Occupies.ORDER,
            restores_paid=restores,
            restores_unpaid=restores,
            lag=timedelta(minutes=lag),
        )
        self.desk = Desk(rules, listing(counter=self.counter))
        self.desk.reached = at(0)

    def _stamp(self) -> float:
        return self.time + self.skew

    def _change(self, name: str, **changed: object) -> None:
        self.orders[name] = self.orders[name]._replace(**changed, modified=at(self._stamp()))  # type: ignore[arg-type]

    @rule(units=st.integers(1, 3), paid=st.booleans(), is_late=st.sampled_from([False, False, False, True]))
    def sell(self, units: int, paid: bool, is_late: bool) -> None:  # noqa: FBT001
        if self.counter < units:
            return
        name = str(len(self.orders))
        stage = Stage.PAID if paid else Stage.UNPAID
        stamp = self._stamp()
        made = line(name, minutes=stamp, units=units, stage=stage, paid=at(stamp) if paid else None)
        self.orders[name] = made
        if paid:
            self.sold_at[name] = self.time
        # One that is neither told nor paid for longer than the lag is beyond what a silent ERP lets us know.
        if is_late and paid:
            self.hidden.add(name)
        if paid or not self.at_payment:
            self.counter -= units

    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        due = [name for name, made in self.orders.items() if made.stage is Stage.UNPAID]
        if not due:
            return
        name = data.draw(st.sampled_from(due))
        units = self.orders[name].units
        if self.at_payment and self.counter < units:
            return
        self.counter -= units if self.at_payment else 0
        self.sold_at[name] = self.time
        self._change(name, stage=Stage.PAID, paid=at(self._stamp()))

    @rule(data=st.data(), does_restore=st.booleans())
    def cancel(self, data: st.DataObject, does_restore: bool) -> None:  # noqa: FBT001
        due = [
            name
            for name, made in self.orders.items()
            if made.stage in (Stage.UNPAID, Stage.PAID) and name not in self.hidden
        ]
        if not due:
            return
        name = data.draw(st.sampled_from(due))
        made = self.orders[name]
        was_deducted = made.stage is Stage.PAID or not self.at_payment
        if self.restores is not Restores.UNKNOWN:
            does_restore = self.restores is Restores.YES
        self.counter += made.units if was_deducted and does_restore else 0
        self._change(name, stage=Stage.CLOSED, released=made.units, ended=at(self._stamp()))

    @rule(minutes=st.sampled_from([0.2, 1.0, 5.0, 20.0]))
    def wait(self, minutes: float) -> None:
        self.time += minutes

    @rule(data=st.data())
    def reveal(self, data: st.DataObject) -> None:
        if self.hidden:
            self.hidden.remove(data.draw(st.sampled_from(sorted(self.hidden))))

    @rule(
        collects=st.booleans(),
        reads=st.booleans(),
        fails=st.sampled_from([False, False, True]),
        partly=st.randoms(use_true_random=False),
    )
    def cycle(self, collects: bool, reads: bool, fails: bool, partly: Random) -> None:  # noqa: FBT001
        if collects:
            self._collect()
        self.time += 0.01
        told = [made for name, made in self.orders.items() if name not in self.hidden]
        partly.shuffle(told)
        if fails:
            told = told[: len(told) // 2]
        if reads:
            self.desk.read(self.counter, *told, now=self.time, failed=fails)
        else:
            self.desk.take(*told, now=self.time, failed=fails)
        # While orders cannot be read nothing is raised: only after a whole intake must the sum hold.
        self.is_known = not fails

    def _collect(self) -> None:
        self.desk.sources = silent(self.time)
        self.contained = {
            name: made.units
            for name, made in self.orders.items()
            if made.stage is Stage.PAID and self.sold_at[name] + self.IMPORT <= self.time
        }

    @invariant()
    def nothing_is_counted_zero_times(self) -> None:
        if not hasattr(self, "desk") or not self.is_known:
            return
        active = sum(
            made.units - made.released
            for made in self.orders.values()
            if made.stage is Stage.PAID or not self.at_payment
        )
        truth = self.counter + active - sum(self.contained.values())
        _, hi = self.desk.expected()
        assert hi is not None
        assert hi + self.desk.claimed() >= truth


TestSales = Sales.TestCase
