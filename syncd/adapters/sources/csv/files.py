"""Find the files of an export and read them whole."""

import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from syncd.adapters.sources.csv.settings import CsvSettings
from syncd.errors import Kind, PortError


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file as its folder lists it."""

    path: Path
    mtime_ns: int

    @property
    def name(self) -> str:
        """Return the name that messages use."""
        return self.path.name

    @property
    def mtime(self) -> datetime:
        """Return when the file was written last."""
        return datetime.fromtimestamp(self.mtime_ns / 1e9, tz=UTC)

    @property
    def mark(self) -> str:
        """Return what sorts files by age and knows one again: the cursor of deltas."""
        return f"{self.mtime_ns:020d} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The files of one export; `lacking` says which of them are not there."""

    files: tuple[Found, ...]
    lacking: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A whole file; `changed` where somebody wrote to it meanwhile."""

    data: bytes = field(repr=False)
    changed: bool


def exports(settings: CsvSettings, *, name: str) -> list[Export]:
    """Return the exports that are there, newest first, at least one.

    Raises:
        PortError: there is no file, or it cannot be looked for.
    """
    path = Path(settings.path)
    with _told(name, path):
        found = _listed(path, settings) if path.is_dir() else [_stated(path)]
    if not found:
        message = f"no file in {path} fits the pattern {settings.pattern!r}; check `path` and `pattern`"
        raise PortError(Kind.NOT_FOUND, f"{name}: {message}")
    if settings.files == "newest":
        return [Export(files=(file,)) for file in sorted(found, key=lambda file: file.mark, reverse=True)]
    return _grouped(found, settings, name=name)


def content(file: Found | Path, *, max_bytes: int, name: str) -> Content:
    """Return what is in the file, and whether it stayed the same while it was read.

    Raises:
        PortError: it is gone, may not be read, is no plain file, or larger than `max_bytes`.
    """
    path = file if isinstance(file, Path) else file.path
    with _told(name, path):
        before = path.stat()
        if not stat.S_ISREG(before.st_mode):
            raise PortError(Kind.REJECTED, f"{name}: {path.name} is no plain file; check `path`")
        if before.st_size > max_bytes:
            message = f"{path.name} has {before.st_size} bytes, more than `max_bytes` ({max_bytes}) allows"
            raise PortError(Kind.REJECTED, f"{name}: {message}")
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
        after = path.stat()
    return Content(data=data, changed=_identity(before) != _identity(after) or len(data) != after.st_size)


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _listed(folder: Path, settings: CsvSettings) -> list[Found]:
    # Not Path.glob: it shows a folder that may not be read as an empty one.
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_file()]
    patterns = (settings.pattern, settings.full_pattern)
    return [
        _stated(folder / name)
        for name in names
        if not name.startswith(".") and any(fnmatchcase(name, pattern) for pattern in patterns)
    ]


def _stated(path: Path) -> Found:
    return Found(path=path, mtime_ns=path.stat().st_mtime_ns)


def _grouped(found: Iterable[Found], settings: CsvSettings, *, name: str) -> list[Export]:
    """Return the exports that the parts' names tell, newest first; without `parts` all files are one."""
    groups: dict[str, list[Found]] = {}
    counts: dict[str, int] = {}
    for file in sorted(found, key=lambda file: file.name):
        match = re.search(settings.parts, file.name)
        if match is None:
            continue
        named = match.groupdict()
        group = named.get("export") or ""
        groups.setdefault(group, []).append(file)
        counts[group] = max(counts.get(group, 0), _count(named, settings.file_count, name=name))
    if not groups:
        message = f"no file in {settings.path} has a name that fits `parts`; check both"
        raise PortError(Kind.NOT_FOUND, f"{name}: {message}")
    newest = sorted(groups, key=lambda group: max(file.mark for file in groups[group]), reverse=True)
    return [Export(files=tuple(groups[g]), lacking=_lacking(groups[g], counts[g])) for g in newest]


def _count(named: Mapping[str, str | None], otherwise: int, *, name: str) -> int:
    text = named.get("count")
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdecimal()):
        message = f"the group (?P<count>...) of `parts` finds {text!r}, which is no number"
        raise PortError(Kind.REJECTED, f"{name}: {message}")
    return int(text)


def _lacking(files: list[Found], count: int) -> str:
    if len(files) == count:
        return ""
    return f"the export of {files[0].name} has {len(files)} of {count} files"


class _told:  # noqa: N801 - reads as a word in `with`
    """Turns what the system says about a file into a `PortError` that says what to do."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Raise the error's meaning, if it is one of the system's."""
        if isinstance(error, OSError):
            raise _meaning(self._name, self._path, error) from None


def _meaning(name: str, path: Path, error: OSError) -> PortError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return PortError(Kind.NOT_FOUND, f"{name}: {path} is not there; check `path`, or wait for the export")
    if isinstance(error, PermissionError):
        message = f"{path} may not be read by the user that syncd runs as; give it the right to"
        return PortError(Kind.PERMISSION, f"{name}: {message}")
    reason = error.strerror or type(error).__name__
    return PortError(Kind.TRANSIENT, f"{name}: {path} could not be read: {reason}")
