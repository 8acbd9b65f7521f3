"""What the channel `pdd` makes of orders."""

from datetime import UTC, datetime
from typing import Any

import pytest

from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage
from syncd.errors import Kind, PortError
from tests.unit.adapters.pdd_orders_rig import (
    BEGIN,
    CHANGED,
    ONE,
    after,
    bought,
    line_of,
    order,
    shelved,
    told,
    unix,
)
from tests.unit.adapters.pdd_rig import Gateway, refused


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


# --- lines -------------------------------------------------------------------------------------------------


async def test_an_order_of_one_thing_is_one_line(gateway: Gateway) -> None:
    assert await line_of(gateway) == OrderLine(
        order="201120-1",
        line="201120-1",
        listing=ListingId("100:7"),
        code="1-ABC",
        units=2,
        released=0,
        shipped=0,
        stage=Stage.PAID,
        created=BEGIN,
        paid=after(30),
        sent=None,
        ended=None,
        modified=after(60),
    )


async def test_lines_of_an_order_are_told_apart_however_they_are_sorted(gateway: Gateway) -> None:
    one, two, again = bought(), bought(sku_id=8), bought(goods_count=5)
    for items in ([one, two, again], [two, one, again]):
        shelved(gateway, order(1, *items))
        lines = {line.line: line.units for line in await told(gateway.channel())}
        assert lines == {"201120-1:100-7": 2, "201120-1:100-8": 2, "201120-1:100-7-2": 5}


async def test_a_gift_is_a_line_of_its_own(gateway: Gateway) -> None:
    shelved(gateway, order(1, gift_list=[bought(sku_id=9, goods_count=1)]))
    lines = await told(gateway.channel())
    assert [(line.line, line.listing, line.units) for line in lines] == [
        ("201120-1", "100:7", 2),
        ("201120-1:gift-100-9", "100:9", 1),
    ]


@pytest.mark.parametrize(("goods", "sku"), [(None, 7), (100, None), (0, "0"), (100, 0), ("", "")])
async def test_a_line_that_names_no_sku_has_no_listing(gateway: Gateway, goods: object, sku: object) -> None:
    line = await line_of(gateway, bought(goods_id=goods, sku_id=sku))
    assert (line.listing, line.code, line.units) == ("", "1-ABC", 2)


async def test_a_code_that_is_no_plain_text_is_none(gateway: Gateway) -> None:
    assert (await line_of(gateway, bought(outer_id=["x"]))).code == ""


# --- how far an order has come -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "stage", "released", "shipped"),
    [
        ({}, Stage.PAID, 0, 0),
        ({"order_status": "1"}, Stage.PAID, 0, 0),
        ({"risk_control_status": 1}, Stage.PAID, 0, 0),
        ({"confirm_status": 0, "group_status": 0}, Stage.PAID, 0, 0),
        ({"group_status": 2}, Stage.PAID, 0, 0),
        ({"confirm_status": None, "refund_status": None}, Stage.PAID, 0, 0),
        ({"refund_status": 2}, Stage.PAID, 0, 0),
        ({"refund_status": 3}, Stage.PAID, 0, 0),
        ({"refund_status": 4}, Stage.CLOSED, 2, 0),
        ({"confirm_status": 2}, Stage.CLOSED, 2, 0),
        ({"order_status": 2}, Stage.SHIPPED, 0, 2),
        ({"order_status": 2, "refund_status": 4}, Stage.SHIPPED, 0, 2),
        ({"order_status": 2, "confirm_status": 2}, Stage.SHIPPED, 0, 2),
        ({"order_status": 3}, Stage.DONE, 0, 2),
        ({"order_status": 3, "refund_status": 4}, Stage.DONE, 0, 2),
    ],
)
async def test_a_line_occupies_until_it_is_shipped_or_ends(
    gateway: Gateway, fields: dict[str, Any], stage: Stage, released: int, shipped: int
) -> None:
    line = await line_of(gateway, **fields)
    assert (line.stage, line.released, line.shipped, line.doubt) == (stage, released, shipped, "")


async def test_a_refund_may_be_one_of_a_part(gateway: Gateway) -> None:
    line = await line_of(gateway, refund_status=4, settings={"refunds_release": False})
    assert (line.stage, line.released) == (Stage.PAID, 0)


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        ({"order_status": 9}, "its order_status 9 is not known; if you know it, say in order_statuses"),
        ({"order_status": "a b"}, "its order_status (unreadable) is not known"),
        ({"order_status": 9, "refund_status": 4}, "its order_status 9 is not known"),
        ({"confirm_status": 7}, "its confirm_status 7 is not known"),
        ({"refund_status": "NEW"}, "its refund_status NEW is not known"),
    ],
)
async def test_what_is_not_known_occupies_and_says_so(
    gateway: Gateway, fields: dict[str, Any], doubt: str
) -> None:
    line = await line_of(gateway, **fields)
    assert (line.stage, line.released, line.shipped) == (Stage.PAID, 0, 0)
    assert line.doubt.startswith(doubt)


