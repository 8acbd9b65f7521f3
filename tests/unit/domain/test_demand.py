"""How fast buyers buy: fading sums, time in stock, the prior and the flash."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.demand import (
    Demand,
    DemandRules,
    Places,
    aged,
    counted,
    demand_at,
    rates,
    rows_to_keep,
)
from syncd.domain.model import ShopName, Sku
from tests.unit.domain.cases import NOW

RULES = DemandRules()
DAY = 86400.0
EVERYWHERE = np.ones((2, 1), dtype=np.bool_)
PLACES = Places(shops={ShopName("a"): 0, ShopName("b"): 1}, skus={Sku("x"): 0})


def no_demand(shops: int, skus: int) -> Demand:
    nothing = np.zeros((shops, skus))
    return Demand(sold=nothing, seconds=nothing, recent=nothing, stocked=nothing > 0)


def sold_hourly(hourly: list[int], *, hours: int, stocked: list[bool] | None = None) -> Demand:
    """Return the demand after some hours in which every shop of one SKU sold so many units an hour."""
    demand = counted(no_demand(2, 1), np.zeros((2, 1), dtype=np.int64), np.array([stocked or [True, True]]).T)
    for _ in range(hours):
        demand = counted(aged(demand, 3600.0, RULES), np.array([hourly]).T, demand.stocked)
    return demand


def test_a_shop_that_sells_more_has_the_higher_rate() -> None:
    busy, quiet = rates(sold_hourly([6, 2], hours=24), RULES)[:, 0]

    assert busy > 2 * quiet


def test_the_rate_comes_near_what_was_really_sold() -> None:
    demand = aged(sold_hourly([20, 2], hours=96), 3600.0, RULES)

    assert rates(demand, RULES)[0, 0] * 3600.0 == pytest.approx(20, rel=0.15)


def test_a_shop_that_sold_out_is_not_believed_to_have_lost_its_buyers() -> None:
    before = sold_hourly([6, 6], hours=24)
    out = counted(before, np.zeros((2, 1), dtype=np.int64), np.array([[False], [True]]))

    later = rates(aged(out, 6 * 3600.0, RULES), RULES)[:, 0]

    assert later[0] > 1.2 * later[1]


def test_shops_that_never_sold_are_believed_to_be_alike() -> None:
    assert np.unique(rates(no_demand(3, 2), RULES)).size == 1


def test_a_new_sku_is_expected_to_sell_where_the_others_sell() -> None:
    demand = no_demand(2, 2)
    demand = counted(demand, np.array([[300, 0], [100, 0]]), np.ones((2, 2), dtype=np.bool_))

    found = rates(demand, RULES)[:, 1]

    assert found[0] > 2 * found[1]


def test_many_sales_within_minutes_are_believed_at_once() -> None:
    calm = aged(sold_hourly([1, 1], hours=24), DAY, RULES)
    flash = counted(aged(calm, 60.0, RULES), np.array([[15], [0]]), EVERYWHERE)

    assert rates(flash, RULES)[0, 0] > 10 * rates(flash, RULES)[1, 0]


def test_one_big_order_is_no_flash_sale() -> None:
    calm = aged(sold_hourly([1, 1], hours=24), DAY, RULES)
    one = counted(aged(calm, 60.0, RULES), np.array([[15], [0]]), EVERYWHERE, np.array([[1], [0]]))

    assert rates(one, RULES)[0, 0] < 3 * rates(one, RULES)[1, 0]


def test_an_order_in_the_first_minutes_says_little() -> None:
    demand = counted(no_demand(2, 1), np.array([[6], [0]]), EVERYWHERE, np.array([[1], [0]]))

    found = rates(aged(demand, 120.0, RULES), RULES)[:, 0]

    assert found[0] < 4 * found[1]


def test_two_sales_within_minutes_are_no_flash_sale() -> None:
    calm = aged(sold_hourly([1, 1], hours=24), DAY, RULES)
    pair = counted(aged(calm, 60.0, RULES), np.array([[2], [0]]), EVERYWHERE)

    assert rates(pair, RULES)[0, 0] < 3 * rates(pair, RULES)[1, 0]


def test_a_flash_sale_is_forgotten_within_hours() -> None:
    calm = sold_hourly([2, 2], hours=48)
    flash = counted(calm, np.array([[15], [0]]), EVERYWHERE)
    quiet = aged(flash, 3 * 3600.0, RULES)

    assert rates(flash, RULES)[0, 0] > 4 * rates(quiet, RULES)[0, 0]


@given(st.lists(st.floats(1.0, 7200.0), min_size=1, max_size=8))
def test_many_short_waits_are_one_long_one(waits: list[float]) -> None:
    start = sold_hourly([3, 1], hours=5, stocked=[True, False])
    stepwise = start
    for wait in waits:
        stepwise = aged(stepwise, wait, RULES)
    at_once = aged(start, sum(waits), RULES)

    for name in ("sold", "seconds", "recent"):
        assert np.allclose(getattr(stepwise, name), getattr(at_once, name))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 48))
def test_rates_are_finite_and_above_zero(left: int, right: int, hours: int) -> None:
    found = rates(sold_hourly([left, right], hours=hours), RULES)

    assert np.isfinite(found).all()
    assert (found > 0).all()


@given(st.integers(0, 20), st.integers(1, 20), st.integers(1, 30))
def test_one_more_sale_never_lowers_the_rate_of_its_shop(less: int, more: int, hours: int) -> None:
    before = sold_hourly([less, 3], hours=hours)
    after = counted(before, np.array([[more], [0]]), before.stocked)

    assert rates(after, RULES)[0, 0] >= rates(before, RULES)[0, 0]


def test_a_clock_that_was_set_back_ages_nothing() -> None:
    start = sold_hourly([3, 1], hours=5)

    assert (aged(start, -60.0, RULES).sold == start.sold).all()


# --- rows ------------------------------------------------------------------------------------------------


def test_only_shops_that_sold_or_sold_out_are_written_down() -> None:
    before = sold_hourly([1, 1], hours=3)
    after = counted(before, np.array([[1], [0]]), EVERYWHERE)

    assert [row.shop for row in rows_to_keep(before, after, PLACES, NOW)] == ["a"]


def test_a_shop_that_sold_out_is_written_down() -> None:
    before = sold_hourly([1, 1], hours=3)
    after = counted(before, np.zeros((2, 1), dtype=np.int64), np.array([[True], [False]]))

    assert [(row.shop, row.stocked) for row in rows_to_keep(before, after, PLACES, NOW)] == [("b", False)]


def test_a_stored_row_tells_the_same_at_any_later_time() -> None:
    before = sold_hourly([1, 1], hours=3)
    after = counted(before, np.array([[1], [2]]), EVERYWHERE)
    rows = rows_to_keep(before, after, PLACES, NOW)

    later = demand_at(rows, PLACES, NOW + timedelta(hours=7), RULES)

    assert np.allclose(rates(later, RULES), rates(aged(after, 7 * 3600.0, RULES), RULES))


def test_rows_of_shops_and_skus_that_are_gone_are_left_out() -> None:
    before = sold_hourly([1, 1], hours=3)
    rows = rows_to_keep(before, counted(before, np.array([[1], [2]]), EVERYWHERE), PLACES, NOW)
    strangers = [rows[0]._replace(shop=ShopName("z")), rows[1]._replace(sku=Sku("z"))]

    assert not demand_at(strangers, PLACES, NOW, RULES).sold.any()
