"""What shops sold though it was not there: `extra` and `floor` are used up, and given back (DESIGN 4.5).

Orders beyond all that is good and virtual were sold on the `extra` of a shop. Without a memory of it a shop
that may sell ten units more would be offered ten again with every cycle.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from syncd.domain.book import Book
from syncd.domain.levels import EdgeRules
from syncd.domain.model import Bools, Ints, PoolName, ShopName, Sku
from syncd.domain.records import ExtraRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """How much of what shops may sell beyond what is there is sold, by (edge, sku).

    `most` is the larger of `extra` and `floor`, `used` what of it is sold; more after the settings were
    lowered. `rows` are the units one sale after the other, oldest first.
    """

    most: Ints
    used: Ints
    rows: tuple[ExtraRow, ...]

    @property
    def left(self) -> Ints:
        """Return what each shop may still sell beyond what is there, never negative."""
        left: Ints = np.maximum(self.most - self.used, 0)
        return left

    def carried(self, rules: EdgeRules, pools: int) -> Ints:
        """Return by (pool, sku) how many units were sold on purpose though they were not there."""
        total = np.zeros((pools, self.used.shape[1]), dtype=np.int64)
        if self.rows:
            np.add.at(total, rules.pool, np.minimum(self.used, self.most))
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """What there is to carry, by (pool, sku), and `beyond` by (edge, sku).

    `oversold` are the orders beyond what is good and virtual: they must be carried as far as anything is
    left. What is carried beyond `need` is given back, nothing where `held` says that figures are not sure.
    `beyond` is what a shop sold beyond its share of a split pool that keeps shares.
    """

    oversold: Ints
    need: Ints
    held: Bools
    beyond: Ints


def stored_extras(book: Book, rules: EdgeRules) -> Extras:
    """Return what the state remembers; what shops that left their pool had sold is forgotten."""
    nothing = np.broadcast_to(np.int64(0), rules.weight.shape)
    values = book.rules.values
    allowed = bool(values["extra"].any() or values["floor"].any())
    most = np.maximum(rules.extra, rules.floor) if allowed else nothing
    if not book.state.extras:
        return Extras(most=most, used=nothing, rows=())
    edges = {(edge.pool, edge.shop): at for at, edge in enumerate(book.edges)}
    rows = sorted((row for row in book.state.extras if row[:2] in edges), key=lambda row: row.at)
    used = np.zeros(rules.weight.shape, dtype=np.int64)
    for row in rows:
        if row.sku in book.sku_index:
            used[edges[row[:2]], book.sku_index[row.sku]] += row.units
    return Extras(most=most, used=used, rows=tuple(rows))


def settled_extras(before: Extras, burden: Burden, book: Book, rules: EdgeRules) -> Extras:
    """Return what is sold on `extra` now: sales use it up, receipts and cancelled orders give it back.

    A sale is looked for among the units that shops sold just now. What none of them explains is charged to
    the shops in the order of the configuration: rather too little left than too much.
    """
    places = np.argwhere(_moving(before, burden, rules)).tolist()
    if not places:
        return before
    sold = dict(book.state.sold)
    used = before.used.copy()
    rows: dict[tuple[PoolName, Sku], list[ExtraRow]] = {}
    for row in before.rows:
        rows.setdefault((row.pool, row.sku), []).append(row)
    for pool, sku in places:
        till = _Till(book, rules, before, burden, (pool, sku))
        mine = rows.get((till.pool, till.sku), [])
        taken = till.take(sum(row.units for row in mine), sold)
        rows[till.pool, till.sku] = mine = till.give_back([*mine, *taken])
        for edge in till.edges:
            shop = book.edges[edge].shop
            used[edge, sku] = sum(row.units for row in mine if row.shop == shop)
    kept = sorted((row for group in rows.values() for row in group), key=lambda row: row.at)
    return Extras(most=before.most, used=used, rows=tuple(kept))


def _moving(before: Extras, burden: Burden, rules: EdgeRules) -> Bools:
    """Return by (pool, sku) where something may be used up or given back."""
    shape = burden.oversold.shape
    used, left, beyond = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    if before.rows:
        np.add.at(used, rules.pool, before.used)
    if before.most.any():
        np.add.at(left, rules.pool, before.left)
    if burden.beyond.any():
        np.add.at(beyond, rules.pool, burden.beyond)
    grows = (left > 0) & ((burden.oversold > used) | (beyond > 0))
    falls = (used > burden.need) & ~burden.held
    moving: Bools = grows | falls
    return moving


class _Till:
    """One SKU of one pool while its extras are settled."""

    def __init__(
        self, book: Book, rules: EdgeRules, before: Extras, burden: Burden, place: tuple[int, int]
    ) -> None:
        pool, sku = place
        self.pool, self.sku = book.topology.pools[pool].name, book.skus[sku]
        by_shop = {book.edges[edge].shop: edge for edge in np.flatnonzero(rules.pool == pool).tolist()}
        self._shops = book.topology.pools[pool].shops
        self.edges = list(by_shop.values())
        self._left = {shop: int(before.left[edge, sku]) for shop, edge in by_shop.items()}
        self._beyond = {shop: int(burden.beyond[edge, sku]) for shop, edge in by_shop.items()}
        self._oversold = int(burden.oversold[place])
        self._need = int(burden.need[place])
        self._is_held = bool(burden.held[place])
        self._now = book.state.now

    def take(self, used: int, sold: dict[tuple[ShopName, Sku], int]) -> Generator[ExtraRow, None, None]:
        """Yield what is sold on `extra` beside the `used` units; it comes off the sales in `sold`."""
        for shop in self._shops:
            units = min(self._beyond[shop], sold.get((shop, self.sku), 0))
            used += yield from self._taken(shop, units, sold)
        for shop in self._shops:
            units = min(self._oversold - used, sold.get((shop, self.sku), 0))
            used += yield from self._taken(shop, units, sold)
        for shop in self._shops:
            used += yield from self._taken(shop, self._oversold - used, sold)

    def give_back(self, rows: Sequence[ExtraRow]) -> list[ExtraRow]:
        """Return the rows without what nothing needs any more; what was sold first is given back first."""
        back = 0 if self._is_held else max(sum(row.units for row in rows) - self._need, 0)
        kept = []
        for row in rows:
            given = min(back, row.units)
            back -= given
            if row.units > given:
                kept.append(row._replace(units=row.units - given))
        return kept

    def _taken(
        self, shop: ShopName, units: int, sold: dict[tuple[ShopName, Sku], int]
    ) -> Generator[ExtraRow, None, int]:
        units = max(min(units, self._left[shop]), 0)
        if not units:
            return 0
        self._left[shop] -= units
        sold[shop, self.sku] = max(sold.get((shop, self.sku), 0) - units, 0)
        yield ExtraRow(self.pool, shop, self.sku, units, self._now)
        return units
