"""What became of shares, as rows of the ledger: every change with its cause, and units on their way.

A row `share` has the share of a shop before and after; the new figure of one is the old figure of the next.
A row `moving` has the units of one move before and after: it begins at 0, and ends at 0.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from syncd.domain.book import NOTHING, Book
from syncd.domain.model import ListingId, PoolName, ShopName, Sku
from syncd.domain.records import LedgerRow, MoveRow, ShareRow
from syncd.domain.said import say
from syncd.domain.virtual.model import CAUSES, RESERVE, MoveCause
from syncd.domain.virtual.pools import Divided, Stepped
from syncd.domain.virtual.rows import followed

SHARE, MOVING = "share", "moving"
"""What the ledger calls a change of a share, and of units on their way."""

SALE, UNSHOWN, DIVIDED, EXPIRED = "sale", "unshown", "divided", "expired"

_WORDS = {
    SALE: say("the shop sold them"),
    UNSHOWN: say("the shop shows fewer: a raise failed, it sold them unseen, or a listing lost its code"),
    DIVIDED: say("the pool was divided anew"),
    EXPIRED: say("their taking was not proven in time"),
}

_ON_THE_WAY = (MoveCause.REBALANCE, MoveCause.LANDED, MoveCause.RETURNED)


class Way(NamedTuple):
    """Between which shops units move, as a row `moving` says it."""

    pool: PoolName
    taken_from: ShopName
    given_to: ShopName


class _Place(NamedTuple):
    pool: PoolName
    shop: ShopName
    sku: Sku


def words(cause: str) -> str:
    """Return why a share changed as people should read it; a cause that is not known stays as it is."""
    return _WORDS.get(cause) or next((each.words for each in MoveCause if each == cause), cause)


def rule_of(way: Way) -> str:
    """Return what a row `moving` has in its column `rule`."""
    return f"pools.{way.pool} {way.taken_from} -> {way.given_to}"


def way_of(rule: str) -> Way:
    """Return what `rule_of` wrote."""
    pool, taken, _, given = rule.removeprefix("pools.").split(" ")
    return Way(PoolName(pool), ShopName(taken), ShopName(given))


def history(book: Book, divided: Divided, rows: Sequence[ShareRow]) -> Iterator[LedgerRow]:
    """Yield why the shares in `rows` are what they are now, and what became of units on their way.

    The first division of SKUs is one row per pool and shop, whatever the number of SKUs.
    """
    after = {_Place(*row[:3]): row.units for row in rows}
    stored = _stored(book, divided, {*after, *_with_news(book, divided.steps)})
    yield from _first(book, {place: units for place, units in after.items() if stored[place] == NOTHING})
    before = {place: units for place, units in stored.items() if units != NOTHING}
    stepped = {one.names.pool for one in divided.steps}
    causes = _causes(book, divided.steps, before)
    for place, old in sorted(before.items()):
        change = after.get(place, old) - old
        if place.pool in stepped:
            moved = causes.get(place, {})
            sold = book.state.sold.get((place.shop, place.sku), 0)
            moved = _with_sales(moved, sum(moved.values()) - change, sold)
        else:
            moved = {DIVIDED: change}
        yield from _told(book, place, old, moved)
    yield from _on_the_way(book, divided)


def arrival(book: Book, came: Sequence[MoveRow], share: int) -> Iterator[LedgerRow]:
    """Yield that all units of `came`, which are of one SKU, are now in the share of who they were for."""
    for row in came:
        yield _moving(book, row, (row.units, 0), MoveCause.LANDED)
        place = _Place(row.pool, row.given_to, row.sku)
        yield from _told(book, place, share, {MoveCause.LANDED: row.units})
        share += row.units


def _with_news(book: Book, steps: Iterable[Stepped]) -> Iterator[_Place]:
    """Yield the shares that something happened to though they may be what they were: sold and refilled."""
    for one in steps:
        names = one.names
        mine = set(names.shops)
        for shop, sku in book.state.sold:
            if shop in mine and sku in book.sku_index:
                yield _Place(names.pool, shop, sku)
        for at, taken, given, _, cause in _each(one):
            edge = {MoveCause.REBALANCE: taken, MoveCause.LANDED: given}.get(cause, RESERVE)
            if edge != RESERVE:
                yield _Place(names.pool, names.shops[edge], names.skus[at])


def _each(
    one: Stepped, among: Collection[int] | None = None
) -> Iterator[tuple[int, int, int, int, MoveCause]]:
    """Yield the movements of a step one by one, of some SKUs only where these are named."""
    moves = one.moves
    if among is not None:
        chosen = np.isin(moves.sku, list(among))
        columns = (moves.sku[chosen], moves.taken[chosen], moves.given[chosen], moves.units[chosen])
        causes = moves.causes[chosen]
    else:
        columns, causes = (moves.sku, moves.taken, moves.given, moves.units), moves.causes
    lists = (column.tolist() for column in columns)
    yield from zip(*lists, (CAUSES[cause] for cause in causes.tolist()), strict=True)


def _stored(book: Book, divided: Divided, places: Iterable[_Place]) -> dict[_Place, int]:
    """Return the stored shares, `NOTHING` where there is none."""
    edges = {(edge.pool, edge.shop): at for at, edge in enumerate(book.edges)}
    units = divided.stored.units
    return {each: int(units[edges[each.pool, each.shop], book.sku_index[each.sku]]) for each in places}


def _first(book: Book, shares: Mapping[_Place, int]) -> Iterator[LedgerRow]:
    filled: dict[tuple[PoolName, ShopName], list[int]] = {}
    for place, units in shares.items():
        filled.setdefault((place.pool, place.shop), []).append(units)
    for (pool, shop), each in filled.items():
        rule = f"pools.{pool}, {len(each)} SKUs"
        yield _row(book, _Place(pool, shop, Sku("")), (SHARE, None, sum(each), DIVIDED), rule)


def _causes(book: Book, steps: Iterable[Stepped], places: Collection[_Place]) -> dict[_Place, dict[str, int]]:
    """Return by how much each cause changed the shares at `places`, in the order of the step."""
    found: dict[_Place, dict[str, int]] = {}
    among = {book.sku_index[place.sku] for place in places}
    for one in steps:
        names = one.names
        for sku, taken, given, units, cause in _each(one, among):
            for edge, change in ((taken, -units), (given, units)):
                # What is sent is in no share yet, and what returns was in none.
                is_elsewhere = cause is MoveCause.RETURNED or (cause is MoveCause.REBALANCE and change > 0)
                if edge == RESERVE or is_elsewhere:
                    continue
                mine = found.setdefault(_Place(names.pool, names.shops[edge], names.skus[sku]), {})
                mine[cause] = mine.get(cause, 0) + change
    return found


def _with_sales(moved: Mapping[str, int], lowered: int, sold: int) -> dict[str, int]:
    """Return the causes with what came off the share before the step.

    What a shop merely does not show leaves its share and comes back each cycle until it does; that is no
    news.
    """
    sale = min(lowered, sold)
    unshown = lowered - sale
    after: dict[str, int] = {}
    for cause, change in moved.items():
        back = min(unshown, max(change, 0)) if cause in (MoveCause.REFILL, MoveCause.ADOPTED) else 0
        unshown -= back
        after[cause] = change - back
    return {SALE: -sale, UNSHOWN: -unshown, **after}


def _told(book: Book, place: _Place, old: int, moved: Mapping[str, int]) -> Iterator[LedgerRow]:
    for cause, change in moved.items():
        if change:
            yield _row(book, place, (SHARE, old, old + change, cause), f"pools.{place.pool}")
            old += change


def _on_the_way(book: Book, divided: Divided) -> Iterator[LedgerRow]:
    """Yield what was sent and what ended: proven, turned back, too late, or divided anew."""
    known: set[MoveRow] = set()
    for one in divided.steps:
        known.update(one.waiting)
        names = one.names
        _, ended = followed(one.waiting, one.moves, names, book.state.now)
        for row, units, cause in ended:
            yield _moving(book, row, (row.units, row.units - units), cause)
        for sku, taken, given, units, cause in _each(one):
            if cause is MoveCause.REBALANCE:
                sides = names.shops[taken], names.shops[given]
                row = MoveRow(names.pool, names.skus[sku], *sides, units, book.state.now)
                yield _moving(book, row, (0, units), cause)
    stepped = {one.names.pool for one in divided.steps}
    for row in book.state.moves:
        if row not in known:
            yield _moving(book, row, (row.units, 0), EXPIRED if row.pool in stepped else DIVIDED)


def _moving(book: Book, row: MoveRow, units: tuple[int, int], cause: str) -> LedgerRow:
    place = _Place(row.pool, row.given_to, row.sku)
    return _row(book, place, (MOVING, *units, cause), rule_of(Way(row.pool, row.taken_from, row.given_to)))


def _row(book: Book, place: _Place, facts: tuple[str, int | None, int, str], rule: str) -> LedgerRow:
    what, old, new, cause = facts
    return LedgerRow(
        book.state.now, place.shop, ListingId(""), place.sku, what, old, new, str(cause), rule, "syncd"
    )
