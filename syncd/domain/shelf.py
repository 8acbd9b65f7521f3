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
    """Rows by SKU, one for each key: the first three fields. `stem` says where those of a SKU stand."""

    def __init__(self, rows: Iterable[RowT], *, stem: Callable[[Sku], Sku] = lambda sku: sku) -> None:
        self._stem = stem
        self._rows: dict[Sku, tuple[RowT, ...]] = {}
        grouped: dict[Sku, list[RowT]] = {}
        for row in rows:
            grouped.setdefault(stem(row.sku), []).append(row)
        # A tuple is smaller than anything that finds a key sooner, and a SKU has few rows.
        self._rows = {sku: tuple(mine) for sku, mine in grouped.items()}

    def has(self, row: RowT) -> bool:
        """Return whether there is a row with the same key."""
        key = _key(row)
        return any(_key(other) == key for other in self._rows.get(self._stem(row.sku), ()))

    def of(self, skus: Iterable[Sku]) -> list[RowT]:
        """Return the rows of these SKUs."""
        # Most have none, and to look for the few that have some is a matter of sets.
        return [row for sku in sorted(self._rows.keys() & set(skus)) for row in self._rows[sku]]

    def put(self, rows: Iterable[RowT]) -> None:
        """Add rows, or put them in the place of others."""
        for row in rows:
            self.drop([row])
            stem = self._stem(row.sku)
            self._rows[stem] = (*self._rows.get(stem, ()), row)

    def drop(self, rows: Iterable[RowT]) -> None:
        """Take rows out; one that is not there is none."""
        for row in rows:
            stem, key = self._stem(row.sku), _key(row)
            self._rows[stem] = tuple(other for other in self._rows.get(stem, ()) if _key(other) != key)


def _key(row: Any) -> Hashable:  # noqa: ANN401 - the rows are of many kinds, and tuples all
    return tuple(row[:3])
