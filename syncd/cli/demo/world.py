"""The world of the demo: what an ERP stocks and what three shops list, as mocks on loopback."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from syncd.mock import Cell, ErpState, Listing, RealClock, Rig, ShopState, erp_app, running, shop_app

ERP = "erp"
PERSON = "person"
"""Why a listing is off sale that somebody took down by hand."""

BUNDLE = "TEA-SET"
PARTS: Mapping[str, int] = {"TEAPOT": 1, "CUP": 4}
"""One tea set is a pot and four cups; it has no stock of its own."""

PACK, PACKED, IN_A_PACK = "SOCK-BLK*12", "SOCK-BLK", 12

_STOCK: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "MUG-RED": {"east": (25, 40), "west": (10, 20), "south": (25, 40)},
    "MUG-BLU": {"east": (15, 30), "west": (10, 20)},
    "TEAPOT": {"east": (15, 25), "west": (10, 15)},
    "CUP": {"east": (60, 80), "west": (40, 60)},
    "SOCK-BLK": {"east": (40, 60), "south": (90, 120)},
    "TOWEL": {"west": (20, 40), "south": (20, 40)},
    "LAMP": {"south": (20, 30)},
    "茶杯": {"east": (20, 40)},
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

_UNBOUND_UNITS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Ware:
    """One listing of a shop and the units of each SKU that one piece of it takes, none if it is unbound."""

    shop: str
    listing: str
    code: str
    sells: Mapping[str, int]
    at_first: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Return the shop and the listing's id in it."""
        return self.shop, self.listing

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
    shops: Mapping[str, Rig[ShopState]]
    wares: Sequence[Ware]

    def listing(self, ware: Ware) -> Listing:
        """Return the listing as the shop has it at this moment."""
        return self.shops[ware.shop].state.listings[ware.listing]

    def listed(self) -> list[Ware]:
        """Return what the shops still list; anybody may remove a listing by hand."""
        return [ware for ware in self.wares if ware.listing in self.shops[ware.shop].state.listings]


def make_world(seed: int) -> World:
    """Return the world of a seed: the same listings always, other stock and other chances."""
    clock = RealClock()
    erp = Rig(name=ERP, state=ErpState(), seed=seed, clock=clock)
    for sku, places in _STOCK.items():
        for warehouse, (least, most) in places.items():
            cell = Cell(sku=sku, warehouse=warehouse)
            cell.figures["on_hand"] = erp.rng.randint(least, most)
            erp.state.cells[sku, warehouse] = cell
    wares = [ware for number, shop in enumerate(_CODES) for ware in _wares(number, shop)]
    shops = {
        shop: Rig(name=shop, state=ShopState(listings=_listings(shop, wares)), seed=seed, clock=clock)
        for shop in _CODES
    }
    return World(erp=erp, shops=shops, wares=wares)


@asynccontextmanager
async def served(world: World, *, port: int) -> AsyncIterator[Mapping[str, str]]:
    """Serve the mocks on loopback and yield their URLs by name.

    Port 0 takes free ones, any other is the ERP's and the shops get the next ones.
    """
    apps = {ERP: erp_app(world.erp)} | {name: shop_app(rig) for name, rig in world.shops.items()}
    async with AsyncExitStack() as stack:
        urls = {}
        for number, (name, app) in enumerate(apps.items()):
            wanted = port + number if port else 0
            urls[name] = await stack.enter_async_context(running(app, port=wanted))
        yield urls


def _wares(number: int, shop: str) -> list[Ware]:
    return [
        Ware(
            shop=shop,
            listing=f"{71 + number}00{place:03d}",
            code=code,
            sells=_contents(code, sells),
            at_first=0 if sells else _UNBOUND_UNITS,
        )
        for place, (code, sells) in enumerate(_CODES[shop], 1)
    ]


def _contents(code: str, sells: str) -> Mapping[str, int]:
    if sells == BUNDLE:
        return PARTS
    if not sells:
        return {}
    return {sells: IN_A_PACK if code == PACK else 1}


def _listings(shop: str, wares: Sequence[Ware]) -> list[Listing]:
    return [
        Listing(
            id=ware.listing,
            # Two listings of one SKU are variants of one item, as shops have them.
            item=f"{shop}-{ware.contents or ware.code}",
            code=ware.code,
            quantity=ware.at_first,
            title=f"{ware.contents or 'something old'}",
        )
        for ware in wares
        if ware.shop == shop
    ]
