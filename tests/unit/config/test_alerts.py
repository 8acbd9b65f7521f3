"""The settings of `[alerts]`: nobody is told by default, addresses are secrets, and what does not fit."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from syncd.config.alerts import AlertsTable
from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.rules import AlertRules, Quiet
from syncd.domain.alerts.words import Language
from tests.unit.config.stand import VALID, load_text, problems_of

TARGET = '[[alerts.to]]\nname = "phone"\nurl = "env:PHONE"\n'
WHOLE = f"""[alerts]
language = "zh"
min_level = "warning"
kinds = {{ delisted = "warning", drift = "off" }}
quiet = {{ warning = "22:00-07:30" }}
group_for = "2m"
remind_after = "0s"
flap_for = "1h"
backlog_age = "5m"

{TARGET}min_level = "critical"
kinds = ["oversold", "backlog"]
language = "en"
"""
PHONE = {"PHONE": "json://planted"}


def alerts_of(tmp_path: Path, text: str) -> AlertsTable:
    return load_text(tmp_path, VALID + text, PHONE).settings.alerts


def test_without_the_table_only_the_log_is_told(tmp_path: Path) -> None:
    alerts = alerts_of(tmp_path, "")
    assert (alerts.to, alerts.rules()) == ((), AlertRules())


def test_the_table_becomes_rules(tmp_path: Path) -> None:
    assert alerts_of(tmp_path, WHOLE).rules() == AlertRules(
        min_level=Level.WARNING,
        levels={AlertKind.DELISTED: Level.WARNING},
        off=frozenset({AlertKind.DRIFT}),
        quiet={Level.WARNING: Quiet(time(22), time(7, 30))},
        group_for=timedelta(minutes=2),
        remind_after=timedelta(0),
        flap_for=timedelta(hours=1),
        oldest_decrease=timedelta(minutes=5),
    )


def test_a_target_has_its_own_wishes(tmp_path: Path) -> None:
    (target,) = alerts_of(tmp_path, WHOLE).to
    assert target.kinds == (AlertKind.OVERSOLD, AlertKind.BACKLOG)
    assert (target.min_level, target.language) == (Level.CRITICAL, Language.EN)


def test_an_address_is_read_from_where_it_is_kept_and_is_in_no_repr(tmp_path: Path) -> None:
    settings = load_text(tmp_path, VALID + WHOLE, PHONE).settings
    assert settings.alerts.to[0].url.get_secret_value() == "json://planted"
    assert "planted" not in repr(settings)


def test_a_credential_of_the_unit_cannot_be_read_here(tmp_path: Path) -> None:
    text = TARGET.replace("env:PHONE", "credential:phone")
    assert not alerts_of(tmp_path, text).to[0].is_readable
    assert alerts_of(tmp_path, TARGET).to[0].is_readable


def test_the_environment_may_say_what_stands_once(tmp_path: Path) -> None:
    environ = {"SYNCD_ALERTS__LANGUAGE": "zh", "SYNCD_ALERTS__BACKLOG_AGE": "7m"}
    alerts = load_text(tmp_path, VALID, environ).settings.alerts
    assert (alerts.language, alerts.backlog_age) == (Language.ZH, 420.0)


@pytest.mark.parametrize("name", ["TO", "KINDS", "QUIET"])
def test_lists_and_tables_are_no_business_of_the_environment(tmp_path: Path, name: str) -> None:
    rows = problems_of(tmp_path, VALID, {f"SYNCD_ALERTS__{name}": "[planted"})
    assert [row.message for row in rows] == ["matches no setting"]


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ('language = "de"', "alerts.language", "must be one of 'en', 'zh'"),
        ('time_zone = "Asia/Nowhere"', "alerts.time_zone", "is no time zone that this machine knows"),
        ('time_zone = "../UTC"', "alerts.time_zone", "is no time zone that this machine knows"),
        ('quiet = { warning = "22-7" }', "alerts.quiet.warning", "are no hours of a day"),
        ('quiet = { warning = "07:00-07:00" }', "alerts.quiet.warning", "are no hours of a day"),
        ('quiet = { warning = "24:00-07:00" }', "alerts.quiet.warning", "are no hours of a day"),
        ('group_for = "1"', "alerts.group_for", "is a duration without a unit"),
        ('flap_for = "0s"', "alerts.flap_for", "must be more than no time at all"),
        ('console = "stock.example"', "alerts.console", "is no address"),
        ("sound = true", "alerts.sound", "is no key of this table"),
    ],
)
def test_what_does_not_fit_is_one_problem(tmp_path: Path, text: str, key: str, message: str) -> None:
    rows = problems_of(tmp_path, f"{VALID}[alerts]\n{text}\n", PHONE)
    assert [(row.key, row.message) for row in rows] == [(key, message)]


@pytest.mark.parametrize("text", ['kinds = { drift = "loud" }', 'kinds = { hiccup = "off" }'])
def test_a_kind_or_level_that_there_is_not_is_named(tmp_path: Path, text: str) -> None:
    rows = problems_of(tmp_path, f"{VALID}[alerts]\n{text}\n", PHONE)
    assert len(rows) == 1
    assert rows[0].key.startswith("alerts.kinds")


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        (TARGET + TARGET, "alerts.to[2].name", "names two targets"),
        (TARGET + 'shops = ["nowhere"]', "alerts.to[1].shops[1]", "is a shop that is not configured"),
        (TARGET.replace('"phone"', '"log"'), "alerts.to[1].name", "is no name for a target"),
        (TARGET.replace('"phone"', '"My Phone"'), "alerts.to[1].name", "is no name for a target"),
        (
            TARGET.replace("env:PHONE", "json://planted"),
            "alerts.to[1].url",
            "must be a reference, not the secret itself",
        ),
        ('[[alerts.to]]\nname = "phone"\n', "alerts.to[1].url", "is missing"),
        (TARGET + "kinds = []", "alerts.to[1].kinds", "must not be empty"),
    ],
)
def test_what_does_not_fit_of_a_target_is_one_problem(
    tmp_path: Path, text: str, key: str, message: str
) -> None:
    rows = problems_of(tmp_path, VALID + text + "\n", PHONE)
    assert [(row.key, row.message) for row in rows] == [(key, message)]
    assert "planted" not in str(rows)
