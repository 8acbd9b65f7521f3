"""Add units to shares that stand already: the divisor method from where it is, in whole packs."""

import numpy as np

from syncd.domain.division import divide
from syncd.domain.model import Bools, Ints


def fill(units: Ints, start: Ints, weights: Ints, caps: Ints, packs: Ints) -> Ints:
    """Return what each claimant gets of each row's units on top of `start`, in multiples of its pack.

    Each unit goes to the largest weight / (2 * share + 1), so that nobody who is above the target loses and
    nobody who is below it waits. What rounding to packs leaves over goes on to the neediest who can take a
    whole pack; the rest is given to nobody. Shapes as in `divide`, `packs` (rows, n).
    """
    added = _grown(units, start, weights, caps) - start
    added -= added % packs
    left = np.maximum(units, 0) - added.sum(axis=1)
    open_ = (weights > 0) & (start + added + packs <= caps) & (packs <= left[:, None])
    rows = np.flatnonzero(open_.any(axis=1))
    while rows.size:
        here = np.arange(rows.size)
        chosen = _neediest((start + added)[rows], weights[rows], open_[rows])
        each = packs[rows, chosen]
        room = caps[rows, chosen] - start[rows, chosen] - added[rows, chosen]
        more = np.minimum(left[rows], room) // each * each
        added[rows, chosen] += more
        left[rows] -= more
        # Whoever was chosen can take no further pack, so that this ends after n rounds.
        open_[rows[here], chosen] = False
        open_[rows] &= packs[rows] <= left[rows][:, None]
        rows = rows[open_[rows].any(axis=1)]
    return added


def _grown(units: Ints, start: Ints, weights: Ints, caps: Ints) -> Ints:
    """Return the shares after `units` more; those above their target stand aside and the others divide."""
    units = np.maximum(units, 0)
    open_: Bools = (weights > 0) & (caps > start)
    while True:
        total = units + np.where(open_, start, 0).sum(axis=1)
        share = divide(total, np.where(open_, weights, 0), caps)
        above = open_ & (share < start)
        if not above.any():
            return np.where(open_, share, start)
        open_ &= ~above


def _neediest(share: Ints, weights: Ints, open_: Bools) -> Ints:
    """Return per row the first open column with the largest weight / (2 * share + 1)."""
    best = np.zeros(len(share), dtype=np.int64)
    best_weight = np.where(open_[:, 0], weights[:, 0], 0)
    best_seats = 2 * share[:, 0] + 1
    for column in range(1, share.shape[1]):
        seats = 2 * share[:, column] + 1
        better = open_[:, column] & (weights[:, column] * best_seats > best_weight * seats)
        best = np.where(better, column, best)
        best_weight = np.where(better, weights[:, column], best_weight)
        best_seats = np.where(better, seats, best_seats)
    return best
