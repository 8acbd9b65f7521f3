"""Alerts in the log."""

from io import StringIO
from json import loads

import pytest
import structlog

from syncd.adapters.alerts import LogSink
from syncd.adapters.events import configure_log
from syncd.domain.alerts.kinds import Level
from syncd.ports.alerts import Notice


@pytest.mark.parametrize(
    ("level", "severity"),
    [(Level.INFO, "info"), (Level.WARNING, "warning"), (Level.CRITICAL, "warning")],
)
async def test_a_message_is_one_line(level: Level, severity: str) -> None:
    stream = StringIO()
    configure_log("info", as_json=True, stream=stream)
    try:
        await LogSink().send(Notice(level=level, title="低库存", body="a\nb"))
    finally:
        structlog.reset_defaults()
    line = loads(stream.getvalue())
    assert (line["event"], line["level"], line["importance"]) == ("alerted", severity, level.value)
    assert (line["title"], line["text"]) == ("低库存", "a\nb")
