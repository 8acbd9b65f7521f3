"""In which order the changes of one shop are sent: first what sells too much for as long as it waits."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

import numpy as np

from syncd.domain.book import NOTHING, Book
from syncd.domain.demand import DEMAND, Floats, Places, demand_at, rates
from syncd.domain.model import Bools, Change, ChangeKind, Ints, ListingId, Sku
from syncd.domain.pipeline import Figures
from syncd.domain.plan import KINDS, RAISING
from syncd.domain.records import DemandRow

LONGEST_AGE = 900.0
"""Seconds; what waited longer goes before all others of its kind, so that nothing starves."""

OF_RAISES = 20
"""Every so many-th place among decreases is for a raise that waited longer: its wait only hides units."""

_ZERO, _OFF, _LATE, _LOWER, _LATE_RAISE, _RELIST, _RAISE = range(7)
_RANKS = np.array([_ZERO, _OFF, _LOWER, _RELIST, _RAISE])
"""By kind, as in `KINDS`."""


class Stake(NamedTuple):
    """What waiting may cost: units a second that all shops sell of a SKU, and units there are of it.

    Of a bundle that is its scarcest component. `parts` are the SKUs that it takes units of.
    """

    rate: float
    left: float
    parts: frozenset[Sku]


_UNKNOWN = Stake(0.0, 0.0, frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """What the order of sending rests on beside the changes; `ages` are the seconds that some waited already.

    A SKU that is not in `stakes` is taken for sold out, as nobody knows what is left of it.
    """

    stakes: Mapping[Sku, Stake] = field(default_factory=dict)
    ages: Mapping[ListingId, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The changes of one shop that wait, as columns; `kind` indexes `KINDS`.

    `shown` is what buyers can take there now, infinite where nobody knows. `bound` marks raises that must
    follow a change that lowers, however long they waited: both take units of one SKU.
    """

    kind: Ints
    new: Ints
    shown: Floats
    rate: Floats
    left: Floats
    age: Floats
    bound: Bools


def send_order(queue: Queue, *, longest_age: float = LONGEST_AGE) -> Ints:
    """Return the places of all changes in the order of sending; equal ones keep theirs.

    Zeros first, then delistings, each by what sells fastest; then decreases by what would be oversold, then
    relistings and raises, where buyers find least first. Of both what waited longer than `longest_age` goes
    first, the oldest before all, and of such raises one after every 19 decreases.
    """
    rank = _ranks(queue, longest_age)
    sold_out = risk(queue.rate, queue.left)
    # An outage leaves many of one age behind: those go by what would be oversold.
    tied = np.where(rank == _LATE, -sold_out, 0.0)
    order = np.lexsort((-queue.rate, tied, _within(queue, rank, sold_out), rank))
    return _mixed(order, rank[order], queue.bound[order])


def risk(rate: Floats, left: Floats) -> Floats:
    """Return which part of what is left sells in a second; infinite where nothing is left.

    Times the seconds until a decrease is sent that is what it would oversell. All changes of a shop wait for
    the same calls, so that the time changes nothing about their order.
    """
    found = np.full(rate.shape, inf)
    np.divide(rate, left, out=found, where=left > 0)
    return found


def queue_of(changes: Sequence[Change], urgency: Urgency) -> Queue:
    """Return the columns of one shop's `changes`."""
    count = len(changes)
    known, ages = urgency.stakes, urgency.ages
    stakes = [known.get(change.sku, _UNKNOWN) for change in changes] if known else [_UNKNOWN] * count

    def columned(figures: Iterable[float]) -> Floats:
        return np.fromiter(figures, dtype=np.float64, count=count)

    kind = np.fromiter((_PLACES[change.kind] for change in changes), dtype=np.int64, count=count)
    return Queue(
        kind=kind,
        new=np.fromiter((change.new for change in changes), dtype=np.int64, count=count),
        shown=columned(map(_shown, changes)),
        rate=columned(stake.rate for stake in stakes),
        left=columned(stake.left for stake in stakes),
        age=columned(ages.get(change.listing, 0.0) for change in changes) if ages else np.zeros(count),
        # Only what waited may ever go before what lowers.
        bound=_bound(kind, [_parts_of(*one) for one in zip(changes, stakes, strict=True)])
        if ages
        else np.zeros(count, dtype=np.bool_),
    )


def drawn_on(figures: Figures, skus: Collection[Sku]) -> set[Sku]:
    """Return the SKUs whose demand the stakes of `skus` rest on: of a bundle those of its components."""
    book = figures.book
    return {book.skus[at] for sku in skus for at, _ in _parts(book, sku)}


