"""Shares and demand as columns by shop and SKU, of which a row is made only for who asks for one."""

from abc import abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar, overload

import numpy as np

from syncd.domain.columns import NOTHING, Column, figures_of, places_in, places_of, widened
from syncd.domain.demand import Demand, DemandRules, Floats, aged
from syncd.domain.model import Bools, Ints, PoolName, ShopName, Sku
from syncd.domain.moments import Moments
from syncd.domain.records import DemandRow, ShareRow

RowT = TypeVar("RowT")

At: TypeAlias = tuple[Ints, Ints]
"""Places and SKUs, one of each for every row."""


class Grid(Sequence[RowT], Generic[RowT]):
    """The rows of a grid, SKU by SKU; `moments` are what its codes of times stand for."""

    skus: Sequence[Sku]
    moments: Moments

    @property
    @abstractmethod
    def has(self) -> Bools:
        """Return by place and SKU whether there is a row."""

    @abstractmethod
    def _rows(self, at: At) -> Iterator[RowT]:
        """Return the rows of places and SKUs, which are there."""

    def __len__(self) -> int:
        return int(np.count_nonzero(self.has))

    def __bool__(self) -> bool:
        return bool(self.has.any())

    def __iter__(self) -> Iterator[RowT]:
        skus, places = np.nonzero(self.has.T)
        return self._rows((places, skus))

    @overload
    def __getitem__(self, at: int) -> RowT: ...
    @overload
    def __getitem__(self, at: slice) -> list[RowT]: ...
    def __getitem__(self, at: int | slice) -> RowT | list[RowT]:
        return list(self)[at]

    def _moments_at(self, codes: Column) -> Iterator[datetime | None]:
        return map(self.moments.__getitem__, codes.tolist())

    def _skus_at(self, at: At) -> Iterator[Sku]:
        return map(self.skus.__getitem__, at[1].tolist())

    def _under(self, other: "Grid[RowT]", place: Ints, index: Mapping[Sku, int]) -> tuple[Bools, At, Ints]:
        """Return which rows of another grid have a place here, these places, and by its codes ours of times.

        Its places are `place` here, and `index` says where SKUs stand.
        """
        sku = places_in(other.skus, index)
        here: Bools = other.has & (place != NOTHING)[:, None] & (sku != NOTHING)
        places, skus = np.nonzero(here)
        return here, (place[places], sku[skus]), self.moments.taken(other.moments)


class ShareGrid(Grid[ShareRow]):
    """The stored shares by (edge, sku): `units` are `NOTHING` where there is no row, `moved` are codes."""

    def __init__(self, edges: Sequence[tuple[PoolName, ShopName]], skus: Sequence[Sku]) -> None:
        shape = (len(edges), len(skus))
        self.edges, self.skus, self.moments = tuple(edges), skus, Moments()
        self.units: Column = np.full(shape, NOTHING, dtype=np.int8)
        self.moved: Column = np.zeros(shape, dtype=np.int32)

    @classmethod
    def of(
        cls,
        rows: Sequence[ShareRow],
        edges: Sequence[tuple[PoolName, ShopName]],
        skus: Sequence[Sku],
        index: Mapping[Sku, int],
    ) -> "ShareGrid":
        """Return the grid of rows, without those of other edges and SKUs; `rows` itself if it is one."""
        if isinstance(rows, cls) and rows.edges == tuple(edges) and rows.skus == skus:
            return rows
        grid = cls(edges, skus)
        grid.put(rows, index)
        return grid

    @classmethod
    def whole(cls, rows: Sequence[ShareRow]) -> "ShareGrid":
        """Return the grid of all rows; edges and SKUs are in order."""
        edges, skus = sorted({row[:2] for row in rows}), tuple(sorted({row.sku for row in rows}))
        return cls.of(rows, edges, skus, {sku: at for at, sku in enumerate(skus)})

    @property
    def has(self) -> Bools:
        """Return by edge and SKU whether there is a row."""
        found: Bools = self.units != NOTHING
        return found

    def put(self, rows: Sequence[ShareRow], index: Mapping[Sku, int]) -> None:
        """Add rows, or put them in the place of others; `index` says where SKUs stand."""
        edges = {edge: at for at, edge in enumerate(self.edges)}
        if isinstance(rows, ShareGrid):
            here, at, codes = self._under(rows, _places(rows.edges, edges), index)
            self.fill(at, rows.units[here], codes[rows.moved[here]])
            return
        edge = _places(map(itemgetter(0, 1), rows), edges)
        here, at = _known(edge, places_of(rows, "sku", index, missing=NOTHING))
        moved = self.moments.codes([row.moved_at for row in rows])
        self.fill(at, figures_of(rows, "units")[here], moved[here])

    def fill(self, at: At, units: Column, moved: Column) -> None:
        """Put a row at each place, given as columns; `moved` are codes of `moments`."""
        self.units = widened(self.units, units)
        self.units[at] = units
        self.moved[at] = moved

    def _rows(self, at: At) -> Iterator[ShareRow]:
        edges = map(self.edges.__getitem__, at[0].tolist())
        columns = self._skus_at(at), self.units[at].tolist(), self._moments_at(self.moved[at])
        return (ShareRow(*edge, *rest) for edge, *rest in zip(edges, *columns, strict=True))

    def take(self, places: Ints, skus: Sequence[Sku]) -> "ShareGrid":
        """Return the grid of the SKUs at some places, which are `skus`."""
        grid = object.__new__(ShareGrid)
        grid.edges, grid.skus, grid.moments = self.edges, skus, self.moments
        grid.units, grid.moved = self.units[:, places], self.moved[:, places]
        return grid


