"""How the channel `taobao` reads items and SKUs, and what it does not believe."""

from typing import Any

import pytest

from syncd.domain.model import Deducts, ItemId, ListingId, ObservedListing, OffReason
from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import observed
from tests.unit.adapters.taobao_rig import (
    DETAIL,
    DETAILS,
    INVENTORY,
    ONSALE,
    Form,
    Gateway,
    details,
    item,
    listed,
    refused,
    sku,
)

_EMPTY = {"total_results": 0}
_T = "2026-01-01 00:00:00"


@pytest.fixture
def gateway() -> Gateway:
    gateway = Gateway()
    gateway.on(ONSALE, _EMPTY)
    gateway.on(INVENTORY, _EMPTY)
    return gateway


async def _shown(gateway: Gateway, *items: Any, **settings: Any) -> list[ObservedListing]:  # noqa: ANN401
    gateway.on(DETAILS, details(*items))
    return await observed(gateway.channel(**settings), ["100:"])


# --- one item ----------------------------------------------------------------------------------------------


async def test_every_field_of_a_sku_is_read(gateway: Gateway) -> None:
    one = sku(7, outer_id="1-ABC", quantity=5, with_hold_quantity=2)
    assert await _shown(gateway, item(100, one, sub_stock=2, approve_status="onsale")) == [
        ObservedListing(
            id=ListingId("100:7"),
            code="1-ABC",
            item=ItemId("100"),
            quantity=5,
            on_sale=True,
            withheld=2,
            title="Tea",
            deducts=Deducts.PAYMENT,
        )
    ]


async def test_an_item_without_skus_is_a_listing_itself(gateway: Gateway) -> None:
    (listing,) = await _shown(gateway, item(100, num=9, outer_id="T", with_hold_quantity=1, sub_stock=2))
    assert (listing.id, listing.code, listing.quantity, listing.withheld) == ("100:", "T", 9, 1)


async def test_each_sku_of_an_item_is_a_listing(gateway: Gateway) -> None:
    listings = await _shown(gateway, item(100, sku(1), sku(2)))
    assert [(listing.id, listing.item) for listing in listings] == [("100:1", "100"), ("100:2", "100")]


async def test_a_sku_without_a_code_does_not_take_that_of_its_item(gateway: Gateway) -> None:
    (listing,) = await _shown(gateway, item(100, sku(1, outer_id=None), outer_id="T"))
    assert listing.code == ""


async def test_a_deleted_sku_is_no_listing(gateway: Gateway) -> None:
    assert await _shown(gateway, item(100, sku(1, status="delete"))) == []


async def test_ids_of_64_bits_keep_every_digit(gateway: Gateway) -> None:
    body = (
        b'{"items_seller_list_get_response":{"items":{"item":[{"num_iid":9223372036854775807,'
        b'"skus":{"sku":[{"sku_id":9007199254740993,"quantity":3}]}}]}}}'
    )
    gateway.on(DETAILS, body)
    (listing,) = await observed(gateway.channel(), ["9223372036854775807:9007199254740993"])
    assert (listing.id, listing.quantity) == ("9223372036854775807:9007199254740993", 3)


@pytest.mark.parametrize(
    "ids", [{"num_iid": 1e20}, {"num_iid": True}, {"num_iid": None}, {"num_iid": "1;2"}, {"num_iid": -1}]
)
async def test_an_item_whose_id_cannot_be_read_is_a_failure(gateway: Gateway, ids: dict[str, Any]) -> None:
    with pytest.raises(PortError) as caught:
        await _shown(gateway, item(**ids))
    assert caught.value.kind is Kind.UNKNOWN


@pytest.mark.parametrize("sku_id", [1.5, None, "x", False])
async def test_a_sku_whose_id_cannot_be_read_is_a_failure(gateway: Gateway, sku_id: Any) -> None:  # noqa: ANN401
    with pytest.raises(PortError) as caught:
        await _shown(gateway, item(100, sku(1) | {"sku_id": sku_id}))
    assert caught.value.kind is Kind.UNKNOWN


@pytest.mark.parametrize("quantity", [None, -1, "-1", 1.0, "1.0", True, "", "many", 10**12, [], "１"])
async def test_a_quantity_that_is_not_plainly_one_is_unknown(gateway: Gateway, quantity: Any) -> None:  # noqa: ANN401
    (listing,) = await _shown(gateway, item(100, sku(1, quantity=quantity)))
    assert listing.quantity is None


@pytest.mark.parametrize(("quantity", "read"), [(0, 0), ("0", 0), ("12", 12), (10**9, 10**9)])
async def test_a_plain_quantity_is_read(gateway: Gateway, quantity: Any, read: int) -> None:  # noqa: ANN401
    (listing,) = await _shown(gateway, item(100, sku(1, quantity=quantity)))
    assert listing.quantity == read


