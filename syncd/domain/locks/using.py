"""What sales take from locks, and what cancellations give back (DESIGN 4.4; 4.5 step 4).

A use is state of its own: it stays when a snapshot contains the sale, since the source's figure is lower by
it from then on, and ends only with the order.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from syncd.domain.locks.standing import standings
from syncd.domain.model import PoolName, ShopName, Sku, WarehouseName
from syncd.domain.records import LockRow, UseRow


class Sale(NamedTuple):
    """The units that one claim's line takes, before and now, whether a snapshot contains them or not.

    `handed` units of what it lost are no return: another line takes their place. `warehouse` is empty while
    not routed.
    """

    shop: ShopName
    line: str
    sku: Sku
    warehouse: str
    before: int
    after: int
    handed: int = 0


def used(
    locks: Sequence[LockRow],
    uses: Sequence[UseRow],
    sales: Iterable[Sale],
    now: datetime,
    pool_of: Mapping[WarehouseName, PoolName],
) -> list[UseRow]:
    """Return the uses after `sales`, also those of 0 units.

    Only what a sale grew by takes from locks, the oldest first, and only released units: what was sold before
    a lock was there came from elsewhere. Units that another pool sends come from no lock of this one.
    """
    tally = _Tally(locks, uses, now, pool_of)
    ordered = sorted(sale for sale in sales if tally.concerns(sale))
    for sale in ordered:
        tally.give_back(sale)
    for sale in ordered:
        tally.take(sale)
    return tally.rows()


class _Tally:
    """The uses while sales change them; `spare` are units of sales from elsewhere that other lines take."""

    def __init__(
        self,
        locks: Sequence[LockRow],
        uses: Iterable[UseRow],
        now: datetime,
        pool_of: Mapping[WarehouseName, PoolName],
    ) -> None:
        self._pool_of = pool_of
        self._uses = {(use.lock, use.line): use.units for use in uses}
        self._open: dict[int, int] = {}
        self._locks: dict[tuple[ShopName, Sku], list[LockRow]] = {}
        self._spare: dict[tuple[ShopName, Sku], int] = {}
        for one in standings(locks, self.rows(), now):
            self._open[one.lock.id] = one.open
            self._locks.setdefault((one.lock.shop, one.lock.sku), []).append(one.lock)

    def concerns(self, sale: Sale) -> bool:
        return (sale.shop, sale.sku) in self._locks

    def give_back(self, sale: Sale) -> None:
        """Give back what the sale lost, to the youngest of its locks first, and all if another pool sends."""
        have = self._of(sale)
        left = max(have - sale.after, 0)
        for lock in reversed(self._locks[sale.shop, sale.sku]):
            mine = self._uses.get((lock.id, sale.line), 0)
            units = mine if self._is_elsewhere(sale, lock) else min(mine, left)
            if units:
                left = max(left - units, 0)
                self._uses[lock.id, sale.line] = mine - units
                self._open[lock.id] += units if lock.ended_at is None else 0
        spare = max(sale.handed - max(have - sale.after, 0), 0)
        self._spare[sale.shop, sale.sku] = self._spare.get((sale.shop, sale.sku), 0) + spare

    def take(self, sale: Sale) -> None:
        """Take what the sale grew by, but for what it took over from a line that had used no lock."""
        grown = max(sale.after - max(sale.before, self._of(sale)), 0)
        spare = min(grown, self._spare.get((sale.shop, sale.sku), 0))
        self._spare[sale.shop, sale.sku] -= spare
        grown -= spare
        for lock in self._locks[sale.shop, sale.sku]:
            units = 0 if self._is_elsewhere(sale, lock) else min(grown, self._open[lock.id])
            if units:
                grown -= units
                self._open[lock.id] -= units
                self._uses[lock.id, sale.line] = self._uses.get((lock.id, sale.line), 0) + units

    def rows(self) -> list[UseRow]:
        return sorted(UseRow(lock, line, units) for (lock, line), units in self._uses.items())

    def _of(self, sale: Sale) -> int:
        """Return what the sale uses of all its locks."""
        mine = self._locks[sale.shop, sale.sku]
        return sum(self._uses.get((lock.id, sale.line), 0) for lock in mine)

    def _is_elsewhere(self, sale: Sale, lock: LockRow) -> bool:
        return self._pool_of.get(WarehouseName(sale.warehouse), lock.pool) != lock.pool
