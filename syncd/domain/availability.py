"""From cells to pools: signed nets, claims, one clip per pool, deficits (DESIGN 3; 4.5 steps 2 to 8)."""

from dataclasses import dataclass

import numpy as np

from syncd.domain.book import Book, convention_of, warehouse_index
from syncd.domain.exposure import held_by_pool, held_units
from syncd.domain.locks.columns import Locked, cut_locks
from syncd.domain.locks.standing import used_by_line
from syncd.domain.model import Bools, Ints, Part, TransferConvention


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What pools have, as arrays of shape (pools, skus) unless said otherwise.

    `net` (warehouses, skus) is signed and without V. `figure` = sum of nets - unrouted - claims is signed;
    `available` = max(figure + virtual, 0); `held` is what listings that lost their binding can still sell of
    a split pool; `rest` = available - live locks - held - reserve, never negative. In a shared pool the
    four deficits and `on_extra`, what shops sold on `extra` on purpose, add up to what `figure + virtual`
    lacks below zero. `known` says where at least one warehouse has a cell; `shaky` where nothing may be
    raised; `vanished` where two full snapshots left a cell out.
    """

    net: Ints
    virtual_by_warehouse: Ints
    on_hand: Ints
    virtual: Ints
    unrouted: Ints
    claims: Ints
    figure: Ints
    available: Ints
    locks: Locked
    held: Ints
    reserve: Ints
    rest: Ints
    oversold: Ints
    backordered: Ints
    overlocked: Ints
    overtransferred: Ints
    on_extra: Ints
    known: Bools
    shaky: Bools
    vanished: Bools


def availability(book: Book) -> Availability:
    """Return what every pool has of every SKU."""
    parts = book.cells.parts
    in_air = parts[:, Part.IN_AIR] * _until_received(book)[:, None]
    transfer = parts[:, Part.TRANSFER_OUT] - in_air
    good = parts[:, Part.ON_HAND] - parts[:, Part.UNSELLABLE]
    net = good - parts[:, Part.ALLOCATED] - parts[:, Part.LOCKED] - transfer
    member = _membership(book)

    def pooled(by_warehouse: Ints) -> Ints:
        return np.stack([by_warehouse[rows].sum(axis=0) for rows in member])

    virtual = pooled(parts[:, Part.VIRTUAL])
    known = np.stack([book.cells.has[rows].any(axis=0) for rows in member])
    unrouted = _book_unrouted(book, np.maximum(pooled(net) + virtual, 0), known)
    claims = _book_claims(book, pooled(net) - unrouted + virtual, known)
    figure = pooled(net) - unrouted - claims
    available = np.maximum(figure + virtual, 0)
    ordered = pooled(parts[:, Part.ALLOCATED]) + unrouted + claims
    free = pooled(good) + virtual - ordered
    locked = pooled(parts[:, Part.LOCKED])
    percents = np.array([pool.reserve_percent for pool in book.topology.pools], dtype=np.int64)
    held, unread = held_by_pool(book, held_units(book), available, known)
    # No lock takes away what nobody can lower.
    locks = cut_locks(book, np.maximum(available - held, 0))
    left = np.maximum(available - locks.live - held, 0)
    reserve = np.minimum((available - locks.live) * percents[:, None] // 100, left)
    return Availability(
        net=net,
        virtual_by_warehouse=parts[:, Part.VIRTUAL],
        on_hand=pooled(parts[:, Part.ON_HAND]),
        virtual=virtual,
        unrouted=unrouted,
        claims=claims,
        figure=figure,
        available=available,
        locks=locks,
        held=held,
        reserve=reserve,
        rest=left - reserve,
        oversold=np.maximum(-free, 0),
        backordered=np.clip(ordered - pooled(good), 0, np.maximum(virtual, 0)),
        overlocked=np.maximum(locked - np.maximum(free, 0), 0),
        overtransferred=np.maximum(pooled(transfer) - np.maximum(free - locked, 0), 0),
        on_extra=np.zeros_like(figure),
        known=known,
        shaky=np.stack([book.cells.shaky[rows].any(axis=0) for rows in member]) | unread,
        vanished=np.stack([book.cells.vanished[rows].any(axis=0) for rows in member]),
    )


def _membership(book: Book) -> list[Ints]:
    places = warehouse_index(book.topology)
    return [np.array([places[name] for name in pool.warehouses]) for pool in book.topology.pools]


def _until_received(book: Book) -> Ints:
    """Return 1 for every warehouse whose source keeps transfers open until they arrive, else 0."""
    places = warehouse_index(book.topology)
    flags = np.zeros(len(places), dtype=np.int64)
    for source in book.topology.sources:
        late = convention_of(book.state, source.name) is TransferConvention.UNTIL_RECEIVED
        for warehouse in source.warehouses:
            if warehouse in places:
                flags[places[warehouse]] = int(late)
    return flags


def _book_unrouted(book: Book, holds: Ints, known: Bools) -> Ints:
    """Return the unrouted allocations by pool: each source's off the pools that its warehouses are in."""
    booked = np.zeros_like(holds)
    warehouses = {source.name: set(source.warehouses) for source in book.topology.sources}
    for source, sku, units in sorted(book.state.unrouted):
        at = book.sku_index.get(sku)
        if at is None or source not in warehouses:
            continue
        pools = [
            index
            for index, pool in enumerate(book.topology.pools)
            if known[index, at] and warehouses[source] & set(pool.warehouses)
        ]
        _take(units, at, pools, holds[:, at] - booked[:, at], booked)
    return booked


def _book_claims(book: Book, net: Ints, known: Bools) -> Ints:
    """Return the open claims by pool: a lock's off its pool, the others off the routed or the shop's own.

    The own pools are asked in the order of the configuration.
    """
    booked = np.zeros_like(net)
    pools = book.topology.pools
    from_lock = used_by_line(book.state.locks, book.state.uses)
    for claim in sorted(book.state.claims):
        at = book.sku_index.get(claim.sku)
        if at is None:
            continue
        left = claim.units
        for name, units in from_lock.get((claim.shop, claim.line), ()):
            mine = [index for index, pool in enumerate(pools) if pool.name == name and known[index, at]]
            taken = min(units, left) if mine else 0
            left -= taken
            booked[mine, at] += taken
        routed = [index for index, pool in enumerate(pools) if claim.warehouse in pool.warehouses]
        own = [index for index, pool in enumerate(pools) if claim.shop in pool.shops and known[index, at]]
        _take(left, at, routed or own, net[:, at] - booked[:, at], booked)
    return booked


def _take(units: int, sku: int, pools: list[int], holds: Ints, booked: Ints) -> None:
    """Add `units` to `booked`, each pool up to what it holds; what is left over makes the first one short."""
    for pool in pools:
        taken = min(units, max(int(holds[pool]), 0))
        booked[pool, sku] += taken
        units -= taken
    if pools and units:
        booked[pools[0], sku] += units