@pytest.mark.parametrize(
    ("status", "on_sale"), [("onsale", True), ("instock", False), ("new", None), (None, None)]
)
async def test_only_known_states_say_whether_it_is_on_sale(
    gateway: Gateway,
    status: str | None,
    on_sale: bool | None,  # noqa: FBT001 - a column of the table
) -> None:
    (listing,) = await _shown(gateway, item(100, sku(1), approve_status=status))
    assert listing.on_sale is on_sale


# --- withheld units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sub_stock", "deducts_at", "withheld"),
    [
        (2, "order", 2),
        ("2", "unknown", 2),
        (1, "payment", 0),
        (None, "payment", 2),
        (None, "order", 0),
        (None, "unknown", 0),
    ],
)
async def test_units_are_withheld_only_where_payment_lowers_the_counter(
    gateway: Gateway, sub_stock: object, deducts_at: str, withheld: int
) -> None:
    shown = item(100, sku(1, with_hold_quantity=2), sub_stock=sub_stock)
    (listing,) = await _shown(gateway, shown, deducts_at=deducts_at)
    assert (listing.withheld, listing.quantity) == (withheld, 5)


@pytest.mark.parametrize(
    ("sub_stock", "deducts"),
    [(1, Deducts.ORDER), (2, Deducts.PAYMENT), (0, Deducts.UNKNOWN), (None, Deducts.UNKNOWN)],
)
async def test_an_item_says_itself_when_its_counter_falls(
    gateway: Gateway, sub_stock: int | None, deducts: Deducts
) -> None:
    (listing,) = await _shown(gateway, item(100, sku(1), sub_stock=sub_stock), deducts_at="payment")
    assert listing.deducts is deducts


async def test_withheld_units_that_cannot_be_read_make_the_quantity_unknown(gateway: Gateway) -> None:
    (listing,) = await _shown(gateway, item(100, sku(1, with_hold_quantity="some"), sub_stock=2))
    assert (listing.quantity, listing.withheld) == (None, 0)


# --- some listings -----------------------------------------------------------------------------------------


async def test_twenty_items_are_asked_for_in_a_call(gateway: Gateway) -> None:
    gateway.on(DETAILS, lambda form: details(*(item(int(key)) for key in form["num_iids"].split(","))))
    shown = await observed(gateway.channel(), [f"{number}:" for number in range(1, 46)])
    assert [form["num_iids"].count(",") + 1 for form in gateway.forms] == [20, 20, 5]
    assert [listing.id for listing in shown] == [f"{number}:" for number in range(1, 46)]


async def test_an_item_is_asked_for_once_however_many_skus_are_wanted(gateway: Gateway) -> None:
    gateway.on(DETAILS, details(item(100, sku(1), sku(2))))
    await observed(gateway.channel(), ["100:1", "100:2"])
    assert [form["num_iids"] for form in gateway.forms] == ["100"]


async def test_an_item_that_is_silently_absent_is_left_out(gateway: Gateway) -> None:
    gateway.on(DETAILS, {})
    assert await observed(gateway.channel(), ["100:1"]) == []


async def test_an_item_that_nobody_asked_for_is_passed_by(gateway: Gateway) -> None:
    assert await _shown(gateway, item(200), item(100)) != []
    assert [listing.id for listing in await _shown(gateway, item(200), item(100))] == ["100:"]


@pytest.mark.parametrize("listing", ["", "100", ":7", "a:b", "100:7:8", "１００:7"])
async def test_an_id_of_another_form_is_not_asked_for(gateway: Gateway, listing: str) -> None:
    assert await observed(gateway.channel(), [listing]) == []
    assert gateway.forms == []


# --- the whole shop ----------------------------------------------------------------------------------------


def _echoed(form: Form) -> dict[str, Any]:
    return details(*(item(int(key), sku(int(key) + 1)) for key in form["num_iids"].split(",")))


async def test_the_lists_of_all_banners_are_read(gateway: Gateway) -> None:
    await observed(gateway.channel())
    assert [form["banner"] for form in gateway.called(INVENTORY)] == [
        "violation_off_shelf",
        "sold_out",
        "off_shelf",
        "never_on_shelf",
        "regular_shelved",
        "for_shelved",
    ]


@pytest.mark.parametrize(
    ("banners", "reason"),
    [
        ({"sold_out", "for_shelved"}, OffReason.SOLD_OUT),
        ({"violation_off_shelf", "off_shelf"}, OffReason.VIOLATION),
        ({"off_shelf"}, None),
        ({"for_shelved"}, None),
    ],
)
async def test_the_list_that_shows_an_item_off_sale_says_why(
    gateway: Gateway, banners: set[str], reason: OffReason | None
) -> None:
    gateway.on(INVENTORY, lambda form: listed((100, _T)) if form["banner"] in banners else _EMPTY)
    gateway.on(DETAILS, details(item(100, approve_status="instock")))
    (listing,) = await observed(gateway.channel())
    assert (listing.on_sale, listing.off_reason) == (False, reason)


