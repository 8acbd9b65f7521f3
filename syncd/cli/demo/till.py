"""Books what the shops sold into the ERP some time later, as an order import does."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from syncd.cli.demo.narrator import Narrator
from syncd.cli.demo.recount import Recount
from syncd.cli.demo.world import Ware, World

BOOKED_AFTER = 1.5
"""Seconds from a sale to its order in the ERP; with some margin below the lag of the configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sale:
    due: float
    ware: Ware
    pieces: int


class Till:
    """Watches what each listing sold, so that also a sale made by hand reaches the ERP."""

    def __init__(
        self, world: World, recount: Recount, narrator: Narrator, *, now: Callable[[], float]
    ) -> None:
        self._world = world
        self._recount = recount
        self._narrator = narrator
        self._now = now
        self._sold: Counter[tuple[str, str]] = Counter()
        self._open: list[_Sale] = []

    @property
    def is_empty(self) -> bool:
        """Return whether the ERP knows of every sale that was seen."""
        return not self._open

    def ring(self) -> None:
        """Note what was sold since the last time, and book what is due."""
        now = self._now()
        for ware in self._world.listed():
            pieces = self._world.listing(ware).sold - self._sold[ware.key]
            if pieces > 0 and ware.is_bound:
                self._open.append(_Sale(due=now + BOOKED_AFTER, ware=ware, pieces=pieces))
            self._sold[ware.key] += pieces
        due = [sale for sale in self._open if sale.due <= now]
        self._open = [sale for sale in self._open if sale.due > now]
        for sale in due:
            self._book(sale)

    def _book(self, sale: _Sale) -> None:
        for sku, units in sale.ware.sells.items():
            routed = Counter(self._take_one(sale.ware.shop, sku) for _ in range(units * sale.pieces))
            where = " and ".join(f"{count} in {place}" for place, count in routed.items())
            self._narrator.say("ERP", f"books an order of {sale.ware.shop}: {sku}, {where}")

    def _take_one(self, shop: str, sku: str) -> str:
        """Promise one unit to an order; return the warehouse, the first one that has any left."""
        places = [place for pool in self._recount.pools if shop in pool.shops for place in pool.warehouses]
        free = {place: self._recount.free(sku, place) for place in places}
        known = [place for place, units in free.items() if units is not None]
        place = next((place for place in known if (free[place] or 0) > 0), (known or places)[0])
        self._world.erp.state.move(sku, place, {"allocated": 1})
        return place
