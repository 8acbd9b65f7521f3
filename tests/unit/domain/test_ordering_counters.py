"""How orders move what a counter can read: a sale shows twice, and counts once."""

from dataclasses import replace

import pytest

from syncd.domain.model import ListingId, Sku
from syncd.domain.ordering import Deducts, OrderRules, Restores
from syncd.domain.orders import Stage
from tests.unit.domain.order_cases import SURE, Desk, at, line, listing, silent, unpaid


def test_an_order_that_no_reading_has_shown_lowers_what_is_expected() -> None:
    desk = Desk()

    desk.take(line(units=3))

    assert desk.expected() == (7, 7)


def test_an_order_that_the_reading_showed_lowers_nothing_again() -> None:
    desk = Desk()

    desk.read(7, line(units=3), now=1)

    assert (desk.expected(), desk.presumed(), desk.claimed()) == ((7, 7), 0, 3)


def test_an_order_that_comes_a_cycle_after_its_drop_takes_its_place() -> None:
    desk = Desk()
    desk.read(7, now=1)

    desk.read(7, line(units=3), now=2)

    assert (desk.expected(), desk.presumed(), desk.claimed()) == ((7, 7), 0, 3)


def test_what_is_left_of_an_order_after_its_drop_happened_after_the_reading() -> None:
    desk = Desk()

    desk.read(8, line(units=3), now=1)

    assert (desk.expected(), desk.claimed()) == ((7, 7), 3)


def test_a_drop_that_orders_explain_in_part_stays_presumed_for_the_rest() -> None:
    desk = Desk()

    desk.read(5, line(units=3), now=1)

    assert (desk.presumed(), desk.claimed()) == (2, 5)


def test_a_drop_before_an_order_was_made_is_another_sale() -> None:
    desk = Desk()
    desk.read(7, now=0)

    desk.read(7, line(units=3, minutes=5), now=6)

    assert desk.presumed() == 3


def test_an_order_taken_in_twice_lowers_once() -> None:
    desk = Desk()
    desk.take(line(units=3))

    desk.take(line(units=3))

    assert desk.expected() == (7, 7)


def test_old_orders_of_a_first_intake_are_in_the_counter_already() -> None:
    desk = Desk()
    desk.reached = None

    desk.take(line(units=3, minutes=-100))

    assert desk.expected() == (10, 10)


def test_new_orders_of_a_first_intake_may_be_in_the_counter_or_not() -> None:
    desk = Desk()
    desk.reached = None

    desk.take(line(units=3))

    assert desk.expected() == (7, 10)


def test_an_order_long_before_the_last_reading_lowers_nothing_though_its_drop_is_forgotten() -> None:
    desk = Desk(SURE, listing(read=60))

    desk.take(line(units=3), now=61)

    assert desk.expected() == (10, 10)


def test_more_sold_than_there_was_leaves_the_higher_end_where_it_is() -> None:
    desk = Desk(SURE, listing(counter=2))

    desk.take(line(units=3))

    assert desk.expected() == (0, 2)


def test_a_listing_that_was_never_read_stays_unknown() -> None:
    desk = Desk(SURE, listing(counter=None))

    desk.take(line())

    assert desk.expected() == (None, None)


def test_an_order_for_a_listing_that_is_not_shown_moves_nothing() -> None:
    desk = Desk()

    desk.take(line(listing=ListingId("9")))

    assert desk.expected() == (10, 10)


def test_a_drop_under_the_sku_that_a_listing_had_before_keeps_the_higher_end() -> None:
    desk = Desk()
    desk.read(7, now=1)
    desk.listings[ListingId("1")] = desk.listings[ListingId("1")]._replace(sku=Sku("B"))

    desk.take(line(units=3, minutes=1), now=2)

    assert desk.expected() == (4, 7)