async def test_an_item_that_came_back_meanwhile_has_no_reason_to_be_off(gateway: Gateway) -> None:
    gateway.on(INVENTORY, listed((100, _T)))
    gateway.on(DETAILS, details(item(100, approve_status="onsale")))
    (listing,) = await observed(gateway.channel())
    assert (listing.on_sale, listing.off_reason) == (True, None)


async def test_an_item_in_several_lists_is_shown_once(gateway: Gateway) -> None:
    gateway.on(ONSALE, listed((100, _T)))
    gateway.on(INVENTORY, listed((100, _T)))
    gateway.on(DETAILS, details(item(100)))
    assert [listing.id for listing in await observed(gateway.channel())] == ["100:"]


async def test_a_listed_item_that_the_details_leave_out_is_asked_for_alone(gateway: Gateway) -> None:
    gateway.on(ONSALE, listed((100, _T), (200, _T)))
    gateway.on(DETAILS, details(item(200, sku(2))))
    gateway.on(DETAIL, {"item": item(100, sku(1))})
    assert {listing.id for listing in await observed(gateway.channel())} == {"100:1", "200:2"}
    assert [form["num_iid"] for form in gateway.called(DETAIL)] == ["100"]


async def test_a_listed_item_that_was_deleted_meanwhile_is_left_out(gateway: Gateway) -> None:
    gateway.on(ONSALE, listed((100, _T), (200, _T)))
    gateway.on(DETAILS, details(item(200)))
    gateway.on(DETAIL, refused(15, "isv.item-is-delete:invalid-numIid"))
    assert [listing.id for listing in await observed(gateway.channel())] == ["200:"]


@pytest.mark.parametrize(
    "answer",
    [refused(15, "isv.item-get-service-error:SYSTEM"), refused(10), {}, {"item": item(300)}],
)
async def test_a_listed_item_that_nobody_can_show_is_not_taken_for_gone(
    gateway: Gateway, answer: dict[str, Any]
) -> None:
    gateway.on(ONSALE, listed((100, _T)))
    gateway.on(DETAILS, {})
    gateway.on(DETAIL, answer)
    with pytest.raises(PortError):
        await observed(gateway.channel())


async def test_a_listed_item_that_nobody_can_show_is_named(gateway: Gateway) -> None:
    gateway.on(ONSALE, listed((100, _T)))
    gateway.on(DETAILS, {})
    gateway.on(DETAIL, refused(15, "isv.item-get-service-error:SYSTEM"))
    with pytest.raises(PortError, match=r"tmall: taobao\.item\.seller\.get.*item 100"):
        await observed(gateway.channel())


async def test_an_item_put_on_sale_while_the_lists_were_read_is_not_missed(gateway: Gateway) -> None:
    gateway.on(ONSALE, lambda _form: listed((100, _T)) if gateway.called(INVENTORY) else _EMPTY)
    gateway.on(DETAILS, _echoed)
    assert [listing.id for listing in await observed(gateway.channel())] == ["100:101"]


async def test_the_last_look_goes_back_as_far_as_clocks_may_differ(gateway: Gateway) -> None:
    await observed(gateway.channel())
    assert [form.get("start_modified") for form in gateway.called(ONSALE)] == [None, "2026-11-20 09:50:00"]


async def test_a_page_goes_out_before_the_next_is_read(gateway: Gateway) -> None:
    gateway.on(ONSALE, [listed((1, "2026-01-01 00:00:01"), total=2), refused(7)])
    gateway.on(DETAILS, _echoed)
    pages = gateway.channel(page_size=1).observe()
    first = await anext(pages)
    with pytest.raises(PortError):
        await anext(pages)
    assert [listing.id for listing in first] == ["1:2"]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"total_results": "many", "items": {"item": []}},
        {"total_results": 1, "items": [7]},
        {"total_results": 1, "items": {"item": {"num_iid": 1}}},
        {"total_results": 1, "items": {"item": [{"modified": _T}]}},
        b"",
        b"[]",
        b'{"items_onsale_get_response":7}',
        b'{"error_response":7}',
    ],
)
async def test_a_list_of_another_shape_is_not_understood(gateway: Gateway, answer: Any) -> None:  # noqa: ANN401
    gateway.on(ONSALE, answer)
    with pytest.raises(PortError) as caught:
        await observed(gateway.channel())
    assert caught.value.kind is Kind.UNKNOWN
    assert str(caught.value).startswith("tmall: taobao.items.onsale.get: ")
