"""One SQLite file, read and written from asyncio: whole transactions, never half of one.

Core writes the small statements; it is not asked to run them: its asyncio layer costs a pool, a greenlet per
call and the loss of the connection at a cancellation, and two connections need none of that.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.expression import ClauseElement

from syncd.adapters.state.codec import Codec, RowFactory, Take, Walk
from syncd.adapters.state.failures import FAILURES, state_error
from syncd.errors import StateError

ResultT = TypeVar("ResultT")
RowT = TypeVar("RowT")
ItemT = TypeVar("ItemT")

# A row may carry what cannot be stored: a time without a zone, a word that its enum does not know.
_UNSTORABLE = (*FAILURES, TypeError, ValueError)

_DIALECT = SQLiteDialect_pysqlite(paramstyle="named")

PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA foreign_keys = ON",
    # FULL, so that a committed intent survives a power cut: NORMAL loses the last commits of a WAL.
    "PRAGMA synchronous = FULL",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cache_size = -65536",
    "PRAGMA journal_size_limit = 67108864",
)
"""What every connection to a state is set to."""


def uri(file: Path, mode: str) -> str:
    """Return the URI of a state; `mode` is `ro` or `rw`, so a file that vanished never comes back empty."""
    return f"{file.absolute().as_uri()}?mode={mode}"


def _text(statement: ClauseElement) -> tuple[str, dict[str, Any]]:
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return str(compiled), dict(compiled.params)


async def _finish(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Return what `work` returns; a cancellation waits until it is over.

    A call that was cut off between two statements would leave the connection in an unknown place, and a cut
    commit would leave us not knowing whether it happened.
    """
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # Looked at, so that asyncio does not complain that nobody did.
    raise cancelled


class Transaction:
    """A write that is under way; all of it is kept or none."""

    def __init__(self, driver: aiosqlite.Connection, file: Path) -> None:
        self._driver = driver
        self._file = file

    async def run(self, statement: ClauseElement) -> int:
        """Execute one Core statement and return how many rows it changed."""
        async with self._driver.execute(*_text(statement)) as cursor:
            return cursor.rowcount

    async def run_insert(self, statement: ClauseElement) -> int:
        """Execute one Core insert and return the number that SQLite gave to its row."""
        async with self._driver.execute(*_text(statement)) as cursor:
            return cursor.lastrowid or 0

    async def each(self, sql: str, items: Sequence[ItemT], take: Take[ItemT]) -> int:
        """Execute `sql` for every item and return how many rows it changed.

        Raises:
            StateError: an item could not be stored; it is named.
        """
        walk = Walk(items, take)
        try:
            async with self._driver.executemany(sql, walk) as cursor:
                return max(cursor.rowcount, 0)
        except _UNSTORABLE as error:
            raise state_error(self._file, error, about=walk.current) from error

    async def first_missing(self, sql: str, items: Sequence[ItemT], key: Take[ItemT]) -> ItemT | None:
        """Return the first item for which the query `sql` finds no row, None if there is none."""
        for item in items:
            if not await self._driver.execute_fetchall(sql, key(item)):
                return item
        return None

    async def put(self, codec: Codec[RowT], rows: Sequence[RowT]) -> None:
        """Insert rows, or replace those with the same keys."""
        await self.each(codec.upsert, rows, codec.encoder())

    async def replace(self, codec: Codec[RowT], rows: Sequence[RowT]) -> bool:
        """Replace rows by their keys; return False if one was not there."""
        return await self.each(codec.replace, rows, codec.encoder()) == len(rows)

    async def add(self, codec: Codec[RowT], rows: Sequence[RowT]) -> None:
        """Insert rows; one that is there already is an error."""
        await self.each(codec.insert, rows, codec.encoder())

    async def drop(self, codec: Codec[RowT], rows: Sequence[RowT]) -> None:
        """Delete rows by their keys; one that is not there is passed over."""
        await self.each(codec.delete, rows, codec.key)


class Database:
    """The open file.

    One write and one read go on at a time, each on a connection of its own, so that an intent never waits for
    a long read. A call that is cancelled while it waits its turn did nothing; later it is carried to its end.
    """

    def __init__(self, file: Path, reader: aiosqlite.Connection, writer: aiosqlite.Connection | None) -> None:
        self._file = file
        self._reader = reader
        self._writer = writer
        self._reading = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._closed = False

    async def write(self, body: Callable[[Transaction], Awaitable[ResultT]]) -> ResultT:
        """Run `body` in a transaction and return its result once that is on disk."""
        async with self._writing:
            self._require_open()
            if self._writer is None:
                raise StateError(f"{self._file}: the state was opened for reading only")
            return await _finish(self._transact(self._writer, body))

    async def rows(self, codec: Codec[RowT], rest: str = "", parameters: Sequence[Any] = ()) -> list[RowT]:
        """Return the rows of a codec's table; `rest` is what follows its `SELECT`."""
        async with self._reading:
            self._require_open()
            return await _finish(self._fetch(f"{codec.select} {rest}", parameters, codec.decoder()))

    async def query(self, statement: ClauseElement) -> list[tuple[Any, ...]]:
        """Return the rows of one Core statement."""
        async with self._reading:
            self._require_open()
            return await _finish(self._fetch(*_text(statement), None))

    async def retire(self) -> None:
        """Let what is under way end, and refuse all that comes later."""
        async with self._writing, self._reading:
            self._closed = True

    def _require_open(self) -> None:
        if self._closed:
            raise StateError(f"{self._file}: the state is closed")

    async def _transact(
        self, driver: aiosqlite.Connection, body: Callable[[Transaction], Awaitable[ResultT]]
    ) -> ResultT:
        try:
            # IMMEDIATE: a deferred transaction that turns to writing fails at once beside another writer.
            await driver.execute("BEGIN IMMEDIATE")
            result = await body(Transaction(driver, self._file))
            await driver.commit()
        except FAILURES as error:
            raise state_error(self._file, error) from error
        finally:
            # Still open here only if something failed.
            if driver.in_transaction:
                await driver.rollback()
        return result

    async def _fetch(
        self,
        sql: str,
        parameters: Sequence[Any] | dict[str, Any],
        decode: RowFactory[Any] | None,
    ) -> list[Any]:
        try:
            async with self._reader.execute(sql, parameters) as cursor:
                # The rows are made in the driver's thread: two million would stop the loop for seconds.
                cursor.row_factory = decode  # type: ignore[assignment]
                return list(await cursor.fetchall())
        except FAILURES as error:
            raise state_error(self._file, error) from error


@asynccontextmanager
async def open_database(file: Path, *, read_only: bool) -> AsyncIterator[Database]:
    """Yield the database in `file`, which must exist; closed with the block, after what is under way."""
    async with AsyncExitStack() as stack:
        # The writer is closed last: only it can fold the log into the file.
        writer = None if read_only else await stack.enter_async_context(_connection(file, "rw"))
        reader = await stack.enter_async_context(_connection(file, "ro"))
        database = Database(file, reader, writer)
        stack.push_async_callback(lambda: _finish(database.retire()))
        yield database


@asynccontextmanager
async def _connection(file: Path, mode: str) -> AsyncIterator[aiosqlite.Connection]:
    try:
        driver = await aiosqlite.connect(uri(file, mode), uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise state_error(file, error) from error
    try:
        for pragma in PRAGMAS:
            await driver.execute(pragma)
        yield driver
    finally:
        await _finish(driver.close())
