"""Values in the answers of platforms, believed only where they are plain."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.domain.model import LARGEST

_ID = re.compile(r"[0-9]{1,20}")


def is_id(text: str) -> bool:
    """Return whether a text can be a platform's id of digits."""
    return bool(_ID.fullmatch(text))


def id_text(value: object) -> str:
    """Return an id of an answer as text.

    Raises:
        ValueError: it is none; a float may have lost digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | str) or not is_id(str(value)):
        raise ValueError("an id is no whole number")
    return str(value)


def whole(value: object) -> int | None:
    """Return a quantity in 0..LARGEST, None for all that is not plainly one; never 0 for what is unknown."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(LARGEST)):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST else None


def plain(value: object) -> str:
    """Return a text of an answer, a whole number as text; empty for all else and for what cannot be seen."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.isprintable() else ""


def as_object(value: object) -> Mapping[str, Any]:
    """Return an object of an answer.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, Mapping):
        raise TypeError("no object")
    return value


def object_at(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object at `name`.

    Raises:
        LookupError: there is none.
        TypeError: something else stands there.
    """
    return as_object(body[name])


def objects(value: object) -> Sequence[Mapping[str, Any]]:
    """Return a list of objects of an answer; one that is missing is empty.

    Raises:
        TypeError: something else stands there.
    """
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise TypeError("no list of objects")
    return value


def rows(body: Mapping[str, Any], outer: str, inner: str) -> Sequence[Mapping[str, Any]]:
    """Return the list `outer.inner` of an answer, or the list `outer`; one that is missing is empty.

    Raises:
        TypeError: something else stands there.
    """
    wrapped = body.get(outer)
    found = wrapped.get(inner) if isinstance(wrapped, Mapping) else wrapped
    return [] if found == "" else objects(found)
