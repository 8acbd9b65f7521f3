"""One step of a split pool: what moves between shares (DESIGN 4.2)."""

import numpy as np

from syncd.domain.division import UNCAPPED, divide
from syncd.domain.model import Ints
from syncd.domain.virtual.books import Books, rows_of
from syncd.domain.virtual.filling import fill
from syncd.domain.virtual.model import MoveCause, Position, Pull, Step
from syncd.domain.virtual.rebalance import Weigh, rebalance, usual_order, weigher


def step(position: Position, pull: Pull | None = None) -> Step:
    """Return the shares after one step; without `pull` nothing moves by demand and configured weights decide.

    Lowering comes first and needs no proof. A share only grows by units that are proven to be on sale
    nowhere, so that taking, proving and giving follow from arithmetic: call it again once takes are proven.
    """
    books = Books(position)
    weigh = weigher(position, pull)
    _release(books)
    _pin(books)
    deficit = _drop(books, weigh)
    _adopt(books, weigh)
    _land(books, weigh)
    _refill(books, weigh, pull)
    if pull is not None:
        rebalance(books, weigh, pull)
    return Step(
        known=position.known,
        share=books.share.T.copy(order="K"),
        moving=books.moving.T.copy(order="K"),
        reserve=books.reserve(),
        deficit=deficit,
        moves=books.moves(),
    )


def _release(books: Books) -> None:
    """Put what a writable shop may no longer have into the reserve."""
    limit = np.where(books.writable, books.cap, UNCAPPED)
    share = np.minimum(books.share, limit)
    share -= np.where(books.writable, share % books.pack, 0)
    leaving = share < books.share
    for cause, mask in ((MoveCause.LEVEL, leaving & books.off), (MoveCause.CONFIG, leaving & ~books.off)):
        rows = rows_of(mask)
        books.put(rows, np.where(mask[rows], share[rows], books.share[rows]), cause)
    _turn_back(books)


def _turn_back(books: Books) -> None:
    """Return to the reserve what is moving to a shop beyond what it may have."""
    room = np.maximum(books.cap - books.share, 0)
    lost = np.where(books.known[:, None], np.maximum(books.moving - room, 0), 0)
    rows = rows_of(lost > 0)
    books.turn_back(rows, lost[rows])


def _pin(books: Books) -> None:
    """Enlarge the shares of shops that cannot be written by what they have on sale beyond them.

    A counter that was never read is not pinned: nobody knows how much, and it blocks every give already.
    """
    pinned = ~books.writable & books.known[:, None] & books.read & (books.exposure > books.share)
    rows = rows_of(pinned)
    books.put(rows, np.where(pinned[rows], books.exposure[rows], books.share[rows]), MoveCause.PINNED)


def _drop(books: Books, weigh: Weigh) -> Ints:
    """Take what was shared out beyond the room; return what nobody has: the deficit.

    Moving units go first, then the shares of shops that can be written, by the divisor in reverse; a shop
    that cannot be written gives up only what it does not have on sale.
    """
    short = np.maximum(books.short(), 0)
    rows = rows_of(short > 0)
    if not rows.size:
        return short
    moving = books.moving[rows]
    cut = moving - divide(moving.sum(axis=1) - short[rows], np.maximum(weigh(rows), 1), moving)
    books.turn_back(rows, cut)
    reachable = np.where(books.writable[rows], books.share[rows], 0)
    _cut(books, rows, reachable, weigh)
    spare = np.maximum(books.share[rows] - books.exposure[rows], 0)
    _cut(books, rows, np.where(books.writable[rows], 0, spare), weigh)
    return np.maximum(books.short(), 0)


def _cut(books: Books, rows: Ints, units: Ints, weigh: Weigh) -> None:
    """Take what is short off `units` of the shares of `rows`, and what that breaks off a pack."""
    short = np.maximum(books.short()[rows], 0)
    kept = divide(units.sum(axis=1) - short, np.maximum(weigh(rows), 1), units)
    share = books.share[rows] - units + kept
    share -= np.where((kept < units) & books.writable[rows], share % books.pack[rows], 0)
    books.put(rows, share, MoveCause.DROP)


def _adopt(books: Books, weigh: Weigh) -> None:
    """Leave units that came back where they are on sale already, as far as the reserve reaches.

    Taking them only to give them again would cost two writes. In a SKU that nobody has a share of they stay
    only up to the target, or the shop that was read first would keep all of a receipt.
    """
    reserve = books.reserve()
    excess = np.minimum(books.exposure, books.cap) - books.share
    excess = np.where(books.takes & books.read, np.maximum(excess, 0), 0)
    rows = rows_of((excess > 0) & (reserve > 0)[:, None])
    if not rows.size:
        return
    excess, share, pack = excess[rows], books.share[rows], books.pack[rows]
    empty = (share.sum(axis=1) + books.moving[rows].sum(axis=1)) == 0
    target = divide(reserve[rows], weigh(rows), books.cap[rows])
    excess = np.where(empty[:, None], np.minimum(excess, target), excess)
    kept = divide(reserve[rows], np.maximum(weigh(rows), 1), excess)
    books.put(rows, share + kept - kept % pack, MoveCause.ADOPTED)


def _land(books: Books, weigh: Weigh) -> None:
    """Turn moving units into shares as far as their taking is proven; what has no room there comes back.

    What the receiver has on sale already needs no proof.
    """
    _turn_back(books)
    shown = np.where(books.takes & books.read, np.maximum(books.exposure - books.share, 0), 0)
    rows = rows_of(np.minimum(shown, books.moving) > 0)
    _land_whole(books, rows, np.minimum(shown, books.moving)[rows])
    proven = books.proven()
    rows = rows_of((books.moving > 0) & (proven > 0)[:, None])
    _land_whole(books, rows, divide(proven[rows], np.maximum(weigh(rows), 1), books.moving[rows]))


def _land_whole(books: Books, rows: Ints, units: Ints) -> None:
    books.land(rows, units - units % books.pack[rows])


def _refill(books: Books, weigh: Weigh, pull: Pull | None) -> None:
    """Divide the reserve toward the target, as far as it is proven to be on sale nowhere.

    Every shop first gets what a usual order takes: one unit in each of five shops serves no order for two.
    """
    units = np.minimum(books.reserve(), books.proven())
    rows = rows_of((units > 0)[:, None] & books.takes & (books.share < books.cap))
    if not rows.size:
        return
    share, pack, weight = books.share[rows], books.pack[rows], weigh(rows)
    added = fill(units[rows], share, weight, usual_order(books, rows, pull), pack)
    added += fill(units[rows] - added.sum(axis=1), share + added, weight, books.cap[rows], pack)
    books.put(rows, share + added, MoveCause.REFILL)
