"""The call budget: what it gives in any window, and how it slows down and recovers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.budget import TokenBucket


def bucket(rate: float = 2.0, burst: int = 3) -> TokenBucket:
    return TokenBucket.full(rate=rate, burst=burst, now=0.0)


def test_a_rested_bucket_gives_its_burst_at_once() -> None:
    full = bucket()
    for _ in range(3):
        full, wait = full.take(0.0)
        assert wait == 0.0


def test_an_empty_bucket_says_how_long_to_wait() -> None:
    empty, _ = bucket().take(0.0, 3)
    assert empty.take(0.0)[1] == 0.5


def test_a_take_that_must_wait_takes_nothing() -> None:
    empty, _ = bucket().take(0.0, 3)
    waiting, _ = empty.take(0.0)
    assert waiting.tokens == 0.0


def test_after_the_wait_the_token_is_there() -> None:
    empty, _ = bucket(rate=3.0).take(0.0, 3)
    waiting, wait = empty.take(0.1)
    assert waiting.take(0.1 + wait)[1] == 0.0


@pytest.mark.parametrize("n", [0, -1, 4])
def test_a_take_that_can_never_be_given_is_an_error(n: int) -> None:
    with pytest.raises(ValueError, match="burst of 3"):
        bucket().take(0.0, n)


@pytest.mark.parametrize(("rate", "burst"), [(0.0, 1), (-1.0, 1), (1.0, 0)])
def test_a_budget_that_allows_nothing_is_an_error(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="rate above 0"):
        TokenBucket.full(rate=rate, burst=burst, now=0.0)


def test_throttling_halves_the_rate() -> None:
    assert bucket(rate=2.0).throttled(0.0).rate == 1.0


def test_throttling_pauses_as_long_as_asked() -> None:
    slow = bucket().throttled(0.0, 7.0)
    assert slow.take(0.0)[1] == 7.0


def test_throttling_without_a_wait_pauses_for_one_call() -> None:
    assert bucket(rate=2.0).throttled(0.0).take(0.0)[1] == 1.0


def test_calls_throttled_together_lower_the_rate_once() -> None:
    assert bucket(rate=2.0).throttled(0.0, 5.0).throttled(0.1, 5.0).rate == 1.0


def test_a_later_throttling_never_shortens_the_pause() -> None:
    assert bucket().throttled(0.0, 5.0).throttled(1.0, 1.0).paused_until == 5.0


def test_throttling_takes_the_burst_away() -> None:
    assert bucket().throttled(0.0, 5.0).tokens == 0.0


def test_the_rate_never_falls_below_a_twentieth() -> None:
    slow = bucket(rate=2.0)
    for turn in range(50):
        slow = slow.throttled(turn * 1000.0, 1.0)
    assert slow.rate == pytest.approx(0.1)


def test_a_good_call_brings_a_step_of_the_rate_back() -> None:
    assert bucket(rate=2.0).throttled(0.0).recovered(1.0).rate == pytest.approx(1.1)


def test_the_rate_recovers_to_its_limit_and_no_further() -> None:
    slow = bucket(rate=2.0).throttled(0.0)
    for _ in range(100):
        slow = slow.recovered(1.0)
    assert slow.rate == 2.0


def test_a_clock_that_goes_back_makes_no_tokens() -> None:
    empty, _ = bucket().take(10.0, 3)
    assert empty.take(5.0)[1] == 0.5


steps = st.tuples(
    st.sampled_from(["take", "throttled", "recovered"]), st.floats(0, 5), st.none() | st.floats(0, 5)
)


@given(st.floats(0.1, 20), st.integers(1, 10), st.lists(steps, max_size=60))
def test_no_window_sees_more_than_burst_and_rate_allow(
    rate: float, burst: int, script: list[tuple[str, float, float | None]]
) -> None:
    now, some, taken = 0.0, bucket(rate=rate, burst=burst), []
    for verb, pause, retry_after in script:
        now += pause
        if verb == "throttled":
            some = some.throttled(now, retry_after)
        elif verb == "recovered":
            some = some.recovered(now)
        else:
            some, wait = some.take(now)
            taken += [now] * (wait == 0)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            window = taken[last] - taken[first]
            assert last - first + 1 <= burst + rate * window + 1e-6


@given(st.floats(0.1, 20), st.integers(1, 5), st.lists(st.floats(0, 3), min_size=1, max_size=30))
def test_whoever_waits_as_told_is_served(rate: float, burst: int, pauses: list[float]) -> None:
    now, some = 0.0, bucket(rate=rate, burst=burst)
    for pause in pauses:
        now += pause
        some, wait = some.take(now)
        if wait:
            now += wait
            some, wait = some.take(now)
        assert wait == 0.0


@given(st.lists(st.floats(0, 100), max_size=20))
def test_the_rate_only_falls_by_throttling(times: list[float]) -> None:
    buckets = [bucket()]
    for at in sorted(times):
        buckets.append(buckets[-1].recovered(at))
    assert all(after.rate >= before.rate for before, after in pairwise(buckets))
