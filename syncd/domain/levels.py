"""When a pool's stock of a SKU goes off sale, and when it comes back (DESIGN 4.3; 4.5 step 9)."""

from dataclasses import dataclass, fields, replace

import numpy as np

from syncd.domain.availability import Availability
from syncd.domain.book import NOTHING, Book, Levels, microseconds
from syncd.domain.locks.columns import Locked
from syncd.domain.model import Bools, Ints
from syncd.domain.records import ShopStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeRules:
    """The resolved settings, each of shape (edges, skus), with the pool of each edge.

    `lock` are the units that are locked for the shop and released, `only` says that it shows no others.
    `last_units` is set for one shop of a pool and SKU at most: the one whose rule comes last, of one rule the
    lower name.
    """

    pool: Ints
    shop: Ints
    weight: Ints
    cap: Ints
    percent: Ints
    buffer: Ints
    extra: Ints
    floor: Ints
    warning_level: Ints
    relist_level: Ints
    last_units: Bools
    lock: Ints
    only: Bools

    def without_locks(self) -> "EdgeRules":
        """Return the same settings as if nothing were locked for any shop."""
        return replace(self, lock=np.zeros_like(self.lock), only=np.zeros_like(self.only))

    def at(self, edge: int, sku: int) -> "EdgeRules":
        """Return the settings of one edge and SKU, each of shape (1,)."""
        one = {
            item.name: getattr(self, item.name)[edge, sku : sku + 1]
            for item in fields(self)
            if item.name not in ("pool", "shop")
        }
        return EdgeRules(pool=self.pool[edge : edge + 1], shop=self.shop[edge : edge + 1], **one)


def edge_rules(book: Book, locks: Locked) -> EdgeRules:
    """Return the resolved settings of every edge and SKU, with what is locked (DESIGN 4.5 steps 1, 7)."""
    pools = {pool.name: index for index, pool in enumerate(book.topology.pools)}
    shops = {shop.name: index for index, shop in enumerate(book.topology.shops)}

    def column(setting: str) -> Ints:
        values, class_of = book.rules.values[setting], book.rules.class_of
        if (values == values[0]).all():
            return np.broadcast_to(values[0][:, None], (values.shape[1], len(class_of)))
        return np.take(np.ascontiguousarray(values.T), class_of, axis=1)

    shop = np.array([shops[edge.shop] for edge in book.edges], dtype=np.int64)
    leaving = book.shops_that_are(ShopStatus.RETIRING)[shop]
    return EdgeRules(
        pool=np.array([pools[edge.pool] for edge in book.edges], dtype=np.int64),
        shop=shop,
        # A shop that leaves gets nothing any more.
        weight=np.where(leaving[:, None], 0, column("weight")) if leaving.any() else column("weight"),
        cap=column("cap"),
        percent=column("percent"),
        buffer=column("buffer"),
        extra=column("extra"),
        floor=column("floor"),
        warning_level=column("warning_level"),
        relist_level=column("relist_level"),
        last_units=_designated(book, column("last_units") > 0),
        lock=locks.open,
        only=locks.only,
    )


def _designated(book: Book, named: Bools) -> Bools:
    if not named.any():
        return named
    decider = book.rules.deciders["last_units"][book.rules.class_of].T
    chosen = np.zeros_like(named)
    for pool in book.topology.pools:
        if not pool.shops:
            continue
        edges = np.array([at for at, edge in enumerate(book.edges) if edge.pool == pool.name])
        # The largest is the last rule; the first of equals is the lower name.
        last = edges[np.where(named[edges], decider[edges], NOTHING - 1).argmax(axis=0)]
        chosen[last, np.arange(named.shape[1])] = True
    return chosen & named


def with_last_units(rules: EdgeRules, pools: Availability, levels: Levels) -> EdgeRules:
    """Return the rules with `last_units` only where a shop keeps the rest now, with a weight of 1 at least.

    It does so as soon as the pool is off sale in another of its shops, or below the shop's own level.
    """
    if not rules.last_units.any():
        return rules
    off = np.zeros(pools.known.shape, dtype=np.int64)
    np.add.at(off, rules.pool, levels.off)
    below = pools.available[rules.pool] < rules.warning_level
    keeps = rules.last_units & pools.known[rules.pool] & ((off[rules.pool] > 0) | below)
    return replace(rules, last_units=keeps, weight=np.where(keeps, np.maximum(rules.weight, 1), rules.weight))


def step_levels(book: Book, pools: Availability, rules: EdgeRules) -> Levels:
    """Return the off-sale states after this snapshot.

    Off when what is left after claims and locks, with V, is below the warning level. On again when it is at
    or above the relist level in `relist_after` snapshots in a row and the least off time has passed. Figures
    that nothing may be raised on never put anything back.
    """
    before = book.levels
    rest = (pools.available - pools.locks.live)[rules.pool]
    seq = _newest_seq(book)[rules.pool]
    falls = ~before.off & pools.known[rules.pool] & (rest < rules.warning_level)
    # Few are off sale, and only of these there is more to say.
    at = np.nonzero(before.off)
    pool, shaky = rules.pool[at[0]], pools.shaky[rules.pool[at[0]], at[1]]
    enough = rest[at] >= rules.relist_level[at]
    news = (seq[at[0]] != before.seq[at]) & ~shaky
    counted = np.where(shaky, before.agree[at], np.where(enough, before.agree[at] + news, 0))
    now = microseconds(book.state.now)
    after, rested = _patience(book, pool, before.since[at], now)
    off = before.off | falls
    off[at] = ~(enough & ~shaky & (counted >= after) & rested)
    off &= ~rules.last_units
    since, agree = np.zeros_like(before.since), np.zeros_like(before.agree)
    since[falls & off] = now
    since[at] = before.since[at] * off[at]
    agree[at] = counted
    return Levels(off=off, since=since, agree=agree, seq=off * seq[:, None])


def _patience(book: Book, pool: Ints, since: Ints, now: int) -> tuple[Ints, Bools]:
    pools = book.topology.pools
    after = np.array([one.relist_after for one in pools], dtype=np.int64)[pool]
    least = np.array([round(one.least_off_seconds * 1_000_000) for one in pools], dtype=np.int64)
    return after, now - since >= least[pool]


def _newest_seq(book: Book) -> Ints:
    """Return per pool a number that grows with every accepted snapshot of one of its sources."""
    seqs = []
    for pool in book.topology.pools:
        sources = [s for s in book.topology.sources if set(s.warehouses) & set(pool.warehouses)]
        states = [book.state.sources.get(source.name) for source in sources]
        seqs.append(sum(state.seq for state in states if state))
    return np.array(seqs, dtype=np.int64)
