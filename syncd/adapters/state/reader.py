"""Reading on one connection, call after call."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.sql.expression import ClauseElement

from syncd.adapters.state.codec import Codec, RowFactory
from syncd.adapters.state.connection import Connection
from syncd.adapters.state.failures import FAILURES, state_error
from syncd.adapters.state.transaction import rendered
from syncd.errors import StateError

ResultT = TypeVar("ResultT")
RowT = TypeVar("RowT")


class Reader:
    """One who reads, in the order of the calls; who asks for several things at one time has them together.

    A call that is cancelled while it waits its turn does nothing; later it ends in its thread, unheard.
    """

    def __init__(self, connection: Connection, file: Path) -> None:
        self._connection = connection
        self._file = file
        self._under_way: set[asyncio.Future[Any]] = set()
        self._closed = False

    async def read(self, body: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        """Return what `body` reads, in the thread of the connection."""
        if self._closed:
            raise StateError(f"{self._file}: the state is closed")
        # The thread keeps their turns: between two readings nobody waits for the loop.
        work = self._connection.begin(body)
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)
        try:
            return await work
        except FAILURES as error:
            raise state_error(self._file, error) from error

    async def rows(self, codec: Codec[RowT], rest: str = "", parameters: Sequence[Any] = ()) -> list[RowT]:
        """Return the rows of a codec's table; `rest` is what follows its `SELECT`."""
        return await self.read(
            lambda driver: _fetch(driver, f"{codec.select} {rest}", parameters, codec.decoder())
        )

    async def found(
        self, codec: Codec[RowT], where: str, keys: Collection[tuple[str, ...]], *others: str
    ) -> list[RowT]:
        """Return the rows of a codec's table that `where` or one of `others` finds for one of `keys`.

        Each comes once; they are sorted by their own keys.
        """
        if not keys:
            return []
        ways, wanted = [f"{codec.select} {way}" for way in (where, *others)], frozenset(keys)

        def read(driver: sqlite3.Connection) -> list[RowT]:
            rows = {codec.key(row): row for row in _find(driver, ways, wanted, codec.decoder())}
            return [rows[key] for key in sorted(rows)]

        return await self.read(read)

    async def query(self, statement: ClauseElement) -> list[tuple[Any, ...]]:
        """Return the rows of one Core statement."""
        return await self.read(lambda driver: _fetch(driver, *rendered(statement), None))

    async def retire(self) -> None:
        """Let what is under way end, and refuse all that comes later."""
        self._closed = True
        if self._under_way:
            await asyncio.wait(self._under_way)


# --- in the thread -----------------------------------------------------------------------------------------


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


def _find(
    driver: sqlite3.Connection,
    ways: Sequence[str],
    keys: Collection[tuple[str, ...]],
    decode: RowFactory[RowT],
) -> list[RowT]:
    # Key by key: in a list of JSON a text would end at its first NUL, and be taken for another.
    rows: list[RowT] = []
    driver.execute("BEGIN")
    try:
        with closing(driver.cursor()) as cursor:
            cursor.row_factory = decode
            for key, sql in product(keys, ways):
                # What cannot be stored is not there.
                with suppress(UnicodeEncodeError):
                    rows += cursor.execute(sql, key)
    finally:
        driver.execute("ROLLBACK")
    return rows
