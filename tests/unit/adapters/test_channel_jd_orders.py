"""The orders of a shop on JD: what is asked for, and what is made of the answers."""

from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage
from syncd.errors import Kind, PortError
from syncd.ports.orders import OrderFeed
from tests.unit.adapters.jd_orders_rig import (
    BEGIN,
    NEVER,
    Shelf,
    after,
    bought,
    found,
    ids,
    jd,
    one,
    order,
    told,
)
from tests.unit.adapters.jd_rig import ORDER, SEARCH, Gateway, refused


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


async def the_line(gateway: Gateway, *items: dict[str, Any], **fields: Any) -> OrderLine:  # noqa: ANN401
    settings = fields.pop("settings", {})
    gateway.on(SEARCH, found(order(1, *items, **fields)))
    (line,) = await told(gateway.channel(**settings))
    return line


async def failure(gateway: Gateway, answer: Any, **settings: Any) -> PortError:  # noqa: ANN401
    gateway.on(SEARCH, answer)
    with pytest.raises(PortError) as caught:
        await told(gateway.channel(**settings))
    return caught.value


# --- lines -------------------------------------------------------------------------------------------------


async def test_an_order_is_a_line_for_each_of_its_skus(gateway: Gateway) -> None:
    gateway.on(SEARCH, found(order(5, bought("7"), bought(8, itemTotal=1, outerSkuId=None))))
    first, second = await told(gateway.channel())
    assert first == OrderLine(
        order="5",
        line="5:7",
        listing=ListingId("7"),
        code="1-ABC",
        units=2,
        released=0,
        shipped=0,
        stage=Stage.PAID,
        created=BEGIN,
        paid=after(60),
        sent=None,
        ended=None,
        modified=after(60),
    )
    assert (second.line, second.listing, second.units, second.code) == ("5:8", "8", 1, "")


async def test_a_sku_that_is_bought_and_given_is_one_line(gateway: Gateway) -> None:
    line = await the_line(gateway, bought("7", itemTotal=2), bought("7", itemTotal=1))
    assert (line.line, line.units) == ("1:7", 3)


@pytest.mark.parametrize("sku", [None, "", "0", 0])
async def test_a_line_that_names_no_sku_has_no_listing(gateway: Gateway, sku: object) -> None:
    line = await the_line(gateway, bought(sku))
    assert (line.line, line.listing, line.units) == ("1:", "", 2)


@pytest.mark.parametrize(
    ("state", "stage", "released", "shipped"),
    [
        ("WAIT_SELLER_STOCK_OUT", Stage.PAID, 0, 0),
        ("WAIT_SELLER_DELIVERY", Stage.PAID, 0, 0),
        ("PAUSE", Stage.PAID, 0, 0),
        ("POP_ORDER_PAUSE", Stage.PAID, 0, 0),
        ("LOCKED", Stage.PAID, 0, 0),
        ("WAIT_GOODS_RECEIVE_CONFIRM", Stage.SHIPPED, 0, 2),
        ("FINISHED_L", Stage.DONE, 0, 2),
        ("TRADE_CANCELED", Stage.CLOSED, 2, 0),
    ],
)
async def test_each_state_says_how_far_an_order_has_come(
    gateway: Gateway, state: str, stage: Stage, released: int, shipped: int
) -> None:
    line = await the_line(gateway, orderState=state)
    assert (line.stage, line.released, line.shipped, line.doubt) == (stage, released, shipped, "")


@pytest.mark.parametrize(("state", "shown"), [("NEW_STATE", "NEW_STATE"), ("茶", "(unreadable)"), (None, "")])
async def test_a_state_that_is_not_known_occupies_and_says_so(
    gateway: Gateway, state: str | None, shown: str
) -> None:
    line = await the_line(gateway, orderState=state)
    assert (line.stage, line.released, line.shipped) == (Stage.PAID, 0, 0)
    assert f"its orderState {shown or '(unreadable)'} is not known" in line.doubt


@pytest.mark.parametrize("state", ["WAIT_SELLER_STOCK_OUT", "LOCKED", "NEW_STATE"])
async def test_an_order_that_was_never_paid_occupies_and_is_not_taken_for_paid(
    gateway: Gateway, state: str
) -> None:
    line = await the_line(gateway, orderState=state, paymentConfirmTime=NEVER)
    assert (line.stage, line.released, line.shipped, line.paid) == (Stage.UNPAID, 0, 0, None)
    assert line.doubt


async def test_an_order_that_does_not_tell_of_its_payment_counts_as_paid(gateway: Gateway) -> None:
    line = await the_line(gateway, paymentConfirmTime=None)
    assert (line.stage, line.paid, line.doubt) == (Stage.PAID, None, "")


