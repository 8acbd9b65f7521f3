"""What the channel `douyin` makes of products and SKUs."""

from typing import Any

import pytest

from syncd.domain.model import Deducts, ItemId, ListingId, ObservedListing, OffReason
from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import observed
from tests.unit.adapters.douyin_rig import (
    DETAIL,
    LIST,
    SECOND,
    SKUS,
    Gateway,
    Params,
    Script,
    listed,
    product,
    refused,
    sku,
)


@pytest.fixture
def gateway() -> Gateway:
    made = Gateway()
    made.on(LIST, Script([listed(product()), listed()]))
    made.on(DETAIL, product(reduce_type=2))
    made.on(SKUS, [sku(7)])
    return made


async def test_a_sku_is_a_listing_of_its_product(gateway: Gateway) -> None:
    gateway.on(SKUS, [sku(7, prehold_stock_num=2), sku(9007199254740993)])
    first, second = await observed(gateway.channel())
    assert first == ObservedListing(
        id=ListingId("100:7"),
        code="C7",
        item=ItemId("100"),
        quantity=5,
        on_sale=True,
        withheld=2,
        deducts=Deducts.PAYMENT,
    )
    assert second.id == "100:9007199254740993"


async def test_a_sku_that_only_the_details_name_is_not_gone_but_unreadable(gateway: Gateway) -> None:
    named = [{"sku_id": 7, "code": "C7"}, {"sku_id": 8, "code": "C8"}]
    gateway.on(DETAIL, product(reduce_type=2, spec_prices=named))
    first, second = await observed(gateway.channel())
    assert (first.id, first.quantity) == ("100:7", 5)
    assert (second.id, second.code, second.quantity, second.on_sale) == ("100:8", "C8", None, True)


async def test_products_are_asked_for_from_page_one(gateway: Gateway) -> None:
    await observed(gateway.channel(page_size=50))
    assert gateway.called(LIST)[0] == {"page": 1, "size": 50}


async def test_what_changed_meanwhile_is_read_after_the_list(gateway: Gateway) -> None:
    gateway.on(LIST, Script([listed(product()), listed(product(200), product())]))
    found = await observed(gateway.channel(reads_details=False))
    assert gateway.called(LIST)[1] == {
        "page": 1,
        "size": 100,
        "update_start_time": SECOND - 600,
        "update_end_time": SECOND + 601,
    }
    assert [listing.item for listing in found] == ["100", "200"]


async def test_all_pages_are_read(gateway: Gateway) -> None:
    pages = {1: [product(1), product(2)], 2: [product(3)]}

    def page(params: Params) -> Any:  # noqa: ANN401
        return listed() if "update_start_time" in params else listed(*pages[params["page"]], total=3)

    gateway.on(LIST, page)
    found = await observed(gateway.channel(page_size=2, reads_details=False))
    assert [listing.item for listing in found] == ["1", "2", "3"]


async def test_an_empty_shop_has_no_listings(gateway: Gateway) -> None:
    gateway.on(LIST, listed())
    assert await observed(gateway.channel()) == []


async def test_a_list_that_lost_a_product_while_it_was_read_is_read_again(gateway: Gateway) -> None:
    answers = [
        listed(product(1), product(2), total=4),
        # 1 was deleted: 3 moved to the page that was read already.
        listed(product(4), total=3),
        listed(product(2), product(3), total=3),
        listed(product(4), total=3),
        listed(),
    ]
    gateway.on(LIST, Script(answers))
    found = await observed(gateway.channel(page_size=2, reads_details=False))
    assert [listing.item for listing in found] == ["1", "2", "4", "3"]


async def test_a_list_that_shows_less_than_it_tells_is_no_whole_one(gateway: Gateway) -> None:
    gateway.on(LIST, listed(product(), total=2))
    with pytest.raises(PortError, match="tells of 2 products but shows 1") as caught:
        await observed(gateway.channel(reads_details=False))
    assert caught.value.kind is Kind.TRANSIENT


async def test_an_endless_list_ends(gateway: Gateway) -> None:
    gateway.on(LIST, listed(product(), total=9999))
    with pytest.raises(PortError, match="max_pages") as caught:
        await observed(gateway.channel(max_pages=3, reads_details=False))
    assert caught.value.kind is Kind.REJECTED


async def test_a_list_deeper_than_pages_show_is_cut_by_time(gateway: Gateway) -> None:
    def page(params: Params) -> Any:  # noqa: ANN401
        if "update_start_time" not in params:
            return listed(product(1), total=10_001)
        begin, end = params["update_start_time"], params["update_end_time"]
        shown = [
            each for each, time in ((product(1), 1_400_000_000), (product(2), SECOND)) if begin <= time < end
        ]
        return listed(*shown, total=10_001 if end - begin > 400_000_000 else len(shown))

    gateway.on(LIST, page)
    found = await observed(gateway.channel(reads_details=False))
    assert [listing.item for listing in found] == ["1", "2"]


