"""Alerts in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from syncd.adapters.memory.rules import storable
from syncd.domain.alerts.kinds import Level
from syncd.domain.alerts.records import AlertRow


class MemoryAlerts:
    """`AlertStore` in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._alerts: dict[int, AlertRow] = {}

    async def live_alerts(self) -> Sequence[AlertRow]:
        """Return the alerts that go on, and those of which somebody is still to be told, by id."""
        return [row for _, row in sorted(self._alerts.items()) if row.is_live]

    async def open_alerts(self) -> Mapping[Level, int]:
        """Return how many alerts go on, by level; none of a level that has none."""
        return Counter(row.level for row in self._alerts.values() if row.is_open)

    async def alerts(self, *, before: int | None = None, limit: int = 100) -> Sequence[AlertRow]:
        """Return the newest alerts with an id below `before`, newest first."""
        ids = sorted((number for number in self._alerts if before is None or number < before), reverse=True)
        return [self._alerts[number] for number in ids[: max(limit, 0)]]

    async def save_alerts(self, rows: Sequence[AlertRow]) -> None:
        """Upsert alerts by id; who acknowledged one stays as it is."""
        for row in storable(rows):
            known = self._alerts.get(row.id, row)
            self._alerts[row.id] = row._replace(acked_at=known.acked_at, acked_by=known.acked_by)

    async def acknowledge(self, alert: int, *, at: datetime, by: str) -> bool:
        """Note down that a person knows of an alert; return False if there is none of that id."""
        row = self._alerts.get(alert)
        if row is None:
            return False
        known = row._replace(acked_at=at, acked_by=by)
        storable([known])
        self._alerts[alert] = known
        return True
