"""Small random worlds for Hypothesis: valid, and full of everything that the pipeline has a rule for."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from syncd.domain.model import (
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
from syncd.domain.records import ClaimRow, ExtraRow, LevelRow, LockMode, LockRow, UnroutedRow, UseRow
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
from tests.unit.domain.cases import NOW, listing_row
from tests.unit.domain.oracle_world import World

WAREHOUSES = ("w1", "w2", "w3")
SHOPS = ("s1", "s2", "s3", "s4")
SKUS = ("A", "AB", "A-1", "B", "C", "a")
NOWHERE = "Z"
"""A SKU that no source has, so that claims, bundles and listings can name one."""

SUFFIX = "U"
PATTERNS = (*SKUS, "A*", "?", "[AB]*", "*1", "no-such")
BUNDLES = ("K1", "K2")

# Mixed overrides can put a relist level at or below a warning level.
_SETTINGS = {
    "weight": st.integers(0, 5),
    "cap": st.integers(0, 15),
    "percent": st.sampled_from((0, 10, 33, 50, 90, 100)),
    "buffer": st.integers(0, 5),
    "extra": st.integers(0, 4),
    "floor": st.integers(0, 6),
    "warning_level": st.integers(0, 8),
    "relist_level": st.sampled_from((-1, 1, 4, 9, 12)),
    "last_units": st.integers(0, 1),
}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world of at most 3 warehouses, 3 pools, 4 shops and 6 SKUs beside codes of unsellable units."""
    sources = draw(_sources())
    shops = draw(_shops())
    pools = draw(_pools(shops, [w for source in sources for w in source.warehouses]))
    skus = tuple(Sku(sku) for sku in sorted(draw(st.sets(st.sampled_from(SKUS), min_size=1))))
    bundles = draw(_bundles(skus))
    topology = Topology(
        sources=sources,
        pools=pools,
        shops=shops,
        rules=draw(_rules(pools, shops)),
        bundles=bundles,
        virtual=draw(_virtual(skus, pools)),
    )
    seq = {pool.name: draw(st.integers(1, 3)) for pool in pools}
    claims = draw(_claims(topology, skus))
    locks = draw(_locks(pools, skus))
    world = World(
        topology=topology,
        now=NOW,
        stock=draw(_stock(topology, skus)),
        unrouted=draw(_unrouted(sources, skus)),
        claims=claims,
        listings=draw(_listings(shops, skus, bundles)),
        levels=draw(_levels(pools, skus, seq)),
        locks=locks,
        uses=draw(_uses(locks, claims)),
        transfer={source.name: draw(st.sampled_from(TransferConvention)) for source in sources},
        unwritable=frozenset(shop.name for shop in shops if _seldom(draw)),
        stale=frozenset(source.name for source in sources if _seldom(draw)),
        seq=seq,
        extras=draw(_extras(pools, skus)),
        sold={(shop.name, sku): draw(st.integers(0, 5)) for shop in shops for sku in skus if _seldom(draw)},
    )
    return replace(world, listings=draw(_some_held(world.listings)))


def _seldom(draw: st.DrawFn) -> bool:
    """Say yes once in six times; shrinks to no."""
    return draw(st.integers(0, 5)) == 5


def _often(draw: st.DrawFn) -> bool:
    """Say yes three times in four; shrinks to yes."""
    return draw(st.integers(0, 3)) < 3


def _small(draw: st.DrawFn, most: int) -> int:
    """Draw 0 half of the time, so that one world has few figures at once and some worlds have all."""
    return max(0, draw(st.integers(-most, most)))


# --- the topology --------------------------------------------------------------------------------------


@st.composite
def _sources(draw: st.DrawFn) -> tuple[SourceRules, ...]:
    number = draw(st.integers(1, len(WAREHOUSES)))
    second = frozenset(name for name in WAREHOUSES[1:number] if _seldom(draw))
    groups = {"erp": [n for n in WAREHOUSES[:number] if n not in second], "wms": sorted(second)}
    return tuple(
        SourceRules(
            name=SourceName(name),
            warehouses=tuple(WarehouseName(warehouse) for warehouse in warehouses),
            unsellable_suffix=SUFFIX if draw(st.booleans()) else "",
        )
        for name, warehouses in groups.items()
        if warehouses
    )


@st.composite
def _shops(draw: st.DrawFn) -> tuple[Shop, ...]:
    names = SHOPS[: draw(st.integers(1, len(SHOPS)))]
    return tuple(Shop(name=ShopName(name), repeated=draw(st.sampled_from(Repeated))) for name in names)


