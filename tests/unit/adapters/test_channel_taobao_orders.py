"""How the channel `taobao` reads trades as lines of orders, and what it does not believe."""

from datetime import UTC, datetime
from typing import Any

import pytest

from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage
from syncd.ports.orders import OrderFeed
from tests.unit.adapters.taobao_rig import Gateway
from tests.unit.adapters.taobao_trades_rig import (
    BEGIN,
    CHANGED,
    after,
    shelved,
    sub,
    told,
    top,
    trade,
)

_SHIPPED_AT = after(120)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


async def _line(gateway: Gateway, shown: dict[str, Any], **settings: Any) -> OrderLine:  # noqa: ANN401
    shelved(gateway, shown)
    (line,) = await told(gateway.channel(**settings))
    return line


def _units(line: OrderLine) -> tuple[Stage, int, int]:
    return line.stage, line.released, line.shipped


def _in(status: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a trade whose only sub-order is in a status."""
    return trade(1, sub(11, status=status), status=status, **fields)


def test_a_shop_on_taobao_tells_its_orders(gateway: Gateway) -> None:
    assert isinstance(gateway.channel(), OrderFeed)


# --- one line ----------------------------------------------------------------------------------------------


async def test_every_field_of_a_line_is_read(gateway: Gateway) -> None:
    assert await _line(gateway, trade(1, sub(11))) == OrderLine(
        order="1",
        line="11",
        listing=ListingId("100:7"),
        code="1-ABC",
        units=2,
        released=0,
        shipped=0,
        stage=Stage.PAID,
        created=datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
        paid=datetime(2026, 11, 20, 2, 1, tzinfo=UTC),
        sent=None,
        ended=None,
        modified=datetime(2026, 11, 20, 2, 1, tzinfo=UTC),
    )


async def test_ids_of_64_bits_keep_every_digit(gateway: Gateway) -> None:
    body = (
        b'{"trades_sold_increment_get_response":{"total_results":1,"trades":{"trade":[{"tid":9007199254740993,'
        b'"status":"WAIT_BUYER_PAY","created":"2026-11-20 10:00:00","modified":"2026-11-20 10:00:00",'
        b'"orders":{"order":[{"oid":9223372036854775807,"num_iid":9007199254740995,'
        b'"sku_id":"9007199254740997","num":1}]}}]}}}'
    )
    gateway.on(CHANGED, body)
    (line,) = await told(gateway.channel())
    assert (line.order, line.line) == ("9007199254740993", "9223372036854775807")
    assert line.listing == "9007199254740995:9007199254740997"


@pytest.mark.parametrize("none", [None, "", "0", 0])
async def test_an_item_without_skus_is_the_listing_that_observe_shows(gateway: Gateway, none: object) -> None:
    line = await _line(gateway, trade(1, sub(11, sku_id=none)))
    assert (line.listing, line.code) == ("100:", "ITEM")


async def test_a_sku_without_a_code_does_not_take_that_of_its_item(gateway: Gateway) -> None:
    assert (await _line(gateway, trade(1, sub(11, outer_sku_id=None)))).code == ""


async def test_a_line_that_names_no_item_has_no_listing(gateway: Gateway) -> None:
    assert (await _line(gateway, trade(1, sub(11, num_iid=None)))).listing == ""


async def test_each_sub_order_is_a_line_and_the_number_of_the_trade_means_nothing(gateway: Gateway) -> None:
    shelved(gateway, trade(1, sub(11, num=1), sub(12, num=3, sku_id="8"), num=99))
    lines = await told(gateway.channel())
    found = [(line.order, line.line, line.listing, line.units) for line in lines]
    assert found == [("1", "11", "100:7", 1), ("1", "12", "100:8", 3)]


async def test_the_change_of_the_trade_stamps_its_lines(gateway: Gateway) -> None:
    shelved(gateway, trade(1, sub(11, modified=top(BEGIN)), sub(12), modified=top(after(500))))
    assert {line.modified for line in await told(gateway.channel())} == {after(500)}


async def test_sub_orders_that_are_sent_together_replace_none(gateway: Gateway) -> None:
    shelved(gateway, trade(1, sub(11), sub(12, bind_oid=11)))
    assert [line.replaces for line in await told(gateway.channel())] == ["", ""]


async def test_nothing_of_a_buyer_and_no_price_is_asked_for(gateway: Gateway) -> None:
    await _line(gateway, trade())
    (form,) = gateway.called(CHANGED)
    assert set(form["fields"].split(",")) == {
        *("tid", "status", "type", "created", "pay_time", "consign_time", "end_time", "modified"),
        *("step_trade_status", "orders.oid", "orders.num_iid", "orders.sku_id", "orders.outer_iid"),
        *("orders.outer_sku_id", "orders.num", "orders.status", "orders.refund_status"),
        *("orders.consign_time", "orders.end_time"),
    }


async def test_what_a_gateway_tells_of_a_buyer_all_the_same_is_dropped(gateway: Gateway) -> None:
    line = await _line(gateway, trade(buyer_nick="planted-nick", receiver_name="planted-name"))
    assert "planted" not in repr(line)


async def test_presales_and_orders_paid_at_the_door_are_asked_for_too(gateway: Gateway) -> None:
    await _line(gateway, trade())
    assert gateway.called(CHANGED)[0]["type"] == "guarantee_trade,auto_delivery,ec,cod,step"


# --- how far a line has come -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["TRADE_NO_CREATE_PAY", "WAIT_BUYER_PAY", "PAY_PENDING"])
async def test_a_line_that_waits_for_money_is_unpaid(gateway: Gateway, status: str) -> None:
    line = await _line(gateway, _in(status))
    assert (_units(line), line.paid) == ((Stage.UNPAID, 0, 0), None)


@pytest.mark.parametrize("status", ["WAIT_SELLER_SEND_GOODS", "PAID_FORBID_CONSIGN", "SELLER_CONSIGNED_PART"])
async def test_a_line_that_waits_for_the_seller_is_paid(gateway: Gateway, status: str) -> None:
    line = await _line(gateway, _in(status, consign_time=top(_SHIPPED_AT)))
    assert (_units(line), line.paid, line.sent) == ((Stage.PAID, 0, 0), after(60), None)


@pytest.mark.parametrize("status", ["WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED"])
async def test_a_line_on_its_way_is_shipped(gateway: Gateway, status: str) -> None:
    line = await _line(gateway, _in(status, consign_time=top(_SHIPPED_AT)))
    assert (_units(line), line.sent, line.ended) == ((Stage.SHIPPED, 0, 2), _SHIPPED_AT, None)


async def test_a_line_that_arrived_is_done(gateway: Gateway) -> None:
    times = {"consign_time": top(_SHIPPED_AT), "end_time": top(after(300))}
    line = await _line(gateway, _in("TRADE_FINISHED", **times))
    assert (_units(line), line.sent, line.ended) == ((Stage.DONE, 0, 2), _SHIPPED_AT, after(300))


@pytest.mark.parametrize("status", ["TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"])
async def test_a_line_that_ended_before_it_was_sent_releases_its_units(gateway: Gateway, status: str) -> None:
    line = await _line(gateway, _in(status, end_time=top(after(300))))
    assert (_units(line), line.ended) == ((Stage.CLOSED, 2, 0), after(300))


async def test_a_line_that_came_back_after_it_was_sent_releases_nothing(gateway: Gateway) -> None:
    line = await _line(gateway, _in("TRADE_CLOSED", consign_time=top(_SHIPPED_AT)))
    assert (_units(line), line.sent) == ((Stage.CLOSED, 0, 2), _SHIPPED_AT)


async def test_a_sub_order_without_a_status_has_that_of_its_trade(gateway: Gateway) -> None:
    line = await _line(gateway, trade(1, sub(11, status=None), status="WAIT_BUYER_PAY"))
    assert line.stage is Stage.UNPAID


async def test_a_trade_that_was_shipped_in_part_still_owes_the_rest(gateway: Gateway) -> None:
    sent = sub(11, status="WAIT_BUYER_CONFIRM_GOODS", consign_time=top(_SHIPPED_AT))
    owed = sub(12, status="WAIT_SELLER_SEND_GOODS")
    shown = trade(1, sent, owed, status="SELLER_CONSIGNED_PART", consign_time=top(_SHIPPED_AT))
    shelved(gateway, shown)
    lines = await told(gateway.channel())
    assert [_units(line) for line in lines] == [(Stage.SHIPPED, 0, 2), (Stage.PAID, 0, 0)]


async def test_a_line_refunded_instead_of_shipped_is_not_taken_for_sent_with_the_others(
    gateway: Gateway,
) -> None:
    sent = sub(11, status="WAIT_BUYER_CONFIRM_GOODS", consign_time=top(_SHIPPED_AT))
    closed = sub(12, status="TRADE_CLOSED", refund_status="SUCCESS")
    shelved(gateway, trade(1, sent, closed, consign_time=top(_SHIPPED_AT)))
    lines = await told(gateway.channel())
    assert [_units(line) for line in lines] == [(Stage.SHIPPED, 0, 2), (Stage.CLOSED, 2, 0)]


async def test_where_no_sub_order_says_when_it_was_sent_a_closed_one_may_have_been(gateway: Gateway) -> None:
    sent = sub(11, status="WAIT_BUYER_CONFIRM_GOODS")
    closed = sub(12, status="TRADE_CLOSED", refund_status="SUCCESS")
    shelved(gateway, trade(1, sent, closed, consign_time=top(_SHIPPED_AT)))
    lines = await told(gateway.channel())
    assert [_units(line) for line in lines] == [(Stage.SHIPPED, 0, 2), (Stage.CLOSED, 0, 2)]


async def test_an_unknown_status_occupies_and_is_told(gateway: Gateway) -> None:
    shown = trade(1, sub(11, status="WAIT_FOR_MOON", refund_status="SUCCESS"), pay_time=None)
    line = await _line(gateway, shown, refunds_release=True)
    assert (_units(line), line.paid) == ((Stage.PAID, 0, 0), None)
    assert "its status WAIT_FOR_MOON is not known" in line.doubt


async def test_a_status_that_cannot_be_shown_is_not_shown(gateway: Gateway) -> None:
    line = await _line(gateway, trade(1, sub(11, status="<b>planted\n")))
    assert line.stage is Stage.PAID
    assert "its status (unreadable) is not known" in line.doubt


async def test_a_setting_says_what_a_status_means(gateway: Gateway) -> None:
    line = await _line(gateway, _in("WAIT_FOR_MOON"), order_statuses={"WAIT_FOR_MOON": "unpaid"})
    assert (_units(line), line.doubt) == ((Stage.UNPAID, 0, 0), "")


async def test_a_setting_corrects_the_table(gateway: Gateway) -> None:
    line = await _line(gateway, _in("PAY_PENDING"), order_statuses={"PAY_PENDING": "paid"})
    assert line.stage is Stage.PAID


# --- refunds -----------------------------------------------------------------------------------------------

_OPEN_REFUNDS = [
    "NO_REFUND",
    "WAIT_SELLER_AGREE",
    "WAIT_BUYER_RETURN_GOODS",
    "WAIT_SELLER_CONFIRM_GOODS",
    "SELLER_REFUSE_BUYER",
    "CLOSED",
    None,
    "",
]


@pytest.mark.parametrize("refund", _OPEN_REFUNDS)
async def test_a_refund_that_did_not_succeed_releases_nothing(gateway: Gateway, refund: str | None) -> None:
    line = await _line(gateway, trade(1, sub(11, refund_status=refund)))
    assert (_units(line), line.doubt) == ((Stage.PAID, 0, 0), "")


async def test_an_unknown_refund_releases_nothing_and_is_told(gateway: Gateway) -> None:
    line = await _line(gateway, trade(1, sub(11, refund_status="HALF")))
    assert _units(line) == (Stage.PAID, 0, 0)
    assert line.doubt == "its refund_status HALF is not known"


async def test_a_refund_that_ends_a_line_before_shipping_releases_it_and_no_other(gateway: Gateway) -> None:
    shelved(gateway, trade(1, sub(11, status="TRADE_CLOSED", refund_status="SUCCESS"), sub(12)))
    assert [line.released for line in await told(gateway.channel())] == [2, 0]


async def test_a_refund_that_leaves_a_line_open_is_of_a_part_and_releases_nothing(gateway: Gateway) -> None:
    line = await _line(gateway, trade(1, sub(11, refund_status="SUCCESS")))
    assert (_units(line), line.doubt) == ((Stage.PAID, 0, 0), "")


async def test_a_shop_may_say_that_every_refund_before_shipping_is_whole(gateway: Gateway) -> None:
    shelved(gateway, trade(1, sub(11, refund_status="SUCCESS"), sub(12)))
    lines = await told(gateway.channel(refunds_release=True))
    assert [line.released for line in lines] == [2, 0]


_NOT_UNSENT = {
    "WAIT_BUYER_CONFIRM_GOODS": (Stage.SHIPPED, 0, 2),
    "SELLER_CONSIGNED_PART": (Stage.PAID, 0, 0),
    "WAIT_BUYER_PAY": (Stage.UNPAID, 0, 0),
}


@pytest.mark.parametrize("status", _NOT_UNSENT)
async def test_a_refund_of_what_was_sent_at_least_in_part_never_releases(
    gateway: Gateway, status: str
) -> None:
    shown = trade(1, sub(11, status=status, refund_status="SUCCESS"))
    assert _units(await _line(gateway, shown, refunds_release=True)) == _NOT_UNSENT[status]


async def test_a_closed_line_releases_its_units_whatever_became_of_the_refund(gateway: Gateway) -> None:
    line = await _line(gateway, trade(1, sub(11, status="TRADE_CLOSED", refund_status="HALF")))
    assert _units(line) == (Stage.CLOSED, 2, 0)


# --- presales, and money at the door -----------------------------------------------------------------------


def _presale(step: str, status: str = "WAIT_BUYER_PAY") -> dict[str, Any]:
    return _in(status, type="step", step_trade_status=step)


async def test_a_presale_without_its_deposit_is_unpaid(gateway: Gateway) -> None:
    assert (await _line(gateway, _presale("FRONT_NOPAID_FINAL_NOPAID"))).stage is Stage.UNPAID


async def test_a_deposit_binds_without_being_the_payment(gateway: Gateway) -> None:
    line = await _line(gateway, _presale("FRONT_PAID_FINAL_NOPAID"))
    assert (line.stage, line.paid) == (Stage.PAID, None)


async def test_a_shop_may_say_that_a_deposit_does_not_bind(gateway: Gateway) -> None:
    line = await _line(gateway, _presale("FRONT_PAID_FINAL_NOPAID"), deposits_bind=False)
    assert (line.stage, line.paid) == (Stage.UNPAID, None)


async def test_a_presale_paid_whole_goes_by_its_status(gateway: Gateway) -> None:
    line = await _line(gateway, _presale("FRONT_PAID_FINAL_PAID", "WAIT_SELLER_SEND_GOODS"))
    assert (line.stage, line.paid) == (Stage.PAID, after(60))


async def test_a_presale_whose_status_lags_behind_its_money_binds(gateway: Gateway) -> None:
    line = await _line(gateway, _presale("FRONT_PAID_FINAL_PAID"))
    assert (line.stage, line.paid) == (Stage.PAID, None)


async def test_a_presale_that_ended_after_its_deposit_was_never_paid(gateway: Gateway) -> None:
    line = await _line(gateway, _presale("FRONT_PAID_FINAL_NOPAID", "TRADE_CLOSED"))
    assert (_units(line), line.paid) == ((Stage.CLOSED, 2, 0), None)


async def test_an_unknown_step_of_a_presale_binds_and_is_told(gateway: Gateway) -> None:
    line = await _line(gateway, _presale("THIRD_STEP"))
    assert (line.stage, line.doubt) == (Stage.PAID, "its step_trade_status THIRD_STEP is not known")


async def test_an_order_paid_at_the_door_binds_from_its_start(gateway: Gateway) -> None:
    line = await _line(gateway, trade(type="cod", pay_time=None))
    assert (line.stage, line.paid) == (Stage.PAID, BEGIN)
