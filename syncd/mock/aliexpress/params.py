"""The parameters of one IOP call, and the times of the platform."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from syncd.mock.aliexpress.refusal import Refusal, invalid, missing
from syncd.mock.forms import FormError, is_id, read_form, read_local, read_whole, show_local

PACIFIC = "America/Los_Angeles"
"""The zone of the times that orders show and are asked for by; those of products are taken to be the same."""


class Params:
    """The parameters of one call as texts; whoever asks for one says what it must be."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.values.get(name, "")
        if not value:
            raise missing(name)
        return value

    def whole(self, name: str) -> int:
        """Return a whole number that must be there."""
        value = read_whole(self.text(name))
        if value is None:
            raise invalid(name, "a whole number")
        return value

    def id(self, name: str) -> str:
        """Return an id of digits that must be there."""
        return read_id(self.text(name), name)

    def object(self, name: str) -> "Query":
        """Return the JSON object that must be there."""
        return Query(self._json(name, dict), name)

    def objects(self, name: str, most: int) -> list["Query"]:
        """Return the JSON list of objects that must be there, at least one and up to `most`."""
        return as_queries(self._json(name, list), name, most)

    def _json(self, name: str, kind: type) -> Any:  # noqa: ANN401 - JSON is anything
        try:
            value = json.loads(self.text(name))
        except ValueError:
            value = None
        if not isinstance(value, kind):
            raise invalid(name, "JSON, an object" if kind is dict else "JSON, a list")
        return value


class Query:
    """One object out of a parameter; `name` says which for a message."""

    def __init__(self, values: Mapping[str, Any], name: str) -> None:
        self.values = values
        self._name = name

    def has(self, key: str) -> bool:
        """Return True where the key has a value."""
        return self.values.get(key) not in (None, "")

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        if not self.has(key):
            raise missing(f"{self._name}.{key}")
        value = self.values[key]
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return value

    def id(self, key: str) -> str:
        """Return an id that must be there, as a number or as a text of digits."""
        if not self.has(key):
            raise missing(f"{self._name}.{key}")
        return read_id(self.values[key], f"{self._name}.{key}")

    def whole(self, key: str, default: int | None = None, *, least: int, most: int) -> int:
        """Return a whole number within its limits, as a number or as a text of digits."""
        value = self.figure(key) if self.has(key) or default is None else default
        if not least <= value <= most:
            raise self.wrong(key, f"a whole number from {least} to {most}")
        return value

    def figure(self, key: str) -> int:
        """Return a whole number that must be there, whatever it is."""
        if not self.has(key):
            raise missing(f"{self._name}.{key}")
        value = read_whole(str(self.values[key]))
        if value is None or isinstance(self.values[key], bool):
            raise self.wrong(key, "a whole number")
        return value

    def time(self, key: str) -> datetime | None:
        """Return a time, None where it is missing."""
        if not self.has(key):
            return None
        when = read_pacific(self.text(key))
        if when is None:
            raise self.wrong(key, "a time such as 2026-01-01 00:00:00")
        return when

    def objects(self, key: str, most: int) -> list["Query"]:
        """Return a list of objects, at least one and up to `most`."""
        value = self.values.get(key)
        if not isinstance(value, list):
            raise missing(f"{self._name}.{key}") if value is None else self.wrong(key, "a list")
        return as_queries(value, f"{self._name}.{key}", most)

    def wrong(self, key: str, wanted: str) -> Refusal:
        """Return the refusal of a value that is not what is wanted."""
        return invalid(f"{self._name}.{key}", wanted)


def as_queries(values: list[Any], name: str, most: int) -> list[Query]:
    """Return the objects of a list, each with its place in it."""
    if not 1 <= len(values) <= most:
        raise invalid(name, f"a list of 1 to {most}")
    if not all(isinstance(value, dict) for value in values):
        raise invalid(name, "a list of objects")
    return [Query(value, f"{name}[{n}]") for n, value in enumerate(values)]


async def read_params(request: web.Request) -> Params:
    """Return the parameters of the URL and of the form; a name that stands twice spoils the call."""
    try:
        return Params(await read_form(request))
    except FormError as error:
        raise invalid("parameters", str(error)) from None


def read_id(value: object, name: str) -> str:
    """Return an id as its digits."""
    text = str(value)
    if isinstance(value, bool) or not is_id(text):
        raise invalid(name, "a number")
    return text


def read_pacific(text: str) -> datetime | None:
    """Return a time that is written in US Pacific time, None where it is not one.

    An hour that comes twice in autumn is taken as its second one; which one is meant is not documented.
    """
    when = read_local(text, ZoneInfo(PACIFIC))
    # Times of a zone are compared by the hands of the clock, which are no order in that hour.
    return when and when.astimezone(UTC)


def show_pacific(when: datetime) -> str:
    """Return a time as the platform writes it, without a zone."""
    return show_local(when, ZoneInfo(PACIFIC))
