"""What an order occupies, and until when: never counted zero times, whatever is done to it."""

from dataclasses import replace

import pytest

from syncd.domain.model import Sku
from syncd.domain.ordering import Occupies, parts_of, told
from syncd.domain.orders import Stage
from syncd.domain.topology import Bundle
from tests.unit.domain.order_cases import SURE, A, Desk, at, line, listing, marked, silent, unpaid

HOLD = replace(SURE, occupies=Occupies.HOLD)


def test_an_old_version_that_comes_late_does_not_revive_a_cancelled_order() -> None:
    desk = Desk()
    desk.take(line(units=3, released=3, stage=Stage.CLOSED, modified=at(5)))

    desk.take(line(units=3))

    assert desk.claimed() == 0


def test_a_refund_that_is_only_asked_for_puts_nothing_back_on_sale() -> None:
    desk = Desk()
    desk.take(line(units=3))

    desk.take(line(units=3, modified=at(1)))

    assert desk.claimed() == 3


def test_a_refund_of_one_unit_does_not_release_the_others() -> None:
    desk = Desk()
    desk.take(line(units=3))

    desk.take(line(units=3, released=1, modified=at(1)))

    assert desk.claimed() == 2


def test_a_refund_of_goods_that_have_left_releases_nothing() -> None:
    desk = Desk()
    desk.take(line(units=3, shipped=3, released=3, stage=Stage.CLOSED, sent=at(0)))

    assert desk.claimed() == 3


def test_a_part_that_was_shipped_does_not_end_the_claim_of_the_rest() -> None:
    desk = Desk(replace(SURE, lag=None))
    desk.take(line(units=3))
    desk.sources = silent(200)

    desk.take(line(units=3, shipped=1, stage=Stage.SHIPPED, sent=at(60), modified=at(60)))

    assert desk.claimed() == 2


def test_a_second_parcel_is_not_taken_to_have_left_with_the_first() -> None:
    desk = Desk(replace(SURE, lag=None))
    desk.take(line(units=2, shipped=1, stage=Stage.SHIPPED, sent=at(0), modified=at(0)))
    desk.sources = silent(100)

    desk.take(line(units=2, shipped=2, stage=Stage.SHIPPED, sent=at(0), modified=at(90)))

    assert desk.claimed() == 2


def test_more_refunded_than_ordered_is_no_negative_claim() -> None:
    desk = Desk()

    desk.take(line(units=1, released=5))

    assert desk.claimed() == 0


def test_the_children_of_an_order_are_not_counted_on_top_of_it() -> None:
    desk = Desk()
    desk.take(line("p", units=3))

    desk.take(line("c1", units=1, replaces="p"), line("c2", units=2, replaces="p"))

    assert desk.claimed() == 3


def test_a_parent_that_comes_after_its_children_is_not_counted_on_top_of_them() -> None:
    desk = Desk()
    desk.take(line("c", units=3, replaces="p"))

    desk.take(line("p", units=3, minutes=-1))

    assert desk.claimed() == 3


def test_a_buyer_who_orders_more_occupies_more_though_the_first_order_is_contained() -> None:
    desk = Desk()
    desk.take(line(units=2))
    desk.sources = marked(30)

    desk.take(line(units=5, modified=at(28)), now=30)

    assert desk.claimed() == 5


def test_growth_that_only_a_late_old_version_shows_is_not_taken_for_contained() -> None:
    desk = Desk()
    desk.take(line(units=5, modified=at(28)))
    desk.sources = marked(30)

    desk.take(line(units=2), now=30)

    assert desk.claimed() == 5


def test_an_order_that_was_released_and_lives_again_occupies_again() -> None:
    desk = Desk()
    desk.take(unpaid(released=1, stage=Stage.CLOSED, modified=at(1)))

    desk.take(line(paid=at(2), modified=at(2)))

    assert desk.claimed() == 1


def test_a_line_that_was_not_understood_occupies_though_it_is_unpaid() -> None:
    desk = Desk(replace(SURE, occupies=Occupies.PAYMENT))

    desk.take(unpaid(doubt="status 17"))

    assert desk.claimed() == 1


def test_a_line_that_was_not_understood_is_told_once() -> None:
    desk = Desk()
    odd = line(doubt="status 17")

    first, again = desk.take(odd), desk.take(odd)

    assert ([why for _, why in told(first)], list(told(again))) == (["status 17"], [])


