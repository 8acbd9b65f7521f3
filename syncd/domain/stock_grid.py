"""The last good figures of all SKUs as columns by place and SKU; a place is a warehouse of one source."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import itemgetter

import numpy as np

from syncd.domain.columns import NOTHING, Column, figures_of, places_in, places_of, widened
from syncd.domain.grids import At, Grid
from syncd.domain.model import Bools, Ints, Part, Sku, SourceName, StockRow, WarehouseName
from syncd.domain.moments import Moments

Place = tuple[SourceName, WarehouseName]
_PLACE = itemgetter(StockRow._fields.index("source"), StockRow._fields.index("warehouse"))


class StockGrid(Grid[StockRow]):
    """The rows of stock by (place, sku); `missed` is `NOTHING` where there is no row.

    `figures` has a column for each `Part`, each as wide as its own figures need.
    """

    def __init__(self, places: Sequence[Place], skus: Sequence[Sku]) -> None:
        shape = (len(places), len(skus))
        self.places, self.skus, self.moments = tuple(places), skus, Moments()
        self.figures: list[Column] = [np.zeros(shape, dtype=np.int8) for _ in Part]
        self.missed: Column = np.full(shape, NOTHING, dtype=np.int8)
        self.bad: Bools = np.zeros(shape, dtype=np.bool_)
        self.as_of: Column = np.zeros(shape, dtype=np.int32)

    @classmethod
    def of(cls, rows: Sequence[StockRow], skus: Sequence[Sku], index: Mapping[Sku, int]) -> "StockGrid":
        """Return the grid of rows; those of other SKUs than `skus` are left out."""
        if isinstance(rows, cls) and rows.skus == skus:
            return rows.take(np.arange(len(skus)), skus)
        grid = cls(rows.places if isinstance(rows, cls) else tuple(dict.fromkeys(map(_PLACE, rows))), skus)
        grid.put(rows, index)
        return grid

    @classmethod
    def whole(cls, rows: Sequence[StockRow]) -> "StockGrid":
        """Return the grid of all rows; its SKUs are in order."""
        skus = tuple(sorted({row.sku for row in rows}))
        return cls.of(rows, skus, {sku: at for at, sku in enumerate(skus)})

    @property
    def has(self) -> Bools:
        """Return by place and SKU whether there is a row."""
        found: Bools = self.missed != NOTHING
        return found

    def knows(self, rows: Sequence[StockRow], index: Mapping[Sku, int]) -> bool:
        """Return whether there is a row for each of these with the same source, SKU and warehouse."""
        if isinstance(rows, StockGrid) and rows.places == self.places:
            column = places_in(rows.skus, index)
            if (column == NOTHING).any():
                return False
            return not (rows.has & (self.missed[:, column] == NOTHING)).any()
        place, sku = self._at(rows, index)
        if (place == NOTHING).any() or (sku == NOTHING).any():
            return False
        return bool((self.missed[place, sku] != NOTHING).all())

    def put(self, rows: Sequence[StockRow], index: Mapping[Sku, int]) -> None:
        """Add rows, or put them in the place of others; `index` says where SKUs stand."""
        if isinstance(rows, StockGrid):
            known = {place: at for at, place in enumerate(self.places)}
            place = np.array([known.get(place, NOTHING) for place in rows.places], dtype=np.int64)
            here, at, codes = self._under(rows, place, index)
            figures = [column[here] for column in rows.figures]
            self.fill(at, figures, rows.missed[here], rows.bad[here], codes[rows.as_of[here]])
            return
        place, sku = self._at(rows, index)
        here = (place != NOTHING) & (sku != NOTHING)
        figures = [figures_of(rows, part.word)[here] for part in Part]
        moments = self.moments.codes([row.as_of for row in rows])[here]
        bad = figures_of(rows, "bad")[here] > 0
        self.fill((place[here], sku[here]), figures, figures_of(rows, "missed")[here], bad, moments)

    def fill(self, at: At, figures: Sequence[Column], missed: Column, bad: Bools, as_of: Column) -> None:
        """Put a row at each place, given as columns; `figures` by `Part`, `as_of` are codes of `moments`."""
        for part in Part:
            self.figures[part] = _put(self.figures[part], at, figures[part])
        self.missed = _put(self.missed, at, missed)
        self.bad[at] = bad
        self.as_of[at] = as_of

    def take(self, places: Ints, skus: Sequence[Sku]) -> "StockGrid":
        """Return the grid of the SKUs at some places, which are `skus`."""
        grid = object.__new__(StockGrid)
        grid.places, grid.skus, grid.moments = self.places, skus, self.moments
        grid.figures = [column[:, places] for column in self.figures]
        grid.missed, grid.as_of = self.missed[:, places], self.as_of[:, places]
        grid.bad = self.bad[:, places]
        return grid

    def changed_since(self, before: "StockGrid") -> "StockGrid":
        """Return the SKUs of which a figure is another than before, whenever they were read.

        Both grids have the same places and SKUs.
        """
        other: Bools = (self.missed != before.missed) | (self.bad != before.bad)
        for mine, theirs in zip(self.figures, before.figures, strict=True):
            other |= mine != theirs
        at = np.flatnonzero(other.any(axis=0))
        return self.take(at, tuple(map(self.skus.__getitem__, at.tolist())))

    def _rows(self, at: At) -> Iterator[StockRow]:
        sources, warehouses = ([place[n] for place in self.places] for n in range(2))
        places = at[0].tolist()
        columns = (
            map(sources.__getitem__, places),
            self._skus_at(at),
            map(warehouses.__getitem__, places),
            self._moments_at(self.as_of[at]),
            *(column[at].tolist() for column in (self.missed, self.bad, *self.figures)),
        )
        found: Iterator[StockRow] = map(StockRow._make, zip(*columns, strict=True))
        return found

    def _at(self, rows: Sequence[StockRow], index: Mapping[Sku, int]) -> At:
        known = {place: at for at, place in enumerate(self.places)}
        found: Iterable[int] = map(known.get, map(_PLACE, rows), repeat(NOTHING))
        place = np.fromiter(found, dtype=np.int64, count=len(rows))
        return place, places_of(rows, "sku", index, missing=NOTHING)


def _put(column: Column, at: At, figures: Column) -> Column:
    column = widened(column, figures)
    column[at] = figures
    return column
