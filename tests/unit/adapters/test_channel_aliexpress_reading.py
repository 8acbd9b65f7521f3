"""How the channel `aliexpress` reads products and their SKUs."""

import json
from typing import Any

import pytest

from syncd.domain.model import Deducts, ItemId, ListingId, ObservedListing, OffReason
from syncd.errors import Kind, PortError
from tests.unit.adapters.aliexpress_rig import (
    LIST,
    PRODUCT,
    Form,
    Gateway,
    listed,
    product,
    refused,
    shop,
    sku,
)
from tests.unit.adapters.channel_rig import observed


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def _query(form: Form) -> dict[str, Any]:
    query: dict[str, Any] = json.loads(form["aeop_a_e_product_list_query"])
    return query


def _ids(listings: list[ObservedListing]) -> list[str]:
    return [str(listing.id) for listing in listings]


async def _failure(gateway: Gateway, ids: list[str] | None = None, **settings: object) -> PortError:
    with pytest.raises(PortError) as caught:
        await observed(gateway.channel(**settings), ids)
    return caught.value


# --- products ----------------------------------------------------------------------------------------------


async def test_a_sku_is_a_listing_by_the_sellers_code(gateway: Gateway) -> None:
    gateway.on(PRODUCT, product(sku("A:1", ipm_sku_stock=7), sku("茶", ipm_sku_stock="0"), product_id=100))
    shop(gateway, onSelling=[100])
    first, second = await observed(gateway.channel())
    assert first == ObservedListing(
        id=ListingId("100:A:1"),
        code="A:1",
        item=ItemId("100"),
        quantity=7,
        on_sale=True,
        title="Tea",
        deducts=Deducts.ORDER,
    )
    assert (second.id, second.quantity) == ("100:茶", 0)


@pytest.mark.parametrize(
    ("strategy", "deducts"),
    [
        ("place_order_withhold", Deducts.ORDER),
        ("payment_success_deduct", Deducts.PAYMENT),
        ("other", Deducts.UNKNOWN),
        (None, Deducts.UNKNOWN),
    ],
)
async def test_a_product_says_when_its_counters_fall(
    gateway: Gateway, strategy: str | None, deducts: Deducts
) -> None:
    gateway.on(PRODUCT, product(reduce_strategy=strategy))
    (listing,) = await observed(gateway.channel(), ["1:A"])
    assert listing.deducts is deducts


@pytest.mark.parametrize(
    ("fields", "quantity"),
    [
        ({"ipm_sku_stock": 3}, 3),
        ({"ipm_sku_stock": None}, None),
        ({"ipm_sku_stock": None, "sku_stock": False}, 0),
        ({"ipm_sku_stock": "", "sku_stock": False}, 0),
        ({"ipm_sku_stock": 3, "sku_stock": False}, 3),
        ({"ipm_sku_stock": None, "sku_stock": None}, None),
        ({"ipm_sku_stock": -1}, None),
        ({"ipm_sku_stock": "x", "sku_stock": False}, None),
        ({"ipm_sku_stock": 2.0}, None),
    ],
)
async def test_what_is_not_plainly_a_counter_is_unknown(
    gateway: Gateway, fields: dict[str, Any], quantity: int | None
) -> None:
    gateway.on(PRODUCT, product(sku(**fields)))
    (listing,) = await observed(gateway.channel(), ["1:A"])
    assert listing.quantity == quantity


async def test_skus_of_one_code_are_one_listing_of_unknown_quantity(gateway: Gateway) -> None:
    gateway.on(PRODUCT, product(sku("A"), sku("B"), sku("A")))
    shown = [(str(one.id), one.quantity) for one in await observed(gateway.channel(), ["1:A"])]
    assert shown == [("1:A", None), ("1:B", 5)]


async def test_a_sku_without_a_code_is_read_all_the_same(gateway: Gateway) -> None:
    gateway.on(PRODUCT, product(sku(sku_code=None)))
    shown = [(str(one.id), one.code, one.quantity) for one in await observed(gateway.channel(), ["1:"])]
    assert shown == [("1:", "", 5)]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("onSelling", (True, None)),
        ("offline", (False, None)),
        ("editingRequired", (False, OffReason.VIOLATION)),
        ("auditing", (None, None)),
    ],
)
async def test_the_list_of_a_product_says_whether_it_is_on_sale(
    gateway: Gateway, status: str, said: tuple[bool | None, OffReason | None]
) -> None:
    gateway.on(PRODUCT, product())
    shop(gateway, **{status: [1]})
    (listing,) = await observed(gateway.channel())
    assert (listing.on_sale, listing.off_reason) == said


