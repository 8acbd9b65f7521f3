"""The parameters of one call: those of the gateway as texts, those of the business as one JSON object."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from syncd.mock.forms import FormError, is_id, read_form, read_local, read_whole
from syncd.mock.jd.refusal import Refusal, invalid, missing

BUSINESS = "360buy_param_json"
"""The parameter that holds all that is not the gateway's."""

_ZONED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d{4}", re.ASCII)


class Business:
    """The business parameters of one call, or one object in them; null and an empty text count as missing."""

    def __init__(self, values: Mapping[str, object], where: str = "") -> None:
        self._values = values
        self._where = where

    def has(self, name: str) -> bool:
        """Return True where the parameter is there."""
        return self._values.get(name) not in (None, "")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; a whole number may stand for one."""
        value = self._values.get(name)
        if not self.has(name):
            if default is None:
                raise missing(self._at(name))
            return default
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise invalid(self._at(name), "a text")
        return str(value)

    def whole(self, name: str, default: int | None = None, *, least: int | None, most: int = 10**18) -> int:
        """Return a whole number within its limits; a text of digits may stand for one."""
        text = self.text(name, None if default is None else str(default))
        value = read_whole(text)
        if value is None or (least is not None and value < least) or value > most:
            raise invalid(self._at(name), f"a whole number from {least} to {most}")
        return value

    def id(self, name: str) -> str:
        """Return an id of digits."""
        text = self.text(name)
        if not is_id(text):
            raise invalid(self._at(name), "a number")
        return text

    def names(self, name: str, default: str | None = None) -> tuple[str, ...]:
        """Return the texts that stand between commas, each once."""
        found = dict.fromkeys(one.strip() for one in self.text(name, default).split(","))
        return tuple(one for one in found if one)

    def ids(self, name: str) -> tuple[str, ...]:
        """Return the ids that stand between commas, none where the parameter is missing."""
        found = self.names(name, "")
        if not all(is_id(one) for one in found):
            raise invalid(self._at(name), "numbers between commas")
        return found

    def time(self, name: str) -> datetime | None:
        """Return a time, None where it is missing."""
        if not self.has(name):
            return None
        when = read_local(self.text(name))
        if when is None:
            raise invalid(self._at(name), "a time such as 2026-01-01 00:00:00")
        return when

    def object(self, name: str) -> "Business":
        """Return the object under this name."""
        value = self._values.get(name)
        if value is None:
            raise missing(self._at(name))
        return _as_object(value, self._at(name))

    def objects(self, name: str) -> list["Business"]:
        """Return the list of objects under this name; it must hold one at least."""
        value = self._values.get(name)
        if not value:
            raise missing(self._at(name))
        if not isinstance(value, list):
            raise invalid(self._at(name), "a list")
        return [_as_object(one, f"{self._at(name)}[{n}]") for n, one in enumerate(value)]

    def _at(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name


class Params:
    """The parameters of one call as they were signed."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def text(self, name: str) -> str:
        """Return a text, empty where it is missing."""
        return self.values.get(name, "")

    def business(self) -> Business:
        """Return what the call is about, no parameters at all where the gateway's is missing."""
        try:
            # A number with a point would be one of the mistakes that a mock must find.
            value: Any = json.loads(self.text(BUSINESS) or "{}", parse_float=str)
        except ValueError:
            raise Refusal(61) from None
        return _as_object(value, "")


async def read_params(request: web.Request) -> Params:
    """Return the parameters of the URL and of the form; a name that stands twice spoils the call."""
    if request.method not in ("GET", "POST"):
        raise Refusal(3)
    try:
        return Params(await read_form(request))
    except FormError as error:
        raise invalid("parameters", str(error)) from None


def read_timestamp(text: str) -> datetime | None:
    """Return the time of a call: in Beijing's, or with thousandths and a zone; None where it is neither."""
    if not _ZONED.fullmatch(text):
        return read_local(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _as_object(value: object, where: str) -> Business:
    if not isinstance(value, dict):
        raise invalid(where or BUSINESS, "an object")
    return Business(value, where)
