"""The world of the demo: what an ERP stocks and what three shops list, as mocks on loopback."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from syncd.mock import (
    Cell,
    Clock,
    Content,
    ErpState,
    ImportSettings,
    Listing,
    OrderSettings,
    RealClock,
    Rig,
    TaobaoState,
    erp_app,
    running,
    taobao_app,
)

ERP = "erp"
PERSON = "person"
"""Why a listing is off sale that somebody took down by hand."""

BUNDLE = "TEA-SET"
PARTS: Mapping[str, int] = {"TEAPOT": 1, "CUP": 4}
"""One tea set is a pot and four cups; it has no stock of its own."""

PACK, PACKED, IN_A_PACK = "SOCK-BLK*12", "SOCK-BLK", 12

IMPORTED_AFTER = 1.5
"""Seconds from a change of an order to the ERP's figures."""

SHIPPED_AFTER = 3.0
"""Seconds from an order's import until its goods leave."""

PAY_WITHIN = 4.0
"""Seconds after which a shop closes an order that nobody paid; the real platforms wait for minutes."""

_STOCK: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "MUG-BLU": {"east": (25, 40), "west": (10, 20)},
    "TEAPOT": {"east": (25, 35), "west": (10, 15)},
    "CUP": {"east": (80, 100), "west": (40, 60)},
    "茶杯": {"east": (20, 40), "west": (10, 20)},
    "MUG-RED": {"south": (40, 60)},
    "SOCK-BLK": {"south": (90, 120)},
    "TOWEL": {"south": (18, 24)},
    "LAMP": {"south": (56, 72)},
}
"""How many units each warehouse has at first, from and to."""

_CODES: Mapping[str, Sequence[tuple[str, str]]] = {
    "tmall": (
        ("1-MUG-RED", "MUG-RED"),
        ("2-MUG-RED", "MUG-RED"),
        ("1-MUG-BLU", "MUG-BLU"),
        ("1-TEAPOT", "TEAPOT"),
        ("1-CUP", "CUP"),
        ("1-TEA-SET", BUNDLE),
        ("1-SOCK-BLK", "SOCK-BLK"),
        ("1-TOWEL", "TOWEL"),
        ("1-LAMP", "LAMP"),
        ("1-茶杯", "茶杯"),
        ("OLD-STOCK", ""),
    ),
    "jd": (
        ("MUG-RED-2", "MUG-RED"),
        ("MUG-BLU-2", "MUG-BLU"),
        ("TEAPOT-2", "TEAPOT"),
        ("SOCK-BLK-2", "SOCK-BLK"),
        ("TOWEL-2", "TOWEL"),
        ("LAMP-2", "LAMP"),
        ("茶杯-2", "茶杯"),
    ),
    "outlet": (
        ("MUG-RED", "MUG-RED"),
        ("SOCK-BLK", "SOCK-BLK"),
        (PACK, PACKED),
        ("TOWEL", "TOWEL"),
        ("LAMP", "LAMP"),
        ("SAMPLE", ""),
    ),
}
"""What each shop lists under which code; nobody says what the codes without a SKU are."""

_BY_SKUS = frozenset({"jd"})
"""The shops whose items all have SKUs; in others only items of which there are several."""

