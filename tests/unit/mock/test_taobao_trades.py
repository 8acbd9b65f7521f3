"""What the Taobao mock tells of orders."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from syncd.mock.clock import START
from syncd.mock.core import Order, Refund
from tests.unit.mock.taobao_desk import Said, TaobaoDesk, opened_desk

CHANGED, SOLD, ENTERED = (
    "taobao.trades.sold.increment.get",
    "taobao.trades.sold.get",
    "taobao.trades.sold.incrementv.get",
)
ONE = "taobao.trade.fullinfo.get"
SINCE, UNTIL = "2026-01-01 08:00:00", "2026-01-02 08:00:00"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    async with opened_desk() as desk:
        yield desk


def placed(taobao: TaobaoDesk, *wants: tuple[str, int], after: int = 0, paid: bool = True) -> Order:
    order = taobao.state.orders.place(START + after * MINUTE, wants, buyer=4711, paid=paid).order
    assert order is not None
    return order


async def changed(taobao: TaobaoDesk, **params: str | None) -> Said:
    asked: dict[str, str | None] = {"fields": "tid,status", "start_modified": SINCE, "end_modified": UNTIL}
    return await taobao.ask(CHANGED, **(asked | params))


async def told(taobao: TaobaoDesk, **params: str | None) -> list[dict[str, Any]]:
    """Return the trades of a page."""
    said = await changed(taobao, **params)
    assert not said.error, said.error
    found: list[dict[str, Any]] = said.holds.get("trades", {"trade": []})["trade"]
    return found


async def line_of(taobao: TaobaoDesk, order: Order) -> dict[str, Any]:
    said = await taobao.ask(ONE, tid=order.id, fields="orders")
    line: dict[str, Any] = said.holds["trade"]["orders"]["order"][0]
    return line


# --- rows --------------------------------------------------------------------------------------------------


async def test_a_trade_is_wrapped_counted_and_shows_only_what_was_asked_for(taobao: TaobaoDesk) -> None:
    order = placed(taobao, ("801", 2))
    said = await changed(taobao)
    assert said.body["trades_sold_increment_get_response"] == {
        "total_results": 1,
        "trades": {"trade": [{"tid": int(order.id), "status": "WAIT_SELLER_SEND_GOODS"}]},
        "request_id": "mock000000000001",
    }


async def test_times_are_whole_seconds_of_beijing(taobao: TaobaoDesk) -> None:
    order = placed(taobao, ("801", 1), paid=False)
    taobao.state.orders.pay(START + timedelta(seconds=61.9), order.id)
    row = (await told(taobao, fields="created,pay_time,modified,end_time"))[0]
    assert row == {
        "created": "2026-01-01 08:00:00",
        "pay_time": "2026-01-01 08:01:01",
        "modified": "2026-01-01 08:01:01",
    }


async def test_a_sub_order_says_what_was_bought(taobao: TaobaoDesk) -> None:
    order = placed(taobao, ("801", 2), ("900", 1))
    fields = "orders.oid,orders.num_iid,orders.sku_id,orders.outer_iid,orders.outer_sku_id,orders.num"
    rows = (await told(taobao, fields=fields))[0]["orders"]["order"]
    ids = [int(line.id) for line in order.lines]
    assert rows == [
        {"oid": ids[0], "num_iid": 800, "sku_id": "801", "outer_iid": "A", "outer_sku_id": "A-1", "num": 2},
        {"oid": ids[1], "num_iid": 900, "outer_iid": "B", "num": 1},
    ]


async def test_asking_for_orders_shows_all_of_each(taobao: TaobaoDesk) -> None:
    line = await line_of(taobao, placed(taobao, ("801", 2)))
    assert (line["status"], line["refund_status"], "refund_id" in line) == (
        "WAIT_SELLER_SEND_GOODS",
        "NO_REFUND",
        False,
    )


async def test_no_sub_orders_are_shown_unasked(taobao: TaobaoDesk) -> None:
    placed(taobao, ("801", 2))
    assert "orders" not in (await told(taobao, fields="tid"))[0]


async def test_buyers_are_masked(taobao: TaobaoDesk) -> None:
    placed(taobao, ("801", 2))
    row = (await told(taobao, fields="buyer_nick,receiver_name,receiver_mobile"))[0]
    assert row == {"buyer_nick": "b**1", "receiver_name": "张**", "receiver_mobile": "*******0000"}


async def test_trades_are_told_in_xml_too(taobao: TaobaoDesk) -> None:
    order = placed(taobao, ("801", 2))
    said = await changed(taobao, fields="tid,orders.num", format="xml")
    inside = f"<trade><tid>{order.id}</tid><orders><order><num>2</num></order></orders></trade>"
    assert f"<trades>{inside}</trades>" in said.text


async def test_each_step_has_its_status(taobao: TaobaoDesk) -> None:
    book = taobao.state.orders
    order = placed(taobao, ("801", 1), ("701", 1), paid=False)
    seen = [(await told(taobao))[0]["status"]]
    steps: tuple[Callable[[], str], ...] = (
        lambda: book.pay(START, order.id),
        lambda: book.ship(START, order.id, lines=[order.lines[0].id]),
        lambda: book.ship(START, order.id),
        lambda: book.finish(START, order.id),
    )
    for step in steps:
        assert not step()
        seen.append((await told(taobao))[0]["status"])
    assert seen == [
        "WAIT_BUYER_PAY",
        "WAIT_SELLER_SEND_GOODS",
        "SELLER_CONSIGNED_PART",
        "WAIT_BUYER_CONFIRM_GOODS",
        "TRADE_FINISHED",
    ]


async def test_a_sub_order_has_a_status_of_its_own(taobao: TaobaoDesk) -> None:
    order = placed(taobao, ("801", 1), ("701", 1))
    taobao.state.orders.ship(START, order.id, lines=[order.lines[0].id])
    rows = (await told(taobao, fields="orders.status"))[0]["orders"]["order"]
    assert [row["status"] for row in rows] == ["WAIT_BUYER_CONFIRM_GOODS", "WAIT_SELLER_SEND_GOODS"]


async def test_a_status_may_have_another_word(taobao: TaobaoDesk) -> None:
    order = placed(taobao, ("801", 1), paid=False)
    words = {"WAIT_BUYER_PAY": "PAY_PENDING"}
    await taobao.control("POST", "/state", {"top": {"status_words": words}})
    rows = await told(taobao, status="PAY_PENDING")
    line = await line_of(taobao, order)
    assert (rows[0]["status"], line["status"]) == ("PAY_PENDING", "PAY_PENDING")


async def test_an_unpaid_order_is_closed_by_the_platform(taobao: TaobaoDesk) -> None:
    placed(taobao, ("801", 1), paid=False)
    await taobao.control("POST", "/time", {"advance": 900})
    row = (await told(taobao, fields="status,modified,timestamp", timestamp="2026-01-01 08:15:00"))[0]
    assert row == {"status": "TRADE_CLOSED_BY_TAOBAO", "modified": "2026-01-01 08:15:00"}


async def test_each_turn_of_a_refund_has_its_status(taobao: TaobaoDesk) -> None:
    book, order = taobao.state.orders, placed(taobao, ("801", 1))
    book.ship(START, order.id)
    seen = []
    steps: tuple[Callable[[], str], ...] = (
        lambda: book.ask_refund(START, order.id),
        lambda: book.turn_refund(START, order.id, Refund.REFUSED),
        lambda: book.turn_refund(START, order.id, Refund.WITHDRAWN),
        lambda: book.ask_refund(START, order.id),
        lambda: book.agree_refund(START, order.id, returns=True),
        lambda: book.turn_refund(START, order.id, Refund.SENT_BACK),
        lambda: book.agree_refund(START, order.id),
    )
    for step in steps:
        assert not step()
        seen.append((await line_of(taobao, order))["refund_status"])
    assert seen == [
        "WAIT_SELLER_AGREE",
        "SELLER_REFUSE_BUYER",
        "CLOSED",
        "WAIT_SELLER_AGREE",
        "WAIT_BUYER_RETURN_GOODS",
        "WAIT_SELLER_CONFIRM_GOODS",
        "SUCCESS",
    ]


async def test_a_refund_closes_the_trade_and_has_an_id(taobao: TaobaoDesk) -> None:
    book, order = taobao.state.orders, placed(taobao, ("801", 1))
    book.ask_refund(START, order.id)
    book.agree_refund(START, order.id)
    line = await line_of(taobao, order)
    assert (line["status"], len(str(line["refund_id"]))) == ("TRADE_CLOSED", 19)


# --- pages -------------------------------------------------------------------------------------------------


async def test_the_newest_change_comes_first(taobao: TaobaoDesk) -> None:
    orders = [placed(taobao, ("701", 1), after=n) for n in range(3)]
    taobao.state.orders.ship(START + 9 * MINUTE, orders[0].id)
    ids = [row["tid"] for row in await told(taobao)]
    assert ids == [int(orders[n].id) for n in (0, 2, 1)]


async def test_pages_split_the_whole(taobao: TaobaoDesk) -> None:
    for n in range(5):
        placed(taobao, ("701", 1), after=n)
    pages = [await changed(taobao, page_size="2", page_no=str(page)) for page in (1, 2, 3, 4)]
    sizes = [len(page.holds.get("trades", {"trade": []})["trade"]) for page in pages]
    assert (sizes, {page.holds["total_results"] for page in pages}) == ([2, 2, 1, 0], {5})


async def test_a_page_shows_forty_trades_unless_asked(taobao: TaobaoDesk) -> None:
    taobao.state.listings["701"].quantity = 50
    for _ in range(41):
        placed(taobao, ("701", 1))
    assert len(await told(taobao)) == 40


async def test_whether_there_is_more_may_be_told_instead_of_the_count(taobao: TaobaoDesk) -> None:
    for _ in range(3):
        placed(taobao, ("701", 1))
    pages = [await changed(taobao, page_size="2", page_no=page, use_has_next="true") for page in ("1", "2")]
    told = [(page.holds["has_next"], "total_results" in page.holds) for page in pages]
    assert told == [(True, False), (False, False)]


async def test_after_a_full_last_page_there_is_no_more(taobao: TaobaoDesk) -> None:
    for _ in range(4):
        placed(taobao, ("701", 1))
    page = await changed(taobao, page_size="2", page_no="2", use_has_next="true")
    assert page.holds["has_next"] is False


async def test_a_trade_that_changes_while_pages_are_read_moves_to_the_front(taobao: TaobaoDesk) -> None:
    orders = [placed(taobao, ("701", 1), after=n) for n in range(4)]
    first = [row["tid"] for row in await told(taobao, page_size="2", page_no="2")]
    taobao.state.orders.ship(START + 9 * MINUTE, orders[0].id)
    second = [row["tid"] for row in await told(taobao, page_size="2", page_no="2")]
    ids = [int(order.id) for order in orders]
    assert (first, second) == ([ids[1], ids[0]], [ids[2], ids[1]])


async def test_both_ends_of_the_time_count(taobao: TaobaoDesk) -> None:
    for n in range(4):
        placed(taobao, ("701", 1), after=n)
    found = await told(taobao, start_modified="2026-01-01 08:01:00", end_modified="2026-01-01 08:02:00")
    assert len(found) == 2


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"start_modified": None}, (40, "isv.missing-parameter")),
        ({"end_modified": None}, (40, "isv.missing-parameter")),
        ({"fields": None}, (40, "isv.missing-parameter")),
        ({"end_modified": "2026-01-02 08:00:01"}, (41, "isv.invalid-parameter")),
        ({"end_modified": "2026-01-01 07:59:59"}, (41, "isv.invalid-parameter")),
        ({"page_size": "101"}, (41, "isv.invalid-parameter")),
        ({"page_size": "0"}, (41, "isv.invalid-parameter")),
        ({"page_no": "0"}, (41, "isv.invalid-parameter")),
        ({"use_has_next": "yes"}, (41, "isv.invalid-parameter")),
        ({"status": "SOLD"}, (41, "isv.invalid-parameter")),
        ({"session": "other"}, (27, "invalid-sessionkey")),
        ({"sign": "0"}, (25, "")),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    taobao: TaobaoDesk, params: dict[str, str | None], refusal: tuple[int, str]
) -> None:
    assert (await changed(taobao, **params)).refusal == refusal


@pytest.mark.parametrize(
    ("status", "found"),
    [("WAIT_BUYER_PAY", 1), ("ALL_WAIT_PAY", 1), ("WAIT_SELLER_SEND_GOODS", 2), ("TRADE_FINISHED", 0)],
)
async def test_trades_are_asked_for_by_status(taobao: TaobaoDesk, status: str, found: int) -> None:
    placed(taobao, ("701", 1), paid=False)
    placed(taobao, ("701", 1))
    placed(taobao, ("701", 1))
    assert len(await told(taobao, status=status)) == found


@pytest.mark.parametrize(("types", "found"), [("fixed", 1), ("guarantee_trade,step", 1), ("step", 0)])
async def test_trades_are_asked_for_by_type(taobao: TaobaoDesk, types: str, found: int) -> None:
    placed(taobao, ("701", 1))
    assert len(await told(taobao, type=types)) == found


# --- the other methods -------------------------------------------------------------------------------------


async def test_sold_trades_are_told_by_when_they_were_made(taobao: TaobaoDesk) -> None:
    orders = [placed(taobao, ("701", 1), after=n) for n in range(3)]
    taobao.state.orders.ship(START + 9 * MINUTE, orders[0].id)
    said = await taobao.ask(
        SOLD, fields="tid", start_created="2026-01-01 08:00:00", end_created="2026-01-01 08:01:00"
    )
    assert [row["tid"] for row in said.holds["trades"]["trade"]] == [int(orders[n].id) for n in (1, 0)]


async def test_sold_trades_need_no_time(taobao: TaobaoDesk) -> None:
    placed(taobao, ("701", 1))
    assert (await taobao.ask(SOLD, fields="tid")).holds["total_results"] == 1


async def test_sold_trades_are_told_for_three_months(taobao: TaobaoDesk) -> None:
    placed(taobao, ("701", 1))
    await taobao.control("POST", "/time", {"advance": 91 * 86400})
    said = await taobao.ask(SOLD, fields="tid", timestamp="2026-04-02 08:00:00", start_created=SINCE)
    assert said.holds["total_results"] == 0


async def test_trades_are_told_by_when_they_entered_the_shop(taobao: TaobaoDesk) -> None:
    placed(taobao, ("701", 1))
    said = await taobao.ask(ENTERED, fields="tid", start_create=SINCE, end_create=UNTIL)
    assert said.holds["total_results"] == 1


async def test_one_trade_is_told_by_its_id(taobao: TaobaoDesk) -> None:
    order = placed(taobao, ("701", 1))
    said = await taobao.ask(ONE, tid=order.id, fields="tid,orders.oid")
    assert said.holds["trade"] == {
        "tid": int(order.id),
        "orders": {"order": [{"oid": int(order.id)}]},
    }


async def test_a_trade_that_is_not_there_is_refused(taobao: TaobaoDesk) -> None:
    assert (await taobao.ask(ONE, tid="5", fields="tid")).refusal == (15, "isv.trade-not-exist")


# --- what buyers do to counters ----------------------------------------------------------------------------


async def test_whatever_a_hand_sells_is_an_order(taobao: TaobaoDesk) -> None:
    await taobao.sell("801", 2)
    rows = await told(taobao, fields="orders.num,orders.sku_id")
    assert rows[0]["orders"]["order"] == [{"num": 2, "sku_id": "801"}]


async def test_random_buyers_leave_orders(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/sell", {"random": 3})
    assert len(await told(taobao)) == 3


async def test_unpaid_units_are_withheld_where_payment_takes(taobao: TaobaoDesk) -> None:
    placed(taobao, ("701", 3), paid=False)
    said = await taobao.ask("taobao.item.skus.get", num_iids="700", fields="quantity,with_hold_quantity")
    assert said.holds["skus"]["sku"] == [{"quantity": 8, "with_hold_quantity": 3}]
