"""Retry decisions: the whole table, and the waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import Action, ItemId, ListingId, Write
from syncd.domain.retry import Patience, Retry, Step, decide, in_doubt, repeatable
from syncd.errors import Kind

PATIENCE = Patience(base=1.0, longest=60.0, max_attempts=5)


def write(action: Action, value: int) -> Write:
    return Write(listing=ListingId("1"), item=ItemId("1"), action=action, value=value, base=None, key="k")


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (Kind.DONE, Step.DONE),
        (Kind.DUPLICATE, Step.DONE),
        (Kind.THROTTLED, Step.AGAIN),
        (Kind.TRANSIENT, Step.OBSERVE),
        (Kind.UNKNOWN, Step.OBSERVE),
        (Kind.AUTH_EXPIRED, Step.STOP),
        (Kind.AUTH_REVOKED, Step.STOP),
        (Kind.SIGNATURE, Step.STOP),
        (Kind.PERMISSION, Step.DROP),
        (Kind.REJECTED, Step.GIVE_UP),
        (Kind.NOT_FOUND, Step.GIVE_UP),
    ],
)
def test_each_kind_of_a_write_has_one_step(kind: Kind, step: Step) -> None:
    assert decide(kind, 1, jitter=0.5, safe=False, patience=PATIENCE).step is step


@pytest.mark.parametrize("kind", [Kind.TRANSIENT, Kind.UNKNOWN])
def test_a_harmless_call_without_an_answer_is_sent_again(kind: Kind) -> None:
    assert decide(kind, 1, jitter=0.5, safe=True, patience=PATIENCE) == Retry(step=Step.AGAIN, wait=0.5)


@pytest.mark.parametrize("kind", [Kind.AUTH_EXPIRED, Kind.REJECTED, Kind.PERMISSION])
def test_a_clear_no_is_not_asked_again_however_harmless(kind: Kind) -> None:
    assert decide(kind, 1, jitter=0.5, safe=True, patience=PATIENCE).step is not Step.AGAIN


def test_waits_double_from_attempt_to_attempt() -> None:
    waits = [decide(Kind.THROTTLED, n, jitter=0.5, safe=False, patience=PATIENCE).wait for n in (1, 2, 3, 4)]
    assert waits == [0.5, 1.0, 2.0, 4.0]


def test_the_wait_that_the_platform_asked_for_is_kept() -> None:
    assert decide(Kind.THROTTLED, 1, jitter=0.0, safe=False, retry_after=17.0, patience=PATIENCE).wait == 17.0


def test_the_last_attempt_is_not_repeated() -> None:
    assert decide(Kind.THROTTLED, 5, jitter=0.5, safe=True, patience=PATIENCE).step is Step.GIVE_UP


def test_a_wait_longer_than_our_patience_is_left_to_a_later_cycle() -> None:
    retry = decide(Kind.THROTTLED, 1, jitter=0.5, safe=True, retry_after=3600.0, patience=PATIENCE)
    assert retry == Retry(step=Step.GIVE_UP, wait=3600.0)


@pytest.mark.parametrize("asked", [-5.0, float("nan"), 0.0])
def test_a_wait_that_makes_no_sense_is_as_good_as_none(asked: float) -> None:
    retry = decide(Kind.THROTTLED, 1, jitter=0.5, safe=True, retry_after=asked, patience=PATIENCE)
    assert retry == Retry(step=Step.AGAIN, wait=0.5)


def test_without_a_patience_the_usual_one_holds() -> None:
    assert decide(Kind.THROTTLED, 5, jitter=0.5, safe=True).step is Step.GIVE_UP


@given(
    kind=st.sampled_from(Kind),
    attempt=st.integers(1, 10_000),
    jitter=st.floats(0, 1, exclude_max=True),
    retry_after=st.none() | st.floats(0, 60),
)
def test_no_wait_is_negative_or_longer_than_the_longest(
    kind: Kind, attempt: int, jitter: float, retry_after: float | None
) -> None:
    patience = Patience(base=1.0, longest=60.0, max_attempts=20_000)
    retry = decide(kind, attempt, jitter=jitter, safe=True, retry_after=retry_after, patience=patience)
    assert 0 <= retry.wait <= 60


@given(kind=st.sampled_from(Kind), attempt=st.integers(1, 10))
def test_what_may_have_been_applied_is_never_repeated_unless_it_is_harmless(kind: Kind, attempt: int) -> None:
    retry = decide(kind, attempt, jitter=0.5, safe=False, patience=PATIENCE)
    assert not (retry.step is Step.AGAIN and in_doubt(kind))


def test_a_call_that_never_left_is_not_in_doubt() -> None:
    assert not in_doubt(Kind.UNKNOWN, sent=False)


@pytest.mark.parametrize("kind", [Kind.THROTTLED, Kind.REJECTED, Kind.AUTH_EXPIRED, Kind.PERMISSION])
def test_a_call_that_was_turned_away_is_not_in_doubt(kind: Kind) -> None:
    assert not in_doubt(kind)


@pytest.mark.parametrize(
    ("action", "value", "idempotent", "answer"),
    [
        (Action.SET, 0, False, True),
        (Action.SET, 1, False, False),
        (Action.SET, 1, True, True),
        (Action.DELTA, 0, False, False),
        (Action.DELTA, -2, True, True),
        (Action.COMPARE_AND_SET, 0, False, False),
        (Action.COMPARE_AND_SET, 3, True, True),
        (Action.DELIST, 0, False, True),
        (Action.RELIST, 0, False, False),
        (Action.RELIST, 0, True, False),
    ],
)
def test_only_harmless_writes_are_repeatable(
    action: Action, value: int, *, idempotent: bool, answer: bool
) -> None:
    assert repeatable(write(action, value), idempotent=idempotent) is answer
