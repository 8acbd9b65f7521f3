"""What every store owes for orders and how far they were taken in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import IdsOf, ListingId, ShopName, Sku, WatermarkEvent
from syncd.domain.orders import Stage
from syncd.domain.records import DemandRow, FeedState, OrderRow, SourceState
from syncd.errors import StateError
from syncd.ports.store import Store, TakenOrders, Virtual
from tests.contract.store_contract_rows import (
    ERP,
    NOW,
    ODD,
    SHARED,
    SHOP,
    Cut,
    PowerCut,
    claim_row,
    exactly,
    flags,
    listing_row,
    proof,
    rows_of,
    texts,
    times,
    wholes,
)


def order_row(line: str = "1", *, shop: str = "tmall", replaces: str = "") -> OrderRow:
    return OrderRow(
        shop=ShopName(shop),
        order="9",
        line=line,
        listing=ListingId("1"),
        code="A",
        units=1,
        released=0,
        shipped=0,
        stage=Stage.PAID,
        created=NOW,
        paid=NOW,
        sent=None,
        ended=None,
        modified=NOW,
        replaces=replaces,
        doubt="",
        warehouse="",
        parts='{"A":1}',
        off_least=1,
        off_most=1,
        grown=NOW,
        settled=False,
    )


order_rows = rows_of(
    OrderRow,
    **dict.fromkeys(
        ("shop", "order", "line", "listing", "code", "replaces", "doubt", "warehouse", "parts"), texts
    ),
    **dict.fromkeys(("units", "released", "shipped", "off_least", "off_most"), wholes),
    **dict.fromkeys(("created", "modified", "grown"), times),
    **dict.fromkeys(("paid", "sent", "ended"), st.none() | times),
    stage=st.sampled_from(Stage),
    settled=flags,
)


class OrderContract:
    """What a store owes for orders."""

    async def test_a_new_store_knows_no_order(self, store: Store) -> None:
        assert list(await store.orders()) == []

    async def test_an_order_line_can_be_read_back(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row("2"), order_row("1")]))
        assert list(await store.orders()) == [order_row("1"), order_row("2")]

    @SHARED
    @given(row=order_rows)
    async def test_any_order_line_comes_back_as_it_was(self, store: Store, row: OrderRow) -> None:
        await store.take_orders(TakenOrders(rows=[row]))
        (found,) = [one for one in await store.orders(row.shop) if one.line == row.line]
        assert exactly(found) == exactly(row)

    async def test_a_newer_version_replaces_an_order_line(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row()]))
        await store.take_orders(TakenOrders(rows=[order_row()._replace(units=5)]))
        assert [row.units for row in await store.orders()] == [5]

    async def test_the_orders_of_one_shop_are_not_those_of_another(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row(), order_row(shop="jd")]))
        assert list(await store.orders(SHOP)) == [order_row()]

    async def test_named_lines_are_found(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row("1"), order_row("2"), order_row("3")]))
        assert [row.line for row in await store.named_orders(SHOP, ["3", "1", "7"])] == ["1", "3"]

    async def test_a_line_is_found_by_the_name_of_the_one_it_replaced(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row("1", replaces="0"), order_row("2")]))
        assert [row.line for row in await store.named_orders(SHOP, ["0"])] == ["1"]

    async def test_named_lines_of_another_shop_are_not_found(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row("1", shop="jd", replaces="0")]))
        assert list(await store.named_orders(SHOP, ["0", "1"])) == []

    async def test_no_name_finds_nothing(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row("1")]))
        assert list(await store.named_orders(SHOP, [])) == []

    async def test_a_line_that_is_named_twice_and_by_what_it_replaced_is_found_once(
        self, store: Store
    ) -> None:
        await store.take_orders(
            TakenOrders(rows=[order_row("1", replaces="0"), order_row("2", replaces="1")])
        )
        found = await store.named_orders(SHOP, ["1", "0", "1"])
        assert [row.line for row in found] == ["1", "2"]

    async def test_a_line_without_a_name_replaces_nothing(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row("1"), order_row("")]))
        assert [row.line for row in await store.named_orders(SHOP, [""])] == [""]

    @pytest.mark.parametrize("name", ODD)
    async def test_any_text_names_its_own_line_and_what_replaces_it_alone(
        self, store: Store, name: str
    ) -> None:
        rows = [order_row(each) for each in ODD]
        replacing = [order_row(f"r{n}", replaces=each) for n, each in enumerate(ODD) if each]
        await store.take_orders(TakenOrders(rows=[*rows, *replacing]))
        found = {row.line for row in await store.named_orders(SHOP, [name])}
        assert found == {name} | {row.line for row in replacing if row.replaces == name}

    async def test_a_name_does_not_end_at_its_first_nul(self, store: Store) -> None:
        rows = [
            order_row("x"),
            order_row("x\0y"),
            order_row("y", replaces="x\0z"),
            order_row("z", replaces="x"),
        ]
        await store.take_orders(TakenOrders(rows=rows))
        found = [
            [row.line for row in await store.named_orders(SHOP, [name])] for name in ("x", "x\0y", "x\0z")
        ]
        assert found == [["x", "z"], ["x\0y"], ["y"]]

    async def test_a_name_that_cannot_be_stored_finds_nothing_and_hides_no_other(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row("1")]))
        assert [row.line for row in await store.named_orders(SHOP, ["\ud800", "1"])] == ["1"]

    async def test_claims_are_closed_and_opened_with_the_orders(self, store: Store) -> None:
        await store.save_claims([claim_row("1"), claim_row("2")], [])
        await store.take_orders(TakenOrders(claims=[claim_row("3")], closed=[claim_row("1")]))
        assert sorted(claim.line for claim in await store.claims()) == ["2", "3"]

    async def test_counters_move_with_the_orders(self, store: Store) -> None:
        await store.save_listings([listing_row()])
        await store.take_orders(TakenOrders(proofs=[proof(lo=1, hi=4)._replace(on_sale=None)]))
        (row,) = await store.listings()
        assert (row.expected_lo, row.expected_hi, row.on_sale) == (1, 4, True)

    async def test_a_counter_of_a_listing_nobody_knows_is_an_error(self, store: Store) -> None:
        with pytest.raises(StateError, match="listing 1 is not in the state"):
            await store.take_orders(TakenOrders(rows=[order_row()], proofs=[proof()]))
        assert list(await store.orders()) == []

    async def test_an_intake_that_is_cut_off_leaves_nothing(self, store: Store) -> None:
        await store.save_claims([claim_row("1")], [])
        with pytest.raises(PowerCut):
            await store.take_orders(
                TakenOrders(
                    rows=[order_row()],
                    claims=[claim_row("2")],
                    closed=[claim_row("1")],
                    feeds=[FeedState(shop=SHOP, cursor=NOW)],
                    demand=Cut([DemandRow(SHOP, Sku("A"), 1.0, 60.0, 0.5, True, NOW)]),
                )
            )
        claims = [claim.line for claim in await store.claims()]
        assert (list(await store.orders()), claims, await store.feeds()) == ([], ["1"], {})

    async def test_what_old_orders_say_of_the_demand_takes_the_place_of_what_was_known(
        self, store: Store
    ) -> None:
        before = DemandRow(SHOP, Sku("A"), 1.0, 60.0, 0.5, True, NOW)
        await store.save_virtual(Virtual(demand=[before]))
        told = before._replace(sold=4.5, seconds=600.0, stocked=False)
        await store.take_orders(TakenOrders(demand=[told]))
        assert list(await store.demand()) == [told]

    async def test_a_cursor_can_be_read_back(self, store: Store) -> None:
        feed = FeedState(shop=SHOP, cursor=NOW, error="down", failing_since=NOW)
        await store.take_orders(TakenOrders(feeds=[FeedState(shop=SHOP), feed]))
        assert await store.feeds() == {SHOP: feed}

    async def test_what_a_source_contains_can_be_read_back(self, store: Store) -> None:
        source = SourceState(
            name=ERP,
            watermarks={SHOP: NOW, ShopName("京东"): NOW},
            counts=WatermarkEvent.PAID,
            included={SHOP: frozenset({"9007199254740993", "2"}), ShopName("京东"): frozenset()},
            ids_of=IdsOf.ORDER,
        )
        await store.save_source(source)
        assert await store.sources() == {ERP: source}
