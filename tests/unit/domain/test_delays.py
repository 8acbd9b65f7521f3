"""Histograms of delays: their buckets, how they fade, and what is read from them."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.delays import BOUNDS, buckets_of, histogram, quantile, recounted
from syncd.domain.model import ShopName
from syncd.domain.records import Measure, MeasureRow
from tests.unit.domain.cases import NOW

A, B = ShopName("a"), ShopName("b")
SEEN = Measure.SALE_TO_SEEN
delays = st.lists(st.floats(min_value=0.001, max_value=1e7), min_size=1, max_size=30)


def counted(seconds: list[float]) -> np.ndarray:
    return np.bincount(buckets_of(seconds), minlength=len(BOUNDS)).astype(np.float64)


def row(amount: float, *, bucket: int = 3, shop: ShopName = A, days: float = 0.0) -> MeasureRow:
    return MeasureRow(shop, SEEN, bucket, amount, NOW - timedelta(days=days))


def test_there_are_ten_buckets_to_a_decade_from_ten_milliseconds() -> None:
    assert [float(f"{bound:.3g}") for bound in BOUNDS[[0, 1, 10, 20, 90]]] == [0.01, 0.0126, 0.1, 1.0, 1e7]


@pytest.mark.parametrize("exponent", range(-2, 8))
def test_a_delay_at_the_bound_of_a_bucket_is_in_it(exponent: int) -> None:
    assert BOUNDS[buckets_of([10.0**exponent])[0]] == pytest.approx(10.0**exponent)


def test_a_delay_past_a_bound_is_in_the_next_bucket() -> None:
    assert buckets_of([10.001])[0] == buckets_of([10.0])[0] + 1


def test_a_delay_below_zero_took_no_time() -> None:
    assert buckets_of([-5.0]).tolist() == [0]


def test_what_takes_longer_than_all_buckets_is_in_the_last() -> None:
    assert buckets_of([1e9]).tolist() == [len(BOUNDS) - 1]


@given(delays, st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_never_too_short_and_at_most_a_bucket_too_long(
    seconds: list[float], share: float
) -> None:
    exact = float(np.quantile(seconds, share, method="inverted_cdf"))
    found = quantile(counted(seconds), share)
    assert found is not None
    assert exact <= found * (1 + 1e-6)
    assert found <= max(exact * 10**0.1, 0.01) * (1 + 1e-6)


def test_without_delays_there_is_no_quantile() -> None:
    assert quantile(np.zeros(len(BOUNDS)), 0.5) is None


def test_a_half_life_leaves_half_of_what_was_counted() -> None:
    assert histogram([row(4.0, days=3)], SEEN, NOW)[3] == pytest.approx(2.0)


def test_what_is_counted_comes_on_top_of_what_is_left() -> None:
    assert recounted([row(4.0, days=3)], {(A, SEEN, 3): 1.0}, NOW) == [row(3.0)]


def test_only_what_is_counted_is_written() -> None:
    assert recounted([row(4.0), row(2.0, shop=B)], {(A, SEEN, 5): 1.0}, NOW) == [row(1.0, bucket=5)]


def test_a_histogram_adds_up_the_shops_and_leaves_other_measures_out() -> None:
    rows = [row(1.0), row(2.0, shop=B), row(9.0)._replace(what=Measure.SALE_TO_ACCEPTED)]
    assert histogram(rows, SEEN, NOW).sum() == pytest.approx(3.0)


@given(delays, delays)
def test_counting_in_two_steps_is_counting_at_once(first: list[float], second: list[float]) -> None:
    def news(seconds: list[float]) -> dict[tuple[ShopName, Measure, int], float]:
        return {(A, SEEN, at): float(each) for at, each in enumerate(counted(seconds)) if each}

    once = recounted([], news(first + second), NOW)
    before = recounted([], news(first), NOW)
    after = recounted(before, news(second), NOW)
    assert histogram(once, SEEN, NOW).tolist() == pytest.approx(
        histogram({r[:3]: r for r in [*before, *after]}.values(), SEEN, NOW).tolist()
    )
