"""How long things take, as a histogram that fades: ten buckets to a decade, from 10 ms to 116 days.

A count fades with the half life of demand, so that what is recommended from both rests on the same days.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import numpy as np

from syncd.domain.demand import DEMAND, Floats, faded
from syncd.domain.model import Ints, ShopName
from syncd.domain.records import Measure, MeasureRow

_PER_DECADE = 10
_FIRST, _LAST = -2, 7

BOUNDS: Floats = 10.0 ** (np.arange((_LAST - _FIRST) * _PER_DECADE + 1) / _PER_DECADE + _FIRST)
"""The longest delay of each bucket, in seconds; what takes longer is in the last one all the same."""

DELAYS = (Measure.SALE_TO_SEEN, Measure.DECISION_TO_ACCEPTED, Measure.SALE_TO_ACCEPTED)
"""The measures that are delays; the others count."""

Count: TypeAlias = tuple[ShopName, Measure, int]
"""Where something is counted: a shop, a measure, a bucket."""


def buckets_of(seconds: Sequence[float]) -> Ints:
    """Return the bucket of each delay; one below zero took no time, clocks may differ."""
    found: Ints = np.searchsorted(BOUNDS * (1 + _ROUNDING), np.asarray(seconds, dtype=np.float64))
    return np.minimum(found, len(BOUNDS) - 1)


_ROUNDING = 1e-9


def recounted(rows: Iterable[MeasureRow], more: Mapping[Count, float], now: datetime) -> list[MeasureRow]:
    """Return the rows of `more`, sorted, with what is left by `now` of what `rows` say of the same."""
    before = {(row.shop, row.what, row.bucket): row for row in rows}
    return [
        MeasureRow(*key, amount=_left(before[key], now) + added if key in before else added, at=now)
        for key, added in sorted(more.items())
    ]


def histogram(rows: Iterable[MeasureRow], what: Measure, now: datetime) -> Floats:
    """Return what is left by `now` in each bucket of one measure, of all shops in `rows` together."""
    counts = np.zeros(len(BOUNDS))
    for row in rows:
        if row.what is what:
            counts[row.bucket] += _left(row, now)
    return counts


def quantile(counts: Floats, share: float) -> float | None:
    """Return the seconds within which `share` of the delays ended, never too short; None without any."""
    total = float(counts.sum())
    if total <= 0:
        return None
    # Sums of floats may miss their own total by a hair, and would then fall off the end.
    place = int(np.searchsorted(counts.cumsum(), share * total * (1 - _ROUNDING)))
    return float(BOUNDS[place])


def _left(row: MeasureRow, now: datetime) -> float:
    return row.amount * float(faded((now - row.at).total_seconds(), DEMAND.half_life))
