"""How many units must stay off sale for a stated risk; a recommendation, no quantity depends on it."""

from math import isnan, lgamma, log, sqrt

import numpy as np

from syncd.domain.demand import Floats

_WIDE, _LEAST = 12.0, 60.0
"""So many deviations and units around the mean hold all of a Poisson sum but less than one in 10^24."""


def units_at_risk(mean: float, risk: float) -> int:
    """Return the smallest n with P(Poisson(mean) > n) <= risk; 0 where nothing is sold.

    `mean` is rate x delay. This is the base-stock level for Poisson demand over a lead time, here the delay
    until a sale is known elsewhere (Hadley and Whitin, Analysis of Inventory Systems, 1963, chapter 4).

    Raises:
        ValueError: the mean is no finite number from 0 on, or the risk not between 0 and 1.
    """
    if not (0 <= mean < float("inf") and 0 < risk < 1):
        msg = f"no units can be told for a mean of {mean} and a risk of {risk}"
        raise ValueError(msg)
    if mean == 0:
        return 0
    width = _WIDE * sqrt(mean) + _LEAST
    first = max(int(mean - width), 0)
    units = np.arange(first, int(mean + width) + 2)
    # In logarithms, as neither e^-mean nor n! of a large figure is a float.
    steps = np.log(mean / np.maximum(units, 1))
    steps[0] = first * log(mean) - mean - lgamma(first + 1)
    chances = np.exp(np.cumsum(steps))
    # Summed from the far end: there the figures are small, and a small risk is not lost beside them.
    beyond = np.append(np.cumsum(chances[::-1])[::-1][1:], 0.0)
    return int(units[np.argmax(beyond <= risk)])


def buffers(rates: Floats, seen: Floats, accepted: Floats, risk: float) -> list[int | None]:
    """Return by shop of a shared pool the buffer it needs; None where a delay was never measured (NaN).

    What a shop cannot know yet are the sales of the others: each for as long as that one takes to tell, and
    this one to be lowered. `rates` are units per second, delays seconds.
    """
    needed = []
    for shop in range(len(rates)):
        others = np.flatnonzero((rates > 0) & (np.arange(len(rates)) != shop))
        needed.append(_units(float((rates[others] * (seen[others] + accepted[shop])).sum()), risk))
    return needed


def level(rates: Floats, seen: Floats, accepted: Floats, risk: float) -> int | None:
    """Return the warning level that a shared pool needs; None where a delay was never measured (NaN).

    At the level every shop may show the same last units, so that all sales count which some other shop does
    not know of yet. A pool of one shop needs none.
    """
    total = 0.0
    for shop in np.flatnonzero(rates > 0):
        slowest = np.delete(accepted, shop)
        total += float(rates[shop] * (seen[shop] + slowest.max())) if len(slowest) else 0.0
    return _units(total, risk)


def _units(mean: float, risk: float) -> int | None:
    return None if isnan(mean) else units_at_risk(mean, risk)
