"""What messages say, both ways, as pure functions."""

import json
from collections.abc import Mapping
from datetime import datetime

from syncd.domain.model import Sku

LARGEST = 64 * 1024
"""Bytes of the longest *look now* that is read."""

_LONGEST_CODE = 200
_LONGEST_TEXT = 500

KINDS: Mapping[str, str] = {
    "planned": "plan",
    "source_failing": "outage",
    "shop_failing": "outage",
    "source_recovered": "recovery",
    "shop_recovered": "recovery",
}
"""The events that are published, each with the last part of its topic."""


def read_look(payload: bytes) -> frozenset[Sku]:
    """Return the SKUs that a *look now* names, empty for all of them.

    Raises:
        ValueError: it says something else; the error names what is wrong and never quotes it.
    """
    if len(payload) > LARGEST:
        raise ValueError(f"it has {len(payload)} bytes, more than {LARGEST}")
    if not payload.strip():
        return frozenset()
    document = _parsed(payload)
    if not isinstance(document, dict):
        raise ValueError('it is not a JSON object such as {"skus": ["A", "B"]}')  # noqa: TRY004 - one kind
    if not document:
        return frozenset()
    if set(document) != {"skus"}:
        raise ValueError("it has other keys than skus")
    return _codes(document["skus"])


def _parsed(payload: bytes) -> object:
    try:
        return json.loads(payload.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None


def _codes(skus: object) -> frozenset[Sku]:
    if not isinstance(skus, list):
        raise ValueError("skus is not a list")  # noqa: TRY004 - one kind
    if not skus:
        # What a script sends that found nothing; it must not mean everything.
        raise ValueError("skus is empty; send {} for all")
    for at, code in enumerate(skus, 1):
        if not isinstance(code, str) or not code.strip() or len(code) > _LONGEST_CODE:
            raise ValueError(f"number {at} of skus is not a text of 1 to {_LONGEST_CODE} characters")
    return frozenset(Sku(code) for code in skus)


def event_text(facts: Mapping[str, object], *, at: datetime) -> bytes:
    """Return an event as JSON; long texts are cut, empty facts left out."""
    shown = {key: _short(value) for key, value in facts.items() if value not in ("", None)}
    return json.dumps({"at": at.isoformat(), **shown}, ensure_ascii=False, default=str).encode()


def _short(value: object) -> object:
    if not isinstance(value, str) or len(value) <= _LONGEST_TEXT:
        return value
    return value[: _LONGEST_TEXT - 1] + "…"
