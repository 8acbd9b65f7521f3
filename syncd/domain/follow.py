"""What a held listing still owes: it follows the sales of its pool while a person decides (DESIGN 7)."""

from dataclasses import replace

import numpy as np

from syncd.domain.book import NOTHING
from syncd.domain.model import Bools, Cause, ChangeKind, Ints
from syncd.domain.plan import CAUSES, KINDS, Plan
from syncd.domain.topology import PoolMode


def follow(plan: Plan, held: Bools) -> Plan:
    """Return, for held changes that lower, the part that open claims demand by themselves; often nothing.

    Without it a listing that waits for approval would go on showing units that another shop has sold. The
    claims come off the last figure that was let through, also those it had off already: rather too low.
    """
    listing = plan.listing
    lost = _claimed_by_listing(plan)[listing]
    before, hi = plan.counters.desired[listing], plan.counters.hi[listing]
    new = np.maximum(np.where(before == NOTHING, hi, before) - lost, plan.new)
    rows = held & ~plan.raising & (lost > 0) & (new < hi)
    kind = np.where(new == 0, KINDS.index(ChangeKind.ZERO), KINDS.index(ChangeKind.LOWER))
    owed = replace(
        plan,
        new=new,
        kind=kind,
        cause=np.full(len(plan), CAUSES.index(Cause.CLAIM), dtype=np.int64),
        unlist=np.zeros(len(plan), dtype=np.bool_),
    )
    return owed.where(rows)


def _claimed_by_listing(plan: Plan) -> Ints:
    """Return by listing how many of it the open claims of its shared pools take at most.

    In a split pool another shop's sale comes off that shop's share.
    """
    book, pools, rules = plan.book, plan.figures.pools, plan.figures.rules
    lost = np.zeros(len(book.listings), dtype=np.int64)
    if not pools.claims.any():
        return lost
    shared = np.array([pool.mode is PoolMode.SHARED for pool in book.topology.pools], dtype=np.bool_)
    claims = pools.claims * shared[:, None]
    claimed = np.zeros((len(book.topology.shops), len(book.skus)), dtype=np.int64)
    np.add.at(claimed, rules.shop, claims[rules.pool])
    draws = book.draws
    units = claimed.ravel()[draws.cell] * draws.known
    at = np.flatnonzero(units)
    np.maximum.at(lost, draws.listing[at], -(-units[at] // np.maximum(draws.units[at], 1)))
    return lost
