"""Whole copies of a state: made beside whoever works with it, and looked through before they count."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkstemp

from syncd.adapters.state import schema
from syncd.adapters.state.connection import connect, uri
from syncd.adapters.state.failures import FAILURES, state_error
from syncd.errors import StateError, StateUnavailable, UsageError
from syncd.ports.care import StateCopy

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPARE = 16 * 1024 * 1024
"""So many bytes of the disk are left to others."""

_MAGIC = b"SQLite format 3\0"


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """How many copies made before migrations are kept; `free` tells the room on a disk in bytes."""

    keep: int = 5
    free: Callable[[Path], int] = _free
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def require_room(self, folder: Path, needed: int, *, why: str) -> None:
        """Return if the disk of `folder` has room for `needed` bytes.

        Raises:
            StateUnavailable: it has not; nothing was touched.
        """
        free = self.free(folder)
        if free < needed + _SPARE:
            raise StateUnavailable(
                f"{folder}: there is no room {why}: {_megabytes(needed + _SPARE)} are needed and "
                f"{_megabytes(free)} are free; nothing was touched; free some space and try again"
            )

    def stamp(self) -> str:
        """Return the time as names of files have it."""
        return f"{self.now().astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


def size_of(connection: sqlite3.Connection) -> int:
    """Return how many bytes a state has, with what is still in its log."""
    (pages,), (size,) = (
        connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
    )
    return int(pages * size)


def make_copy(file: Path, copy: Path) -> StateCopy:
    """Leave a whole copy of the state in `file` at `copy`, on disk, looked through and readable by us only.

    Others go on writing meanwhile; the copy has all that was committed when it began.

    Raises:
        UsageError: there is such a file already.
        StateError: the state or its copy is damaged, or could not be read or written.
    """
    with _reserved(copy), _beside(copy) as part:
        copied(file, part)
        found = looked_through(part)
        to_disk(part)
        part.replace(copy)
        to_disk(copy.parent)
    return StateCopy(file=copy, size=found.size, version=found.version, newest=found.newest)


def copied(file: Path, part: Path) -> None:
    """Write all of a state to the empty file `part`, which needs no log beside it."""
    with closing(connect(file, "ro")) as source, closing(sqlite3.connect(part)) as target:
        # In one step: in several it would begin anew with every write of another process.
        source.backup(target)
        # One file: a copy in WAL mode would leave two more beside it.
        target.execute("PRAGMA journal_mode = DELETE")


def looked_through(file: Path) -> StateCopy:
    """Return what is in a copy of a state, once all of it was read.

    Raises:
        StateError: it is no state of syncd, or damaged.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(len(_MAGIC))
        if start != _MAGIC:
            raise StateError(f"{file}: is no state of syncd: it is not an SQLite file")
        with closing(sqlite3.connect(uri(file, "ro"), uri=True)) as connection:
            return _looked_through(connection, file)
    except (*FAILURES, OSError) as error:
        raise StateError(f"{file}: is no state that can be used: {error}") from error


def _looked_through(connection: sqlite3.Connection, file: Path) -> StateCopy:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != schema.APPLICATION_ID:
        raise StateError(f"{file}: is no state of syncd: another program wrote it")
    problems = [text for (text,) in connection.execute("PRAGMA integrity_check(3)")]
    if problems != ["ok"]:
        raise StateError(f"{file}: is damaged: {'; '.join(problems)}")
    versions = [text for (text,) in connection.execute("SELECT version_num FROM alembic_version")]
    if len(versions) != 1:
        raise StateError(f"{file}: is damaged: it names {len(versions)} versions of itself")
    (newest,) = connection.execute("SELECT max(at) FROM ledger").fetchone()
    return StateCopy(
        file=file,
        size=size_of(connection),
        version=versions[0],
        newest=None if newest is None else _EPOCH + timedelta(microseconds=newest),
    )


@contextmanager
def _reserved(copy: Path) -> Iterator[None]:
    """Keep the name of a copy for us; it is free again where the block fails."""
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        raise UsageError(f"{copy}: there is such a file already, and it is not overwritten") from None
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{copy}: its folder does not exist") from None
    except OSError as error:
        raise state_error(copy, error) from error
    try:
        yield
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


@contextmanager
def _beside(copy: Path) -> Iterator[Path]:
    """Yield a new empty file for us alone in the folder of `copy`; it is gone with the block."""
    descriptor, name = mkstemp(prefix=f".{copy.name}.", dir=copy.parent)
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
    except (*FAILURES, OSError) as error:
        raise state_error(copy, error) from error
    finally:
        for rest in ("", "-journal", "-wal", "-shm"):
            part.with_name(f"{part.name}{rest}").unlink(missing_ok=True)


def forget_copies(folder: Path, pattern: str, *, keep: int) -> None:
    """Delete all but the newest copies in `folder` whose names fit; names end with the time."""
    found = sorted(folder.glob(pattern), key=lambda path: path.name.rpartition("-")[2])
    for path in found[: max(len(found) - keep, 0)]:
        # One that stays costs only room.
        with suppress(OSError):
            path.unlink()


def to_disk(path: Path) -> None:
    """Return once what is in a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
