"""What buffers and warning levels a stated risk would ask for; advice only, nothing changes by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from syncd.domain.book import Book
from syncd.domain.demand import DEMAND, Floats, Places, demand_at, rates
from syncd.domain.model import ShopName, Sku
from syncd.domain.records import Measure, MeasureRow
from syncd.domain.risk import buffers, level
from syncd.domain.topology import Pool, PoolMode
from syncd.services.ages import Ages

Json = dict[str, Any]

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The risk that an operator is willing to take, and the delays that were measured.

    `applies` is how many seconds a shop may take to show what it accepted.
    """

    risk: float
    measures: Sequence[MeasureRow] = ()
    applies: Mapping[ShopName, float] = field(default_factory=dict)


class Adviser:
    """Says what the shared pools of a book would need; a unit of a split pool is shown in one shop only."""

    def __init__(self, book: Book, stated: Stated) -> None:
        self._book = book
        self._stated = stated
        self._ages = Ages(now=book.state.now, measures=stated.measures)
        self._names = [shop.name for shop in book.topology.shops]
        self._known: dict[int, Floats | None] = {}

    def of_pool(self, pool: int, at: int) -> Json:
        """Return the warning level that a shared pool would need for a SKU, None where that is not known."""
        found = self._rates(at)
        if found is None:
            return {"advised_level": None}
        columns = self._columns(self._book.topology.pools[pool], found)
        return {"advised_level": level(*columns, self._stated.risk)}

    def of_shop(self, shop: ShopName, at: int) -> Json:
        """Return how fast a shop sells a SKU, how late it is, and the buffers it would need by pool.

        The rate is None while nobody ever sold or listed it, a buffer while no delay was measured.
        """
        found = self._rates(at)
        rate = None if found is None else float(found[self._names.index(shop)]) * _DAY
        return {
            "sold_per_day": None if rate is None else float(f"{rate:.3g}"),
            "seen_within": self._within(shop, Measure.SALE_TO_SEEN),
            "lowered_within": self._within(shop, Measure.DECISION_TO_ACCEPTED),
            "advice": [
                {"pool": one.name, "risk": self._stated.risk, "buffer": self._buffer(one, shop, found)}
                for one in self._book.topology.pools
                if one.mode is PoolMode.SHARED and shop in one.shops
            ],
        }

    def _buffer(self, pool: Pool, shop: ShopName, found: Floats | None) -> int | None:
        if found is None:
            return None
        return buffers(*self._columns(pool, found), self._stated.risk)[pool.shops.index(shop)]

    def _rates(self, at: int) -> Floats | None:
        """Return units per second by shop, None for a SKU of which nobody knows any demand."""
        # Each shop and pool asks, and every stored row of all SKUs must be looked at.
        if at not in self._known:
            self._known[at] = self._rates_now(at)
        return self._known[at]

    def _rates_now(self, at: int) -> Floats | None:
        sku, state = self._book.skus[at], self._book.state
        rows = [row for row in state.demand if row.sku == sku]
        if not any(pool.mode is PoolMode.SPLIT for pool in self._book.topology.pools):
            # Nobody notes when a shop has something to sell: its time counts all the same.
            rows = [row._replace(stocked=True) for row in rows]
        places = Places(shops={name: index for index, name in enumerate(self._names)}, skus={Sku(sku): 0})
        if not rows:
            return None
        found: Floats = rates(demand_at(rows, places, state.now, DEMAND), DEMAND)[:, 0]
        return found

    def _columns(self, pool: Pool, found: Floats) -> tuple[Floats, Floats, Floats]:
        """Return rates and both delays of a pool's shops."""
        here = np.array([self._names.index(shop) for shop in pool.shops])
        applies = np.array([self._stated.applies.get(shop, 0.0) for shop in pool.shops])
        seen = self._delays(pool, Measure.SALE_TO_SEEN)
        return found[here], seen, self._delays(pool, Measure.DECISION_TO_ACCEPTED) + applies

    def _delays(self, pool: Pool, what: Measure) -> Floats:
        """Return the delays of a pool's shops; one that has none yet is taken for as slow as the slowest."""
        found = [self._within(shop, what) for shop in pool.shops]
        slowest = max((one for one in found if one is not None), default=np.nan)
        return np.array([slowest if one is None else one for one in found])

    def _within(self, shop: ShopName, what: Measure) -> float | None:
        found = self._ages.within(shop, what)
        return None if found is None else float(f"{found:.3g}")
