"""How the channel `jd` reads a shop: wares, SKUs, counters, and what is booked of them."""

from typing import Any

import httpx
import pytest

from syncd.domain.model import Deducts, ListingId, ObservedListing
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, Counter, DeductsAt
from tests.unit.adapters.channel_rig import observed
from tests.unit.adapters.jd_rig import (
    SKUS,
    STOCK,
    WARES,
    Gateway,
    page,
    refused,
    shop,
    sku,
    stock,
    stocks,
    ware,
)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


async def failure(gateway: Gateway, ids: list[str] | None = None, **settings: Any) -> PortError:  # noqa: ANN401
    with pytest.raises(PortError) as caught:
        await observed(gateway.channel(**settings), ids)
    return caught.value


async def the_one(gateway: Gateway, **settings: Any) -> ObservedListing:  # noqa: ANN401
    (listing,) = await observed(gateway.channel(**settings))
    return listing


# --- the whole shop ----------------------------------------------------------------------------------------


async def test_a_sku_is_a_listing_with_its_ware_as_the_item_and_its_booked_units_withheld(
    gateway: Gateway,
) -> None:
    shop(gateway)
    assert await observed(gateway.channel()) == [
        ObservedListing(
            id=ListingId("7"),
            code="C7",
            item="100",  # type: ignore[arg-type]
            quantity=5,
            on_sale=True,
            withheld=2,
            title="Tea",
            deducts=Deducts.SHIPPING,
        )
    ]


async def test_ids_of_64_bits_stay_what_they_are(gateway: Gateway) -> None:
    shop(gateway, sku(2**62 + 1, wareId=2**61 + 1), wares=[ware(2**61 + 1)])
    listing = await the_one(gateway)
    assert (listing.id, listing.item) == (str(2**62 + 1), str(2**61 + 1))


async def test_what_is_asked_for_is_what_is_needed(gateway: Gateway) -> None:
    shop(gateway)
    await observed(gateway.channel(page_size=20))
    assert gateway.asked(WARES) == [{"field": "wareId,title,wareStatus", "pageNo": 1, "pageSize": 20}]
    assert gateway.asked(SKUS) == [
        {"field": "wareId,skuId,outerId,stockNum,status", "pageNo": 1, "page_size": 20}
    ]
    assert gateway.asked(STOCK) == [{"skuId": 7}]


async def test_pages_of_wares_and_skus_are_read_to_their_end(gateway: Gateway) -> None:
    shop(gateway)
    gateway.on(SKUS, [page(sku(7), total=3), page(sku(8), sku(9, wareId=200), total=3)])
    gateway.on(WARES, [page(ware(100), total=2), page(ware(200, wareStatus=1), total=2)])
    shown = await observed(gateway.channel())
    assert [(one.id, one.on_sale) for one in shown] == [("7", True), ("8", True), ("9", False)]
    assert [asked["pageNo"] for asked in gateway.asked(SKUS)] == [1, 2]


async def test_a_shop_without_skus_shows_none(gateway: Gateway) -> None:
    gateway.on(SKUS, page())
    gateway.on(WARES, {"page": {"totalItem": 0}})
    assert await observed(gateway.channel()) == []


async def test_a_list_that_shows_less_than_it_tells_of_is_not_believed(gateway: Gateway) -> None:
    shop(gateway)
    gateway.on(SKUS, [page(sku(7), total=2), page(total=2)])
    error = await failure(gateway)
    assert (error.kind, "tells of 2 SKUs but shows 1" in str(error)) == (Kind.TRANSIENT, True)


async def test_a_list_that_changed_is_read_again_and_shows_each_sku_once(gateway: Gateway) -> None:
    shop(gateway)
    gateway.on(
        SKUS, [page(sku(7), total=3), page(sku(9), total=2), page(sku(8), total=2), page(sku(9), total=2)]
    )
    assert [one.id for one in await observed(gateway.channel())] == ["7", "9", "8"]
    assert [asked["pageNo"] for asked in gateway.asked(SKUS)] == [1, 2, 1, 2]


async def test_a_list_that_never_stands_still_is_read_later(gateway: Gateway) -> None:
    shop(gateway)
    gateway.on(SKUS, [page(sku(n), total=20 + n) for n in range(20)])
    error = await failure(gateway)
    assert (error.kind, "come and go" in str(error)) == (Kind.TRANSIENT, True)


