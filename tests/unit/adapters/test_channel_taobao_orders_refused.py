"""What the channel `taobao` does not believe of trades, how it asks for named ones, and how it is refused."""

from typing import Any

import pytest

from syncd.errors import Kind, PortError
from tests.unit.adapters.taobao_rig import Gateway, refused
from tests.unit.adapters.taobao_trades_rig import CHANGED, FULL, shelved, sub, told, trade


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


# --- what is not believed ----------------------------------------------------------------------------------

_BROKEN: dict[str, dict[str, Any]] = {
    "no sub-orders": trade(1, orders=None),
    "sub-orders that are no list": trade(1, orders={"order": {"oid": 11}}),
    "no number": trade(1, sub(11, num=None)),
    "a number below 0": trade(1, sub(11, num=-1)),
    "a number with a point": trade(1, sub(11, num=1.0)),
    "no id of the line": trade(1, sub(11) | {"oid": None}),
    "an id that lost digits": trade(1, sub(11) | {"oid": 1.1e18}),
    "an item that is no id": trade(1, sub(11, num_iid="x")),
    "no time of its making": trade(1, created=None),
    "no such day": trade(1, created="2026-02-30 10:00:00"),
    "a time of another form": trade(1, pay_time="2026-11-20T10:00:00"),
    "a time that is a number": trade(1, sub(11, consign_time=1732068000)),
}


@pytest.mark.parametrize("shown", _BROKEN.values(), ids=_BROKEN.keys())
async def test_a_trade_that_cannot_be_read_is_named_and_not_passed_over(
    gateway: Gateway, shown: dict[str, Any]
) -> None:
    shelved(gateway, shown)
    with pytest.raises(
        PortError, match=r"^tmall: taobao\.trades\S+: trade 1: the answer was not under"
    ) as bad:
        await told(gateway.channel())
    assert bad.value.kind is Kind.UNKNOWN


@pytest.mark.parametrize("tid", [None, 1.5, "", "x", True])
async def test_a_trade_without_an_id_is_not_passed_over(gateway: Gateway, tid: object) -> None:
    gateway.on(CHANGED, {"total_results": 1, "trades": {"trade": [trade(1) | {"tid": tid}]}})
    with pytest.raises(PortError, match="not understood"):
        await told(gateway.channel())


@pytest.mark.parametrize("total", [None, "x", -1, 1.0])
async def test_a_list_that_does_not_say_how_long_it_is_is_not_empty(gateway: Gateway, total: object) -> None:
    gateway.on(CHANGED, {"total_results": total})
    with pytest.raises(PortError, match="not understood"):
        await told(gateway.channel())


# --- named orders ------------------------------------------------------------------------------------------


async def test_named_orders_are_told_as_they_are_now(gateway: Gateway) -> None:
    shelved(gateway, trade(1, sub(11), sub(12)), trade(2, sub(21)), trade(3))
    lines = await gateway.channel().these_orders(["2", "1"])
    assert [line.line for line in lines] == ["21", "11", "12"]


async def test_an_order_that_the_platform_does_not_know_is_none(gateway: Gateway) -> None:
    shelved(gateway, trade(1))
    assert [line.order for line in await gateway.channel().these_orders(["9", "1"])] == ["1"]


async def test_a_text_that_is_no_id_is_no_order_and_needs_no_call(gateway: Gateway) -> None:
    assert await gateway.channel().these_orders(["x", "", "1:2"]) == []
    assert gateway.forms == []


async def test_an_order_named_twice_is_asked_for_once(gateway: Gateway) -> None:
    shelved(gateway, trade(1))
    await gateway.channel().these_orders(["1", "1"])
    assert [form["tid"] for form in gateway.called(FULL)] == ["1"]


async def test_an_answer_about_another_order_is_not_believed(gateway: Gateway) -> None:
    gateway.on(FULL, {"trade": trade(2)})
    with pytest.raises(PortError, match="trade 1: the answer was not understood"):
        await gateway.channel().these_orders(["1"])


async def test_an_order_that_may_not_be_read_is_not_taken_for_none(gateway: Gateway) -> None:
    gateway.on(FULL, refused(15, "isv.trade-service-error", "no"))
    with pytest.raises(PortError) as caught:
        await gateway.channel().these_orders(["1"])
    assert caught.value.kind is Kind.REJECTED


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [refused(11), refused(15, "isv.permission-api-package-limit")])
async def test_an_app_without_the_package_for_orders_is_told_which_and_what_else_helps(
    gateway: Gateway, refusal: dict[str, Any]
) -> None:
    gateway.on(CHANGED, refusal)
    with pytest.raises(PortError) as caught:
        await told(gateway.channel())
    assert caught.value.kind is Kind.PERMISSION
    for words in ("apply for its API package", "订单管理", CHANGED, "orders = false in [shops.tmall]"):
        assert words in str(caught.value)


async def test_a_ban_says_how_long_it_lasts(gateway: Gateway) -> None:
    sub_code = "accesscontrol.limited-by-app-api-access-count"
    gateway.on(CHANGED, refused(7, sub_code, "This ban will last for 7 more seconds"))
    with pytest.raises(PortError) as caught:
        await told(gateway.channel())
    assert (caught.value.kind, caught.value.retry_after) == (Kind.THROTTLED, 7.0)


async def test_a_fault_of_the_platform_is_tried_again(gateway: Gateway) -> None:
    gateway.on(CHANGED, refused(15, "isp.remote-service-timeout"))
    with pytest.raises(PortError) as caught:
        await told(gateway.channel())
    assert caught.value.kind is Kind.TRANSIENT
