"""How the channel `aliexpress` reads orders."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage
from syncd.errors import Kind, PortError
from tests.unit.adapters.aliexpress_orders_rig import (
    BEGIN,
    CHANGED,
    DETAIL,
    after,
    child,
    ids,
    local,
    order,
    shelved,
    told,
)
from tests.unit.adapters.aliexpress_rig import Gateway, refused


@pytest.fixture
def gateway() -> Gateway:
    gateway = Gateway()
    gateway.now = after(900)
    return gateway


async def _line(gateway: Gateway, shown: Mapping[str, Any], **settings: object) -> OrderLine:
    shelved(gateway, shown)
    (line,) = await told(gateway.channel(**settings))
    return line


async def _failure(gateway: Gateway, **settings: object) -> PortError:
    with pytest.raises(PortError) as caught:
        await told(gateway.channel(**settings))
    return caught.value


# --- lines -------------------------------------------------------------------------------------------------


async def test_a_child_order_is_a_line(gateway: Gateway) -> None:
    assert await _line(gateway, order(7, child(71))) == OrderLine(
        order="7",
        line="71",
        listing=ListingId("100:1-ABC"),
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


async def test_ids_keep_all_their_digits(gateway: Gateway) -> None:
    big = 9_007_199_254_740_993
    line = await _line(gateway, order(big, child(big + 2, product_id=str(big))))
    assert (line.order, line.line, line.listing) == (str(big), str(big + 2), f"{big}:1-ABC")


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("PLACE_ORDER_SUCCESS", Stage.UNPAID),
        ("RISK_CONTROL", Stage.PAID),
        ("WAIT_SELLER_EXAMINE_MONEY", Stage.PAID),
        ("WAIT_SELLER_SEND_GOODS", Stage.PAID),
        ("SELLER_PART_SEND_GOODS", Stage.PAID),
        ("IN_CANCEL", Stage.PAID),
        ("WAIT_BUYER_ACCEPT_GOODS", Stage.SHIPPED),
    ],
)
async def test_a_status_has_its_stage(gateway: Gateway, status: str, stage: Stage) -> None:
    line = await _line(gateway, order(order_status=status))
    assert (line.stage, line.doubt, line.released) == (stage, "", 0)
    assert line.shipped == (2 if stage is Stage.SHIPPED else 0)


async def test_an_unpaid_order_has_no_time_of_payment(gateway: Gateway) -> None:
    line = await _line(gateway, order(order_status="PLACE_ORDER_SUCCESS", fund_status="NOT_PAY"))
    assert (line.stage, line.paid) == (Stage.UNPAID, None)


async def test_an_unpaid_order_whose_end_is_only_asked_for_stays_unpaid(gateway: Gateway) -> None:
    shown = order(order_status="IN_CANCEL", fund_status="NOT_PAY", gmt_pay_time=None)
    assert (await _line(gateway, shown)).stage is Stage.UNPAID


@pytest.mark.parametrize("status", ["FUND_PROCESSING", "IN_ISSUE", "IN_FROZEN"])
@pytest.mark.parametrize(
    ("logistics", "stage", "doubt"),
    [
        ("SELLER_SEND_GOODS", Stage.SHIPPED, ""),
        ("BUYER_ACCEPT_GOODS", Stage.SHIPPED, ""),
        ("WAIT_SELLER_SEND_GOODS", Stage.PAID, ""),
        ("NEW", Stage.PAID, "its logistics_status NEW is not known"),
        (None, Stage.PAID, "its logistics_status (unreadable) is not known"),
    ],
)
async def test_what_speaks_of_the_money_leaves_the_goods_to_their_own_word(
    gateway: Gateway, status: str, logistics: str | None, stage: Stage, doubt: str
) -> None:
    line = await _line(gateway, order(order_status=status, logistics_status=logistics))
    assert (line.stage, line.doubt) == (stage, doubt)


@pytest.mark.parametrize(
    ("fields", "stage", "units"),
    [
        ({"fund_status": "NOT_PAY", "gmt_pay_time": None}, Stage.CLOSED, (2, 0)),
        ({"logistics_status": "BUYER_ACCEPT_GOODS"}, Stage.DONE, (0, 2)),
        ({"logistics_status": "WAIT_SELLER_SEND_GOODS"}, Stage.CLOSED, (2, 0)),
        ({"logistics_status": "NO_LOGISTICS"}, Stage.DONE, (0, 2)),
        ({"gmt_send_goods_time": local(after(90))}, Stage.DONE, (0, 2)),
        ({}, Stage.DONE, (0, 2)),
    ],
)
async def test_a_finished_order_was_sold_or_closed(
    gateway: Gateway, fields: dict[str, Any], stage: Stage, units: tuple[int, int]
) -> None:
    line = await _line(gateway, order(order_status="FINISH", **fields))
    assert (line.stage, (line.released, line.shipped), line.doubt) == (stage, units, "")
    assert line.ended == after(60)


async def test_the_settings_say_by_which_words_goods_have_not_left(gateway: Gateway) -> None:
    words = {"unsent_logistics": ["NO_LOGISTICS"], "sent_logistics": ["GONE"]}
    finished = order(order_status="FINISH", logistics_status="NO_LOGISTICS")
    line = await _line(gateway, finished, **words)
    assert (line.stage, line.released) == (Stage.CLOSED, 2)
    frozen = order(order_status="IN_FROZEN", logistics_status="GONE")
    assert (await _line(gateway, frozen, **words)).stage is Stage.SHIPPED


async def test_an_end_of_which_nothing_is_told_frees_no_unit_and_says_so(gateway: Gateway) -> None:
    line = await _line(gateway, order(order_status="FINISH", fund_status=None, gmt_pay_time=None))
    assert (line.stage, line.released, "logistics_status" in line.doubt) == (Stage.DONE, 0, True)


async def test_what_left_was_sent_at_its_own_time_or_at_the_last_change(gateway: Gateway) -> None:
    shipped = order(order_status="WAIT_BUYER_ACCEPT_GOODS")
    assert (await _line(gateway, shipped)).sent == after(60)
    assert (await _line(gateway, shipped | {"gmt_send_goods_time": local(after(30))})).sent == after(30)


async def test_a_line_says_itself_how_far_it_has_come(gateway: Gateway) -> None:
    lines = [
        child(11, son_order_status="WAIT_BUYER_ACCEPT_GOODS"),
        child(12, son_order_status="WAIT_SELLER_SEND_GOODS"),
        child(13),
    ]
    shelved(gateway, order(1, *lines, order_status="SELLER_PART_SEND_GOODS"))
    stages = [line.stage for line in await told(gateway.channel())]
    assert stages == [Stage.SHIPPED, Stage.PAID, Stage.PAID]


@pytest.mark.parametrize(
    ("shown", "doubt"),
    [
        (order(order_status="NEW"), "its order_status NEW is not known"),
        (order(order_status="a b"), "its order_status (unreadable) is not known"),
        (order(1, child(son_order_status="NEW")), "its son_order_status NEW is not known"),
        (
            order(1, child(son_order_status="NEW"), order_status="WAIT_BUYER_ACCEPT_GOODS"),
            "its son_order_status NEW is not known",
        ),
    ],
)
async def test_an_unknown_status_occupies_as_if_paid(
    gateway: Gateway, shown: dict[str, Any], doubt: str
) -> None:
    line = await _line(gateway, shown)
    assert (line.stage, line.released, line.shipped) == (Stage.PAID, 0, 0)
    assert line.doubt == f"{doubt}; if you know it, say in order_statuses what it means"


async def test_the_settings_say_what_a_status_means(gateway: Gateway) -> None:
    line = await _line(gateway, order(1, child(son_order_status="NEW")), order_statuses={"NEW": "shipped"})
    assert (line.stage, line.doubt) == (Stage.SHIPPED, "")


async def test_a_refund_that_is_asked_for_releases_nothing(gateway: Gateway) -> None:
    line = await _line(gateway, order(1, child(issue_status="IN_ISSUE"), issue_status="IN_ISSUE"))
    assert (line.stage, line.released) == (Stage.PAID, 0)


async def test_times_may_be_in_milliseconds(gateway: Gateway) -> None:
    shown = order(gmt_pay_time=int(after(30).timestamp() * 1000))
    assert (await _line(gateway, shown)).paid == after(30)


async def test_a_line_without_a_code_names_its_product(gateway: Gateway) -> None:
    line = await _line(gateway, order(1, child(sku_code=None)))
    assert (line.listing, line.code) == ("100:", "")


@pytest.mark.parametrize(
    "shown",
    [
        order(gmt_create=None),
        order(gmt_create="soon"),
        order(order_status=None),
        order(product_list=None),
        order(product_list={"order_product_dto": 5}),
        order(1, child(product_count=None)),
        order(1, child(product_count="x")),
        order(1, child(product_id=1.5)),
        order(1, {"product_id": 100, "product_count": 1}),
    ],
)
async def test_an_order_that_cannot_be_read_fails_the_feed_and_is_named(
    gateway: Gateway, shown: dict[str, Any]
) -> None:
    shelved(gateway, shown)
    error = await _failure(gateway)
    assert (error.kind, ": order 1: " in str(error)) == (Kind.UNKNOWN, True)


# --- windows and pages -------------------------------------------------------------------------------------


async def test_windows_are_asked_for_in_the_time_of_los_angeles(gateway: Gateway) -> None:
    shelf = shelved(gateway, order(1))
    await told(gateway.channel(order_window="10m"))
    asked = [(query["modified_date_start"], query["modified_date_end"]) for query in shelf.asked]
    assert asked == [
        ("2025-11-19 18:00:00", "2025-11-19 18:10:00"),
        ("2025-11-19 18:10:00", "2025-11-19 18:15:00"),
    ]


async def test_nothing_more_than_orders_is_asked_for(gateway: Gateway) -> None:
    shelf = shelved(gateway)
    assert await told(gateway.channel()) == []
    (query,) = shelf.asked
    assert sorted(query) == ["current_page", "modified_date_end", "modified_date_start", "page_size"]


async def test_pages_are_read_from_the_last_to_the_first(gateway: Gateway) -> None:
    shelf = shelved(gateway, *(order(n, gmt_update=local(after(n))) for n in range(1, 6)))
    assert ids(await told(gateway.channel(order_page_size=2))) == [1, 2, 3, 4, 5]
    assert [query["current_page"] for query in shelf.asked] == [1, 3, 2, 1]


async def test_an_order_that_leaves_the_window_hides_no_other(gateway: Gateway) -> None:
    shelf = shelved(gateway, *(order(n, gmt_update=local(after(n))) for n in range(1, 6)))
    shelf.meanwhile[3] = lambda: shelf.put(5, after(5000))
    assert ids(await told(gateway.channel(order_page_size=2))) == [1, 2, 3, 4, 5]


async def test_a_window_that_took_orders_in_is_read_again_by_halves(gateway: Gateway) -> None:
    shelf = shelved(gateway, *(order(n, gmt_update=local(after(n))) for n in range(1, 6)))

    def come() -> None:
        shelf.put(8, after(600))
        shelf.put(9, after(600))

    shelf.meanwhile[3] = come
    assert ids(await told(gateway.channel(order_page_size=2))) == [1, 2, 3, 4, 5, 8, 9]


async def test_a_page_with_fewer_orders_than_told_is_no_whole_page(gateway: Gateway) -> None:
    gateway.on(CHANGED, {"result": {"total_count": 3, "target_list": {"order_dto": [order(1)]}}})
    assert (await _failure(gateway)).kind is Kind.TRANSIENT


@pytest.mark.parametrize("seconds", range(0, 7200, 600))
async def test_no_order_is_missed_where_an_hour_comes_twice(gateway: Gateway, seconds: int) -> None:
    twice = datetime(2025, 11, 2, 8, 0, tzinfo=UTC)
    gateway.now = twice + timedelta(hours=5)
    moment = twice + timedelta(seconds=seconds)
    shelved(gateway, order(1, gmt_update=local(moment)))
    since = moment - timedelta(seconds=30)
    assert ids(await told(gateway.channel(), since, since + timedelta(seconds=60))) == [1]


# --- refusals ----------------------------------------------------------------------------------------------


async def test_without_the_permission_it_is_said_how_to_go_on(gateway: Gateway) -> None:
    gateway.on(CHANGED, refused("InsufficientPermission"))
    error = await _failure(gateway)
    assert error.kind is Kind.PERMISSION
    assert "orders = false in [shops.ali]" in str(error)


async def test_another_refusal_is_told_as_it_is(gateway: Gateway) -> None:
    gateway.on(CHANGED, refused("ApiCallLimit"))
    assert (await _failure(gateway)).kind is Kind.THROTTLED


@pytest.mark.parametrize(
    "answer", [{"result": {}}, {"result": {"total_count": "x"}}, {"result": {"success": False}}, {}, b"[]"]
)
async def test_an_answer_that_is_not_understood_is_no_end_of_the_feed(
    gateway: Gateway, answer: dict[str, Any] | bytes
) -> None:
    gateway.on(CHANGED, answer)
    assert (await _failure(gateway)).kind is Kind.UNKNOWN


# --- by name -----------------------------------------------------------------------------------------------


async def test_named_orders_are_asked_for_one_by_one_without_the_buyer(gateway: Gateway) -> None:
    def answer(form: Mapping[str, str]) -> dict[str, Any]:
        return {"result": {"data": order(json.loads(form["param1"])["order_id"])}}

    gateway.on(DETAIL, answer)
    lines = await gateway.channel().these_orders(["2", "1", "2", "x", ""])
    assert [line.order for line in lines] == ["2", "1"]
    assert json.loads(gateway.forms[0]["param1"]) == {"order_id": 2, "ext_info_bit_flag": 0}


async def test_a_detail_may_name_its_parts_otherwise(gateway: Gateway) -> None:
    row = {"id": 11, "product_id": 100, "sku_code": "A", "product_count": 1, "order_status": "FINISH"}
    listed = order(gmt_update=None, product_list=None)
    listed["id"] = listed.pop("order_id")
    shown = listed | {
        "gmt_modified": local(after(70)),
        "child_order_list": {"global_aeop_tp_child_order_dto": [row]},
        "logistics_status": "BUYER_ACCEPT_GOODS",
    }
    gateway.on(DETAIL, {"result": {"data": shown}})
    (line,) = await gateway.channel().these_orders(["1"])
    assert (line.order, line.line, line.stage, line.modified) == ("1", "11", Stage.DONE, after(70))


async def test_an_order_that_the_platform_does_not_know_is_none(gateway: Gateway) -> None:
    gateway.on(DETAIL, {"result": {"error_code": "E404", "error_message": "gone"}})
    assert await gateway.channel(errors={"E404": "not_found"}).these_orders(["1"]) == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"result": {"error_code": "E404"}}, Kind.UNKNOWN),
        ({"result": {"error_code": 0}}, Kind.UNKNOWN),
        ({"result": {"data": order(2)}}, Kind.UNKNOWN),
        (refused("IllegalAccessToken"), Kind.AUTH_EXPIRED),
        (refused("InsufficientPermission"), Kind.PERMISSION),
    ],
)
async def test_a_named_order_that_cannot_be_read_is_not_taken_for_none(
    gateway: Gateway, answer: dict[str, Any], kind: Kind
) -> None:
    gateway.on(DETAIL, answer)
    with pytest.raises(PortError) as caught:
        await gateway.channel().these_orders(["1"])
    assert caught.value.kind is kind
