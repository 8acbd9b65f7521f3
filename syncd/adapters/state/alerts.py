"""Alerts in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, text, update

from syncd.adapters.state import schema
from syncd.adapters.state.codec import micros
from syncd.adapters.state.database import Database
from syncd.adapters.state.rows import ALERTS
from syncd.adapters.state.transaction import Transaction
from syncd.domain.alerts.kinds import Level
from syncd.domain.alerts.records import AlertRow

_IS_LIVE = "ended_at IS NULL OR due <> '' OR owed <> ''"
_LIVE = f"WHERE {_IS_LIVE} ORDER BY id"

# Those that go on are live: said so, they are found by the index of these.
_OPEN = (
    select(schema.alerts.c.level, func.count())
    .where(schema.alerts.c.ended_at.is_(None), text(f"({_IS_LIVE})"))
    .group_by(schema.alerts.c.level)
)

# Who acknowledged it is another process's to say.
_SAVE = ALERTS.upsert.replace(', "acked_at" = excluded."acked_at", "acked_by" = excluded."acked_by"', "")


class SqliteAlerts:
    """`AlertStore` over SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def live_alerts(self) -> Sequence[AlertRow]:
        """Return the alerts that go on, and those of which somebody is still to be told, by id."""
        return await self._database.few.rows(ALERTS, _LIVE)

    async def open_alerts(self) -> Mapping[Level, int]:
        """Return how many alerts go on, by level; none of a level that has none."""
        return {Level(level): count for level, count in await self._database.few.query(_OPEN)}

    async def alerts(self, *, before: int | None = None, limit: int = 100) -> Sequence[AlertRow]:
        """Return the newest alerts with an id below `before`, newest first."""
        where, given = ("WHERE id < ?", (before,)) if before is not None else ("", ())
        return await self._database.few.rows(
            ALERTS, f"{where} ORDER BY id DESC LIMIT ?", (*given, max(limit, 0))
        )

    async def save_alerts(self, rows: Sequence[AlertRow]) -> None:
        """Upsert alerts by id; who acknowledged one stays as it is."""
        if rows:
            await self._database.write(
                lambda transaction: transaction.each(_SAVE, rows, ALERTS.encoder()), rows=len(rows)
            )

    async def acknowledge(self, alert: int, *, at: datetime, by: str) -> bool:
        """Note down that a person knows of an alert; return False if there is none of that id."""
        statement = update(schema.alerts).where(schema.alerts.c.id == alert)
        known = statement.values(acked_at=micros(at), acked_by=by)

        def write(transaction: Transaction) -> int:
            return transaction.run(known)

        return bool(await self._database.write(write))