def test_an_order_told_late_and_contained_by_now_takes_no_other_sales_place() -> None:
    desk = Desk()
    desk.read(7, now=1)
    desk.sources = silent(30)
    desk.take(now=30)
    desk.read(5, line(units=2, minutes=0), now=31)

    assert desk.presumed() == 2


def test_an_order_of_a_listing_that_is_read_for_the_first_time_may_be_in_its_counter() -> None:
    desk = Desk()
    desk.met = frozenset({ListingId("1")})

    desk.take(line(units=3))

    assert desk.expected() == (7, 10)


# --- when the platform deducts ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deducts", "expected"),
    [
        (Deducts.ORDER, (7, 7)),
        (Deducts.PAYMENT, (10, 10)),
        (Deducts.SHIPPING, (10, 10)),
        (Deducts.UNKNOWN, (7, 10)),
    ],
)
def test_an_unpaid_order_lowers_the_counter_as_the_platform_does(
    deducts: Deducts, expected: tuple[int, int]
) -> None:
    desk = Desk(replace(SURE, deducts=deducts))

    desk.take(unpaid(units=3))

    assert desk.expected() == expected


@pytest.mark.parametrize(
    ("deducts", "expected"),
    [
        (Deducts.ORDER, (7, 7)),
        (Deducts.PAYMENT, (7, 7)),
        (Deducts.SHIPPING, (10, 10)),
        (Deducts.UNKNOWN, (7, 7)),
    ],
)
def test_a_paid_order_lowers_the_counter_as_the_platform_does(
    deducts: Deducts, expected: tuple[int, int]
) -> None:
    desk = Desk(replace(SURE, deducts=deducts))

    desk.take(line(units=3))

    assert desk.expected() == expected


def test_a_payment_lowers_the_counter_where_payment_deducts() -> None:
    desk = Desk(replace(SURE, deducts=Deducts.PAYMENT))
    desk.take(unpaid(units=3))

    desk.take(line(units=3, paid=at(1), modified=at(1)))

    assert desk.expected() == (7, 7)


def test_a_payment_after_a_reading_that_may_have_shown_it_keeps_the_higher_end() -> None:
    desk = Desk(replace(SURE, deducts=Deducts.UNKNOWN))
    desk.take(unpaid(units=3))
    desk.read(7, now=1)

    desk.take(line(units=3, paid=at(1), modified=at(1)), now=2)

    assert desk.expected() == (4, 7)


def test_what_may_not_have_been_deducted_explains_no_drop() -> None:
    desk = Desk(replace(SURE, deducts=Deducts.UNKNOWN))

    desk.read(7, unpaid(units=3), now=1)

    assert desk.presumed() == 3


def test_shipping_lowers_a_counter_that_includes_open_orders() -> None:
    desk = Desk(replace(SURE, deducts=Deducts.SHIPPING))
    desk.take(line(units=3))

    desk.take(line(units=3, shipped=2, stage=Stage.SHIPPED, sent=at(1), modified=at(1)))

    assert desk.expected() == (8, 8)


# --- units that come back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("restores", "expected"),
    [(Restores.YES, (10, 10)), (Restores.NO, (7, 7)), (Restores.UNKNOWN, (7, 10))],
)
@pytest.mark.parametrize("paid", [True, False])
def test_released_units_come_back_as_the_platform_restores_them(
    restores: Restores,
    expected: tuple[int, int],
    paid: bool,  # noqa: FBT001
) -> None:
    traits = {"restores_paid": restores} if paid else {"restores_unpaid": restores}
    desk = Desk(replace(SURE, restores_unpaid=Restores.YES, restores_paid=Restores.YES))
    desk.rules = OrderRules(deducts=Deducts.ORDER, **traits)  # type: ignore[arg-type]
    made = line if paid else unpaid
    desk.take(made(units=3))

    desk.take(made(units=3, released=3, stage=Stage.CLOSED, modified=at(1)))

    assert desk.expected() == expected


