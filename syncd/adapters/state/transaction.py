"""A write that is under way, in the thread of its connection.

Core writes the small statements; it is not asked to run them. The large ones are plain texts.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.expression import ClauseElement

from syncd.adapters.state.codec import Codec, Take, Walk
from syncd.adapters.state.failures import FAILURES, state_error

RowT = TypeVar("RowT")
ItemT = TypeVar("ItemT")

# A row may carry what cannot be stored: a time without a zone, a word that its enum does not know.
_UNSTORABLE = (*FAILURES, TypeError, ValueError)

_DIALECT = SQLiteDialect_pysqlite(paramstyle="named")


def rendered(statement: ClauseElement) -> tuple[str, dict[str, Any]]:
    """Return the text of a Core statement and its parameters."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return str(compiled), dict(compiled.params)


class Transaction:
    """What a call writes; all of it is kept or none.

    Its methods block, and nothing here may be called but in the thread of the connection.
    """

    def __init__(self, driver: sqlite3.Connection, file: Path) -> None:
        self._driver = driver
        self._file = file

    def run(self, statement: ClauseElement) -> int:
        """Execute one Core statement and return how many rows it changed."""
        with closing(self._driver.execute(*rendered(statement))) as cursor:
            return cursor.rowcount

    def run_insert(self, statement: ClauseElement) -> int:
        """Execute one Core insert and return the number that SQLite gave to its row."""
        with closing(self._driver.execute(*rendered(statement))) as cursor:
            return cursor.lastrowid or 0

    def each(self, sql: str, items: Sequence[ItemT], take: Take[ItemT]) -> int:
        """Execute `sql` for every item and return how many rows it changed.

        Raises:
            StateError: an item could not be stored; it is named.
        """
        if not items:
            return 0
        walk = Walk(items, take)
        try:
            return max(self._driver.executemany(sql, walk).rowcount, 0)
        except _UNSTORABLE as error:
            raise state_error(self._file, error, about=walk.current) from error

    def shrink(self, pages: int) -> int:
        """Give up to so many unused pages back to the disk and return how many went."""
        before = self._unused()
        for _ in range(min(pages, before)):
            # One by one: the driver takes a single step of a pragma without rows, and each step frees a page.
            self._driver.execute("PRAGMA incremental_vacuum(1)")
        return before - self._unused()

    def _unused(self) -> int:
        (pages,) = self._driver.execute("PRAGMA freelist_count").fetchone()
        return int(pages)

    def first_missing(self, sql: str, items: Sequence[ItemT], key: Take[ItemT]) -> ItemT | None:
        """Return the first item for which the query `sql` finds no row, None if there is none."""
        for item in items:
            if not self._driver.execute(sql, key(item)).fetchall():
                return item
        return None

    def put(self, codec: Codec[RowT], rows: Sequence[RowT]) -> None:
        """Insert rows, or replace those with the same keys."""
        if rows:
            self.each(codec.upsert, rows, codec.encoder())

    def replace(self, codec: Codec[RowT], rows: Sequence[RowT]) -> bool:
        """Replace rows by their keys; return False if one was not there."""
        return not rows or self.each(codec.replace, rows, codec.encoder()) == len(rows)

    def add(self, codec: Codec[RowT], rows: Sequence[RowT]) -> None:
        """Insert rows; one that is there already is an error."""
        if rows:
            self.each(codec.insert, rows, codec.encoder())

    def drop(self, codec: Codec[RowT], rows: Sequence[RowT]) -> None:
        """Delete rows by their keys; one that is not there is passed over."""
        self.each(codec.delete, rows, codec.key)
