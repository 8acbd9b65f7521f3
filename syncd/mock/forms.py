"""The parameters of a call that are texts: those of a URL and of a form, and what the texts say."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from urllib.parse import parse_qsl

from aiohttp import web

BEIJING = timezone(timedelta(hours=8))
"""The zone of the times that most platforms write or read."""

_MOST_DIGITS = 18
_TIME = "%Y-%m-%d %H:%M:%S"
_TIME_LENGTH = len("2026-01-01 00:00:00")


class FormError(ValueError):
    """The parameters of a call cannot be read; the text says what they must be."""


class Form(ABC):
    """The parameters of one call as texts; whoever asks for one says what it must be."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    @staticmethod
    @abstractmethod
    def missing(name: str) -> Exception:
        """Return how the platform refuses a call without this parameter."""

    @staticmethod
    @abstractmethod
    def invalid(name: str, wanted: str) -> Exception:
        """Return how the platform refuses a parameter that cannot be."""

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; an empty one counts as missing, and without a default it must be there."""
        value = self.values.get(name, "")
        if value:
            return value
        if default is None:
            raise self.missing(name)
        return default

    def whole(
        self, name: str, default: int | None = None, *, least: int | None, most: int | None = None
    ) -> int:
        """Return a whole number within its limits."""
        value = read_whole(self.text(name, None if default is None else str(default)))
        if value is None or (least is not None and value < least) or (most is not None and value > most):
            low = "" if least is None else f" of at least {least}"
            high = "" if most is None else f" and at most {most}"
            raise self.invalid(name, f"a whole number{low}{high}")
        return value

    def id(self, name: str) -> str:
        """Return an id of digits."""
        text = self.text(name)
        if not is_id(text):
            raise self.invalid(name, "a number")
        return text


async def read_form(request: web.Request) -> dict[str, str]:
    """Return the parameters of the URL and of the form.

    Raises:
        FormError: a name stands twice, or the text is not UTF-8.
    """
    raw = [request.rel_url.raw_query_string.encode(errors="surrogateescape")]
    if request.content_type == "application/x-www-form-urlencoded":
        raw.append(await request.read())
    pairs = [pair for text in raw for pair in _pairs(text)]
    values = dict(pairs)
    if len(values) < len(pairs):
        raise FormError("named once each")
    return values


def is_id(text: str) -> bool:
    """Return True where a text is nothing but digits."""
    return text.isascii() and text.isdigit()


def read_whole(text: str) -> int | None:
    """Return a whole number, None where the text is none."""
    digits = text.removeprefix("-")
    return int(text) if is_id(digits) and len(digits) <= _MOST_DIGITS else None


def read_local(text: str, zone: tzinfo = BEIJING) -> datetime | None:
    """Return a time such as 2026-01-01 00:00:00 in this zone, None where the text is none.

    An hour that comes twice in autumn is taken as its second one.
    """
    # strptime also takes single digits, no platform does.
    if len(text) != _TIME_LENGTH:
        return None
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=zone, fold=1)
    except ValueError:
        return None


def show_local(when: datetime, zone: tzinfo = BEIJING) -> str:
    """Return a time such as 2026-01-01 00:00:00 in this zone, which the text does not name."""
    return when.astimezone(zone).strftime(_TIME)


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise FormError("UTF-8") from None
