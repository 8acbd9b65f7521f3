"""All listings straight into columns, without a row for each."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from syncd.adapters.state.failures import damaged
from syncd.adapters.state.grids import Codes
from syncd.adapters.state.texts import PAGE, Bound, Pages, TextReader
from syncd.domain.columns import Column, narrow, rare
from syncd.domain.listing_columns import DEDUCTS, NO_TIME, UNKNOWN, UNTOLD, ListingColumns
from syncd.domain.model import ShopName, Sku

_CHUNK = 8 * PAGE
"""So many rows at a time stay in the cache of the processor; ten times as many take half as long again."""

_SELECT = (
    "SELECT id, item, sku, delisted_by, deducts, units, coalesce(desired, :unknown), "
    "coalesce(expected_lo, :unknown), coalesce(expected_hi, :unknown), coalesce(observed, :unknown), "
    "coalesce(observed_at, :no_time), withheld, want_off + 2 * gone + 4 * coalesce(on_sale, 2) "
    "+ 16 * (sku <> '' AND unbound_because <> '') "
    "FROM listings WHERE shop = :shop ORDER BY id"
)
_FIRST_SHOP = "SELECT min(shop) FROM listings"
_NEXT_SHOP = f"{_FIRST_SHOP} WHERE shop > ?"
_ON_SALE = np.array([0, 1, UNTOLD], np.int8)
_COUNTS = ("units", "desired", "lo", "hi", "observed", "observed_at", "withheld")


class _Scan:
    """What was read so far, chunk by chunk."""

    def __init__(self) -> None:
        self.skus = Codes()
        self.hands = Codes()
        self._deducts = {word.value: code for code, word in enumerate(DEDUCTS)}
        self._chunks: dict[str, list[Column]] = {}

    def take(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Take in the rows of a chunk; a `KeyError` is a word that no row can have."""
        ids, items, skus, hands, deducts, *counts, flags = zip(*rows, strict=True)
        size = len(rows)
        self._keep("id", np.fromiter(map(hash, ids), np.int64, size))
        self._keep("item", np.fromiter(map(hash, items), np.int64, size))
        self._keep("sku", np.fromiter(map(self.skus.__getitem__, skus), np.int32, size))
        self._keep("delisted_by", np.fromiter(map(self.hands.__getitem__, hands), np.int16, size))
        self._keep("deducts", np.fromiter(map(self._deducts.__getitem__, deducts), np.int8, size))
        self._keep("flags", np.fromiter(flags, np.int8, size))
        for name, values in zip(_COUNTS, counts, strict=True):
            self._keep(name, narrow(np.fromiter(values, np.int64, size)))

    def column(self, name: str) -> Column:
        """Return all of a column, and forget it."""
        # The empty one makes a column of no rows, and decides nothing about the width of others.
        return np.concatenate([np.zeros(0, np.int8), *self._chunks.pop(name, ())])

    def _keep(self, name: str, values: Column) -> None:
        self._chunks.setdefault(name, []).append(values)


def read_columns(
    driver: sqlite3.Connection, *, file: Path, texts: TextReader, shop: ShopName | None
) -> ListingColumns:
    """Return the listings (of one shop) as columns; their texts are read by `texts` when asked for.

    Raises:
        StateError: a row has what no listing can have.
    """
    scan = _Scan()
    pages = Pages()
    sizes: list[int] = []
    # One snapshot for all shops, whoever writes meanwhile.
    driver.execute("BEGIN")
    try:
        shops = list(_shops(driver)) if shop is None else [shop]
        for each in shops:
            before = len(pages)
            _read_shop(driver, scan, pages, each)
            sizes.append(len(pages) - before)
    except KeyError as error:
        raise damaged(file, f"a listing deducts at {error}") from error
    finally:
        driver.execute("ROLLBACK")
    return _columns(scan, shops, sizes, partial(texts.of, pages, scan.column("id")))


def _shops(driver: sqlite3.Connection) -> Iterator[ShopName]:
    # Shop by shop through the key: to ask for the distinct ones would read every row.
    (name,) = driver.execute(_FIRST_SHOP).fetchone()
    while name is not None:
        yield ShopName(name)
        (name,) = driver.execute(_NEXT_SHOP, (name,)).fetchone()


def _read_shop(driver: sqlite3.Connection, scan: _Scan, pages: Pages, shop: ShopName) -> None:
    given = {"unknown": UNKNOWN, "no_time": NO_TIME, "shop": shop}
    cursor = driver.execute(_SELECT, given)
    while rows := cursor.fetchmany(_CHUNK):
        scan.take(rows)
        for start in range(0, len(rows), PAGE):
            pages.add(shop, rows[start][0], len(rows[start : start + PAGE]))


def _columns(
    scan: _Scan,
    shops: Sequence[ShopName],
    sizes: Sequence[int],
    texts: Callable[[Bound], dict[str, Sequence[str]]],
) -> ListingColumns:
    flags = scan.column("flags")
    columns: dict[str, Any] = {name: scan.column(name) for name in ("sku", "item", "delisted_by", "deducts")}
    columns |= {name: narrow(scan.column(name)) for name in _COUNTS}
    # Hashes and times have 64 bits whatever they are.
    columns |= {name: columns[name].astype(np.int64, copy=False) for name in ("item", "observed_at")}
    skus = tuple(map(Sku, scan.skus))
    return ListingColumns(
        shops=tuple(shops),
        skus=skus,
        hands=tuple(scan.hands),
        shop=np.repeat(np.arange(len(shops), dtype=np.int32), sizes),
        on_sale=_ON_SALE[flags >> 2 & 3],
        want_off=(flags & 1).astype(np.bool_),
        gone=rare((flags & 2).astype(np.bool_)),
        held=rare((flags & 16).astype(np.bool_)),
        is_ordered=True,
        **columns,
        **cast("dict[str, Any]", texts(Bound(skus, columns["sku"]))),
    )
