"""Orders as a state machine, without HTTP."""

from datetime import timedelta

import pytest

from syncd.mock.clock import START
from syncd.mock.core import Cause, Line, Order, OrderSettings, Refund, Stage
from syncd.mock.taobao import TaobaoState, TopSettings
from tests.unit.mock.taobao_desk import make_state

ON_ORDER, ON_PAYMENT = "801", "701"
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop() -> TaobaoState:
    return make_state()


def placed(shop: TaobaoState, *wants: tuple[str, int], paid: bool = False) -> Order:
    order = shop.orders.place(START, wants, buyer=4711, paid=paid).order
    assert order is not None
    return order


def now_is(shop: TaobaoState, order: Order) -> Order:
    return shop.orders.orders[order.id]


def stock(shop: TaobaoState, listing: str) -> tuple[int, int, int]:
    """Return the counter, what is withheld, and what was sold."""
    found = shop.listings[listing]
    return found.quantity, found.withheld, found.sold


# --- placing -----------------------------------------------------------------------------------------------


def test_an_order_takes_its_units_where_orders_do(shop: TaobaoState) -> None:
    placed(shop, (ON_ORDER, 2))
    assert stock(shop, ON_ORDER) == (3, 0, 2)


def test_an_order_withholds_its_units_where_payment_takes_them(shop: TaobaoState) -> None:
    placed(shop, (ON_PAYMENT, 3))
    assert stock(shop, ON_PAYMENT) == (8, 3, 0)


def test_an_order_of_several_lines_is_placed_whole_or_not_at_all(shop: TaobaoState) -> None:
    refused = shop.orders.place(START, [(ON_PAYMENT, 1), (ON_ORDER, 6)])
    assert (refused, stock(shop, ON_PAYMENT)) == ((None, "not_enough", ON_ORDER), (8, 0, 0))


def test_the_same_listing_twice_in_an_order_needs_the_units_of_both(shop: TaobaoState) -> None:
    assert shop.orders.place(START, [(ON_ORDER, 3), (ON_ORDER, 3)]).refusal == "not_enough"


def test_the_same_listing_twice_in_an_order_makes_two_lines(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 2), (ON_ORDER, 3))
    assert ([line.units for line in order.lines], stock(shop, ON_ORDER)) == ([2, 3], (0, 0, 5))


def test_nobody_orders_what_is_withheld_for_others(shop: TaobaoState) -> None:
    placed(shop, (ON_PAYMENT, 7))
    assert shop.orders.place(START, [(ON_PAYMENT, 2)]).refusal == "not_enough"


@pytest.mark.parametrize(("listing", "refusal"), [("900", "not_on_sale"), ("5", "not_found")])
def test_nobody_orders_what_is_not_on_sale(shop: TaobaoState, listing: str, refusal: str) -> None:
    shop.put_off("900")
    assert shop.orders.place(START, [(listing, 1)]).refusal == refusal


def test_ids_have_nineteen_digits_and_grow(shop: TaobaoState) -> None:
    ids = [placed(shop, (ON_ORDER, 1)).id for _ in range(3)]
    assert ({len(one) for one in ids}, ids) == ({19}, sorted(ids))


def test_a_buyers_ids_end_alike(shop: TaobaoState) -> None:
    assert {placed(shop, (ON_ORDER, 1)).id[-4:] for _ in range(2)} == {"4711"}


def test_a_single_line_has_the_id_of_its_order(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1))
    assert [line.id for line in order.lines] == [order.id]


def test_several_lines_have_ids_of_their_own(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1), (ON_PAYMENT, 1))
    assert len({order.id, *(line.id for line in order.lines)}) == 3


def test_a_line_remembers_what_the_listing_was_called(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1))
    shop.listings[ON_ORDER].code = "new"
    assert now_is(shop, order).lines[0].code == "A-1"


# --- paying and closing ------------------------------------------------------------------------------------


def test_payment_takes_what_was_withheld(shop: TaobaoState) -> None:
    order = placed(shop, (ON_PAYMENT, 3))
    shop.orders.pay(START, order.id)
    assert stock(shop, ON_PAYMENT) == (5, 0, 3)


def test_payment_takes_nothing_twice(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 2))
    shop.orders.pay(START, order.id)
    assert stock(shop, ON_ORDER) == (3, 0, 2)


