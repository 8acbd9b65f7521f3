"""A large state in which every counter reads what it should, and what disturbs it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from syncd.domain.book import State, make_book
from syncd.domain.decision import Question, decide
from syncd.domain.guard import Record
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import (
    ItemId,
    ListingId,
    ListingRow,
    PoolName,
    ShopName,
    Sku,
    SourceName,
    StockRow,
    WarehouseName,
)
from syncd.domain.pipeline import Figures, compute
from syncd.domain.plan import ShopTraits
from syncd.domain.records import LevelRow, ShopState, SourceState
from syncd.domain.stock_grid import StockGrid
from syncd.domain.topology import Bundle, Pool, PoolMode, Rule, Shop, SourceRules, Topology
from syncd.domain.virtual.pools import share_rows

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)

_ERP = SourceName("erp")
_PERIOD = 20
"""Of so many listings one is a bundle, one a case of 12, and one repeats its neighbour as a case of 6."""


def make_state(skus: int, shops: int) -> State:
    """Return a settled state: `skus` SKUs, and as many listings in each shop; 1 in 20 is a bundle.

    Three fifths of the shops draw on a shared pool and three fifths on a split one, so that one fifth draws
    on both.
    """
    names = _shop_names(shops)
    topology = _topology(skus, names)
    state = State(
        topology=topology,
        now=NOW,
        stock=list(_stock(skus)),
        listings=list(_listings(names, skus, None)),
        sources={_ERP: SourceState(name=_ERP, seq=3, as_of=NOW, full_at=NOW)},
        shops={shop.name: ShopState(name=shop.name, accepted_at=NOW) for shop in topology.shops},
    )
    figures = compute(make_book(state))
    return replace(
        state, listings=list(_listings(names, skus, _shown(figures))), levels=list(_levels(figures))
    )


def make_listings(listings: int, shops: int) -> Iterator[ListingRow]:
    """Yield so many listings of each shop whose counters were never read, sorted by shop and id."""
    return _listings(_shop_names(shops), listings, None)


def question_of(state: State) -> Question:
    """Return what a cycle asks of `state` where every shop can unlist, every third only whole items."""
    traits = {
        shop.name: ShopTraits(can_unlist=True, unlists_items=number % 3 == 0)
        for number, shop in enumerate(state.topology.shops)
    }
    return Question(traits=traits, record=Record(shops=state.shops))


def rested(state: State, question: Question) -> State:
    """Return `state` after all that is decided went out and was recorded, until nothing is left to do."""
    while True:
        figures = (decision := decide(state, question)).plan.figures
        plan, book = decision.plan, decision.plan.book
        shares = {row[:3]: row for row in state.shares}
        changed = share_rows(book, figures.virtual, figures.shares.base)
        shares |= {row[:3]: row for row in changed}
        demand = {row[:2]: row for row in (*state.demand, *figures.virtual.demand)}
        state = replace(
            state,
            listings=ListingColumns.of(state.listings),
            shares=list(shares.values()),
            demand=list(demand.values()),
            moves=figures.virtual.moves,
        )
        if not len(plan) and not changed and not figures.virtual.demand:
            return state
        rows = [
            row._replace(
                expected_lo=units,
                expected_hi=units,
                observed=units,
                desired=units,
                want_off=off,
                on_sale=not off,
                delisted_by="syncd" if off else "",
            )
            for row, units, off in zip(
                book.listings.take(plan.listing),
                plan.desired[plan.listing].tolist(),
                figures.listings.off[plan.listing].tolist(),
                strict=True,
            )
        ]
        state = replace(state, listings=book.listings.replaced(rows))


def moved(state: State, every: int) -> State:
    """Return `state` after a delivery or a write-off of every so many SKUs; every 0 is of one alone."""
    step = every or len(state.stock)
    stock = [
        row._replace(on_hand=max(row.on_hand + (100 if at // step % 2 else -60), 0))
        if at % step == 2
        else row
        for at, row in enumerate(state.stock)
    ]
    return replace(state, stock=stock)


def columned(state: State) -> State:
    """Return the same state with all that there is much of as columns."""
    book = make_book(state)
    stock = StockGrid.of(state.stock, book.skus, book.sku_index)
    return replace(state, stock=stock, listings=book.listings, shares=book.shares, demand=book.demand)


# --- parts -------------------------------------------------------------------------------------------------


def _shop_names(shops: int) -> list[ShopName]:
    return [ShopName(f"shop_{number:02}") for number in range(shops)]


def _sku(number: int) -> Sku:
    return Sku(f"SKU-{number:06}")


def _topology(skus: int, names: Sequence[ShopName]) -> Topology:
    fifth = len(names) // 5
    pools = (
        Pool(
            name=PoolName("shared"),
            mode=PoolMode.SHARED,
            warehouses=(WarehouseName("north"), WarehouseName("south")),
            shops=tuple(names[: max(3 * fifth, 1)]),
        ),
        Pool(
            name=PoolName("split"),
            mode=PoolMode.SPLIT,
            warehouses=(WarehouseName("east"), WarehouseName("west")),
            shops=tuple(names[2 * fifth :]),
            reserve_percent=5,
        ),
    )
    places = tuple(warehouse for pool in pools for warehouse in pool.warehouses)
    return Topology(
        sources=(SourceRules(name=_ERP, warehouses=places),),
        pools=pools,
        shops=tuple(Shop(name=name) for name in names),
        rules=tuple(_rules(skus, names)),
        bundles=tuple(
            Bundle(sku=Sku(f"SET-{at:06}"), components={_sku(at): 1, _sku(at + 1): 2})
            for at in range(0, skus, _PERIOD)
        ),
    )


def _rules(skus: int, names: Sequence[ShopName]) -> Iterator[Rule]:
    yield Rule(name="pools.shared", pools=(PoolName("shared"),), values={"warning_level": 6})
    yield Rule(name="pools.split", pools=(PoolName("split"),), values={"warning_level": 3, "relist_level": 9})
    for number, name in enumerate(names):
        values = {"weight": 1 + number % 4, "percent": 100 - number % 3 * 5, "buffer": number % 2}
        yield Rule(name=f"shops.{name}", shops=(name,), values=values)
    for number in range(1 + skus // 1000):
        codes = tuple(_sku(number * 1000 % skus + place * 7) for place in range(10))
        yield Rule(
            name=f"overrides[{number}]",
            shops=(names[number % len(names)],),
            skus=codes,
            values={"cap": 20 + number % 50},
        )
    yield Rule(name="overrides.glob", skus=("SKU-*78", "SKU-000?1*"), values={"buffer": 3})


def _stock(skus: int) -> Iterator[StockRow]:
    dice = np.random.default_rng(7)
    for warehouse in ("north", "south", "east", "west"):
        on_hand = dice.integers(0, 200, skus)
        on_hand[dice.random(skus) < 0.1] = 0
        taken = on_hand // dice.integers(3, 20, skus)
        name = WarehouseName(warehouse)
        for number, (units, allocated) in enumerate(zip(on_hand.tolist(), taken.tolist(), strict=True)):
            yield StockRow(_ERP, _sku(number), name, NOW, 0, False, units, allocated, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What the counters read, listing by listing."""

    desired: Iterator[int]
    off: Iterator[bool]


