"""Stock, shares and demand straight into columns, without a row for each."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np

from syncd.adapters.state.codec import moment
from syncd.domain.columns import Column
from syncd.domain.grids import DemandGrid, ShareGrid
from syncd.domain.model import Ints, Part, PoolName, ShopName, Sku, SourceName, WarehouseName
from syncd.domain.moments import Moments
from syncd.domain.stock_grid import StockGrid

_CHUNK = 512
"""So many rows at a time stay in the cache of the processor."""

_PARTS = ", ".join(part.word for part in Part)
_STOCK = f"SELECT sku, as_of, warehouse, missed, bad, {_PARTS} FROM stock WHERE source = ?"  # noqa: S608
_SHARES = "SELECT sku, moved_at, units FROM shares WHERE pool = ? AND shop = ?"
_DEMAND = "SELECT sku, at, stocked, sold, seconds, recent FROM demand WHERE shop = ?"

_SOURCES = "SELECT source FROM stock WHERE source {} ? ORDER BY source LIMIT 1"
_EDGES = "SELECT pool, shop FROM shares WHERE (pool, shop) {} (?, ?) ORDER BY pool, shop LIMIT 1"
_SHOPS = "SELECT shop FROM demand WHERE shop {} ? ORDER BY shop LIMIT 1"


class Codes(dict[Any, int]):
    """Numbers values from 0 as they come."""

    def __missing__(self, value: Any) -> int:  # noqa: ANN401 - texts and times
        self[value] = code = len(self)
        return code


def read_stock(driver: sqlite3.Connection) -> StockGrid:
    """Return the figures of all cells."""
    scan = _Scan(driver, coded=3)
    sources = [SourceName(source) for (source,) in scan.parts(_SOURCES, _STOCK)]
    sku, as_of, warehouse, missed, bad, *figures = scan.columns(5 + len(Part))
    skus, times, words = scan.codes
    # A place is a warehouse of one source; most warehouses are known to one only.
    cells = scan.part * len(words) + warehouse
    is_place = np.zeros(len(sources) * len(words), dtype=np.bool_)
    is_place[cells] = True
    warehouses = list(map(WarehouseName, words))
    pairs = (divmod(at, len(warehouses)) for at in np.flatnonzero(is_place).tolist())
    names, order = _in_order(skus)
    grid = StockGrid([(sources[source], warehouses[at]) for source, at in pairs], names)
    at = (np.cumsum(is_place) - 1)[cells], order[sku]
    grid.fill(at, figures, missed, bad > 0, _moments(grid.moments, times)[as_of])
    return grid


def read_shares(driver: sqlite3.Connection) -> ShareGrid:
    """Return all shares."""
    scan = _Scan(driver, coded=2)
    edges = [(PoolName(pool), ShopName(shop)) for pool, shop in scan.parts(_EDGES, _SHARES)]
    sku, moved, units = scan.columns(3)
    skus, times = scan.codes
    names, order = _in_order(skus)
    grid = ShareGrid(edges, names)
    grid.fill((scan.part, order[sku]), units, _moments(grid.moments, times)[moved])
    return grid


def read_demand(driver: sqlite3.Connection) -> DemandGrid:
    """Return the demand of all shops for all SKUs."""
    scan = _Scan(driver, coded=2, floats=3)
    shops = [ShopName(shop) for (shop,) in scan.parts(_SHOPS, _DEMAND)]
    sku, moments, stocked, *figures = scan.columns(6)
    skus, times = scan.codes
    names, order = _in_order(skus)
    grid = DemandGrid(shops, names)
    grid.fill((scan.part, order[sku]), figures, stocked > 0, _moments(grid.moments, times)[moments])
    return grid


class _Scan:
    """A table read part by part: all rows that begin with the same key.

    Its first columns are numbered as they come, by `codes`; the last are fractions, and the rest whole.
    """

    def __init__(self, driver: sqlite3.Connection, *, coded: int, floats: int = 0) -> None:
        self.codes = [Codes() for _ in range(coded)]
        self._driver = driver
        self._floats = floats
        self._chunks: list[list[Column]] = []
        self._sizes: list[int] = []

    def parts(self, names: str, rows: str) -> list[tuple[str, ...]]:
        """Read all of the table by `rows`; return the names of its parts, which `names` finds one by one."""
        # One snapshot for all parts, whoever writes meanwhile.
        self._driver.execute("BEGIN")
        try:
            found = []
            for name in _walked(self._driver, names):
                found.append(name)
                self._sizes.append(self._read(rows, name))
        finally:
            self._driver.execute("ROLLBACK")
        return found

    @property
    def part(self) -> Ints:
        """Return for every row which part it is of."""
        return np.repeat(np.arange(len(self._sizes), dtype=np.int64), self._sizes)

    def columns(self, count: int) -> Iterator[Any]:
        """Yield the columns, of which there are so many."""
        # The empty one makes a column of no rows, and decides nothing about the kind of others.
        empty = np.zeros(0, dtype=np.int8)
        return (np.concatenate([empty, *(chunk[at] for chunk in self._chunks)]) for at in range(count))

    def _read(self, sql: str, part: Sequence[str]) -> int:
        size, coded = 0, [codes.__getitem__ for codes in self.codes]
        with closing(self._driver.execute(sql, part)) as cursor:
            while rows := cursor.fetchmany(_CHUNK):
                size += len(rows)
                columns = list(zip(*rows, strict=True))
                first, last = len(coded), len(columns) - self._floats
                codes = zip(coded, columns, strict=False)
                self._chunks.append(
                    [
                        *(np.fromiter(map(code, column), np.int32, len(rows)) for code, column in codes),
                        *map(partial(np.fromiter, dtype=np.int64, count=len(rows)), columns[first:last]),
                        *map(partial(np.fromiter, dtype=np.float64, count=len(rows)), columns[last:]),
                    ]
                )
        return size


def _walked(driver: sqlite3.Connection, sql: str) -> Iterator[tuple[str, ...]]:
    """Yield the first columns of a key, each once: to ask for the distinct ones would read every row."""
    beyond, name = ">=", tuple("" for _ in range(sql.count("?")))
    while found := driver.execute(sql.format(beyond), name).fetchone():
        name, beyond = found, ">"
        yield name


def _in_order(skus: Codes) -> tuple[tuple[Sku, ...], Ints]:
    """Return the SKUs in order, and by code the place of each."""
    words = list(skus)
    codes = sorted(range(len(words)), key=words.__getitem__)
    places = np.empty(len(words), dtype=np.int64)
    places[codes] = np.arange(len(words))
    return tuple(Sku(words[code]) for code in codes), places


def _moments(moments: Moments, times: Codes) -> Ints:
    """Return by code of a time, in microseconds or None, the code that it has among `moments`."""
    return moments.codes([None if at is None else moment(at) for at in times])
