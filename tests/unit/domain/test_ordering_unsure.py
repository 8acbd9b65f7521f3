"""A reading may hide sales behind a write without an answer: then the higher end of a counter stays."""

from syncd.domain.model import ListingId
from syncd.domain.orders import Stage
from tests.unit.domain.order_cases import SURE, Desk, at, line, listing


def unsure(counter: int) -> Desk:
    desk = Desk(SURE, listing(counter=counter))
    desk.unsure = frozenset({ListingId("1")})
    return desk


def test_an_order_may_be_in_a_reading_that_a_write_made_up_for() -> None:
    desk = unsure(5)

    desk.take(line(units=3))

    assert desk.expected() == (2, 5)


def test_what_was_sold_and_came_back_around_such_a_reading_may_be_there_again() -> None:
    desk = unsure(0)

    desk.take(line(units=2, released=2, stage=Stage.CLOSED, modified=at(0)))

    assert desk.expected() == (0, 2)
