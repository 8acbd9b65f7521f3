"""A large state in which every counter reads what it should, and what disturbs it."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import numpy as np

from syncd.domain.book import Book, State, make_book
from syncd.domain.columns import NOTHING, Column, narrow, rare, widened
from syncd.domain.decision import Question, decide
from syncd.domain.guard import Record
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import (
    Bools,
    Ints,
    ItemId,
    ListingId,
    ListingRow,
    Part,
    PoolName,
    ShopName,
    Sku,
    SourceName,
    WarehouseName,
)
from syncd.domain.pipeline import Figures, compute
from syncd.domain.plan import ShopTraits
from syncd.domain.records import LevelRow, ShopState, SourceState
from syncd.domain.stock_grid import StockGrid
from syncd.domain.texts import TextOf
from syncd.domain.topology import Bundle, Pool, PoolMode, Rule, Shop, SourceRules, Topology
from syncd.domain.virtual.pools import changed_shares

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ColumnT = TypeVar("ColumnT", Column, Bools)

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
        stock=_stock(skus),
        listings=_columns(names, skus),
        sources={_ERP: SourceState(name=_ERP, seq=3, as_of=NOW, full_at=NOW)},
        shops={shop.name: ShopState(name=shop.name, accepted_at=NOW) for shop in topology.shops},
    )
    figures = compute(book := make_book(state))
    shown = figures.listings
    every = np.arange(len(state.listings))
    return replace(
        state,
        listings=_showing(book.listings, every, shown.units, shown.off),
        levels=list(_levels(figures)),
    )


def make_listings(listings: int, shops: int) -> Iterator[ListingRow]:
    """Yield so many listings of each shop whose counters were never read, sorted by shop and id."""
    bound = [_bound(at) for at in range(listings)]
    for name in _shop_names(shops):
        yield from _rows(name, bound)


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
        changed = changed_shares(book, figures.virtual, figures.shares.base)
        # As columns: rows by the million would be made anew each time.
        _put_shares(book, figures, changed)
        book.demand.put(figures.virtual.demand, book.sku_index)
        state = replace(state, shares=book.shares, demand=book.demand, moves=figures.virtual.moves)
        if not len(plan) and not changed.any() and not figures.virtual.demand:
            return state
        at = plan.listing
        listings = _showing(book.listings, at, plan.desired[at], figures.listings.off[at])
        state = replace(state, listings=listings)


def _put_shares(book: Book, figures: Figures, changed: Bools) -> None:
    grid, divided = book.shares, figures.virtual
    places = {(edge.pool, edge.shop): at for at, edge in enumerate(book.edges)}
    split = [places[edge] for edge in grid.edges]
    at = changed[split]
    units = (figures.shares.base - divided.arriving)[split][at]
    grid.units = widened(grid.units, units)
    grid.units[at] = units
    ticks, code = np.unique(divided.moved[split][at], return_inverse=True)
    times = [None if one == NOTHING else _EPOCH + timedelta(microseconds=one) for one in ticks.tolist()]
    grid.moved[at] = grid.moments.codes(times)[code]


def moved(state: State, every: int) -> State:
    """Return `state` after a delivery or a write-off of every so many SKUs; every 0 is of one alone."""
    before = stock_of(state)
    stock = before.take(np.arange(len(before.skus)), before.skus)
    on_hand = stock.figures[Part.ON_HAND].astype(np.int64)
    step = every or on_hand.size
    at = np.arange(2, on_hand.size, step)
    on_hand.flat[at] = np.maximum(on_hand.flat[at] + np.where(at // step % 2, 100, -60), 0)
    stock.figures[Part.ON_HAND] = narrow(on_hand)
    return replace(state, stock=stock)


def stock_of(state: State) -> StockGrid:
    """Return the stock of a state that was made here, which is columns."""
    if not isinstance(state.stock, StockGrid):
        raise TypeError("a snapshot is read as columns")
    return state.stock


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


def _stock(skus: int) -> StockGrid:
    dice = np.random.default_rng(7)
    places = [(_ERP, WarehouseName(name)) for name in ("north", "south", "east", "west")]
    grid = StockGrid(places, tuple(map(_sku, range(skus))))
    on_hand, taken = (np.zeros((len(places), skus), dtype=np.int64) for _ in range(2))
    for at in range(len(places)):
        units = dice.integers(0, 200, skus)
        units[dice.random(skus) < 0.1] = 0
        on_hand[at], taken[at] = units, units // dice.integers(3, 20, skus)
    grid.figures[Part.ON_HAND], grid.figures[Part.ALLOCATED] = narrow(on_hand), narrow(taken)
    grid.missed[:] = 0
    grid.as_of[:] = grid.moments.codes([NOW])[0]
    return grid


def _columns(names: Sequence[ShopName], skus: int) -> ListingColumns:
    """Return unread listings sorted by shop and id.

    All shops have the same ones, so that the rows of one are made and repeated: millions would take minutes.
    """
    rows = list(_rows(names[0], [_bound(at) for at in range(skus)]))
    one = ListingColumns.of(rows)
    repeated: dict[str, Any] = {name: np.tile(getattr(one, name), len(names)) for name in _REPEATED}
    # As the state reads them.
    repeated |= {name: rare(repeated[name]) for name in ("gone", "held")}
    repeated |= {name: TextOf(rows * len(names), of) for name, of in _TEXTS.items()}
    return replace(
        one,
        shops=tuple(names),
        shop=narrow(np.repeat(np.arange(len(names)), skus)),
        hands=_HANDS,
        is_ordered=True,
        **repeated,
    )


_HANDS = ("", "syncd")
_TEXTS = {
    "ids": "id",
    "codes": "code",
    "items": "item",
    "locations": "location",
    "titles": "title",
    "reasons": "unbound_because",
}
_REPEATED = [
    one.name
    for one in fields(ListingColumns)
    if one.name not in (*_TEXTS, "shops", "shop", "skus", "hands", "is_ordered")
]


def _showing(listings: ListingColumns, at: Ints, units: Ints, off: Bools) -> ListingColumns:
    """Return the listings of which those at some places were read: so many units, and whether off sale."""

    def put(column: ColumnT, values: Column | Bools) -> ColumnT:
        after = column.copy()
        after[at] = values
        return after

    # Before anything is read a counter is far below zero, which takes more bytes.
    counters: dict[str, Any] = {
        name: narrow(put(widened(getattr(listings, name), units), units)) for name in _COUNTERS
    }
    return replace(
        listings,
        want_off=put(listings.want_off, off),
        on_sale=put(listings.on_sale, ~off),
        delisted_by=put(listings.delisted_by, off),
        **counters,
    )


_COUNTERS = ("desired", "lo", "hi", "observed")


def _rows(name: ShopName, bound: Sequence[tuple[Sku, int]]) -> Iterator[ListingRow]:
    """Yield the listings of one shop sorted by id; none was read."""
    for at, (sku, units) in enumerate(bound):
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
            desired=None,
            want_off=False,
            expected_lo=None,
            expected_hi=None,
            observed=None,
            observed_at=NOW,
            withheld=0,
            on_sale=True,
            delisted_by="",
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
