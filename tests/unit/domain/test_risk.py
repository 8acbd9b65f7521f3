"""How many units a stated risk asks for, against sums that are written out."""

from math import exp, factorial, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.demand import Floats
from syncd.domain.risk import advised, units_at_risk, unknown_to_each, unknown_to_some

means = st.floats(min_value=1e-6, max_value=60.0)
risks = st.sampled_from([0.5, 0.1, 0.01, 0.001, 1e-6])
MINUTE, HOUR = 60.0, 3600.0


def chance_of_more(units: int, mean: float) -> float:
    """Return P(Poisson(mean) > units), summed term by term."""
    return sum(exp(-mean) * mean**n / factorial(n) for n in range(units + 1, 165))


def columns(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


@given(means, risks)
def test_it_is_the_smallest_number_within_the_risk(mean: float, risk: float) -> None:
    units = units_at_risk(mean, risk)
    assert chance_of_more(units, mean) <= risk * (1 + 1e-9)
    assert units == 0 or chance_of_more(units - 1, mean) > risk * (1 - 1e-9)


@pytest.mark.parametrize(
    ("mean", "risk", "units"), [(1.0, 0.05, 3), (5.0, 0.01, 11), (10.0, 0.001, 21), (0.01, 0.001, 1)]
)
def test_it_is_what_tables_of_the_poisson_sum_say(mean: float, risk: float, units: int) -> None:
    assert units_at_risk(mean, risk) == units


def test_of_many_it_is_the_normal_sum() -> None:
    mean = 1e6
    assert units_at_risk(mean, 0.001) == pytest.approx(mean + 3.0902 * mean**0.5, abs=10)


def test_where_nothing_is_sold_nothing_is_held_back() -> None:
    assert units_at_risk(0.0, 1e-6) == 0


@pytest.mark.parametrize(("mean", "risk"), [(-1.0, 0.1), (nan, 0.1), (1.0, 0.0), (1.0, 1.0)])
def test_what_is_no_mean_or_no_risk_is_refused(mean: float, risk: float) -> None:
    with pytest.raises(ValueError, match="no units can be told"):
        units_at_risk(mean, risk)


def by_shop(*values: float) -> Floats:
    """Return the figures of one SKU, by shop."""
    return columns(*values)[:, None]


def test_a_shop_does_not_know_what_the_others_sell_until_it_is_lowered() -> None:
    rates, seen, accepted = by_shop(1 / MINUTE, 2 / MINUTE), columns(MINUTE, HOUR), columns(60.0, 120.0)
    assert unknown_to_each(rates, seen, accepted)[:, 0].tolist() == pytest.approx(
        [(HOUR + 60) * 2 / MINUTE, (MINUTE + 120) / MINUTE]
    )


def test_what_is_unknown_is_told_by_sku() -> None:
    rates = np.array([[1.0, 5.0], [2.0, 0.0]])
    delays = columns(1.0, 1.0), columns(1.0, 1.0)
    assert unknown_to_each(rates, *delays).tolist() == [[4.0, 0.0], [2.0, 10.0]]
    assert unknown_to_some(rates, *delays).tolist() == [6.0, 0.0]


def test_to_the_only_shop_nothing_is_unknown() -> None:
    alone = by_shop(1.0), columns(HOUR), columns(HOUR)
    assert (unknown_to_each(*alone).tolist(), unknown_to_some(*alone).tolist()) == ([[0.0]], [0.0])


def test_no_delay_is_needed_of_a_shop_that_does_not_list_the_sku() -> None:
    figures = by_shop(0.0, 1.0), columns(nan, 1.0), columns(1.0, nan)
    assert unknown_to_each(*figures)[:, 0].tolist() == [2.0, 0.0]
    assert unknown_to_some(*figures).tolist() == [0.0]


def test_a_delay_that_was_never_measured_leaves_it_unknown() -> None:
    figures = by_shop(1.0, 1.0), columns(1.0, nan), columns(1.0, 1.0)
    assert unknown_to_each(*figures)[:, 0].tolist() == pytest.approx([nan, 2.0], nan_ok=True)
    assert np.isnan(unknown_to_some(*figures)).all()


def test_what_is_unknown_asks_for_an_unknown_number() -> None:
    assert (advised(nan, 0.1), advised(1.0, 0.05)) == (None, 3)


def test_some_shop_does_not_know_until_the_slowest_other_is_lowered() -> None:
    figures = by_shop(1.0, 2.0, 3.0), columns(1.0, 2.0, 3.0), columns(7.0, 5.0, 4.0)
    assert unknown_to_some(*figures).tolist() == [1 * (1 + 5) + 2 * (2 + 7) + 3 * (3 + 7)]


def test_a_slow_shop_that_does_not_list_the_sku_holds_up_nobody() -> None:
    figures = by_shop(1.0, 2.0, 0.0), columns(1.0, 2.0, 3.0), columns(7.0, 5.0, 400.0)
    assert unknown_to_some(*figures).tolist() == [1 * (1 + 5) + 2 * (2 + 7)]


@given(st.lists(means, min_size=1, max_size=4))
def test_some_shop_misses_at_least_what_any_one_misses(rates: list[float]) -> None:
    delays = np.full(len(rates), 0.5)
    some = unknown_to_some(by_shop(*rates), delays, delays)
    assert (some >= unknown_to_each(by_shop(*rates), delays, delays) * (1 - 1e-9)).all()
