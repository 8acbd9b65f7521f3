"""Making a new state, and bringing an old one up to date."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, StaticPool, create_engine

from syncd.adapters.state import lock
from syncd.adapters.state.folder import LOCK
from syncd.errors import StateUnavailable

# Alembic keeps the migration under way in globals of its own.
_one_at_a_time = threading.Lock()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[Connection]:
    """Yield `connection` in SQLAlchemy's shape, in a transaction that is kept only if the block succeeds."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as wrapped:
        wrapped.exec_driver_sql("BEGIN IMMEDIATE")
        yield wrapped
        wrapped.commit()


def migrate_file(connection: sqlite3.Connection, file: Path, *, scripts: Path, target: str) -> None:
    """Bring the state to version `target`, or leave it as it was; a copy of the old one is kept first.

    Raises:
        StateUnavailable: another process has the right to push, so it still works with the old version.
    """
    descriptor = _keep_others_out(file.with_name(LOCK))
    try:
        with transaction(connection) as wrapped:
            keep_copy(file, file.with_name(f"{file.name}.before-{target}"))
            run_scripts(wrapped, scripts=scripts, target=target)
    finally:
        if descriptor is not None:
            lock.release(descriptor)


def run_scripts(connection: Connection, *, scripts: Path, target: str) -> None:
    """Run the migrations up to `target`, inside the transaction that is open."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, target)


def keep_copy(file: Path, copy: Path) -> None:
    """Leave a copy of the state at `copy`, on disk and readable by us only; an earlier one is replaced."""
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
        # One file: a copy in WAL mode would leave two more beside it.
        target.execute("PRAGMA journal_mode = DELETE")
    _to_disk(part)
    part.replace(copy)
    _to_disk(copy.parent)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
