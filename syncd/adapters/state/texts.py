"""The texts of listings whose figures are columns: read from the file when somebody asks for one."""

import sqlite3
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from operator import index
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np

from syncd.adapters.state.connection import connect
from syncd.adapters.state.failures import FAILURES, state_error
from syncd.domain.columns import Column
from syncd.domain.model import ListingId, ShopName
from syncd.errors import StateError

PAGE = 64
"""So many ids are read for one; of a page only the first is kept, from which the others are found."""

_KEPT_PAGES = 512
_KEPT_ROWS = 16_384
_MANY = 4
"""Who asks for so many listings of a page one after the other is given all of it: he reads on."""

_TEXTS = {
    "ids": "id",
    "codes": "code",
    "items": "item",
    "locations": "location",
    "titles": "title",
    "reasons": "unbound_because",
}
_IDS = "SELECT id FROM listings WHERE shop = ? AND id >= ? ORDER BY id"
_ROWS = (
    f"SELECT {', '.join(_TEXTS.values())} FROM listings "  # noqa: S608 - names of ours
    "WHERE shop = ? AND id BETWEEN ? AND ? ORDER BY id"
)

_BOUND = "SELECT shop, id FROM listings WHERE sku = ?"

Row = tuple[str, ...]
KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Bound(NamedTuple):
    """What every listing is bound to: a place among `skus`, the empty text where it is bound to nothing."""

    skus: Sequence[str]
    sku: Column