def test_a_rise_that_a_cancellation_explains_is_nobodys_hand() -> None:
    desk = Desk()
    desk.take(line(units=3))

    desk.read(10, line(units=3, released=3, stage=Stage.CLOSED, modified=at(1)), now=1)

    assert (desk.expected(), desk.risen) == ((10, 10), [])


def test_a_cancelled_order_does_not_give_back_the_sale_of_another() -> None:
    desk = Desk()
    desk.take(line("1", units=3))
    desk.read(5, now=1)

    desk.read(8, line("1", units=3, released=3, stage=Stage.CLOSED, modified=at(2)), now=2)

    assert (desk.presumed(), desk.expected()) == (2, (8, 8))


def test_a_rise_beyond_what_was_cancelled_is_told() -> None:
    desk = Desk()
    desk.take(line(units=3))

    desk.read(12, line(units=3, released=3, stage=Stage.CLOSED, modified=at(1)), now=1)

    assert [one.units for one in desk.risen] == [-2]


def test_a_cancellation_long_before_the_last_reading_lifts_the_higher_end_only() -> None:
    desk = Desk()
    desk.take(line(units=3))
    desk.read(7, now=60)

    desk.take(line(units=3, released=3, stage=Stage.CLOSED, modified=at(5)), now=61)

    assert desk.expected() == (7, 10)


def test_a_sale_and_a_cancellation_between_two_readings_count_both() -> None:
    desk = Desk()
    desk.take(line("1", units=2))

    desk.read(
        7, line("1", units=2, released=2, stage=Stage.CLOSED, modified=at(1)), line("2", units=3), now=1
    )

    assert (desk.expected(), desk.claimed()) == ((7, 7), 3)


def test_an_order_that_is_first_seen_cancelled_explains_no_sale() -> None:
    desk = Desk(OrderRules(deducts=Deducts.ORDER))

    desk.read(7, line(units=3, released=3, stage=Stage.CLOSED), now=1)

    assert desk.presumed() == 3


def test_an_order_that_was_cancelled_after_its_drop_was_read_and_before_it_was_told_gives_back() -> None:
    desk = Desk()
    desk.read(9, now=0)

    desk.take(line(released=1, stage=Stage.CLOSED, modified=at(3)), now=3)

    assert desk.expected() == (9, 10)


def test_an_order_that_was_made_and_cancelled_before_the_reading_lifts_nothing() -> None:
    desk = Desk()
    desk.read(9, now=10)

    desk.take(line(minutes=5, released=1, stage=Stage.CLOSED, modified=at(6)), now=11)

    assert desk.expected() == (9, 9)


def test_children_inherit_what_the_counter_lost_to_their_parent() -> None:
    desk = Desk()
    desk.take(line("p", units=3))

    desk.take(line("c1", units=1, replaces="p"), line("c2", units=2, replaces="p"))

    assert desk.expected() == (7, 7)


def test_what_a_replaced_line_lost_and_no_child_took_over_may_have_come_back() -> None:
    desk = Desk()
    desk.take(line("p", units=3))

    desk.take(line("c", units=1, replaces="p"))

    assert desk.expected() == (7, 9)


def test_a_bundle_that_sold_is_explained_as_a_whole() -> None:
    desk = Desk(SURE, listing(units=12))

    desk.read(8, line(units=2), now=1)

    assert (desk.expected(), desk.presumed(), desk.claimed()) == ((8, 8), 0, 24)


def test_other_settings_do_not_move_what_was_taken_in_before() -> None:
    desk = Desk()
    desk.take(unpaid(units=3))
    desk.rules = replace(SURE, deducts=Deducts.PAYMENT)

    desk.take(unpaid(units=3))

    assert desk.expected() == (7, 7)


def test_a_presumed_sale_does_not_end_before_orders_were_read_once() -> None:
    desk = Desk()
    desk.reached = None
    desk.read(7, now=0, failed=True)
    desk.sources = silent(1000)

    desk.take(now=1000, failed=True)

    assert desk.presumed() == 3
