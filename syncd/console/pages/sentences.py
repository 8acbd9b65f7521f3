"""The sentences of syncd in another language: from their parts, or read back where only the text was kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from syncd.domain.said import Said

_LEAST = 8
"""A sentence with fewer letters of its own could be found in what others say."""

_DEEPEST = 4
"""So deep do sentences stand in each other."""


class Sentences:
    """Says in one language what syncd says in English.

    What the state keeps as text is read back by the very template that wrote it, the longest that fits.
    """

    def __init__(self, translations: Mapping[str, str]) -> None:
        self._translations = translations
        templates = [_Template.of(text) for text in translations]
        self._templates = sorted((one for one in templates if one.letters), key=lambda one: one.rank)

    def told(self, text: str) -> str | None:
        """Return a sentence in this language, None where it is none of syncd's."""
        return self._told(text, _LEAST, _DEEPEST)

    def _told(self, text: str, least: int, depth: int) -> str | None:
        said = text if isinstance(text, Said) else self._read_back(text, least)
        if said is None or not depth or said.template not in self._translations:
            return None
        facts = {name: self._fact(fact, depth - 1) for name, fact in said.facts.items()}
        return self._translations[said.template] % facts

    def _fact(self, fact: object, depth: int) -> str:
        text = str(fact)
        # In a sentence of syncd a short one is its own, too.
        told = self._told(text, 1, depth)
        return text if told is None else told

    def _read_back(self, text: str, least: int) -> Said | None:
        for template in self._templates:
            if template.letters >= least and (facts := template.facts_in(text)) is not None:
                return Said(template.text, facts)
        return None


_PLACE = re.compile(r"%\((\w+)\)([rs])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """A sentence in its parts: `own` stands before, between and behind its places, with so many `letters`."""

    text: str
    names: tuple[str, ...]
    quoted: tuple[bool, ...]
    own: tuple[str, ...]
    letters: int

    @classmethod
    def of(cls, text: str) -> "_Template":
        places = list(_PLACE.finditer(text))
        ends = [0, *(place.end() for place in places)]
        starts = [*(place.start() for place in places), len(text)]
        own = tuple(text[end:start].replace("%%", "%") for end, start in zip(ends, starts, strict=True))
        return cls(
            text=text,
            names=tuple(place[1] for place in places),
            quoted=tuple(place[2] == "r" for place in places),
            own=own,
            letters=sum(sign.isalpha() for part in own for sign in part),
        )

    @property
    def rank(self) -> tuple[int, int]:
        """Return its place among those that may fit: what says more comes first, be it only quotes."""
        return -sum(map(len, self.own)), -sum(self.quoted)

    def facts_in(self, text: str) -> Mapping[str, str] | None:
        """Return the facts of a text that it made, None for another text.

        Each part is looked for once: a text made on purpose must not be looked through for long.
        """
        if not self.names:
            return {} if text == self.own[0] else None
        first, *between, last = self.own
        if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
            return None
        inside = text[len(first) : len(text) - len(last)]
        values = _apart(inside, between) if first else _apart_from_behind(inside, between)
        if values is None:
            return None
        facts: dict[str, str] = {}
        for name, quoted, value in zip(self.names, self.quoted, values, strict=True):
            fact = _unquoted(value) if quoted else value
            if fact is None or facts.setdefault(name, fact) != fact:
                return None
        return facts


def _apart(text: str, between: list[str]) -> list[str] | None:
    values = []
    for part in between:
        value, found, text = text.partition(part)
        if not found:
            return None
        values.append(value)
    return [*values, text]


def _apart_from_behind(text: str, between: list[str]) -> list[str] | None:
    """Return what stands between, where it begins with a sentence that may have the same parts."""
    values = []
    for part in reversed(between):
        text, found, value = text.rpartition(part)
        if not found:
            return None
        values.append(value)
    return [text, *reversed(values)]


def _unquoted(text: str) -> str | None:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if is_quoted else None
