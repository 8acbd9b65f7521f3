"""The order of sending: zeros first, then by what waiting oversells, and nothing waits for ever."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import Change, ChangeKind, ListingId, Sku
from syncd.domain.plan import KINDS
from syncd.domain.urgency import OF_RAISES, Queue, Stake, Urgency, queue_of, send_order
from tests.unit.services.push_world import change

ZERO, OFF, LOWER, RELIST, RAISE = KINDS
CAP = 900.0


@dataclass(frozen=True, kw_only=True)
class One:
    kind: ChangeKind
    new: int = 3
    shown: float = 5.0
    rate: float = 0.001
    left: float = 10.0
    age: float = 0.0
    bound: bool = False


def queue(*rows: One) -> Queue:
    return Queue(
        kind=np.array([KINDS.index(row.kind) for row in rows], dtype=np.int64),
        new=np.array([row.new for row in rows], dtype=np.int64),
        shown=np.array([row.shown for row in rows], dtype=np.float64),
        rate=np.array([row.rate for row in rows], dtype=np.float64),
        left=np.array([row.left for row in rows], dtype=np.float64),
        age=np.array([row.age for row in rows], dtype=np.float64),
        bound=np.array([row.bound for row in rows], dtype=np.bool_),
    )


def order(*rows: One) -> list[int]:
    return list(send_order(queue(*rows), longest_age=CAP).tolist())


def ordered(changes: list[Change], urgency: Urgency) -> str:
    return "".join(changes[at].listing for at in send_order(queue_of(changes, urgency)).tolist())


rows = st.builds(
    One,
    kind=st.sampled_from(KINDS),
    new=st.integers(0, 3),
    shown=st.sampled_from([0.0, 1.0, 5.0, 50.0, float("inf")]),
    rate=st.sampled_from([0.0, 1e-6, 0.01, 2.0]),
    left=st.sampled_from([0.0, 0.5, 1.0, 40.0]),
    age=st.sampled_from([0.0, 1.0, CAP, CAP + 1, 10 * CAP]),
    bound=st.booleans(),
)
queues = st.lists(rows, max_size=30)


def zeroes(row: One) -> bool:
    return row.kind is ZERO or (row.kind is LOWER and row.new == 0)


def lowers(row: One) -> bool:
    return row.kind is LOWER and not zeroes(row)


def raises(row: One) -> bool:
    return row.kind in (RELIST, RAISE)


def is_late(row: One) -> bool:
    return row.age > CAP


@given(queues)
def test_every_change_is_sent_once(rows: list[One]) -> None:
    assert sorted(order(*rows)) == list(range(len(rows)))


@given(queues)
def test_zeros_go_before_everything_and_delistings_before_the_rest(rows: list[One]) -> None:
    marks = [0 if zeroes(rows[at]) else 1 if rows[at].kind is OFF else 2 for at in order(*rows)]
    assert marks == sorted(marks)


@given(queues)
def test_what_waited_for_too_long_goes_before_all_others_of_its_kind(rows: list[One]) -> None:
    for of_kind in (lowers, raises):
        mine = [rows[at] for at in order(*rows) if of_kind(rows[at])]
        # A bound raise waits for all that lowers, whatever its age.
        free = [is_late(row) for row in mine if not row.bound or of_kind is lowers]
        assert free == sorted(free, reverse=True)


@given(queues)
def test_what_waited_for_too_long_goes_oldest_first(rows: list[One]) -> None:
    for of_kind in (lowers, raises):
        mine = [rows[at] for at in order(*rows) if of_kind(rows[at]) and is_late(rows[at])]
        ages = [row.age for row in mine if not row.bound or of_kind is lowers]
        assert ages == sorted(ages, reverse=True)


@given(queues)
def test_of_decreases_that_are_equally_late_the_greatest_part_of_what_is_left_goes_first(
    rows: list[One],
) -> None:
    for age in (CAP + 1, 10 * CAP):
        found = [rows[at] for at in order(*rows) if lowers(rows[at]) and rows[at].age == age]
        parts = [row.rate / row.left if row.left else float("inf") for row in found]
        assert parts == sorted(parts, reverse=True)


@given(st.integers(0, 60), st.integers(0, 5), st.integers(0, 5))
def test_late_raises_get_every_twentieth_place_among_decreases_and_no_more(
    decreases: int, late: int, bound: int
) -> None:
    rows = [One(kind=LOWER)] * decreases + [One(kind=RAISE, age=2 * CAP)] * late
    rows += [One(kind=RAISE, age=3 * CAP, bound=True)] * bound
    kinds = [rows[at].kind for at in order(*rows)]
    among = min(late, decreases // (OF_RAISES - 1))
    places = [at for at, kind in enumerate(kinds[: decreases + among]) if kind is RAISE]
    assert places == [OF_RAISES * (n + 1) - 1 for n in range(among)]


@given(queues)
def test_a_late_raise_never_goes_before_a_zero_or_a_delisting(rows: list[One]) -> None:
    marks = [raises(rows[at]) for at in order(*rows)]
    urgent = sum(zeroes(row) or row.kind is OFF for row in rows)
    assert not any(marks[:urgent])


@given(queues)
def test_a_bound_raise_never_goes_before_a_decrease(rows: list[One]) -> None:
    marks = [
        (rows[at].kind in (RELIST, RAISE) and rows[at].bound, rows[at].kind in (ZERO, OFF, LOWER))
        for at in order(*rows)
    ]
    bound = [at for at, (is_bound, _) in enumerate(marks) if is_bound]
    lowering = [at for at, (_, lowers) in enumerate(marks) if lowers]
    assert not bound or not lowering or max(lowering) < min(bound)


@given(queues)
def test_among_decreases_that_can_wait_the_greatest_part_of_what_is_left_goes_first(rows: list[One]) -> None:
    found = [rows[at] for at in order(*rows) if lowers(rows[at]) and not is_late(rows[at])]
    parts = [row.rate / row.left if row.left else float("inf") for row in found]
    assert parts == sorted(parts, reverse=True)


@given(queues)
def test_raises_that_can_wait_go_by_what_buyers_find(rows: list[One]) -> None:
    found = [rows[at] for at in order(*rows) if rows[at].kind is RAISE]
    shown = [row.shown for row in found if not is_late(row)]
    assert shown == sorted(shown)


@given(st.builds(One, kind=st.sampled_from(KINDS)), st.integers(1, 20))
def test_equal_changes_keep_their_order(row: One, count: int) -> None:
    assert order(*[row] * count) == list(range(count))


def test_zeros_go_by_what_sells_fastest() -> None:
    assert order(One(kind=ZERO, rate=0.1), One(kind=ZERO, rate=2.0)) == [1, 0]


def test_a_decrease_of_what_is_sold_out_goes_before_one_of_what_sells_faster() -> None:
    assert order(One(kind=LOWER, rate=9.0), One(kind=LOWER, left=0)) == [1, 0]


def test_relistings_go_before_raises_of_what_shows_nothing() -> None:
    assert order(One(kind=RAISE, shown=0), One(kind=RELIST, shown=0)) == [1, 0]


def test_a_change_at_its_cap_is_not_late_yet() -> None:
    assert order(*[One(kind=LOWER)] * 20, One(kind=RAISE, age=CAP))[-1] == 20


def test_a_late_raise_goes_after_nineteen_decreases() -> None:
    assert order(*[One(kind=LOWER)] * 20, One(kind=RAISE, age=CAP + 1)) == [*range(19), 20, 19]


def test_a_late_raise_never_keeps_the_only_decrease_waiting() -> None:
    assert order(One(kind=RAISE, age=9 * CAP), One(kind=LOWER)) == [1, 0]


def test_a_late_raise_goes_before_a_relisting_that_came_after_it() -> None:
    assert order(One(kind=RELIST, shown=0), One(kind=RAISE, age=CAP + 1)) == [1, 0]


def test_nothing_has_no_order() -> None:
    assert order() == []


# --- from changes to columns -------------------------------------------------------------------------------


def stake(sku: str, rate: float, left: float, *parts: str) -> dict[Sku, Stake]:
    return {Sku(sku): Stake(rate, left, frozenset(map(Sku, parts or (sku,))))}


def test_changes_are_judged_by_the_stake_of_their_sku() -> None:
    changes = [change("a", LOWER, 3, sku="A"), change("b", LOWER, 3, sku="B")]
    assert ordered(changes, Urgency(stakes=stake("A", 1, 100) | stake("B", 1, 2))) == "ba"


def test_a_sku_of_which_nothing_is_known_is_taken_for_sold_out() -> None:
    changes = [change("a", LOWER, 3, sku="A"), change("b", LOWER, 3, sku="B")]
    assert ordered(changes, Urgency(stakes=stake("A", 1, 100))) == "ba"


def test_a_listing_off_sale_shows_nothing_whatever_its_counter_reads() -> None:
    changes = [change("a", RAISE, 9, 2, 2), change("b", RAISE, 9, 8, 8, on_sale=False)]
    assert ordered(changes, Urgency()) == "ba"


def test_a_counter_that_nobody_knows_is_not_taken_for_empty() -> None:
    changes = [change("a", RAISE, 9, None, None), change("b", RAISE, 9, 5, 5)]
    assert ordered(changes, Urgency()) == "ba"


@pytest.mark.parametrize(
    ("stakes", "place"),
    [
        ({}, 19),
        (stake("S18", 1, 9, "X") | stake("B", 1, 9, "Y"), 19),
        (stake("S18", 1, 9, "X", "Y") | stake("B", 1, 9, "Y"), 20),
    ],
)
def test_a_late_raise_waits_for_the_decrease_of_units_that_it_takes(
    stakes: dict[Sku, Stake], place: int
) -> None:
    changes = [*(change(f"l{n}", LOWER, 3, sku=f"S{n}") for n in range(20)), change("b", RAISE, 9, sku="B")]
    queue = queue_of(changes, Urgency(stakes=stakes, ages={ListingId("b"): 1000.0}))
    assert send_order(queue).tolist().index(20) == place


def test_a_late_raise_of_a_lowered_sku_waits_though_no_stake_is_known() -> None:
    changes = [*(change(f"l{n}", LOWER, 3, sku=f"S{n}") for n in range(20)), change("b", RAISE, 9, sku="S19")]
    assert send_order(queue_of(changes, Urgency(ages={ListingId("b"): 1000.0}))).tolist()[-1] == 20
