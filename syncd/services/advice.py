"""What buffers and warning levels a stated risk would ask for; advice only, nothing changes by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from syncd.domain.demand import Floats
from syncd.domain.model import Bools, ListingRow, ShopName, Sku
from syncd.domain.paces import paces
from syncd.domain.records import DemandRow, Measure, MeasureRow
from syncd.domain.risk import advised, unknown_to_each, unknown_to_some
from syncd.domain.topology import Pool, PoolMode, Topology
from syncd.services.ages import ALMOST_ALL, Ages

Json = dict[str, Any]

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The risk that an operator is willing to take, what was measured of delays, and who buys how much.

    `applies` is how many seconds a shop may take to show what it accepted.
    """

    risk: float
    measures: Sequence[MeasureRow] = ()
    demand: Sequence[DemandRow] = ()
    applies: Mapping[ShopName, float] = field(default_factory=dict)


class Adviser:
    """Says what shared pools would need; a unit of a split pool is shown in one shop only."""

    def __init__(
        self, topology: Topology, listings: Sequence[ListingRow], stated: Stated, now: datetime
    ) -> None:
        self._pools = [pool for pool in topology.pools if pool.mode is PoolMode.SHARED]
        self._paces = paces(stated.demand, listings, topology, now)
        self._stated = stated
        self._ages = Ages(now=now, measures=stated.measures)

    def of_pool(self, pool: Pool, sku: Sku) -> Json:
        """Return the warning level that a shared pool would need for a SKU, None where that is not known."""
        at = self._paces.skus.get(sku)
        found = None if at is None else self._advised(unknown_to_some(*self._columns(pool, at))[0])
        return {"advised_level": found}

    def of_shop(self, shop: ShopName, sku: Sku) -> Json:
        """Return how fast a shop sells a SKU, how late it is, and the buffers it would need by pool.

        The rate is None while no shop has any demand for it, a buffer while no delay was measured.
        """
        pace = self._paces.of(shop, sku)
        return {
            "sold_per_day": None if pace is None else _rounded(pace * _DAY),
            "seen_within": self._within(shop, Measure.SALE_TO_SEEN),
            "lowered_within": self._within(shop, Measure.DECISION_TO_ACCEPTED),
            "advice": [
                {"pool": pool.name, "risk": self._stated.risk, "buffer": self._buffer(pool, shop, sku)}
                for pool in self._pools
                if shop in pool.shops
            ],
        }

    def levels(self) -> Iterator[Json]:
        """Yield the warning level that each shared pool would need for its SKUs."""
        for pool in self._pools:
            rates, *delays = self._columns(pool)
            wanted = self._wanted(unknown_to_some(rates, *delays), np.any(rates > 0, axis=0))
            yield {
                "pool": pool.name,
                "risk": self._stated.risk,
                "warning_level": wanted.pop("units"),
            } | wanted

    def buffers(self) -> dict[ShopName, list[Json]]:
        """Return the buffers that each shop would need for its SKUs, by shared pool; none of split ones."""
        found: dict[ShopName, list[Json]] = {shop: [] for shop in self._paces.shops}
        for pool in self._pools:
            rates, *delays = self._columns(pool)
            unknown = unknown_to_each(rates, *delays)
            for at, shop in enumerate(pool.shops):
                wanted = self._wanted(unknown[at], rates[at] > 0)
                given = {"pool": pool.name, "risk": self._stated.risk, "buffer": wanted.pop("units")}
                found[shop].append(given | wanted)
        return found

    def _wanted(self, means: Floats, listed: Bools) -> Json:
        """Return the units that almost all of the SKUs need, and those of the one that needs `most`."""
        if not listed.any():
            return {"units": None, "most": None, "sku": None}
        mine = means[listed]
        # One that is not known is the largest: it makes what rests on it unknown.
        first = np.flatnonzero(listed)[int(mine.argmax())]
        return {
            "units": self._advised(float(np.quantile(mine, ALMOST_ALL, method="inverted_cdf"))),
            "most": self._advised(float(means[first])),
            "sku": None if np.isnan(means[first]) else list(self._paces.skus)[first],
        }

    def _buffer(self, pool: Pool, shop: ShopName, sku: Sku) -> int | None:
        at = self._paces.skus.get(sku)
        if at is None:
            return None
        return self._advised(unknown_to_each(*self._columns(pool, at))[pool.shops.index(shop), 0])

    def _advised(self, mean: float) -> int | None:
        return advised(mean, self._stated.risk)

    def _columns(self, pool: Pool, sku: int | None = None) -> tuple[Floats, Floats, Floats]:
        """Return the rates of a pool's shops, of one SKU or of all, and both their delays."""
        rates = self._paces.rates[[self._paces.shops[shop] for shop in pool.shops]]
        applies = np.array([self._stated.applies.get(shop, 0.0) for shop in pool.shops])
        seen = self._delays(pool, Measure.SALE_TO_SEEN)
        lowered = self._delays(pool, Measure.DECISION_TO_ACCEPTED) + applies
        return rates if sku is None else rates[:, [sku]], seen, lowered

    def _delays(self, pool: Pool, what: Measure) -> Floats:
        """Return the delays of a pool's shops; one that has none yet is taken for as slow as the slowest."""
        found = [self._within(shop, what) for shop in pool.shops]
        slowest = max((one for one in found if one is not None), default=np.nan)
        return np.array([slowest if one is None else one for one in found])

    def _within(self, shop: ShopName, what: Measure) -> float | None:
        found = self._ages.within(shop, what)
        return None if found is None else _rounded(found)


def _rounded(figure: float) -> float:
    return float(f"{figure:.3g}")
