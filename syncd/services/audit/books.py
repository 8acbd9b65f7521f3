"""No unit is in two places: shares against pools, and locks against what sales took from them."""

from collections.abc import Iterator

import numpy as np

from syncd.domain.book import NOTHING
from syncd.domain.extras import stored_extras
from syncd.domain.locks.standing import standings
from syncd.domain.model import Ints, ListingId, PoolName, ShopName
from syncd.domain.pipeline import Figures
from syncd.services.audit.facts import Facts
from syncd.services.audit.findings import Finding, Part

_NO_LISTING = ListingId("")


def shares(figures: Figures) -> Iterator[Finding]:
    """Yield shares below zero, moves of nothing, and SKUs of which more is shared out than there is."""
    state = figures.book.state
    for row in state.shares:
        if row.units < 0:
            why = "a share is never below zero"
            yield Finding(Part.SHARES, row.shop, _NO_LISTING, row.sku, row.pool, row.units, 0, why, 0, 0)
    for move in state.moves:
        if move.units <= 0:
            why = "nothing is on its way"
            place = (move.given_to, _NO_LISTING, move.sku, move.pool)
            yield Finding(Part.SHARES, *place, move.units, None, why, 0, 0)
    yield from _shared_out(figures)


def _shared_out(figures: Figures) -> Iterator[Finding]:
    """Yield where shares and moving units are more than the pool's figure allows, beyond what cannot be cut.

    A pool that is divided anew has no shares that stand.
    """
    book, pools = figures.book, figures.pools
    extra = stored_extras(book, figures.rules).carried(figures.rules, len(pools.figure))
    names = [pool.name for pool in book.topology.pools]
    for one in figures.virtual.steps:
        at = names.index(one.names.pool)
        edges = [index for index, edge in enumerate(book.edges) if edge.pool == one.names.pool]
        units = figures.virtual.stored.units[edges]
        have = np.maximum(units, 0).sum(axis=0) + _moving(figures, one.names.pool)
        room = pools.figure[at] + pools.virtual[at] - pools.locks.live[at] - pools.held[at]
        room = np.maximum(room - pools.reserve[at] + extra[at], 0) + one.deficit
        known = pools.known[at] & (units != NOTHING).any(axis=0)
        for sku in np.flatnonzero(known & (have > room)).tolist():
            found, should = int(have[sku]), int(room[sku])
            why = "shares and units on their way are more than the pool has"
            place = (ShopName(""), _NO_LISTING, book.skus[sku], one.names.pool)
            yield Finding(Part.SHARES, *place, found, should, why, found - should, 0)


def _moving(figures: Figures, pool: PoolName) -> Ints:
    book = figures.book
    found = np.zeros(len(book.skus), dtype=np.int64)
    for row in book.state.moves:
        if row.pool == pool and row.sku in book.sku_index:
            found[book.sku_index[row.sku]] += max(row.units, 0)
    return found


def locks(facts: Facts) -> Iterator[Finding]:
    """Yield living locks whose uses are not what the ledger says that sales took from them."""
    state = facts.state
    for one in standings(state.locks, state.uses, state.now):
        lock, said = one.lock, facts.locked.get(one.lock.rule)
        if said is None or said.new is None or lock.ended_at is not None:
            continue
        should = lock.units - said.new
        if one.used != should:
            why = f"the ledger says so since {said.at:%Y-%m-%d %H:%M:%S} UTC"
            lost = max(should - one.used, 0)
            place = (lock.shop, _NO_LISTING, lock.sku, lock.rule)
            yield Finding(Part.LOCKS, *place, one.used, should, why, lost, max(one.used - should, 0))
