"""What a counter can read, and who took a listing off sale, as far as a reading proves it."""

from typing import Any

import numpy as np
import pytest

from syncd.domain.book import NOTHING, make_book
from syncd.domain.expected import Counters, counters, seen
from syncd.domain.model import Deducts, ItemId, ListingId, ListingRow, ObservedListing, OffReason
from syncd.domain.topology import Shop
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import A, entry, state


def shown(**settings: Any) -> ObservedListing:  # noqa: ANN401
    base: dict[str, Any] = {
        "id": ListingId("A"),
        "code": "A",
        "item": ItemId("A"),
        "quantity": 7,
        "on_sale": True,
    }
    return ObservedListing(**(base | settings))


def read(row: ListingRow, now: ObservedListing) -> ListingRow:
    return seen(row, now, NOW)


def column(row: ListingRow, name: str) -> Any:  # noqa: ANN401
    """Return one figure of the only listing of shop `a`."""
    found: Counters = counters(make_book(state({"A": 10}, row, of=(Shop(name=A),))))
    return getattr(found, name)[0]


# --- reading -------------------------------------------------------------------------------------------


def test_a_reading_closes_the_interval() -> None:
    row = read(entry("A", expected_lo=3, expected_hi=9), shown(quantity=7))

    assert (row.expected_lo, row.expected_hi, row.observed) == (7, 7, 7)


def test_a_reading_outside_the_interval_counts_all_the_same() -> None:
    row = read(entry("A", expected_lo=3, expected_hi=5), shown(quantity=90))

    assert (row.expected_lo, row.expected_hi) == (90, 90)


def test_a_quantity_that_was_not_said_leaves_the_interval() -> None:
    row = read(entry("A", expected_lo=3, expected_hi=9, observed=4), shown(quantity=None))

    assert (row.expected_lo, row.expected_hi, row.observed) == (3, 9, 4)


def test_a_counter_that_was_never_read_stays_unknown() -> None:
    row = read(entry("A", None), shown(quantity=None))

    assert (row.expected_lo, row.expected_hi) == (None, None)


def test_a_listing_that_is_shown_is_not_gone() -> None:
    assert not read(entry("A", gone=True), shown()).gone


def test_a_reading_brings_the_listing_up_to_date() -> None:
    now = shown(code="X", item=ItemId("I"), location="L", title="T", withheld=2)

    row = read(entry("A"), now)

    assert (row.code, row.item, row.location, row.title, row.withheld) == ("X", "I", "L", "T", 2)


def test_a_reading_does_not_touch_what_the_listing_should_show() -> None:
    assert read(entry("A", desired=4), shown()).desired == 4


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [(True, None, True), (False, None, False), (True, False, False), (False, True, True), (None, None, None)],
)
def test_a_sale_state_that_was_not_said_stays(
    *, before: bool | None, said: bool | None, after: bool | None
) -> None:
    assert read(entry("A", on_sale=before), shown(on_sale=said)).on_sale is after


# --- who took it off -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "reason", "after"),
    [
        ("", None, "person"),
        ("", OffReason.PERSON, "person"),
        ("", OffReason.SOLD_OUT, "platform"),
        ("", OffReason.VIOLATION, "violation"),
        ("syncd", None, "syncd"),
        ("syncd", OffReason.SOLD_OUT, "syncd"),
        ("syncd", OffReason.VIOLATION, "violation"),
        ("syncd_again", OffReason.PERSON, "syncd_again"),
        ("platform", None, "platform"),
        ("platform", OffReason.SOLD_OUT, "platform"),
        ("person", OffReason.SOLD_OUT, "platform"),
        ("person", None, "person"),
        ("violation", None, "violation"),
        ("put_back", None, "person"),
        ("left", None, "person"),
    ],
)
def test_who_took_a_listing_off_sale(before: str, reason: OffReason | None, after: str) -> None:
    row = read(entry("A", delisted_by=before), shown(on_sale=False, off_reason=reason))

    assert row.delisted_by == after


@pytest.mark.parametrize(
    ("before", "want_off", "after"),
    [
        ("syncd", True, "put_back"),
        ("syncd_again", True, "left"),
        ("put_back", True, "put_back"),
        ("left", True, "left"),
        ("platform", True, ""),
        ("person", True, ""),
        ("syncd", False, ""),
        ("syncd_again", False, ""),
        ("left", False, ""),
        ("person", False, ""),
    ],
)
def test_what_is_back_on_sale_is_remembered_only_where_it_should_be_off(
    before: str, *, want_off: bool, after: str
) -> None:
    row = read(entry("A", delisted_by=before, want_off=want_off), shown(on_sale=True))

    assert row.delisted_by == after


