"""Values as Tryton writes them in JSON: times and decimals are objects, counts are floats."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from syncd.domain.figures import Unbelievable, shown

_DIGITS = 6
"""Tryton sums floats: 0.1 + 0.2 is 0.30000000000000004, and three such units must not be floored to two."""


def figure(value: object) -> object:
    """Return a count without the noise of sums of floats; what is no count is returned as it is."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return round(value, _DIGITS) if math.isfinite(value) else value
    if isinstance(value, Mapping) and value.get("__class__") == "Decimal":
        return _decimal(value.get("decimal"))
    return value


def there_and_owed(value: object) -> tuple[object, Decimal]:
    """Return the count of what lies there, and the units that left beyond it: Tryton counts on below 0.

    What is no count is returned as it is, and owes nothing.
    """
    count = figure(value)
    if isinstance(count, bool) or not isinstance(count, int | float | Decimal):
        return count, Decimal()
    exact = Decimal(str(count))
    return (0, -exact) if exact.is_finite() and exact < 0 else (count, Decimal())


def amount(value: object) -> Decimal:
    """Return the count of a move, exactly.

    Raises:
        Unbelievable: it is no count, or below 0.
    """
    number = figure(value)
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        raise Unbelievable(f"is {shown(number)}, not a number")
    exact = Decimal(str(number))
    if not exact.is_finite():
        raise Unbelievable(f"is {shown(number)}, not a finite number")
    if exact < 0:
        raise Unbelievable(f"is {shown(number)}, below 0")
    return exact


def stamp(value: object) -> datetime | None:
    """Return the time of an answer, in the zone of Tryton's own clock; None where there is none.

    Raises:
        ValueError: it is no time.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping) or value.get("__class__") != "datetime":
        raise ValueError("not a time")
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return datetime(*(_whole(value.get(name, 0)) for name in names))  # type: ignore[arg-type]  # noqa: DTZ001


def day(value: object) -> date:
    """Return the date of an answer.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, Mapping) or value.get("__class__") != "date":
        raise ValueError("not a date")
    return date(*(_whole(value.get(name)) for name in ("year", "month", "day")))


def sent(value: date) -> dict[str, object]:
    """Return a date or a time as Tryton takes it: every part must be there."""
    whole: dict[str, object] = {"year": value.year, "month": value.month, "day": value.day}
    if not isinstance(value, datetime):
        return {"__class__": "date"} | whole
    return (
        {"__class__": "datetime"}
        | whole
        | {
            "hour": value.hour,
            "minute": value.minute,
            "second": value.second,
            "microsecond": value.microsecond,
        }
    )


def _decimal(text: object) -> object:
    try:
        number = Decimal(str(text))
        return round(number, _DIGITS) if number.is_finite() else number
    except InvalidOperation:
        return text


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("not a whole number")  # noqa: TRY004 - the caller asks whether it is a time
    return value
