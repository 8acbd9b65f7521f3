"""One SQLite file, read and written from asyncio: whole transactions, never half of one.

Core writes the small statements; it is not asked to run them: its asyncio layer costs a pool, a greenlet per
call and the loss of the connection at a cancellation, and two connections need none of that.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.sql.expression import ClauseElement

from syncd.adapters.state.codec import Codec, RowFactory
from syncd.adapters.state.columns import read_columns
from syncd.adapters.state.connection import Connection, finished, open_connection
from syncd.adapters.state.failures import FAILURES, state_error
from syncd.adapters.state.texts import TextReader
from syncd.adapters.state.transaction import rendered
from syncd.adapters.state.writer import Body, Writer
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import ShopName
from syncd.errors import StateError

ResultT = TypeVar("ResultT")
RowT = TypeVar("RowT")


class Database:
    """The open file.

    One transaction and one read go on at a time, each on a connection of its own, so that an intent never
    waits for a long read. A call that is cancelled while it waits its turn did nothing; later it is carried
    to its end.
    """

    def __init__(self, file: Path, *, reader: Connection, texts: TextReader, writer: Writer | None) -> None:
        self._file = file
        self._reader = reader
        self._texts = texts
        self._writer = writer
        self._reading = asyncio.Lock()
        self._closed = False

    async def write(self, body: Body[ResultT], *, rows: int = 1) -> ResultT:
        """Run `body`, which writes about so many rows, and return its result once that is on disk."""
        self._require_open()
        if self._writer is None:
            raise StateError(f"{self._file}: the state was opened for reading only")
        return await self._writer.write(body, rows)

    async def rows(self, codec: Codec[RowT], rest: str = "", parameters: Sequence[Any] = ()) -> list[RowT]:
        """Return the rows of a codec's table; `rest` is what follows its `SELECT`."""
        return await self.read(
            lambda driver: _fetch(driver, f"{codec.select} {rest}", parameters, codec.decoder())
        )

    async def listing_columns(self, shop: ShopName | None) -> ListingColumns:
        """Return the listings (of one shop) as columns; texts are read when asked for, until it is closed."""
        return await self.read(
            lambda driver: read_columns(driver, file=self._file, texts=self._texts, shop=shop)
        )

    async def query(self, statement: ClauseElement) -> list[tuple[Any, ...]]:
        """Return the rows of one Core statement."""
        return await self.read(lambda driver: _fetch(driver, *rendered(statement), None))

    async def read(self, body: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        """Return what `body` reads, in the thread of the database."""
        async with self._reading:
            self._require_open()
            try:
                return await finished(self._reader.begin(body))
            except FAILURES as error:
                raise state_error(self._file, error) from error

    async def retire(self) -> None:
        """Let what is under way end, and refuse all that comes later."""
        if self._writer is not None:
            await self._writer.retire()
        async with self._reading:
            self._closed = True

    def _require_open(self) -> None:
        if self._closed:
            raise StateError(f"{self._file}: the state is closed")


def _fetch(
    driver: sqlite3.Connection,
    sql: str,
    parameters: Sequence[Any] | dict[str, Any],
    decode: RowFactory[Any] | None,
) -> list[Any]:
    with closing(driver.cursor()) as cursor:
        # The rows are made in the thread: two million would stop the loop for seconds.
        cursor.row_factory = decode
        return cursor.execute(sql, parameters).fetchall()


@asynccontextmanager
async def open_database(file: Path, *, read_only: bool) -> AsyncIterator[Database]:
    """Yield the database in `file`, which must exist; closed with the block, after what is under way."""
    async with AsyncExitStack() as stack:
        # The writer is closed last: only it can fold the log into the file.
        writer = (
            None if read_only else Writer(await stack.enter_async_context(open_connection(file, "rw")), file)
        )
        reader = await stack.enter_async_context(open_connection(file, "ro"))
        texts = TextReader(file)
        stack.callback(texts.close)
        database = Database(file, reader=reader, texts=texts, writer=writer)
        stack.push_async_callback(lambda: finished(asyncio.ensure_future(database.retire())))
        yield database
