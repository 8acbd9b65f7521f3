"""Collect everything that is wrong with a configuration, each with its file, key and line."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from syncd.config.lines import KeyPath
from syncd.domain.said import keep
from syncd.errors import Problem


class Place(NamedTuple):
    """Where a key was written; `line` 0 is unknown."""

    file: str
    line: int


class Problems:
    """All findings about one configuration: `found` stop it, `notes` do not.

    `places` says where each key stands; a key that is not there (it is missing) is told at the nearest table
    around it.
    """

    def __init__(self, main_file: str) -> None:
        self.found: list[Problem] = []
        self.notes: list[Problem] = []
        self.places: dict[KeyPath, Place] = {}
        self._main_file = main_file

    def add(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Record what is wrong at `path`; said twice it is kept once."""
        _append_once(self.found, self._problem(path, message, hint))

    def add_at(self, place: Place, message: str, hint: str = "", key: str = "") -> None:
        """Record what is wrong at a place outside the keys, such as a file that cannot be read."""
        problem = Problem(file=place.file, key=key, message=message, hint=hint, line=place.line)
        _append_once(self.found, problem)

    def note(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Record what people should know but what does not stop the configuration."""
        _append_once(self.notes, self._problem(path, message, hint))

    def place(self, path: KeyPath) -> Place:
        """Return where `path` stands, or the nearest table around it, or only the main file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return Place(self._main_file, 0)

    def ordered(self, files: Iterable[str]) -> list[Problem]:
        """Return what was found, in the order of `files` and lines, the rest after that."""
        rank = {file: number for number, file in enumerate(files)}
        return sorted(self.found, key=lambda each: (rank.get(each.file, len(rank)), each.line))

    def _problem(self, path: KeyPath, message: str, hint: str) -> Problem:
        place = self.place(path)
        return Problem(file=place.file, key=key_text(path), message=message, hint=hint, line=place.line)


def key_text(path: KeyPath) -> str:
    """Return a path as people write it, positions counted from 1: `shops.tmall.packs[2].units`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def suggestion(word: str, known: Iterable[str], what: str) -> str:
    """Return a hint that names the likeliest of `known`, else all of them; `word` itself is not repeated."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return keep("did you mean `%(name)s`?", name=close[0])
    if not names:
        return keep("there are no %(what)s yet", what=what)
    return keep("known %(what)s: %(names)s", what=what, names=", ".join(names))


def value_at(document: object, path: KeyPath) -> object:
    """Return what stands at `path`, None where nothing does."""
    for part in path:
        if isinstance(document, Mapping):
            document = document.get(part)
        elif isinstance(document, list) and isinstance(part, int):
            document = document[part] if part < len(document) else None
        else:
            return None
    return document


def _append_once(rows: list[Problem], problem: Problem) -> None:
    if problem not in rows:
        rows.append(problem)
