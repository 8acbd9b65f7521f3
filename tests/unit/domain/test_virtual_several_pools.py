"""A split pool whose shops draw on a shared pool of other SKUs, too: what they show is of their share."""

from typing import Any

import pytest

from syncd.domain.decision import Question, decide
from syncd.domain.model import ListingRow, PoolName, StockRow, WarehouseName
from syncd.domain.records import DemandRow, MoveRow, ShareRow
from syncd.domain.topology import Pool, PoolMode, Shop, SourceRules
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import ERP, A, B, P, W, cell, claim, entry, state

Q, V = PoolName("q"), WarehouseName("v")


def _figures(units: int) -> tuple[StockRow, ...]:
    return (cell("OTHER", 100), cell("LAMP", units)._replace(warehouse=V))


def _lamp(shop: str, reads: int, **settings: Any) -> ListingRow:  # noqa: ANN401
    return entry("LAMP", reads, shop=shop, **settings)


def _share(shop: str, units: int) -> ShareRow:
    return ShareRow(Q, {"a": A, "b": B}[shop], cell("LAMP", 0).sku, units, None)


def _news(units: int, *listings: ListingRow, **settings: Any) -> dict[tuple[str, str], int]:  # noqa: ANN401
    """Return what may be written at once, by shop and SKU."""
    shared = Pool(name=P, mode=PoolMode.SHARED, warehouses=(W,), shops=(A, B))
    split = Pool(name=Q, mode=PoolMode.SPLIT, warehouses=(V,), shops=(A, B))
    topology = {
        "pools": (shared, split),
        "sources": (SourceRules(name=ERP, warehouses=(W, V)),),
        "shops": (Shop(name=A), Shop(name=B)),
    }
    decision = decide(state(_figures(units), *listings, topology=topology, **settings), Question())
    return {(change.shop, change.sku): change.new for change in decision.going()}


def test_its_own_sale_comes_off_the_share_of_the_shop_that_sold() -> None:
    shares = (_share("a", 10), _share("b", 12))
    listings = (_lamp("a", 9, desired=10), _lamp("b", 12))
    assert _news(22, *listings, shares=shares, claims=(claim("LAMP", 1),)) == {}


@pytest.mark.parametrize("shows", [9, 10])
def test_what_is_still_on_sale_elsewhere_is_given_to_nobody(shows: int) -> None:
    shares = (_share("a", 5), _share("b", 10))
    moves = (MoveRow(Q, shares[0].sku, A, B, 5, NOW),)
    demand = (DemandRow(B, shares[0].sku, 50.0, 600.0, 50.0, True, NOW),)
    listings = (_lamp("a", shows), _lamp("b", 10))
    news = _news(20, *listings, shares=shares, moves=moves, demand=demand)
    assert news.get((B, shares[0].sku), 0) <= 20 - shows
