"""Write a large state that is there as columns, in a tenth of the time that the program would take."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from syncd.adapters.state.codec import Codec, micros
from syncd.adapters.state.rows import DEMAND, LEVELS, LISTINGS, SHARES, STOCK
from syncd.domain.book import State, make_book
from syncd.domain.columns import Column
from syncd.domain.grids import DemandGrid, ShareGrid
from syncd.domain.listing_columns import DEDUCTS, NO_TIME, UNKNOWN, UNTOLD, ListingColumns
from syncd.domain.moments import Moments
from syncd.domain.texts import texts_at
from tests.bench.storing import connect

_CHUNK = 100_000
"""So many listings are lists of values at one time."""

_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"


def fill(folder: Path, state: State) -> None:
    """Write the listings, stock, shares, demand and levels of `state` into an empty state in `folder`."""
    book = make_book(state)
    with closing(connect(folder)) as connection:
        indexes = connection.execute(_INDEXES).fetchall()
        connection.execute("BEGIN IMMEDIATE")
        # Made at the end, they need not be kept in order row by row.
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        connection.executemany(LISTINGS.insert, _of_listings(book.listings))
        connection.executemany(SHARES.insert, _of_shares(book.shares))
        connection.executemany(DEMAND.insert, _of_demand(book.demand))
        connection.executemany(STOCK.insert, _encoded(STOCK, state.stock))
        connection.executemany(LEVELS.insert, _encoded(LEVELS, state.levels))
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("COMMIT")


def _encoded(codec: Codec[Any], rows: Iterable[Any]) -> Iterator[Any]:
    return map(codec.encoder(), rows)


def _of_listings(listings: ListingColumns) -> Iterator[tuple[Any, ...]]:
    """Yield what the table has of each listing."""
    for start in range(0, len(listings), _CHUNK):
        some = listings[start : start + _CHUNK]
        texts = {
            name: texts_at(getattr(some, name), range(len(some)))
            for name in ("ids", "codes", "items", "locations", "titles", "reasons")
        }
        columns = {
            "shop": _words(some.shops, some.shop),
            "id": texts["ids"],
            "code": texts["codes"],
            "item": texts["items"],
            "location": texts["locations"],
            "title": texts["titles"],
            "sku": _words(some.skus, some.sku),
            "units": some.units.tolist(),
            "unbound_because": texts["reasons"],
            "desired": _known(some.desired, UNKNOWN),
            "want_off": some.want_off.astype(np.int8).tolist(),
            "expected_lo": _known(some.lo, UNKNOWN),
            "expected_hi": _known(some.hi, UNKNOWN),
            "observed": _known(some.observed, UNKNOWN),
            "observed_at": _known(some.observed_at, NO_TIME),
            "withheld": some.withheld.tolist(),
            "on_sale": _known(some.on_sale, UNTOLD),
            "delisted_by": _words(some.hands, some.delisted_by),
            "gone": some.gone.astype(np.int8).tolist(),
            "deducts": _words([one.value for one in DEDUCTS], some.deducts),
        }
        yield from zip(*(columns[name] for name in LISTINGS.fields), strict=True)


def _of_shares(grid: ShareGrid) -> Iterator[tuple[Any, ...]]:
    """Yield what the table has of each share, as the fields of its row are ordered."""
    at = edge, sku = np.nonzero(grid.has)
    yield from zip(
        _words([pool for pool, _ in grid.edges], edge),
        _words([shop for _, shop in grid.edges], edge),
        _words(grid.skus, sku),
        grid.units[at].tolist(),
        _times(grid.moments, grid.moved[at]),
        strict=True,
    )


def _of_demand(grid: DemandGrid) -> Iterator[tuple[Any, ...]]:
    """Yield what the table has of each demand, as the fields of its row are ordered."""
    at = shop, sku = np.nonzero(grid.has)
    yield from zip(
        _words(grid.shops, shop),
        _words(grid.skus, sku),
        *(column[at].tolist() for column in (grid.sold, grid.seconds, grid.recent)),
        grid.stocked[at].astype(np.int8).tolist(),
        _times(grid.moments, grid.at[at]),
        strict=True,
    )


def _words(words: Any, codes: Column) -> list[Any]:  # noqa: ANN401 - texts of any kind
    return list(map(words.__getitem__, codes.tolist()))


def _known(column: Column, missing: int) -> list[int | None]:
    return [None if value == missing else value for value in column.tolist()]


def _times(moments: Moments, codes: Column) -> list[int | None]:
    ticks = [None if at is None else micros(at) for at in map(moments.__getitem__, range(len(moments)))]
    return _words(ticks, codes)