async def test_a_list_of_more_pages_than_there_may_be_is_cut_by_time(gateway: Gateway) -> None:
    def page(params: Params) -> Any:  # noqa: ANN401
        is_whole = "update_start_time" not in params
        return listed(product(1), total=101) if is_whole else listed()

    gateway.on(LIST, page)
    await observed(gateway.channel(page_size=1, reads_details=False))
    assert "update_start_time" in gateway.called(LIST)[1]


async def test_a_second_that_holds_more_than_pages_show_cannot_be_read(gateway: Gateway) -> None:
    gateway.on(LIST, listed(product(), total=10_001))
    with pytest.raises(PortError, match="in one second") as caught:
        await observed(gateway.channel())
    assert caught.value.kind is Kind.REJECTED


# --- what a product says -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "on_sale", "reason"),
    [
        ({"status": 0}, True, None),
        ({"status": "0", "check_status": 2}, True, None),
        ({"status": 1}, False, None),
        ({"status": 0, "check_status": 5}, False, OffReason.VIOLATION),
        ({"status": 1, "check_status": 5}, False, OffReason.VIOLATION),
        ({"status": 9}, None, None),
        ({"status": None}, None, None),
    ],
)
async def test_a_product_says_whether_it_is_on_sale(
    gateway: Gateway, fields: dict[str, Any], *, on_sale: bool | None, reason: OffReason | None
) -> None:
    gateway.on(LIST, Script([listed(product(**fields)), listed()]))
    (found,) = await observed(gateway.channel(reads_details=False))
    assert (found.on_sale, found.off_reason) == (on_sale, reason)


@pytest.mark.parametrize("details", [{"reduce_type": 1}, {"reduce_type": 1, "product_id": "100"}])
async def test_details_that_do_not_say_it_leave_what_the_list_told(
    gateway: Gateway, details: dict[str, Any]
) -> None:
    gateway.on(LIST, Script([listed(product(status=1)), listed()]))
    gateway.on(DETAIL, details)
    (found,) = await observed(gateway.channel())
    assert (found.on_sale, found.deducts) == (False, Deducts.ORDER)


async def test_deleted_products_have_no_listings(gateway: Gateway) -> None:
    gateway.on(LIST, Script([listed(product(status=2)), listed()]))
    assert await observed(gateway.channel()) == []
    assert gateway.called(SKUS) == []


async def test_a_product_that_was_deleted_since_has_no_listings(gateway: Gateway) -> None:
    gateway.on(DETAIL, product(status=2))
    assert await observed(gateway.channel(), ["100:7"]) == []


# --- counters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, -1, 1.5, "NaN", "", True, 10**18, "１", ...], ids=repr)
async def test_a_counter_that_is_not_plain_is_not_known(gateway: Gateway, value: object) -> None:
    gateway.on(SKUS, [sku(7, stock_num=value)])
    (found,) = await observed(gateway.channel())
    assert found.quantity is None


@pytest.mark.parametrize("value", [None, -1, "many", ...], ids=repr)
async def test_a_counter_with_unknown_units_withheld_is_not_known(gateway: Gateway, value: object) -> None:
    gateway.on(SKUS, [sku(7, prehold_stock_num=value)])
    (found,) = await observed(gateway.channel())
    assert (found.quantity, found.withheld) == (None, 0)


async def test_a_counter_may_be_a_text(gateway: Gateway) -> None:
    gateway.on(SKUS, [sku(7, stock_num="5", prehold_stock_num="1")])
    (found,) = await observed(gateway.channel())
    assert (found.quantity, found.withheld) == (5, 1)


@pytest.mark.parametrize("kind", [1, 10, "x"])
async def test_stock_of_regions_and_in_steps_is_not_known(gateway: Gateway, kind: object) -> None:
    gateway.on(SKUS, [sku(7, sku_type=kind)])
    (found,) = await observed(gateway.channel())
    assert found.quantity is None


