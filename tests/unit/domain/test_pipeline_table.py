"""The program gives what was computed by hand, and what the slow oracle gives for anything."""

import pytest
from hypothesis import given, settings

from tests.unit.domain.cases import Case, Figures, differences, figures_of, load_cases
from tests.unit.domain.oracle import solve
from tests.unit.domain.oracle_world import World
from tests.unit.domain.program import run
from tests.unit.domain.strategies import worlds

CASES = load_cases()


@pytest.mark.parametrize("case", CASES, ids=[case.name.replace(" ", "_") for case in CASES])
def test_the_program_gives_what_was_computed_by_hand(case: Case) -> None:
    wrong = differences(case.expected, figures_of(run(case.world)))

    assert not wrong, "\n".join([case.because, *wrong])


@given(worlds())
@settings(deadline=None)
def test_the_program_agrees_with_the_slow_oracle(world: World) -> None:
    wrong = differences(_plain(figures_of(solve(world))), figures_of(run(world)))

    assert not wrong, "\n".join(wrong)


def _plain(figures: Figures) -> Figures:
    """Return the figures that decide: not the words for them, nor a count that is about to be dropped."""
    plain = {}
    for key, values in figures.items():
        if key[0] == "shop" and values["units"] is None:
            continue  # What nobody knows may be left out.
        dull = {"rule", "setting"} if values.get("off") else {"rule", "setting", "agree"}
        plain[key] = {name: value for name, value in values.items() if name not in dull}
    return plain
