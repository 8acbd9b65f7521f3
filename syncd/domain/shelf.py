"""Rows by SKU, so that those of a few are found without those of all others."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from syncd.domain.model import Sku


class OfSku(Protocol):
    """A row that is about one SKU."""

    @property
    def sku(self) -> Sku:
        """Return the SKU."""


RowT = TypeVar("RowT", bound=OfSku)


class Shelf(Generic[RowT]):
    """Rows by SKU, one for each key: the first `key` fields. `stem` says where those of a SKU stand."""

    def __init__(
        self, rows: Iterable[RowT], *, key: int = 3, stem: Callable[[Sku], Sku] = lambda sku: sku
    ) -> None:
        self._stem = stem
        self._length = key
        self._rows: dict[Sku, dict[Hashable, RowT]] = {}
        self.put(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def has(self, row: RowT) -> bool:
        """Return whether there is a row with the same key."""
        return self._key(row) in self._rows.get(self._stem(row.sku), ())

    def of(self, skus: Iterable[Sku]) -> list[RowT]:
        """Return the rows of these SKUs."""
        return [row for sku in skus for row in self._rows.get(sku, {}).values()]

    def put(self, rows: Iterable[RowT]) -> list[RowT]:
        """Add rows, or put them in the place of others; return these."""
        gone = []
        for row in rows:
            mine = self._rows.setdefault(self._stem(row.sku), {})
            key = self._key(row)
            if key in mine:
                gone.append(mine[key])
            mine[key] = row
        return gone

    def drop(self, rows: Iterable[RowT]) -> None:
        """Take rows out; one that is not there is none."""
        for row in rows:
            self._rows.get(self._stem(row.sku), {}).pop(self._key(row), None)

    def _key(self, row: Any) -> Hashable:  # noqa: ANN401 - the rows are of many kinds, and tuples all
        return tuple(row[: self._length])
