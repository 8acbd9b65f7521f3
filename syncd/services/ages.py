"""How old things get in a shop, as plain data for people and for what is exported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncd.domain.delays import BOUNDS, DELAYS, histogram, quantile
from syncd.domain.model import ShopName
from syncd.domain.records import Measure, MeasureRow, PendingRow

Json = dict[str, Any]

ALMOST_ALL = 0.99
"""The share of delays that what is called `within` covers."""

_COUNTS = (Measure.CALLS, Measure.THROTTLED, Measure.WRITTEN, Measure.SPARED)
_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """What the state knows of delays and of decreases that wait, to be read at `now`."""

    now: datetime
    measures: Sequence[MeasureRow] = ()
    pending: Sequence[PendingRow] = ()

    def within(self, shop: ShopName, what: Measure) -> float | None:
        """Return the seconds within which almost all of a shop's delays ended; None where none was seen."""
        return quantile(histogram(self._of(shop), what, self.now), ALMOST_ALL)

    def document(self, shop: ShopName) -> Json:
        """Return the figures of one shop; counts are of the last days and fade, so that they have fractions.

        A histogram has the longest delay of each bucket that anything is in, with how many are.
        """
        mine = self._of(shop)
        counts = {what: float(histogram(mine, what, self.now).sum()) for what in _COUNTS}
        return {
            "delays": {what.value: self._delay(mine, what) for what in DELAYS},
            **{what.value: round(amount, _DIGITS) for what, amount in counts.items()},
            "throttled_share": _share(counts[Measure.THROTTLED], counts[Measure.CALLS]),
            "spared_share": _share(counts[Measure.SPARED], counts[Measure.SPARED] + counts[Measure.WRITTEN]),
            "decreases": self._decreases(shop),
        }

    def _of(self, shop: ShopName) -> list[MeasureRow]:
        return [row for row in self.measures if row.shop == shop]

    def _delay(self, rows: Sequence[MeasureRow], what: Measure) -> Json:
        counts = histogram(rows, what, self.now)
        return {
            "count": round(float(counts.sum()), _DIGITS),
            "half_within": _seconds(quantile(counts, 0.5)),
            "within": _seconds(quantile(counts, ALMOST_ALL)),
            "histogram": [
                [_seconds(bound), round(amount, _DIGITS)]
                for bound, amount in zip(BOUNDS.tolist(), counts.tolist(), strict=True)
                if amount
            ],
        }

    def _decreases(self, shop: ShopName) -> Json:
        mine = [row for row in self.pending if row.shop == shop]
        oldest = min((row.since for row in mine), default=None)
        return {
            "waiting": len(mine),
            "held": sum(row.held for row in mine),
            "oldest": oldest.isoformat() if oldest else None,
            "oldest_seconds": (self.now - oldest).total_seconds() if oldest else 0.0,
        }


def _seconds(delay: float | None) -> float | None:
    return None if delay is None else float(f"{delay:.{_DIGITS}g}")


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, _DIGITS) if whole else None
