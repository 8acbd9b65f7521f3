"""The split pools of a book, from the stored shares to the new ones (DESIGN 4.2; 4.5 step 11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from syncd.domain.availability import Availability
from syncd.domain.book import NOTHING, UNBOUNDED, Book, Levels, microseconds
from syncd.domain.demand import DEMAND, Demand, Places, counted, rates, rows_to_keep, spread
from syncd.domain.exposure import exposure, writable_shops
from syncd.domain.extras import Burden, Extras, settled_extras, stored_extras
from syncd.domain.levels import EdgeRules
from syncd.domain.model import Bools, Ints, Sku
from syncd.domain.records import DemandRow, MoveRow, ShareRow
from syncd.domain.shares import smallest_packs
from syncd.domain.topology import PoolMode
from syncd.domain.virtual.mixed import sold_beside_shared, take_unseen
from syncd.domain.virtual.model import Floats, MoveCause, Moves, Position, Pull, Step
from syncd.domain.virtual.rows import Names, expired, on_the_way, sell
from syncd.domain.virtual.step import step
from syncd.domain.virtual.worth import Given, worth_of

PATIENCE = timedelta(minutes=30)
"""How long units may be on their way; after that they are reserve again."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = 365 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The stored shares by (edge, sku): 0 for a shop that joined, `NOTHING` where nobody has one.

    `moved` is when units last moved by demand, in microseconds since 1970, `NOTHING` for never.
    """

    units: Ints
    moved: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """What one pool's step moved; `waiting` are its moves that were open before, without expired ones.

    `reserve` and `deficit` (skus,) are the units that nobody has, and those that were shared out twice.
    """

    names: Names
    waiting: tuple[MoveRow, ...]
    moves: Moves
    reserve: Ints
    deficit: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """What became of the shares: `kept` by (edge, sku), `NOTHING` where the pool divides the SKU anew.

    `arriving` by (edge, sku) is what is on its way to the edge. `moved` is as in `Stored`, after it. `moves`
    are the rows that are open now, of all pools; `steps` led there, of each pool that was not divided anew.
    """

    kept: Ints
    arriving: Ints
    stored: Stored
    moved: Ints
    moves: tuple[MoveRow, ...]
    demand: tuple[DemandRow, ...]
    extras: Extras
    steps: tuple[Stepped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What the positions of all pools are cut from; `worth` is by (edge, sku), `packs` by (shop, sku).

    `share` by (edge, sku) are the shares less what their shops sold, `beyond` what is missing beyond these,
    and `room` by (pool, sku) what a pool may share out without what is sold on `extra`.
    """

    book: Book
    pools: Availability
    levels: Levels
    rules: EdgeRules
    stored: Stored
    worth: Ints
    share: Ints
    beyond: Ints
    room: Ints
    packs: Ints
    writable: Bools


def divided(book: Book, pools: Availability, levels: Levels, rules: EdgeRules) -> Divided:
    """Return the shares of every split pool after one step; SKUs without a share are left to the division."""
    stored, split, sold = _stored(book), _settled(book), stored_extras(book, rules)
    if not split:
        extras = settled_extras(sold, _burden(pools, rules), book, rules)
        return _gathered(book, stored, (), (), extras)
    shown = exposure(book)
    demand, rows = _demand(book, shown)
    elsewhere = np.array([book.state.elsewhere.get(shop.name, 0.0) for shop in book.topology.shops])
    rate = rates(demand, DEMAND, elsewhere) if book.state.demand or book.state.elsewhere else None
    ground = _ground(book, pools, levels, rules, stored, given=(shown, sold.used))
    ways = [_way(book, rules, at) for at in split]
    if (unseen := sold_beside_shared(book, rules, pools.known)).any():
        spent = sold.carried(rules, len(pools.figure))
        for way in ways:
            room = ground.room[way.pool] + spent[way.pool] - way.moving.sum(axis=0)
            take_unseen((ground.share, ground.worth), way.edges, unseen[way.edges], room)
    burden = _burden(pools, rules)
    for way in ways:
        _add_beyond(burden, ground, way)
    extras = settled_extras(sold, burden, book, rules)
    carried = extras.carried(rules, len(pools.figure))
    done = []
    for way in ways:
        pull = None
        # In a pool of no shop nobody buys.
        if rate is not None and way.edges.size:
            pull = _pull(book, rate[rules.shop[way.edges]], stored.moved[way.edges])
        done.append((way, step(_position(ground, way, carried[way.pool]), pull)))
    return _gathered(book, stored, done, rows, extras)


