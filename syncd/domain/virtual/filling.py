"""Add units to shares that stand already: the divisor method from where it is, in whole packs."""

import numpy as np

from syncd.domain.division import divide, neediest
from syncd.domain.model import Bools, Ints


def fill(units: Ints, start: Ints, weights: Ints, caps: Ints, packs: Ints) -> Ints:
    """Return what each claimant gets of each row's units on top of `start`, in multiples of its pack.

    Each unit goes to the largest weight / (2 * share + 1), so that nobody who is above the target loses and
    nobody who is below it waits. What rounding to packs leaves over goes on to the neediest who can take a
    whole pack; the rest is given to nobody. Shapes as in `divide`, `packs` (rows, n).
    """
    some = np.flatnonzero(units > 0)
    if not some.size:
        return np.zeros_like(start)
    added = np.zeros_like(start)
    added[some] = _grown(units[some], start[some], weights[some], caps[some]) - start[some]
    added -= added % packs
    left = np.maximum(units, 0) - added.sum(axis=1)
    open_ = (weights > 0) & (start + added + packs <= caps) & (packs <= left[:, None])
    rows = np.flatnonzero(open_.any(axis=1))
    while rows.size:
        here = np.arange(rows.size)
        chosen = neediest((start + added)[rows].T, weights[rows].T, open_[rows].T)
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
    open_: Bools = (weights > 0) & (caps > start)
    grown = start.copy()
    rows = np.arange(len(units))
    while rows.size:
        mine, first = open_[rows], start[rows]
        total = units[rows] + (first * mine).sum(axis=1)
        share = divide(total, weights[rows] * mine, caps[rows])
        above = mine & (share < first)
        grown[rows] = np.where(mine, share, first)
        again = above.any(axis=1)
        open_[rows] &= ~above
        rows = rows[again]
    return grown
