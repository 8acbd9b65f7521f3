"""The least that a plan can cost: divide what there is along the edges, and find what differs.

No rules beside weights, no levels, policies, guard, reasons or names. What the program needs beyond this is
the price of being right and of saying why.
"""

from dataclasses import dataclass, fields

import numpy as np

from syncd.domain.book import Book
from syncd.domain.model import Bools, Ints
from syncd.domain.pipeline import Figures
from syncd.domain.topology import PoolMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The arrays of a plan, ready to be computed on.

    `available` is by (pool, sku), `weight` by (edge, sku). Listing i draws the entries
    `start[i]:start[i + 1]` of `cell` (an index into shops x skus) and `units`, and shows `shown[i]`.
    """

    available: Ints
    split: Bools
    pool: Ints
    shop: Ints
    shops: int
    weight: Ints
    start: Ints
    cell: Ints
    units: Ints
    shown: Ints

    @property
    def bytes(self) -> int:
        """Return how much memory the arrays take."""
        arrays = (getattr(self, item.name) for item in fields(self))
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    def run(self) -> Ints:
        """Return which listings must be written."""
        quantity = np.zeros((self.shops, self.available.shape[1]), dtype=np.int64)
        for pool, units in enumerate(self.available):
            edges = np.flatnonzero(self.pool == pool)
            part = units
            if self.split[pool]:
                weight = self.weight[edges]
                part = units * weight // np.maximum(weight.sum(axis=0), 1)
            quantity[self.shop[edges]] += part
        allowed = quantity.ravel()[self.cell] // self.units
        found: Ints = np.flatnonzero(np.minimum.reduceat(allowed, self.start) != self.shown)
        return found


def make_kernel(book: Book, figures: Figures) -> Kernel:
    """Return the kernel over the edges, weights and draws of `book`; every listing must draw on something."""
    draws, rules = book.draws, figures.rules
    order = np.argsort(draws.listing, kind="stable")
    listing = draws.listing[order]
    return Kernel(
        available=figures.pools.available,
        split=np.array([pool.mode is PoolMode.SPLIT for pool in book.topology.pools], dtype=np.bool_),
        pool=rules.pool,
        shop=rules.shop,
        shops=len(book.topology.shops),
        weight=np.ascontiguousarray(rules.weight),
        start=np.flatnonzero(np.diff(listing, prepend=-1)),
        cell=(draws.shop * len(book.skus) + draws.sku)[order],
        units=draws.units[order],
        shown=book.listings.lo.astype(np.int64),
    )
