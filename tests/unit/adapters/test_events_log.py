"""The log: one line per event, in which no fact takes the place of the line's own words."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from syncd.adapters.events import LogEvents, configure_log
from syncd.adapters.events.mqtt.messages import KINDS
from syncd.domain.alerts.kinds import TRAITS, Level
from syncd.domain.alerts.signals import Raise, signals_of
from syncd.domain.notices import WATCHED


@pytest.fixture
def written() -> Iterator[StringIO]:
    stream = StringIO()
    configure_log("debug", as_json=True, stream=stream)
    yield stream
    structlog.reset_defaults()


def test_a_fact_never_takes_the_place_of_the_level_of_its_line(written: StringIO) -> None:
    LogEvents().tell("stopped", level="critical", event="other", timestamp="1970")

    line = json.loads(written.getvalue())
    assert (line["event"], line["level"], line["of_level"], line["of_event"]) == (
        "stopped",
        "info",
        "critical",
        "other",
    )


_SINGLE_LISTINGS = ("drift", "listing_unbound")
"""What may come for thousands at once, and is at level debug therefore."""


def _warns(name: str) -> bool:
    """Return whether people are alerted of the event, and not merely informed."""
    raises = [signal for signal in signals_of(name, {}) if isinstance(signal, Raise)]
    return any(TRAITS[signal.key.kind].level is not Level.INFO for signal in raises)


_WARNED_OF = [name for name in {**dict.fromkeys(WATCHED), **KINDS} if _warns(name)]


@pytest.mark.parametrize("name", [name for name in _WARNED_OF if name not in _SINGLE_LISTINGS])
def test_what_people_are_warned_of_is_a_warning_in_the_log_too(written: StringIO, name: str) -> None:
    LogEvents().tell(name)

    assert json.loads(written.getvalue())["level"] == "warning"


def test_empty_facts_are_left_out(written: StringIO) -> None:
    LogEvents().tell("stopped", because="", left=None, units=0)

    assert {"because", "left", "units"} & json.loads(written.getvalue()).keys() == {"units"}
