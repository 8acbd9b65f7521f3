"""One SQLite file, read and written from asyncio: whole transactions, never half of one.

Core writes the small statements; it is not asked to run them: its asyncio layer costs a pool, a greenlet per
call and the loss of the connection at a cancellation, and a few connections need none of that.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from syncd.adapters.state.columns import read_columns
from syncd.adapters.state.connection import finished, open_connection
from syncd.adapters.state.reader import Reader
from syncd.adapters.state.texts import TextReader
from syncd.adapters.state.writer import Body, Writer
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import ShopName
from syncd.errors import StateError

ResultT = TypeVar("ResultT")


class Database:
    """The open file.

    One transaction, one reading of few rows, one of whole tables and one for a mere look go on at a time,
    each on a connection of its own, so that neither an intent nor what concerns a few SKUs ever waits for a
    long read, nor a cycle for somebody's search. A call that is cancelled while it waits its turn did
    nothing; later it is carried to its end.
    """

    def __init__(
        self, file: Path, readers: tuple[Reader, Reader, Reader], *, texts: TextReader, writer: Writer | None
    ) -> None:
        self.few, self.whole, self.aside = readers
        self._file = file
        self._texts = texts
        self._writer = writer

    def write(self, body: Body[ResultT], *, rows: int = 1) -> Coroutine[Any, Any, ResultT]:
        """Run `body`, which writes about so many rows, and return its result once that is on disk."""
        if self._writer is None:
            raise StateError(f"{self._file}: the state was opened for reading only")
        return self._writer.write(body, rows)

    async def listing_columns(self, shop: ShopName | None) -> ListingColumns:
        """Return the listings (of one shop) as columns; texts are read when asked for, until it is closed."""
        return await self.whole.read(
            lambda driver: read_columns(driver, file=self._file, texts=self._texts, shop=shop)
        )

    async def retire(self) -> None:
        """Let what is under way end, and refuse all that comes later."""
        if self._writer is not None:
            await self._writer.retire()
        for reader in (self.few, self.whole, self.aside):
            await reader.retire()


@asynccontextmanager
async def open_database(file: Path, *, read_only: bool) -> AsyncIterator[Database]:
    """Yield the database in `file`, which must exist; closed with the block, after what is under way."""
    async with AsyncExitStack() as stack:
        # The writer is closed last: only it can fold the log into the file.
        writer = (
            None if read_only else Writer(await stack.enter_async_context(open_connection(file, "rw")), file)
        )
        few, whole, aside = [
            Reader(await stack.enter_async_context(open_connection(file, "ro")), file) for _ in range(3)
        ]
        texts = TextReader(file)
        stack.callback(texts.close)
        database = Database(file, (few, whole, aside), texts=texts, writer=writer)
        stack.push_async_callback(lambda: finished(asyncio.ensure_future(database.retire())))
        yield database
