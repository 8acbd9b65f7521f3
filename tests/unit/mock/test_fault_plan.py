"""The fault plan: which calls it strikes, and what it says of a plan that is wrong."""

import pytest

from syncd.mock.clock import START
from syncd.mock.core import Call
from syncd.mock.faults import Fault, FaultKind, FaultPlan, read_faults
from syncd.mock.fields import MockError


def call_of(
    method: str = "GET", path: str = "/listings", *, page: int = 1, ids: tuple[str, ...] = ()
) -> Call:
    return Call(at=START, method=method, path=path, route="", page=page, listings=ids)


def plan_of(*faults: Fault, seed: int = 1) -> FaultPlan:
    plan = FaultPlan(seed)
    plan.replace(faults)
    return plan


def strikes(plan: FaultPlan, calls: int = 6) -> list[bool]:
    return [bool(plan.draw(call_of())) for _ in range(calls)]


def test_a_fault_strikes_once_unless_told_otherwise() -> None:
    assert strikes(plan_of(Fault(kind=FaultKind.GARBAGE)), 3) == [True, False, False]


def test_a_fault_lets_the_first_calls_pass() -> None:
    assert strikes(plan_of(Fault(kind=FaultKind.GARBAGE, after=2, times=2))) == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_fault_of_no_times_strikes_until_it_is_cleared() -> None:
    assert strikes(plan_of(Fault(kind=FaultKind.GARBAGE, times=0))) == [True] * 6


def test_the_same_seed_gives_the_same_strikes() -> None:
    fault = Fault(kind=FaultKind.GARBAGE, times=0, probability=0.5)
    assert strikes(plan_of(fault, seed=4), 50) == strikes(plan_of(fault, seed=4), 50)


def test_another_seed_gives_other_strikes() -> None:
    fault = Fault(kind=FaultKind.GARBAGE, times=0, probability=0.5)
    assert strikes(plan_of(fault, seed=4), 50) != strikes(plan_of(fault, seed=5), 50)


def test_a_probability_is_kept_to() -> None:
    fault = Fault(kind=FaultKind.GARBAGE, times=0, probability=0.25)
    assert 200 < sum(strikes(plan_of(fault), 1000)) < 300


def test_the_dice_of_one_fault_do_not_depend_on_another() -> None:
    fault = Fault(kind=FaultKind.GARBAGE, times=0, probability=0.5)
    other = Fault(kind=FaultKind.THROTTLE, times=0, probability=0.5)
    alone, beside = plan_of(fault), plan_of(fault, other)
    drawn = [FaultKind.GARBAGE in beside.draw(call_of()) for _ in range(50)]
    assert drawn == strikes(alone, 50)


def test_two_faults_of_a_kind_have_dice_of_their_own() -> None:
    fault = Fault(kind=FaultKind.GARBAGE, times=0, probability=0.5)
    plan = plan_of(fault, fault)
    strikes(plan, 200)
    first, second = (entry["struck"] for entry in plan.as_json())
    assert first != second


@pytest.mark.parametrize(
    ("fault", "call", "struck"),
    [
        (Fault(kind=FaultKind.RESET, method="POST"), call_of("GET"), False),
        (Fault(kind=FaultKind.RESET, method="POST"), call_of("POST"), True),
        (Fault(kind=FaultKind.RESET, path="/listings/*"), call_of(path="/listings/1/delist"), True),
        (Fault(kind=FaultKind.RESET, path="/listings/*"), call_of(path="/listings"), False),
        (Fault(kind=FaultKind.RESET, path="/LISTINGS"), call_of(path="/listings"), False),
        (Fault(kind=FaultKind.RESET, page=2), call_of(page=1), False),
        (Fault(kind=FaultKind.RESET, page=2), call_of(page=2), True),
        (Fault(kind=FaultKind.PARTIAL, ids=("1",)), call_of(ids=("2", "3")), False),
        (Fault(kind=FaultKind.PARTIAL, ids=("1",)), call_of(ids=("2", "1")), True),
    ],
)
def test_a_fault_strikes_only_the_calls_it_names(fault: Fault, call: Call, struck: bool) -> None:  # noqa: FBT001 - a table
    assert bool(plan_of(fault).draw(call)) is struck


def test_a_call_it_does_not_match_uses_nothing_up() -> None:
    plan = plan_of(Fault(kind=FaultKind.RESET, method="POST"))
    plan.draw(call_of("GET"))
    assert plan.draw(call_of("POST"))


def test_the_first_of_two_faults_of_a_kind_strikes() -> None:
    plan = plan_of(*[Fault(kind=FaultKind.SERVER_ERROR, status=status) for status in (500, 503)])
    assert plan.draw(call_of())[FaultKind.SERVER_ERROR].status == 500


def test_a_plan_is_read_from_a_list_or_an_object() -> None:
    entry = {"kind": "server_error", "status": 500, "method": "POST", "after": 1, "times": 2}
    fault = Fault(kind=FaultKind.SERVER_ERROR, status=500, method="POST", after=1, times=2)
    assert read_faults([entry]) == read_faults({"faults": [entry]}) == [fault]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "faults[0].kind: is missing, write a text that is not empty"),
        ({"kind": "thunder"}, "faults[0].kind: must be one of throttle, server_error, delay"),
        ({"kind": "garbage", "times": -1}, "faults[0].times: must be a whole number of at least 0"),
        ({"kind": "garbage", "probability": 1.5}, "faults[0].probability: must be a number from 0 to 1"),
        ({"kind": "garbage", "seconds": 3}, "faults[0].seconds: is not known here; known are after, body"),
        ({"kind": "server_error", "status": 200}, "faults[0].status: must be a whole number of at least 400"),
        (
            {"kind": "server_error", "status": 600},
            "faults[0].status: must be an error status from 400 to 599",
        ),
        ({"kind": "delay", "when": "never"}, 'faults[0].when: must be "before" or "after"'),
        ({"kind": "late_apply"}, "faults[0].seconds: is missing, write after how many seconds"),
        ({"kind": "partial", "ids": "1001"}, "faults[0].ids: must be a list, not a text"),
        ({"kind": "partial", "ids": [1001]}, "faults[0].ids: must be a list of texts"),
        ({"kind": "delay", "seconds": float("inf")}, "faults[0].seconds: must be a finite number"),
        ({"kind": "delay", "seconds": float("nan")}, "faults[0].seconds: must be a number from 0 up"),
        ({"kind": None}, "faults[0].kind: must be a text that is not empty, not null"),
        ("throttle", "faults[0]: must be an object, not a text"),
    ],
)
def test_a_wrong_fault_is_told_where_and_why(entry: object, message: str) -> None:
    with pytest.raises(MockError) as caught:
        read_faults([entry])
    assert str(caught.value).startswith(message)


def test_a_plan_that_is_no_list_is_told() -> None:
    with pytest.raises(MockError, match=r"faults: must be a list of faults, \[\] to clear them"):
        read_faults({"kind": "throttle"})
