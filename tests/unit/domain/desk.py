"""A small state by hand: shops on the pool `p` of the warehouse `w`, all of it well and filled."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.domain.book import State, make_book
from syncd.domain.model import (
    Change,
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
from syncd.domain.pipeline import compute
from syncd.domain.plan import Plan, ShopTraits, make_plan
from syncd.domain.records import ClaimRow, ShopState, SourceState
from syncd.domain.topology import Pool, PoolMode, Rule, Shop, SourceRules, Topology
from tests.unit.domain.cases import NOW, listing_row

A, B, ERP, P, W = ShopName("a"), ShopName("b"), SourceName("erp"), PoolName("p"), WarehouseName("w")
KNOWN = {name: ShopState(name=name, accepted_at=NOW, observed_at=NOW) for name in (A, B)}


def entry(sku: str, reads: int | None = 10, *, shop: str = "a", **settings: Any) -> ListingRow:  # noqa: ANN401
    """Return a listing of `sku` that reads what it should, unless something else is said."""
    row = listing_row(
        shop=ShopName(shop), listing=ListingId(sku or "unbound"), sku=Sku(sku), units=1, expected_hi=reads
    )
    return row._replace(**({"expected_lo": reads, "desired": reads, "observed_at": NOW} | settings))


def item(name: str) -> ItemId:
    return ItemId(name)


def cell(sku: str, on_hand: int, **figures: Any) -> StockRow:  # noqa: ANN401
    row = StockRow(ERP, Sku(sku), W, NOW, 0, False, on_hand, 0, 0, 0, 0, 0, 0)
    return row._replace(**figures)


def claim(sku: str, units: int, *, shop: str = "a", at: datetime = NOW) -> ClaimRow:
    return ClaimRow(ShopName(shop), f"{shop}-{sku}", Sku(sku), "", units, at)


def rule(values: Mapping[str, int], *, name: str = "overrides[0]", **match: Any) -> Rule:  # noqa: ANN401
    return Rule(name=name, values=values, **match)


def state(
    stock: Mapping[str, int] | tuple[StockRow, ...],
    *listings: ListingRow,
    **settings: Any,  # noqa: ANN401
) -> State:
    """Return the state of those figures; `settings` are of the state, the topology or the pool."""
    rows = tuple(cell(sku, units) for sku, units in stock.items()) if isinstance(stock, Mapping) else stock
    shops = settings.pop("of", None) or tuple(Shop(name=name) for name in sorted({r.shop for r in listings}))
    pool = Pool(
        name=P, mode=PoolMode.SHARED, warehouses=(W,), shops=tuple(shop.name for shop in shops) or (A,)
    )
    pool = replace(pool, **settings.pop("pool", {}))
    topology = Topology(
        sources=(SourceRules(name=ERP, warehouses=pool.warehouses),),
        pools=(pool,),
        shops=shops or (Shop(name=A),),
    )
    base = State(
        topology=replace(topology, **settings.pop("topology", {})),
        now=NOW,
        stock=rows,
        listings=sorted(listings, key=lambda row: row[:2]),
        sources={ERP: SourceState(name=ERP, seq=7, as_of=NOW)},
        shops=KNOWN,
    )
    return replace(base, **settings)


def planned(
    base: State,
    *,
    reconfigured: Mapping[ShopName, bool] | None = None,
    **traits: Any,  # noqa: ANN401
) -> Plan:
    """Return the plan for shops that all have the same traits."""
    every = {shop.name: ShopTraits(**traits) for shop in base.topology.shops}
    return make_plan(compute(make_book(base)), every, reconfigured or {})


def by_listing(plan: Plan) -> dict[str, Change]:
    return {change.listing: change for change in plan.changes()}