async def test_what_a_state_means_can_be_set(gateway: Gateway) -> None:
    line = await the_line(
        gateway,
        orderState="NOT_PAY",
        paymentConfirmTime=NEVER,
        settings={"order_statuses": {"NOT_PAY": "unpaid"}},
    )
    assert (line.stage, line.paid, line.doubt) == (Stage.UNPAID, None, "")


async def test_the_change_that_shows_the_goods_gone_stands_for_when_they_left(gateway: Gateway) -> None:
    line = await the_line(gateway, orderState="WAIT_GOODS_RECEIVE_CONFIRM", modified=jd(after(90)))
    assert (line.sent, line.ended) == (after(90), None)


@pytest.mark.parametrize(("end", "seconds"), [(jd(after(80)), 80), (None, 90), ("", 90), (NEVER, 90)])
async def test_an_order_that_is_over_says_when(gateway: Gateway, end: str | None, seconds: int) -> None:
    line = await the_line(gateway, orderState="TRADE_CANCELED", orderEndTime=end, modified=jd(after(90)))
    assert (line.ended, line.sent) == (after(seconds), None)


@pytest.mark.parametrize(
    ("start", "paid", "created"), [(None, jd(after(60)), 60), (None, NEVER, 90), (jd(after(99)), NEVER, 90)]
)
async def test_an_order_that_does_not_say_when_it_was_made_was_made_at_the_latest_it_can_have_been(
    gateway: Gateway, start: str | None, paid: str, created: int
) -> None:
    line = await the_line(gateway, orderStartTime=start, paymentConfirmTime=paid, modified=jd(after(90)))
    assert line.created == after(created)


@pytest.mark.parametrize(
    ("parent", "replaces"), [("77", "77:7"), (77, "77:7"), ("0", ""), (None, ""), ("", ""), ("1", "")]
)
async def test_a_part_of_an_order_takes_the_place_of_its_line(
    gateway: Gateway, parent: object, replaces: str
) -> None:
    assert (await the_line(gateway, parentOrderId=parent)).replaces == replaces


@pytest.mark.parametrize(
    "fields",
    [
        {"orderId": None},
        {"orderId": 1.5},
        {"modified": None},
        {"modified": "soon"},
        {"modified": 1767225600},
        {"orderStartTime": "2026-11-20"},
        {"paymentConfirmTime": "2026-13-20 10:00:00"},
        {"parentOrderId": "x"},
        {"itemInfoList": None},
        {"itemInfoList": []},
        {"itemInfoList": {}},
        {"itemInfoList": [5]},
        {"itemInfoList": [bought("x")]},
        {"itemInfoList": [bought(itemTotal=None)]},
        {"itemInfoList": [bought(itemTotal="2.0")]},
        {"itemInfoList": [bought(itemTotal=-1)]},
    ],
)
async def test_an_order_that_is_not_understood_fails_the_reading(
    gateway: Gateway, fields: dict[str, Any]
) -> None:
    error = await failure(gateway, found(order(1, **fields)))
    assert error.kind is Kind.UNKNOWN


# --- what is asked for -------------------------------------------------------------------------------------


def test_the_channel_is_a_feed_of_orders(gateway: Gateway) -> None:
    assert isinstance(gateway.channel(), OrderFeed)


async def test_a_window_is_asked_for_by_its_changes_and_without_a_word_about_buyers(gateway: Gateway) -> None:
    gateway.on(SEARCH, found())
    await told(gateway.channel(order_states=["LOCKED", "PAUSE"], order_page_size=9))
    fields = "orderId,parentOrderId,orderState,orderStartTime,paymentConfirmTime,orderEndTime,modified"
    assert gateway.asked(SEARCH) == [
        {
            "start_date": "2026-11-20 10:00:00",
            "end_date": "2026-11-20 10:15:00",
            "order_state": "LOCKED,PAUSE",
            "optional_fields": f"{fields},itemInfoList",
            "page": "1",
            "page_size": "9",
            "sortType": "1",
            "dateType": "0",
        }
    ]


async def test_a_long_time_is_read_by_windows_that_meet(gateway: Gateway) -> None:
    gateway.on(SEARCH, found())
    await told(gateway.channel(order_window="1h"), until=BEGIN + timedelta(minutes=90))
    spans = [(asked["start_date"][11:], asked["end_date"][11:]) for asked in gateway.asked(SEARCH)]
    assert spans == [("10:00:00", "11:00:00"), ("11:00:00", "11:30:00")]


