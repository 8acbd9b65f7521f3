"""What people should be told about a pool's stock; nothing here changes a quantity (DESIGN 3, 4.3)."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from syncd.domain.book import warehouse_index
from syncd.domain.model import Part, PoolName, Sku
from syncd.domain.pipeline import Figures

DEFICITS = ("oversold", "backordered", "overlocked", "overtransferred")
WATCHED = ("low_stock", *DEFICITS, "locks_cut")
"""Everything that may be the matter with a SKU of a pool."""


class Notice(NamedTuple):
    """One SKU of a pool and what is the matter: `low_stock` at or below the notice level, or a deficit.

    `locks_cut` are units that are locked though they are not there. `oversold` is told of units that are
    oversold without a doubt: an order that the source has imported, but has not proven to have, is in its
    allocations and still a claim. Quantities go by the larger figure; people are not woken by it.
    """

    what: str
    pool: PoolName
    sku: Sku


def notices(figures: Figures) -> dict[Notice, int]:
    """Return everything worth telling with its units: what is left of low stock, how far a deficit goes."""
    return dict(_low(figures)) | dict(_deficits(figures)) | dict(_cut(figures))


def _low(figures: Figures) -> Iterator[tuple[Notice, int]]:
    book, pools = figures.book, figures.pools
    levels = book.rules.values["notice_level"]
    if (levels < 0).all():
        return
    # A pool is low when it is for any of its shops: each may have a level of its own.
    for index, pool in enumerate(book.topology.pools):
        edges = np.flatnonzero(figures.rules.pool == index)
        level = levels[:, edges].max(axis=1)[book.rules.class_of]
        for sku in np.flatnonzero(pools.known[index] & (pools.available[index] <= level)).tolist():
            yield Notice("low_stock", pool.name, book.skus[sku]), int(pools.available[index, sku])


def _deficits(figures: Figures) -> Iterator[tuple[Notice, int]]:
    book = figures.book
    for what in DEFICITS:
        units = getattr(figures.pools, what)
        for pool, sku in np.argwhere(units > 0).tolist():
            twice = _maybe_twice(figures, pool, sku) if what == "oversold" else 0
            if (sure := int(units[pool, sku]) - twice) > 0:
                yield Notice(what, book.topology.pools[pool].name, book.skus[sku]), sure


def _maybe_twice(figures: Figures, pool: int, sku: int) -> int:
    """Return the most units that may be both allocated in the sources and open claims."""
    book, pools = figures.book, figures.pools
    places = warehouse_index(book.topology)
    rows = [places[name] for name in book.topology.pools[pool].warehouses]
    allocated = int(book.cells.parts[rows, Part.ALLOCATED, sku].sum() + pools.unrouted[pool, sku])
    return min(int(pools.claims[pool, sku]), max(allocated, 0))


def _cut(figures: Figures) -> Iterator[tuple[Notice, int]]:
    """Yield what locks lack; where nothing is known of a SKU nobody knows whether they lack anything."""
    book, pools = figures.book, figures.pools
    for pool, sku in np.argwhere((pools.locks.cut > 0) & pools.known).tolist():
        notice = Notice("locks_cut", book.topology.pools[pool].name, book.skus[sku])
        yield notice, int(pools.locks.cut[pool, sku])