# --- unpaid orders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("occupies", "units"), [(Occupies.ORDER, 1), (Occupies.PAYMENT, 0), (Occupies.HOLD, 1)]
)
def test_an_unpaid_order_occupies_as_the_shop_says(occupies: Occupies, units: int) -> None:
    desk = Desk(replace(SURE, occupies=occupies))

    desk.take(unpaid())

    assert desk.claimed() == units


def test_a_hold_whose_time_is_over_does_not_end_before_an_intake_has_passed_it() -> None:
    desk = Desk(HOLD)
    desk.take(unpaid())

    desk.take(now=18)

    assert desk.claimed() == 1


def test_a_hold_ends_when_a_later_intake_still_shows_it_unpaid() -> None:
    desk = Desk(HOLD)
    desk.take(unpaid())

    desk.take(now=18.1)

    assert desk.claimed() == 0


def test_a_crowd_of_unpaid_orders_holds_units_no_longer_than_their_time() -> None:
    desk = Desk(HOLD)
    desk.take(*(unpaid(str(number)) for number in range(9)))

    desk.take(now=19)

    assert desk.claimed() == 0


def test_a_payment_after_the_hold_was_over_takes_the_units_again() -> None:
    desk = Desk(HOLD)
    desk.take(unpaid())
    desk.take(now=19)

    desk.take(line(paid=at(20), modified=at(20)), now=21)

    assert desk.claimed() == 1


def test_a_paid_hold_never_ends_by_time() -> None:
    desk = Desk(HOLD)
    desk.take(line())

    desk.take(now=500)

    assert desk.claimed() == 1


def test_an_unpaid_order_is_not_taken_for_contained_by_a_source_that_says_nothing() -> None:
    desk = Desk()
    desk.sources = silent(1000)

    desk.take(unpaid())

    assert desk.claimed() == 1


# --- what a line is made of ------------------------------------------------------------------------------


def test_a_pack_occupies_all_its_units() -> None:
    desk = Desk(SURE, listing(units=12))

    desk.take(line(units=2))

    assert desk.claimed() == 24


def test_a_bundle_occupies_each_of_its_parts() -> None:
    desk = Desk(SURE, listing(sku="K"), bundles=[Bundle(sku=Sku("K"), components={Sku("A"): 1, Sku("B"): 3})])

    desk.take(line(units=2))

    assert (desk.claimed("A"), desk.claimed("B")) == (2, 6)


def test_a_listing_that_is_bound_anew_does_not_move_an_old_sale_to_another_sku() -> None:
    desk = Desk()
    desk.take(line())
    desk.listings[listing().id] = listing(sku="B")

    desk.take(line(units=2, modified=at(1)))

    assert (desk.claimed("A"), desk.claimed("B")) == (2, 0)


def test_a_line_without_a_listing_is_found_by_its_code() -> None:
    desk = Desk()

    desk.take(line(listing=""))

    assert desk.claimed() == 1


def test_a_code_that_two_listings_have_binds_no_line() -> None:
    desk = Desk(SURE, listing("1"), listing("2"))

    changes = desk.take(line(listing=""))

    assert len(list(told(changes))) == 1


def test_a_sale_of_a_listing_that_is_bound_later_is_claimed_then() -> None:
    desk = Desk(SURE, listing(sku=""))
    desk.take(line())
    desk.listings[listing().id] = listing(sku="A")

    desk.take()

    assert desk.claimed() == 1


def test_parts_are_kept_as_text() -> None:
    desk = Desk(SURE, listing(units=12))
    desk.take(line())

    assert parts_of(desk.known["1"].parts) == {"A": 12}


# --- when a line is settled ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "sources", "settled"),
    [
        (Stage.DONE, 500, True),
        (Stage.DONE, -500, False),
        (Stage.PAID, 500, False),
        (Stage.SHIPPED, 500, False),
    ],
)
def test_a_line_is_forgotten_only_when_it_is_over_and_contained(
    stage: Stage,
    sources: float,
    settled: bool,  # noqa: FBT001
) -> None:
    desk = Desk()
    desk.sources = marked(sources)

    desk.take(line(stage=stage))

    assert desk.known["1"].settled is settled


def test_the_claim_names_its_shop_line_and_sku() -> None:
    desk = Desk()

    desk.take(line("77"))

    assert [(claim.shop, claim.line) for claim in desk.claims.values()] == [(A, "order:77:A")]