class DemandGrid(Grid[DemandRow]):
    """The stored demand by (shop, sku); `at` are codes of times, 0 where there is no row."""

    def __init__(self, shops: Sequence[ShopName], skus: Sequence[Sku]) -> None:
        shape = (len(shops), len(skus))
        self.shops, self.skus, self.moments = tuple(shops), skus, Moments()
        self.sold: Floats = np.zeros(shape)
        self.seconds: Floats = np.zeros(shape)
        self.recent: Floats = np.zeros(shape)
        self.stocked: Bools = np.zeros(shape, dtype=np.bool_)
        self.at: Column = np.zeros(shape, dtype=np.int32)

    @classmethod
    def of(
        cls,
        rows: Sequence[DemandRow],
        shops: Sequence[ShopName],
        skus: Sequence[Sku],
        index: Mapping[Sku, int],
    ) -> "DemandGrid":
        """Return the grid of rows, without those of other shops and SKUs; `rows` itself if it is one."""
        if isinstance(rows, cls) and rows.shops == tuple(shops) and rows.skus == skus:
            return rows
        grid = cls(shops, skus)
        grid.put(rows, index)
        return grid

    @classmethod
    def whole(cls, rows: Sequence[DemandRow]) -> "DemandGrid":
        """Return the grid of all rows; shops and SKUs are in order."""
        shops, skus = sorted({row.shop for row in rows}), tuple(sorted({row.sku for row in rows}))
        return cls.of(rows, shops, skus, {sku: at for at, sku in enumerate(skus)})

    @property
    def has(self) -> Bools:
        """Return by shop and SKU whether there is a row."""
        found: Bools = self.at != 0
        return found

    @property
    def is_told(self) -> bool:
        """Return whether there was ever a row, without looking at all of them."""
        return len(self.moments) > 1

    def put(self, rows: Sequence[DemandRow], index: Mapping[Sku, int]) -> None:
        """Add rows, or put them in the place of others; `index` says where SKUs stand."""
        if isinstance(rows, DemandGrid):
            shops = {shop: at for at, shop in enumerate(self.shops)}
            here, at, codes = self._under(rows, _places(rows.shops, shops), index)
            figures = [column[here] for column in (rows.sold, rows.seconds, rows.recent)]
            self.fill(at, figures, rows.stocked[here], codes[rows.at[here]])
            return
        here, at = self.places(rows, index)
        figures = [
            np.array([getattr(row, name) for row in rows], dtype=np.float64)[here]
            for name in ("sold", "seconds", "recent")
        ]
        moments = self.moments.codes([row.at for row in rows])
        self.fill(at, figures, figures_of(rows, "stocked")[here] > 0, moments[here])

    def fill(self, at: At, figures: Sequence[Floats], stocked: Bools, moments: Column) -> None:
        """Put a row at each place, given as columns; `figures` are `sold`, `seconds` and `recent`.

        `moments` are codes of those of the grid.
        """
        self.sold[at], self.seconds[at], self.recent[at] = figures
        self.stocked[at] = stocked
        self.at[at] = moments

    def _rows(self, at: At) -> Iterator[DemandRow]:
        shops = map(self.shops.__getitem__, at[0].tolist())
        figures = [column[at].tolist() for column in (self.sold, self.seconds, self.recent, self.stocked)]
        columns = shops, self._skus_at(at), *figures, self._moments_at(self.at[at])
        found: Iterator[DemandRow] = map(DemandRow._make, zip(*columns, strict=True))
        return found

    def places(self, rows: Sequence[DemandRow], index: Mapping[Sku, int]) -> tuple[Bools, At]:
        """Return which rows have a place here, and their places."""
        shops = {shop: at for at, shop in enumerate(self.shops)}
        shop = places_of(rows, "shop", shops, missing=NOTHING)
        return _known(shop, places_of(rows, "sku", index, missing=NOTHING))

    def take(self, places: Ints, skus: Sequence[Sku]) -> "DemandGrid":
        """Return the grid of the SKUs at some places, which are `skus`."""
        grid = object.__new__(DemandGrid)
        grid.shops, grid.skus, grid.moments = self.shops, skus, self.moments
        grid.sold, grid.seconds, grid.recent = (
            column[:, places] for column in (self.sold, self.seconds, self.recent)
        )
        grid.stocked, grid.at = self.stocked[:, places], self.at[:, places]
        return grid

    def now(self, now: datetime, rules: DemandRules) -> Demand:
        """Return the demand brought to `now`."""
        stored = Demand(sold=self.sold, seconds=self.seconds, recent=self.recent, stocked=self.stocked)
        if not self.is_told:
            return stored
        # Many rows were touched at one time: what is left since then is worked out once.
        return aged(stored, self.moments.ages(now), rules, self.at)


def _known(place: Ints, sku: Ints) -> tuple[Bools, At]:
    here: Bools = (place != NOTHING) & (sku != NOTHING)
    return here, (place[here], sku[here])


def _places(names: Iterable[Hashable], index: Mapping[Any, int]) -> Ints:
    """Return where `index` has each name, `NOTHING` where it does not know it."""
    return np.fromiter(map(index.get, names, repeat(NOTHING)), dtype=np.int64)
