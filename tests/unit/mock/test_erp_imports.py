"""How the mock ERP learns of orders, promises their units and ships them."""

from datetime import timedelta

import pytest

from syncd.mock.clock import START
from syncd.mock.core import Cell, ErpState, Order, OrderSettings, ShopState, Stage
from syncd.mock.core.erp_imports import Content, ImportSettings, ShopImport
from syncd.mock.core.orders_crowd import Attempt, Crowd
from syncd.mock.taobao import TaobaoState
from tests.unit.mock.taobao_desk import make_state

CODES = {"A-1": Content("S", 1), "B": Content("S", 6), "A-2": Content("T", 1)}
DELAY = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def shop() -> TaobaoState:
    return make_state()


@pytest.fixture
def erp() -> ErpState:
    cell = Cell(sku="S", warehouse="main")
    cell.figures["on_hand"] = 20
    return ErpState(cells=[cell])


def linked(erp: ErpState, shop: ShopState, settings: ImportSettings | None = None) -> ShopImport:
    return erp.link("tmall", settings or ImportSettings(codes=CODES), shop)


def placed(shop: ShopState, *wants: tuple[str, int], paid: bool = True) -> Order:
    order = shop.orders.place(START, wants, paid=paid).order
    assert order is not None
    return order


def stock(erp: ErpState, sku: str = "S") -> tuple[int, int]:
    """Return what is on hand and what is allocated."""
    figures = erp.cells[sku, "main"].figures
    return figures["on_hand"], figures["allocated"]


# --- importing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "allocated"), [(DELAY - SECOND, 0), (DELAY, 2)])
def test_an_order_is_imported_after_the_delay(
    erp: ErpState, shop: TaobaoState, after: timedelta, allocated: int
) -> None:
    linked(erp, shop)
    placed(shop, ("801", 2))
    erp.settle(START + after)
    assert stock(erp) == (20, allocated)


def test_orders_that_were_there_before_the_link_are_imported_too(erp: ErpState, shop: TaobaoState) -> None:
    placed(shop, ("801", 2))
    linked(erp, shop)
    erp.settle(START + DELAY)
    assert stock(erp) == (20, 2)


def test_a_pack_takes_the_units_that_it_holds(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop)
    placed(shop, ("801", 1), ("900", 2))
    erp.settle(START + DELAY)
    assert stock(erp) == (20, 13)


def test_two_links_to_a_shop_ship_their_parts_of_one_line(erp: ErpState, shop: TaobaoState) -> None:
    erp.move("T", "main", {"on_hand": 9})
    for name, sku in (("tmall", "S"), ("tmall-1", "T")):
        erp.link(name, ImportSettings(codes={"A-1": Content(sku, 2)}, ship_after=60), shop)
    placed(shop, ("801", 1))
    erp.settle(START + DELAY + MINUTE)
    assert (stock(erp), stock(erp, "T")) == ((18, 0), (7, 0))


def test_a_code_that_is_not_known_is_counted(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop)
    placed(shop, ("701", 1))
    erp.settle(START + DELAY)
    assert (stock(erp), tmall.unknown) == ((20, 0), {"茶杯": 1})


def test_without_a_map_a_code_is_a_sku(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop, ImportSettings())
    placed(shop, ("701", 1))
    erp.settle(START + DELAY)
    assert stock(erp, "茶杯") == (0, 1)


@pytest.mark.parametrize(("event", "allocated"), [("created", 2), ("paid", 0)])
def test_unpaid_orders_count_where_the_erp_takes_them(
    erp: ErpState, shop: TaobaoState, event: str, allocated: int
) -> None:
    linked(erp, shop, ImportSettings(codes=CODES, event=event))
    placed(shop, ("801", 2), paid=False)
    erp.settle(START + DELAY)
    assert stock(erp) == (20, allocated)


def test_an_order_that_ends_frees_its_units_after_the_delay(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop, ImportSettings(codes=CODES, event="created"))
    placed(shop, ("801", 2), paid=False)
    erp.settle(START + 15 * MINUTE)
    before = stock(erp)
    erp.settle(START + 15 * MINUTE + DELAY)
    assert (before, stock(erp)) == ((20, 2), (20, 0))


