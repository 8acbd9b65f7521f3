"""Orders that change after they were made: edited, closed, revived, routed anew."""

from dataclasses import replace

from syncd.domain.ordering import Deducts, Restores
from syncd.domain.orders import OrderLine, Stage
from tests.unit.domain.order_cases import SURE, Desk, at, line, listing, unpaid


def closed(line: OrderLine, minutes: float) -> OrderLine:
    return line._replace(stage=Stage.CLOSED, released=1, modified=at(minutes))


def test_a_new_price_before_payment_sells_nothing_again_and_frees_nothing() -> None:
    desk = Desk()
    desk.take(unpaid(minutes=10, units=2), now=10)

    desk.take(unpaid(minutes=10, units=2, modified=at(12)), now=12)

    assert (desk.claimed(), desk.expected()) == (2, (8, 8))


def test_units_that_the_seller_takes_out_before_payment_are_free_again() -> None:
    desk = Desk()
    desk.take(unpaid(minutes=10, units=3), now=10)

    desk.take(unpaid(minutes=10, units=1, modified=at(12)), now=12)

    assert desk.claimed() == 1


def test_units_that_the_seller_adds_before_payment_lower_the_counter_by_these_alone() -> None:
    desk = Desk()
    desk.take(unpaid(minutes=10, units=1), now=10)

    desk.take(unpaid(minutes=10, units=3, modified=at(12)), now=12)

    assert (desk.claimed(), desk.expected()) == (3, (7, 7))


def test_a_closed_order_that_lives_again_takes_its_units_from_claims_and_counter_once() -> None:
    desk = Desk()
    desk.take(line(minutes=10), now=10)
    desk.take(closed(line(minutes=10), 12), now=12)
    between = desk.claimed(), desk.expected()

    desk.take(line(minutes=10, modified=at(14)), now=14)

    assert (between, desk.claimed(), desk.expected()) == ((0, (10, 10)), 1, (9, 9))


def test_an_order_that_lives_again_is_not_taken_for_contained_because_its_first_life_was() -> None:
    desk = Desk()
    desk.take(line(minutes=10), now=10)
    desk.take(closed(line(minutes=10), 12), now=12)

    desk.take(line(minutes=10, modified=at(14)), now=14)

    assert desk.known["1"].grown == at(14)


def test_what_an_order_gave_back_perhaps_stays_in_doubt_when_it_lives_again() -> None:
    desk = Desk(replace(SURE, restores_paid=Restores.UNKNOWN))
    desk.take(line(minutes=10), now=10)
    desk.take(closed(line(minutes=10), 12), now=12)

    desk.take(line(minutes=10, modified=at(14)), now=14)

    assert desk.expected() == (8, 10)


def test_an_unpaid_order_that_is_paid_after_it_was_closed_lowers_the_counter_again() -> None:
    desk = Desk(replace(SURE, deducts=Deducts.ORDER), listing())
    desk.take(unpaid(minutes=10), now=10)
    desk.take(closed(unpaid(minutes=10), 12), now=12)

    desk.take(unpaid(minutes=10, stage=Stage.PAID, paid=at(14), modified=at(14)), now=14)

    assert (desk.claimed(), desk.expected()) == (1, (9, 9))


def test_an_order_that_is_routed_anew_leaves_the_pool_that_it_was_claimed_from() -> None:
    desk = Desk()
    desk.take(line(warehouse="w"))
    before = [claim.warehouse for claim in desk.claims.values()]

    desk.take(line(warehouse="v", modified=at(1)))

    assert (before, [claim.warehouse for claim in desk.claims.values()], desk.claimed()) == (["w"], ["v"], 1)


def test_an_order_that_loses_its_warehouse_is_claimed_all_the_same() -> None:
    desk = Desk()
    desk.take(line(warehouse="w"))

    desk.take(line(modified=at(1)))

    assert ([claim.warehouse for claim in desk.claims.values()], desk.claimed()) == ([""], 1)