@pytest.mark.parametrize(
    ("reduce_type", "settings", "withheld"),
    [
        (1, {}, 0),
        (2, {}, 3),
        (None, {}, 3),
        (None, {"deducts_at": "order"}, 0),
        (None, {"deducts_at": "payment", "counter": "gross"}, 3),
        (None, {"counter": "gross"}, 0),
        (1, {"deducts_at": "payment"}, 0),
    ],
)
async def test_units_are_withheld_unless_the_order_took_them(
    gateway: Gateway, reduce_type: int | None, settings: dict[str, Any], withheld: int
) -> None:
    gateway.on(DETAIL, product(reduce_type=reduce_type))
    gateway.on(SKUS, [sku(7, prehold_stock_num=3)])
    (found,) = await observed(gateway.channel(**settings))
    assert (found.quantity, found.withheld) == (5, withheld)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"code": "A-1"}, "A-1"),
        ({"code": "", "out_sku_id": 77}, "77"),
        ({"code": "", "out_sku_id": 0}, ""),
        ({"code": ..., "out_sku_id": ...}, ""),
        ({"code": "茶 杯"}, "茶 杯"),
        ({"code": "a\nb"}, ""),
    ],
)
async def test_a_sku_shows_the_sellers_code(gateway: Gateway, fields: dict[str, Any], code: str) -> None:
    gateway.on(SKUS, [sku(7, **fields)])
    (found,) = await observed(gateway.channel())
    assert found.code == code


# --- some listings -----------------------------------------------------------------------------------------


async def test_a_product_is_asked_for_once_with_all_its_skus(gateway: Gateway) -> None:
    gateway.on(SKUS, [sku(7), sku(8)])
    found = await observed(gateway.channel(), ["100:7", "100:8", "odd"])
    assert [listing.id for listing in found] == ["100:7", "100:8"]
    assert [path for path, _ in gateway.calls] == [DETAIL, SKUS]
    assert gateway.called(SKUS) == [{"product_id": 100}]


async def test_no_listings_need_no_call(gateway: Gateway) -> None:
    assert await observed(gateway.channel(), []) == []
    assert gateway.calls == []


async def test_without_details_a_call_is_saved_and_less_is_known(gateway: Gateway) -> None:
    (found,) = await observed(gateway.channel(reads_details=False), ["100:7"])
    assert (found.quantity, found.on_sale, gateway.called(DETAIL)) == (5, None, [])


async def test_a_product_that_the_platform_denies_is_left_out(gateway: Gateway) -> None:
    gateway.on(DETAIL, Script([refused(50002, "isv.business-failed:2010058"), product(200)]))
    found = await observed(gateway.channel(), ["100:7", "200:7"])
    assert [listing.id for listing in found] == ["200:7"]


@pytest.mark.parametrize("answer", [refused(50002, "isv.product-not-found"), refused(40004)])
async def test_a_product_that_is_refused_stops_no_other_and_is_not_taken_for_gone(
    gateway: Gateway, answer: dict[str, Any]
) -> None:
    gateway.on(DETAIL, Script([answer, product(200)]))
    pages = gateway.channel().observe([ListingId("100:7"), ListingId("200:7")])
    first = await anext(pages)
    with pytest.raises(PortError, match="product 100") as caught:
        await anext(pages)
    assert [listing.id for listing in first] == ["200:7"]
    assert caught.value.kind in {Kind.UNKNOWN, Kind.REJECTED}


async def test_many_products_that_are_refused_end_the_reading(gateway: Gateway) -> None:
    gateway.on(DETAIL, refused(50002, "isv.something-new"))
    with pytest.raises(PortError):
        await observed(gateway.channel(), [f"{number}:7" for number in range(100, 150)])
    assert len(gateway.calls) == 11


@pytest.mark.parametrize("answer", [[], None])
async def test_a_product_that_shows_no_skus_is_not_gone(gateway: Gateway, answer: object) -> None:
    gateway.on(SKUS, {"code": 10000, "data": answer})
    with pytest.raises(PortError, match="shows no SKUs") as caught:
        await observed(gateway.channel(), ["100:7"])
    assert caught.value.kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (LIST, {"data": {}, "total": 1}),
        (LIST, {"data": [], "total": -1}),
        (LIST, {"data": []}),
        (LIST, [1]),
        (LIST, {"data": [{"status": 0}], "total": 1}),
        (LIST, {"data": [{"product_id": 1.5}], "total": 1}),
        (DETAIL, product(101)),
        (DETAIL, []),
        (SKUS, {"list": []}),
        (SKUS, [7]),
        (SKUS, [{"stock_num": 5}]),
        (SKUS, [sku(7, product_id=101)]),
    ],
)
async def test_an_answer_of_another_shape_is_not_understood(
    gateway: Gateway, path: str, answer: object
) -> None:
    gateway.on(path, {"code": 10000, "data": answer})
    with pytest.raises(PortError) as caught:
        await observed(gateway.channel())
    assert caught.value.kind is Kind.UNKNOWN