def test_a_refund_of_some_units_frees_only_these(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop)
    order = placed(shop, ("900", 3))
    shop.orders.ask_refund(START, order.id)
    shop.orders.agree_refund(START, order.id, units=1)
    erp.settle(START + DELAY)
    assert stock(erp) == (20, 12)


def test_an_older_version_changes_nothing(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop)
    order = placed(shop, ("801", 2))
    shop.orders.ask_refund(START + MINUTE, order.id)
    shop.orders.agree_refund(START + MINUTE, order.id)
    erp.settle(START + 9 * MINUTE)
    tmall.hear(order)
    erp.settle(START + 19 * MINUTE)
    assert stock(erp) == (20, 0)


def test_the_same_version_twice_changes_nothing(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop)
    tmall.hear(placed(shop, ("801", 2)))
    erp.settle(START + DELAY)
    assert stock(erp) == (20, 2)


# --- the watermark -----------------------------------------------------------------------------------------


def test_the_watermark_is_the_last_whole_second_that_is_over(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop)
    assert tmall.imported_until(START + DELAY + timedelta(seconds=10.5)) == START + 9 * SECOND


def test_all_of_a_reading_is_imported_up_to_its_watermark(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop)
    shop.visitors = Crowd(shop, [Attempt(START + timedelta(seconds=n / 3), (("801", 1),)) for n in range(5)])
    reading = erp.read(START + DELAY + timedelta(seconds=1.2))
    until = reading.imported_until["tmall"]
    of_then = [order for order in shop.orders.orders.values() if order.modified <= until]
    assert (until, len(of_then) <= reading.rows[0]["allocated"]) == (START, True)


def test_a_watermark_never_runs_ahead_of_buyers_who_are_still_to_come(
    erp: ErpState, shop: TaobaoState
) -> None:
    linked(erp, shop)
    shop.visitors = Crowd(shop, [Attempt(START + n * MINUTE, (("801", 1),)) for n in range(5)])
    reading = erp.read(START + 7 * MINUTE + 30 * SECOND)
    assert (reading.imported_until["tmall"], stock(erp)) == (START + 2 * MINUTE + 29 * SECOND, (20, 3))


def test_a_failed_import_holds_the_watermark_back(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop, ImportSettings(codes=CODES, lose=1))
    placed(shop, ("801", 2))
    shop.orders.place(START + MINUTE, [("801", 1)], paid=True)
    erp.settle(START + 19 * MINUTE)
    held = tmall.imported_until(START + 19 * MINUTE)
    assert (held, stock(erp)) == (START - SECOND, (20, 1))


def test_a_failed_import_can_be_mended(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop, ImportSettings(codes=CODES, lose=1))
    placed(shop, ("801", 2))
    erp.settle(START + 19 * MINUTE)
    tmall.mend()
    until = tmall.imported_until(START + 19 * MINUTE)
    assert (until, stock(erp)) == (START + 14 * MINUTE - SECOND, (20, 2))


def test_what_came_later_says_what_the_failed_import_would_have(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop, ImportSettings(codes=CODES, lose=1))
    order = placed(shop, ("801", 2))
    shop.orders.ask_refund(START + MINUTE, order.id)
    erp.settle(START + 19 * MINUTE)
    assert (tmall.failed, stock(erp)) == ([], (20, 2))


def test_an_import_may_be_lost_without_a_word(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop, ImportSettings(codes=CODES, lose=1, silent=True))
    placed(shop, ("801", 2))
    erp.settle(START + 19 * MINUTE)
    until = tmall.imported_until(START + 19 * MINUTE)
    assert (until, stock(erp)) == (START + 14 * MINUTE - SECOND, (20, 0))


def test_an_import_may_come_twice_until_it_is_mended(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop, ImportSettings(codes=CODES, duplicate=1))
    placed(shop, ("801", 2))
    erp.settle(START + 19 * MINUTE)
    twice = stock(erp)
    tmall.mend()
    assert (twice, stock(erp)) == ((20, 4), (20, 2))


# --- shipping ----------------------------------------------------------------------------------------------


def test_shipped_units_leave_and_the_shop_is_told(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop, ImportSettings(codes=CODES, ship_after=60))
    order = placed(shop, ("801", 2))
    erp.settle(START + DELAY + MINUTE)
    assert (stock(erp), shop.orders.orders[order.id].stage) == ((18, 0), Stage.SHIPPED)


