"""Who gets the next call: the budget holds, decreases go first, and nobody starves."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.allotment import SHARES, Allotment, Use
from syncd.domain.budget import TokenBucket

LOWER, RAISE, READ = Use


def allotment(rate: float = 1.0, burst: int = 3) -> Allotment:
    return Allotment(bucket=TokenBucket.full(rate=rate, burst=burst, now=0.0))


def granted(calls: int, *waiting: Use) -> list[Use]:
    """Return who gets so many calls while all of `waiting` go on waiting."""
    found: list[Use] = []
    one, now = allotment(), 0.0
    while len(found) < calls:
        one, grant = one.grant(now, waiting)
        now += grant.wait
        found += [] if grant.use is None else [grant.use]
    return found


def test_a_decrease_goes_before_raises_and_reads() -> None:
    assert granted(1, READ, RAISE, LOWER) == [LOWER]


def test_a_raise_goes_before_a_read() -> None:
    assert granted(1, READ, RAISE) == [RAISE]


def test_raises_leave_two_tokens_for_a_decrease_that_is_read_back_first() -> None:
    one, found = allotment(burst=4), list[Use | None]()
    for use in (RAISE, RAISE, RAISE, LOWER, LOWER):
        one, grant = one.grant(0.0, [use])
        found.append(grant.use)
    assert found == [RAISE, RAISE, None, LOWER, LOWER]


def test_reads_leave_a_token_for_a_decrease() -> None:
    one, _ = allotment(burst=2).grant(0.0, [READ])
    one, _ = one.grant(0.0, [READ])
    assert one.grant(0.0, [LOWER])[1].use is LOWER


def test_where_one_call_is_all_that_may_go_at_once_none_is_kept_back() -> None:
    assert allotment(burst=1).grant(0.0, [RAISE])[1].use is RAISE


def test_decreases_may_take_the_last_token() -> None:
    one = allotment(burst=2)
    one, _ = one.grant(0.0, [LOWER])
    assert one.grant(0.0, [LOWER])[1].use is LOWER


@pytest.mark.parametrize(
    ("waiting", "shares"),
    [
        ((LOWER, RAISE, READ), {LOWER: 0.70, RAISE: 0.05, READ: 0.25}),
        ((LOWER, READ), {LOWER: 0.75, READ: 0.25}),
        ((RAISE, READ), {RAISE: 0.75, READ: 0.25}),
        ((READ,), {READ: 1.0}),
    ],
)
def test_whoever_waits_gets_its_share(waiting: tuple[Use, ...], shares: dict[Use, float]) -> None:
    found = Counter(granted(1000, *waiting))
    assert {use: found[use] / 1000 for use in waiting} == pytest.approx(shares, abs=0.005)


def test_who_rested_is_owed_nothing() -> None:
    one, now = allotment(), 0.0
    for _ in range(4):
        one, _ = one.grant(now := now + 1, [LOWER, READ])
    one, _ = one.grant(now := now + 1, [LOWER])
    assert one.grant(now + 1, [LOWER, READ])[1].use is LOWER


waits = st.lists(
    st.tuples(st.floats(0, 3), st.sets(st.sampled_from(Use), min_size=1)), min_size=1, max_size=80
)


@given(st.floats(0.1, 20), st.integers(1, 6), waits)
def test_no_window_sees_more_calls_than_burst_and_rate_allow(
    rate: float, burst: int, script: list[tuple[float, set[Use]]]
) -> None:
    now, one, taken = 0.0, allotment(rate, burst), []
    for pause, waiting in script:
        now += pause
        one, grant = one.grant(now, waiting)
        taken += [] if grant.use is None else [now]
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + rate * (taken[last] - taken[first]) + 1e-6


@given(st.floats(0.1, 20), st.integers(2, 6), waits)
def test_a_decrease_that_comes_finds_a_token_unless_decreases_took_it(
    rate: float, burst: int, script: list[tuple[float, set[Use]]]
) -> None:
    now, one = 0.0, allotment(rate, burst)
    for pause, waiting in script:
        now += pause
        one, _ = one.grant(now, waiting - {LOWER} or {RAISE})
        assert one.grant(now, [LOWER])[1] == (LOWER, 0.0)


@given(st.floats(0.1, 20), st.integers(1, 6), waits)
def test_whoever_waits_as_told_sees_a_call_go_out(
    rate: float, burst: int, script: list[tuple[float, set[Use]]]
) -> None:
    now, one = 0.0, allotment(rate, burst)
    for pause, waiting in script:
        now += pause
        one, grant = one.grant(now, waiting)
        if grant.use is None:
            now += grant.wait
            one, grant = one.grant(now, waiting)
        assert grant.use in waiting


@given(st.sampled_from([RAISE, READ]), st.lists(st.sets(st.sampled_from(Use)), min_size=30, max_size=60))
def test_nobody_starves_whoever_else_waits(use: Use, others: list[set[Use]]) -> None:
    one, now, lost = allotment(burst=1), 0.0, 0
    for other in others:
        one, grant = one.grant(now := now + 1, {use} | other)
        lost = 0 if grant.use is use else lost + 1
        assert lost <= 1 / SHARES[use] + 2


@given(waits)
def test_only_who_waits_is_let_in(script: list[tuple[float, set[Use]]]) -> None:
    now, one = 0.0, allotment()
    for pause, waiting in script:
        now += pause
        one, grant = one.grant(now, waiting)
        assert grant.use is None or grant.use in waiting


def test_throttling_slows_every_use_down() -> None:
    assert allotment(rate=2.0).throttled(0.0, 7.0).grant(0.0, [LOWER])[1] == (None, 7.0)


def test_a_good_call_speeds_it_up_again() -> None:
    assert allotment(rate=2.0).throttled(0.0).recovered(1.0).bucket.rate == pytest.approx(1.1)
