"""The split pools of a book, from the stored shares to the new ones (DESIGN 4.2; 4.5 step 11)."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from syncd.domain.availability import Availability
from syncd.domain.book import NOTHING, UNBOUNDED, Book, Levels
from syncd.domain.demand import Demand, DemandRules, Places, counted, demand_at, rates, rows_to_keep
from syncd.domain.levels import EdgeRules
from syncd.domain.model import Bools, Ints
from syncd.domain.records import DemandRow, MoveRow, ShareRow
from syncd.domain.shares import exposure, shaping, smallest_packs, writable_shops
from syncd.domain.topology import PoolMode
from syncd.domain.virtual.model import Floats, MoveCause, Moves, Position, Pull, Step
from syncd.domain.virtual.rows import Names, expired, on_the_way
from syncd.domain.virtual.step import step

PATIENCE = timedelta(minutes=30)
"""How long units may be on their way; after that they are reserve again."""

_RULES = DemandRules()
_NEVER = 365 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """What became of the shares: `kept` by (edge, sku), `NOTHING` where the pool divides the SKU anew.

    `moves` are the rows that are open now, of all pools; `told` are the moves of each pool with its index.
    """

    kept: Ints
    stored: Ints
    moves: tuple[MoveRow, ...]
    told: tuple[tuple[int, Moves], ...]
    demand: tuple[DemandRow, ...]


def divided(book: Book, pools: Availability, levels: Levels, rules: EdgeRules) -> Divided:
    """Return the shares of every split pool after one step; SKUs without a share are left to the division."""
    stored = _stored(book)
    kept = np.full_like(stored, NOTHING)
    split = _settled(book)
    if not split:
        return Divided(kept=kept, stored=stored, moves=(), told=(), demand=())
    shown = exposure(book)
    demand, rows = _demand(book, shown)
    rate = rates(demand, _RULES) if book.state.demand else None
    worth = _worth(book, pools, levels, rules, (stored, shown))
    moves: list[MoveRow] = []
    told = []
    for at in split:
        edges = np.flatnonzero(rules.pool == at)
        names = Names(
            pool=book.topology.pools[at].name,
            shops=tuple(book.edges[edge].shop for edge in edges),
            skus=book.skus,
        )
        mine = [row for row in book.state.moves if row.pool == names.pool]
        waiting = [row for row in mine if row not in expired(mine, book.state.now, PATIENCE)]
        position = _position(book, pools, rules, (levels, at), (stored[edges], worth[edges], waiting, names))
        pull = None if rate is None else _pull(book, at, rate[rules.shop[edges]])
        done = step(position, pull)
        kept[edges] = np.where(position.known, _whole(done, stored[edges]), stored[edges])
        moves += on_the_way(waiting, done.moves, names, book.state.now)
        told.append((at, done.moves))
    return Divided(kept=kept, stored=stored, moves=tuple(moves), told=tuple(told), demand=rows)


def _settled(book: Book) -> list[int]:
    """Return the split pools whose shares stand.

    Others are divided anew each time: after a change of the configuration, and until each shop was filled
    once, or what a shop happened to show before syncd came would decide what it gets.
    """
    filled = {name for name, state in book.state.shops.items() if state.accepted_at is not None}
    return [
        at
        for at, pool in enumerate(book.topology.pools)
        if pool.mode is PoolMode.SPLIT and filled.issuperset(pool.shops) and not book.state.reconfigured
    ]


def share_rows(book: Book, divided: Divided, base: Ints, rules: EdgeRules) -> list[ShareRow]:
    """Return the shares that the state must learn of; `base` are all by (edge, sku) as they are now."""
    pools = book.topology.pools
    split = np.array([pools[at].mode is PoolMode.SPLIT for at in rules.pool.tolist()], dtype=np.bool_)
    moved = np.zeros(base.shape, dtype=np.bool_)
    for pool, moves in divided.told:
        demanded = np.array([cause is MoveCause.REBALANCE for cause in moves.cause], dtype=np.bool_)
        skus = moves.sku[demanded]
        moved[np.ix_(rules.pool == pool, skus)] = True
    before = {row[:3]: row for row in book.state.shares}
    rows = []
    for edge, sku in np.argwhere(split[:, None] & ((divided.stored != base) | moved)).tolist():
        key = book.edges[edge].pool, book.edges[edge].shop, book.skus[sku]
        old = before.get(key)
        at = book.state.now if moved[edge, sku] else (old.moved_at if old else None)
        rows.append(ShareRow(*key, int(base[edge, sku]), at))
    return rows


def _whole(done: Step, stored: Ints) -> Ints:
    """Return the shares of SKUs that were divided before; a SKU has a share in every shop or in none."""
    share: Ints = np.where((stored != NOTHING).any(axis=0), done.share, NOTHING)
    return share


def _stored(book: Book) -> Ints:
    """Return the stored shares by (edge, sku), 0 for a shop that joined, `NOTHING` where nobody has one."""
    edges = {(edge.pool, edge.shop): at for at, edge in enumerate(book.edges)}
    stored = np.full((len(book.edges), len(book.skus)), NOTHING, dtype=np.int64)
    for row in book.state.shares:
        edge, sku = edges.get((row.pool, row.shop)), book.sku_index.get(row.sku)
        if edge is not None and sku is not None:
            stored[edge, sku] = row.units
    pool_of = np.array([edge.pool for edge in book.edges])
    for pool in dict.fromkeys(pool_of.tolist()):
        mine = np.flatnonzero(pool_of == pool)
        any_ = (stored[mine] != NOTHING).any(axis=0)
        stored[mine] = np.where((stored[mine] == NOTHING) & any_, 0, stored[mine])
    return stored


def _worth(
    book: Book, pools: Availability, levels: Levels, rules: EdgeRules, given: tuple[Ints, Ints]
) -> Ints:
    """Return by (edge, sku) what the shop shows, as units of its share.

    What a shop shows is its share after percent, buffer, cap, extra and floor, so that the difference to what
    it should show is a difference of the share. A shop of several pools shows one figure: a shared pool
    explains any difference, else the first pools in the order of the configuration do.
    """
    stored, shown = given
    shared = np.array([pools_.mode is PoolMode.SHARED for pools_ in book.topology.pools])[rules.pool]
    base = np.where(shared[:, None], pools.rest[rules.pool], np.maximum(stored, 0))
    off = np.where(shared[:, None], levels.off, False)
    shaped = base
    for _, shaped in shaping(base, off, rules):  # noqa: B007 - the last one counts
        pass
    worth = base.copy()
    for shop in range(len(shown)):
        edges = np.flatnonzero(rules.shop == shop)
        if not edges.size or shared[edges].any():
            continue
        left = shown[shop] - shaped[edges].sum(axis=0)
        worth[edges[0]] += np.maximum(left, 0)
        lost = np.maximum(-left, 0)
        for edge in edges.tolist():
            taken = np.minimum(worth[edge], lost)
            worth[edge] -= taken
            lost -= taken
    unread = shown[rules.shop] >= UNBOUNDED
    return np.where(unread, UNBOUNDED, worth)


def _position(
    book: Book,
    pools: Availability,
    rules: EdgeRules,
    place: tuple[Levels, int],
    given: tuple[Ints, Ints, list[MoveRow], Names],
) -> Position:
    levels, at = place
    stored, worth, waiting, names = given
    edges = np.flatnonzero(rules.pool == at)
    shops = rules.shop[edges]
    moving = np.zeros(stored.shape, dtype=np.int64)
    for row in waiting:
        sku = book.sku_index.get(row.sku)
        if row.given_to in names.shops and sku is not None:
            moving[names.shops.index(row.given_to), sku] += row.units
    writable = np.broadcast_to(writable_shops(book)[shops][:, None], stored.shape)
    known = pools.known[at] & (stored != NOTHING).any(axis=0)
    return Position(
        room=pools.figure[at] + pools.virtual[at] - pools.reserve[at],
        # What a shop shows less than its share it has sold, or could not be given.
        share=np.minimum(np.maximum(stored, 0), np.maximum(worth, 0)),
        moving=moving,
        exposure=np.maximum(worth, 0),
        weight=rules.weight[edges],
        cap=rules.cap[edges],
        pack=smallest_packs(book)[shops],
        writable=writable,
        off=levels.off[edges],
        known=known,
        held=pools.shaky[at],
    )


def _pull(book: Book, pool: int, rate: Floats) -> Pull:
    idle = np.full(len(book.skus), _NEVER)
    name = book.topology.pools[pool].name
    for row in book.state.shares:
        at = book.sku_index.get(row.sku)
        if row.pool == name and at is not None and row.moved_at is not None:
            idle[at] = min(idle[at], (book.state.now - row.moved_at).total_seconds())
    return Pull(rate=rate, idle=idle)


def _demand(book: Book, shown: Ints) -> tuple[Demand, tuple[DemandRow, ...]]:
    """Return the demand now, and the rows of it that the state must learn of."""
    places = Places(shops={shop.name: at for at, shop in enumerate(book.topology.shops)}, skus=book.sku_index)
    before = demand_at(book.state.demand, places, book.state.now, _RULES)
    sold = np.zeros(shown.shape, dtype=np.int64)
    for (shop, sku), units in book.state.sold.items():
        if shop in places.shops and sku in places.skus:
            sold[places.shops[shop], places.skus[sku]] += units
    stocked: Bools = (shown > 0) & (shown < UNBOUNDED)
    after = counted(before, sold, stocked)
    return after, tuple(rows_to_keep(before, after, places, book.state.now))
