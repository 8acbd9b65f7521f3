"""The demo without daemon and HTTP: its world, its arithmetic and its story on a clock that tests turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from syncd.cli.demo.books import Account, Books
from syncd.cli.demo.configuration import Console, configuration_text
from syncd.cli.demo.narrator import Narrator
from syncd.cli.demo.recount import Reading, Recount
from syncd.cli.demo.story import Story
from syncd.cli.demo.world import Ware, World, make_world
from syncd.mock import Attempt, Crowd, VirtualClock

URLS = {name: f"http://127.0.0.1:1/{name}" for name in ("erp", "tmall", "jd", "outlet")}
CONSOLE = Console.fresh()


class Visitors:
    """Buyers who need no HTTP; a rush comes at once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.left: list[str] = []

    async def order(self, ware: Ware, pieces: int, *, paid: bool) -> str:
        """Return the id of a new order, empty where the shop does not sell so many."""
        shop = self._world.shops[ware.shop].state
        placed = shop.orders.place(self._world.erp.clock.now(), [(ware.listing, pieces)], paid=paid)
        return placed.order.id if placed.order else ""

    async def step(self, shop: str, order: str, word: str) -> bool:
        """Return whether the next step of an order was possible."""
        book, now = self._world.shops[shop].state.orders, self._world.erp.clock.now()
        steps = {"cancel": book.cancel, "ask_refund": book.ask_refund, "agree_refund": book.agree_refund}
        return not steps[word](now, order)

    async def rush(self, ware: Ware, buyers: int, *, seconds: float, paying: bool, seed: int) -> bool:
        """Let buyers of one piece each come."""
        del seconds, seed
        shop, now = self._world.shops[ware.shop].state, self._world.erp.clock.now()
        attempt = Attempt(now, ((ware.listing, 1),), 0.0 if paying else None)
        shop.visitors = Crowd(shop, [attempt] * buyers)
        shop.settle(now)
        return True

    async def go_home(self, shops: Sequence[str]) -> None:
        """Let nobody come any more."""
        self.left += shops


@dataclass(slots=True, kw_only=True)
class Stage:
    """Everything of the demo that has no daemon in it; `now` is the narrator's time in seconds."""

    seed: int = 1
    now: float = 0.0
    world: World = field(init=False)
    recount: Recount = field(init=False)
    narrator: Narrator = field(init=False)
    books: Books = field(init=False)
    visitors: Visitors = field(init=False)
    story: Story = field(init=False)

    def __post_init__(self) -> None:
        self.world = make_world(self.seed, VirtualClock())
        self.visitors = Visitors(self.world)
        self.open_books()

    def open_books(self) -> None:
        """Begin the books with the stock that is there now."""
        self.recount = Recount(configuration_text(URLS, CONSOLE), self.world)
        self.narrator = Narrator(self.world, now=lambda: self.now)
        self.books = Books(self.world, self.recount)
        self.story = Story(self.world, self.recount, self.books, self.narrator, self.visitors)

    def wait(self, seconds: float) -> None:
        """Let time pass for the mocks, in steps as small as the demo's."""
        for _ in range(round(seconds * 10)):
            self.world.erp.clock.move_to(self.world.erp.clock.now() + timedelta(seconds=0.1))
            self.world.settle()

    def set_stock(self, sku: str, **on_hand: int) -> None:
        """Let a SKU be in these warehouses only, with nothing of it promised; the books begin with that."""
        for key in [key for key in self.world.erp.state.cells if key[0] == sku]:
            self.world.erp.state.cells.pop(key)
        for warehouse, units in on_hand.items():
            self.world.erp.state.move(sku, warehouse, {"on_hand": units})
        self.open_books()

    def promise(self, sku: str, warehouse: str, units: int) -> None:
        """Let an order take units that have not left yet."""
        self.world.erp.state.move(sku, warehouse, {"allocated": units})

    def ware(self, shop: str, code: str) -> Ware:
        """Return the listing with this code."""
        return next(ware for ware in self.world.wares if (ware.shop, ware.code) == (shop, code))

    def reading(self, shop: str, code: str) -> Reading:
        """Return what the recount says of one listing."""
        ware = self.ware(shop, code)
        return next(reading for reading in self.recount.readings() if reading.ware == ware)

    def account(self, sku: str) -> Account:
        """Return what the books say of one SKU."""
        return next(account for account in self.books.accounts() if account.sku == sku)

    def allocated(self, sku: str) -> dict[str, int]:
        """Return the units of a SKU that orders have taken, by warehouse."""
        cells = self.world.erp.state.cells.items()
        return {place: cell.figures["allocated"] for (code, place), cell in cells if code == sku}

    def show(self, shop: str, code: str, *, quantity: int) -> None:
        """Put a listing on sale with so many pieces."""
        self.world.listing(self.ware(shop, code)).quantity = quantity

    def fill(self) -> None:
        """Show in every shop what is there: a part of the split pool in each, all of the shared one."""
        for ware in self.world.wares:
            self.world.listing(ware).quantity = 20 if ware.is_bound else ware.at_first

    async def buy(self, shop: str, code: str, pieces: int, *, paid: bool = True) -> str:
        """Let a buyer order; return the id of the order."""
        return await self.visitors.order(self.ware(shop, code), pieces, paid=paid)
