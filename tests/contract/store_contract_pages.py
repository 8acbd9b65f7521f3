"""What every store owes to people who look through it page by page."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.model import ListingId, ListingRow, ShopName, Sku, WarehouseName
from syncd.domain.records import OrderRow, RequestRow, SourceState
from syncd.ports.care import Old
from syncd.ports.pages import (
    ClaimsWanted,
    LedgerWanted,
    ListingCount,
    ListingsWanted,
    OrderKey,
    OrdersWanted,
    SkusWanted,
)
from syncd.ports.store import Store, TakenOrders
from tests.contract.store_contract_orders import order_row
from tests.contract.store_contract_rows import (
    ERP,
    NOW,
    ODD,
    SHOP,
    claim_row,
    ledger_row,
    listing_row,
    save_plan,
    stock_row,
)

WEB = ShopName("web")


def listed(listing: str, shop: str = "tmall", **columns: Any) -> ListingRow:  # noqa: ANN401
    return listing_row(listing, shop=shop)._replace(**columns)


async def ids(store: Store, **wanted: Any) -> list[str]:  # noqa: ANN401
    return [row.id for row in await store.listing_page(ListingsWanted(**wanted))]


async def skus(store: Store, **wanted: Any) -> Sequence[str]:  # noqa: ANN401
    return await store.sku_page(SkusWanted(**wanted))


class CataloguePageContract:
    """What a store owes for pages of listings and SKUs."""

    async def test_listings_come_page_by_page(self, store: Store) -> None:
        rows = [listed("1"), listed("2"), listed("1", "web"), listed("3", "web")]
        await store.save_listings([*reversed(rows)])
        first = await store.listing_page(ListingsWanted(limit=3))
        after = (first[-1].shop, first[-1].id)
        second = await store.listing_page(ListingsWanted(limit=3, after=after))
        assert [*first, *second] == rows

    async def test_a_page_of_listings_is_of_one_shop(self, store: Store) -> None:
        await store.save_listings([listed("1"), listed("2", "web")])
        assert await ids(store, shop=WEB) == ["2"]

    async def test_a_page_of_listings_is_of_one_sku(self, store: Store) -> None:
        await store.save_listings([listed("1"), listed("2", sku=Sku("B"))])
        assert await ids(store, sku=Sku("B")) == ["2"]

    @pytest.mark.parametrize("text", ["77", "mug-RED", "Blue", "mug"])
    async def test_a_listing_is_found_by_a_part_of_its_texts(self, store: Store, text: str) -> None:
        odd = listed("771", code="1-Mug-Red", title="a blue mug", sku=Sku("MUG"))
        await store.save_listings([odd, listed("2", code="2", title="", sku=Sku("B"))])
        assert await ids(store, search=text) == ["771"]

    @pytest.mark.parametrize("text", [text for text in ODD if text])
    async def test_the_signs_of_a_search_mean_themselves(self, store: Store, text: str) -> None:
        await store.save_listings([listed("1", title=f"a{text}b"), listed("2", title="ab")])
        assert "1" in await ids(store, search=text)
        assert ("2" in await ids(store, search=text)) is (text in "1-A")

    async def test_only_ascii_letters_are_the_same_in_both_cases(self, store: Store) -> None:
        await store.save_listings([listed("1", title="ÄRMEL")])
        assert (await ids(store, search="ärmel"), await ids(store, search="RMEL")) == ([], ["1"])

    async def test_an_unbound_listing_is_one_without_a_sku_or_with_a_reason(self, store: Store) -> None:
        held = listed("2", unbound_because="gone")
        gone = listed("3", sku=Sku(""), gone=True)
        await store.save_listings([listed("1"), held, gone, listed("4", sku=Sku(""))])
        assert await ids(store, unbound=True) == ["2", "4"]

    async def test_listings_are_counted_by_shop(self, store: Store) -> None:
        rows = [listed("1"), listed("2", sku=Sku("")), listed("3", gone=True), listed("1", "web")]
        await store.save_listings(rows)
        assert await store.listing_counts() == [ListingCount(SHOP, 2, 1), ListingCount(WEB, 1, 0)]

    async def test_skus_come_once_and_page_by_page(self, store: Store) -> None:
        rows = [stock_row(sku, warehouse=place) for sku in "CAB" for place in ("main", "west")]
        await store.accept(SourceState(name=ERP), rows, None)
        first = await skus(store, limit=2)
        assert (first, await skus(store, limit=2, after=Sku("B"))) == (["A", "B"], ["C"])

    async def test_a_sku_is_found_by_its_code_and_by_its_listings(self, store: Store) -> None:
        await store.accept(SourceState(name=ERP), [stock_row(sku) for sku in ("A", "B", "CUP")], None)
        await store.save_listings([listed("1", title="a Cup"), listed("2", sku=Sku(""), title="cup")])
        assert await skus(store, search="cup") == ["A", "CUP"]

    async def test_skus_are_found_by_their_warehouses(self, store: Store) -> None:
        rows = [stock_row("A"), stock_row("B", warehouse="west")]
        await store.accept(SourceState(name=ERP), rows, None)
        places = [WarehouseName("west"), WarehouseName("east")]
        assert (await skus(store, warehouses=places), await skus(store, warehouses=[])) == (["B"], [])


class DiaryPageContract:
    """What a store owes for pages of the ledger, and for one request."""

    async def test_the_ledger_comes_page_by_page(self, store: Store) -> None:
        await save_plan(store, ledger=[ledger_row(str(number)) for number in range(5)])
        first = await store.ledger_page(LedgerWanted(limit=3))
        second = await store.ledger_page(LedgerWanted(limit=3, before=first[-1].id))
        assert [entry.row.listing for entry in (*first, *second)] == ["4", "3", "2", "1", "0"]

    async def test_a_number_of_the_ledger_never_comes_twice(self, store: Store) -> None:
        await save_plan(store, ledger=[ledger_row("1", at=NOW - timedelta(days=2)), ledger_row("2")])
        await store.purge(Old.LEDGER, before=NOW, limit=1000)
        (kept,) = await store.ledger_page(LedgerWanted())
        await save_plan(store, ledger=[ledger_row("3")])
        (new, _) = await store.ledger_page(LedgerWanted())
        assert (kept.row.listing, new.row.listing, new.id > kept.id) == ("2", "3", True)

    @pytest.mark.parametrize(
        ("wanted", "listing"),
        [({"sku": "B"}, "1"), ({"shop": "web"}, "2"), ({"what": "share"}, "3"), ({"since": NOW}, "4")],
    )
    async def test_the_ledger_is_found_by_what_it_says(
        self, store: Store, wanted: dict[str, Any], listing: str
    ) -> None:
        old = NOW - timedelta(hours=1)
        rows = [
            ledger_row("1", at=old, sku="B"),
            ledger_row("2", at=old, shop="web"),
            ledger_row("3", at=old, what="share"),
            ledger_row("4"),
        ]
        await save_plan(store, ledger=rows)
        assert [entry.row.listing for entry in await store.ledger_page(LedgerWanted(**wanted))] == [listing]

    async def test_a_request_is_found_by_its_number(self, store: Store) -> None:
        number = await store.ask("pause", "tmall", at=NOW, by="ann")
        await store.answer(number, "done")
        assert await store.request(number) == RequestRow(number, "pause", "tmall", NOW, "ann", "done")

    async def test_a_request_that_nobody_made_is_none(self, store: Store) -> None:
        assert await store.request(7) is None


def ordered(line: str, *, minutes: int = 0, **columns: Any) -> OrderRow:  # noqa: ANN401
    row = order_row(line, shop=columns.pop("shop", "tmall"))
    return row._replace(created=NOW - timedelta(minutes=minutes), **columns)


async def lines(store: Store, **wanted: Any) -> list[str]:  # noqa: ANN401
    return [row.line for row in await store.order_page(OrdersWanted(**wanted))]


class SalePageContract:
    """What a store owes for pages of orders and claims."""

    async def test_orders_come_page_by_page_with_the_newest_first(self, store: Store) -> None:
        rows = [
            ordered("3"),
            ordered("4"),
            ordered("0", shop="web"),
            ordered("2", minutes=5, order="1"),
            ordered("1", minutes=5, order="2"),
        ]
        await store.take_orders(TakenOrders(rows=[*reversed(rows)]))
        first = await store.order_page(OrdersWanted(limit=2))
        last = first[-1]
        after = OrderKey(last.created, last.shop, last.order, last.line)
        second = await store.order_page(OrdersWanted(limit=2, after=after))
        last = second[-1]
        after = OrderKey(last.created, last.shop, last.order, last.line)
        assert [*first, *second, *await store.order_page(OrdersWanted(after=after))] == rows

    async def test_a_page_of_orders_is_of_one_shop(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[ordered("1"), ordered("2", shop="web")]))
        assert await lines(store, shop=WEB) == ["2"]

    async def test_orders_are_found_by_what_is_in_them(self, store: Store) -> None:
        rows = [
            ordered("1", parts='{"A":1,"B":2}'),
            ordered("2", parts="", code="B"),
            ordered("3", parts='{"BB":1}', code="B"),
            ordered("4", parts='{"C":1}', listing=ListingId("7")),
        ]
        await store.save_listings([listed("7", sku=Sku("B"))])
        await store.take_orders(TakenOrders(rows=rows))
        assert await lines(store, sku=Sku("B")) == ["1", "2", "4"]

    async def test_orders_are_found_by_their_open_claims(self, store: Store) -> None:
        claims = [claim_row("order:1:A"), claim_row("order:2:B")._replace(sku=Sku("B")), claim_row("3")]
        rows = [ordered("1"), ordered("2"), ordered("3"), ordered("1", shop="web")]
        await store.take_orders(TakenOrders(rows=rows, claims=claims))
        assert await lines(store, open_only=True) == ["1", "2"]

    async def test_orders_are_found_by_their_listings(self, store: Store) -> None:
        rows = [ordered("2"), ordered("1"), ordered("3", listing=ListingId("7")), ordered("1", shop="web")]
        await store.take_orders(TakenOrders(rows=rows))
        found = await store.orders_of([(SHOP, ListingId("1")), (WEB, ListingId("9"))])
        assert [row.line for row in found] == ["1", "2"]
        assert await store.orders_of([]) == []

    async def test_claims_come_page_by_page(self, store: Store) -> None:
        rows = [claim_row("1"), claim_row("2"), claim_row("3")]
        await store.save_claims([*reversed(rows)], [])
        first = await store.claim_page(ClaimsWanted(limit=2))
        second = await store.claim_page(ClaimsWanted(limit=2, after=first[-1][:2]))
        assert [*first, *second] == rows

    async def test_claims_are_found_by_shop_and_sku(self, store: Store) -> None:
        web = claim_row("1")._replace(shop=WEB)
        other = claim_row("2")._replace(sku=Sku("B"))
        await store.save_claims([web, other, claim_row("3")], [])
        found = [
            await store.claim_page(ClaimsWanted(shop=WEB)),
            await store.claim_page(ClaimsWanted(sku=Sku("B"))),
        ]
        assert found == [[web], [other]]