class Pages:
    """Where the listings are found: of every page its first place, its shop and its first id."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._firsts: list[str] = []
        self._shops: list[ShopName] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, shop: ShopName, first: str, count: int) -> None:
        """Add a page of so many listings of a shop, which begins with the id `first`."""
        self._starts.append(self._size)
        self._firsts.append(first)
        self._shops.append(shop)
        self._size += count

    def number(self, at: int) -> int:
        """Return which page has the listing at `at`."""
        return bisect_right(self._starts, at) - 1

    def holding(self, shop: ShopName, id_: str) -> int | None:
        """Return the page that has a listing if any has it: pages are sorted by shop and first id."""
        first, behind = bisect_left(self._shops, shop), bisect_right(self._shops, shop)
        page = bisect_right(self._firsts, id_, first, behind) - 1
        return page if page >= first else None

    def shop(self, page: int) -> ShopName:
        """Return the shop of a page."""
        return self._shops[page]

    def first(self, page: int) -> str:
        """Return the first id of a page."""
        return self._firsts[page]

    def start(self, page: int) -> int:
        """Return the first place of a page, behind the last page how many listings there are."""
        return self._starts[page] if page < len(self._starts) else self._size


class TextReader:
    """Reads texts, on a connection of its own, for whoever asks in whatever thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._driver: sqlite3.Connection | None = None
        self._closed = False

    def of(self, pages: Pages, hashes: Column, bound: "Bound") -> dict[str, Sequence[str]]:
        """Return each text of the listings on `pages`, by its name among the columns.

        `hashes` are those of their ids, and `bound` says to what they are bound. A listing that was saved for
        the first time after the columns were read is none of theirs, wherever its id stands.
        """
        texts = _Texts(self, pages, hashes, bound)
        others = {name: _Text(texts, place) for place, name in enumerate(_TEXTS) if place}
        return {"ids": _Ids(texts), **others}

    def ids(self, shop: ShopName, first: str, hashes: Sequence[int]) -> list[str]:
        """Return the ids of a shop, from `first` on, that have these hashes.

        Raises:
            StateError: one of them is not there any more.
        """
        found: list[str] = []
        with self._cursor(_IDS, (shop, first)) as cursor:
            texts = [text for (text,) in cursor.fetchmany(len(hashes))]
            if list(map(hash, texts)) == hashes:
                return texts
            # Listings came between or have gone.
            for text in chain(texts, (text for (text,) in cursor)):
                if hash(text) == hashes[len(found)]:
                    found.append(text)
                if len(found) == len(hashes):
                    return found
        raise self._lost(shop, first)

    def rows(self, shop: ShopName, ids: Sequence[str]) -> list[Row]:
        """Return all texts of some listings of a shop, whose ids are sorted.

        Raises:
            StateError: one of them is not there any more.
        """
        wanted = frozenset(ids)
        with self._cursor(_ROWS, (shop, ids[0], ids[-1])) as cursor:
            found = [row for row in cursor if row[0] in wanted]
        if len(found) != len(ids):
            raise self._lost(shop, ids[0])
        return found

    def bound_to(self, skus: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield the shop and the id of every listing that is bound to one of these by now."""
        for sku in skus:
            with self._cursor(_BOUND, (sku,)) as cursor:
                rows = cursor.fetchall()
            yield from rows

    def close(self) -> None:
        """Close the connection; what was not read by now cannot be read any more."""
        with self._lock:
            self._closed = True
            if self._driver is not None:
                self._driver.close()

    @contextmanager
    def _cursor(self, sql: str, parameters: Sequence[str]) -> Iterator[sqlite3.Cursor]:
        with self._lock:
            if self._closed:
                raise StateError(f"{self._file}: the state is closed")
            try:
                if self._driver is None:
                    self._driver = connect(self._file, "ro", shared=True)
                with closing(self._driver.execute(sql, parameters)) as cursor:
                    yield cursor
            except FAILURES as error:
                raise state_error(self._file, error) from error

    def _lost(self, shop: ShopName, first: str) -> StateError:
        return StateError(f"{self._file}: a listing of {shop} from {first} on has gone; start syncd again")


class _Kept(OrderedDict[KeyT, ValueT]):
    """What was asked for last, and no more than `most`."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def found(self, key: KeyT) -> ValueT | None:
        if key not in self:
            return None
        self.move_to_end(key)
        return self[key]

    def keep(self, key: KeyT, value: ValueT) -> ValueT:
        self[key] = value
        if len(self) > self._most:
            self.popitem(last=False)
        return value


class _Texts:
    """The texts of one set of columns."""

    def __init__(self, reader: TextReader, pages: Pages, hashes: Column, bound: Bound) -> None:
        self._reader = reader
        self._bound = bound
        self._pages = pages
        self._hashes = hashes
        self._ids: _Kept[int, list[str]] = _Kept(_KEPT_PAGES)
        self._rows: _Kept[int, Row] = _Kept(_KEPT_ROWS)
        self._last = -1
        self._times = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def id(self, at: int) -> str:
        """Return the id of the listing at `at`."""
        page = self._pages.number(at)
        with self._lock:
            return self._page(page)[at - self._pages.start(page)]

    def ids_at(self, places: Sequence[int]) -> list[str]:
        """Return the ids of the listings at some places.

        Those of pages side by side are read at one time, and those of few SKUs on many pages SKU by SKU.
        """
        page_of = list(map(self._pages.number, places))
        with self._lock:
            found = {page: ids for page in set(page_of) if (ids := self._ids.found(page)) is not None}
        left = [(at, page) for at, page in zip(places, page_of, strict=True) if page not in found]
        named = self._through_skus(left)
        pages = sorted({page for at, page in left if at not in named})
        for first, behind in _runs(pages, self._pages):
            found |= self._read_pages(first, behind)
        starts = self._pages.start
        return [
            named[at] if at in named else found[page][at - starts(page)]
            for at, page in zip(places, page_of, strict=True)
        ]

    def _through_skus(self, wanted: Sequence[tuple[int, int]]) -> dict[int, str]:
        """Return the ids at wanted places of pages as far as their SKUs tell them; none if these are many.

        What changes are all listings of a SKU, one in every shop: of each of their pages most is for nobody.
        """
        places = np.array([at for at, _ in wanted], dtype=np.int64)
        skus = np.unique(self._bound.sku[places])
        if len(skus) >= len({page for _, page in wanted}):
            return {}
        words = filter(None, map(self._bound.skus.__getitem__, skus.tolist()))
        ids = {(shop, hash(id_)): id_ for shop, id_ in self._reader.bound_to(words)}
        shops = map(self._pages.shop, (page for _, page in wanted))
        found = map(ids.get, zip(shops, self._hashes[places].tolist(), strict=True))
        return {at: id_ for (at, _), id_ in zip(wanted, found, strict=True) if id_ is not None}

    def _read_pages(self, first: int, behind: int) -> dict[int, list[str]]:
        """Return the ids on pages of one shop, from the first on; they are too many to be kept."""
        start, end = self._pages.start(first), self._pages.start(behind)
        hashes: list[int] = self._hashes[start:end].tolist()
        ids = self._reader.ids(self._pages.shop(first), self._pages.first(first), hashes)
        edges = [self._pages.start(page) - start for page in range(first, behind + 1)]
        return {page: ids[edges[page - first] : edges[page - first + 1]] for page in range(first, behind)}

    def place_of(self, shop: ShopName, id_: str) -> int:
        """Return the place of one listing, -1 where it is not; nothing is read for it."""
        page = self._pages.holding(shop, id_)
        if page is None:
            return -1
        first = self._pages.start(page)
        hashes: list[int] = self._hashes[first : self._pages.start(page + 1)].tolist()
        mine = hash(id_)
        return first + hashes.index(mine) if mine in hashes else -1

    def row(self, at: int) -> Row:
        """Return all texts of the listing at `at`."""
        with self._lock:
            return self._rows.found(at) or self._read(at)

    def _page(self, page: int) -> list[str]:
        found = self._ids.found(page)
        if found is not None:
            return found
        hashes = self._hashes[self._pages.start(page) : self._pages.start(page + 1)]
        ids = self._reader.ids(self._pages.shop(page), self._pages.first(page), hashes.tolist())
        return self._ids.keep(page, ids)

    def _read(self, at: int) -> Row:
        page = self._pages.number(at)
        shop, start, ids = self._pages.shop(page), self._pages.start(page), self._page(page)
        self._times = self._times + 1 if page == self._last else 1
        self._last = page
        if self._times < _MANY:
            (row,) = self._reader.rows(shop, [ids[at - start]])
            return self._rows.keep(at, row)
        for place, row in enumerate(self._reader.rows(shop, ids), start):
            self._rows.keep(place, row)
        return self._rows[at]


def _runs(pages: Sequence[int], of: Pages) -> Iterator[tuple[int, int]]:
    """Yield the first page and the one behind the last of pages side by side in one shop."""
    first = None
    for at, page in enumerate(pages):
        first = page if first is None else first
        follows = at + 1 < len(pages) and pages[at + 1] == page + 1 and of.shop(page + 1) == of.shop(first)
        if not follows or page + 1 - first >= _KEPT_PAGES:
            yield first, page + 1
            first = None


class _Ids(Sequence[str]):
    """The id of every listing."""

    __slots__ = ("_texts",)

    def __init__(self, texts: _Texts) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - a text for a place, texts for a slice
        if isinstance(at, slice):
            return [self._texts.id(place) for place in range(*at.indices(len(self)))]
        return self._texts.id(_place(at, len(self)))

    def at(self, places: Sequence[int]) -> list[str]:
        """Return the ids at some places."""
        return self._texts.ids_at(places)

    def place_of(self, shop: ShopName, id_: ListingId) -> int:
        """Return the place of one listing, -1 where it is not."""
        return self._texts.place_of(shop, id_)


class _Text(Sequence[str]):
    """One other text of every listing."""

    __slots__ = ("_column", "_texts")

    def __init__(self, texts: _Texts, column: int) -> None:
        self._texts = texts
        self._column = column

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - a text for a place, texts for a slice
        if isinstance(at, slice):
            return [self._texts.row(place)[self._column] for place in range(*at.indices(len(self)))]
        return self._texts.row(_place(at, len(self)))[self._column]


def _place(at: Any, size: int) -> int:  # noqa: ANN401 - any number that can be a place
    place = index(at)
    if not -size <= place < size:
        raise IndexError(f"there are {size} texts, none at {place}")
    return place % size
