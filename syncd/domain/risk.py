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


def unknown_to_each(rates: Floats, seen: Floats, accepted: Floats) -> Floats:
    """Return by (shop, sku) of a shared pool the units that the other shops sell before the shop knows.

    Each other one for as long as it takes to tell, and this one to be lowered; NaN where such a delay was
    never measured. `rates` (shop, sku) are units per second, 0 where a shop does not list the SKU; the delays
    of the shops are seconds.
    """
    units = np.zeros(rates.shape)
    for shop in range(len(rates)):
        sold = np.where(rates > 0, rates * (seen + accepted[shop])[:, None], 0.0)
        units[shop] = np.delete(sold, shop, axis=0).sum(axis=0)
    return units


def unknown_to_some(rates: Floats, seen: Floats, accepted: Floats) -> Floats:
    """Return by SKU of a shared pool the units sold of which some other shop that lists it does not know yet.

    At the warning level every shop may show the same last units, so that all of these count. Where only one
    shop lists a SKU there are none. The figures are as for `unknown_to_each`.
    """
    listed = rates > 0
    units = np.zeros(rates.shape[1])
    for shop in range(len(rates)):
        late = np.where(np.delete(listed, shop, axis=0), np.delete(accepted, shop)[:, None], 0.0)
        slowest = late.max(axis=0, initial=0.0)
        told = listed[shop] & np.delete(listed, shop, axis=0).any(axis=0)
        units += np.where(told, rates[shop] * (seen[shop] + slowest), 0.0)
    return units


def advised(mean: float, risk: float) -> int | None:
    """Return the units to hold back for so many sold unknown, None where these are not known (NaN)."""
    return None if isnan(mean) else units_at_risk(mean, risk)
