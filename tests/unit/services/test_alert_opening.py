"""Alerting for one configuration: who is told of what, how, and with which links."""

from pathlib import Path

import pytest

from syncd.adapters.memory import FakeClock, MemoryStore
from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.messages import Filter
from syncd.domain.alerts.words import Language
from syncd.services.alerting import Alerting, Hearing, Inbox, open_alerting
from tests.unit.config.stand import VALID, load_text
from tests.unit.services.alert_world import FakeSink
from tests.unit.services.cycle_world import Told

TARGET = '\n[[alerts.to]]\nname = "phone"\nurl = "env:PHONE"\n'


def opened(tmp_path: Path, text: str) -> Alerting:
    configuration = load_text(tmp_path, VALID + text, {"PHONE": "json://planted"})
    sinks = {name: FakeSink() for name in ("log", "phone")}
    hearing = Hearing(inbox=Inbox(), events=Told())
    return open_alerting(configuration, sinks, MemoryStore(), FakeClock(), hearing)


def test_the_log_is_always_told_in_english(tmp_path: Path) -> None:
    (log,) = opened(tmp_path, '[alerts]\nlanguage = "zh"\nmin_level = "warning"\n').targets
    assert (log.name, log.filter) == ("log", Filter(min_level=Level.WARNING, never="log"))
    assert (log.style.language, log.style.console) == (Language.EN, "")


def test_a_target_gets_what_it_asked_for_and_nothing_of_its_own_outage(tmp_path: Path) -> None:
    text = TARGET + 'kinds = ["oversold"]\nshops = ["tmall"]\nmin_level = "info"\n'
    phone = opened(tmp_path, text).targets[1]
    assert phone.filter == Filter(
        min_level=Level.INFO,
        kinds=frozenset({AlertKind.OVERSOLD}),
        shops=frozenset({"tmall"}),
        never="phone",
    )


@pytest.mark.parametrize(("own", "language"), [("", Language.ZH), ('language = "en"\n', Language.EN)])
def test_a_target_has_a_language_of_its_own_or_that_of_all(
    tmp_path: Path, own: str, language: Language
) -> None:
    phone = opened(tmp_path, f'[alerts]\nlanguage = "zh"\n{TARGET}{own}').targets[1]
    assert phone.style.language is language


@pytest.mark.parametrize(
    ("text", "console"),
    [
        ("", ""),
        ("[http]\nport = 8700\n", ""),
        ('[http]\nport = 8700\nhosts = ["stock.example"]\n', "http://stock.example:8700"),
        (
            '[http]\nport = 8700\nhosts = ["stock.example"]\nproxies = ["127.0.0.1"]\n',
            "https://stock.example",
        ),
        (
            '[http]\nport = 8700\nhosts = ["a.example"]\n[alerts]\nconsole = "https://b.example"\n',
            "https://b.example",
        ),
    ],
)
def test_links_lead_where_people_reach_the_console(tmp_path: Path, text: str, console: str) -> None:
    assert opened(tmp_path, text + TARGET).targets[1].style.console == console


def test_no_secret_is_in_the_repr_of_a_target(tmp_path: Path) -> None:
    assert "planted" not in repr(opened(tmp_path, TARGET).targets)
