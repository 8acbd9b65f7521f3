"""Runs the real pipeline on the oracle's worlds and returns the oracle's kind of answer."""

from collections.abc import Iterator
from typing import Any

from syncd.domain.book import NOTHING, State, make_book, warehouse_index
from syncd.domain.deciders import deciding_setting
from syncd.domain.model import SnapshotKind, TransferConvention, WarehouseName
from syncd.domain.pipeline import Figures, compute
from syncd.domain.records import LevelRow, SourceState
from tests.unit.domain.oracle_world import (
    Edge,
    ListingFigures,
    PoolFigures,
    ShopFigures,
    Solution,
    World,
)


def run(world: World) -> Solution:
    """Return what the program computes for `world`."""
    figures = compute(make_book(state_of(world)))
    return Solution(
        pools=dict(_pools(figures)),
        edges=dict(_edges(figures)),
        shops=dict(_shops(figures)),
        listings=dict(_listings(figures)),
    )


def state_of(world: World) -> State:
    """Return `world` as the program's own input."""
    sources = {
        rules.name: SourceState(
            name=rules.name,
            seq=1,
            as_of=world.now,
            kind=SnapshotKind.FULL,
            transfer_convention=world.transfer.get(rules.name, TransferConvention.UNTIL_SHIPPED),
        )
        for rules in world.topology.sources
    }
    return State(
        topology=world.topology,
        now=world.now,
        stock=world.stock,
        listings=sorted(world.listings, key=lambda row: row[:2]),
        sources=sources,
        unrouted=world.unrouted,
        claims=world.claims,
        levels=[_level(row, world) for row in world.levels],
        locks=world.locks,
        uses=world.uses,
        unwritable=world.unwritable,
        stale=world.stale,
        extras=world.extras,
        sold=world.sold,
    )


def _level(row: LevelRow, world: World) -> LevelRow:
    """Return a row that is as new, or as old, against the program's own count of snapshots."""
    pool = next(pool for pool in world.topology.pools if pool.name == row.pool)
    sources = [s for s in world.topology.sources if set(s.warehouses) & set(pool.warehouses)]
    counted = row.seq == world.seq.get(row.pool, 0)
    return row._replace(seq=len(sources) if counted else len(sources) - 1)


def _pools(figures: Figures) -> Iterator[tuple[tuple, PoolFigures]]:  # type: ignore[type-arg]
    book, pools = figures.book, figures.pools
    places = warehouse_index(book.topology)
    for p, pool in enumerate(book.topology.pools):
        for s, sku in enumerate(book.skus):
            if not pools.known[p, s]:
                continue
            net = {
                WarehouseName(name): int(pools.net[places[name], s])
                for name in pool.warehouses
                if book.cells.has[places[name], s]
            }
            names = ("figure", "virtual", "available", "held", "reserve", "rest")
            deficits = ("oversold", "backordered", "overlocked", "overtransferred", "on_extra")
            values: dict[str, Any] = {name: int(getattr(pools, name)[p, s]) for name in (*names, *deficits)}
            flags = {name: bool(getattr(pools, name)[p, s]) for name in ("shaky", "vanished")}
            values |= {"locked": int(pools.locks.live[p, s]), "locks_cut": int(pools.locks.cut[p, s])}
            yield (pool.name, sku), PoolFigures(net=net, **values, **flags)


def _edges(figures: Figures) -> Iterator[tuple[tuple, Edge]]:  # type: ignore[type-arg]
    book = figures.book
    for e, edge in enumerate(book.edges):
        for s, sku in enumerate(book.skus):
            if not figures.pools.known[figures.rules.pool[e], s]:
                continue
            setting, rule = deciding_setting(figures, e, s)
            was_off = bool(book.levels.off[e, s])
            yield (
                (edge.pool, edge.shop, sku),
                Edge(
                    off=bool(figures.levels.off[e, s]),
                    agree=int(figures.levels.agree[e, s]) if was_off else 0,
                    base=int(figures.shares.base[e, s]),
                    result=int(figures.shares.result[e, s]),
                    setting=setting,
                    rule=edge.pool if setting == "available" else rule,
                ),
            )


def _shops(figures: Figures) -> Iterator[tuple[tuple, ShopFigures]]:  # type: ignore[type-arg]
    for h, shop in enumerate(figures.book.topology.shops):
        for s, sku in enumerate(figures.book.skus):
            units = int(figures.shares.quantity[h, s])
            known = units != NOTHING and bool(figures.shares.writable[h])
            off = bool(figures.shares.off[h, s])
            yield (shop.name, sku), ShopFigures(units=units if known else None, want_off=off)


def _listings(figures: Figures) -> Iterator[tuple[tuple, ListingFigures]]:  # type: ignore[type-arg]
    for at, row in enumerate(figures.book.state.listings):
        units = int(figures.listings.units[at])
        desired = None if units == NOTHING else units
        yield (
            (row.shop, row.id),
            ListingFigures(desired=desired, want_off=bool(figures.listings.off[at])),
        )
