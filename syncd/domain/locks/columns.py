"""Locks as columns: what they take off the pools and what they give to shops (DESIGN 4.5 step 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from syncd.domain.book import Book
from syncd.domain.exposure import exposure, writable_shops
from syncd.domain.locks.standing import Standing, standings
from syncd.domain.model import Bools, Ints
from syncd.domain.records import LockMode, LockRow
from syncd.domain.topology import PoolMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One lock after it was cut to what is there; `edge` is its shop's place in its pool, None for nobody.

    `decides` are the edges over which it decides what its shop gets: an `only` lock also empties those of the
    shop's other pools.
    """

    standing: Standing
    pool: int
    sku: int
    edge: int | None
    decides: Ints
    live: int
    open: int

    @property
    def cut(self) -> int:
        """Return the units that are locked though they are not there."""
        return self.standing.live - self.live


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """What is locked: `live` and `cut` by (pool, sku), `open` and `only` by (edge, sku), and each lock.

    `live` units are nobody's but the lock's, `open` ones of them are on sale in its shop. `cut` units are
    locked but not there. `only` says that the shop shows nothing of the pool but its open units.
    """

    live: Ints
    cut: Ints
    open: Ints
    only: Bools
    locks: tuple[Kept, ...]

    def names(self, edge: int, sku: int) -> str:
        """Return the locks that decide what a shop gets of a SKU over one edge, as `locks.ID`."""
        mine = (kept.standing.lock for kept in self.locks if kept.sku == sku and edge in kept.decides)
        return " ".join(lock.rule for lock in mine)

    def names_in(self, pool: int, sku: int) -> str:
        """Return the living locks on a SKU of a pool, as `locks.ID`."""
        mine = (kept.standing.lock for kept in self.locks if (kept.pool, kept.sku) == (pool, sku))
        return " ".join(lock.rule for lock in mine)


def cut_locks(book: Book, available: Ints) -> Locked:
    """Return what is locked, cut to what the pools have: the oldest lock is served first.

    In a split pool what shops have on sale that cannot be written now comes first: no lock takes it away.
    """
    edges = (len(book.edges), len(book.skus))
    live, cut = np.zeros_like(available), np.zeros_like(available)
    open_, only = np.zeros(edges, dtype=np.int64), np.zeros(edges, dtype=np.bool_)
    found = _found(book)
    room = available - _unreachable(book, available, found) if found else available
    locks = []
    for kept in found:
        at, sku = kept.pool, kept.sku
        units = min(kept.live, max(int(room[at, sku] - live[at, sku]), 0))
        now = replace(kept, live=units, open=min(kept.open, units))
        live[at, sku] += units
        cut[at, sku] += now.cut
        if kept.edge is not None:
            open_[kept.edge, sku] += now.open
            only[kept.decides, sku] |= kept.standing.lock.mode is LockMode.ONLY
        locks.append(now)
    return Locked(live=live, cut=cut, open=open_, only=only, locks=tuple(locks))


def _found(book: Book) -> list[Kept]:
    """Return the living locks whose pool and SKU are known, uncut, the oldest first."""
    if not book.state.locks:
        return []
    pools = {pool.name: index for index, pool in enumerate(book.topology.pools)}
    edges = {(edge.pool, edge.shop): index for index, edge in enumerate(book.edges)}
    return [
        Kept(
            standing=one,
            pool=pools[one.lock.pool],
            sku=book.sku_index[one.lock.sku],
            edge=edges.get((one.lock.pool, one.lock.shop)),
            decides=_decides(book, one.lock),
            live=one.live,
            open=one.open,
        )
        for one in standings(book.state.locks, book.state.uses, book.state.now)
        if one.lock.ended_at is None and one.lock.pool in pools and one.lock.sku in book.sku_index
    ]


def _decides(book: Book, lock: LockRow) -> Ints:
    """Return the edges of a lock's shop that it decides over, none where the shop left the lock's pool."""
    mine = [at for at, edge in enumerate(book.edges) if edge.shop == lock.shop]
    own = [at for at in mine if book.edges[at].pool == lock.pool]
    return np.array(mine if own and lock.mode is LockMode.ONLY else own, dtype=np.int64)


def _unreachable(book: Book, available: Ints, locks: Sequence[Kept]) -> Ints:
    """Return by (pool, sku) what shops that cannot be written have on sale beside their own locks."""
    taken = np.zeros_like(available)
    shops = np.flatnonzero(~writable_shops(book)).tolist()
    if not shops:
        return taken
    shown = exposure(book)
    places = {shop.name: index for index, shop in enumerate(book.topology.shops)}
    for kept in locks:
        shop = places.get(kept.standing.lock.shop)
        if shop is not None:
            shown[shop, kept.sku] = max(shown[shop, kept.sku] - kept.open, 0)
    for index, pool in enumerate(book.topology.pools):
        if pool.mode is PoolMode.SHARED:
            continue
        for shop in shops:
            if book.topology.shops[shop].name in pool.shops:
                part = np.minimum(available[index] - taken[index], shown[shop])
                taken[index] += part
                shown[shop] -= part
    return taken
