"""The sentences of syncd in another language: from their parts, or read back where only the text was kept."""

import re
from collections.abc import Mapping

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
        long = [one for one in translations if len(_own(one)) >= _LEAST]
        patterns = [(one, _pattern(one)) for one in long]
        # Of two that fit the one that says more itself is meant, be it two quotes more.
        self._patterns = sorted(patterns, key=lambda one: (-len(_own(one[0])), -len(one[1].pattern)))

    def told(self, text: str) -> str | None:
        """Return a sentence in this language, None where it is none of syncd's."""
        return self._told(text, _DEEPEST)

    def _told(self, text: str, depth: int) -> str | None:
        said = text if isinstance(text, Said) else self._read_back(text)
        if said is None or not depth or said.template not in self._translations:
            return None
        facts = {name: self._fact(fact, depth - 1) for name, fact in said.facts.items()}
        return self._translations[said.template] % facts

    def _fact(self, fact: object, depth: int) -> str:
        text = str(fact)
        told = self._told(text, depth)
        return text if told is None else told

    def _read_back(self, text: str) -> Said | None:
        for template, pattern in self._patterns:
            if found := pattern.fullmatch(text):
                return Said(template, found.groupdict())
        return None


_PLACE = re.compile(r"%\((\w+)\)([rs])|(%%)")


def _own(template: str) -> str:
    return _PLACE.sub("", template)


def _pattern(template: str) -> re.Pattern[str]:
    pattern, at, seen = "", 0, set[str]()
    for place in _PLACE.finditer(template):
        pattern += re.escape(template[at : place.start()])
        name, form, _ = place.groups()
        if name is None:
            pattern += "%"
        elif name in seen:
            pattern += f"(?P={name})"
        else:
            pattern += f"['\"](?P<{name}>.*?)['\"]" if form == "r" else f"(?P<{name}>.*?)"
        seen.add(name)
        at = place.end()
    return re.compile(pattern + re.escape(template[at:]), re.DOTALL)
