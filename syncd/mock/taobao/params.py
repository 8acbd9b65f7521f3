"""The parameters of one TOP call."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl

from aiohttp import web

from syncd.mock.taobao.refusal import Refusal, invalid, missing

BEIJING = timezone(timedelta(hours=8))
"""The zone of every time that TOP writes or reads."""

_MOST_DIGITS = 18
_TIME = "%Y-%m-%d %H:%M:%S"
_TIME_LENGTH = len("2026-01-01 00:00:00")


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
        text = self.text(name, None if default is None else str(default))
        value = read_whole(text)
        if value is None or (least is not None and value < least) or (most is not None and value > most):
            raise invalid(name, _limits(least, most))
        return value

    def id(self, name: str) -> str:
        """Return an id of digits."""
        text = self.text(name)
        if not _is_id(text):
            raise invalid(name, "a number")
        return text

    def ids(self, name: str, most: int) -> tuple[str, ...]:
        """Return up to `most` ids that stand between commas; an id written twice counts once."""
        found = tuple(dict.fromkeys(self.text(name).split(",")))
        if not all(_is_id(one) for one in found):
            raise invalid(name, "numbers between commas")
        if len(found) > most:
            raise invalid(name, f"at most {most} numbers")
        return found

    def names(self, name: str, most: int | None = None) -> tuple[str, ...]:
        """Return the texts that stand between commas, without the spaces around them."""
        found = tuple(one.strip() for one in self.text(name).split(","))
        if most is not None and len(found) > most:
            raise invalid(name, f"at most {most} texts")
        return found

    def word(self, name: str, default: str, known: tuple[str, ...]) -> str:
        """Return one of the known words."""
        value = self.text(name, default)
        if value not in known:
            raise invalid(name, f"one of {', '.join(known)}")
        return value

    def time(self, name: str) -> datetime | None:
        """Return a time, None where it is missing."""
        text = self.text(name, "")
        if not text:
            return None
        when = read_beijing(text)
        if when is None:
            raise invalid(name, "a time such as 2026-01-01 00:00:00")
        return when


async def read_params(request: web.Request) -> Params:
    """Return the parameters of the URL and of the form; a name that stands twice spoils the call."""
    if request.method not in ("GET", "POST"):
        raise Refusal(9)
    raw = [request.rel_url.raw_query_string.encode(errors="surrogateescape")]
    if request.content_type == "application/x-www-form-urlencoded":
        raw.append(await request.read())
    pairs = [pair for text in raw for pair in _pairs(text)]
    values = dict(pairs)
    if len(values) < len(pairs):
        raise invalid("parameters", "named once each")
    return Params(values)


def read_whole(text: str) -> int | None:
    """Return a whole number, None where the text is none."""
    digits = text.removeprefix("-")
    return int(text) if _is_id(digits) and len(digits) <= _MOST_DIGITS else None


def read_beijing(text: str) -> datetime | None:
    """Return a time that is written in Beijing's, None where it is not one."""
    # strptime also takes single digits, the platform does not.
    if len(text) != _TIME_LENGTH:
        return None
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=BEIJING)
    except ValueError:
        return None


def show_beijing(when: datetime) -> str:
    """Return a time as TOP writes it, without a zone."""
    return when.astimezone(BEIJING).strftime(_TIME)


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise invalid("parameters", "UTF-8") from None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _limits(least: int | None, most: int | None) -> str:
    low = "" if least is None else f" of at least {least}"
    high = "" if most is None else f" and at most {most}"
    return f"a whole number{low}{high}"
