"""Shares and demand as columns by shop and SKU, of which a row is made only for who asks for one."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from operator import itemgetter
from typing import Generic, TypeVar, overload

import numpy as np

from syncd.domain.columns import NOTHING, Column, figures_of, places_of, widened
from syncd.domain.demand import Demand, DemandRules, Floats, aged
from syncd.domain.model import Bools, Ints, PoolName, ShopName, Sku
from syncd.domain.moments import Moments
from syncd.domain.records import DemandRow, ShareRow

RowT = TypeVar("RowT")


class Grid(Sequence[RowT], Generic[RowT]):
    """The rows of a grid, SKU by SKU; `moments` are what its codes of times stand for."""

    skus: Sequence[Sku]
    moments: Moments

    @property
    @abstractmethod
    def has(self) -> Bools:
        """Return by place and SKU whether there is a row."""

    @abstractmethod
    def row(self, place: int, sku: int) -> RowT:
        """Return the row of a place and a SKU, which is there."""

    def __len__(self) -> int:
        return int(np.count_nonzero(self.has))

    def __bool__(self) -> bool:
        return bool(self.has.any())

    def __iter__(self) -> Iterator[RowT]:
        skus, places = np.nonzero(self.has.T)
        return map(self.row, places.tolist(), skus.tolist())

    @overload
    def __getitem__(self, at: int) -> RowT: ...
    @overload
    def __getitem__(self, at: slice) -> list[RowT]: ...
    def __getitem__(self, at: int | slice) -> RowT | list[RowT]:
        return list(self)[at]


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

    @property
    def has(self) -> Bools:
        """Return by edge and SKU whether there is a row."""
        found: Bools = self.units != NOTHING
        return found

    def row(self, place: int, sku: int) -> ShareRow:
        """Return the row of an edge and a SKU, which is there."""
        at = self.moments[int(self.moved[place, sku])]
        return ShareRow(*self.edges[place], self.skus[sku], int(self.units[place, sku]), at)

    def put(self, rows: Sequence[ShareRow], index: Mapping[Sku, int]) -> None:
        """Add rows, or put them in the place of others; `index` says where SKUs stand."""
        edges = {edge: at for at, edge in enumerate(self.edges)}
        found = map(edges.get, map(itemgetter(0, 1), rows), repeat(NOTHING))
        edge = np.fromiter(found, dtype=np.int64, count=len(rows))
        here, at = _known(edge, places_of(rows, "sku", index, missing=NOTHING))
        units = figures_of(rows, "units")[here]
        self.units = widened(self.units, units)
        self.units[at] = units
        self.moved[at] = self.moments.codes([row.moved_at for row in rows])[here]

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

    @property
    def has(self) -> Bools:
        """Return by shop and SKU whether there is a row."""
        found: Bools = self.at != 0
        return found

    def row(self, place: int, sku: int) -> DemandRow:
        """Return the row of a shop and a SKU, which is there."""
        sold, seconds, recent = (float(each[place, sku]) for each in (self.sold, self.seconds, self.recent))
        moment = self.moments[int(self.at[place, sku])]
        assert moment is not None, "a row has a time"  # noqa: S101
        stocked = bool(self.stocked[place, sku])
        return DemandRow(self.shops[place], self.skus[sku], sold, seconds, recent, stocked, moment)

    @property
    def is_told(self) -> bool:
        """Return whether there was ever a row, without looking at all of them."""
        return len(self.moments) > 1

    def put(self, rows: Sequence[DemandRow], index: Mapping[Sku, int]) -> None:
        """Add rows, or put them in the place of others; `index` says where SKUs stand."""
        here, at = self.places(rows, index)
        self.at[at] = self.moments.codes([row.at for row in rows])[here]
        self.sold[at] = _floats([row.sold for row in rows])[here]
        self.seconds[at] = _floats([row.seconds for row in rows])[here]
        self.recent[at] = _floats([row.recent for row in rows])[here]
        self.stocked[at] = figures_of(rows, "stocked")[here] > 0

    def places(self, rows: Sequence[DemandRow], index: Mapping[Sku, int]) -> tuple[Bools, tuple[Ints, Ints]]:
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


def _known(place: Ints, sku: Ints) -> tuple[Bools, tuple[Ints, Ints]]:
    here: Bools = (place != NOTHING) & (sku != NOTHING)
    return here, (place[here], sku[here])


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)
