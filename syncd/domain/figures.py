"""Read one figure or one code as a source wrote it: exactly, or not at all."""

import math
import re
from decimal import Decimal
from unicodedata import category

from syncd.domain.model import LARGEST, Part

LONGEST_CODE = 200

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_SEPARATED = re.compile(r"[+-]?[0-9][0-9.,'’ \u00a0\u202f，]*")
_LONGEST_NUMBER = 40
_LONGEST_SHOWN = 40
# Control, format, surrogate, line and paragraph separator: nobody sees them, so no code would ever match.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

TAKES_AWAY = frozenset({Part.ALLOCATED, Part.UNSELLABLE, Part.LOCKED, Part.TRANSFER_OUT})
"""The parts that lower what can be sold; their decimals are rounded up, so that no broken unit is sold."""


class Unbelievable(Exception):  # noqa: N818 - says what the value is
    """A value cannot be believed; its text says why and follows the name of the column."""


def shown(value: object) -> str:
    """Return a value as messages show it, cut where it is long; a list or object is only named."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        text = _cut(value)
        return f"'{text}'" if text.isprintable() else ascii(text)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**_LONGEST_SHOWN else "a number of many digits"
    if isinstance(value, float | Decimal):
        return _cut(str(value))
    return "a list" if isinstance(value, list | tuple) else "an object"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def is_blank(value: object) -> bool:
    """Tell whether a value says nothing: null or white space."""
    return value is None or (isinstance(value, str) and not value.strip())


def units(value: object, *, takes_away: bool) -> tuple[int, bool]:
    """Return a figure in whole units and whether it was rounded: up if it `takes_away`, else down.

    Raises:
        Unbelievable: it is no number in 0..LARGEST, or has more than one reading (`1,000`).
    """
    number = _number(value)
    if not _is_finite(number):
        raise Unbelievable(f"is {shown(value)}, not a finite number")
    if number < 0:
        raise Unbelievable(f"is {shown(value)}, below 0")
    if number > LARGEST:
        raise Unbelievable(f"is {shown(value)}, more than any warehouse holds ({LARGEST})")
    whole = math.ceil(number) if takes_away else math.floor(number)
    return whole, whole != number


def _is_finite(number: float | Decimal) -> bool:
    if isinstance(number, Decimal):
        return number.is_finite()
    # A large int does not fit into the float that isfinite makes of it.
    return isinstance(number, int) or math.isfinite(number)


def _number(value: object) -> int | float | Decimal:
    if isinstance(value, str):
        return _parsed(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unbelievable(f"is {shown(value)}, not a number")
    return value


def _parsed(value: str) -> Decimal:
    text = value.strip()
    if not text:
        raise Unbelievable("is empty")
    if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text):
        return Decimal(text)
    if _SEPARATED.fullmatch(text):
        raise Unbelievable(f"is {shown(text)}, which can be read in several ways: write it like 1000.5")
    raise Unbelievable(f"is {shown(text)}, not a number")


def code(value: object) -> str:
    """Return a SKU or a warehouse's name without the white space around it; its case is kept.

    A whole number becomes its digits. A decimal is refused: long ids lose digits on the way through a float.

    Raises:
        Unbelievable: it is empty, too long, or holds characters that nobody sees.
    """
    if not isinstance(value, str):
        return _code_of_number(value)
    text = value.strip()
    if not text:
        raise Unbelievable("is empty")
    if len(text) > LONGEST_CODE:
        raise Unbelievable(f"has {len(text)} characters, at most {LONGEST_CODE} are allowed")
    if text.isprintable():
        return text
    if any(category(character) in _INVISIBLE for character in text):
        raise Unbelievable(f"is {shown(text)}, which holds invisible characters")
    return text


def _code_of_number(value: object) -> str:
    if value is None:
        raise Unbelievable("is empty")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_LONGEST_SHOWN:
        return str(value)
    raise Unbelievable(f"is {shown(value)}, which must be text")
