"""The times of orders: local times of the platform, an hour of which comes twice in autumn."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_MILLISECONDS = re.compile(r"[0-9]{13}")
_SECOND = timedelta(seconds=1)


def first_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return a local time that is not after `moment`, however its hour is taken where it comes twice."""
    local = moment.astimezone(zone).replace(microsecond=0)
    # Before the hour that comes twice there is one second that comes once.
    return _text(_outside(local, -_SECOND) if _comes_twice(local) else local)


def last_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return a local time that is not before `moment`, however its hour is taken where it comes twice."""
    local = moment.astimezone(zone)
    whole = local.replace(microsecond=0) + (_SECOND if local.microsecond else timedelta())
    return _text(_outside(whole, _SECOND) if _comes_twice(whole) else whole)


def read_time(value: object, zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return a time of an answer: a local time, or milliseconds since 1970.

    Of a local time that comes twice it is the later one, unless that is still to come: so what is newer is
    never taken for older.

    Raises:
        ValueError: it is neither.
    """
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and _MILLISECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if not isinstance(text, str) or not _LOCAL.fullmatch(text):
        raise ValueError("no time of the form 2026-11-20 10:00:00")
    local = datetime.fromisoformat(text).replace(tzinfo=zone)
    later = local.replace(fold=1).astimezone(UTC)
    return later if later <= now or not _comes_twice(local) else local.replace(fold=0).astimezone(UTC)


def read_optional_time(value: object, zone: ZoneInfo, *, now: datetime) -> datetime | None:
    """Return a time of an answer, None where there is none.

    Raises:
        ValueError: something else stands there.
    """
    return None if value in {None, ""} else read_time(value, zone, now=now)


def _comes_twice(local: datetime) -> bool:
    """Return whether a wall clock shows this time twice; also true of one that it never shows."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _outside(local: datetime, step: timedelta) -> datetime:
    """Return a time by the wall clock that comes once, before `local` or after it as `step` goes.

    Clocks are put back at a full hour, or by half of one that ends there.
    """
    begins = step < timedelta()
    wall = (local.replace(minute=0, second=0) if begins else local.replace(minute=59, second=59)) + step
    while _comes_twice(wall):
        wall += step * 3600
    return wall


def _text(local: datetime) -> str:
    return local.strftime("%Y-%m-%d %H:%M:%S")
