"""How fast shops sell, as advice takes it."""

from datetime import timedelta

import pytest

from syncd.domain.model import ListingId, ListingRow, PoolName, ShopName, Sku
from syncd.domain.paces import Paces, paces
from syncd.domain.records import DemandRow
from syncd.domain.topology import Bundle, Pool, PoolMode, Shop, Topology
from tests.unit.domain.cases import NOW
from tests.unit.domain.order_cases import listing

A, B, C = ShopName("a"), ShopName("b"), ShopName("c")
X = Sku("X")
DAY = 86_400.0
LONG = 3 * DAY


def sold(
    units: float, *, shop: ShopName = A, sku: Sku = X, seconds: float = LONG, stocked: bool = True
) -> DemandRow:
    return DemandRow(shop, sku, units, seconds, 0.0, stocked, NOW)


def shows(shop: ShopName = A, sku: str = "X") -> ListingRow:
    return listing()._replace(shop=shop, id=ListingId(sku), sku=Sku(sku))


def topology(mode: PoolMode = PoolMode.SHARED, *bundles: Bundle) -> Topology:
    pool = Pool(name=PoolName("main"), mode=mode, warehouses=(), shops=(A, B, C))
    return Topology(
        sources=(), pools=(pool,), shops=(Shop(name=A), Shop(name=B), Shop(name=C)), bundles=bundles
    )


def paced(*rows: DemandRow, listings: tuple[ListingRow, ...] = (shows(A), shows(B), shows(C))) -> Paces:
    return paces(rows, listings, topology(), NOW)


def daily(found: Paces, shop: ShopName, sku: Sku = X) -> float:
    pace = found.of(shop, sku)
    assert pace is not None
    return pace * DAY


def test_what_sold_for_days_sells_on_as_fast() -> None:
    assert daily(paced(sold(300.0)), A) == pytest.approx(100.0, rel=0.05)


def test_a_shop_that_never_sold_what_it_lists_is_not_taken_for_a_good_one() -> None:
    found = paced(sold(300.0))
    assert 0 < daily(found, B) < 1.0


def test_a_shop_that_does_not_list_a_sku_sells_none() -> None:
    assert daily(paced(sold(300.0), listings=(shows(A),)), B) == 0.0


def test_the_only_shop_that_lists_a_sku_sells_what_it_sold() -> None:
    found = paced(sold(4.0), listings=(shows(A),))
    assert daily(found, A) == pytest.approx(4 / 3, rel=0.1)


def test_a_listing_that_is_gone_sells_no_more() -> None:
    gone = shows(A)._replace(gone=True)
    assert daily(paced(sold(300.0), listings=(gone, shows(B))), A) == 0.0


def test_who_lists_a_bundle_sells_its_parts() -> None:
    bundle = Bundle(sku=Sku("SET"), components={X: 2})
    found = paces([sold(3.0)], [shows(B, "SET")], topology(PoolMode.SHARED, bundle), NOW)
    assert daily(found, A) == 0.0
    assert daily(found, B) > 0.0


def test_a_sku_without_demand_has_no_pace() -> None:
    assert paced(sold(3.0)).of(A, Sku("Y")) is None


def test_without_any_demand_there_is_no_pace() -> None:
    assert paced().of(A, X) is None


def test_listings_and_demand_of_shops_that_are_no_more_count_for_nothing() -> None:
    gone = ShopName("gone")
    rows, listings = [sold(300.0), sold(9.0, shop=gone)], (shows(A), shows(gone))
    assert (
        paces(rows, listings, topology(), NOW).rates.tolist()
        == paced(sold(300.0), listings=(shows(A),)).rates.tolist()
    )


def test_time_counts_where_nobody_notes_what_is_in_stock() -> None:
    row = sold(3.0, seconds=0.0, stocked=False)._replace(at=NOW - timedelta(days=3))
    assert daily(paced(row), A) < daily(paced(row._replace(at=NOW)), A) / 2


def test_time_without_stock_does_not_count_where_it_is_noted() -> None:
    row = sold(300.0, stocked=False)._replace(at=NOW - timedelta(days=3))
    found = paces([row], [shows(A)], topology(PoolMode.SPLIT), NOW)
    # Half of the units and half of the seconds have faded: the rate is what it was.
    assert daily(found, A) == pytest.approx(100.0, rel=0.05)


def test_of_a_shop_that_sold_its_own_time_counts() -> None:
    found = paced(sold(300.0), sold(100.0, shop=B, seconds=DAY))
    assert daily(found, B) == pytest.approx(100.0, rel=0.05)
