"""The parameters of one call, from a form or from a JSON object of texts."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from syncd.mock.pdd.refusal import Refusal, common, invalid, missing

BEIJING = timezone(timedelta(hours=8))
"""The zone of every time that the platform writes as a text."""

_MOST_DIGITS = 18
_MOST_SECONDS = 10**11


class Params:
    """The parameters of one call as texts; whoever asks for one says what it must be."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; an empty one counts as missing, and without a default it must be there."""
        value = self.values.get(name, "")
        if value:
            return value
        if default is None:
            raise missing(name)
        return default

    def whole(
        self, name: str, default: int | None = None, *, least: int | None, most: int | None = None
    ) -> int:
        """Return a whole number within its limits."""
        value = read_whole(self.text(name, None if default is None else str(default)))
        if value is None or (least is not None and value < least) or (most is not None and value > most):
            raise invalid(name, _limits(least, most))
        return value

    def one_of(self, name: str, known: tuple[int, ...], default: int | None = None) -> int:
        """Return one of the known numbers."""
        value = self.whole(name, default, least=None)
        if value not in known:
            raise invalid(name, f"one of {', '.join(str(number) for number in known)}")
        return value

    def id(self, name: str) -> str:
        """Return an id of digits."""
        text = self.text(name)
        if not is_id(text):
            raise invalid(name, "a number")
        return text

    def seconds(self, name: str) -> datetime:
        """Return a time that is written as seconds since 1970."""
        return datetime.fromtimestamp(self.whole(name, least=0, most=_MOST_SECONDS), UTC)

    def objects(self, name: str) -> list[dict[str, Any]]:
        """Return a list of objects that is written as JSON."""
        try:
            value = json.loads(self.text(name))
        except ValueError:
            value = None
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise invalid(name, "a list of objects in JSON")
        return value


async def read_params(request: web.Request) -> Params:
    """Return the parameters of the form, or of the JSON object; a name that stands twice spoils the call."""
    if request.method != "POST":
        raise common("http_method")
    raw = await request.read()
    if request.content_type == "application/json":
        return Params(_from_json(raw))
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise Refusal(10000) from None
    values = dict(pairs)
    if len(values) < len(pairs):
        raise Refusal(10000)
    return Params(values)


def read_whole(text: str) -> int | None:
    """Return a whole number, None where the text is none."""
    digits = text.removeprefix("-")
    return int(text) if is_id(digits) and len(digits) <= _MOST_DIGITS else None


def is_id(text: str) -> bool:
    """Return True where a text is nothing but digits."""
    return text.isascii() and text.isdigit()


def _from_json(raw: bytes) -> dict[str, str]:
    try:
        document = json.loads(raw)
    except ValueError:
        raise Refusal(10000) from None
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise Refusal(10000)
    return document


def _limits(least: int | None, most: int | None) -> str:
    low = "" if least is None else f" of at least {least}"
    high = "" if most is None else f" and at most {most}"
    return f"a whole number{low}{high}"
