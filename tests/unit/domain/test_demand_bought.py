"""Demand where nobody looks who has something to sell."""

from datetime import timedelta

import pytest

from syncd.domain.demand import DEMAND, bought
from syncd.domain.model import ShopName, Sku
from syncd.domain.records import DemandRow
from tests.unit.domain.cases import NOW

PLACE = ShopName("a"), Sku("x")
HALF_LIFE = timedelta(seconds=DEMAND.half_life)
HALF_A_LIFE_IN_STOCK = 0.5 * DEMAND.half_life / 0.693147


def sale(units: int, *rows: DemandRow, buyers: int = 1) -> DemandRow:
    (row,) = bought(rows, {PLACE: units}, {PLACE: buyers}, NOW)
    return row


def test_a_first_sale_is_all_that_is_known() -> None:
    assert sale(3) == DemandRow(*PLACE, 3.0, 0.0, 1.0, True, NOW)


@pytest.mark.parametrize("stocked", [True, False])
def test_a_further_sale_comes_on_top_of_what_has_faded_and_all_time_counts(*, stocked: bool) -> None:
    before = DemandRow(*PLACE, 4.0, 100.0, 8.0, stocked, NOW - HALF_LIFE)
    after = sale(3, before)
    assert (after.sold, after.seconds) == pytest.approx((5.0, 50.0 + HALF_A_LIFE_IN_STOCK), rel=1e-5)
    assert (after.stocked, after.at) == (True, NOW)


def test_buyers_of_long_ago_are_not_recent() -> None:
    before = DemandRow(*PLACE, 4.0, 100.0, 8.0, True, NOW - timedelta(seconds=DEMAND.recent_half_life))
    assert sale(9, before, buyers=2).recent == pytest.approx(6.0)


def test_two_steps_of_time_count_as_one() -> None:
    start = NOW - 2 * HALF_LIFE
    first = DemandRow(*PLACE, 1.0, 0.0, 1.0, True, start)
    (middle,) = bought([first], {PLACE: 1}, {PLACE: 1}, NOW - HALF_LIFE)
    assert sale(1, middle).seconds == pytest.approx(sale(1, first).seconds)


def test_only_what_was_sold_is_written() -> None:
    assert bought([sale(3)], {}, {}, NOW) == []