def _gathered(
    book: Book,
    stored: Stored,
    done: Sequence[tuple["_Way", Step]],
    demand: tuple[DemandRow, ...],
    extras: Extras,
) -> Divided:
    """Return what became of the shares of all pools; of those without a step nothing is kept."""
    kept, moved, arriving = np.full_like(stored.units, NOTHING), stored.moved.copy(), 0 * stored.units
    moves: list[MoveRow] = []
    for way, one in done:
        # Of a SKU without figures nothing moved, nor does anything on its way arrive.
        kept[way.edges] = np.where(one.known, one.share, stored.units[way.edges])
        arriving[way.edges] = np.where(one.known, one.moving, 0)
        moved[np.ix_(way.edges, one.moves.of(MoveCause.REBALANCE).sku)] = microseconds(book.state.now)
        moves += on_the_way(way.waiting, one.moves, way.names, book.state.now)
    return Divided(
        kept=kept,
        arriving=arriving,
        stored=stored,
        moved=moved,
        moves=tuple(moves),
        demand=demand,
        extras=extras,
        steps=tuple(
            Stepped(
                names=way.names,
                waiting=tuple(way.waiting),
                moves=one.moves,
                reserve=one.reserve,
                deficit=one.deficit,
            )
            for way, one in done
        ),
    )


def _ground(
    book: Book,
    pools: Availability,
    levels: Levels,
    rules: EdgeRules,
    stored: Stored,
    *,
    given: tuple[Ints, Ints],
) -> _Ground:
    """Return what the positions are cut from; `given` is what shops show and what of `extra` was sold."""
    shared = _is_shared(book)[rules.pool]
    packs, (shown, used) = smallest_packs(book), given
    have = Given(units=stored.units, shown=shown, used=used, pack=packs[rules.shop])
    worth, beyond = worth_of(pools, levels, rules, shared, have)
    units = np.maximum(stored.units, 0)
    return _Ground(
        book=book,
        pools=pools,
        levels=levels,
        rules=rules,
        stored=stored,
        worth=worth,
        # What a shop shows less than its share it has sold, or could not be given. Behind a barrier it shows
        # nothing until the orders are known; they tell what it sold.
        share=np.where(_behind_barrier(book, worth), units, sell(units, units - worth)),
        beyond=beyond,
        room=pools.figure + pools.virtual - pools.locks.live - pools.held - pools.reserve,
        packs=packs,
        writable=writable_shops(book),
    )


def _behind_barrier(book: Book, worth: Ints) -> Bools:
    """Return by (edge, sku) where a shop shows nothing because units are being taken from it."""
    edges = {(edge.pool, edge.shop): at for at, edge in enumerate(book.edges)}
    taken = np.zeros_like(worth, dtype=np.bool_)
    for row in book.state.moves:
        edge, sku = edges.get((row.pool, row.taken_from)), book.sku_index.get(row.sku)
        if edge is not None and sku is not None:
            taken[edge, sku] = worth[edge, sku] == 0
    return taken


def share_rows(book: Book, divided: Divided, base: Ints) -> list[ShareRow]:
    """Return the shares to store; `base` by (edge, sku) are all now, with what is on its way to them."""
    share = base - divided.arriving
    places = np.argwhere(changed_shares(book, divided, base)).tolist()
    return [share_row(book, divided, edge, sku, share) for edge, sku in places]


def changed_shares(book: Book, divided: Divided, base: Ints) -> Bools:
    """Return by (edge, sku) which shares are others than the stored ones; `base` is as in `share_rows`."""
    shared = {pool.name for pool in book.topology.pools if pool.mode is PoolMode.SHARED}
    # A book of no SKU has one nameless column, of which nobody has a share.
    split = np.array([[edge.pool not in shared] for edge in book.edges], dtype=np.bool_) & (
        book.skus != ("",)
    )
    changed = divided.stored.units != base - divided.arriving
    found: Bools = split & (changed | (divided.stored.moved != divided.moved))
    return found


def share_row(book: Book, divided: Divided, edge: int, sku: int, share: Ints) -> ShareRow:
    """Return one share as the state keeps it; `share` is by (edge, sku)."""
    moved, place = int(divided.moved[edge, sku]), book.edges[edge]
    at = None if moved == NOTHING else _EPOCH + timedelta(microseconds=moved)
    return ShareRow(place.pool, place.shop, book.skus[sku], int(share[edge, sku]), at)


def _settled(book: Book) -> list[int]:
    """Return the split pools whose shares stand.

    Others are divided anew each time: after a change of the configuration, and until each shop was filled
    once, or what a shop happened to show before syncd came would decide what it gets.
    """
    if book.state.reconfigured:
        return []
    filled = {name for name, state in book.state.shops.items() if state.accepted_at is not None}
    pools = enumerate(book.topology.pools)
    return [at for at, pool in pools if pool.mode is PoolMode.SPLIT and filled.issuperset(pool.shops)]


def _is_shared(book: Book) -> Bools:
    """Return by pool whether it is shared."""
    return np.array([pool.mode is PoolMode.SHARED for pool in book.topology.pools], dtype=np.bool_)