async def test_pages_are_read_from_the_last_to_the_first(gateway: Gateway) -> None:
    Shelf(gateway, *(order(n, modified=jd(after(n))) for n in range(1, 6)))
    lines = await told(gateway.channel(order_page_size=2))
    assert [asked["page"] for asked in gateway.asked(SEARCH)] == ["1", "3", "2", "1"]
    assert ids(lines) == {1, 2, 3, 4, 5}


async def test_an_order_that_leaves_the_window_meanwhile_hides_no_other(gateway: Gateway) -> None:
    shelf = Shelf(gateway, *(order(n, modified=jd(after(n))) for n in range(1, 6)))
    shelf.meanwhile[3] = lambda: shelf.put(2, after(3600))
    assert ids(await told(gateway.channel(order_page_size=2))) >= {1, 3, 4, 5}


async def test_a_window_that_takes_orders_in_is_read_again(gateway: Gateway) -> None:
    shelf = Shelf(gateway, *(order(n, modified=jd(after(n))) for n in range(1, 6)))

    def order_two_more() -> None:
        for n in (6, 7):
            shelf.put(n, after(100 + n))

    shelf.meanwhile[3] = order_two_more
    assert ids(await told(gateway.channel(order_page_size=2))) == {1, 2, 3, 4, 5, 6, 7}


async def test_a_page_that_shows_fewer_orders_than_it_should_fails(gateway: Gateway) -> None:
    error = await failure(gateway, found(order(1), total=5))
    assert error.kind is Kind.TRANSIENT


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result",
    [
        None,
        [],
        {},
        {"apiResult": None},
        {"apiResult": {"success": True}},
        {"apiResult": {"success": True}, "orderTotal": "x"},
        {"apiResult": {"success": True}, "orderTotal": 1, "orderInfoList": {}},
        {"apiResult": {"success": True}, "orderTotal": 1, "orderInfoList": [5]},
    ],
)
async def test_a_list_that_is_not_understood_fails(gateway: Gateway, result: object) -> None:
    assert (await failure(gateway, {"searchorderinfo_result": result})).kind is Kind.UNKNOWN


async def test_a_refusal_may_stand_in_the_result(gateway: Gateway) -> None:
    told_no = {"success": False, "errorCode": "10100001", "englishErrCode": "wrong state"}
    answer = {"searchorderinfo_result": {"apiResult": told_no}}
    error = await failure(gateway, answer)
    assert (error.kind, "code 10100001: wrong state" in str(error)) == (Kind.UNKNOWN, True)
    again = await failure(gateway, answer, errors={"10100001": Kind.REJECTED})
    assert again.kind is Kind.REJECTED


@pytest.mark.parametrize("code", ["24", "72", "73"])
async def test_an_app_that_may_not_read_orders_is_told_what_to_set(gateway: Gateway, code: str) -> None:
    error = await failure(gateway, refused(code))
    assert error.kind is Kind.PERMISSION
    assert "orders = false in [shops.jd_shop]" in str(error)


# --- named orders ------------------------------------------------------------------------------------------


async def test_named_orders_are_told_as_they_are_now(gateway: Gateway) -> None:
    Shelf(gateway, order(1), order(2, orderState="FINISHED_L"))
    lines = await gateway.channel().these_orders(["2", "1", "2"])
    assert [(line.order, line.stage) for line in lines] == [("2", Stage.DONE), ("1", Stage.PAID)]
    assert [asked["order_id"] for asked in gateway.asked(ORDER)] == ["2", "1"]


@pytest.mark.parametrize("answer", [one(None), refused("71")])
async def test_a_named_order_that_jd_does_not_know_is_none(gateway: Gateway, answer: dict[str, Any]) -> None:
    gateway.on(ORDER, answer)
    assert await gateway.channel().these_orders(["1"]) == []


async def test_a_name_that_is_no_order_makes_no_call(gateway: Gateway) -> None:
    assert await gateway.channel().these_orders(["x", ""]) == []
    assert gateway.calls == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (one(order(2)), Kind.UNKNOWN),
        ({"orderDetailInfo": {"apiResult": {"success": True}}}, Kind.UNKNOWN),
        ({"orderDetailInfo": {"apiResult": {"success": False, "errorCode": "65"}}}, Kind.TRANSIENT),
        (refused("2"), Kind.THROTTLED),
        (refused("24"), Kind.PERMISSION),
    ],
)
async def test_a_named_order_that_cannot_be_read_fails(
    gateway: Gateway, answer: dict[str, Any], kind: Kind
) -> None:
    gateway.on(ORDER, answer)
    with pytest.raises(PortError) as caught:
        await gateway.channel().these_orders(["1"])
    assert caught.value.kind is kind
