"""Who takes which message, and what becomes of those that could not be sent."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.messages import MOST_KEPT, Filter, Message, Phase, merged, worst_first
from syncd.domain.alerts.records import AlertRow
from tests.unit.domain.alert_desk import NOON, message, row_of

SHOP = row_of(AlertKind.SHOP_FAILING)._replace(place="web")
FILTERS = [
    (Filter(), SHOP, True),
    (Filter(min_level=Level.CRITICAL), SHOP, False),
    (Filter(kinds=frozenset({AlertKind.OVERSOLD})), SHOP, False),
    (Filter(kinds=frozenset({AlertKind.SHOP_FAILING})), SHOP, True),
    (Filter(shops=frozenset({"web"})), SHOP, True),
    (Filter(shops=frozenset({"jd"})), SHOP, False),
    (Filter(shops=frozenset({"jd"})), row_of(), True),
    (Filter(never="main"), row_of(AlertKind.TARGET_FAILING), False),
    (Filter(never="mail"), row_of(AlertKind.TARGET_FAILING), True),
]


@pytest.mark.parametrize(("wanted", "row", "takes"), FILTERS)
def test_a_target_takes_what_it_wants(wanted: Filter, row: AlertRow, *, takes: bool) -> None:
    assert wanted.takes(row) is takes


def test_a_message_can_be_cut_to_what_a_target_wants() -> None:
    both = message(SHOP, row_of(number=2))
    part = both.only(Filter(kinds=frozenset({AlertKind.LOW_STOCK})).takes)
    assert part is not None
    assert part.rows == (row_of(number=2),)


def test_of_what_nobody_wants_there_is_no_message() -> None:
    assert message(SHOP).only(lambda _: False) is None


def test_messages_that_could_not_be_sent_become_one_with_the_newest_of_each() -> None:
    over = SHOP._replace(ended_at=NOON + timedelta(hours=1))
    one = merged([message(SHOP), message(row_of(number=2)), message(over, phase=Phase.END)], NOON)
    assert (one.phase, one.rows) == (Phase.MISSED, (row_of(number=2), over))


def many(first: int, count: int, level: Level = Level.WARNING) -> Message:
    return message(*(row_of(number=first + at)._replace(level=level) for at in range(count)))


def test_of_too_many_the_worst_are_kept_and_the_others_counted() -> None:
    one = merged([many(1, MOST_KEPT), many(5000, 3, Level.CRITICAL)], NOON)
    assert (len(one.rows), one.left_out) == (MOST_KEPT, 3)
    assert [row.level for row in one.rows[:4]] == [Level.CRITICAL] * 3 + [Level.WARNING]


def test_what_was_left_out_once_stays_counted() -> None:
    one = merged([many(1, MOST_KEPT + 5)], NOON)
    assert merged([one, many(5000, 2)], NOON).left_out == 7


@given(st.permutations(range(1, 8)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    rows = {number: row_of(number=number, units=number % 3) for number in order}
    assert worst_first(rows[number] for number in order) == worst_first(rows.values())
