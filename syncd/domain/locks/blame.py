"""Which changes are made for locks: the guard holds no decrease that a person asked for (DESIGN 7)."""

from dataclasses import replace

import numpy as np

from syncd.domain.book import NOTHING, Book
from syncd.domain.model import Bools, Cause
from syncd.domain.pipeline import compute
from syncd.domain.plan import CAUSES, Plan

_BLAMED = (CAUSES.index(Cause.SNAPSHOT), CAUSES.index(Cause.CONFIG))


def blamed_on_locks(plan: Plan, book: Book) -> Plan:
    """Return the plan with locks blamed for what they change at least as much as everything else does.

    A source that went wrong may leave no more than what is locked: that zero is the source's, not the lock's.
    """
    guarded = np.isin(plan.cause, _BLAMED) & _locked(plan)
    if not guarded.any():
        return plan
    free = compute(replace(book, state=replace(book.state, locks=()))).listings.units[plan.listing]
    now = plan.figures.listings.units[plan.listing]
    stored = plan.counters.desired[plan.listing]
    before = stored - (plan.new - now)
    by_lock, by_others = free - now, before - free
    more = np.where(plan.vanished, by_others <= 0, by_lock >= by_others)
    lowered = (now < before) & (by_lock > 0) & more
    raised = (now > before) & (by_lock < 0) & (by_lock <= by_others)
    chosen = guarded & (stored != NOTHING) & (free != NOTHING) & (lowered | raised)
    return replace(plan, cause=np.where(chosen, CAUSES.index(Cause.LOCK), plan.cause))


def _locked(plan: Plan) -> Bools:
    """Return which changes are of listings that draw on a SKU with a lock."""
    draws, locks = plan.book.draws, plan.figures.pools.locks
    skus: Bools = np.any(locks.live > 0, axis=0) | np.any(locks.only, axis=0)
    found = np.zeros(len(plan.book.listings), dtype=np.bool_)
    if skus.any():
        found[draws.listing[(draws.sku != NOTHING) & skus[np.maximum(draws.sku, 0)]]] = True
    return found[plan.listing]
