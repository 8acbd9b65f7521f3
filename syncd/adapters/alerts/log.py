"""Alerts in the log, for those who read nothing else."""

import structlog

from syncd.domain.alerts.kinds import Level
from syncd.ports.alerts import Notice


class LogSink:
    """Writes every message as one line."""

    async def send(self, notice: Notice) -> None:
        """Write one line; it always arrives."""
        log = structlog.get_logger()
        say = log.info if notice.level is Level.INFO else log.warning
        say("alerted", importance=notice.level.value, title=notice.title, text=notice.body)
