"""The times that sources write, read without a guess."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from syncd.domain.figures import Unbelievable, is_blank, shown
from syncd.errors import Kind, PortError

MOST_AHEAD = timedelta(minutes=5)
"""Clocks differ; a time further ahead than this is no clock's fault but a wrong time zone."""

_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")
_EPOCH = re.compile(r"[0-9]{10}|[0-9]{13}")
_DIGITS = re.compile(r"[0-9]{14}")
_FIRST_MILLISECOND = 10**11


def zone(name: str) -> tzinfo:
    """Return the time zone `+08:00` or `Asia/Shanghai`.

    Raises:
        ValueError: there is no such zone.
    """
    if match := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-offset if match[1] == "-" else offset)
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no time zone of this machine") from None


def _checked_zone(name: str) -> str:
    try:
        zone(name)
    except ValueError:
        hint = "write an offset such as '+08:00', or a name such as 'Asia/Shanghai'"
        raise PydanticCustomError("timezone", "is no time zone of this machine", {"hint": hint}) from None
    return name


ZoneName = Annotated[str, AfterValidator(_checked_zone)]
"""A time zone as settings write it."""

ZONE_DESCRIPTION = "The time zone of times that name none: an offset ('+08:00') or a name ('Asia/Shanghai')."


def moment(value: object, *, local: tzinfo, form: str = "") -> datetime:
    """Return the time that `value` says, in UTC; a time without a zone is `local`.

    Text is ISO 8601 or 14 digits, or as `form` (of `strptime`) says. A number is seconds since 1970, or
    milliseconds where seconds would lie thousands of years ahead.

    Raises:
        Unbelievable: it is no time.
    """
    if is_blank(value):
        raise Unbelievable("is empty")
    try:
        time = _read(value, form)
        return (time if time.tzinfo else time.replace(tzinfo=local)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Unbelievable(f"is {shown(value)}, not a time") from None


def _read(value: object, form: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unbelievable(f"is {shown(value)}, not a time")
    if not isinstance(value, str):
        return datetime.fromtimestamp(value / 1000 if value >= _FIRST_MILLISECOND else value, tz=UTC)
    text = value.strip()
    if form:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added by the caller
    if _EPOCH.fullmatch(text):
        return _read(int(text), form)
    if _DIGITS.fullmatch(text):
        return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone is added by the caller
    return datetime.fromisoformat(text)


def not_ahead(as_of: datetime, *, now: datetime, place: str) -> datetime:
    """Return `as_of`, or `now` where it is a little later: a snapshot contains nothing after its reading.

    Raises:
        PortError: it is far ahead, so that no age could be believed.
    """
    if as_of - now > MOST_AHEAD:
        minutes = (as_of - now) // timedelta(minutes=1)
        message = f"{place}: as_of is {minutes} minutes ahead of this machine's clock; check `timezone`"
        raise PortError(Kind.REJECTED, message)
    return min(as_of, now)
