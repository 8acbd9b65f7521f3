"""What every store owes who asks for a few SKUs, items or places."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import ItemId, ListingId, ListingRow, PoolName, ShopName, Sku, StockRow
from syncd.domain.records import DemandRow, LevelRow, ShareRow, SourceState
from syncd.ports.store import Measured, Store, Virtual
from tests.contract.store_contract_rows import (
    ERP,
    NOW,
    ODD,
    SHARED,
    listing_row,
    listing_rows,
    save_plan,
    stock_row,
    stock_rows,
)

A, B = ShopName("a"), ShopName("b")
X, Y, Z = Sku("X"), Sku("Y"), Sku("Z")
_ODD = [*map(Sku, ODD)]
UNSTORABLE = Sku("\ud800")


def _listing(id_: str, shop: ShopName = A, sku: Sku = X, item: str = "i") -> ListingRow:
    return listing_row(id_, shop=shop)._replace(sku=sku, item=ItemId(item))


def _share(sku: Sku, shop: ShopName = A, pool: str = "main") -> ShareRow:
    return ShareRow(PoolName(pool), shop, sku, 0, None)


def _level(sku: Sku, shop: ShopName = A) -> LevelRow:
    return LevelRow(PoolName("main"), shop, sku, NOW, 1, 2)


def _demand(sku: Sku, shop: ShopName = A) -> DemandRow:
    return DemandRow(shop, sku, 2.5, 60.25, 0.5, True, NOW)


async def _fill(store: Store) -> None:
    """Give each of three SKUs a row of everything in each of two shops."""
    places = [(sku, shop) for sku in (Z, X, Y) for shop in (B, A)]
    await store.accept(SourceState(name=ERP), [stock_row(sku, source=shop) for sku, shop in places], None)
    await store.save_listings([_listing(f"{shop}{sku}", shop, sku) for sku, shop in places])
    await save_plan(store, levels=[_level(*place) for place in places])
    shares, demand = [_share(*place) for place in places], [_demand(*place) for place in places]
    await store.save_virtual(Virtual(shares=shares, demand=demand))


async def _read(store: Store, skus: list[Sku] | None) -> list[Sequence[object]]:
    return [
        sorted(await store.stock(skus)),
        list(await store.listings(skus=skus)),
        sorted(await store.levels(skus)),
        list(await store.shares(skus)),
        list(await store.demand(skus)),
    ]


class NarrowContract:
    """What a store owes for readings of a part."""

    async def test_named_skus_bring_the_rows_of_the_whole_that_are_theirs(self, store: Store) -> None:
        await _fill(store)
        whole = await _read(store, None)
        theirs = [[row for row in rows if getattr(row, "sku", None) in (Y, X)] for rows in whole]
        assert await _read(store, [Y, X]) == theirs

    async def test_named_skus_bring_rows_of_all_kinds(self, store: Store) -> None:
        await _fill(store)
        assert [len(rows) for rows in await _read(store, [Y])] == [2, 2, 2, 2, 2]

    async def test_no_named_sku_brings_no_row(self, store: Store) -> None:
        await _fill(store)
        assert await _read(store, []) == [[], [], [], [], []]

    async def test_a_sku_that_is_not_known_brings_no_row(self, store: Store) -> None:
        await _fill(store)
        assert await _read(store, [Sku("gone"), UNSTORABLE]) == [[], [], [], [], []]

    async def test_a_sku_that_is_named_twice_brings_its_rows_once(self, store: Store) -> None:
        await _fill(store)
        assert await _read(store, [X, X]) == await _read(store, [X])

    async def test_the_listings_of_named_skus_in_one_shop_leave_out_the_other_shops(
        self, store: Store
    ) -> None:
        await _fill(store)
        found = await store.listings(B, skus=[Y, X, Sku("gone")])
        assert [(row.shop, row.sku) for row in found] == [(B, X), (B, Y)]

    async def test_no_named_sku_in_one_shop_brings_no_listing(self, store: Store) -> None:
        await _fill(store)
        assert await store.listings(B, skus=[]) == []

    async def test_listings_are_found_by_the_sku_that_they_are_bound_to_now(self, store: Store) -> None:
        await store.save_listings([_listing("1", sku=X), _listing("2", sku=X)])
        await store.save_listings([_listing("1", sku=Y)])
        found = [[row.id for row in await store.listings(skus=[sku])] for sku in (X, Y)]
        assert found == [["2"], ["1"]]

    async def test_siblings_are_all_listings_of_the_item_in_its_shop(self, store: Store) -> None:
        rows = [_listing("1"), _listing("2", sku=Y), _listing("3", item="j"), _listing("4", shop=B)]
        await store.save_listings(rows)
        assert await store.siblings([(A, ItemId("i"))]) == rows[:2]

    async def test_a_listing_that_is_its_own_item_has_itself_alone(self, store: Store) -> None:
        rows = [_listing("1", item="1"), _listing("2", item="2"), _listing("3", item="1")._replace(shop=B)]
        await store.save_listings(rows)
        assert await store.siblings([(A, ItemId("1"))]) == rows[:1]

    async def test_siblings_are_found_by_the_item_that_they_are_of_now(self, store: Store) -> None:
        await store.save_listings([_listing("1"), _listing("2")])
        await store.save_listings([_listing("1", item="j")])
        found = [[row.id for row in await store.siblings([(A, ItemId(item))])] for item in "ij"]
        assert found == [["2"], ["1"]]

    async def test_siblings_of_several_items_come_sorted_and_once(self, store: Store) -> None:
        rows = [_listing("1", B), _listing("2", A, item="j"), _listing("3", A, item="i"), _listing("4", A)]
        await store.save_listings(rows)
        items = [(B, ItemId("i")), (A, ItemId("i")), (A, ItemId("j")), (A, ItemId("i")), (B, ItemId("j"))]
        assert await store.siblings(items) == [*rows[1:], rows[0]]

    async def test_no_items_have_no_siblings(self, store: Store) -> None:
        await _fill(store)
        assert await store.siblings([]) == []

    async def test_listings_are_found_by_their_places_sorted_and_once(self, store: Store) -> None:
        await _fill(store)
        names = [(B, "bX"), (A, "aY"), (A, "bX"), (A, "aX"), (B, "bX"), (A, UNSTORABLE)]
        found = await store.named([(shop, ListingId(id_)) for shop, id_ in names])
        assert [(row.shop, row.id) for row in found] == [(A, "aX"), (A, "aY"), (B, "bX")]

    async def test_no_places_have_no_listings(self, store: Store) -> None:
        await _fill(store)
        assert await store.named([]) == []

    @pytest.mark.parametrize("sku", _ODD)
    async def test_any_text_finds_its_own_rows_alone(self, store: Store, sku: Sku) -> None:
        await store.accept(SourceState(name=ERP), [stock_row(each) for each in _ODD], None)
        await store.save_listings([_listing(each, sku=each, item=f"i{each}") for each in _ODD])
        await store.save_measures(Measured(demand=[_demand(each) for each in _ODD]))
        found = [
            [row.sku for row in await store.stock([sku])],
            [row.sku for row in await store.listings(skus=[sku])],
            [row.sku for row in await store.listings(A, skus=[sku])],
            [row.sku for row in await store.siblings([(A, ItemId(f"i{sku}"))])],
            [row.sku for row in await store.named([(A, ListingId(sku))])],
            [row.sku for row in await store.demand([sku])],
            [row.sku for row in await store.demand_of([(A, sku)])],
        ]
        assert found == [[sku]] * 7

    @SHARED
    @given(rows=st.lists(listing_rows, max_size=6), data=st.data())
    async def test_any_listings_of_named_skus_are_those_of_the_whole_in_its_order(
        self, store: Store, rows: list[ListingRow], data: st.DataObject
    ) -> None:
        few = [row._replace(sku=data.draw(st.sampled_from([X, Y, Z]))) for row in rows]
        await store.save_listings(few)
        whole = await store.listings()
        assert await store.listings(skus=[Z, X]) == [row for row in whole if row.sku in (X, Z)]

    @SHARED
    @given(rows=st.lists(stock_rows, max_size=6))
    async def test_any_cell_is_found_by_its_sku(self, store: Store, rows: list[StockRow]) -> None:
        await store.accept(SourceState(name=ERP), rows, None)
        whole = await store.stock()
        for sku in {row.sku for row in rows}:
            assert sorted(await store.stock([sku])) == sorted(row for row in whole if row.sku == sku)