async def test_an_endless_list_is_refused(gateway: Gateway) -> None:
    shop(gateway)
    gateway.on(SKUS, lambda params: page(sku(params["pageNo"]), total=99))
    error = await failure(gateway, max_pages=3)
    assert (error.kind, "max_pages" in str(error)) == (Kind.REJECTED, True)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"page": None},
        {"page": {"data": [], "totalItem": None}},
        {"page": {"data": {}, "totalItem": 1}},
        {"page": {"data": [7], "totalItem": 1}},
        page({"skuId": 7}),
        page(sku(7.5)),  # type: ignore[arg-type]
        page(sku(7, wareId=None)),
        page(sku(True)),
        b"[]",
        b'{"jingdong_sku_read_searchSkuList_responce": 5}',
    ],
)
async def test_a_page_that_is_not_understood_fails(gateway: Gateway, answer: Any) -> None:  # noqa: ANN401
    shop(gateway)
    gateway.on(SKUS, answer)
    assert (await failure(gateway)).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused("2"), Kind.THROTTLED),
        (refused("65"), Kind.TRANSIENT),
        (refused("4711"), Kind.UNKNOWN),
        (httpx.Response(502), Kind.TRANSIENT),
    ],
)
async def test_a_refused_page_fails_with_its_kind(gateway: Gateway, answer: Any, kind: Kind) -> None:  # noqa: ANN401
    shop(gateway)
    gateway.on(SKUS, answer)
    assert (await failure(gateway)).kind is kind


# --- on sale -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_ware", "of_sku", "on_sale"),
    [
        (8, 1, True),
        ("8", "1", True),
        (8, 8, True),
        (8, None, True),
        (8, 2, False),
        (8, 4, False),
        (1, 1, False),
        (2, 1, False),
        (4, 8, False),
        (514, 1, None),
        (None, 1, None),
        (None, 2, False),
    ],
)
async def test_a_sku_is_on_sale_where_its_ware_is_and_it_is_not_off_itself(
    gateway: Gateway, of_ware: object, of_sku: object, *, on_sale: bool | None
) -> None:
    shop(gateway, sku(status=of_sku), wares=[ware(wareStatus=of_ware)])
    assert (await the_one(gateway)).on_sale is on_sale


async def test_the_status_of_a_ware_may_be_called_so(gateway: Gateway) -> None:
    shop(gateway, wares=[{"wareId": 100, "status": 8}])
    assert (await the_one(gateway)).on_sale is True


async def test_a_sku_whose_ware_no_list_shows_may_be_on_sale_or_not(gateway: Gateway) -> None:
    shop(gateway, wares=[ware(200)])
    assert (await the_one(gateway)).on_sale is None


# --- counters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "quantity", "withheld"),
    [
        ({"appBookingNum": 1}, 5, 3),
        ({"appBookingNum": None}, 5, 2),
        ({"storeId": None}, 5, 2),
        ({"orderBookingNum": 9}, 5, 9),
        ({"stockNum": "12"}, 12, 2),
        ({"stockNum": 0, "orderBookingNum": 0}, 0, 0),
        ({"stockNum": None}, None, 2),
        ({"stockNum": -1}, None, 2),
        ({"stockNum": "NaN"}, None, 2),
        ({"stockNum": 5.0}, None, 2),
        ({"stockNum": True}, None, 2),
        ({"stockNum": 10**18}, None, 2),
        ({"orderBookingNum": None}, None, 0),
        ({"orderBookingNum": "x"}, None, 0),
        ({"appBookingNum": -1}, None, 0),
        ({"storeId": 3}, None, 0),
    ],
)
async def test_a_counter_is_believed_only_with_what_is_booked_of_it(
    gateway: Gateway, row: dict[str, Any], quantity: int | None, withheld: int
) -> None:
    shop(gateway)
    gateway.on(STOCK, stock(7, **row))
    listing = await the_one(gateway)
    assert (listing.quantity, listing.withheld) == (quantity, withheld)


async def test_the_counter_is_that_of_the_warehouse_in_the_settings(gateway: Gateway) -> None:
    shop(gateway)
    rows = [{"storeId": n, "stockNum": 10 + n, "orderBookingNum": n} for n in (0, 4, 5)]
    gateway.on(STOCK, stocks(7, *rows))
    listing = await the_one(gateway, store_id=4)
    assert (listing.quantity, listing.withheld) == (14, 4)


async def test_two_counters_for_one_warehouse_are_none(gateway: Gateway) -> None:
    shop(gateway)
    gateway.on(STOCK, stocks(7, *[{"storeId": 0, "stockNum": n, "orderBookingNum": 0} for n in (1, 2)]))
    assert (await the_one(gateway)).quantity is None


@pytest.mark.parametrize(
    "answer",
    [{"returnType": {"success": False, "errorMessage": "x", "obj": None}}, refused("71"), refused("60")],
)
async def test_a_sku_whose_counter_is_refused_keeps_its_place_and_stops_no_other(
    gateway: Gateway, answer: dict[str, Any]
) -> None:
    shop(gateway, sku(7), sku(8))
    gateway.on(STOCK, lambda params: answer if params["skuId"] == 7 else stock(8))
    shown = await observed(gateway.channel())
    assert [(one.id, one.quantity) for one in shown] == [("7", None), ("8", 5)]


@pytest.mark.parametrize(
    "answer",
    [stock(8), {"returnType": []}, {"returnType": {"success": True, "obj": None}}, stocks(7) | {"x": 1}],
)
async def test_an_answer_about_another_sku_or_none_is_not_believed(
    gateway: Gateway, answer: dict[str, Any]
) -> None:
    shop(gateway)
    gateway.on(STOCK, answer)
    if answer.get("x"):
        assert (await the_one(gateway)).quantity is None
    else:
        assert (await failure(gateway)).kind is Kind.UNKNOWN