def test_an_order_is_paid_once(shop: TaobaoState) -> None:
    order = placed(shop, (ON_PAYMENT, 3), paid=True)
    assert (shop.orders.pay(START, order.id), stock(shop, ON_PAYMENT)) == ("not_unpaid", (5, 0, 3))


def test_the_item_may_change_its_mode_while_an_order_is_unpaid(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 2))
    shop.items["800"].sub_stock = 2
    shop.orders.pay(START, order.id)
    assert stock(shop, ON_ORDER) == (3, 0, 2)


def test_a_counter_set_below_what_is_withheld_ends_at_zero_when_it_is_paid(shop: TaobaoState) -> None:
    shop.top = TopSettings(refuses_below_withheld=False)
    order = placed(shop, (ON_PAYMENT, 3))
    shop.write(Line(ON_PAYMENT, "", "set", 1, 0))
    shop.orders.pay(START, order.id)
    assert stock(shop, ON_PAYMENT) == (0, 0, 3)


@pytest.mark.parametrize(("listing", "left"), [(ON_ORDER, (5, 0, 0)), (ON_PAYMENT, (8, 0, 0))])
def test_an_order_that_nobody_pays_is_closed_after_fifteen_minutes(
    shop: TaobaoState, listing: str, left: tuple[int, int, int]
) -> None:
    order = placed(shop, (listing, 3))
    shop.settle(START + 15 * MINUTE)
    assert (now_is(shop, order).stage, stock(shop, listing)) == (Stage.CANCELLED, left)


def test_an_unpaid_order_stays_until_its_time_has_passed(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 3))
    shop.settle(START + 15 * MINUTE - SECOND)
    assert (now_is(shop, order).stage, stock(shop, ON_ORDER)) == (Stage.UNPAID, (2, 0, 3))


def test_a_closed_order_bears_the_time_of_its_closing(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 3))
    shop.settle(START + 60 * MINUTE)
    assert now_is(shop, order).modified == START + 15 * MINUTE


def test_orders_are_closed_each_at_its_own_time_however_late_somebody_looks(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 3))
    shop.orders.close_unpaid(START + 60 * MINUTE)
    assert now_is(shop, order).ended == START + 15 * MINUTE


def test_an_order_that_is_paid_in_time_is_not_closed(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 3))
    shop.orders.pay(START + MINUTE, order.id)
    shop.settle(START + 60 * MINUTE)
    assert now_is(shop, order).stage is Stage.PAID


def test_a_platform_may_never_close_by_itself(shop: TaobaoState) -> None:
    shop.orders.settings = OrderSettings(pay_within=0)
    order = placed(shop, (ON_ORDER, 3))
    shop.settle(START + 999 * MINUTE)
    assert now_is(shop, order).stage is Stage.UNPAID


def test_a_write_that_comes_due_before_a_closing_comes_first(shop: TaobaoState) -> None:
    placed(shop, (ON_ORDER, 3))
    shop.write_later(Line(ON_ORDER, "", "set", 9, 0), START + MINUTE)
    shop.settle(START + 60 * MINUTE)
    assert shop.listings[ON_ORDER].quantity == 12


def test_a_write_that_comes_due_after_a_closing_comes_last(shop: TaobaoState) -> None:
    placed(shop, (ON_ORDER, 3))
    shop.write_later(Line(ON_ORDER, "", "set", 9, 0), START + 20 * MINUTE)
    shop.settle(START + 60 * MINUTE)
    assert shop.listings[ON_ORDER].quantity == 9


def test_malicious_unpaid_orders_take_an_item_off_sale_and_leave_it_so(shop: TaobaoState) -> None:
    placed(shop, ("900", 4))
    shop.settle(START + 15 * MINUTE)
    assert (stock(shop, "900"), shop.on_sale("900")) == ((4, 0, 0), False)


def test_malicious_unpaid_orders_leave_the_item_on_sale_where_payment_takes(shop: TaobaoState) -> None:
    placed(shop, (ON_PAYMENT, 8))
    assert (shop.on_sale("700"), shop.orders.unpaid_units(ON_PAYMENT)) == (True, 8)


