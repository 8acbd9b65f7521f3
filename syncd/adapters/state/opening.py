"""From a folder to an open store: made, checked and brought up to date."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from importlib.resources import files
from pathlib import Path

from sqlalchemy import insert

from syncd.adapters.state import schema
from syncd.adapters.state.connection import connect
from syncd.adapters.state.copies import Care
from syncd.adapters.state.database import open_database
from syncd.adapters.state.failures import FAILURES, damaged, state_error
from syncd.adapters.state.folder import BACKUPS, ready_folder
from syncd.adapters.state.store import SqliteStore
from syncd.errors import StateError
from syncd.ports.store import Store

SCRIPTS = Path(str(files("syncd.adapters.state"))) / "migrations"
"""The folder of the migrations."""

_STRICT_SINCE = (3, 37, 0)
_MAGIC = b"SQLite format 3\0"
_CARE = Care()


@asynccontextmanager
async def open_store(
    folder: Path, *, migrate: bool = True, read_only: bool = False, care: Care = _CARE
) -> AsyncIterator[Store]:
    """Yield the state in `folder`, created empty where there is none; it is closed with the block.

    An older state is brought up to date where `migrate` says so, after a copy of it was kept in `backups` as
    `state.db.before-NNNN-TIME`. With `read_only` nothing is created or changed.

    Raises:
        StateError: the state is another user's, foreign, damaged, or written by a newer program.
    """
    file = await asyncio.to_thread(prepare, folder, migrate=migrate, read_only=read_only, care=care)
    async with open_database(file, read_only=read_only) as database:
        yield SqliteStore(database)


def revisions(scripts: Path = SCRIPTS) -> list[str]:
    """Return the versions of the state that the program knows, oldest first."""
    return sorted(script.name.partition("_")[0] for script in (scripts / "versions").glob("[0-9]*_*.py"))


def prepare(
    folder: Path,
    *,
    migrate: bool,
    read_only: bool,
    scripts: Path = SCRIPTS,
    uid: int | None = None,
    care: Care = _CARE,
) -> Path:
    """Return the path of the database in `folder`, complete and of our version; blocks.

    `uid` is the user we are, None to ask the system.

    Raises:
        StateError: as for `open_store`.
    """
    if sqlite3.sqlite_version_info < _STRICT_SINCE:
        raise StateError(f"SQLite {sqlite3.sqlite_version} is too old for the state; 3.37 or newer is needed")
    file = ready_folder(folder, read_only=read_only, uid=uid)
    mode = "ro" if read_only else "rw"
    try:
        _require_sqlite(file)
        with closing(connect(file, mode)) as connection:
            version = _version(connection, file)
            if version is None:
                _create(connection, file, read_only=read_only, head=revisions(scripts)[-1])
            else:
                may = migrate and not read_only
                _bring_up(connection, file, version=version, migrate=may, scripts=scripts, care=care)
    except (*FAILURES, OSError) as error:
        raise state_error(file, error) from error
    return file


def _require_sqlite(file: Path) -> None:
    with file.open("rb") as opened:
        start = opened.read(len(_MAGIC))
    if start and start != _MAGIC:
        raise damaged(file, "it is not an SQLite file")


def _version(connection: sqlite3.Connection, file: Path) -> str | None:
    """Return the version of the state, None for an empty file."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if not tables and not application:
        return None
    if application != schema.APPLICATION_ID:
        raise StateError(
            f"{file}: this SQLite file belongs to another program; name another state folder, or move it away"
        )
    versions: list[tuple[str]] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    if len(versions) != 1:
        raise damaged(file, f"it names {len(versions)} versions of itself")
    return versions[0][0]


def _create(connection: sqlite3.Connection, file: Path, *, read_only: bool, head: str) -> None:
    if read_only:
        raise StateError(f"{file}: there is no state yet; the first `syncd sync` or `syncd run` makes it")
    from syncd.adapters.state.migrating import transaction  # noqa: PLC0415 - Alembic loads slowly

    # Before the first table: a file that never shrinks would have to be written anew.
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _require_wal(connection, file)
    with transaction(connection) as wrapped:
        # Another process may have made the tables while we waited for our turn.
        if _version(connection, file) is None:
            schema.metadata.create_all(wrapped)
            wrapped.execute(insert(schema.versions).values(version_num=head))
            wrapped.exec_driver_sql(f"PRAGMA application_id = {schema.APPLICATION_ID}")


def _bring_up(
    connection: sqlite3.Connection, file: Path, *, version: str, migrate: bool, scripts: Path, care: Care
) -> None:
    known = revisions(scripts)
    if version not in known:
        raise StateError(
            f"{file}: was written by a newer syncd (state {version}, this program knows up to {known[-1]}); "
            f"install that syncd again, or `syncd restore` the copy that it made before "
            f"({file.parent / BACKUPS}, {file.name}.before-...)"
        )
    if version != known[-1]:
        if not migrate:
            raise StateError(
                f"{file}: is of an older syncd (state {version}, this program needs {known[-1]}); the next "
                "`syncd sync` or `syncd run` brings it up to date"
            )
        from syncd.adapters.state.migrating import migrate_file  # noqa: PLC0415 - as above

        migrate_file(connection, file, scripts=scripts, target=known[-1], care=care)
    if migrate:
        _require_wal(connection, file)


def _require_wal(connection: sqlite3.Connection, file: Path) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StateError(
            f"{file}: its file system cannot share memory (journal mode {mode}); use a local disk"
        )
