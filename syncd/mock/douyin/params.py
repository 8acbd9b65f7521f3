"""The parameters of one call: some in the query, the rest as JSON in the body."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from syncd.mock.douyin.refusal import Refusal, invalid, missing
from syncd.mock.douyin.sign import canonical
from syncd.mock.forms import read_local

_MOST_DIGITS = 19


class Body:
    """One object of a body; whoever asks for a value says what it must be."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        """Return True where the value is there and says something."""
        return self._values.get(name) not in (None, "")

    def id(self, name: str, default: str | None = None) -> str:
        """Return an id of digits, written as a number or as a text."""
        if not self.has(name):
            return _given(name, default)
        value = self._values[name]
        text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not _is_digits(text):
            raise invalid(name, "a number")
        return text

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; an empty one counts as missing, and without a default it must be there."""
        if not self.has(name):
            return _given(name, default)
        value = self._values[name]
        if not isinstance(value, str):
            raise invalid(name, "a text")
        return value

    def whole(
        self, name: str, default: int | None = None, *, least: int | None = 0, most: int | None = None
    ) -> int:
        """Return a whole number within its limits, also where it is written as a text."""
        if not self.has(name):
            if default is None:
                raise missing(name)
            return default
        value = read_whole(self._values[name])
        if value is None or (least is not None and value < least) or (most is not None and value > most):
            raise invalid(name, "a whole number within its limits")
        return value

    def flag(self, name: str, *, default: bool | None) -> bool:
        """Return true or false; None as the default means that it must be there."""
        if not self.has(name):
            if default is None:
                raise missing(name)
            return default
        value = self._values[name]
        if not isinstance(value, bool):
            raise invalid(name, "true or false")
        return value

    def items(self, name: str, *, most: int) -> list[Any]:
        """Return a list that is not empty, of at most so many."""
        if not self.has(name):
            raise missing(name)
        value = self._values[name]
        if not isinstance(value, list) or not value or len(value) > most:
            raise invalid(name, f"a list of 1 to {most}")
        return value

    def objects(self, name: str, *, most: int) -> "list[Body]":
        """Return a list of objects that is not empty."""
        value = self.items(name, most=most)
        if not all(isinstance(entry, Mapping) for entry in value):
            raise invalid(name, "a list of objects")
        return [Body(entry) for entry in value]

    def time(self, name: str) -> datetime | None:
        """Return a time that is written in unix seconds, None where it is missing."""
        if not self.has(name):
            return None
        return from_unix(self.whole(name, most=10**11))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call as it came in: its query, the text of its body, and what that text says."""

    path: str
    query: Mapping[str, str]
    raw: str
    body: Body
    is_canonical: bool


async def read_call(request: web.Request) -> Asked:
    """Return what was asked; one that cannot be read is refused.

    Raises:
        Refusal: a parameter stands twice, or the body is no object.
    """
    raw = (await request.read()).decode(errors="replace") or "{}"
    pairs = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
    query = dict(pairs)
    if len(query) < len(pairs):
        raise unreadable("every parameter must be named once")
    try:
        value = json.loads(raw)
    except ValueError:
        value = None
    if not isinstance(value, Mapping):
        raise unreadable("param_json must be a JSON object")
    return Asked(
        path=request.path, query=query, raw=raw, body=Body(value), is_canonical=canonical(value) == raw
    )


def unreadable(message: str) -> Refusal:
    """Return the refusal of a call that is not written as the gateway wants it."""
    return Refusal(40003, "isv.parameter-format-invalid", message)


def read_timestamp(text: str) -> datetime | None:
    """Return when a call was made: unix seconds, or a date in Beijing's time; None where it is neither."""
    if _is_digits(text):
        return from_unix(int(text)) if len(text) <= len("1767225600") else None
    return read_local(text)


def read_whole(value: object) -> int | None:
    """Return a whole number, None where the value is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _is_digits(value.removeprefix("-")):
        return int(value)
    return None


def from_unix(seconds: int) -> datetime:
    """Return the time of unix seconds, in UTC."""
    return datetime.fromtimestamp(min(seconds, 253_402_300_799), UTC)


def to_unix(when: datetime | None) -> int:
    """Return a time in unix seconds, 0 where there is none."""
    return 0 if when is None else int(when.timestamp())


def _given(name: str, default: str | None) -> str:
    if default is None:
        raise missing(name)
    return default


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
