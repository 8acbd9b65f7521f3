"""What every store owes for sources, shops and listings."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import (
    ListingRow,
    Sku,
    SourceName,
    StockRow,
)
from syncd.domain.records import (
    ShopState,
    ShopStatus,
    SourceState,
    UnroutedRow,
)
from syncd.errors import StateError
from syncd.ports.store import Store
from tests.contract.store_contract_rows import (
    ERP,
    NOW,
    SHARED,
    SHOP,
    Cut,
    PowerCut,
    exactly,
    listing_row,
    listing_rows,
    shop_states,
    source_states,
    stock_row,
    stock_rows,
)


class StockContract:
    """What a store owes for sources and their figures."""

    async def test_a_new_store_knows_no_source(self, store: Store) -> None:
        assert await store.sources() == {}

    async def test_an_accepted_snapshot_can_be_read_back(self, store: Store) -> None:
        await store.accept(SourceState(name=ERP, seq=1), [stock_row("A"), stock_row("B")], None)
        assert sorted(await store.stock()) == [stock_row("A"), stock_row("B")]

    async def test_an_accepted_snapshot_carries_the_state_of_its_source(self, store: Store) -> None:
        source = SourceState(name=ERP, seq=1, as_of=NOW, cursor="c")
        await store.accept(source, [], None)
        assert await store.sources() == {ERP: source}

    async def test_cells_that_a_snapshot_leaves_out_keep_their_figures(self, store: Store) -> None:
        await store.accept(SourceState(name=ERP), [stock_row("A"), stock_row("B")], None)
        await store.accept(SourceState(name=ERP), [stock_row("B", on_hand=9)], None)
        assert sorted(await store.stock()) == [stock_row("A"), stock_row("B", on_hand=9)]

    async def test_the_same_sku_of_two_sources_and_warehouses_is_four_cells(self, store: Store) -> None:
        rows = [stock_row(source=source, warehouse=name) for source in ("erp", "wms") for name in ("x", "y")]
        await store.accept(SourceState(name=ERP), rows, None)
        assert len(await store.stock()) == 4

    async def test_unrouted_units_replace_those_of_their_source_only(self, store: Store) -> None:
        other = UnroutedRow(SourceName("wms"), Sku("A"), 1)
        await store.accept(SourceState(name=SourceName("wms")), [], [other])
        await store.accept(SourceState(name=ERP), [], [UnroutedRow(ERP, Sku("A"), 2)])
        await store.accept(SourceState(name=ERP), [], [UnroutedRow(ERP, Sku("B"), 3)])
        assert sorted(await store.unrouted()) == [UnroutedRow(ERP, Sku("B"), 3), other]

    async def test_unrouted_none_leaves_what_was_there(self, store: Store) -> None:
        await store.accept(SourceState(name=ERP), [], [UnroutedRow(ERP, Sku("A"), 2)])
        await store.accept(SourceState(name=ERP), [], None)
        assert await store.unrouted() == [UnroutedRow(ERP, Sku("A"), 2)]

    async def test_no_unrouted_units_forget_all_of_the_source(self, store: Store) -> None:
        await store.accept(SourceState(name=ERP), [], [UnroutedRow(ERP, Sku("A"), 2)])
        await store.accept(SourceState(name=ERP), [], [])
        assert await store.unrouted() == []

    async def test_unrouted_rows_with_0_units_are_not_kept(self, store: Store) -> None:
        await store.accept(SourceState(name=ERP), [], [UnroutedRow(ERP, Sku("A"), 0)])
        assert await store.unrouted() == []

    async def test_a_failing_source_keeps_its_figures(self, store: Store) -> None:
        await store.accept(SourceState(name=ERP, seq=1), [stock_row()], None)
        await store.save_source(SourceState(name=ERP, seq=1, error="down", failing_since=NOW))
        assert await store.stock() == [stock_row()]

    async def test_a_power_cut_in_an_accept_leaves_the_figures(self, store: Store) -> None:
        await store.accept(SourceState(name=ERP, seq=1), [stock_row()], None)
        with pytest.raises(PowerCut):
            await store.accept(SourceState(name=ERP, seq=2), Cut([stock_row(on_hand=0)]), None)
        assert await store.stock() == [stock_row()]

    async def test_a_power_cut_in_an_accept_leaves_the_source(self, store: Store) -> None:
        with pytest.raises(PowerCut):
            await store.accept(SourceState(name=ERP, seq=2), Cut([stock_row()]), None)
        assert await store.sources() == {}

    async def test_a_power_cut_in_the_unrouted_units_leaves_the_figures(self, store: Store) -> None:
        with pytest.raises(PowerCut):
            await store.accept(SourceState(name=ERP), [stock_row()], Cut([UnroutedRow(ERP, Sku("A"), 2)]))
        assert await store.stock() == []

    @SHARED
    @given(row=stock_rows)
    async def test_every_figure_comes_back_as_it_was(self, store: Store, row: StockRow) -> None:
        await store.accept(SourceState(name=ERP), [row], None)
        found = next(other for other in await store.stock() if other[:3] == row[:3])
        assert exactly(found) == exactly(row)

    @SHARED
    @given(source=source_states)
    async def test_every_source_comes_back_as_it_was(self, store: Store, source: SourceState) -> None:
        await store.save_source(source)
        assert (await store.sources())[source.name] == source


class ListingContract:
    """What a store owes for shops and listings."""

    async def test_a_new_store_has_no_listing(self, store: Store) -> None:
        assert list(await store.listings()) == []

    async def test_listings_are_sorted_by_shop_and_id_as_text(self, store: Store) -> None:
        keys = [("b", "1"), ("a", "9"), ("a", "10"), ("a", "\U0001f600"), ("a", "\uffff")]
        await store.save_listings([listing_row(listing, shop=shop) for shop, listing in keys])
        assert [(row.shop, row.id) for row in await store.listings()] == sorted(keys)

    async def test_the_listings_of_one_shop_leave_out_the_others(self, store: Store) -> None:
        await store.save_listings([listing_row("1"), listing_row("2"), listing_row("1", shop="jd")])
        assert await store.listings(SHOP) == [listing_row("1"), listing_row("2")]

    async def test_a_saved_listing_replaces_the_whole_row(self, store: Store) -> None:
        changed = listing_row()._replace(sku=Sku(""), on_sale=None, observed=None, gone=True)
        await store.save_listings([listing_row()])
        await store.save_listings([changed])
        assert await store.listings() == [changed]

    async def test_unknown_zero_and_false_stay_apart(self, store: Store) -> None:
        rows = [
            listing_row("1")._replace(observed=None, on_sale=None),
            listing_row("2")._replace(observed=0, on_sale=False),
        ]
        await store.save_listings(rows)
        assert [exactly(row) for row in await store.listings()] == [exactly(row) for row in rows]

    async def test_a_listing_id_of_64_bits_keeps_every_digit(self, store: Store) -> None:
        await store.save_listings([listing_row("9223372036854775807")])
        assert (await store.listings())[0].id == "9223372036854775807"

    async def test_a_power_cut_while_listings_are_saved_leaves_them(self, store: Store) -> None:
        await store.save_listings([listing_row()])
        with pytest.raises(PowerCut):
            await store.save_listings(Cut([listing_row()._replace(observed=0)]))
        assert await store.listings() == [listing_row()]

    async def test_a_listing_that_cannot_be_stored_is_named(self, store: Store) -> None:
        with pytest.raises(StateError, match="77"):
            await store.save_listings([listing_row("1"), listing_row("77")._replace(title="\ud800")])

    async def test_a_listing_that_cannot_be_stored_takes_the_others_with_it(self, store: Store) -> None:
        with pytest.raises(StateError):
            await store.save_listings([listing_row("1"), listing_row("2")._replace(observed=2**63)])
        assert list(await store.listings()) == []

    async def test_a_time_without_a_zone_is_refused(self, store: Store) -> None:
        with pytest.raises(StateError):
            await store.save_listings([listing_row()._replace(observed_at=NOW.replace(tzinfo=None))])

    async def test_a_figure_that_is_no_whole_number_is_refused(self, store: Store) -> None:
        wrong: Any = 2.5
        with pytest.raises(StateError):
            await store.save_listings([listing_row()._replace(observed=wrong)])

    async def test_the_state_of_a_shop_is_replaced(self, store: Store) -> None:
        await store.save_shop(ShopState(name=SHOP, error="down", failing_since=NOW))
        await store.save_shop(ShopState(name=SHOP, status=ShopStatus.PAUSED))
        assert await store.shops() == {SHOP: ShopState(name=SHOP, status=ShopStatus.PAUSED)}

    @SHARED
    @given(row=listing_rows)
    async def test_every_listing_comes_back_as_it_was(self, store: Store, row: ListingRow) -> None:
        await store.save_listings([row])
        found = next(other for other in await store.listings(row.shop) if other.id == row.id)
        assert exactly(found) == exactly(row)

    @SHARED
    @given(rows=st.lists(listing_rows, max_size=8))
    async def test_any_listings_are_sorted(self, store: Store, rows: list[ListingRow]) -> None:
        await store.save_listings(rows)
        keys = [(row.shop, row.id) for row in await store.listings()]
        assert keys == sorted(keys)

    @SHARED
    @given(shop=shop_states)
    async def test_every_shop_comes_back_as_it_was(self, store: Store, shop: ShopState) -> None:
        await store.save_shop(shop)
        assert (await store.shops())[shop.name] == shop