def test_nothing_leaves_by_itself_unless_that_is_wanted(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop)
    placed(shop, ("801", 2))
    erp.settle(START + 999 * MINUTE)
    assert stock(erp) == (20, 2)


def test_some_lines_leave_by_hand(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop)
    order = placed(shop, ("801", 2), ("900", 1))
    erp.settle(START + DELAY)
    refusal = tmall.ship(START + DELAY, order.id, lines=(order.lines[1].id,))
    assert (refusal, stock(erp), shop.orders.orders[order.id].stage) == ("", (14, 2), Stage.PART_SHIPPED)


def test_what_was_refunded_meanwhile_does_not_leave(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop, ImportSettings(codes=CODES, ship_after=0))
    order = placed(shop, ("801", 2))
    shop.orders.ask_refund(START + 4 * MINUTE, order.id)
    shop.orders.agree_refund(START + 4 * MINUTE, order.id)
    erp.settle(START + DELAY)
    assert (stock(erp), shop.orders.orders[order.id].stage) == ((20, 0), Stage.CLOSED)


def test_the_shop_stamps_a_shipment_with_its_own_time(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop, ImportSettings(codes=CODES, ship_after=0))
    order = placed(shop, ("801", 2))
    shop.settle(START + 9 * MINUTE)
    erp.settle(START + 9 * MINUTE)
    assert shop.orders.orders[order.id].modified == START + 9 * MINUTE


def test_goods_that_are_not_there_wait_until_they_are(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop, ImportSettings(codes=CODES, ship_after=60))
    order = placed(shop, ("900", 4))
    erp.settle(START + 30 * MINUTE)
    waiting = (stock(erp), shop.orders.orders[order.id].stage)
    erp.move("S", "main", {"on_hand": 4})
    erp.settle(START + 40 * MINUTE)
    assert (waiting, stock(erp)) == (((20, 24), Stage.PAID), (0, 0))


def test_what_the_seller_shipped_by_hand_leaves_with_the_import(erp: ErpState, shop: TaobaoState) -> None:
    linked(erp, shop)
    order = placed(shop, ("801", 2))
    shop.orders.ship(START + MINUTE, order.id)
    shop.orders.finish(START + 2 * MINUTE, order.id)
    erp.settle(START + 19 * MINUTE)
    assert stock(erp) == (18, 0)


@pytest.mark.parametrize(("good", "unsellable"), [(True, 0), (False, 2)])
def test_returned_goods_are_on_hand_again(
    erp: ErpState, shop: TaobaoState, *, good: bool, unsellable: int
) -> None:
    tmall = linked(erp, shop, ImportSettings(codes=CODES, ship_after=0))
    order = placed(shop, ("801", 2))
    erp.settle(START + DELAY)
    tmall.take_back(order.id, 2, good=good)
    shop.orders.finish(START + DELAY, order.id)
    erp.settle(START + 19 * MINUTE)
    assert (stock(erp), erp.cells["S", "main"].figures["unsellable"]) == ((20, 0), unsellable)


def test_no_more_is_returned_than_was_shipped(erp: ErpState, shop: TaobaoState) -> None:
    tmall = linked(erp, shop, ImportSettings(codes=CODES, ship_after=0))
    order = placed(shop, ("801", 2))
    erp.settle(START + DELAY)
    tmall.take_back(order.id, 1)
    assert (tmall.take_back(order.id, 2), stock(erp)) == ("not_shipped", (19, 0))


def test_units_on_hand_and_sold_add_up_whatever_buyers_do(erp: ErpState, shop: TaobaoState) -> None:
    shop.orders.settings = OrderSettings(pay_within=600)
    linked(erp, shop, ImportSettings(codes=CODES, ship_after=120))
    waits = (0.0, 30.0, None, 700.0)
    shop.visitors = Crowd(
        shop,
        [
            Attempt(START + n * MINUTE, (("801", 1),), waits[n % 4], refunds_after=60 if n % 5 == 0 else None)
            for n in range(12)
        ],
    )
    erp.settle(START + 60 * MINUTE)
    shipped = sum(
        line.units for order in shop.orders.orders.values() for line in order.lines if line.sent is not None
    )
    assert (stock(erp), shipped > 0) == ((20 - shipped, 0), True)
