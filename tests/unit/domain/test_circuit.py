"""The circuit: when it opens, when it tries again, and what it says."""

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.circuit import Circuit, CircuitState, Said


def opened(now: float = 0.0) -> Circuit:
    circuit = Circuit(threshold=3, rest=60.0)
    for _ in range(3):
        circuit, _ = circuit.failed(now)
    return circuit


def test_a_new_circuit_is_closed() -> None:
    assert Circuit().state(0.0) is CircuitState.CLOSED


def test_fewer_failures_than_the_threshold_leave_it_closed() -> None:
    circuit, _ = Circuit(threshold=2).failed(0.0)
    assert circuit.state(0.0) is CircuitState.CLOSED


def test_a_success_between_failures_starts_the_count_again() -> None:
    circuit, _ = Circuit(threshold=2).failed(0.0)
    circuit, _ = circuit.succeeded()
    circuit, _ = circuit.failed(0.0)
    assert circuit.state(0.0) is CircuitState.CLOSED


def test_failures_in_a_row_open_it() -> None:
    assert opened().state(0.0) is CircuitState.OPEN


def test_the_opening_is_said() -> None:
    circuit = Circuit(threshold=1)
    assert circuit.failed(0.0)[1] is Said.OPENED


def test_an_open_circuit_says_how_long_it_rests() -> None:
    assert opened(now=10.0).remaining(30.0) == 40.0


def test_a_closed_circuit_has_nothing_to_wait_for() -> None:
    assert Circuit().remaining(5.0) == 0.0


def test_after_the_rest_one_call_may_try() -> None:
    assert opened().state(60.0) is CircuitState.HALF_OPEN


def test_a_failed_trial_opens_it_for_another_rest() -> None:
    circuit, _ = opened().failed(60.0)
    assert circuit.state(119.0) is CircuitState.OPEN


def test_a_failed_trial_says_nothing_new() -> None:
    assert opened().failed(60.0)[1] is Said.NOTHING


def test_a_good_trial_closes_it() -> None:
    circuit, _ = opened().succeeded()
    assert circuit == Circuit(threshold=3, rest=60.0)


def test_the_recovery_is_said() -> None:
    assert opened().succeeded()[1] is Said.CLOSED


@given(st.integers(1, 5), st.lists(st.booleans(), max_size=60))
def test_outages_and_recoveries_are_said_in_turn(threshold: int, answers: list[bool]) -> None:
    circuit, said = Circuit(threshold=threshold), []
    for now, good in enumerate(answers):
        circuit, word = circuit.succeeded() if good else circuit.failed(float(now))
        said += [word] if word else []
    assert said == [Said.OPENED, Said.CLOSED] * (len(said) // 2) + [Said.OPENED] * (len(said) % 2)
