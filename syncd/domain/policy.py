"""Pure filters over a plan: why a change does not go out now (DESIGN 4.5 step 19; 7)."""

from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum

import numpy as np

from syncd.domain.book import NOTHING
from syncd.domain.model import Bools, ChangeKind, Ints, ShopName
from syncd.domain.plan import KINDS, Plan
from syncd.domain.records import ShopState, ShopStatus
from syncd.domain.said import Said, say
from syncd.domain.topology import PolicyName, PoolMode


class Stop(IntEnum):
    """Why a change stays behind; `GO` means that it does not."""

    GO = 0
    SHAKY = 1
    DEFICIT = 2
    NO_RAISE = 3
    NO_DELIST = 4
    FREEZE = 5
    DRY_RUN = 6
    TAKE_FIRST = 7
    HELD = 8
    UNREAD = 9
    UNRESOLVED = 10
    FOREIGN = 11
    UNTAKEN = 12

    @property
    def words(self) -> Said:
        """Return the reason as people should read it."""
        return _WORDS[self]


_WORDS = {
    Stop.GO: Said("", {}),
    Stop.SHAKY: say("its figures are old or incomplete, so nothing is raised on them"),
    Stop.DEFICIT: say("more of this SKU is promised than there is, so nothing of it is raised"),
    Stop.NO_RAISE: say("policy no_raise"),
    Stop.NO_DELIST: say("policy no_delist"),
    Stop.FREEZE: say("policy freeze"),
    Stop.DRY_RUN: say("policy dry_run"),
    Stop.TAKE_FIRST: say("units are given only after the other shops were read and theirs were taken"),
    Stop.HELD: say("held by the guard"),
    Stop.UNREAD: say("it could not be read just now, and writing blindly could put sold units back"),
    Stop.UNRESOLVED: say("its last write has no answer yet; it must be read again first"),
    Stop.FOREIGN: say(
        "somebody else keeps raising its counter; it is not raised until that stopped for a day"
    ),
    Stop.UNTAKEN: say(
        "the orders of a shop that sells this SKU could not be read, so nothing of it is raised"
    ),
}


def gates(plan: Plan) -> Ints:
    """Return per change the `Stop` that the figures themselves demand.

    Nothing is raised on figures that are old, incomplete or unbelievable, nor while the SKU has a deficit in
    any pool beyond what was sold on `extra` on purpose.
    """
    stop = np.zeros(len(plan), dtype=np.int64)
    raising = plan.raising
    pools = plan.figures.pools
    short: Bools = np.any(pools.figure + pools.virtual + pools.on_extra < 0, axis=0)
    stop[raising & _touches(plan, short)] = Stop.DEFICIT
    stop[raising & plan.shaky] = Stop.SHAKY
    return stop


def sold_by(plan: Plan, shops: frozenset[ShopName]) -> Bools:
    """Return which changes are of listings that draw on a SKU that one of `shops` sells."""
    if not shops:
        return np.zeros(len(plan), dtype=np.bool_)
    book = plan.book
    chosen = np.array([shop.name in shops for shop in book.topology.shops], dtype=np.bool_)
    skus = np.zeros(len(book.skus), dtype=np.bool_)
    skus[book.draws.sku[chosen[book.draws.shop] & (book.draws.sku != NOTHING)]] = True
    return _touches(plan, skus)


def policies(plan: Plan, shops: Mapping[ShopName, ShopState]) -> Ints:
    """Return per change the `Stop` of the global policy, the shop's policy or the shop's frozen state."""
    stop = np.zeros(len(plan), dtype=np.int64)
    topology = plan.book.topology
    off = (plan.kind == KINDS.index(ChangeKind.OFF)) & plan.unlist
    for index, shop in enumerate(topology.shops):
        state = shops.get(shop.name)
        frozen = state is not None and not state.status.is_written
        named = (topology.policy, shop.policy, PolicyName.FREEZE if frozen else PolicyName.FULL)
        for policy in (policy for policy in named if policy is not PolicyName.FULL):
            stop[(plan.shop == index) & _stopped(policy, plan.raising, off)] = _STOPS[policy]
    return stop


