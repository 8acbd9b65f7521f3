"""Alerts as a page, and how many of them go on."""

from typing import Any

from syncd.domain.alerts.document import alert_document
from syncd.domain.alerts.kinds import Level
from syncd.domain.alerts.records import AlertRow
from syncd.domain.alerts.words import Language
from syncd.ports.alerts import AlertStore
from syncd.services.desk.asked import Asked, key_of, paged

Json = dict[str, Any]

_KIND = "alerts"
_READ = 500


async def alert_counts(store: AlertStore) -> Json:
    """Return how many alerts go on, by level."""
    counts = await store.open_alerts()
    return {level.value: counts.get(level, 0) for level in reversed(Level)}


async def alerts_page(store: AlertStore, asked: Asked, language: Language) -> Json:
    """Return the alerts that go on, the newest first; with `ended` also those that are over."""
    before = key_of(_KIND, asked.cursor, int)
    start = before[0] if before else None
    found: list[AlertRow] = []
    if asked.ended:
        while len(found) <= asked.page:
            rows = await store.alerts(before=start, limit=_READ)
            found += [row for row in rows if _is_wanted(row, asked)]
            if len(rows) < _READ:
                break
            start = rows[-1].id
    else:
        rows = [row for row in await store.live_alerts() if row.is_open and _is_wanted(row, asked)]
        found = sorted((row for row in rows if start is None or row.id < start), key=lambda row: -row.id)
    shown, following = paged(_KIND, found[: asked.page + 1], asked.page, lambda row: (row.id,))
    return {"items": [alert_document(row, language) for row in shown], "next": following}


def _is_wanted(row: AlertRow, asked: Asked) -> bool:
    return asked.shop in (None, row.place) and asked.what in ("", row.level)
