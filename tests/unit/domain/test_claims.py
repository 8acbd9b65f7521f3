"""What counters that moved say about sales: never nothing, and twice for a while at most."""

from datetime import UTC, datetime, timedelta

import pytest

from syncd.domain.claims import Drop, contained, drop, drop_listing, presumed
from syncd.domain.model import ListingId, ListingRow, PoolName, ShopName, Sku, SourceName, WarehouseName
from syncd.domain.records import ClaimRow, SourceState
from syncd.domain.topology import Bundle, Pool, PoolMode, Shop, SourceRules, Topology
from tests.unit.domain.cases import listing_row

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LAG = {ShopName("a"): timedelta(minutes=10)}


def topology(*bundles: Bundle) -> Topology:
    places = [WarehouseName(name) for name in ("v", "w")]
    return Topology(
        sources=tuple(
            SourceRules(name=SourceName(source), warehouses=(place,))
            for source, place in zip(("erp", "wms"), places, strict=True)
        ),
        pools=(
            Pool(name=PoolName("p"), mode=PoolMode.SHARED, warehouses=tuple(places), shops=(ShopName("a"),)),
        ),
        shops=(Shop(name=ShopName("a")),),
        bundles=bundles,
    )


def listing(sku: str = "A", *, units: int = 1, lo: int | None = 10, hi: int | None = 10) -> ListingRow:
    row = listing_row(shop=ShopName("a"), listing=ListingId("1"), sku=Sku(sku), units=units, expected_hi=hi)
    return row._replace(expected_lo=lo)


def claim(units: int, *, line: str = "drop:1:A:t0", minutes: int = 0, sku: str = "A") -> ClaimRow:
    return ClaimRow(ShopName("a"), line, Sku(sku), "", units, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("lo", "hi", "shown", "fell"),
    [
        (10, 10, 10, 0),
        (10, 10, 7, 3),
        (10, 10, 12, -2),
        (5, 10, 10, 0),
        (5, 10, 5, 0),
        (5, 10, 8, 2),
        (5, 10, 3, 2),
        (5, 10, 11, -1),
        (10, 10, None, 0),
        (None, None, 3, 0),
    ],
)
def test_a_counter_fell_from_where_it_can_have_stood(
    lo: int | None, hi: int | None, shown: int | None, fell: int
) -> None:
    assert drop(listing(lo=lo, hi=hi), shown) == fell


@pytest.mark.parametrize(("shown", "fell"), [(5, 5), (8, 2), (10, 0), (11, -1)])
def test_all_below_the_higher_end_may_be_sold_where_no_write_made_the_interval(shown: int, fell: int) -> None:
    assert drop(listing(lo=5, hi=10), shown, by_orders=True) == fell


def test_a_sale_of_a_shop_whose_orders_never_reach_the_erp_is_never_contained() -> None:
    assert not contained([claim(3)], heard(erp=9999, wms=9999), topology(), {ShopName("a"): None})


def test_a_presumed_sale_names_its_listing() -> None:
    assert drop_listing(claim(3, line="drop:1:x:A:t0:10")) == "1:x"


def test_a_listing_that_is_new_or_was_gone_sold_nothing() -> None:
    assert drop(None, 3) == 0
    assert drop(listing()._replace(gone=True), 3) == 0


def test_a_pack_sells_all_its_units() -> None:
    found = presumed([Drop(listing(units=12), 2, "t")], [], topology(), NOW)

    assert [(c.sku, c.units) for c in found.opened] == [("A", 24)]


def test_a_bundle_sells_each_of_its_parts() -> None:
    bundle = Bundle(sku=Sku("K"), components={Sku("A"): 1, Sku("B"): 3})

    found = presumed([Drop(listing("K"), 2, "t")], [], topology(bundle), NOW)

    assert sorted((c.sku, c.units) for c in found.opened) == [("A", 2), ("B", 6)]


def test_the_same_drop_found_again_is_the_same_sale() -> None:
    first = presumed([Drop(listing(), 3, "t")], [], topology(), NOW).opened

    again = presumed([Drop(listing(), 4, "t")], first, topology(), NOW + timedelta(minutes=1)).opened

    assert [(one.line, one.units) for one in again] == [(first[0].line, 4)]


def test_two_drops_of_one_listing_are_two_sales() -> None:
    found = presumed([Drop(listing(), 3, "t1"), Drop(listing(), 2, "t2")], [], topology(), NOW)

    assert sorted(c.units for c in found.opened) == [2, 3]


def test_a_rise_gives_the_newest_sale_back_first() -> None:
    old, new = claim(3, line="drop:1:A:t0"), claim(2, line="drop:1:A:t1", minutes=1)

    found = presumed([Drop(listing(), -3, "t")], [old, new], topology(), NOW)

    assert (found.returned, found.closed) == ([old._replace(units=2)], [new._replace(units=0)])


def test_two_rises_give_back_one_after_the_other() -> None:
    known = claim(5)

    found = presumed([Drop(listing(), -1, "t"), Drop(listing(), -2, "u")], [known], topology(), NOW)

    assert found.returned == [known._replace(units=2)]


def test_a_rise_beyond_all_sales_is_told() -> None:
    found = presumed([Drop(listing(), -5, "t")], [claim(3)], topology(), NOW)

    assert [one.units for one in found.risen] == [-2]


def test_a_rise_that_sales_explain_is_not_told() -> None:
    assert not presumed([Drop(listing(), -3, "t")], [claim(3)], topology(), NOW).risen


def test_a_rise_gives_back_nothing_of_another_listing() -> None:
    other = claim(3, line="drop:11:A:t0")

    assert not presumed([Drop(listing(), -3, "t")], [other], topology(), NOW).returned


def test_a_rise_gives_back_nothing_of_another_sku_with_a_colon() -> None:
    other = claim(3, line="drop:1:A:B:t0", sku="A:B")

    assert not presumed([Drop(listing(), -3, "t")], [other], topology(), NOW).closed


def heard(**minutes: int | None) -> dict[SourceName, SourceState]:
    return {
        SourceName(name): SourceState(
            name=SourceName(name), as_of=None if after is None else NOW + timedelta(minutes=after)
        )
        for name, after in minutes.items()
    }


@pytest.mark.parametrize(
    ("erp", "wms", "over"), [(10, 10, True), (9, 10, False), (10, 9, False), (10, None, False)]
)
def test_a_sale_is_contained_when_all_sources_were_read_after_its_lag(
    erp: int,
    wms: int | None,
    over: bool,  # noqa: FBT001
) -> None:
    done = contained([claim(3)], heard(erp=erp, wms=wms), topology(), LAG)

    assert bool(done) is over


def test_a_sale_is_not_contained_in_a_source_that_was_never_seen() -> None:
    assert not contained([claim(3)], heard(erp=10), topology(), LAG)


def test_a_sale_of_a_shop_that_is_configured_no_more_is_over() -> None:
    stranger = claim(3)._replace(shop=ShopName("old"))

    assert contained([stranger], {}, topology(), LAG) == [stranger]