@st.composite
def _pools(draw: st.DrawFn, shops: tuple[Shop, ...], warehouses: list[WarehouseName]) -> tuple[Pool, ...]:
    owner = {warehouse: draw(st.sampled_from(("north", "east", "west"))) for warehouse in warehouses}
    names = draw(st.permutations(sorted(set(owner.values()))))
    members = {name: {shop.name for shop in shops if _often(draw)} for name in names}
    for shop in shops:
        if not any(shop.name in group for group in members.values()):
            members[names[0]].add(shop.name)
    return tuple(
        Pool(
            name=PoolName(name),
            mode=draw(st.sampled_from(PoolMode)),
            warehouses=tuple(warehouse for warehouse in warehouses if owner[warehouse] == name),
            shops=tuple(draw(st.permutations(sorted(members[name])))),
            reserve_percent=draw(st.sampled_from((0, 0, 10, 33, 100))),
            relist_after=draw(st.integers(1, 2)),
            least_off_seconds=draw(st.sampled_from((0, 60))),
        )
        for name in names
    )


@st.composite
def _rules(draw: st.DrawFn, pools: tuple[Pool, ...], shops: tuple[Shop, ...]) -> tuple[Rule, ...]:
    rules = []
    for place in range(draw(st.integers(0, 4))):
        names = draw(st.sets(st.sampled_from(sorted(_SETTINGS)), min_size=1, max_size=4))
        rules.append(
            Rule(
                name=f"overrides[{place}]",
                values={name: draw(_SETTINGS[name]) for name in sorted(names)},
                pools=tuple(pool.name for pool in pools if _seldom(draw)),
                shops=tuple(shop.name for shop in shops if _seldom(draw)),
                skus=()
                if draw(st.booleans())
                else tuple(draw(st.sets(st.sampled_from(PATTERNS), max_size=2))),
            )
        )
    return tuple(rules)


@st.composite
def _bundles(draw: st.DrawFn, skus: tuple[Sku, ...]) -> tuple[Bundle, ...]:
    parts = st.dictionaries(
        st.sampled_from((*skus, *skus, NOWHERE)), st.integers(1, 3), min_size=1, max_size=3
    )
    return tuple(
        Bundle(
            sku=Sku(code),
            components={Sku(sku): units for sku, units in draw(parts).items()},
            assemble=draw(st.sampled_from(Assemble)),
        )
        for code in BUNDLES[: draw(st.integers(0, len(BUNDLES)))]
    )


@st.composite
def _virtual(draw: st.DrawFn, skus: tuple[Sku, ...], pools: tuple[Pool, ...]) -> tuple[VirtualStock, ...]:
    warehouses = [warehouse for pool in pools for warehouse in pool.warehouses]
    return tuple(
        VirtualStock(
            sku=draw(st.sampled_from(skus)),
            warehouse=draw(st.sampled_from(warehouses)),
            units=draw(st.integers(0, 8)),
            until=draw(st.sampled_from((None, NOW - timedelta(1), NOW, NOW + timedelta(1)))),
        )
        for _ in range(draw(st.integers(0, 2)))
    )


# --- the stock -----------------------------------------------------------------------------------------


@st.composite
def _stock(draw: st.DrawFn, topology: Topology, skus: tuple[Sku, ...]) -> tuple[StockRow, ...]:
    rows = []
    for source in topology.sources:
        for warehouse in source.warehouses:
            for sku in skus:
                if _often(draw):
                    rows.append(draw(_row(source.name, sku, warehouse)))
                if _seldom(draw):
                    rows.append(draw(_row(source.name, Sku(sku + SUFFIX), warehouse)))
    return tuple(rows)


@st.composite
def _row(draw: st.DrawFn, source: SourceName, sku: Sku, warehouse: WarehouseName) -> StockRow:
    transfer_out = _small(draw, 6)
    missed = draw(st.sampled_from((0, 0, 0, 0, 0, 1, 2, 3)))
    return StockRow(
        source=source,
        sku=sku,
        warehouse=warehouse,
        as_of=NOW,
        missed=missed,
        # A cell that was left out has no newest row that could be bad.
        bad=not missed and _seldom(draw),
        on_hand=draw(st.integers(0, 30)),
        allocated=_small(draw, 12),
        unsellable=_small(draw, 4),
        locked=_small(draw, 6),
        virtual=_small(draw, 8),
        transfer_out=transfer_out,
        in_air=_small(draw, transfer_out),
    )


@st.composite
def _unrouted(
    draw: st.DrawFn, sources: tuple[SourceRules, ...], skus: tuple[Sku, ...]
) -> tuple[UnroutedRow, ...]:
    pairs = [(source.name, Sku(sku)) for source in sources for sku in (*skus, NOWHERE)]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True))
    return tuple(UnroutedRow(source, sku, draw(st.integers(1, 12))) for source, sku in chosen)


@st.composite
def _claims(draw: st.DrawFn, topology: Topology, skus: tuple[Sku, ...]) -> tuple[ClaimRow, ...]:
    warehouses = [warehouse for pool in topology.pools for warehouse in pool.warehouses]
    return tuple(
        ClaimRow(
            shop=draw(st.sampled_from(topology.shops)).name,
            line=f"{place}",
            sku=Sku(draw(st.sampled_from((*skus, *skus, NOWHERE)))),
            warehouse=draw(st.sampled_from(("", "", "", *warehouses))),
            units=draw(st.integers(1, 8)),
            at=NOW,
        )
        for place in range(draw(st.integers(0, 4)))
    )


