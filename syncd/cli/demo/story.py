"""What happens in the demo: buyers, deliveries, and everything that goes wrong in a shop's life."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from syncd.cli.demo.books import Books
from syncd.cli.demo.buyers import Buyers
from syncd.cli.demo.narrator import Narrator
from syncd.cli.demo.recount import Pool, Recount
from syncd.cli.demo.warehouse import Warehouse
from syncd.cli.demo.world import IMPORTED_AFTER, PAY_WITHIN, PERSON, Ware, World
from syncd.mock import Fault, FaultKind

_TAKEN_DOWN = "1-MUG-BLU"
"""The listing of tmall that a person takes down and puts back, round by round."""

_HELD, _CANCELLED, _REFUNDED = "MUG-RED-2", "1-CUP", "TEAPOT-2"
_FLASH_SKU = "LAMP"
_ATTACKED = "SOCK-BLK-2"
_SOLD_OUT = "TOWEL"

_BUSY_MARGIN = 10
"""Fewer pieces of a shared pool are left to the story: strangers could meet there within one second."""

_FLASH_SECONDS = 2.5

Act = Callable[[], Awaitable[None]]


class Story:
    """Moves the mocks, round after round, until the curtain falls; what is random follows from their dice."""

    def __init__(
        self, world: World, recount: Recount, books: Books, narrator: Narrator, buyers: Buyers
    ) -> None:
        self.warehouse = Warehouse(world, recount, books, narrator)
        self._world = world
        self._recount = recount
        self._say = narrator.say
        self._buyers = buyers
        self._rng = world.erp.rng
        self._refunded = ""
        # What the story sells or empties itself; strangers stay away from it.
        self._reserved = {_SOLD_OUT, _FLASH_SKU}
        self.acts: Sequence[tuple[Act, float]] = (
            (self.sales, 1.0),
            (self.hold, 0.5),
            (self.cancellation, 1.2),
            (self.refund, 0.3),
            (self.flash_sale, 2.5),
            (self.sell_out, 2.5),
            (self.attack, 1.0),
            (self.hand, 0.5),
            (self.trouble, 3.0),
            (self.empty_erp, 2.5),
            (self.recovery, 2.5),
        )

    async def play(self, curtain: asyncio.Event) -> None:
        """Play the acts in their order with buyers in between, again and again, until `curtain` is set."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._shop_around(curtain))
            # The shops are filled first.
            over = await passed(curtain, 2.0)
            while not over:
                for act, seconds in self.acts:
                    await act()
                    if over := await passed(curtain, seconds):
                        break

    async def end(self) -> None:
        """Let nobody come and nothing go wrong any more, and leave no SKU where only history decides.

        Between the two levels what is off stays off and what is on stays on, so the ERP gets what is missing.
        """
        await self._buyers.go_home(list(self._world.shops))
        self._world.erp.faults.replace([])
        for shop in self._world.shops.values():
            shop.faults.replace([])

    # --- every now and then --------------------------------------------------------------------------------

    async def _shop_around(self, curtain: asyncio.Event) -> None:
        if await passed(curtain, 2.0):
            return
        while not await passed(curtain, self._rng.uniform(0.4, 1.4)):
            if self._rng.random() < 0.75:  # noqa: PLR2004 - three buyers for each thing in the warehouse
                await self._stroll(self._rng.choice(self._world.listed()))
            else:
                self.warehouse.work(spared=self._reserved)

    async def _stroll(self, ware: Ware) -> None:
        if self._reserved.isdisjoint(ware.sells) and not self._is_scarce(ware):
            await self._buy(ware, self._rng.randint(1, 2))

    def _is_scarce(self, ware: Ware) -> bool:
        pools = [pool for sku in ware.sells for pool in self._pools(sku) if pool.is_shared]
        return bool(pools) and self._world.listing(ware).quantity < _BUSY_MARGIN

    # --- the acts ------------------------------------------------------------------------------------------

    async def sales(self) -> None:
        """Sell something in every shop, so that others of its pool follow before the ERP knows."""
        for shop in self._world.shops:
            wares = [ware for ware in self._world.listed() if ware.shop == shop and len(ware.sells) == 1]
            wares = [ware for ware in wares if self._reserved.isdisjoint(ware.sells)]
            await self._buy(self._rng.choice(wares), 1)

    async def hold(self) -> None:
        """Let somebody order and never pay; the platform closes it after a while."""
        ware = self._ware(_HELD)
        if await self._buyers.order(ware, 2, paid=False):
            self._say(
                "buyer",
                f"orders 2 x {ware.code} in {ware.shop} and does not pay: closed after {PAY_WITHIN:g} s",
            )

    async def cancellation(self) -> None:
        """Let one buyer cancel an order, and another pay one that will be refunded."""
        ware = self._ware(_CANCELLED)
        order = await self._buyers.order(ware, 2, paid=False)
        if order and await self._buyers.step(ware.shop, order, "cancel"):
            self._say("buyer", f"orders 2 x {ware.code} in {ware.shop} and cancels: they are free again")
        ware = self._ware(_REFUNDED)
        self._refunded = await self._buyers.order(ware, 1, paid=True)
        if self._refunded:
            self._say("buyer", f"orders and pays 1 x {ware.code} in {ware.shop}")

    async def refund(self) -> None:
        """Let that buyer have the money back before the goods have left."""
        ware, order = self._ware(_REFUNDED), self._refunded
        if order and await self._buyers.step(ware.shop, order, "ask_refund"):
            await self._buyers.step(ware.shop, order, "agree_refund")
            told = f"gets the money back for {ware.code} in {ware.shop} before it left"
            self._say("buyer", f"{told}; the ERP knows in {IMPORTED_AFTER:g} s")

    async def flash_sale(self) -> None:
        """Let so many buyers come to the shop with the smallest share that it needs what the others have."""
        pool = self._pools(_FLASH_SKU)[0]
        shop = min(pool.shops, key=lambda name: (self._world.shown(name, _FLASH_SKU), name))
        ware = self._of(shop, _FLASH_SKU)
        # While the ERP's import is believed with some margin, a sale counts twice: half of all must be left.
        most = (self._left(_FLASH_SKU) - pool.relist_level) // 2
        buyers = min(self._world.listing(ware).quantity + self._rng.randint(3, 6), most)
        if buyers > 0 and await self._rush(ware, buyers, paying=True):
            share = self._world.listing(ware).quantity
            others = ", ".join(
                f"{shop} has {self._world.shown(shop, _FLASH_SKU)}"
                for shop in self._world.shops
                if shop != ware.shop
            )
            self._say(
                "flash",
                f"sale in {ware.shop}: {buyers} buyers want {ware.code}, its share is {share}; {others}",
            )

    async def sell_out(self) -> None:
        """Let buyers take most of a SKU in all its shops, so that the pool falls below its warning level."""
        level = self._pools(_SOLD_OUT)[0].warning_level
        keep = min(self._left(_SOLD_OUT), self._rng.randint(1, level - 1))
        self._say(
            "buyers", f"want {_SOLD_OUT} everywhere; below {level} left it must go off sale in all shops"
        )
        for shop in self._world.shops:
            ware = self._of(shop, _SOLD_OUT)
            listing = self._world.listing(ware)
            pieces = min(listing.quantity, self._left(_SOLD_OUT) - keep)
            if listing.on_sale and pieces > 0:
                await self._buy(ware, pieces)

    async def attack(self) -> None:
        """Let somebody order a lot and pay nothing, to take goods off sale that are there."""
        ware = self._ware(_ATTACKED)
        pieces = self._world.listing(ware).quantity
        buyers = min(pieces - 1, 12)
        if buyers > 0 and await self._rush(ware, buyers, paying=False):
            self._say(
                "attack",
                f"{buyers} orders of {ware.code} in {ware.shop} that nobody will pay: all shops must stay on",
            )

    async def hand(self) -> None:
        """Take a listing down by hand, or put it back where a person took it down."""
        for ware in [ware for ware in self._world.listed() if ware.code == _TAKEN_DOWN]:
            listing = self._world.listing(ware)
            if listing.on_sale:
                listing.on_sale, listing.off_reason = False, PERSON
                self._say("person", f"takes {ware.code} in {ware.shop} off sale: syncd must leave it so")
            elif listing.off_reason == PERSON:
                listing.on_sale, listing.off_reason = True, None
                self._say("person", f"puts {ware.code} in {ware.shop} back on sale")

    async def trouble(self) -> None:
        """Let a shop refuse one write for haste and lose the answer to the next, while one is due."""
        path = "taobao.*quantity.update"
        throttle = Fault(kind=FaultKind.THROTTLE, retry_after=1.0, path=path)
        lost = Fault(kind=FaultKind.LOST_REPLY, after=1, path=path)
        self._world.shops["jd"].faults.replace([throttle, lost])
        self._say("trouble", "jd says `too many calls` to one write, and the answer to the next gets lost")
        self.warehouse.deliver("茶杯", self._rng.randint(6, 15))
        self.warehouse.deliver("MUG-RED", self._rng.randint(9, 15))

    async def empty_erp(self) -> None:
        """Let the ERP answer twice that it has nothing at all."""
        if all(fault["struck"] for fault in self._world.shops["jd"].faults.as_json()):
            self._say("shop jd", "had both troubles; no unit was counted twice")
        self._world.shops["jd"].faults.replace([])
        fault = Fault(kind=FaultKind.EMPTY, method="GET", path="/stock", times=2)
        self._world.erp.faults.replace([fault])
        self._say("trouble", "the ERP answers as if all warehouses were empty")

    async def recovery(self) -> None:
        """Let what is low or was rushed for come in again."""
        pool = self._pools(_SOLD_OUT)[0]
        self.warehouse.deliver(_SOLD_OUT, pool.relist_level + self._rng.randint(8, 16))
        self.warehouse.deliver(_FLASH_SKU, self._rng.randint(15, 25))

    # --- helpers -------------------------------------------------------------------------------------------

    async def _buy(self, ware: Ware, pieces: int) -> None:
        listing = self._world.listing(ware)
        before = listing.quantity
        if ware.is_bound and await self._buyers.order(ware, pieces, paid=True):
            what = f"{pieces} x {ware.code} ({ware.contents}) in {ware.shop}"
            self._say("buyer", f"takes {what}, the shop counts {before} -> {listing.quantity}")

    async def _rush(self, ware: Ware, buyers: int, *, paying: bool) -> bool:
        seed = self._rng.randrange(1_000_000)
        return await self._buyers.rush(ware, buyers, seconds=_FLASH_SECONDS, paying=paying, seed=seed)

    def _ware(self, code: str) -> Ware:
        return next(ware for ware in self._world.wares if ware.code == code)

    def _of(self, shop: str, sku: str) -> Ware:
        wares = (ware for ware in self._world.wares if ware.shop == shop and dict(ware.sells) == {sku: 1})
        return next(wares)

    def _pools(self, sku: str) -> list[Pool]:
        return [pool for pool in self._recount.pools if self._recount.holds(pool, sku)]

    def _left(self, sku: str) -> int:
        """Return the units that all shops of a split pool have on sale together."""
        return sum(self._world.shown(shop, sku) for shop in self._pools(sku)[0].shops)


async def passed(event: asyncio.Event, seconds: float | None) -> bool:
    """Return True as soon as `event` is set, False when `seconds` have passed without it; None waits on."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
