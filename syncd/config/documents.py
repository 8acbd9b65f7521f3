"""Read the main TOML file and what it includes into one document that knows where each key stands."""

import codecs
import glob
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from syncd.config.lines import KeyPath, key_lines
from syncd.config.problems import Place, Problems

NAMED_TABLES = ("sources", "pools", "shops")
"""Tables of tables: every `[shops.NAME]` stands in one file, different names may stand in different files."""

LISTED_TABLES = ("overrides", "bundles", "virtual")
"""Arrays of tables: the entries of all files in the order of the files."""

_LARGEST_FILE = 64 * 1024 * 1024
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_DECLARED = re.compile(r"Cannot declare \((.*)\) twice")


@dataclass(kw_only=True, slots=True)
class Documents:
    """All files joined: `values` by key, the `files` that were found, and whether one of them is `broken`."""

    values: dict[str, Any] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    broken: bool = False


class _File(NamedTuple):
    name: str
    values: dict[str, Any]
    lines: dict[KeyPath, int]

    def place(self, path: KeyPath) -> Place:
        return Place(self.name, self.lines.get(path, 0))


def read_documents(main: Path, problems: Problems) -> Documents:
    """Return `main` joined with the files it includes; what cannot be read or joined goes to `problems`."""
    documents = Documents(files=[main])
    first = _read(main, problems)
    documents.broken = first is None
    if first is None:
        return documents
    patterns = first.values.pop("include", [])
    _join(first, documents, problems)
    for path in _included(first, main, patterns, problems):
        documents.files.append(path)
        file = _read(path, problems)
        if file is None:
            documents.broken = True
            continue
        if file.values.pop("include", None) is not None:
            place = file.place(("include",))
            problems.add_at(place, "only the main file may include others", "move it there", "include")
        _join(file, documents, problems)
    return documents


# --- finding -----------------------------------------------------------------------------------------------


def _included(first: _File, main: Path, patterns: object, problems: Problems) -> Iterator[Path]:
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        place = first.place(("include",))
        problems.add_at(
            place, "must be a list of file names", 'write include = ["shops.d/*.toml"]', "include"
        )
        return
    seen = {main.resolve()}
    for position, pattern in enumerate(patterns):
        # Unlike Path.glob it takes absolute patterns, and leaves out the hidden files that editors make.
        names = sorted(glob.glob(pattern, root_dir=main.parent, recursive=True))  # noqa: PTH207
        if not names:
            place = first.place(("include", position))
            hint = "it is looked for beside the main file; correct it or take it out"
            problems.add_at(place, "matches no file", hint, f"include[{position + 1}]")
        for path in (main.parent / name for name in names):
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


# --- reading -----------------------------------------------------------------------------------------------


def _read(path: Path, problems: Problems) -> _File | None:
    text = _text(path, problems)
    if text is None:
        return None
    try:
        values = tomllib.loads(text)
    except RecursionError:
        problems.add_at(Place(str(path), 0), "is nested too deeply", "use fewer brackets inside brackets")
        return None
    except ValueError as error:
        _add_syntax_error(error, path, problems)
        return None
    return _File(str(path), values, key_lines(text, values))


def _text(path: Path, problems: Problems) -> str | None:
    place = Place(str(path), 0)
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        hint = "see that it exists and that the user who runs syncd may read it"
        problems.add_at(place, f"cannot be read: {error.strerror}", hint)
        return None
    if len(raw) > _LARGEST_FILE:
        problems.add_at(place, "is larger than 64 MiB", "this is hardly a configuration")
        return None
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        problems.add_at(place, "is UTF-16", "save it as UTF-8")
        return None
    # Windows editors begin UTF-8 files with a mark that TOML does not know; it means nothing.
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.add_at(Place(str(path), line), "is not UTF-8", "save it as UTF-8; it may be GB18030 now")
        return None


