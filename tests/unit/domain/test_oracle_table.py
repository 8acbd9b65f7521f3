"""The oracle gives what was computed by hand."""

import pytest

from tests.unit.domain.cases import Case, differences, figures_of, load_cases
from tests.unit.domain.oracle import solve

CASES = load_cases()
LEAST = 70


@pytest.mark.parametrize("case", CASES, ids=[case.name.replace(" ", "_") for case in CASES])
def test_the_oracle_gives_what_was_computed_by_hand(case: Case) -> None:
    wrong = differences(case.expected, figures_of(solve(case.world)))

    assert not wrong, "\n".join([case.because, *wrong])


def test_the_table_is_large_enough_to_cover_the_pipeline() -> None:
    assert len(CASES) >= LEAST


def test_no_two_cases_have_one_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
