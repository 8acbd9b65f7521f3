"""Find the line of every key of a TOML document, which the standard parser does not tell."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any

KeyPath = tuple[str | int, ...]
"""Where a value stands: table keys as text, positions in arrays as numbers from 0."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"""(?:"{1,2})?', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'''(?:'{1,2})?", re.DOTALL)
_PLAIN = re.compile(r"[^,\]}\n#]+")


def key_lines(text: str, document: Mapping[str, Any]) -> dict[KeyPath, int]:
    """Return the line, from 1, of every key and array item of `document`, which `text` was parsed into.

    Empty unless exactly the keys of the document were found: a wrong line is worse than none.
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    try:
        scanner.scan()
        expected = set(_paths(document, ()))
    except (_LostError, IndexError, RecursionError):
        return {}
    return scanner.lines if set(scanner.lines) == expected else {}


def _paths(value: object, path: KeyPath) -> Iterator[KeyPath]:
    items: list[tuple[str | int, object]] = []
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


class _LostError(Exception):
    """The text is not what the scanner expects; nobody outside this module sees it."""


class _Scanner:
    """Walk over a document that is known to be valid TOML, and note where each key begins."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._at = 0
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
        self._items: dict[KeyPath, int] = {}

    def scan(self) -> None:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> KeyPath:
        line = self._line()
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        *parents, last = self._key()
        self._expect("]]" if is_array else "]")
        path: KeyPath = ()
        for part in parents:
            path = self._newest_item((*path, part))
            self.lines.setdefault(path, line)
        path = (*path, last)
        if not is_array:
            self.lines[path] = line
            return path
        self.lines.setdefault(path, line)
        self._items[path] = self._items.get(path, 0) + 1
        path = self._newest_item(path)
        self.lines[path] = line
        return path

    def _newest_item(self, path: KeyPath) -> KeyPath:
        self.lines.setdefault(path, self._line())
        count = self._items.get(path)
        return (*path, count - 1) if count else path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._expect("=")
        self._value(path)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_SPACE)
            if self._peek() in {'"', "'"}:
                raw = self._take(_BASIC if self._peek() == '"' else _LITERAL)
                parts.append(str(tomllib.loads(f"key = {raw}")["key"]))
            else:
                parts.append(self._take(_BARE_KEY))
            self._skip(_SPACE)
            if self._peek() != ".":
                return parts
            self._at += 1

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        for opening, pattern in (
            ('"""', _LONG_BASIC),
            ("'''", _LONG_LITERAL),
            ('"', _BASIC),
            ("'", _LITERAL),
        ):
            if self._text.startswith(opening, self._at):
                self._take(pattern)
                return
        if self._peek() == "[":
            self._array(path)
        elif self._peek() == "{":
            self._inline_table(path)
        else:
            self._take(_PLAIN)

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        position = 0
        while self._skip(_BLANK) != "]":
            item = (*path, position)
            self.lines[item] = self._line()
            self._value(item)
            position += 1
            if self._skip(_BLANK) == ",":
                self._at += 1
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while self._skip(_BLANK) != "}":
            self._pair(path)
            if self._skip(_BLANK) == ",":
                self._at += 1
        self._at += 1

    def _line(self) -> int:
        return bisect_right(self._line_ends, self._at - 1) + 1

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> str:
        self._match(pattern)
        return self._peek()

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = self._match(pattern)
        if not found:
            raise _LostError
        return found

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if not match:
            return ""
        self._at = match.end()
        return match.group()

    def _expect(self, text: str) -> None:
        self._skip(_SPACE)
        if not self._text.startswith(text, self._at):
            raise _LostError
        self._at += len(text)
