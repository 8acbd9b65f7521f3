"""Shares and demand by shop and SKU as columns, of which the rows of a few SKUs are made when asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from syncd.domain.model import Ints, PoolName, ShopName, Sku
from syncd.domain.records import DemandRow, ShareRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_ROW = -(1 << 63)
"""Stands in the times where there is no row; `_NEVER` stands for None."""

_NEVER = _NO_ROW + 1


class ShareGrid:
    """The stored shares by (edge, sku); those of edges and SKUs that are not known are not kept."""

    def __init__(
        self, rows: Iterable[ShareRow], edges: Sequence[tuple[PoolName, ShopName]], skus: Mapping[Sku, int]
    ) -> None:
        self._edges, self._skus = edges, skus
        self._edge = {pair: at for at, pair in enumerate(edges)}
        self._units = np.zeros((len(edges), len(skus)), dtype=np.int64)
        self._moved = np.full((len(edges), len(skus)), _NO_ROW, dtype=np.int64)
        self.put(rows)

    def put(self, rows: Iterable[ShareRow]) -> None:
        """Add rows, or put them in the place of others."""
        for row in rows:
            edge, sku = self._edge.get(row[:2]), self._skus.get(row.sku)
            if edge is not None and sku is not None:
                self._units[edge, sku] = row.units
                self._moved[edge, sku] = _ticks(row.moved_at)

    def of(self, skus: Iterable[Sku]) -> list[ShareRow]:
        """Return the rows of these SKUs."""
        return list(self._rows(skus))

    def _rows(self, skus: Iterable[Sku]) -> Iterator[ShareRow]:
        for sku, places in _kept(self._moved, self._skus, skus):
            at = self._skus[sku]
            for edge in places:
                moved = int(self._moved[edge, at])
                yield ShareRow(*self._edges[edge], sku, int(self._units[edge, at]), _moment(moved))


class DemandGrid:
    """The stored demand by (shop, sku); that of unknown shops and SKUs is not kept."""

    def __init__(self, rows: Iterable[DemandRow], shops: Sequence[ShopName], skus: Mapping[Sku, int]) -> None:
        self._shops, self._skus = shops, skus
        self._shop = {name: at for at, name in enumerate(shops)}
        shape = (len(shops), len(skus))
        self._at = np.full(shape, _NO_ROW, dtype=np.int64)
        self._figures: npt.NDArray[np.float64] = np.zeros((3, *shape))
        self._stocked = np.zeros(shape, dtype=np.bool_)
        self._is_empty = True
        self.put(rows)

    def __bool__(self) -> bool:
        return not self._is_empty

    def put(self, rows: Iterable[DemandRow]) -> list[DemandRow]:
        """Add rows, or put them in the place of others; return these."""
        gone: list[DemandRow] = []
        for row in rows:
            shop, sku = self._shop.get(row.shop), self._skus.get(row.sku)
            self._is_empty = False
            if shop is None or sku is None:
                continue
            if self._at[shop, sku] != _NO_ROW:
                gone.append(self._row(shop, row.sku))
            self._figures[:, shop, sku] = row.sold, row.seconds, row.recent
            self._stocked[shop, sku] = row.stocked
            self._at[shop, sku] = _ticks(row.at)
        return gone

    def of(self, skus: Iterable[Sku]) -> list[DemandRow]:
        """Return the rows of these SKUs."""
        return [self._row(shop, sku) for sku, shops in _kept(self._at, self._skus, skus) for shop in shops]

    def _row(self, shop: int, sku: Sku) -> DemandRow:
        at = self._skus[sku]
        sold, seconds, recent = self._figures[:, shop, at].tolist()
        moment = _moment(int(self._at[shop, at])) or _EPOCH
        return DemandRow(self._shops[shop], sku, sold, seconds, recent, bool(self._stocked[shop, at]), moment)


def _kept(times: Ints, index: Mapping[Sku, int], skus: Iterable[Sku]) -> Iterator[tuple[Sku, list[int]]]:
    """Yield the SKUs that have rows, and which."""
    for sku in skus:
        if sku in index:
            yield sku, np.flatnonzero(times[:, index[sku]] != _NO_ROW).tolist()


def _ticks(moment: datetime | None) -> int:
    return _NEVER if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(ticks: int) -> datetime | None:
    return None if ticks == _NEVER else _EPOCH + timedelta(microseconds=ticks)
