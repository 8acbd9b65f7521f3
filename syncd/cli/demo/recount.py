"""What every counter must read, counted again from the ERP and the configuration; shares no code with syncd.

It is slow and obvious on purpose. It holds once all is settled: no sale is missing in the ERP, and no SKU
stands between the warning level and the relist level, where history decides. The division of a split pool
is history, too: each shop is believed there.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.cli.demo.world import PERSON, Ware, World

_HELD = ("allocated", "unsellable", "locked", "transfer_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A pool as the configuration has it."""

    name: str
    is_shared: bool
    warehouses: Sequence[str]
    shops: Sequence[str]
    warning_level: int
    relist_level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one counter reads and must read; `on_sale` None means that the platform decides it or a person."""

    ware: Ware
    should: int
    on_sale: bool | None
    reads: int
    is_on_sale: bool
    by_hand: bool = False

    @property
    def is_right(self) -> bool:
        """Return whether the shop shows exactly what it should."""
        return self.reads == self.should and self.on_sale in (None, self.is_on_sale)


class Recount:
    """The demo's own arithmetic over the mocks' figures at this moment."""

    def __init__(self, configuration: str, world: World) -> None:
        document = tomllib.loads(configuration)
        self.pools = [_pool(name, table) for name, table in document["pools"].items()]
        self._world = world

    def readings(self) -> list[Reading]:
        """Return every listing that the shops have, sorted by shop and listing."""
        should = {
            (shop, listing): pieces
            for shop in self._world.shops
            for listing, pieces in self._pieces(shop).items()
        }
        return [self._reading(ware, should) for ware in self._world.listed()]

    def free(self, sku: str, warehouse: str) -> int | None:
        """Return the units that nobody is promised, negative if more are; None if it was never there."""
        cell = self._world.erp.state.cells.get((sku, warehouse))
        if cell is None:
            return None
        figures = cell.figures
        return figures["on_hand"] + figures["virtual"] - sum(figures[part] for part in _HELD)

    def stock(self, pool: Pool, sku: str) -> int | None:
        """Return the free units of a pool, negative if more are promised; None if it never had any."""
        there = [units for place in pool.warehouses if (units := self.free(sku, place)) is not None]
        return sum(there) if there else None

    def cells(self) -> Iterator[tuple[Pool, str, int]]:
        """Yield every pool and SKU with the free units."""
        skus = sorted({sku for sku, _ in self._world.erp.state.cells})
        for pool in self.pools:
            for sku in skus:
                stock = self.stock(pool, sku)
                if stock is not None:
                    yield pool, sku, stock

    def holds(self, pool: Pool, sku: str) -> bool:
        """Return whether the pool ever had units of the SKU; each SKU of the demo is in one pool only."""
        return self.stock(pool, sku) is not None

    # --- from the pools to a shop --------------------------------------------------------------------------

    def _sellable(self, pool: Pool, sku: str) -> int | None:
        """Return what a pool has to sell, None where it has too little to be on sale."""
        stock = self.stock(pool, sku)
        return None if stock is None or stock < pool.warning_level else max(stock, 0)

    def _units(self, shop: str, sku: str) -> int | None:
        """Return the units that a shop may show, None where it is off sale.

        Shares of a split pool follow what sells: which shop has which is not wrong, only their sum can be,
        and that is for the books.
        """
        pools = [pool for pool in self.pools if shop in pool.shops]
        found = [(pool, units) for pool in pools if (units := self._sellable(pool, sku)) is not None]
        if not found:
            return None
        return sum(units if pool.is_shared else self._world.shown(shop, sku) for pool, units in found)

    # --- from a shop to its listings -----------------------------------------------------------------------

    def _pieces(self, shop: str) -> Mapping[str, int | None]:
        """Return how many pieces each listing of a shop shows, None where it is off sale."""
        wares = [ware for ware in self._world.listed() if ware.shop == shop and ware.is_bound]
        units = {sku: self._units(shop, sku) for ware in wares for sku in ware.sells}
        allowed: dict[str, list[int]] = {}
        for sku, total in units.items():
            mine = [ware for ware in wares if sku in ware.sells]
            most = [self._most(ware, units, sku) for ware in mine]
            for ware, pieces in zip(mine, _pieces_of(total or 0, mine, sku, most), strict=True):
                allowed.setdefault(ware.listing, []).append(pieces)
        return {
            ware.listing: None
            if any(units[sku] is None for sku in ware.sells)
            else min(allowed[ware.listing])
            for ware in wares
        }

    def _most(self, ware: Ware, units: Mapping[str, int | None], sku: str) -> int:
        """Return the most units of a SKU that a listing can use; a bundle is packed in one warehouse."""
        if len(ware.sells) == 1:
            return units[sku] or 0
        by_units = min((units[part] or 0) // each for part, each in ware.sells.items())
        places = [place for pool in self.pools if ware.shop in pool.shops for place in pool.warehouses]
        together = sum(
            min(max(self.free(part, place) or 0, 0) // each for part, each in ware.sells.items())
            for place in places
        )
        return min(by_units, together) * ware.sells[sku]

    def _reading(self, ware: Ware, should: Mapping[tuple[str, str], int | None]) -> Reading:
        listing = self._world.listing(ware)
        by_hand = listing.off_reason == PERSON
        if not ware.is_bound:
            units, on_sale = ware.at_first - listing.sold, None
        else:
            pieces = should[ware.shop, ware.listing]
            # A platform takes what is sold out off sale by itself, or does not: both are right at 0.
            units, on_sale = pieces or 0, None if pieces == 0 else pieces is not None and not by_hand
        return Reading(
            ware=ware,
            should=units,
            on_sale=on_sale,
            reads=listing.quantity,
            is_on_sale=listing.on_sale,
            by_hand=by_hand,
        )


def _pieces_of(total: int, wares: Sequence[Ware], sku: str, most: Sequence[int]) -> list[int]:
    """Return the pieces of listings that divide the units of one SKU evenly, none more than it can use.

    What packs leave over, because it is less than a pack, goes to the smallest of them.
    """
    units = [0] * len(wares)
    for _ in range(total):
        hungry = [place for place, ware in enumerate(wares) if units[place] < most[place]]
        if hungry:
            units[min(hungry, key=units.__getitem__)] += 1
    each = [ware.sells[sku] for ware in wares]
    pieces = [part // size for part, size in zip(units, each, strict=True)]
    single = [place for place, ware in enumerate(wares) if len(ware.sells) == 1]
    if single:
        smallest = min(single, key=each.__getitem__)
        pieces[smallest] += sum(units[place] % each[place] for place in single) // each[smallest]
    return pieces


def _pool(name: str, table: Mapping[str, Any]) -> Pool:
    return Pool(
        name=name,
        is_shared=table["mode"] == "shared",
        warehouses=table["warehouses"],
        shops=table["shops"],
        warning_level=table["warning_level"],
        relist_level=table["relist_level"],
    )
