"""An alert as a document: for the API, the console, MQTT and scripts."""

from datetime import datetime

from syncd.domain.alerts.kinds import TRAITS, AlertKind, Level
from syncd.domain.alerts.records import AlertRow, Json
from syncd.domain.alerts.words import Language, advice_of, line_of, title_of

_MOMENT: Json = {"type": "string", "format": "date-time"}
_MAYBE: Json = {"type": ["string", "null"], "format": "date-time"}

ALERT_SCHEMA: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "syncd.alert/1",
    "type": "object",
    "additionalProperties": False,
    "required": [
        "schema",
        "id",
        "kind",
        "level",
        "open",
        "subject",
        "since",
        "seen",
        "until",
        "told",
        "times",
        "flapping",
        "acknowledged",
        "facts",
        "title",
        "text",
        "advice",
    ],
    "properties": {
        "schema": {"const": "syncd.alert/1"},
        "id": {"type": "integer", "minimum": 1},
        "kind": {"enum": [kind.value for kind in AlertKind]},
        "level": {"enum": [level.value for level in Level]},
        "open": {"type": "boolean"},
        "subject": {"type": "object", "additionalProperties": {"type": "string"}},
        "since": _MOMENT,
        "seen": _MOMENT,
        "until": _MAYBE,
        "told": _MAYBE,
        "times": {"type": "integer", "minimum": 1},
        "flapping": {"type": "boolean"},
        "acknowledged": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "required": ["at", "by"],
            "properties": {"at": _MOMENT, "by": {"type": "string"}},
        },
        "facts": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
        "title": {"type": "string"},
        "text": {"type": "string"},
        "advice": {"type": "string"},
    },
}
"""The JSON schema of `alert_document`."""


def alert_document(row: AlertRow, language: Language = Language.EN) -> Json:
    """Return an alert as JSON: `subject` says where and about what, `title`, `text` and `advice` in words."""
    traits = TRAITS[row.kind]
    subject = {name: value for name, value in ((traits.place, row.place), (traits.thing, row.thing)) if name}
    return {
        "schema": "syncd.alert/1",
        "id": row.id,
        "kind": row.kind.value,
        "level": row.level.value,
        "open": row.is_open,
        "subject": subject,
        "since": row.began_at.isoformat(),
        "seen": row.seen_at.isoformat(),
        "until": _text(row.ended_at),
        "told": _text(row.told_at),
        "times": row.times,
        "flapping": row.flapping,
        "acknowledged": {"at": row.acked_at.isoformat(), "by": row.acked_by} if row.acked_at else None,
        "facts": row.known,
        "title": title_of(row, language),
        "text": line_of(row, language),
        "advice": advice_of(row.kind, language),
    }


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
