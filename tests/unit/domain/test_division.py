"""Units divided by weight and cap, many rows at once, against one unit at a time from a heap."""

from heapq import heapify, heappop, heappush

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.division import divide

Row = tuple[int, list[int], list[int]]


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Draw rows of units, weights and caps of one width."""
    width = draw(st.integers(1, 5))
    # The largest are too fine for floats to tell their quotients apart.
    weight = draw(st.sampled_from((st.integers(0, 9), st.integers(0, 10_000), st.integers(2**46, 2**46 + 9))))
    weights = st.lists(st.just(0) | weight, min_size=width, max_size=width)
    caps = st.lists(st.integers(0, 40) | st.just(1_000_000_000), min_size=width, max_size=width)
    return draw(st.lists(st.tuples(st.integers(-5, 120), weights, caps), min_size=1, max_size=6))


def divided(drawn: list[Row]) -> list[list[int]]:
    units, weights, caps = zip(*drawn, strict=True)
    result: list[list[int]] = divide(np.array(units), np.array(weights), np.array(caps)).tolist()
    return result


def by_heap(units: int, weights: list[int], caps: list[int]) -> list[int]:
    """Give unit after unit to the largest weight / (2 * share + 1), ties to the first."""
    share = [0] * len(weights)
    queue = [(_Priority(weight, 1, at), at) for at, weight in enumerate(weights) if weight and caps[at]]
    heapify(queue)
    while queue and units > 0:
        _, at = heappop(queue)
        share[at] += 1
        units -= 1
        if share[at] < caps[at]:
            heappush(queue, (_Priority(weights[at], 2 * share[at] + 1, at), at))
    return share


class _Priority:
    """Sorts first what is neediest."""

    def __init__(self, weight: int, seats: int, at: int) -> None:
        self._weight, self._seats, self._at = weight, seats, at

    def __lt__(self, other: "_Priority") -> bool:
        mine, theirs = self._weight * other._seats, other._weight * self._seats
        return mine > theirs or (mine == theirs and self._at < other._at)


@given(rows())
def test_it_gives_what_one_unit_at_a_time_gives(drawn: list[Row]) -> None:
    assert divided(drawn) == [by_heap(*row) for row in drawn]


@given(rows())
def test_one_more_unit_never_lowers_anybody(drawn: list[Row]) -> None:
    more = divided([(units + 1, weights, caps) for units, weights, caps in drawn])

    for few, many in zip(divided(drawn), more, strict=True):
        assert all(a <= b for a, b in zip(few, many, strict=True))


@given(rows())
def test_nobody_gets_more_than_the_cap(drawn: list[Row]) -> None:
    for (_, _, caps), shares in zip(drawn, divided(drawn), strict=True):
        assert all(share <= cap for share, cap in zip(shares, caps, strict=True))


@given(rows())
def test_units_stay_undivided_only_where_nobody_has_room(drawn: list[Row]) -> None:
    for (units, weights, caps), shares in zip(drawn, divided(drawn), strict=True):
        room = sum(cap for weight, cap in zip(weights, caps, strict=True) if weight)
        assert sum(shares) == min(max(units, 0), room)


@given(rows())
def test_the_order_of_the_columns_decides_at_most_one_unit_each(drawn: list[Row]) -> None:
    turned = divided([(units, weights[::-1], caps[::-1]) for units, weights, caps in drawn])

    for plain, other in zip(divided(drawn), turned, strict=True):
        assert all(abs(a - b) <= 1 for a, b in zip(plain, other[::-1], strict=True))


def test_rows_do_not_touch_each_other() -> None:
    assert divided([(4, [1, 3, 3], [9, 9, 9]), (0, [1, 1, 1], [9, 9, 9])]) == [[1, 2, 1], [0, 0, 0]]


def test_receiving_stock_takes_nothing_from_a_light_shop() -> None:
    three, four = (by_heap(units, [1, 3, 3], [9, 9, 9]) for units in (3, 4))

    assert three[0] <= four[0]


def test_a_shop_without_weight_gets_nothing() -> None:
    assert divided([(5, [0, 1], [9, 9])]) == [[0, 5]]


def test_weights_that_are_too_fine_for_floats_are_told_apart() -> None:
    k = 2**52
    fine: list[Row] = [
        (11, [5 * k, 3 * k + 1, 7 * k + 1, 7 * k + 2, 0], [9, 1, 9, 9, 9]),
        (6, [7 * k + 1, 5 * k + 1, 5 * k + 2, 5 * k + 2, 0], [1, 4, 9, 3, 9]),
        (5, [3 * k + 1, 5 * k + 2, k, k + 2, k], [4, 3, 4, 2, 9]),
    ]
    assert divided(fine) == [by_heap(*row) for row in fine]
