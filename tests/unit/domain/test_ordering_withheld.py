"""Units that wait for their payment no longer are not put on top of what is for sale."""

from datetime import timedelta

import pytest

from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage
from tests.unit.domain.order_cases import SURE, Desk, at, line, listing, unpaid

ONE = ListingId("1")


def withholding(units: int, *known: OrderLine) -> Desk:
    desk = Desk(SURE, listing(counter=10)._replace(withheld=units, observed_at=at(3)))
    desk.take(*known)
    return desk


@pytest.mark.parametrize(
    "after",
    [
        line(units=2, paid=at(3), modified=at(3)),
        line(units=2, released=2, stage=Stage.CLOSED, paid=None, modified=at(3)),
    ],
    ids=["paid", "closed"],
)
def test_what_was_paid_or_closed_around_the_reading_is_withheld_no_more(after: OrderLine) -> None:
    desk = withholding(3, unpaid(units=2))

    desk.take(after, now=4)

    assert desk.listings[ONE].withheld == 1


def test_an_order_first_told_as_paid_may_be_in_what_the_reading_shows_as_withheld() -> None:
    desk = withholding(3)

    desk.take(line(units=2, modified=at(3)), now=4)

    assert desk.listings[ONE].withheld == 1


def test_what_waits_for_its_payment_still_is_withheld() -> None:
    desk = withholding(3)

    desk.take(unpaid(units=2, modified=at(3)), now=4)

    assert desk.listings[ONE].withheld == 3


def test_a_payment_long_before_the_reading_is_in_what_it_shows() -> None:
    desk = withholding(3, unpaid(units=2))
    desk.listings[ONE] = desk.listings[ONE]._replace(observed_at=at(3) + 2 * SURE.skew + timedelta(minutes=1))

    desk.take(line(units=2, paid=at(3), modified=at(3)), now=9)

    assert desk.listings[ONE].withheld == 3


def test_an_old_order_that_is_told_again_changes_nothing() -> None:
    paid = line(units=2, paid=at(3), modified=at(3))
    desk = withholding(3)
    desk.take(paid)
    desk.listings[ONE] = desk.listings[ONE]._replace(withheld=3)

    desk.take(paid, now=4)

    assert desk.listings[ONE].withheld == 3