def test_a_line_of_an_unpaid_order_can_be_cancelled_alone(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1), (ON_PAYMENT, 2))
    shop.orders.cancel(START, order.id, lines=[order.lines[1].id])
    shop.orders.pay(START, order.id)
    assert [line.stage for line in now_is(shop, order).lines] == [Stage.PAID, Stage.CANCELLED]


def test_a_paid_order_cannot_be_cancelled(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1), paid=True)
    assert shop.orders.cancel(START, order.id) == "not_unpaid"


@pytest.mark.parametrize(("cause", "left"), [(Cause.BUYER, 3), (Cause.SELLER, 5)])
def test_the_platform_gives_back_only_for_causes_that_it_restores(
    shop: TaobaoState, cause: Cause, left: int
) -> None:
    shop.orders.settings = OrderSettings(restores=(Cause.SELLER,))
    order = placed(shop, (ON_ORDER, 2))
    shop.orders.cancel(START, order.id, cause=cause)
    assert shop.listings[ON_ORDER].quantity == left


# --- refunds -----------------------------------------------------------------------------------------------


def test_asking_for_a_refund_moves_nothing(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 2), paid=True)
    shop.orders.ask_refund(START, order.id)
    line = now_is(shop, order).lines[0]
    assert (line.stage, line.refund, stock(shop, ON_ORDER)) == (Stage.PAID, Refund.ASKED, (3, 0, 2))


@pytest.mark.parametrize(("restores", "left"), [((), (3, 0, 0)), ((Cause.REFUND,), (5, 0, 0))])
def test_a_refund_before_shipping_closes_the_line(
    shop: TaobaoState, restores: tuple[Cause, ...], left: tuple[int, int, int]
) -> None:
    shop.orders.settings = OrderSettings(restores=restores)
    order = placed(shop, (ON_ORDER, 2), paid=True)
    shop.orders.ask_refund(START, order.id)
    shop.orders.agree_refund(START, order.id)
    assert (now_is(shop, order).stage, stock(shop, ON_ORDER)) == (Stage.CLOSED, left)


def test_a_refund_of_one_line_leaves_the_others(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1), (ON_PAYMENT, 2), paid=True)
    first = order.lines[0].id
    shop.orders.ask_refund(START, order.id, lines=[first])
    shop.orders.agree_refund(START, order.id, lines=[first])
    found = now_is(shop, order)
    assert (found.stage, [line.stage for line in found.lines]) == (Stage.PAID, [Stage.CLOSED, Stage.PAID])


def test_a_refund_of_some_units_leaves_the_rest_to_be_shipped(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 3), paid=True)
    shop.orders.ask_refund(START, order.id)
    shop.orders.agree_refund(START, order.id, units=1)
    line = now_is(shop, order).lines[0]
    assert (line.stage, line.refund, line.open_units) == (Stage.PAID, Refund.DONE, 2)


def test_a_refund_of_some_units_gives_back_only_these(shop: TaobaoState) -> None:
    shop.orders.settings = OrderSettings(restores=(Cause.REFUND,))
    order = placed(shop, (ON_ORDER, 3), paid=True)
    shop.orders.ask_refund(START, order.id)
    shop.orders.agree_refund(START, order.id, units=1)
    assert stock(shop, ON_ORDER) == (3, 0, 2)


def test_a_refund_after_shipping_gives_the_counter_nothing(shop: TaobaoState) -> None:
    shop.orders.settings = OrderSettings(restores=tuple(Cause))
    order = placed(shop, (ON_ORDER, 2), paid=True)
    shop.orders.ship(START, order.id)
    shop.orders.ask_refund(START, order.id)
    shop.orders.agree_refund(START, order.id)
    assert (now_is(shop, order).stage, stock(shop, ON_ORDER)) == (Stage.CLOSED, (3, 0, 2))


def test_goods_go_back_before_the_money_does(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 2), paid=True)
    shop.orders.ship(START, order.id)
    shop.orders.ask_refund(START, order.id)
    first = shop.orders.agree_refund(START, order.id, returns=True)
    agreed = now_is(shop, order).lines[0].refund
    shop.orders.turn_refund(START, order.id, Refund.SENT_BACK)
    shop.orders.agree_refund(START, order.id, returns=True)
    assert (first, agreed, now_is(shop, order).lines[0].refund) == ("", Refund.AGREED, Refund.DONE)


