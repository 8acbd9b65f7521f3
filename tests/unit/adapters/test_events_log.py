"""The log: one line per event, in which no fact takes the place of the line's own words."""

import asyncio
import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from syncd.adapters.events import LogEvents, configure_log
from syncd.adapters.events.mqtt.messages import KINDS
from syncd.adapters.events.strays import Strays
from syncd.domain.alerts.kinds import TRAITS, Level
from syncd.domain.alerts.signals import Raise, signals_of
from syncd.domain.notices import WATCHED


@pytest.fixture
def written() -> Iterator[StringIO]:
    stream = StringIO()
    configure_log("debug", as_json=True, stream=stream)
    yield stream
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, Strays)]


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


class _PlantedError(Exception):
    """An error whose words hold a secret."""


def test_what_libraries_complain_of_is_a_line_like_all_others_without_secrets(written: StringIO) -> None:
    async def complain() -> None:
        def broken(_: str) -> None:
            raise _PlantedError("hunter2 in the error")

        asyncio.get_running_loop().call_soon(broken, "hunter2 in a callback")
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(complain())
    logging.getLogger("some.library").warning("cannot reach %s", "https://user:hunter2@host")
    logging.getLogger("some.library").error("cannot reach hunter2")
    logging.getLogger("some.library").info("all is well")

    callback, reach, bare = map(json.loads, written.getvalue().splitlines())
    assert "hunter2" not in written.getvalue()
    assert {line["event"] for line in (callback, reach, bare)} == {"library_failed"}
    assert (callback["library"], callback["error"]) == ("asyncio", "_PlantedError")
    assert callback["where"].endswith("broken")
    assert (reach["says"], bare["library"], "says" in bare) == ("cannot reach %s", "some.library", False)


def test_what_asyncio_complains_of_is_said_without_what_it_is_about(written: StringIO) -> None:
    logging.getLogger("asyncio").error("Task was destroyed but it is pending!\ntask: <hunter2>")

    assert json.loads(written.getvalue())["says"] == "Task was destroyed but it is pending!"