@pytest.mark.parametrize(
    ("stage", "released", "shipped"),
    [("unpaid", 0, 0), ("paid", 0, 0), ("shipped", 0, 2), ("done", 0, 2), ("closed", 2, 0)],
)
async def test_the_settings_say_what_a_status_means(
    gateway: Gateway, stage: str, released: int, shipped: int
) -> None:
    line = await line_of(gateway, order_status=9, settings={"order_statuses": {"9": stage}})
    assert (line.stage, line.released, line.shipped, line.doubt) == (stage, released, shipped, "")
    assert (line.paid is None) is (stage == "unpaid")


# --- times -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1_795_140_060, "1795140060", "2026-11-20 10:01:00"])
async def test_times_are_seconds_or_those_of_beijing(gateway: Gateway, value: object) -> None:
    line = await line_of(gateway, created_time=value)
    assert line.created == datetime(2026, 11, 20, 2, 1, tzinfo=UTC)


async def test_an_order_that_does_not_say_when_it_was_paid_was_when_it_was_confirmed(
    gateway: Gateway,
) -> None:
    assert (await line_of(gateway, pay_time=None)).paid == after(40)
    assert (await line_of(gateway, pay_time=0, confirm_time="")).paid is None


async def test_an_order_was_shipped_when_it_says_or_at_the_latest_with_its_last_change(
    gateway: Gateway,
) -> None:
    assert (await line_of(gateway, order_status=2)).sent == after(60)
    assert (await line_of(gateway, order_status=2, shipping_time=unix(after(50)))).sent == after(50)


@pytest.mark.parametrize(
    ("fields", "ended"), [({"order_status": 3}, True), ({"confirm_status": 2}, True), ({}, False)]
)
async def test_an_order_ended_with_its_last_change(
    gateway: Gateway, fields: dict[str, Any], *, ended: bool
) -> None:
    assert (await line_of(gateway, **fields)).ended == (after(60) if ended else None)


@pytest.mark.parametrize(
    "fields",
    [
        {"order_sn": "a b"},
        {"order_sn": None},
        {"order_sn": 1.5},
        {"order_status": None},
        {"created_time": None},
        {"created_time": 17.5},
        {"created_time": "2026-13-20 10:00:00"},
        {"created_time": "yesterday"},
        {"pay_time": "soon"},
        {"item_list": None},
        {"item_list": {}},
        {"item_list": [bought(goods_count=None)]},
        {"item_list": [bought(goods_count="NaN")]},
        {"item_list": [bought(goods_id=1.5)]},
        {"gift_list": [{"goods_id": 1}]},
    ],
)
async def test_an_order_that_cannot_be_read_fails_the_feed(gateway: Gateway, fields: dict[str, Any]) -> None:
    gateway.on(CHANGED, {"total_count": 1, "order_sn_list": [order(1, **fields)]})
    with pytest.raises(PortError) as caught:
        await told(gateway.channel())
    assert caught.value.kind is Kind.UNKNOWN


# --- named orders ------------------------------------------------------------------------------------------


async def test_named_orders_are_asked_for_one_by_one(gateway: Gateway) -> None:
    shelved(gateway, order(1), order(2))
    lines = await gateway.channel().these_orders(["201120-2", "201120-1", "201120-2"])
    assert [line.order for line in lines] == ["201120-2", "201120-1"]
    assert [form["order_sn"] for form in gateway.called(ONE)] == ["201120-2", "201120-1"]


@pytest.mark.parametrize("name", ["", "no number at all", "７", "1' or '1'='1", "x" * 65])
async def test_what_can_be_no_number_of_an_order_is_not_asked_for(gateway: Gateway, name: str) -> None:
    assert (await gateway.channel().these_orders([name]), gateway.forms) == ([], [])


async def test_an_order_may_stand_in_the_answer_itself(gateway: Gateway) -> None:
    gateway.on(ONE, order(1))
    assert len(await gateway.channel().these_orders(["201120-1"])) == 1


@pytest.mark.parametrize("answer", [{"order_info": order(2)}, {"order_info": None}, {}])
async def test_an_answer_about_another_order_is_not_believed(
    gateway: Gateway, answer: dict[str, Any]
) -> None:
    gateway.on(ONE, answer)
    with pytest.raises(PortError) as caught:
        await gateway.channel().these_orders(["201120-1"])
    assert caught.value.kind is Kind.UNKNOWN


async def test_an_order_that_the_platform_refuses_is_not_taken_for_none(gateway: Gateway) -> None:
    shelved(gateway)
    with pytest.raises(PortError, match="say so in errors") as caught:
        await gateway.channel().these_orders(["201120-1"])
    assert caught.value.kind is Kind.REJECTED


async def test_a_code_may_be_known_to_mean_that_there_is_no_such_order(gateway: Gateway) -> None:
    shelved(gateway)
    assert await gateway.channel(errors={"50001": "not_found"}).these_orders(["201120-1"]) == []


async def test_an_app_without_the_package_is_told_what_to_do(gateway: Gateway) -> None:
    gateway.on(CHANGED, refused(30000))
    with pytest.raises(PortError, match=r"orders = false in \[shops.pin\]") as caught:
        await told(gateway.channel())
    assert caught.value.kind is Kind.PERMISSION


async def test_a_named_order_that_may_not_be_read_is_no_matter_of_the_order(gateway: Gateway) -> None:
    gateway.on(ONE, refused(10019))
    with pytest.raises(PortError) as caught:
        await gateway.channel().these_orders(["201120-1"])
    assert caught.value.kind is Kind.AUTH_EXPIRED
