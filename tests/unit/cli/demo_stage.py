"""The demo without daemon and HTTP: its world, its arithmetic and its story on a clock that tests turn."""

from dataclasses import dataclass, field

from syncd.cli.demo.configuration import configuration_text
from syncd.cli.demo.narrator import Narrator
from syncd.cli.demo.recount import Reading, Recount
from syncd.cli.demo.story import Story
from syncd.cli.demo.till import Till
from syncd.cli.demo.world import Ware, World, make_world

URLS = {name: f"http://127.0.0.1:1/{name}" for name in ("erp", "tmall", "jd", "outlet")}


@dataclass(slots=True, kw_only=True)
class Stage:
    """Everything of the demo that has no daemon in it; `now` is the time in seconds."""

    world: World = field(default_factory=lambda: make_world(1))
    now: float = 0.0
    recount: Recount = field(init=False)
    narrator: Narrator = field(init=False)
    till: Till = field(init=False)
    story: Story = field(init=False)

    def __post_init__(self) -> None:
        self.recount = Recount(configuration_text(URLS), self.world)
        self.narrator = Narrator(self.world, now=lambda: self.now)
        self.till = Till(self.world, self.recount, self.narrator, now=lambda: self.now)
        self.story = Story(self.world, self.recount, self.narrator)

    def set_stock(self, sku: str, **on_hand: int) -> None:
        """Let a SKU be in these warehouses only, with nothing of it promised."""
        for key in [key for key in self.world.erp.state.cells if key[0] == sku]:
            self.world.erp.state.cells.pop(key)
        for warehouse, units in on_hand.items():
            self.world.erp.state.move(sku, warehouse, {"on_hand": units})

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

    def allocated(self, sku: str) -> dict[str, int]:
        """Return the units of a SKU that orders have taken, by warehouse."""
        cells = self.world.erp.state.cells.items()
        return {place: cell.figures["allocated"] for (code, place), cell in cells if code == sku}

    def show(self, shop: str, code: str, *, quantity: int) -> None:
        """Put a listing on sale with so many pieces."""
        self.world.listing(self.ware(shop, code)).quantity = quantity