@st.composite
def _locks(draw: st.DrawFn, pools: tuple[Pool, ...], skus: tuple[Sku, ...]) -> tuple[LockRow, ...]:
    locks = []
    for number in range(1, 1 + _small(draw, 4)):
        pool = draw(st.sampled_from(pools))
        shop = draw(st.sampled_from(("", *pool.shops, SHOPS[0])))
        mode = draw(st.sampled_from((LockMode.ONLY, LockMode.PLUS))) if shop else LockMode.NOBODY
        due = draw(st.sampled_from((-60, 0, 60)))
        locks.append(
            LockRow(
                id=number,
                sku=Sku(draw(st.sampled_from((*skus, *skus, NOWHERE)))),
                pool=pool.name if draw(st.integers(0, 9)) else PoolName("gone"),
                shop=ShopName(shop),
                mode=mode,
                units=draw(st.integers(1, 12)),
                by_hand=_small(draw, 4),
                schedule=f"{draw(st.integers(1, 4))}@{(NOW + timedelta(seconds=due)).isoformat()}",
                released=_small(draw, 6),
                created_at=NOW - timedelta(seconds=draw(st.integers(0, 3))),
                created_by="ann",
                ended_at=NOW if _seldom(draw) else None,
            )
        )
    return tuple(locks)


@st.composite
def _uses(draw: st.DrawFn, locks: tuple[LockRow, ...], claims: tuple[ClaimRow, ...]) -> tuple[UseRow, ...]:
    """Draw what orders used of locks: open claims, and one that a snapshot contains already."""
    return tuple(
        UseRow(lock.id, line, draw(st.integers(1, 4)))
        for lock in locks
        for line in [*(claim.line for claim in claims if claim.shop == lock.shop), "contained"]
        if lock.mode is not LockMode.NOBODY and _seldom(draw)
    )


@st.composite
def _extras(draw: st.DrawFn, pools: tuple[Pool, ...], skus: tuple[Sku, ...]) -> tuple[ExtraRow, ...]:
    return tuple(
        ExtraRow(
            pool=pool.name,
            shop=draw(st.sampled_from((*pool.shops, ShopName("s9")))),
            sku=draw(st.sampled_from((*skus, Sku(NOWHERE)))),
            units=draw(st.integers(1, 4)),
            at=NOW - timedelta(seconds=draw(st.integers(0, 3))),
        )
        for pool in pools
        for _ in range(draw(st.integers(0, 3)) if _seldom(draw) else 0)
    )


# --- the shops -----------------------------------------------------------------------------------------


@st.composite
def _listings(
    draw: st.DrawFn, shops: tuple[Shop, ...], skus: tuple[Sku, ...], bundles: tuple[Bundle, ...]
) -> tuple[ListingRow, ...]:
    packs = tuple(bundle.sku for bundle in bundles)
    strange = ("", NOWHERE, skus[0] + SUFFIX)
    rows = []
    for shop in shops:
        codes = [Sku(code) for code in (*skus, *packs) if _often(draw)]
        codes += draw(st.lists(st.sampled_from([Sku(c) for c in (*skus, *packs, *strange)]), max_size=3))
        for place, sku in enumerate(codes):
            rows.append(
                listing_row(
                    shop=shop.name,
                    # 10 sorts before 9, as text does.
                    listing=ListingId(str(8 + place)),
                    sku=sku,
                    units=1 if sku in packs else draw(st.sampled_from((1, 1, 1, 2, 3, 12))),
                    expected_hi=draw(st.none() | st.integers(0, 12)),
                )
            )
    return tuple(rows)


@st.composite
def _some_held(draw: st.DrawFn, rows: tuple[ListingRow, ...]) -> tuple[ListingRow, ...]:
    """Let some listings lose their code; in half of the worlds none does."""
    lost = draw(st.sets(st.integers(0, max(len(rows) - 1, 0)), max_size=3)) if draw(st.booleans()) else ()
    why = "it lost its code"
    return tuple(
        row._replace(unbound_because=why) if at in lost and row.sku else row for at, row in enumerate(rows)
    )


@st.composite
def _levels(
    draw: st.DrawFn, pools: tuple[Pool, ...], skus: tuple[Sku, ...], seq: dict[PoolName, int]
) -> tuple[LevelRow, ...]:
    return tuple(
        LevelRow(
            pool=pool.name,
            shop=shop,
            sku=sku,
            off_since=NOW - timedelta(seconds=draw(st.sampled_from((0, 59, 60, 3600)))),
            agree=draw(st.integers(0, 2)),
            seq=seq[pool.name] - draw(st.integers(0, 1)),
        )
        for pool in pools
        for shop in pool.shops
        for sku in skus
        if _seldom(draw)
    )
