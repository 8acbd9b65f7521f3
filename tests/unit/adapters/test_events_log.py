"""The log: one line per event, in which no fact takes the place of the line's own words."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from syncd.adapters.events import LogEvents, configure_log


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


def test_empty_facts_are_left_out(written: StringIO) -> None:
    LogEvents().tell("stopped", because="", left=None, units=0)

    assert {"because", "left", "units"} & json.loads(written.getvalue()).keys() == {"units"}
