"""Settings from the environment."""

from pathlib import Path

import pytest

from tests.unit.config.stand import VALID, load_text, problems_of


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    config = load_text(tmp_path, VALID + "[cycle]\nevery = '2m'\n", {"SYNCD_CYCLE__EVERY": "30s"})
    assert config.settings.cycle.every == 30.0


def test_a_variable_leaves_the_other_keys_of_its_table(tmp_path: Path) -> None:
    config = load_text(tmp_path, VALID + "[cycle]\njitter = '2s'\n", {"SYNCD_CYCLE__EVERY": "30s"})
    assert config.settings.cycle.jitter == 2.0


def test_a_variable_can_be_a_number(tmp_path: Path) -> None:
    environ = {"SYNCD_STATE__LEDGER_DAYS": "30", "SYNCD_GUARD__MAX_OFF_PERCENT": "0"}
    settings = load_text(tmp_path, VALID, environ).settings
    assert (settings.state.ledger_days, settings.guard.max_off_percent) == (30, 0)


def test_a_guard_variable_reaches_every_shop_that_does_not_say_otherwise(tmp_path: Path) -> None:
    config = load_text(tmp_path, VALID, {"SYNCD_GUARD__MAX_OFF_PERCENT": "7"})
    assert [shop.guard.max_off_percent for shop in config.topology.shops] == [7]


@pytest.mark.parametrize("value", ["", "abc", "1.5", "-1", "1e3"])
def test_a_wrong_variable_is_told_by_its_name(tmp_path: Path, value: str) -> None:
    [row] = problems_of(tmp_path, VALID, {"SYNCD_GUARD__FROM_LISTINGS": value})
    assert (row.file, row.key) == ("SYNCD_GUARD__FROM_LISTINGS in the environment", "guard.from_listings")


@pytest.mark.parametrize(
    "name",
    [
        "SYNCD_CYCLE__EVRY",
        "SYNCD_CYCLE_EVERY",
        "SYNCD_cycle__every",
        "SYNCD_SHOPS__TMALL__CAP",
        "SYNCD_CYCLE",
    ],
)
def test_a_variable_that_matches_no_key_is_a_problem(tmp_path: Path, name: str) -> None:
    [row] = problems_of(tmp_path, VALID, {name: "30s"})
    assert (row.key, row.message) == (name, "matches no setting")


@pytest.mark.parametrize("name", ["SYNCD_CONFIG", "SYNCD_TOKEN", "HOME", "XSYNCD_CYCLE__EVRY"])
def test_other_variables_are_let_be(tmp_path: Path, name: str) -> None:
    assert problems_of(tmp_path, VALID, {name: "x"}) == []


def test_a_variable_that_is_a_secret_is_no_override(tmp_path: Path) -> None:
    text = VALID + 'token = "env:SYNCD_TMALL__TOKEN"\n'
    assert problems_of(tmp_path, text, {"SYNCD_TMALL__TOKEN": "x"}) == []


def test_the_environment_of_the_process_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_CYCLE__EVERY", "30s")
    assert load_text(tmp_path, VALID).settings.cycle.every == 60.0
