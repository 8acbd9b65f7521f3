"""Listings that say themselves when their counter falls."""

import pytest

from syncd.domain.model import Deducts, ListingId
from syncd.domain.orders import Stage
from tests.unit.domain.order_cases import SURE, Desk, at, listing, unpaid


@pytest.mark.parametrize(
    ("deducts", "expected"),
    [(Deducts.ORDER, (9, 9)), (Deducts.PAYMENT, (10, 10)), (Deducts.UNKNOWN, (9, 9))],
)
def test_an_item_that_deducts_otherwise_than_its_shop_goes_by_its_own_word(
    deducts: Deducts, expected: tuple[int, int]
) -> None:
    desk = Desk(SURE, listing()._replace(deducts=deducts))

    desk.take(unpaid(minutes=10), now=10)

    assert desk.expected() == expected


def test_an_item_that_deducts_otherwise_later_does_not_give_back_what_an_order_never_took() -> None:
    desk = Desk(SURE, listing()._replace(deducts=Deducts.PAYMENT))
    desk.take(unpaid(minutes=10), now=10)
    desk.listings[ListingId("1")] = desk.listings[ListingId("1")]._replace(deducts=Deducts.ORDER)

    closed = unpaid(minutes=10, stage=Stage.CLOSED, released=1, modified=at(20))
    desk.take(closed, now=20)

    assert desk.expected() == (10, 10)


def test_an_item_that_deducts_otherwise_later_does_not_hide_what_an_order_gives_back() -> None:
    desk = Desk(SURE, listing()._replace(deducts=Deducts.ORDER))
    desk.take(unpaid(minutes=10), now=10)
    desk.listings[ListingId("1")] = desk.listings[ListingId("1")]._replace(deducts=Deducts.PAYMENT)

    desk.take(unpaid(minutes=10, stage=Stage.CLOSED, released=1, modified=at(20)), now=20)

    assert desk.expected() == (10, 10)