async def test_a_throttled_counter_fails_the_reading(gateway: Gateway) -> None:
    shop(gateway)
    gateway.on(STOCK, refused("2"))
    assert (await failure(gateway)).kind is Kind.THROTTLED


async def test_counters_keep_the_order_of_their_skus_however_many_are_read_at_once(gateway: Gateway) -> None:
    shop(gateway, *(sku(n) for n in range(1, 8)))
    gateway.on(STOCK, lambda params: stock(params["skuId"], stockNum=params["skuId"] * 10))
    shown = await observed(gateway.channel(stock_calls=3))
    assert [(one.id, one.quantity) for one in shown] == [(str(n), n * 10) for n in range(1, 8)]


async def test_a_failed_counter_ends_the_reading_before_the_next_ones_are_asked_for(gateway: Gateway) -> None:
    shop(gateway, *(sku(n) for n in range(1, 8)))
    gateway.on(STOCK, refused("19"))
    assert (await failure(gateway, stock_calls=2)).kind is Kind.AUTH_EXPIRED
    assert len(gateway.asked(STOCK)) == 2


async def test_without_booked_units_the_counters_of_the_list_do(gateway: Gateway) -> None:
    shop(gateway, sku(7, stockNum=9), sku(8, stockNum=None))
    shown = await observed(gateway.channel(booked=False))
    assert [(one.quantity, one.withheld) for one in shown] == [(9, 0), (None, 0)]
    assert gateway.asked(STOCK) == []


@pytest.mark.parametrize(("word", "told"), [("unknown", Deducts.SHIPPING), ("order", Deducts.UNKNOWN)])
async def test_a_counter_falls_as_goods_leave_unless_the_settings_say_otherwise(
    gateway: Gateway, word: str, told: Deducts
) -> None:
    shop(gateway)
    assert (await the_one(gateway, deducts_at=word)).deducts is told


# --- some listings -----------------------------------------------------------------------------------------


async def test_some_listings_are_asked_for_together_and_their_wares_one_by_one(gateway: Gateway) -> None:
    shop(gateway, sku(7), sku(8), sku(9, wareId=200))
    gateway.on(WARES, lambda params: page(ware(int(params["wareId"]))))
    shown = await observed(gateway.channel(), ["7", "8", "9", "7"])
    assert [(one.id, one.on_sale) for one in shown] == [("7", True), ("8", True), ("9", True)]
    assert [asked["skuId"] for asked in gateway.asked(SKUS)] == ["7,8,9"]
    assert [asked["wareId"] for asked in gateway.asked(WARES)] == ["100", "200"]


async def test_more_listings_than_a_page_holds_are_asked_for_in_parts(gateway: Gateway) -> None:
    shop(gateway)
    gateway.on(SKUS, lambda params: page(*(sku(int(one)) for one in params["skuId"].split(","))))
    shown = await observed(gateway.channel(page_size=2), ["7", "8", "9"])
    assert [one.id for one in shown] == ["7", "8", "9"]
    assert [asked["skuId"] for asked in gateway.asked(SKUS)] == ["7,8", "9"]


async def test_a_listing_that_jd_does_not_know_is_left_out(gateway: Gateway) -> None:
    shop(gateway, sku(7))
    assert [one.id for one in await observed(gateway.channel(), ["7", "8"])] == ["7"]


async def test_a_gateway_that_heeds_no_ids_shows_no_others(gateway: Gateway) -> None:
    shop(gateway, sku(7), sku(8))
    assert [one.id for one in await observed(gateway.channel(), ["8"])] == ["8"]


@pytest.mark.parametrize("ids", [[], ["x", "7,8", "７", ""]])
async def test_ids_that_are_none_of_jd_make_no_call(gateway: Gateway, ids: list[str]) -> None:
    assert await observed(gateway.channel(), ids) == []
    assert gateway.calls == []


async def test_a_ware_that_the_answer_leaves_out_says_nothing(gateway: Gateway) -> None:
    shop(gateway, sku(7))
    gateway.on(WARES, page())
    (listing,) = await observed(gateway.channel(), ["7"])
    assert (listing.on_sale, listing.title) == (None, "")


# --- traits ------------------------------------------------------------------------------------------------


def test_the_traits_say_what_the_calls_do(gateway: Gateway) -> None:
    channel: Channel = gateway.channel()
    traits = channel.traits
    assert (traits.max_batch, traits.one_item_per_call, traits.idempotent) == (30, False, False)
    assert (traits.withholds, traits.counter, traits.deducts_at) == (True, Counter.NET, DeductsAt.UNKNOWN)
    assert (traits.delta_clips, traits.observes_some, traits.order_feed) == (False, True, True)


def test_the_traits_follow_the_settings(gateway: Gateway) -> None:
    traits = gateway.channel(keyed_calls=True, booked=False, orders=False, write_modes=["set"]).traits
    assert (traits.idempotent, traits.keyed_sets, traits.withholds, traits.order_feed) == (
        True,
        True,
        False,
        False,
    )
    assert traits.write_modes == ("set",)
