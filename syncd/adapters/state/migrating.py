"""Making a new state, and bringing an old one up to date."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, StaticPool, create_engine

from syncd.adapters.state import lock
from syncd.adapters.state.copies import Care, forget_copies, make_copy, size_of
from syncd.adapters.state.failures import FAILURES, state_error
from syncd.adapters.state.folder import LOCK, backups_of
from syncd.errors import StateUnavailable

# Alembic keeps the migration under way in globals of its own.
_one_at_a_time = threading.Lock()

_INCREMENTAL = 2
"""What SQLite calls a file that can give unused pages back a few at a time."""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[Connection]:
    """Yield `connection` in SQLAlchemy's shape, in a transaction that is kept only if the block succeeds."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as wrapped:
        wrapped.exec_driver_sql("BEGIN IMMEDIATE")
        yield wrapped
        wrapped.commit()


def migrate_file(
    connection: sqlite3.Connection, file: Path, *, scripts: Path, target: str, care: Care
) -> None:
    """Bring the state to version `target`, or leave it as it was; a copy of the old one is kept first.

    Raises:
        StateUnavailable: another process has the right to push, so it still works with the old version; or
            the disk has no room for it.
        StateError: a step failed; the message names the copy.
    """
    descriptor = _keep_others_out(file.with_name(LOCK))
    try:
        # The copy, and at most as much again for the steps themselves.
        size = size_of(connection)
        care.require_room(file.parent, 2 * size, why=f"to bring the state to version {target}")
        backups = backups_of(file.parent)
        copy = backups / f"{file.name}.before-{target}-{care.stamp()}"
        with transaction(connection) as wrapped:
            make_copy(file, copy)
            # Who fails again and again leaves one copy, and none of another upgrade goes for it.
            forget_copies(backups, f"{file.name}.before-{target}-*", keep=1)
            _stepped(wrapped, file, copy, scripts=scripts, target=target)
        forget_copies(backups, f"{file.name}.before-*", keep=care.keep)
        if care.free(file.parent) > 2 * size:
            _make_shrinkable(connection)
    finally:
        if descriptor is not None:
            lock.release(descriptor)


def _stepped(wrapped: Connection, file: Path, copy: Path, *, scripts: Path, target: str) -> None:
    try:
        run_scripts(wrapped, scripts=scripts, target=target)
    except (*FAILURES, OSError) as error:
        known = state_error(file, error)
        raise type(known)(
            f"{known}; the state could not be brought to version {target} and is as it was; a copy of it is "
            f"{copy}; go on with the syncd that wrote it, and report this"
        ) from error


def run_scripts(connection: Connection, *, scripts: Path, target: str) -> None:
    """Run the migrations up to `target`, inside the transaction that is open."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, target)


def _make_shrinkable(connection: sqlite3.Connection) -> None:
    """Write a state of the time when files never shrank anew, so that it can; it may stay as it is."""
    (kind,) = connection.execute("PRAGMA auto_vacuum").fetchone()
    if kind != _INCREMENTAL:
        with suppress(sqlite3.Error):
            connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
            connection.execute("VACUUM")


def _keep_others_out(file: Path) -> int | None:
    """Return the push lock, None if this very process has it already."""
    descriptor = lock.acquire(file)
    if descriptor is not None:
        return descriptor
    pid = lock.holder(file)
    if pid == os.getpid():
        return None
    # It may be a `syncd sync` that ends soon: the unit tries again.
    raise StateUnavailable(
        f"{file}: syncd runs as process {pid or 'unknown'} and still works with the old version of "
        "the state; restart it (`systemctl restart syncd`) and try again"
    )
