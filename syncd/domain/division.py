"""Divide units between claimants by weight, many rows at a time."""

import numpy as np

from syncd.domain.model import Bools, Ints

UNCAPPED = 1 << 40
"""A cap that no pool reaches; small enough that its products stay inside 64 bits."""

_EXACT = 1 << 50
"""Below it no two different quotients of whole numbers are the same float, and the larger is the larger."""


def divide(units: Ints, weights: Ints, caps: Ints) -> Ints:
    """Return each row's units divided by weight and caps: shape (rows, n), never more than the units in sum.

    Webster's method (Sainte-Lague): each unit goes to the claimant with the largest weight / (2 * share + 1),
    ties to the first column. A divisor method, not largest remainders, because it is monotone: one more unit
    never lowers anybody. Caps stand inside the loop; units beyond all caps stay undivided. `units` has shape
    (rows,), `weights` and `caps` (rows, n); negative units count as none, weight 0 gets nothing.
    """
    units = np.maximum(units, 0)
    # Claimants are few and rows are many: one claimant after the other is what goes fast.
    weight = np.ascontiguousarray(weights.T)
    cap = np.clip(caps.T, 0, UNCAPPED) * (weight > 0)
    share = _start(units, weight, cap)
    left = units - share.sum(axis=0)
    _take_back(share, weight, left)
    _give(share, weight, cap, left)
    return share.T


def _start(units: Ints, weight: Ints, cap: Ints) -> Ints:
    """Return an allocation that the method passes through, at most n / 2 units from the end, in either sense.

    With x units per weight the shares are round(x * weight), which is all units whose priority is above one
    threshold. Claimants at their cap leave the sum and x grows; that repeats until no further cap is met or
    x would not grow any more, at most n times.
    """
    per, of = units, np.maximum((weight * (cap > 0)).sum(axis=0), 1)
    while True:
        share: Ints = np.minimum((2 * per * weight + of) // (2 * of), cap)
        full = share >= cap
        if full.all():
            return share
        # Here and below masks are multiplied by: a choice element by element costs ten times as much.
        total = (weight * ~full).sum(axis=0)
        spare = units - (share * full).sum(axis=0)
        grows = (total > 0) & (spare * of > per * total)
        if not grows.any():
            return share
        per, of = np.where(grows, spare, per), np.where(grows, total, of)


def _give(share: Ints, weight: Ints, cap: Ints, left: Ints) -> None:
    """Give the units that are left, each to the neediest who is below the cap."""
    rows = np.flatnonzero((left > 0) & (share < cap).any(axis=0))
    if not rows.size:
        return
    mine, of, most, more = share[:, rows], weight[:, rows], cap[:, rows], left[rows]
    open_ = mine < most
    going = np.arange(len(rows))
    while going.size:
        chosen = neediest(mine[:, going], of[:, going], open_[:, going])
        mine[chosen, going] += 1
        more[going] -= 1
        open_[chosen, going] = mine[chosen, going] < most[chosen, going]
        going = going[(more[going] > 0) & open_[:, going].any(axis=0)]
    share[:, rows] = mine


def _take_back(share: Ints, weight: Ints, left: Ints) -> None:
    """Take back the units beyond those that there are, in the reverse of the order of giving."""
    rows = np.flatnonzero(left < 0)
    if not rows.size:
        return
    mine, of, more = share[:, rows], weight[:, rows], left[rows]
    going = np.arange(len(rows))
    while going.size:
        # Who got the last unit had the least claim to it; of equals the last column was served last.
        chosen = _least_needy(mine[:, going], of[:, going])
        mine[chosen, going] -= 1
        more[going] += 1
        going = going[more[going] < 0]
    share[:, rows] = mine
    left[rows] = 0


def neediest(share: Ints, weight: Ints, open_: Bools) -> Ints:
    """Return the first open claimant with the largest weight / (2 * share + 1); shapes are (n, rows).

    Who is open has a weight above 0.
    """
    seats, weight = 2 * share + 1, weight * open_
    chosen = np.zeros(share.shape[1], dtype=np.int64)
    if _is_small(weight, seats):
        quotient = weight / seats
        most = quotient[0]
        for claimant in range(1, len(share)):
            chosen = np.maximum(chosen, (quotient[claimant] > most) * claimant)
            most = np.maximum(most, quotient[claimant])
        return chosen
    best_weight, best_seats = weight[0], seats[0]
    for claimant in range(1, len(share)):
        # Fractions are compared by cross multiplication: a float would call close ones equal.
        better = weight[claimant] * best_seats > best_weight * seats[claimant]
        chosen = np.where(better, claimant, chosen)
        best_weight = np.where(better, weight[claimant], best_weight)
        best_seats = np.where(better, seats[claimant], best_seats)
    return chosen


def _least_needy(share: Ints, weight: Ints) -> Ints:
    """Return the last claimant with units whose weight / (2 * share - 1) is the least; somebody has units."""
    # The other way round: the most seats by weight, in which who has no units comes last.
    seats = np.maximum(2 * share - 1, 0)
    chosen = np.zeros(share.shape[1], dtype=np.int64)
    if _is_small(weight, seats):
        quotient = seats / np.maximum(weight, 1)
        most = quotient[0]
        for claimant in range(1, len(share)):
            chosen = np.maximum(chosen, (quotient[claimant] >= most) * claimant)
            most = np.maximum(most, quotient[claimant])
        return chosen
    worst_weight, worst_seats = weight[0], seats[0]
    for claimant in range(1, len(share)):
        worse = seats[claimant] * worst_weight >= worst_seats * weight[claimant]
        worse &= seats[claimant] > 0
        chosen = np.where(worse, claimant, chosen)
        worst_weight = np.where(worse, weight[claimant], worst_weight)
        worst_seats = np.where(worse, seats[claimant], worst_seats)
    return chosen


def _is_small(weight: Ints, seats: Ints) -> bool:
    """Return whether quotients of these are told apart as floats."""
    return int(weight.max(initial=0)) * int(seats.max(initial=1)) < _EXACT
