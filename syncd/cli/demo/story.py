"""What happens in the demo: buyers, deliveries, and everything that goes wrong in a shop's life."""

import asyncio
from collections.abc import Callable, Sequence

from syncd.cli.demo.narrator import Narrator
from syncd.cli.demo.recount import Pool, Recount
from syncd.cli.demo.world import ERP, PACKED, PERSON, Ware, World
from syncd.mock import Fault, FaultKind

_TAKEN_DOWN = "1-SOCK-BLK"
"""The listing of tmall that a person takes down and puts back, round by round."""

_PLENTY = 12
"""A cell with fewer units gets the next small delivery, so that the demo can run for hours."""

_TOO_MANY = 150
"""A cell with more units sends some back, for the same reason."""

Act = Callable[[], None]


class Story:
    """Moves the mocks, round after round, until the curtain falls; what is random follows from their dice."""

    def __init__(self, world: World, recount: Recount, narrator: Narrator) -> None:
        self._world = world
        self._recount = recount
        self._say = narrator.say
        self._rng = world.erp.rng
        self._low: tuple[Pool, str] | None = None
        self.acts: Sequence[tuple[Act, float]] = (
            (self.sale, 1.5),
            (self.delivery, 1.5),
            (self.wholesale, 2.5),
            (self.hand, 1.5),
            (self.empty_erp, 3.0),
            (self.trouble, 3.0),
            (self.recovery, 4.5),
            (self.second_delivery, 1.5),
        )

    async def play(self, curtain: asyncio.Event) -> None:
        """Play the acts in their order with buyers in between, again and again, until `curtain` is set."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._shop_around(curtain))
            # The shops are filled first.
            over = await passed(curtain, 2.0)
            while not over:
                for act, seconds in self.acts:
                    act()
                    if over := await passed(curtain, seconds):
                        break

    def end(self) -> None:
        """Let nothing go wrong any more, and leave no SKU where only history tells whether it is on sale.

        Between the two levels what is off stays off and what is on stays on, so the ERP gets what is missing.
        """
        self._world.erp.faults.replace([])
        for shop in self._world.shops.values():
            shop.faults.replace([])
        for pool, sku, stock in list(self._recount.cells()):
            if stock < 0:
                self._deliver(pool, sku, -stock)
            elif pool.warning_level <= stock < pool.relist_level:
                self._deliver(pool, sku, pool.relist_level - stock)

    # --- every now and then --------------------------------------------------------------------------------

    async def _shop_around(self, curtain: asyncio.Event) -> None:
        if await passed(curtain, 2.0):
            return
        while not await passed(curtain, self._rng.uniform(0.4, 1.4)):
            if self._rng.random() < 0.75:  # noqa: PLR2004 - three buyers for each thing in the warehouse
                self._buy(self._rng.choice(self._world.listed()))
            else:
                self._work_in_the_warehouse()

    def _buy(self, ware: Ware) -> None:
        if not ware.is_bound:
            return
        pieces = self._rng.randint(1, 2)
        listing = self._world.listing(ware)
        before = listing.quantity
        refusal = self._world.shops[ware.shop].state.sell(ware.listing, pieces)
        if not refusal:
            what = f"{pieces} x {ware.code} ({ware.contents}) in {ware.shop}"
            self._say("buyer", f"takes {what}, the shop counts {before} -> {listing.quantity}")

    def _work_in_the_warehouse(self) -> None:
        free = {cell: self._recount.free(*cell) or 0 for cell in self._world.erp.state.cells}
        sku, place = min(free, key=lambda cell: (free[cell], cell))
        if free[sku, place] < _PLENTY and not self._is_low(sku):
            self._move(sku, place, on_hand=self._rng.randint(4, 12), why="come in")
            return
        sku, place = max(free, key=lambda cell: (free[cell], cell))
        if free[sku, place] > _TOO_MANY:
            self._move(sku, place, on_hand=-_TOO_MANY // 2, why="go back to the supplier")
            return
        sku, place = self._rng.choice(list(free))
        figures = self._world.erp.state.cells[sku, place].figures
        if figures["allocated"] and figures["on_hand"] >= figures["allocated"]:
            sent = figures["allocated"]
            self._move(sku, place, on_hand=-sent, allocated=-sent, why="leave for their buyers (no change)")
        elif free[sku, place] > _PLENTY:
            self._move(sku, place, unsellable=1, why="is found broken")

    # --- the acts ------------------------------------------------------------------------------------------

    def sale(self) -> None:
        """Sell something of the shared pool, so that the other shop follows before the ERP knows."""
        shared = [pool for pool in self._recount.pools if pool.is_shared]
        names = {shop for pool in shared for shop in pool.shops}
        wares = [ware for ware in self._world.listed() if ware.shop in names and len(ware.sells) == 1]
        self._buy(self._rng.choice(wares))

    def delivery(self) -> None:
        """Let goods for the split pool come in, so that all its shops get their part."""
        pool = next(pool for pool in self._recount.pools if not pool.is_shared)
        skus = [sku for where, sku, _ in self._recount.cells() if where == pool and not self._is_low(sku)]
        self._deliver(pool, self._rng.choice(skus), self._rng.randint(6, 15))

    def wholesale(self) -> None:
        """Bring a SKU of only one pool below its warning level, so that it goes off sale in all its shops."""
        cells = list(self._recount.cells())
        skus = [sku for _, sku, _ in cells]
        only = [(pool, sku, stock) for pool, sku, stock in cells if skus.count(sku) == 1]
        big = [cell for cell in only if cell[2] >= cell[0].relist_level]
        if not big:
            return
        pool, sku, stock = self._rng.choice(big)
        self._low = (pool, sku)
        self._say(
            "ERP", f"a wholesale order takes most {sku}: {stock} -> {stock - self._promise(pool, sku)} left"
        )

    def _promise(self, pool: Pool, sku: str) -> int:
        """Promise all of a SKU to an order but for a few units; return how many."""
        keep = self._rng.randint(1, pool.warning_level - 1)
        promised = 0
        for place in reversed(pool.warehouses):
            left = (self._recount.stock(pool, sku) or 0) - keep
            units = min(max(self._recount.free(sku, place) or 0, 0), left)
            if units > 0:
                self._world.erp.state.move(sku, place, {"allocated": units})
                promised += units
        return promised

    def hand(self) -> None:
        """Take a listing down by hand, or put it back where a person took it down."""
        for ware in [ware for ware in self._world.listed() if ware.code == _TAKEN_DOWN]:
            listing = self._world.listing(ware)
            if listing.on_sale:
                listing.on_sale, listing.off_reason = False, PERSON
                self._say("person", f"takes {ware.code} in {ware.shop} off sale: syncd must leave it so")
            elif listing.off_reason == PERSON:
                listing.on_sale, listing.off_reason = True, None
                self._say("person", f"puts {ware.code} in {ware.shop} back on sale")

    def empty_erp(self) -> None:
        """Let the ERP answer twice that it has nothing at all."""
        fault = Fault(kind=FaultKind.EMPTY, method="GET", path="/stock", times=2)
        self._world.erp.faults.replace([fault])
        self._say("trouble", "the ERP answers as if all warehouses were empty")

    def trouble(self) -> None:
        """Let a shop refuse one write for haste and lose the answer to the next, while one is due."""
        throttle = Fault(kind=FaultKind.THROTTLE, retry_after=1.0, method="POST", path="/stock")
        lost = Fault(kind=FaultKind.LOST_REPLY, after=1, method="POST", path="/stock")
        self._world.shops["jd"].faults.replace([throttle, lost])
        self._say("trouble", "jd says `too many calls` to one write, and the answer to the next gets lost")
        pool = self._recount.pools[0]
        self._deliver(pool, "MUG-RED", self._rng.randint(6, 15))

    def recovery(self) -> None:
        """Let the low SKU come in again, and say what became of the trouble; nothing comes if none is low."""
        struck = self._world.shops["jd"].faults.as_json()
        if all(fault["struck"] for fault in struck):
            self._say("shop jd", "had both troubles; the same write came again and counted once")
        if self._low is not None:
            pool, sku = self._low
            self._low = None
            self._deliver(pool, sku, pool.relist_level + self._rng.randint(5, 20))

    def second_delivery(self) -> None:
        """Let the SKU come in whose listing a person may have taken down."""
        self._deliver(self._recount.pools[0], PACKED, self._rng.randint(6, 15))

    # --- helpers -------------------------------------------------------------------------------------------

    def _is_low(self, sku: str) -> bool:
        return self._low is not None and self._low[1] == sku

    def _deliver(self, pool: Pool, sku: str, units: int) -> None:
        places = (place for place in pool.warehouses if self._recount.free(sku, place) is not None)
        place = next(places, pool.warehouses[0])
        self._move(sku, place, on_hand=units, why="come in")

    def _move(self, sku: str, place: str, *, why: str, **differences: int) -> None:
        before = self._recount.free(sku, place)
        refusal = self._world.erp.state.move(sku, place, differences)
        if not refusal:
            units = max(abs(units) for units in differences.values())
            text = f"{units} {sku} {why} in {place}, free {before} -> {self._recount.free(sku, place)}"
            self._say(ERP.upper(), text)


async def passed(event: asyncio.Event, seconds: float | None) -> bool:
    """Return True as soon as `event` is set, False when `seconds` have passed without it; None waits on."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
