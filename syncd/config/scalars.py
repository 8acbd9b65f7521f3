"""The kinds of values that settings are made of, each with an error that says what to write instead."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from syncd.domain.model import LARGEST

DURATION_PATTERN = r"^[0-9]{1,9}(ms|s|m|h|d)$"
NAME_PATTERN = re.compile(r"[a-z0-9_]{1,64}")

_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_LONGEST = 3650 * 86_400.0


def seconds(text: object) -> float:
    """Return the seconds of a duration such as `15m`; a bare number has no unit and is refused.

    Raises:
        PydanticCustomError: it is no duration, or longer than ten years.
    """
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        hint = 'write a whole number and its unit in quotes: "500ms", "10s", "15m", "2h" or "1d"'
        is_bare = isinstance(text, int | float) or (isinstance(text, str) and text.strip().isdigit())
        message = "is a duration without a unit" if is_bare else "is not a duration"
        raise PydanticCustomError("duration", message, {"hint": hint})
    result = int(match[1]) * _SECONDS[match[2]]
    if result > _LONGEST:
        raise PydanticCustomError("duration", "is longer than ten years", {"hint": "write a shorter time"})
    return result


def duration_text(value: float) -> str:
    """Return seconds as the settings write them, in the largest unit that fits: 5400 is `90m`."""
    for unit in ("d", "h", "m", "s"):
        if value and value % _SECONDS[unit] == 0:
            return f"{int(value / _SECONDS[unit])}{unit}"
    return f"{round(value * 1000)}ms" if value else "0s"


def takes_duration(field: FieldInfo) -> bool:
    """Return whether the field is one of this module's durations, which are read from text only."""
    return any(isinstance(part, BeforeValidator) and part.func is seconds for part in field.metadata)


def _some_time(value: float) -> float:
    if value <= 0:
        raise PydanticCustomError("duration", "must be more than no time at all", {"hint": "such as 30s"})
    return value


def _clean(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise PydanticCustomError(
            "text", "has blanks around it or characters that cannot be seen", {"hint": "take them out"}
        )
    return text


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return `values`.

    Raises:
        PydanticCustomError: one of them stands there twice.
    """
    for position, value in enumerate(values):
        if value in values[:position]:
            raise PydanticCustomError(
                "repeated", "names the same thing twice", {"hint": f"take out number {position + 1}"}
            )
    return values


def _end(value: object) -> datetime:
    """Return the moment that `until` names; a date holds until its day is over in UTC."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise PydanticCustomError(
                "until", "has no time zone", {"hint": "write it with one, such as 2026-12-31T18:00:00Z"}
            )
        return value.astimezone(UTC)
    if isinstance(value, date) and value < date.max:
        return datetime.combine(value + timedelta(days=1), time(), UTC)
    raise PydanticCustomError(
        "until",
        "is not a date",
        {"hint": "write a date without quotes, such as 2026-12-31 or 2026-12-31T18:00:00Z"},
    )


_DURATION_SCHEMA = WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN})

Seconds = Annotated[float, BeforeValidator(seconds), _DURATION_SCHEMA]
"""A time of 0 or more, written `"15m"`."""

SomeSeconds = Annotated[float, BeforeValidator(seconds), AfterValidator(_some_time), _DURATION_SCHEMA]
"""A time above 0, written `"15m"`."""

Whole = Annotated[int, Strict()]
"""A whole number; neither text nor true nor 1.0."""

Percent = Annotated[Whole, Field(ge=0, le=100)]
"""A whole number from 0 to 100."""

Units = Annotated[Whole, Field(ge=0, le=LARGEST)]
"""A number of units, 0 or more."""

PackUnits = Annotated[Whole, Field(ge=1, le=1_000_000)]
"""How many units of a SKU one pack or bundle holds."""

Weight = Annotated[Whole, Field(ge=0, le=1_000_000)]
"""A share's weight; 0 is no share."""

Text = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=200), AfterValidator(_clean)]
"""A name or code as the other side writes it."""

Texts = Annotated[tuple[Text, ...], Field(min_length=1), AfterValidator(distinct)]
"""At least one, none twice."""

OneOrMore = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_more),
    Field(min_length=1),
    AfterValidator(distinct),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
]
"""One text or a list of them."""

Until = Annotated[
    datetime,
    BeforeValidator(_end),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}),
]
"""A moment, or a date to its end in UTC."""


def web_address(text: str) -> SplitResult | None:
    """Return the parts of a whole http or https address; None for any other text."""
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_whole and text.isprintable() and " " not in text else None