async def test_a_products_own_word_comes_before_that_of_its_list(gateway: Gateway) -> None:
    gateway.on(PRODUCT, product(product_status_type="offline"))
    shop(gateway, onSelling=[1])
    (listing,) = await observed(gateway.channel())
    assert listing.on_sale is False


# --- lists -------------------------------------------------------------------------------------------------


async def test_all_lists_are_read_page_by_page(gateway: Gateway) -> None:
    def page(form: Form) -> dict[str, Any]:
        query = _query(form)
        if query["product_status_type"] != "onSelling":
            return listed()
        pages = {1: listed(1, 2, total=3), 2: listed(3, total=3)}
        return pages[query["current_page"]]

    gateway.on(LIST, page)
    gateway.on(PRODUCT, product())
    assert _ids(await observed(gateway.channel(page_size=2))) == ["1:A", "2:A", "3:A"]
    asked = [
        (_query(form)["product_status_type"], _query(form)["current_page"]) for form in gateway.called(LIST)
    ]
    once = [("onSelling", 1), ("onSelling", 2), ("offline", 1), ("auditing", 1), ("editingRequired", 1)]
    assert asked == once * 2
    assert len(gateway.called(PRODUCT)) == 3


async def test_what_slips_from_page_to_page_is_found_by_the_second_round(gateway: Gateway) -> None:
    shown = [listed(1, 2, total=3), listed(4, total=3), listed(2, 3, total=3), listed(4, total=3)]
    gateway.on(LIST, lambda _: shown.pop(0))
    gateway.on(PRODUCT, product())
    channel = gateway.channel(page_size=2, statuses=["onSelling"])
    assert _ids(await observed(channel)) == ["1:A", "2:A", "4:A", "3:A"]


async def test_a_page_with_fewer_products_than_told_is_no_whole_page(gateway: Gateway) -> None:
    gateway.on(LIST, listed(1, total=2))
    gateway.on(PRODUCT, product())
    error = await _failure(gateway)
    assert error.kind is Kind.TRANSIENT
    assert "tells of 2 products but its page 1 shows 1" in str(error)


async def test_an_empty_page_of_a_full_list_is_no_empty_shop(gateway: Gateway) -> None:
    gateway.on(LIST, listed(total=2))
    assert (await _failure(gateway)).kind is Kind.TRANSIENT


async def test_an_endless_list_ends(gateway: Gateway) -> None:
    gateway.on(LIST, listed(1, total=9))
    gateway.on(PRODUCT, product())
    error = await _failure(gateway, page_size=1, max_pages=3)
    assert (error.kind, "max_pages" in str(error)) == (Kind.REJECTED, True)


async def test_an_empty_shop_has_no_listing(gateway: Gateway) -> None:
    shop(gateway)
    assert await observed(gateway.channel()) == []


async def test_a_listed_product_that_is_gone_meanwhile_is_left_out(gateway: Gateway) -> None:
    shop(gateway, onSelling=[1, 2])
    gateway.on(PRODUCT, lambda form: refused("E404") if form["product_id"] == "1" else product())
    assert _ids(await observed(gateway.channel(errors={"E404": "not_found"}))) == ["2:A"]


async def test_a_listed_product_that_cannot_be_read_is_not_taken_for_gone(gateway: Gateway) -> None:
    shop(gateway, onSelling=[1])
    gateway.on(PRODUCT, refused("E404"))
    assert (await _failure(gateway)).kind is Kind.UNKNOWN


# --- by name -----------------------------------------------------------------------------------------------


async def test_products_that_are_asked_for_are_read_once_each(gateway: Gateway) -> None:
    gateway.on(PRODUCT, product(sku("A"), sku("B")))
    shown = _ids(await observed(gateway.channel(), ["2:A", "1:A", "2:B", "x"]))
    assert shown == ["2:A", "2:B", "1:A", "1:B"]
    assert [form["product_id"] for form in gateway.called(PRODUCT)] == ["2", "1"]


