"""Read the hand-computed table (tests/data/pipeline): small worlds and the figures they must give.

A case is a TOML table `[[case]]` of `name`, `because` (the arithmetic, by hand) and lines of words; a word is
a name, a flag or `key=value`, lists are joined by commas, times are seconds from now, claims are numbered
from 0::

    sources   NAME wh=W,W suffix=U transfer=until_received stale     default: `erp` counts every warehouse
    pools     NAME MODE wh=W shops=S reserve=10 after=2 least_off=60 seq=7   default: `p shared wh=w shops=s`
    shops     NAME mirror unwritable                          default: the shops of the pools, by name
    rules     NAME pools=P shops=S skus=A*,B : cap=5 weight=2
    bundles   CODE A=1 B=2 assemble=pool                      default: `assemble=warehouse`
    virtual   SKU W 5 until=-60
    stock     SKU W I=10 O=1 U=1 L=1 V=1 T=1 A=1 missed=1 bad source=erp
    unrouted  SKU 3 source=erp
    claims    SHOP SKU 2 wh=W
    listings  SHOP ID CODE units=12 hi=5 gone held        default: every shop lists every SKU of `stock`
    locks     SKU 5 pool=P shop=S only hand=2 due=2@-60 out=3 used=0:2 age=60 ended      ids from 1
    levels    POOL SHOP SKU off=120 agree=1 seq=6             off sale since so many seconds

`expect` says `pool P SKU available=8 net.W=3`, `edge P SHOP SKU base=4 result=3 setting=cap rule=NAME`,
`shop SHOP SKU 7` and `listing SHOP ID 7`; `unknown` stands for a pool that does not know a SKU, a shop
without a figure and a listing that is not touched. A flag that is left out (`off`, `shaky`, `vanished`) must
be false.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from syncd.domain.model import (
    ItemId,
    ListingId,
    ListingRow,
    PoolName,
    ShopName,
    Sku,
    SourceName,
    StockRow,
    TransferConvention,
    WarehouseName,
)
from syncd.domain.records import ClaimRow, LevelRow, LockMode, LockRow, UnroutedRow, UseRow
from syncd.domain.topology import (
    Assemble,
    Bundle,
    Pool,
    PoolMode,
    Repeated,
    Rule,
    Shop,
    SourceRules,
    Topology,
    VirtualStock,
)
from tests.unit.domain.case_words import Words
from tests.unit.domain.oracle_world import Solution, World

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
FOLDER = Path(__file__).parents[2] / "data" / "pipeline"

Figures = dict[tuple[str, ...], dict[str, object]]

_LISTS = {
    "sources", "pools", "shops", "rules", "bundles", "virtual", "stock", "unrouted", "claims", "listings",
    "levels", "locks",
}  # fmt: skip
_PARTS = ("I", "O", "U", "L", "V", "T", "A")
_FLAGS = {"pool": ("shaky", "vanished"), "edge": ("off",), "shop": ("off",), "listing": ("off",)}
_NAMES = {"pool": 2, "edge": 3, "shop": 2, "listing": 2}
_POOL_FIGURES = (
    "figure", "virtual", "available", "oversold", "on_extra", "backordered", "overlocked", "overtransferred",
    "locked", "locks_cut", "held", "reserve", "rest", "shaky", "vanished",
)  # fmt: skip
_EDGE_FIGURES = ("off", "agree", "base", "result", "setting", "rule")
_FIGURE = {"shop": "units", "listing": "desired"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One world and what it must give; an expected `{}` says that the key must not be there."""

    name: str
    because: str
    world: World
    expected: Figures