@pytest.mark.parametrize("before", ["", "syncd", "person", "left"])
def test_a_sale_state_that_was_not_said_blames_nobody(before: str) -> None:
    assert read(entry("A", delisted_by=before), shown(on_sale=None)).delisted_by == before


# --- columns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "sells"),
    [
        ({}, True),
        ({"on_sale": None}, True),
        ({"on_sale": False}, False),
        ({"gone": True}, False),
        ({"expected_lo": 0, "expected_hi": 0}, False),
        ({"expected_lo": 0, "expected_hi": 1}, True),
        ({"expected_lo": None, "expected_hi": None}, False),
        ({"sku": ""}, False),
    ],
)
def test_what_buyers_can_buy_from_now(settings: dict[str, Any], *, sells: bool) -> None:
    assert bool(column(entry("A")._replace(**settings), "sells")) is sells


@pytest.mark.parametrize(
    ("settings", "observed"),
    [({}, True), ({"expected_lo": None, "expected_hi": None}, False), ({"gone": True}, False)],
)
def test_what_was_read_and_is_there(settings: dict[str, Any], *, observed: bool) -> None:
    assert bool(column(entry("A")._replace(**settings), "observed")) is observed


def test_a_listing_of_a_shop_without_configuration_counts_as_never_read() -> None:
    found = counters(make_book(state({"A": 10}, entry("A", shop="b"), of=(Shop(name=A),))))

    assert not found.observed.any()


def test_a_listing_of_a_shop_without_configuration_sells_nothing_of_ours() -> None:
    found = counters(make_book(state({"A": 10}, entry("A", shop="b"), of=(Shop(name=A),))))

    assert not found.sells.any()


def test_a_highest_reading_that_is_not_known_is_no_zero() -> None:
    assert bool(column(entry("A", None), "unread"))


@pytest.mark.parametrize(
    ("who", "ours"),
    [
        ("syncd", True),
        ("syncd_again", True),
        ("platform", True),
        ("person", False),
        ("violation", False),
        ("put_back", False),
        ("left", False),
        ("", False),
    ],
)
def test_only_what_we_or_a_sold_out_took_down_is_ours(who: str, *, ours: bool) -> None:
    assert bool(column(entry("A", delisted_by=who), "ours")) is ours


@pytest.mark.parametrize(("said", "number"), [(True, 1), (False, 0), (None, NOTHING)])
def test_a_sale_state_that_was_not_said_is_no_no(*, said: bool | None, number: int) -> None:
    assert column(entry("A", on_sale=said), "on_sale") == number


@pytest.mark.parametrize(("desired", "number"), [(4, 4), (0, 0), (None, NOTHING)])
def test_a_desired_figure_that_is_not_there_is_no_zero(desired: int | None, number: int) -> None:
    assert column(entry("A", desired=desired), "desired") == number


def test_counters_keep_the_order_of_the_listings() -> None:
    found = counters(make_book(state({"A": 1, "B": 1}, entry("A", 3), entry("B", 4))))

    assert np.array_equal(found.hi, [3, 4])


@pytest.mark.parametrize(
    "news",
    [
        {},
        {"code": "2-A"},
        {"item": "9"},
        {"location": "east"},
        {"title": "Mug"},
        {"quantity": 4},
        {"quantity": None},
        {"on_sale": False},
        {"on_sale": None},
        {"withheld": 1},
        {"deducts": Deducts.PAYMENT},
    ],
)
@pytest.mark.parametrize(
    "before",
    [
        {},
        {"expected_lo": 3},
        {"expected_hi": 9},
        {"observed": None},
        {"on_sale": None},
        {"withheld": 3},
        {"want_off": True, "delisted_by": "syncd"},
        {"want_off": True},
        {"gone": True},
    ],
)
def test_the_short_way_of_a_listing_that_stands_still_tells_the_same(
    before: dict[str, Any], news: dict[str, Any]
) -> None:
    still = read(entry("A"), shown())._replace(**before)
    now = shown(**news)

    assert read(still, now) == read(still._replace(title="so that it does not stand still"), now)