def stakes_of(figures: Figures, skus: Collection[Sku], demand: Iterable[DemandRow]) -> dict[Sku, Stake]:
    """Return the stakes of those of `skus` that are known; it costs as much as they and `demand` are many.

    Of `demand` only the rows of what they draw on count.
    """
    book = figures.book
    parts = {sku: list(_parts(book, sku)) for sku in skus}
    places = sorted({at for found in parts.values() for at, _ in found})
    if not places:
        return {}
    rate = _rates(book, [book.skus[at] for at in places], demand)
    left = np.where(figures.pools.known, figures.pools.available, 0)[:, places].sum(axis=0)
    known = dict(zip(places, zip(rate.tolist(), left.tolist(), strict=True), strict=True))
    return {sku: _stake(book, found, known) for sku, found in parts.items() if found}


def _ranks(queue: Queue, longest_age: float) -> Ints:
    rank = _RANKS[queue.kind]
    # A gross counter at what is withheld sells nothing more, but its decrease may have kept its kind.
    rank = np.where((rank == _LOWER) & (queue.new == 0), _ZERO, rank)
    late = queue.age > longest_age
    rank = np.where(late & (rank == _LOWER), _LATE, rank)
    return np.where(late & (rank >= _RELIST), _LATE_RAISE, rank)


def _within(queue: Queue, rank: Ints, sold_out: Floats) -> Floats:
    """Return what decides among changes of one rank, least first."""
    place = np.where((rank == _LATE) | (rank == _LATE_RAISE), -queue.age, 0.0)
    place = np.where(rank <= _OFF, -queue.rate, place)
    place = np.where(rank == _LOWER, -sold_out, place)
    return np.where(rank >= _RELIST, queue.shown, place)


def _mixed(order: Ints, rank: Ints, bound: Bools) -> Ints:
    """Return `order` with late raises among the decreases, as many as they are owed; the oldest first."""
    lowers = np.flatnonzero((rank == _LATE) | (rank == _LOWER))
    behind = lowers[OF_RAISES - 2 :: OF_RAISES - 1]
    late = np.flatnonzero((rank == _LATE_RAISE) & ~bound)[: len(behind)]
    place = np.arange(len(order), dtype=np.float64)
    place[late] = behind[: len(late)] + 0.5
    found: Ints = order[np.argsort(place)]
    return found


_PLACES = {kind: at for at, kind in enumerate(KINDS)}


def _shown(change: Change) -> float:
    if change.kind is ChangeKind.RELIST or change.on_sale is False:
        return 0.0
    return inf if change.hi is None else float(max(change.hi, 0))


def _parts_of(change: Change, stake: Stake) -> frozenset[Sku]:
    return stake.parts or frozenset({change.sku})


def _bound(kind: Ints, parts: Sequence[frozenset[Sku]]) -> Bools:
    """Return the raises that take units of a SKU that another change lowers."""
    raising = np.isin(kind, RAISING)
    lowered: set[Sku] = set()
    lowered.update(*(parts[at] for at in np.flatnonzero(~raising).tolist()))
    found = np.zeros(kind.shape, dtype=np.bool_)
    rows = np.flatnonzero(raising)
    found[rows] = [not lowered.isdisjoint(parts[at]) for at in rows.tolist()]
    return found


def _parts(book: Book, sku: Sku) -> Iterator[tuple[int, int]]:
    """Yield where the SKUs stand that `sku` takes units of, and how many of each."""
    bundle = book.bundles.index.get(sku)
    if bundle is not None:
        entries = slice(int(book.bundles.start[bundle]), int(book.bundles.start[bundle + 1]))
        pairs = zip(book.bundles.sku[entries].tolist(), book.bundles.units[entries].tolist(), strict=True)
        yield from (pair for pair in pairs if pair[0] != NOTHING)
    elif (at := book.sku_index.get(sku)) is not None:
        yield at, 1


def _rates(book: Book, skus: Sequence[Sku], demand: Iterable[DemandRow]) -> Floats:
    """Return what all shops together sell of each SKU in a second."""
    shops = {shop.name: at for at, shop in enumerate(book.topology.shops)}
    places = Places(shops=shops, skus={sku: at for at, sku in enumerate(skus)})
    rows = [row for row in demand if row.sku in places.skus]
    rate: Floats = rates(demand_at(rows, places, book.state.now, DEMAND), DEMAND).sum(axis=0)
    return rate


def _stake(book: Book, parts: Sequence[tuple[int, int]], known: Mapping[int, tuple[float, int]]) -> Stake:
    found = [(known[at][0] / units, known[at][1] / units) for at, units in parts]
    rate, left = max(found, key=lambda one: one[0] / one[1] if one[1] > 0 else inf)
    return Stake(rate, left, frozenset(book.skus[at] for at, _ in parts))
