"""Divide units between claimants by weight, many rows at a time."""

import numpy as np

from syncd.domain.model import Bools, Ints

UNCAPPED = 1 << 40
"""A cap that no pool reaches; small enough that its products stay inside 64 bits."""


def divide(units: Ints, weights: Ints, caps: Ints) -> Ints:
    """Return each row's units divided by weight and caps: shape (rows, n), never more than the units in sum.

    Webster's method (Sainte-Lague): each unit goes to the claimant with the largest weight / (2 * share + 1),
    ties to the first column. A divisor method, not largest remainders, because it is monotone: one more unit
    never lowers anybody. Caps stand inside the loop; units beyond all caps stay undivided. `units` has shape
    (rows,), `weights` and `caps` (rows, n); negative units count as none, weight 0 gets nothing.
    """
    units = np.maximum(units, 0)
    caps = np.where(weights > 0, np.clip(caps, 0, UNCAPPED), 0)
    share = _start(units, weights, caps)
    left = units - share.sum(axis=1)
    rows = np.flatnonzero((left > 0) & (share < caps).any(axis=1))
    while rows.size:
        chosen = _neediest(share[rows], weights[rows], caps[rows])
        share[rows, chosen] += 1
        left[rows] -= 1
        rows = rows[(left[rows] > 0) & (share[rows] < caps[rows]).any(axis=1)]
    return share


def _start(units: Ints, weights: Ints, caps: Ints) -> Ints:
    """Return an allocation that the method certainly passes through, at most n units short of the end.

    All units with a priority above one threshold are given at once: with x units per weight the shares are
    round(x * weight), and x = (units - n/2) / sum(weights) cannot give too many. Claimants at their cap leave
    the sum and x grows; that repeats until no further cap is met, at most n times.
    """
    free = (weights > 0) & (caps > 0)
    share = np.zeros_like(weights)
    while True:
        open_weight = np.where(free, weights, 0)
        total = np.maximum(open_weight.sum(axis=1), 1)
        spare = units - np.where(free, 0, share).sum(axis=1)
        twice_x = np.maximum(2 * spare - free.sum(axis=1), 0)
        wanted = (twice_x[:, None] * open_weight + total[:, None]) // (2 * total[:, None])
        # Without this a row with nothing to give would round a half up.
        wanted = np.where(twice_x[:, None] > 0, wanted, 0)
        share = np.where(free, np.minimum(wanted, caps), share)
        full = free & (share >= caps)
        if not full.any():
            return share
        free &= ~full


def _neediest(share: Ints, weights: Ints, caps: Ints) -> Ints:
    """Return per row the first column with the largest weight / (2 * share + 1) that is below its cap."""
    best = np.zeros(len(share), dtype=np.int64)
    rows = np.arange(len(share))
    open_: Bools = share < caps
    best_weight = np.where(open_[:, 0], weights[:, 0], 0)
    best_seats = 2 * share[:, 0] + 1
    for column in range(1, share.shape[1]):
        # Fractions are compared by cross multiplication: a float would call close ones equal.
        better = open_[rows, column] & (
            weights[:, column] * best_seats > best_weight * (2 * share[:, column] + 1)
        )
        best = np.where(better, column, best)
        best_weight = np.where(better, weights[:, column], best_weight)
        best_seats = np.where(better, 2 * share[:, column] + 1, best_seats)
    return best