def _add_syntax_error(error: ValueError, path: Path, problems: Problems) -> None:
    text = str(error)
    at_line = _AT_LINE.search(text)
    line = int(at_line[1]) if at_line else 0
    text = _AT_LINE.sub("", text)
    declared = _DECLARED.match(text)
    if declared:
        # The parser names keys as a tuple: ('shops', 'tmall')
        key = ".".join(re.findall(r"'([^']*)'", declared[1]))
        message, hint = "is defined twice in this file", "join the two, or rename one"
        problems.add_at(Place(str(path), line), message, hint, key)
    elif text == "Cannot overwrite a value":
        message, hint = "a key is defined twice in one table", "take one of the two out"
        problems.add_at(Place(str(path), line), message, hint)
    else:
        hint = "text stands in quotes, tables in [brackets]; the rest of this file was not looked at"
        problems.add_at(Place(str(path), line), f"is not TOML: {_without_values(text)}", hint)


def _without_values(text: str) -> str:
    # Some messages of the parser quote a character or key of the text, which might be part of a secret.
    return re.sub(r"\s*(?:'[^']*'|\"[^\"]*\"|\(.*\))", "", text) if "Illegal" in text or "(" in text else text


# --- joining -----------------------------------------------------------------------------------------------


def _join(file: _File, documents: Documents, problems: Problems) -> None:
    offsets: dict[str, int] = {}
    refused: set[KeyPath] = set()
    for key, value in file.values.items():
        if key in NAMED_TABLES:
            refused |= _join_named(file, key, value, documents, problems)
        elif key in LISTED_TABLES:
            offsets[key] = len(documents.values.get(key, ()))
            refused |= _join_listed(file, key, value, documents, problems)
        elif key in documents.values:
            refused.add((key,))
            _add_twice(file, (key,), problems)
        else:
            documents.values[key] = value
    for path, place in _places(file):
        if path[:1] in refused or path[:2] in refused:
            continue
        problems.places.setdefault(_shifted(path, offsets), place)


def _join_named(
    file: _File, key: str, value: object, documents: Documents, problems: Problems
) -> set[KeyPath]:
    if not isinstance(value, dict):
        problems.add_at(file.place((key,)), "must be a table of tables", f"write [{key}.NAME]", key)
        documents.broken = True
        return {(key,)}
    tables = documents.values.setdefault(key, {})
    twice = [name for name in value if name in tables]
    for name in twice:
        _add_twice(file, (key, name), problems)
    tables.update({name: table for name, table in value.items() if name not in tables})
    return {(key, name) for name in twice}


def _join_listed(
    file: _File, key: str, value: object, documents: Documents, problems: Problems
) -> set[KeyPath]:
    if not isinstance(value, list):
        problems.add_at(file.place((key,)), "must be an array of tables", f"write [[{key}]]", key)
        documents.broken = True
        return {(key,)}
    documents.values.setdefault(key, []).extend(value)
    return set()


def _add_twice(file: _File, path: tuple[str, ...], problems: Problems) -> None:
    other = problems.place(path)
    place = f"{other.file}:{other.line}" if other.line else other.file
    hint = "keep one of the two, or rename one"
    problems.add_at(file.place(path), f"is defined already in {place}", hint, ".".join(path))


def _places(file: _File) -> Iterator[tuple[KeyPath, Place]]:
    for path, line in file.lines.items():
        yield path, Place(file.name, line)
    # Where the lines are not known, at least the file is.
    for key, value in file.values.items():
        inner: list[str | int] = []
        if key in NAMED_TABLES and isinstance(value, dict):
            inner = list(value)
        elif key in LISTED_TABLES and isinstance(value, list):
            inner = list(range(len(value)))
        for path in ((key,), *((key, part) for part in inner)):
            yield path, Place(file.name, 0)


def _shifted(path: KeyPath, offsets: dict[str, int]) -> KeyPath:
    """Return where `path` of one file stands in the joined document."""
    if len(path) > 1 and isinstance(path[0], str) and isinstance(path[1], int):
        return (path[0], path[1] + offsets.get(path[0], 0), *path[2:])
    return path
