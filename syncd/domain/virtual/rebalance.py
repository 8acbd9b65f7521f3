"""Move units between shares to where they sell sooner (DESIGN 4.2)."""

from collections.abc import Callable

import numpy as np

from syncd.domain.division import divide
from syncd.domain.model import Bools, Ints
from syncd.domain.virtual.books import Books
from syncd.domain.virtual.filling import fill
from syncd.domain.virtual.model import Floats, MoveCause, Position, Pull

_FINEST = 1_000_000
"""The largest weight of a SKU's shops; rates become whole numbers here, so that division stays exact."""

_SLOWEST = 1e-12
"""A rate at which nothing sells; keeps quotients defined where no shop sells at all."""


Weigh = Callable[[Ints], Ints]
"""Return by (sku, edge) the whole weights of the SKUs at some positions."""


def weigher(position: Position, pull: Pull | None) -> Weigh:
    """Return what weighs the shops: the rate times the configured weight, 0 only where that is 0."""

    def weigh(rows: Ints) -> Ints:
        configured = np.maximum(position.weight[:, rows].T, 0)
        if pull is None:
            return configured
        product = np.where(configured > 0, pull.rate[:, rows].T * configured, 0.0)
        largest = product.max(axis=1, keepdims=True, initial=0.0)
        scaled = np.rint(product / np.where(largest > 0, largest, 1.0) * _FINEST).astype(np.int64)
        weights: Ints = np.where(configured > 0, np.maximum(scaled, 1), 0)
        return weights

    return weigh


def usual_order(books: Books, rows: Ints, pull: Pull | None) -> Ints:
    """Return the units, in whole packs and within caps, with which a shop can serve a usual order."""
    pack = books.pack[rows]
    lot = 0 if pull is None else pull.rules.lot
    units: Ints = np.minimum(books.cap[rows], -(-lot // pack) * pack)
    return units


def rebalance(books: Books, weigh: Weigh, pull: Pull) -> None:
    """Set units moving from shops above their target to shops in need, up to the target of both.

    Nothing moves while units of the SKU are moving already, or while it rests. With the same totals and rates
    a second call moves nothing back: nobody is taken below the target, nobody is given beyond it.
    """
    rows, need, small = _in_need(books, pull)
    if not rows.size:
        return
    open_, share = books.takes[rows], books.share[rows]
    target = _target(books, rows, np.where(open_, weigh(rows), 0), usual_order(books, rows, pull))
    pack = books.pack[rows]
    lack, over = np.maximum(target - share, 0), np.maximum(share - target, 0)
    lack, over = (np.where(open_, part - part % pack, 0) for part in (lack, over))
    lack = np.where(need | small, lack, 0)
    worth = _gain(share, pull.rate.T[rows], lack > 0, over > 0) >= pull.rules.gain
    spare = np.where(over > 0, share - usual_order(books, rows, pull), 0)
    worth |= (small & (lack > 0)).any(axis=1) & (spare > 0).any(axis=1)
    keep = np.flatnonzero(worth & (lack.sum(axis=1) > 0) & (over.sum(axis=1) > 0))
    _send(books, rows[keep], over[keep], lack[keep])


def _in_need(books: Books, pull: Pull) -> tuple[Ints, Bools, Bools]:
    """Return the SKUs in which a shop is in need, which sell out soon, which serve no usual order."""
    rules = pull.rules
    # In a deficit no shop that can be written has a share, so that there is nothing to move.
    calm = ~books.held & (books.moving.sum(axis=1) == 0)
    rows = np.flatnonzero(calm & (pull.idle >= rules.rest_seconds) & (books.share.sum(axis=1) > 0))
    open_ = books.takes[rows]
    share, rate = np.where(open_, books.share[rows], 0), np.where(open_, pull.rate.T[rows], 0.0)
    lasts = share.sum(axis=1) / np.maximum(rate.sum(axis=1), _SLOWEST)
    limit = np.minimum(rules.cover_seconds, rules.cover_ratio * lasts)
    need = share < rate * limit[:, None]
    small = open_ & (share < usual_order(books, rows, pull)) & (rate * rules.lot_seconds >= 1)
    # A bound on what `_gain` can find, so that the division is left out where it would move nothing.
    best = np.where(need | small, rate / (2 * share + 1), 0.0).max(axis=1)
    worst = np.where(share > 0, rate / np.maximum(2 * share - 1, 1), np.inf).min(axis=1)
    hopes = best >= rules.gain * np.maximum(worst, _SLOWEST)
    hopes |= small.any(axis=1) & (share > usual_order(books, rows, pull)).any(axis=1)
    some = np.flatnonzero((need | small).any(axis=1) & hopes)
    return rows[some], need[some], small[some]


def _target(books: Books, rows: Ints, weights: Ints, first: Ints) -> Ints:
    """Return what each shop should have: enough for a usual order everywhere, and the rest by weight."""
    cap, pack = books.cap[rows], books.pack[rows]
    total = np.where(weights > 0, books.share[rows], 0).sum(axis=1)
    base = divide(total, weights, first)
    target = base + fill(total - base.sum(axis=1), base, weights, cap, np.ones_like(pack))
    return target - target % pack


def _gain(share: Ints, rate: Floats, lacking: Bools, over: Bools) -> Floats:
    """Return how many times sooner the best receiver sells its next unit than the worst donor its last."""
    best = np.where(lacking, rate / (2 * share + 1), 0.0).max(axis=1)
    worst = np.where(over, rate / np.maximum(2 * share - 1, 1), np.inf).min(axis=1)
    gain: Floats = best / np.maximum(worst, _SLOWEST)
    return gain


def _send(books: Books, rows: Ints, over: Ints, lack: Ints) -> None:
    """Match donors with receivers, the largest first on both sides, which takes the fewest writes."""
    pack = books.pack[rows]
    units = np.minimum(over.sum(axis=1), lack.sum(axis=1))
    # Packs of different sizes may not meet; what the donors can give in whole packs bounds the receivers.
    gives = _largest_first(lack, _largest_first(over, units, pack).sum(axis=1), pack)
    left = _largest_first(over, gives.sum(axis=1), np.ones_like(pack))
    for taken in range(over.shape[1]):
        for given in range(over.shape[1]):
            pair = np.minimum(left[:, taken], gives[:, given])
            at = np.flatnonzero(pair)
            if at.size:
                left[at, taken] -= pair[at]
                gives[at, given] -= pair[at]
                books.send(rows[at], (taken, given), pair[at])
    share = books.share[rows]
    books.put(rows, share - np.where(books.takes[rows], share % pack, 0), MoveCause.CONFIG)


def _largest_first(parts: Ints, units: Ints, pack: Ints) -> Ints:
    """Return whole packs of `parts` that add up to at most `units`, from the largest part on."""
    order = np.argsort(-parts, axis=1, kind="stable")
    ranked = np.take_along_axis(parts, order, axis=1)
    packs = np.take_along_axis(pack, order, axis=1)
    left, taken = units.copy(), np.zeros_like(ranked)
    for column in range(ranked.shape[1]):
        part = np.minimum(ranked[:, column], left)
        taken[:, column] = part - part % packs[:, column]
        left = left - taken[:, column]
    answer = np.zeros_like(parts)
    np.put_along_axis(answer, order, taken, axis=1)
    return answer