def load_cases(folder: Path = FOLDER) -> list[Case]:
    """Return every case of every file, in order of file and place."""
    return [
        _case(table)
        for path in sorted(folder.glob("*.toml"))
        for table in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


def figures_of(solution: Solution) -> Figures:
    """Return the figures of a solution under the names that cases use."""
    found: Figures = {}
    for (pool, sku), p in solution.pools.items():
        found["pool", pool, sku] = {name: getattr(p, name) for name in _POOL_FIGURES}
        found["pool", pool, sku].update({f"net.{warehouse}": net for warehouse, net in p.net.items()})
    for (pool, shop, sku), e in solution.edges.items():
        found["edge", pool, shop, sku] = {name: getattr(e, name) for name in _EDGE_FIGURES}
    for (shop, sku), s in solution.shops.items():
        found["shop", shop, sku] = {"units": s.units, "off": s.want_off}
    for (shop, listing), f in solution.listings.items():
        found["listing", shop, listing] = {"desired": f.desired, "off": f.want_off}
    return found


def differences(expected: Figures, found: Figures) -> list[str]:
    """Return a line for every expected figure that is not what was found."""
    lines = []
    for key, wanted in expected.items():
        got = found.get(key, {})
        if not wanted and got:
            lines.append(f"{' '.join(key)}: should be unknown, is {got}")
        for name, value in wanted.items():
            if name not in got or got[name] != value:
                lines.append(f"{' '.join(key)}: {name} should be {value}, is {got.get(name, 'missing')}")
    return lines


# --- words ---------------------------------------------------------------------------------------------


def _words(table: Mapping[str, Any], key: str, default: tuple[str, ...] = ()) -> Iterator[Words]:
    for line in table.get(key, default):
        words = Words(line)
        yield words
        words.end()


# --- a case --------------------------------------------------------------------------------------------


def _case(table: Mapping[str, Any]) -> Case:
    strange = table.keys() - _LISTS - {"name", "because", "expect"}
    if strange or not table.get("expect"):
        raise ValueError(f"case {table.get('name')!r}: unknown keys {sorted(strange)} or nothing expected")
    expected: Figures = {}
    for words in _words(table, "expect"):
        key, wanted = _expectation(words)
        if key in expected:
            raise ValueError(f"case {table['name']!r}: {' '.join(key)} is expected twice")
        expected[key] = wanted
    return Case(name=table["name"], because=table["because"], world=_world(table), expected=expected)


def _expectation(words: Words) -> tuple[tuple[str, ...], dict[str, object]]:
    kind = words.name()
    key = (kind, *(words.name() for _ in range(_NAMES[kind])))
    unknown = words.flag("unknown")
    if unknown and kind not in _FIGURE:
        return key, {}
    wanted: dict[str, object] = {flag: words.flag(flag) for flag in _FLAGS[kind]}
    if kind in _FIGURE:
        wanted[_FIGURE[kind]] = None if unknown else int(words.name())
    for name, value in words.rest().items():
        wanted[name] = value if name in {"setting", "rule"} else int(value)
    return key, wanted


def _world(table: Mapping[str, Any]) -> World:
    pools, seq = _pools(table)
    sources, transfer, stale = _sources(table, pools)
    shops, unwritable = _shops(table, pools)
    stock = tuple(_stock_row(words, sources) for words in _words(table, "stock"))
    topology = Topology(
        sources=sources,
        pools=pools,
        shops=shops,
        rules=_rules(table),
        bundles=tuple(_bundle(words) for words in _words(table, "bundles")),
        virtual=tuple(_virtual(words) for words in _words(table, "virtual")),
    )
    every = [f"{shop.name} {sku} {sku}" for shop in shops for sku in sorted({row.sku for row in stock})]
    claims = enumerate(_words(table, "claims"))
    locks = [_lock(words, place) for place, words in enumerate(_words(table, "locks"), 1)]
    return World(
        topology=topology,
        now=NOW,
        stock=stock,
        unrouted=tuple(_unrouted_row(words) for words in _words(table, "unrouted")),
        claims=tuple(_claim(words, place) for place, words in claims),
        listings=tuple(_listing(words) for words in _words(table, "listings", tuple(every))),
        levels=tuple(_level(words) for words in _words(table, "levels")),
        locks=tuple(lock for lock, _ in locks),
        uses=tuple(use for _, uses in locks for use in uses),
        transfer=transfer,
        unwritable=unwritable,
        stale=stale,
        seq=seq,
    )


def _pools(table: Mapping[str, Any]) -> tuple[tuple[Pool, ...], dict[PoolName, int]]:
    pools, seq = [], {}
    for words in _words(table, "pools", ("p shared wh=w shops=s",)):
        pool = Pool(
            name=PoolName(words.name()),
            mode=PoolMode(words.name()),
            warehouses=tuple(WarehouseName(name) for name in words.names("wh")),
            shops=tuple(ShopName(name) for name in words.names("shops")),
            reserve_percent=words.number("reserve"),
            relist_after=words.number("after", 2),
            least_off_seconds=words.number("least_off"),
        )
        seq[pool.name] = words.number("seq", 1)
        pools.append(pool)
    return tuple(pools), seq


def _sources(
    table: Mapping[str, Any], pools: tuple[Pool, ...]
) -> tuple[tuple[SourceRules, ...], dict[SourceName, TransferConvention], frozenset[SourceName]]:
    every = ",".join(warehouse for pool in pools for warehouse in pool.warehouses)
    sources, transfer, stale = [], {}, set()
    for words in _words(table, "sources", (f"erp wh={every}",)):
        name = SourceName(words.name())
        warehouses = words.names("wh") or every.split(",")
        sources.append(
            SourceRules(
                name=name,
                warehouses=tuple(WarehouseName(warehouse) for warehouse in warehouses),
                unsellable_suffix=words.text("suffix"),
            )
        )
        transfer[name] = TransferConvention(words.text("transfer", "until_shipped"))
        if words.flag("stale"):
            stale.add(name)
    return tuple(sources), transfer, frozenset(stale)


def _shops(table: Mapping[str, Any], pools: tuple[Pool, ...]) -> tuple[tuple[Shop, ...], frozenset[ShopName]]:
    every = sorted({shop for pool in pools for shop in pool.shops})
    shops, unwritable = {}, set()
    for words in _words(table, "shops"):
        name = ShopName(words.name())
        repeated = Repeated.MIRROR if words.flag("mirror") else Repeated.SPLIT
        shops[name] = Shop(name=name, repeated=repeated)
        if words.flag("unwritable"):
            unwritable.add(name)
    return tuple(shops.get(name, Shop(name=name)) for name in every), frozenset(unwritable)


def _rules(table: Mapping[str, Any]) -> tuple[Rule, ...]:
    rules = []
    for line in table.get("rules", ()):
        where, _, values = line.partition(" :")
        words = Words(where)
        rules.append(
            Rule(
                name=words.name(),
                pools=tuple(PoolName(name) for name in words.names("pools")),
                shops=tuple(ShopName(name) for name in words.names("shops")),
                skus=tuple(words.names("skus")),
                values={name: int(value) for name, value in Words(values).rest().items()},
            )
        )
        words.end()
    return tuple(rules)


def _bundle(words: Words) -> Bundle:
    sku, assemble = Sku(words.name()), Assemble(words.text("assemble", "warehouse"))
    components = {Sku(code): int(units) for code, units in words.rest().items()}
    return Bundle(sku=sku, assemble=assemble, components=components)


def _virtual(words: Words) -> VirtualStock:
    until = words.text("until")
    return VirtualStock(
        sku=Sku(words.name()),
        warehouse=WarehouseName(words.name()),
        units=int(words.name()),
        until=NOW + timedelta(seconds=int(until)) if until else None,
    )


def _stock_row(words: Words, sources: tuple[SourceRules, ...]) -> StockRow:
    sku, warehouse = Sku(words.name()), WarehouseName(words.name())
    counted_by = next((source.name for source in sources if warehouse in source.warehouses), "")
    return StockRow(
        SourceName(words.text("source", counted_by)),
        sku,
        warehouse,
        NOW,
        words.number("missed"),
        words.flag("bad"),
        *(words.number(part) for part in _PARTS),
    )


def _unrouted_row(words: Words) -> UnroutedRow:
    return UnroutedRow(SourceName(words.text("source", "erp")), Sku(words.name()), int(words.name()))


def _claim(words: Words, place: int) -> ClaimRow:
    shop, sku, units = ShopName(words.name()), Sku(words.name()), int(words.name())
    return ClaimRow(shop, f"{place:03}", sku, words.text("wh"), units, NOW)


def _lock(words: Words, number: int) -> tuple[LockRow, list[UseRow]]:
    sku, units, shop = Sku(words.name()), int(words.name()), words.text("shop")
    due = [entry.split("@") for entry in words.names("due")]
    used = [entry.split(":") for entry in words.names("used")]
    mode = LockMode.ONLY if words.flag("only") else LockMode.PLUS
    lock = LockRow(
        id=number,
        sku=sku,
        pool=PoolName(words.text("pool", "p")),
        shop=ShopName(shop),
        mode=mode if shop else LockMode.NOBODY,
        units=units,
        by_hand=words.number("hand"),
        schedule=" ".join(f"{n}@{(NOW + timedelta(seconds=int(at))).isoformat()}" for n, at in due),
        released=words.number("out"),
        created_at=NOW - timedelta(seconds=words.number("age")),
        created_by="ann",
        ended_at=NOW if words.flag("ended") else None,
    )
    return lock, [UseRow(number, f"{int(place):03}", int(units)) for place, units in used]


def _level(words: Words) -> LevelRow:
    return LevelRow(
        PoolName(words.name()),
        ShopName(words.name()),
        Sku(words.name()),
        NOW - timedelta(seconds=words.number("off", 3600)),
        words.number("agree"),
        words.number("seq"),
    )


def _listing(words: Words) -> ListingRow:
    shop, listing, code = ShopName(words.name()), ListingId(words.name()), words.name()
    high = words.text("hi")
    row = listing_row(
        shop=shop,
        listing=listing,
        sku=Sku("" if code == "-" else code),
        units=words.number("units", 1),
        expected_hi=int(high) if high else None,
        gone=words.flag("gone"),
    )
    return row._replace(unbound_because="held in this case") if words.flag("held") else row


def listing_row(
    *, shop: ShopName, listing: ListingId, sku: Sku, units: int, expected_hi: int | None, gone: bool = False
) -> ListingRow:
    """Return a bound listing of which nothing else is known."""
    return ListingRow(
        shop=shop,
        id=listing,
        code=sku,
        item=ItemId(listing),
        location="",
        title="",
        sku=sku,
        units=units,
        unbound_because="" if sku else "unbound in this case",
        desired=None,
        want_off=False,
        expected_lo=None if expected_hi is None else 0,
        expected_hi=expected_hi,
        observed=expected_hi,
        observed_at=None,
        withheld=0,
        on_sale=True,
        delisted_by="",
        gone=gone,
    )