@pytest.mark.parametrize(
    ("status", "on_sale", "lists"),
    [("onSelling", "True", 1), ("offline", "False", 2), ("editingRequired", "False", 4), ("x", "None", 4)],
)
async def test_the_lists_are_asked_by_code_whether_a_product_is_on_sale(
    gateway: Gateway, status: str, on_sale: str, lists: int
) -> None:
    gateway.on(PRODUCT, product(sku(sku_code=None), sku("茶")))
    shop(gateway, **{status: [1]})
    first, second = await observed(gateway.channel(), ["1:茶"])
    assert (str(first.on_sale), str(second.on_sale)) == (on_sale, on_sale)
    asked = [_query(form)["sku_code"] for form in gateway.called(LIST)]
    assert asked == ["茶"] * lists


async def test_a_product_that_says_its_status_is_looked_for_in_no_list(gateway: Gateway) -> None:
    gateway.on(PRODUCT, product(product_status_type="offline"))
    (listing,) = await observed(gateway.channel(), ["1:A"])
    assert (listing.on_sale, gateway.called(LIST)) == (False, [])


async def test_a_product_without_any_code_is_looked_for_in_no_list(gateway: Gateway) -> None:
    gateway.on(PRODUCT, product(sku(sku_code=None)))
    (listing,) = await observed(gateway.channel(), ["1:"])
    assert (listing.on_sale, gateway.called(LIST)) == (None, [])


async def test_a_list_that_cannot_be_read_fails_the_call(gateway: Gateway) -> None:
    gateway.on(PRODUCT, product())
    gateway.on(LIST, refused("ApiCallLimit"))
    assert (await _failure(gateway, ["1:A"])).kind is Kind.THROTTLED


async def test_a_product_that_is_refused_keeps_its_place_and_stops_no_other(gateway: Gateway) -> None:
    gateway.on(PRODUCT, lambda form: refused("E404") if form["product_id"] == "1" else product())
    shown = await observed(gateway.channel(), ["1:A", "1:B", "2:A"])
    assert [(str(one.id), one.quantity, one.on_sale) for one in shown] == [
        ("1:A", None, None),
        ("1:B", None, None),
        ("2:A", 5, None),
    ]


async def test_a_product_that_the_platform_says_is_gone_is_left_out(gateway: Gateway) -> None:
    answer = {"result": {"success": False, "error_code": "E404", "error_message": "gone"}}
    gateway.on(PRODUCT, answer)
    assert await observed(gateway.channel(errors={"E404": "not_found"}), ["1:A"]) == []


@pytest.mark.parametrize("code", ["IllegalAccessToken", "ApiCallLimit", "ServiceTimeout", "InvalidSignature"])
async def test_what_is_not_about_the_product_fails_the_call(gateway: Gateway, code: str) -> None:
    gateway.on(PRODUCT, refused(code))
    assert (await _failure(gateway, ["1:A"])).kind not in {Kind.UNKNOWN, Kind.REJECTED}


@pytest.mark.parametrize(
    "answer",
    [
        product(product_id=2),
        {"result": {}},
        {"result": {"aeop_ae_product_s_k_us": 5}},
        {"result": []},
        {"other": {}},
        b"[]",
    ],
)
async def test_an_answer_that_is_not_understood_is_no_reading(
    gateway: Gateway, answer: dict[str, Any] | bytes
) -> None:
    gateway.on(PRODUCT, answer)
    assert (await _failure(gateway, ["1:A"])).kind is Kind.UNKNOWN


@pytest.mark.parametrize("count", ["x", None, -1])
async def test_a_list_must_say_how_many_it_has(gateway: Gateway, count: object) -> None:
    gateway.on(LIST, {"result": {"product_count": count}})
    assert (await _failure(gateway)).kind is Kind.UNKNOWN


async def test_ids_keep_all_their_digits(gateway: Gateway) -> None:
    big = 9_007_199_254_740_993
    shop(gateway, onSelling=[big])
    gateway.on(PRODUCT, product(product_id=big))
    assert _ids(await observed(gateway.channel())) == [f"{big}:A"]
    assert gateway.called(PRODUCT)[0]["product_id"] == str(big)
