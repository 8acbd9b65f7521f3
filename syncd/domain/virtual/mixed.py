"""Sales of shops that draw on shared pools, too: one counter, which does not tell whose units were sold."""

import numpy as np

from syncd.domain.book import UNBOUNDED, Book
from syncd.domain.levels import EdgeRules
from syncd.domain.model import Bools, Ints
from syncd.domain.topology import PoolMode


def sold_beside_shared(book: Book, rules: EdgeRules, known: Bools) -> Ints:
    """Return by (edge, sku) what shops sold just now of which a shared pool has units for them, too.

    It is 0 on edges of shared pools, and where the counter alone tells what came off the share.
    """
    shared = np.array([pool.mode is PoolMode.SHARED for pool in book.topology.pools], dtype=np.bool_)
    sold = np.zeros(rules.weight.shape, dtype=np.int64)
    if not shared.any() or not book.state.sold:
        return sold
    of_shared = shared[rules.pool][:, None]
    for (shop, sku), units in book.state.sold.items():
        edges = [at for at, edge in enumerate(book.edges) if edge.shop == shop]
        if edges and sku in book.sku_index:
            sold[edges, book.sku_index[sku]] = max(units, 0)
    mixed = (rules.shop[:, None] == rules.shop) @ (known[rules.pool] & of_shared)
    return np.where(mixed & ~of_shared, sold, 0)


def take_unseen(figures: tuple[Ints, Ints], edges: Ints, sold: Ints, room: Ints) -> None:
    """Take off the shares of `edges` what their shops `sold` (edges, skus), as far as `room` (skus,) is less.

    What the pool does not lack another pool sent. `figures` are all shares and what the shops show of them,
    by (edge, sku); both are changed. Without this the sale would be a loss of the pool, and lower all shops.
    """
    share, worth = figures
    short = np.maximum(share[edges].sum(axis=0) - room, 0)
    for edge, units in zip(edges.tolist(), sold, strict=True):
        taken = np.minimum(np.minimum(units, share[edge]), short)
        share[edge] -= taken
        worth[edge] -= np.where(worth[edge] >= UNBOUNDED, 0, np.minimum(taken, worth[edge]))
        short -= taken
