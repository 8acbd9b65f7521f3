"""`StateCopies` over the state folder: a copy of it while it is used, and a copy in its place."""

import asyncio
import os
import sqlite3
from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path

from syncd.adapters.state.connection import connect
from syncd.adapters.state.copies import Care, copied, looked_through, make_copy, size_of, to_disk
from syncd.adapters.state.database import open_database
from syncd.adapters.state.failures import FAILURES, file_error, state_error
from syncd.adapters.state.folder import DATABASE, RESTORING, backups_of, ready_folder
from syncd.adapters.state.lock import FileLock
from syncd.adapters.state.opening import prepare, revisions
from syncd.adapters.state.store import SqliteStore
from syncd.domain.anew import Anew
from syncd.domain.model import ShopName
from syncd.errors import StateError, StateUnavailable, UsageError
from syncd.ports.care import Restored, StateCopy

_LOGS = ("-wal", "-shm")


class FileCopies:
    """Copies of the state in one folder."""

    def __init__(self, folder: Path, *, care: Care | None = None) -> None:
        self._folder = folder
        self._care = care or Care()

    async def back_up(self, file: Path | None) -> StateCopy:
        """Leave a whole copy of the state at `file`, or under a name of the time."""
        return await asyncio.to_thread(self._back_up, file)

    def _back_up(self, file: Path | None) -> StateCopy:
        state = ready_folder(self._folder, read_only=True)
        try:
            target = file or backups_of(self._folder) / f"state-{self._care.stamp()}.db"
            _require_folder(target)
            with closing(connect(state, "ro")) as connection:
                size = size_of(connection)
            self._care.require_room(target.absolute().parent, size, why="for a copy of the state")
            return make_copy(state, target)
        except (*FAILURES, OSError) as error:
            raise state_error(state, error) from error

    async def restore(
        self, file: Path, configured: Collection[ShopName], slow: Collection[ShopName], *, by: str
    ) -> Restored:
        """Put a copy in the place of the state, begun anew; what was there is moved aside."""
        await asyncio.to_thread(self._require, file)
        lock = FileLock(self._folder)
        async with lock.held() as mine:
            if not mine:
                raise UsageError(
                    f"syncd runs as process {lock.holder() or 'unknown'} with this state; stop it first "
                    "(`systemctl stop syncd`)"
                )
            copy = await asyncio.to_thread(self._understood, file)
            part = self._folder / RESTORING
            try:
                await asyncio.to_thread(self._make_ready, copy, part)
                async with open_database(part / DATABASE, read_only=False) as database:
                    anew = Anew(configured=configured, slow=slow, at=self._care.now(), by=by)
                    await SqliteStore(database).begin_anew(anew)
                moved = await asyncio.to_thread(self._put_in_place, part / DATABASE)
            finally:
                await asyncio.to_thread(_clear, part)
        return Restored(copy=copy, moved_to=moved)

    def _require(self, file: Path) -> None:
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file")
        ready_folder(self._folder, read_only=False, restoring=True)

    def _understood(self, file: Path) -> StateCopy:
        copy = looked_through(file)
        known = revisions()
        if copy.version not in known:
            raise StateError(
                f"{file}: was written by a newer syncd (state {copy.version}, this program knows up to "
                f"{known[-1]}); restore it with that one"
            )
        return copy

    def _make_ready(self, copy: StateCopy, part: Path) -> None:
        """Leave the copy in a folder of its own, of our version."""
        _clear(part)
        try:
            self._care.require_room(self._folder, 3 * copy.size, why="to restore a copy of the state")
            part.mkdir(mode=0o700)
            target = part / DATABASE
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
            copied(copy.file, target)
        except (*FAILURES, OSError) as error:
            raise state_error(copy.file, error) from error
        prepare(part, migrate=True, read_only=False, care=self._care)

    def _put_in_place(self, part: Path) -> Path | None:
        """Let the state be what is in `part`, and return where the one before lies."""
        present = self._folder / DATABASE
        if part.with_name(f"{DATABASE}-wal").exists():
            # That all is to be seen anew stands in the log only, which stays behind.
            raise StateUnavailable(
                f"{part}: what was written to it could not be folded into one file; the state is as it was; "
                "look at the disk and try again"
            )
        try:
            to_disk(part)
            moved = self._moved_aside(present)
            part.replace(present)
            to_disk(self._folder)
        except OSError as error:
            raise file_error(f"{present}: {error}", error) from error
        return moved

    def _moved_aside(self, present: Path) -> Path | None:
        if not present.stat().st_size:
            return None
        backups = backups_of(self._folder)
        name, number = f"{DATABASE}.replaced-{self._care.stamp()}", 0
        while (moved := backups / (f"{name}.{number}" if number else name)).exists():
            number += 1
        # What is in the log comes into the file first, where it can be read at all.
        with suppress(sqlite3.Error), closing(connect(present, "rw")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        # The logs first: one that stayed behind would be taken for the log of what comes in this place.
        for rest in (*_LOGS, ""):
            if (old := present.with_name(f"{DATABASE}{rest}")).exists():
                old.rename(moved.with_name(f"{moved.name}{rest}"))
        to_disk(backups)
        return moved


def _require_folder(target: Path) -> None:
    if not target.absolute().parent.is_dir():
        raise UsageError(f"{target}: its folder does not exist")
    if target.exists():
        raise UsageError(f"{target}: there is such a file already, and it is not overwritten")


def _clear(part: Path) -> None:
    """Delete what is left of making a copy ready."""
    for path in part.rglob("*") if part.is_dir() else ():
        if path.is_file():
            path.unlink()
    for folder in sorted((path for path in part.rglob("*") if path.is_dir()), reverse=True):
        folder.rmdir()
    if part.is_dir():
        part.rmdir()
