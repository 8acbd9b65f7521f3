"""What shops sold of all SKUs, at the cost of what is new of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from syncd.domain.demand import DEMAND, Floats
from syncd.domain.grids import DemandGrid
from syncd.domain.model import Ints, ShopName, Sku
from syncd.domain.records import DemandRow


class FadedSales:
    """The faded units sold by shop of all SKUs, at a fixed time, from where they only fade."""

    def __init__(self, demand: DemandGrid, at: datetime) -> None:
        self._demand, self._at = demand, at
        self._sold = (demand.sold * self._factors()[demand.at]).sum(axis=1)

    def put(self, rows: Sequence[DemandRow], index: Mapping[Sku, int]) -> None:
        """Add rows to the demand, or put them in the place of others."""
        rows = list({row[:2]: row for row in rows}.values())
        _, at = self._demand.places(rows, index)
        before = self._then(at)
        self._demand.put(rows, index)
        np.add.at(self._sold, at[0], self._then(at) - before)

    def beside(self, part: DemandGrid, now: datetime) -> dict[ShopName, float]:
        """Return what was sold beside a part of the demand, as it is now; empty while there is no demand."""
        if not self._demand.is_told:
            return {}
        return self._faded(self._sold - (part.sold * self._factors()[part.at]).sum(axis=1), now)

    def all_of(self, now: datetime) -> dict[ShopName, float]:
        """Return what was sold of all SKUs, as it is now."""
        return self._faded(self._sold, now)

    def _faded(self, sold: Floats, now: datetime) -> dict[ShopName, float]:
        kept = 0.5 ** ((now - self._at).total_seconds() / DEMAND.half_life)
        return dict(zip(self._demand.shops, (np.maximum(sold, 0.0) * kept).tolist(), strict=True))

    def _then(self, at: tuple[Ints, Ints]) -> Floats:
        sold: Floats = self._demand.sold[at] * self._factors()[self._demand.at[at]]
        return sold

    def _factors(self) -> Floats:
        """Return by code of time what one unit would have been at the fixed time."""
        factors: Floats = 0.5 ** (self._demand.moments.ages(self._at) / DEMAND.half_life)
        return factors
