"""Who guesses waits longer and longer, and nobody's guesses fill the memory."""

import pytest

from syncd.adapters.memory import FakeClock
from syncd.console.security.attempts import FREE, Attempts


def failed(count: int) -> tuple[Attempts, FakeClock]:
    """Return what somebody made of `count` attempts, each as soon as it was allowed."""
    clock = FakeClock()
    attempts = Attempts(clock)
    for _ in range(count):
        clock.advance(attempts.wait("192.0.2.1"))
        attempts.failed("192.0.2.1")
    return attempts, clock


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(0, 0), (1, 0), (FREE - 1, 0), (FREE, 1), (FREE + 1, 2), (FREE + 5, 32), (FREE + 40, 300)],
)
def test_the_wait_doubles_up_to_a_limit(failures: int, wait: float) -> None:
    attempts, _ = failed(failures)
    assert attempts.wait("192.0.2.1") == pytest.approx(wait)


def test_who_is_elsewhere_does_not_wait() -> None:
    attempts, _ = failed(FREE)
    assert attempts.wait("192.0.2.2") == 0


def test_a_success_forgives() -> None:
    attempts, _ = failed(FREE + 3)
    attempts.succeeded("192.0.2.1")
    assert attempts.wait("192.0.2.1") == 0


def test_after_an_hour_it_is_forgotten() -> None:
    attempts, clock = failed(FREE + 3)
    clock.advance(3601)
    attempts.failed("192.0.2.1")
    assert attempts.wait("192.0.2.1") == 0


def test_a_thousand_guesses_in_a_day_are_all_that_anybody_gets() -> None:
    attempts, clock = failed(FREE)
    began, tries = clock.monotonic(), 0
    while clock.monotonic() - began < 86_400:
        clock.advance(attempts.wait("192.0.2.1"))
        attempts.failed("192.0.2.1")
        tries += 1
    assert tries < 1000


def test_a_crowd_of_addresses_takes_no_memory() -> None:
    attempts = Attempts(FakeClock())
    for number in range(20_000):
        attempts.failed(f"address {number}")
    assert len(attempts._records) == 10_000
