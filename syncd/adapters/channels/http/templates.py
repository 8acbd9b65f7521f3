"""Bodies and paths with placeholders, filled from a write."""

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any
from urllib.parse import quote

from syncd.domain.model import Write

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

PATH_WORDS = frozenset({"id", "item", "code", "location"})
LINE_WORDS = PATH_WORDS | {"value", "base", "key"}

_FIELDS = {word: "listing" if word == "id" else word for word in sorted(LINE_WORDS)}
"""Where a write has what."""

_UNKNOWN = "the counter that it was computed from is not known"

_SEVERAL = 2
"""Of fewer, `attrgetter` makes no tuple."""

Filler = Callable[[Write], Any]
"""Fills one template; raises `Unfillable`."""


class Unfillable(Exception):  # noqa: N818 - says what the template is
    """A write lacks what the template needs; never leaves this channel."""


def words(template: object) -> frozenset[str]:
    """Return the placeholders anywhere in a JSON template, known or not."""
    if isinstance(template, str):
        return frozenset(_PLACEHOLDER.findall(template))
    if isinstance(template, Mapping):
        return frozenset().union(*map(words, template.values()))
    if isinstance(template, list | tuple):
        return frozenset().union(*map(words, template))
    return frozenset()


def _values(write: Write) -> dict[str, str | int | None]:
    return {word: getattr(write, field) for word, field in _FIELDS.items()}


def filled(template: Any, write: Write) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the template with the write's figures; a placeholder that stands alone keeps its type.

    Raises:
        Unfillable: the counter it was computed from is needed and unknown.
    """
    return _filled(template, _values(write))


def filler(template: Any) -> Filler:  # noqa: ANN401 - JSON is anything
    """Return what `filled` does with this template, which is taken apart once."""
    places = _lone_words(template)
    if not places:
        return lambda write: filled(template, write)
    keys = tuple(places)
    figures: Callable[[Write], tuple[str | int | None, ...]] = attrgetter(
        *(_FIELDS[word] for word in places.values())
    )

    def fill(write: Write) -> dict[str, str | int | None]:
        values = figures(write)
        if None in values:
            raise Unfillable(_UNKNOWN)
        return dict(zip(keys, values, strict=True))

    return fill


def _lone_words(template: object) -> dict[str, str]:
    """Return the placeholder of each key of a flat template, if it has several and nothing else."""
    if not isinstance(template, Mapping) or len(template) < _SEVERAL:
        return {}
    found = {
        key: alone[1]
        for key, value in template.items()
        if isinstance(value, str) and (alone := _PLACEHOLDER.fullmatch(value)) and alone[1] in _FIELDS
    }
    return found if len(found) == len(template) else {}


def _filled(template: Any, values: Mapping[str, str | int | None]) -> Any:  # noqa: ANN401 - JSON is anything
    if isinstance(template, str):
        return _filled_text(template, values)
    if isinstance(template, Mapping):
        return {key: _filled(value, values) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [_filled(value, values) for value in template]
    return template


def _filled_text(template: str, values: Mapping[str, str | int | None]) -> str | int:
    alone = _PLACEHOLDER.fullmatch(template)
    if alone:
        return _value(alone[1], values)
    return _PLACEHOLDER.sub(lambda match: str(_value(match[1], values)), template)


def _value(word: str, values: Mapping[str, str | int | None]) -> str | int:
    value = values[word]
    if value is None:
        raise Unfillable(_UNKNOWN)
    return value


def filled_path(template: str, write: Write) -> str:
    """Return a path in which every id is quoted whole.

    Raises:
        Unfillable: an id is empty, `.` or `..`, with which the path would lead elsewhere.
    """
    if "{" not in template:
        return template
    values = _values(write)

    def quoted(match: re.Match[str]) -> str:
        value = str(values[match[1]])
        if value in {"", ".", ".."}:
            raise Unfillable("its id cannot stand in a path")
        return quote(value, safe="")

    return _PLACEHOLDER.sub(quoted, template)
