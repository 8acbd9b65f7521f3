"""Plausible catalogues from a seed: SKUs, stock in warehouses, and the listings of shops.

Each part has dice of its own, so that an ERP and several shops started apart with the same seed agree.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from syncd.mock.core import Cell, Listing

SKUS = 100
"""How many SKUs a catalogue has unless told otherwise."""

_GOODS = ("MUG", "TEE", "LAMP", "BOT", "SOCK", "PEN", "BAG", "CAP")
_UNICODE_GOODS = ("茶杯", "T恤", "Tasse", "Größe", "靴下", "Чай")
_VARIANTS = ("BLU", "RED", "BLK", "WHT", "S", "M", "L", "XL", "500ML")
_UNICODE_VARIANTS = ("蓝色", "红色", "大号", "grün", "№2")
_FIRST_NUMBER = 351000
_DIGITS, _UNICODE = 0.2, 0.1
_SOLD_OUT, _UNROUTED = 0.05, 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What the ERP knows at first."""

    cells: Sequence[Cell]
    unrouted: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A code of a shop that stands for several units of a SKU."""

    code: str
    sku: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopCatalogue:
    """What one shop lists; `bound` says which SKU each listing id sells, `packs` which codes need a pack."""

    listings: Sequence[Listing]
    bound: Mapping[str, str]
    packs: Sequence[Pack]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingShape:
    """How a shop writes its codes, as shares of its listings; the rest carry the plain SKU.

    `listed` is the share of the SKUs that the shop sells at all, `repeated` the share of those that it sells
    in two listings, and `stray` the share of extra listings whose code belongs to no SKU.
    """

    listed: float = 0.9
    prefixed: float = 0.2
    suffixed: float = 0.2
    packed: float = 0.05
    repeated: float = 0.1
    stray: float = 0.02
    separator: str = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """An ERP's stock and the shops that sell it."""

    skus: Sequence[str]
    stock: Stock
    shops: Mapping[str, ShopCatalogue] = field(default_factory=dict)


def make_catalogue(
    seed: int,
    *,
    skus: int = SKUS,
    warehouses: Sequence[str] = ("main",),
    shops: Sequence[str] = ("shop",),
    shape: ListingShape | None = None,
) -> Catalogue:
    """Return a whole catalogue; the same arguments give the same one, on every machine."""
    codes = make_skus(seed, skus)
    return Catalogue(
        skus=codes,
        stock=make_stock(seed, codes, warehouses),
        shops={shop: make_listings(seed, shop, codes, shape) for shop in shops},
    )


def make_skus(seed: int, count: int = SKUS) -> list[str]:
    """Return different SKUs, about one in ten with letters beyond ASCII, one in five only digits."""
    rng = random.Random(f"{seed}/skus")
    return [_make_sku(rng, _FIRST_NUMBER + n) for n in range(count)]


def make_stock(seed: int, skus: Sequence[str], warehouses: Sequence[str] = ("main",)) -> Stock:
    """Return figures for each SKU in each warehouse; some are sold out, a few have unrouted orders."""
    rng = random.Random(f"{seed}/stock")
    cells = [_make_cell(rng, sku, warehouse) for sku in skus for warehouse in warehouses]
    unrouted = {sku: rng.randint(1, 3) for sku in skus if rng.random() < _UNROUTED}
    return Stock(cells=cells, unrouted=unrouted)


def make_listings(
    seed: int, shop: str, skus: Sequence[str], shape: ListingShape | None = None
) -> ShopCatalogue:
    """Return the listings of one shop, all at 0 and on sale, so that the first fill has all to do.

    With the separator `-` a code is plain (`ABC`), has a prefix (`1-ABC`) or a suffix (`ABC-2`), or is a pack
    (`ABC*12`). Listings of one item follow each other.
    """
    rng = random.Random(f"{seed}/listings/{shop}")
    maker = _ListingMaker(rng, shape or ListingShape())
    for sku in skus:
        if rng.random() < maker.shape.listed:
            maker.add(sku)
    maker.add_strays(int(len(skus) * maker.shape.stray))
    return ShopCatalogue(listings=maker.listings, bound=maker.bound, packs=maker.packs)


class _ListingMaker:
    """Collects listings and gives them ids and items, up to three listings an item."""

    def __init__(self, rng: random.Random, shape: ListingShape) -> None:
        self._rng = rng
        self.shape = shape
        self.listings: list[Listing] = []
        self.bound: dict[str, str] = {}
        self.packs: list[Pack] = []
        self._item, self._room = 9000, 0
        # Long ids, as platforms have them: they must survive every JSON reader as text.
        self._next_id = 600_000_000_000_000_000 + rng.randrange(10**12)

    def add(self, sku: str) -> None:
        """List a SKU once, or twice under two codes."""
        code = self._make_code(sku)
        self._list(code, sku)
        if self._rng.random() < self.shape.repeated:
            again = f"9{self.shape.separator}{sku}"
            self._list(again if again != code else sku, sku)

    def add_strays(self, count: int) -> None:
        """List codes that belong to no SKU, as every old shop has them."""
        for n in range(count):
            self._list(f"?{n}old", "")

    def _make_code(self, sku: str) -> str:
        shape, dice = self.shape, self._rng.random()
        if dice < shape.prefixed:
            return f"{self._rng.randint(1, 3)}{shape.separator}{sku}"
        if dice < shape.prefixed + shape.suffixed:
            return f"{sku}{shape.separator}{self._rng.randint(1, 3)}"
        if dice < shape.prefixed + shape.suffixed + shape.packed:
            pack = Pack(code=f"{sku}*12", sku=sku, units=12)
            self.packs.append(pack)
            return pack.code
        return sku

    def _list(self, code: str, sku: str) -> None:
        if not self._room:
            self._item, self._room = self._item + 1, self._rng.choice((1, 1, 2, 3))
        self._room -= 1
        listing = Listing(id=str(self._next_id), item=str(self._item), code=code, title=f"Article {code}")
        self._next_id += 1
        self.listings.append(listing)
        if sku:
            self.bound[listing.id] = sku


def _make_sku(rng: random.Random, number: int) -> str:
    dice = rng.random()
    if dice < _DIGITS:
        return str(number)
    if dice < _DIGITS + _UNICODE:
        return f"{rng.choice(_UNICODE_GOODS)}{number}{rng.choice(_UNICODE_VARIANTS)}"
    return f"{rng.choice(_GOODS)}-{number}-{rng.choice(_VARIANTS)}"


def _make_cell(rng: random.Random, sku: str, warehouse: str) -> Cell:
    cell = Cell(sku=sku, warehouse=warehouse)
    on_hand = 0 if rng.random() < _SOLD_OUT else rng.randint(1, 60)
    # Holds stay below what is there, so that nothing is oversold before the first cycle.
    allocated, unsellable = rng.randint(0, on_hand // 5), rng.randint(0, on_hand // 20)
    cell.figures |= {"on_hand": on_hand, "allocated": allocated, "unsellable": unsellable}
    return cell
