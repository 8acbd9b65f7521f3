"""The ways by which alerts reach people: Apprise and the log."""

from syncd.adapters.alerts.apprise import AppriseSink
from syncd.adapters.alerts.log import LogSink
from syncd.config.alerts import LOG, AlertsTable
from syncd.ports.alerts import AlertSink

__all__ = ["AppriseSink", "LogSink", "open_sinks"]


def open_sinks(table: AlertsTable) -> dict[str, AlertSink]:
    """Return the ways to the targets of `[alerts]` by their names, and the log; nothing is sent yet."""
    return {LOG: LogSink(), **{target.name: AppriseSink(target.url) for target in table.to}}