_STOPS = {
    PolicyName.NO_RAISE: Stop.NO_RAISE,
    PolicyName.NO_DELIST: Stop.NO_DELIST,
    PolicyName.FREEZE: Stop.FREEZE,
    PolicyName.DRY_RUN: Stop.DRY_RUN,
}


def _stopped(policy: PolicyName, raising: Bools, off: Bools) -> Bools:
    if policy is PolicyName.NO_RAISE:
        return raising
    if policy is PolicyName.NO_DELIST:
        return off
    return np.full(raising.shape, policy in (PolicyName.FREEZE, PolicyName.DRY_RUN), dtype=np.bool_)


def without_delisting(plan: Plan) -> Plan:
    """Return the plan with zeros instead of delistings where the policy is `no_delist`.

    The policy is about the listing's place in the shop; its units must go all the same.
    """
    topology = plan.book.topology
    kept = [PolicyName.NO_DELIST in (topology.policy, shop.policy) for shop in topology.shops]
    lowers = plan.counters.hi[plan.listing] > plan.new
    stays = np.array(kept, dtype=np.bool_)[plan.shop] & lowers
    return replace(plan, unlist=plan.unlist & ~stays)


def take_first(plan: Plan, proven: Bools) -> Bools:
    """Return which raises must wait because units of their split pool are not proven to be taken yet.

    `proven` marks the changes whose new counter is proven. A raise waits while any other listing of the pool
    that draws on the same SKU can still read more than it should, or was never read. Nothing of the pool is
    raised before each of its shops was read once: nobody knows what an unread one has on sale.
    """
    book = plan.book
    pools = [index for index, pool in enumerate(book.topology.pools) if pool.mode is PoolMode.SPLIT]
    if not pools or not plan.raising.any():
        return np.zeros(len(plan), dtype=np.bool_)
    draws, rules = book.draws, plan.figures.rules
    owing = plan.counters.observed & (plan.desired != NOTHING) & (plan.counters.hi > plan.desired)
    owing[plan.listing[proven]] = False
    # What a shop that leaves still shows is kept for it, so that nobody is raised by that.
    owing &= ~book.shops_that_are(ShopStatus.RETIRING)[plan.counters.shop]
    unread = plan.counters.unread & ~book.shops_that_are(ShopStatus.RETIRED)[plan.counters.shop]
    owes = (draws.sku != NOTHING) & (owing | unread)[draws.listing]
    drawn_on = np.zeros((len(book.topology.shops), len(book.topology.pools)), dtype=np.bool_)
    drawn_on[rules.shop, rules.pool] = True
    waits = np.zeros(len(book.listings), dtype=np.bool_)
    for pool in pools:
        member = drawn_on[draws.shop, pool] & (draws.sku != NOTHING)
        blocked = np.full(len(book.skus), _has_unread_shop(plan, pool), dtype=np.bool_)
        blocked[draws.sku[owes & member]] = True
        waits[draws.listing[member & blocked[draws.sku]]] = True
    return plan.raising & waits[plan.listing]


def _has_unread_shop(plan: Plan, pool: int) -> bool:
    states = plan.book.state.shops
    known = [states[shop] for shop in plan.book.topology.pools[pool].shops if shop in states]
    return any(state.observed_at is None and state.status is not ShopStatus.RETIRED for state in known)


def _touches(plan: Plan, skus: Bools) -> Bools:
    """Return which changes are of listings that draw on one of the marked SKUs."""
    draws = plan.book.draws
    marked = np.zeros(len(plan.book.listings), dtype=np.bool_)
    if skus.any():
        marked[draws.listing[draws.known & skus[np.maximum(draws.sku, 0)]]] = True
    return marked[plan.listing]