_UNBOUND_UNITS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Ware:
    """One listing of a shop and the units of each SKU that one piece of it takes, none if it is unbound."""

    shop: str
    listing: str
    item: str
    code: str
    sells: Mapping[str, int]
    at_first: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Return the shop and the listing's id as syncd writes it: the item and the SKU, where it has any."""
        return self.shop, f"{self.item}:{'' if self.listing == self.item else self.listing}"

    @property
    def is_bound(self) -> bool:
        """Return whether it sells anything that the ERP knows."""
        return bool(self.sells)

    @property
    def contents(self) -> str:
        """Return what one piece is made of, in words."""
        return " + ".join(sku if units == 1 else f"{units} {sku}" for sku, units in self.sells.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The mocks and what they sell; all of it may be moved from outside, also while syncd runs."""

    erp: Rig[ErpState]
    shops: Mapping[str, Rig[TaobaoState]]
    wares: Sequence[Ware]

    def listing(self, ware: Ware) -> Listing:
        """Return the listing as the shop has it at this moment."""
        return self.shops[ware.shop].state.listings[ware.listing]

    def listed(self) -> list[Ware]:
        """Return what the shops still list; anybody may remove a listing by hand."""
        return [ware for ware in self.wares if ware.listing in self.shops[ware.shop].state.listings]

    def find(self, shop: str, listing: str) -> Ware | None:
        """Return what a shop lists under an id of its own, None if nobody knows it."""
        found = (ware for ware in self.wares if (ware.shop, ware.listing) == (shop, listing))
        return next(found, None)

    def shown(self, shop: str, sku: str) -> int:
        """Return the units of a SKU that a shop's counters have on sale, in bundles and packs too."""
        mine = (ware for ware in self.listed() if ware.shop == shop and sku in ware.sells)
        return sum(self.listing(ware).quantity * ware.sells[sku] for ware in mine)

    def settle(self) -> None:
        """Let everything happen whose time has come: buyers, closings, imports, parcels."""
        now = self.erp.clock.now()
        for shop in self.shops.values():
            shop.state.settle(now)
        self.erp.state.settle(now)

    @property
    def is_calm(self) -> bool:
        """Return whether no order is unpaid, nobody comes any more, and the ERP knows all orders."""
        until = self.erp.state.imported_until(self.erp.clock.now())
        return all(_is_calm(rig.state) and _is_imported(rig, until[name]) for name, rig in self.shops.items())


def make_world(seed: int, clock: Clock | None = None) -> World:
    """Return the world of a seed: the same listings always, other stock and other chances."""
    clock = clock or RealClock()
    erp = Rig(name=ERP, state=ErpState(), seed=seed, clock=clock)
    for sku, places in _STOCK.items():
        for warehouse, (least, most) in places.items():
            cell = Cell(sku=sku, warehouse=warehouse)
            cell.figures["on_hand"] = erp.rng.randint(least, most)
            erp.state.cells[sku, warehouse] = cell
    wares = [ware for number, shop in enumerate(_CODES) for ware in _wares(number, shop)]
    shops = {shop: Rig(name=shop, state=_shop(shop, wares, clock), seed=seed, clock=clock) for shop in _CODES}
    for name, rig in shops.items():
        _link(erp.state, rig, [ware for ware in wares if ware.shop == name])
    return World(erp=erp, shops=shops, wares=wares)


@asynccontextmanager
async def served(world: World, *, port: int) -> AsyncIterator[Mapping[str, str]]:
    """Serve the mocks on loopback and yield their URLs by name.

    Port 0 takes free ones, any other is the ERP's and the shops get the next ones.
    """
    apps = {ERP: erp_app(world.erp)} | {name: taobao_app(rig) for name, rig in world.shops.items()}
    async with AsyncExitStack() as stack:
        urls = {}
        for number, (name, app) in enumerate(apps.items()):
            wanted = port + number if port else 0
            urls[name] = await stack.enter_async_context(running(app, port=wanted))
        yield urls


def _is_calm(shop: TaobaoState) -> bool:
    is_over = shop.visitors is None
    return is_over and not any(shop.orders.unpaid_units(listing) for listing in shop.listings)


def _is_imported(rig: Rig[TaobaoState], until: datetime) -> bool:
    return all(order.modified <= until for order in rig.state.orders.orders.values())


# --- how it is made ----------------------------------------------------------------------------------------


def _wares(number: int, shop: str) -> list[Ware]:
    sold = [sells for _, sells in _CODES[shop]]
    wares = []
    for place, (code, sells) in enumerate(_CODES[shop], 1):
        # Two listings of one SKU are variants of one item, as shops have them; ids are as long as real ones.
        first = sold.index(sells) + 1 if sells else place
        item = f"{71 + number}00000000{first:04d}"
        is_variant = shop in _BY_SKUS or (sells and sold.count(sells) > 1)
        wares.append(
            Ware(
                shop=shop,
                listing=f"{51 + number}00000000{place:04d}" if is_variant else item,
                item=item,
                code=code,
                sells=_contents(code, sells),
                at_first=0 if sells else _UNBOUND_UNITS,
            )
        )
    return wares


def _contents(code: str, sells: str) -> Mapping[str, int]:
    if sells == BUNDLE:
        return PARTS
    if not sells:
        return {}
    return {sells: IN_A_PACK if code == PACK else 1}


def _shop(shop: str, wares: Iterable[Ware], clock: Clock) -> TaobaoState:
    listings = [
        Listing(
            id=ware.listing,
            item=ware.item,
            code=ware.code,
            quantity=ware.at_first,
            title=ware.contents or "something old",
        )
        for ware in wares
        if ware.shop == shop
    ]
    return TaobaoState(listings=listings, now=clock.now, order_settings=OrderSettings(pay_within=PAY_WITHIN))


def _link(erp: ErpState, rig: Rig[TaobaoState], wares: Sequence[Ware]) -> None:
    """Let the ERP import the orders of a shop, the parts of bundles and other warehouses each by a link."""
    links: dict[tuple[str, int], dict[str, Content]] = {}
    for ware in wares:
        for part, (sku, units) in enumerate(ware.sells.items()):
            warehouse = next(iter(_STOCK[sku]))
            links.setdefault((warehouse, part), {})[ware.code] = Content(sku, units)
    for number, ((warehouse, _), codes) in enumerate(links.items()):
        settings = ImportSettings(
            delay=IMPORTED_AFTER, warehouse=warehouse, codes=codes, ship_after=SHIPPED_AFTER
        )
        # The first is known by the name of the shop: its watermark holds for all, as they run at one time.
        erp.link(rig.name if not number else f"{rig.name}-{number}", settings, rig.state)