@pytest.mark.parametrize("turn", [Refund.REFUSED, Refund.WITHDRAWN])
def test_a_refund_that_was_refused_or_withdrawn_can_be_asked_for_again(
    shop: TaobaoState, turn: Refund
) -> None:
    order = placed(shop, (ON_ORDER, 2), paid=True)
    shop.orders.ask_refund(START, order.id)
    shop.orders.turn_refund(START, order.id, turn)
    assert (now_is(shop, order).stage, shop.orders.ask_refund(START, order.id)) == (Stage.PAID, "")


def test_nobody_agrees_to_what_was_not_asked_for(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 2), paid=True)
    assert shop.orders.agree_refund(START, order.id) == "no_refund"


# --- shipping ----------------------------------------------------------------------------------------------


def test_an_order_of_which_some_lines_left_is_shipped_in_part(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1), (ON_PAYMENT, 2), paid=True)
    shop.orders.ship(START, order.id, lines=[order.lines[1].id])
    assert now_is(shop, order).stage is Stage.PART_SHIPPED


def test_what_was_refunded_does_not_keep_an_order_from_being_shipped(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1), (ON_PAYMENT, 2), paid=True)
    shop.orders.ask_refund(START, order.id, lines=[order.lines[0].id])
    shop.orders.agree_refund(START, order.id)
    shop.orders.ship(START, order.id)
    assert now_is(shop, order).stage is Stage.SHIPPED


def test_an_unpaid_order_is_not_shipped(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1))
    assert shop.orders.ship(START, order.id) == "not_paid"


def test_an_order_is_finished_after_it_was_shipped(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1), paid=True)
    early = shop.orders.finish(START, order.id)
    shop.orders.ship(START, order.id)
    shop.orders.finish(START, order.id)
    assert (early, now_is(shop, order).stage) == ("not_shipped", Stage.FINISHED)


def test_a_line_of_another_order_is_not_found(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1), paid=True)
    assert shop.orders.ship(START, order.id, lines=["5"]) == "not_found"


# --- versions ----------------------------------------------------------------------------------------------


def test_every_change_moves_the_time_of_modification_in_whole_seconds(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1))
    shop.orders.pay(START + timedelta(seconds=7.9), order.id)
    assert now_is(shop, order).modified == START + 7 * SECOND


def test_listeners_hear_every_version(shop: TaobaoState) -> None:
    heard: list[Order] = []
    shop.orders.listeners.append(heard.append)
    order = placed(shop, (ON_ORDER, 1))
    shop.orders.pay(START, order.id)
    assert [one.stage for one in heard] == [Stage.UNPAID, Stage.PAID]


def test_the_version_before_the_newest_is_kept(shop: TaobaoState) -> None:
    order = placed(shop, (ON_ORDER, 1))
    shop.orders.pay(START, order.id)
    assert shop.orders.before[order.id] == order


def test_orders_are_found_by_their_newest_change_newest_first(shop: TaobaoState) -> None:
    orders = [placed(shop, (ON_PAYMENT, 1)) for _ in range(3)]
    for n, order in enumerate(orders[:2]):
        shop.orders.pay(START + (n + 1) * MINUTE, order.id)
    found = shop.orders.modified_between(START + MINUTE, START + 2 * MINUTE)
    assert [order.id for order in found] == [orders[1].id, orders[0].id]


def test_orders_are_found_after_the_clock_was_set_back(shop: TaobaoState) -> None:
    order = placed(shop, (ON_PAYMENT, 1))
    shop.orders.place(START - 9 * MINUTE, [(ON_PAYMENT, 1)])
    assert [one.id for one in shop.orders.modified_between(START, START)] == [order.id]


def test_orders_that_were_put_back_go_on_with_newer_ids(shop: TaobaoState) -> None:
    order = placed(shop, (ON_PAYMENT, 1), (ON_ORDER, 1))
    other = make_state()
    other.orders.put([order])
    assert placed(other, (ON_PAYMENT, 1)).id > order.lines[1].id


def test_an_unpaid_order_that_was_put_back_is_still_closed(shop: TaobaoState) -> None:
    order = placed(shop, (ON_PAYMENT, 1))
    other = make_state()
    other.orders.put([order])
    other.settle(START + 15 * MINUTE)
    assert now_is(other, order).stage is Stage.CANCELLED
