"""How many units a stated risk asks for, against sums that are written out."""

from math import exp, factorial, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.demand import Floats
from syncd.domain.risk import buffers, level, units_at_risk

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


def test_a_buffer_covers_what_the_others_sell_until_this_shop_knows() -> None:
    rates, seen, accepted = columns(1 / MINUTE, 2 / MINUTE), columns(MINUTE, HOUR), columns(60.0, 120.0)
    assert buffers(rates, seen, accepted, 0.01) == [
        units_at_risk((HOUR + 60) * 2 / MINUTE, 0.01),
        units_at_risk((MINUTE + 120) / MINUTE, 0.01),
    ]


def test_a_shop_alone_needs_no_buffer_and_its_pool_no_level() -> None:
    alone = (columns(1.0), columns(HOUR), columns(HOUR), 0.01)
    assert (buffers(*alone), level(*alone)) == ([0], 0)


def test_a_shop_needs_no_delay_of_one_that_sells_nothing() -> None:
    assert buffers(columns(0.0, 1.0), columns(nan, 1.0), columns(1.0, nan), 0.5) == [
        units_at_risk(2.0, 0.5),
        0,
    ]


def test_a_delay_that_was_never_measured_leaves_it_unknown() -> None:
    rates, seen, accepted = columns(1.0, 1.0), columns(1.0, nan), columns(1.0, 1.0)
    assert (buffers(rates, seen, accepted, 0.5), level(rates, seen, accepted, 0.5)) == (
        [None, units_at_risk(2.0, 0.5)],
        None,
    )


def test_a_level_covers_all_that_some_other_shop_does_not_know_of() -> None:
    rates, seen, accepted = columns(1.0, 2.0, 3.0), columns(1.0, 2.0, 3.0), columns(7.0, 5.0, 4.0)
    unknown = 1 * (1 + 5) + 2 * (2 + 7) + 3 * (3 + 7)
    assert level(rates, seen, accepted, 0.01) == units_at_risk(unknown, 0.01)


@given(st.lists(means, min_size=2, max_size=4), risks)
def test_a_level_is_never_below_a_buffer(rates: list[float], risk: float) -> None:
    delays = np.full(len(rates), 0.5)
    found = level(columns(*rates), delays, delays, risk)
    assert found is not None
    assert all(one is not None and one <= found for one in buffers(columns(*rates), delays, delays, risk))