def _shown(figures: Figures) -> _Shown:
    return _Shown(
        desired=iter(figures.listings.units.tolist()),
        off=iter(figures.listings.off.tolist()),
    )


def _listings(names: Sequence[ShopName], skus: int, shown: _Shown | None) -> Iterator[ListingRow]:
    """Yield the listings sorted by shop and id, unread without `shown`."""
    bound = [_bound(at) for at in range(skus)]
    for name in names:
        for at, (sku, units) in enumerate(bound):
            count = next(shown.desired) if shown else None
            off = next(shown.off) if shown else False
            yield ListingRow(
                shop=name,
                id=ListingId(f"{600_000_000 + at}"),
                code=f"1-{sku}",
                item=ItemId(f"{90_000_000 + at // 3}"),
                location="",
                title="",
                sku=sku,
                units=units,
                unbound_because="",
                desired=count,
                want_off=off,
                expected_lo=count,
                expected_hi=count,
                observed=count,
                observed_at=NOW,
                withheld=0,
                on_sale=not off,
                delisted_by="syncd" if off else "",
                gone=False,
            )


def _bound(at: int) -> tuple[Sku, int]:
    place = at % _PERIOD
    if place == 0:
        return Sku(f"SET-{at:06}"), 1
    if place == 13:
        return _sku(at - 1), 6
    return _sku(at), 12 if place == 7 else 1


def _levels(figures: Figures) -> Iterator[LevelRow]:
    book, levels = figures.book, figures.levels
    for edge, sku in np.argwhere(levels.off).tolist():
        place = book.edges[edge]
        yield LevelRow(place.pool, place.shop, book.skus[sku], NOW, 0, int(levels.seq[edge, sku]))
