"""When a shop has left: nothing of it is on sale, and everything that it sold by then is known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.model import ListingRow, Sku
from syncd.domain.records import FeedState, ShopState, ShopStatus
from syncd.domain.retiring import Leaving, SeenGone, on_sale, stays_because
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import A, entry

LATER = NOW + timedelta(minutes=1)
STATE = ShopState(name=A, status=ShopStatus.RETIRING, observed_at=LATER)
GONE_WELL = Leaving(state=STATE, rows=(entry("X", 0),), written_at=NOW, is_waiting=False)


@pytest.mark.parametrize(
    ("row", "units"),
    [
        (entry("X", 7), {"X": 7}),
        (entry("X", 7)._replace(units=12), {"X": 84}),
        (entry("X", 3)._replace(expected_hi=7), {"X": 7}),
        (entry("X", 7)._replace(on_sale=None), {"X": 7}),
        (entry("X", 0), {}),
        (entry("X", 7)._replace(on_sale=False), {}),
        (entry("X", 7)._replace(gone=True), {}),
        (entry("", 7), {}),
    ],
)
def test_on_sale_is_what_buyers_can_take_at_most(row: ListingRow, units: dict[str, int]) -> None:
    assert on_sale([row]).units == units


def test_listings_that_were_never_read_are_an_unknown_number() -> None:
    found = on_sale([entry("X", None), entry("Y", None)])

    assert (bool(found), str(found)) == (True, "an unknown number in 2 listings that were never read")


def test_units_on_sale_are_named_the_largest_first() -> None:
    assert str(on_sale([entry("X", 2), entry("Y", 5)])) == "7 units (Y 5, X 2)"


def test_of_many_skus_only_some_are_named() -> None:
    text = str(on_sale([entry(f"S{number}", number) for number in range(1, 9)]))

    assert text == "36 units (S8 8, S7 7, S6 6, S5 5, S4 4, 3 more SKUs)"


def test_nothing_on_sale_says_so() -> None:
    assert (bool(on_sale([])), str(on_sale([]))) == (False, "nothing")


def test_a_shop_has_left_once_it_was_read_after_its_last_write() -> None:
    assert stays_because(GONE_WELL) == ""


def test_a_shop_that_was_never_written_has_left_once_it_was_read() -> None:
    assert stays_because(replace(GONE_WELL, written_at=None)) == ""


@pytest.mark.parametrize(
    ("leaving", "why"),
    [
        (replace(GONE_WELL, rows=(entry("X", 4),)), "it can still sell 4 units (X 4)"),
        (replace(GONE_WELL, rows=(entry("X", None),)), "it can still sell an unknown number"),
        (replace(GONE_WELL, is_waiting=True), "a write has no answer yet"),
        (replace(GONE_WELL, state=replace(STATE, error="no route")), "it cannot be read: no route"),
        (replace(GONE_WELL, written_at=LATER), "it was not read since it was written last"),
        (replace(GONE_WELL, state=replace(STATE, observed_at=None)), "it was not read since"),
        (replace(GONE_WELL, written_at=None, state=replace(STATE, observed_at=None)), "it was not read"),
        (replace(GONE_WELL, feed=FeedState(shop=A, cursor=NOW)), "its orders were not read since"),
        (replace(GONE_WELL, feed=FeedState(shop=A)), "its orders were not read since"),
        (replace(GONE_WELL, feed=FeedState(shop=A, cursor=LATER, error="no")), "its orders cannot be read"),
    ],
)
def test_a_shop_stays_for_a_reason(leaving: Leaving, why: str) -> None:
    assert stays_because(leaving).startswith(why)


def test_a_shop_that_tells_orders_has_left_once_they_were_read_after_its_last_write() -> None:
    assert stays_because(replace(GONE_WELL, feed=FeedState(shop=A, cursor=LATER))) == ""


def test_a_status_says_whether_a_shop_is_written() -> None:
    assert [status for status in ShopStatus if status.is_written] == [ShopStatus.ACTIVE, ShopStatus.RETIRING]


def test_units_of_a_bundle_are_counted_as_bundles() -> None:
    assert on_sale([entry("SET", 3)]).units == {Sku("SET"): 3}


SEEN = SeenGone(at=NOW, by="ann", is_contained=True)
LOST = replace(GONE_WELL, rows=(entry("X", 4),), state=replace(STATE, observed_at=NOW, error="no route"))


def test_a_shop_that_a_person_saw_off_sale_has_left_though_it_cannot_be_read() -> None:
    assert stays_because(replace(LOST, is_waiting=True, seen=SEEN)) == ""


@pytest.mark.parametrize(
    ("leaving", "why"),
    [
        (replace(LOST, seen=replace(SEEN, is_contained=False)), "ann saw it off sale at 2026-"),
        (replace(LOST, state=replace(STATE, error="no route"), seen=SEEN), "it can still sell 4 units (X 4)"),
    ],
)
def test_the_word_of_a_person_is_not_enough_before_the_figures_and_against_a_later_reading(
    leaving: Leaving, why: str
) -> None:
    assert stays_because(leaving).startswith(why)