def _stored(book: Book) -> Stored:
    grid = book.shares
    edges = {(edge.pool, edge.shop): at for at, edge in enumerate(book.edges)}
    units, moved = (np.full((len(book.edges), len(book.skus)), NOTHING, dtype=np.int64) for _ in range(2))
    mine = [edges[edge] for edge in grid.edges]
    units[mine] = grid.units
    moved[mine] = grid.moments.ticks[grid.moved]
    for pool in {pool for pool, _ in grid.edges}:
        at = np.array([edges[edge] for edge in grid.edges if edge[0] == pool], dtype=np.int64)
        joined = (units[at] == NOTHING) & (units[at] != NOTHING).any(axis=0)
        units[at] = np.where(joined, 0, units[at])
    return Stored(units=units, moved=moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One split pool: its edges, and what is on its way between them, by row and by (edge, sku)."""

    pool: int
    edges: Ints
    names: Names
    waiting: Sequence[MoveRow]
    moving: Ints


def _way(book: Book, rules: EdgeRules, at: int) -> _Way:
    edges = np.flatnonzero(rules.pool == at)
    shops = tuple(book.edges[edge].shop for edge in edges)
    names = Names(pool=book.topology.pools[at].name, shops=shops, skus=book.skus)
    late = expired(book.state.moves, book.state.now, PATIENCE)
    waiting = [row for row in book.state.moves if row.pool == names.pool and row not in late]
    moving = _moving(waiting, names, book.sku_index)
    return _Way(pool=at, edges=edges, names=names, waiting=waiting, moving=moving)


def _burden(pools: Availability, rules: EdgeRules) -> Burden:
    """Return what extras carry in shared pools, and where the shares of a split one do not stand yet."""
    return Burden(
        oversold=pools.oversold,
        need=pools.oversold.copy(),
        held=pools.shaky | pools.vanished | ~pools.known,
        beyond=np.zeros_like(rules.weight),
    )


def _add_beyond(burden: Burden, ground: _Ground, way: _Way) -> None:
    """Let extras carry what lies beyond the shares of a split pool, so that no other share falls for it."""
    known = _is_kept(ground, way)
    shared_out = ground.share[way.edges].sum(axis=0) + way.moving.sum(axis=0)
    need = np.maximum(shared_out - ground.room[way.pool], 0)
    burden.need[way.pool] = np.where(known, need, burden.need[way.pool])
    burden.beyond[way.edges] = np.where(known, ground.beyond[way.edges], 0)


def _is_kept(ground: _Ground, way: _Way) -> Bools:
    """Return by SKU whether the pool has figures and shares of it."""
    kept: Bools = (ground.stored.units[way.edges] != NOTHING).any(axis=0) & ground.pools.known[way.pool]
    return kept


def _position(ground: _Ground, way: _Way, carried: Ints) -> Position:
    pools, rules, at, edges = ground.pools, ground.rules, way.pool, way.edges
    shops, worth = rules.shop[edges], ground.worth[edges]
    units = ground.share[edges]
    return Position(
        room=ground.room[at] + carried,
        share=units,
        moving=way.moving,
        exposure=worth,
        # A shop that shows only what is locked for it has no use for a share.
        weight=np.where(rules.only[edges], 0, rules.weight[edges]),
        cap=rules.cap[edges],
        pack=ground.packs[shops],
        writable=np.broadcast_to(ground.writable[shops][:, None], units.shape),
        off=ground.levels.off[edges],
        known=_is_kept(ground, way),
        held=pools.shaky[at],
    )


def _moving(waiting: Sequence[MoveRow], names: Names, sku_index: Mapping[Sku, int]) -> Ints:
    """Return by (edge, sku) the units that are on their way to each shop of a pool."""
    shops = {shop: edge for edge, shop in enumerate(names.shops)}
    moving = np.zeros((len(shops), len(names.skus)), dtype=np.int64)
    for row in waiting:
        edge, sku = shops.get(row.given_to), sku_index.get(row.sku)
        if edge is not None and sku is not None:
            moving[edge, sku] += row.units
    return moving


def _pull(book: Book, rate: Floats, moved: Ints) -> Pull:
    latest = moved.max(axis=0)
    idle = (microseconds(book.state.now) - latest) / 1_000_000
    return Pull(rate=rate, idle=np.where(latest == NOTHING, _NEVER, idle))


def _demand(book: Book, shown: Ints) -> tuple[Demand, tuple[DemandRow, ...]]:
    """Return the demand now, and the rows of it that the state must learn of."""
    places = Places(shops={shop.name: at for at, shop in enumerate(book.topology.shops)}, skus=book.sku_index)
    before = book.demand.now(book.state.now, DEMAND)
    stocked: Bools = (shown > 0) & (shown < UNBOUNDED)
    sold, buyers = (spread(found, places) for found in (book.state.sold, book.state.buyers))
    after = counted(before, sold, stocked, buyers)
    return after, tuple(rows_to_keep(before, after, places, book.state.now))
