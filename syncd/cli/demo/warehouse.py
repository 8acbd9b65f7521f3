"""What happens in the demo's warehouses beside the orders: goods come in, go back, or are found broken."""

from collections.abc import Collection

from syncd.cli.demo.books import Books
from syncd.cli.demo.narrator import Narrator
from syncd.cli.demo.recount import Recount
from syncd.cli.demo.world import World

_PLENTY = 12
"""A cell with fewer units gets the next small delivery, so that the demo can run for hours."""


class Warehouse:
    """Moves goods in the ERP and in the books alike."""

    def __init__(self, world: World, recount: Recount, books: Books, narrator: Narrator) -> None:
        self._world = world
        self._recount = recount
        self._books = books
        self._say = narrator.say

    def work(self, *, spared: Collection[str]) -> None:
        """Do what is due: bring what is scarce, or find a unit broken; SKUs that are `spared` wait."""
        free = {cell: self._recount.free(*cell) or 0 for cell in self._world.erp.state.cells}
        free = {cell: units for cell, units in free.items() if cell[0] not in spared}
        sku, place = min(free, key=lambda cell: (free[cell], cell))
        if free[sku, place] < _PLENTY:
            self._move(sku, place, self._world.erp.rng.randint(8, 16))
            return
        sku, place = self._world.erp.rng.choice(list(free))
        # What breaks while a share has it on sale may be sold; no connector could prevent that.
        is_shared = any(place in pool.warehouses for pool in self._recount.pools if pool.is_shared)
        if (
            is_shared
            and free[sku, place] > 2 * _PLENTY
            and not self._world.erp.state.move(sku, place, {"unsellable": 1})
        ):
            self._say("ERP", f"1 {sku} is found broken in {place}, free {self._recount.free(sku, place)}")

    def deliver(self, sku: str, units: int) -> None:
        """Let units come in, in the first warehouse that stocks the SKU."""
        self._move(sku, next(place for code, place in self._world.erp.state.cells if code == sku), units)

    def top_up(self) -> None:
        """Leave no SKU between its levels, where only history tells whether it is on sale."""
        for pool, sku, stock in list(self._recount.cells()):
            if pool.warning_level <= stock < pool.relist_level:
                self.deliver(sku, pool.relist_level - stock)

    def _move(self, sku: str, place: str, units: int) -> None:
        before = self._recount.free(sku, place)
        if not self._world.erp.state.move(sku, place, {"on_hand": units}):
            self._books.receive(sku, units)
            text = f"{units} {sku} come into {place}, free {before} -> {self._recount.free(sku, place)}"
            self._say("ERP", text)
