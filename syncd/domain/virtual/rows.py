"""Between the columns of a step and the rows that the state keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from syncd.domain.book import UNBOUNDED
from syncd.domain.model import Bools, Ints, PoolName, ShopName, Sku
from syncd.domain.records import MoveRow
from syncd.domain.virtual.model import MoveCause, Moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the positions of a pool's columns stand for."""

    pool: PoolName
    shops: tuple[ShopName, ...]
    skus: tuple[Sku, ...]


def sell(share: Ints, sold: Ints) -> Ints:
    """Return the shares after own sales (given back ones negative); never below zero.

    A shop that sold more than its share sold units that were being taken from it: the rest of the sale is in
    the claims, so the step takes it off the reserve, the moving units and then the other shares.
    """
    return np.maximum(share - np.maximum(sold, 0), 0)


def spread_exposure(exposure: Ints, shop: Ints, share: Ints, has: Bools) -> Ints:
    """Return exposure by (edge, sku) from exposure by (shop, sku); `shop` (edges,) is the shop of each edge.

    A shop that draws on several pools shows their units as one figure: each edge is charged with what its
    share explains, the first edge of the shop whose pool `has` the SKU with the rest. What is missing, it
    lacks too: claims come off the first pool. An unread counter leaves all unbounded.
    """
    left = exposure.copy()
    spread = np.zeros_like(share)
    for edge, owner in reversed(list(enumerate(shop.tolist()))):
        spread[edge] = np.minimum(share[edge], left[owner])
        left[owner] -= spread[edge]
    for owner in range(len(exposure)):
        edges = np.flatnonzero(shop == owner)
        if edges.size == 1:
            spread[edges[0]] += left[owner]
        elif edges.size:
            first = edges[has[edges].argmax(axis=0)]
            spread[first, np.arange(spread.shape[1])] += left[owner]
        unread = exposure[owner] >= UNBOUNDED
        if unread.any():
            spread[np.ix_(edges, unread)] = UNBOUNDED
    return spread


def expired(rows: Sequence[MoveRow], now: datetime, patience: timedelta) -> list[MoveRow]:
    """Return the moves that waited too long: left out of `Position.moving`, their units are reserve again."""
    return [row for row in rows if now - row.at >= patience]


class Ended(NamedTuple):
    """How many units of a move are on their way no more, and why."""

    row: MoveRow
    units: int
    cause: MoveCause


def on_the_way(rows: Sequence[MoveRow], moves: Moves, names: Names, now: datetime) -> list[MoveRow]:
    """Return the moves of one pool that are open after a step; what landed or returned ends the oldest."""
    return followed(rows, moves, names, now)[0]


def followed(
    rows: Sequence[MoveRow], moves: Moves, names: Names, now: datetime
) -> tuple[list[MoveRow], list[Ended]]:
    """Return the moves of one pool that are open after a step, and what of those before has ended by it."""
    waiting, ended = sorted(rows, key=lambda row: row.at), list[Ended]()
    moves = moves.of(MoveCause.REBALANCE, MoveCause.LANDED, MoveCause.RETURNED)
    for sku, taken, given, units, cause in zip(
        moves.sku.tolist(),
        moves.taken.tolist(),
        moves.given.tolist(),
        moves.units.tolist(),
        moves.cause,
        strict=True,
    ):
        code = names.skus[sku]
        if cause is MoveCause.REBALANCE:
            pair = names.shops[taken], names.shops[given]
            waiting.append(MoveRow(names.pool, code, *pair, units, now))
        else:
            receiver = names.shops[given if cause is MoveCause.LANDED else taken]
            parts = _parts(waiting, code, receiver, units)
            ended += [Ended(row, part, cause) for row, part in zip(waiting, parts, strict=True) if part]
            pairs = zip(waiting, parts, strict=True)
            waiting = [row._replace(units=row.units - part) for row, part in pairs if row.units > part]
    return waiting, ended


def _parts(rows: Sequence[MoveRow], sku: Sku, receiver: ShopName, units: int) -> list[int]:
    """Return how many of `units` end each row, the first ones first."""
    parts = []
    for row in rows:
        part = min(units, row.units) if (row.sku, row.given_to) == (sku, receiver) else 0
        units -= part
        parts.append(part)
    return parts
