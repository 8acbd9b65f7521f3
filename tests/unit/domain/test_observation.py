"""What a reading of a shop proves of its listings, of open writes, and of those it does not show."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from syncd.domain.model import Action, ItemId, ListingId, ListingRow, ObservedListing
from syncd.domain.observation import (
    blank,
    differs,
    doubtful,
    put_back_by_siblings,
    read_rows,
    settled,
    to_audit,
)
from syncd.domain.records import IntentRow, Resolution
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import A, entry, item

SECOND = timedelta(seconds=1)


def intent(
    listing: str = "A", target: int = 5, *, action: Action = Action.SET, sent: datetime | None = NOW
) -> IntentRow:
    return IntentRow(
        f"k-{listing}-{target}", A, ListingId(listing), ItemId(listing), action, target, None, target,
        "snapshot", "", NOW, sent, Resolution.OPEN, "",
    )  # fmt: skip


def shown(listing: str, quantity: int | None = 7) -> ObservedListing:
    return ObservedListing(
        id=ListingId(listing), code=listing, item=ItemId(listing), quantity=quantity, on_sale=True
    )


def read(*quantities: ObservedListing, known: list[ListingRow], **settings: Any) -> dict[str, ListingRow]:  # noqa: ANN401
    waiting = settings.pop("waiting", ())
    return {row.id: row for row in read_rows(A, known, quantities, waiting, NOW + SECOND, **settings)}


def interval(row: ListingRow) -> tuple[int | None, int | None]:
    return row.expected_lo, row.expected_hi


# --- open writes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "delay", "is_settled"),
    [(0, 0.0, True), (0, 30.0, False), (29, 30.0, False), (30, 30.0, True), (31, 30.0, True)],
)
def test_a_reading_settles_a_write_that_must_show_by_now(age: int, delay: float, *, is_settled: bool) -> None:
    done, waiting = settled([intent()], NOW + age * SECOND, delay)

    assert (len(done), len(waiting)) == ((1, 0) if is_settled else (0, 1))


def test_a_write_that_was_never_sent_is_settled_at_once() -> None:
    done, _ = settled([intent(sent=None)], NOW, 30.0)

    assert [row.resolution for row in done] == [Resolution.OBSERVED]


def test_a_write_that_waits_stays_open() -> None:
    _, waiting = settled([intent()], NOW, 30.0)

    assert waiting == [intent()]


@pytest.mark.parametrize(
    ("row", "target", "found"),
    [
        (entry("A", 7), 5, (5, 7)),
        (entry("A", 7), 9, (7, 9)),
        (entry("A", 7), 7, (7, 7)),
        (entry("A", 7, expected_lo=3), 5, (3, 7)),
        (entry("A", None), 5, (None, None)),
    ],
)
def test_an_open_write_may_have_been_applied(row: ListingRow, target: int, found: tuple[Any, Any]) -> None:
    assert interval(doubtful([row], [intent(target=target)])[ListingId("A")]) == found


def test_two_open_writes_may_both_have_been_applied() -> None:
    rows = doubtful([entry("A", 7)], [intent(target=5), intent(target=9)])

    assert interval(rows[ListingId("A")]) == (5, 9)


@pytest.mark.parametrize("action", [Action.DELIST, Action.RELIST])
def test_an_open_delisting_says_nothing_of_the_counter(action: Action) -> None:
    rows = doubtful([entry("A", 7)], [intent(target=0, action=action)])

    assert interval(rows[ListingId("A")]) == (7, 7)


def test_an_open_write_of_a_listing_that_is_not_there_is_passed_over() -> None:
    assert list(doubtful([entry("A")], [intent("B")])) == ["A"]


# --- a reading -----------------------------------------------------------------------------------------


def test_what_is_shown_was_read_now() -> None:
    row = read(shown("A", 3), known=[entry("A")])["A"]

    assert (interval(row), row.observed_at) == ((3, 3), NOW + SECOND)


def test_what_is_not_shown_stays_as_it_was() -> None:
    assert read(shown("A"), known=[entry("A"), entry("B", 4)])["B"] == entry("B", 4)


def test_what_is_proven_to_be_gone_is_gone() -> None:
    rows = read(shown("A"), known=[entry("A"), entry("B")], gone={ListingId("B")})

    assert (rows["A"].gone, rows["B"].gone) == (False, True)


def test_what_is_gone_stays_gone_while_it_is_not_shown() -> None:
    assert read(shown("A"), known=[entry("B", gone=True)])["B"].gone


def test_what_is_shown_for_the_first_time_is_bound_to_nothing_yet() -> None:
    row = read(shown("A", 3), known=[])["A"]

    assert (row.sku, row.desired, row.shop, interval(row)) == ("", None, A, (3, 3))


def test_a_write_that_waits_widens_what_was_read() -> None:
    assert interval(read(shown("A", 7), known=[entry("A")], waiting=[intent(target=2)])["A"]) == (2, 7)


def test_rows_are_sorted_by_listing() -> None:
    rows = read(shown("C"), shown("A"), known=[entry("D"), entry("B")])

    assert list(rows) == ["A", "B", "C", "D"]


def test_nothing_is_known_of_a_blank_listing() -> None:
    row = blank(A, ListingId("A"))

    assert (row.desired, *interval(row), row.observed, row.on_sale, row.observed_at) == (None,) * 6


# --- items that are listed whole -----------------------------------------------------------------------


def with_sibling(row: ListingRow, sibling: ListingRow, *, taken_by: str = "syncd") -> str:
    before = [row._replace(delisted_by=taken_by)]
    rows = [one._replace(item=item("I")) if one.item != "J" else one for one in (row, sibling)]
    return put_back_by_siblings(before, rows)[0].delisted_by


@pytest.mark.parametrize("blamed", ["put_back", "left"])
def test_a_listing_that_came_back_with_its_item_was_put_back_by_nobody(blamed: str) -> None:
    assert with_sibling(entry("A", want_off=True, delisted_by=blamed), entry("B")) == "syncd"


@pytest.mark.parametrize(
    "sibling",
    [entry("B", want_off=True), entry("B", gone=True), entry("B", item=item("J"))],
)
def test_without_a_sibling_that_should_sell_a_person_put_it_back(sibling: ListingRow) -> None:
    assert with_sibling(entry("A", want_off=True, delisted_by="put_back"), sibling) == "put_back"


@pytest.mark.parametrize("who", ["syncd", "person", ""])
def test_what_nobody_put_back_stays_as_it_is(who: str) -> None:
    assert with_sibling(entry("A", want_off=True, delisted_by=who), entry("B"), taken_by="platform") == who


def test_a_listing_that_was_not_known_before_was_taken_down_by_nobody() -> None:
    rows = [entry("A", want_off=True, delisted_by="left", item=item("I")), entry("B", item=item("I"))]

    assert put_back_by_siblings([], rows)[0].delisted_by == ""


# --- audits --------------------------------------------------------------------------------------------


def seen_at(listing: str, minutes: int, **settings: Any) -> ListingRow:  # noqa: ANN401
    return entry(listing, observed_at=NOW - timedelta(minutes=minutes), **settings)


def audited(*rows: ListingRow, open_: tuple[str, ...] = (), count: int = 2) -> list[str]:
    return list(to_audit(rows, [intent(one) for one in open_], count=count, settled_by=NOW))


def test_what_was_unread_longest_is_read_first() -> None:
    assert audited(seen_at("A", 1), seen_at("B", 3), seen_at("C", 2)) == ["B", "C"]


def test_what_has_an_open_write_is_read_before_all() -> None:
    assert audited(seen_at("A", 1), seen_at("B", 3), open_=("A",), count=1) == ["A", "B"]


def test_all_with_open_writes_are_read_whatever_the_count() -> None:
    assert audited(seen_at("A", 1), seen_at("B", 1), seen_at("C", 9), open_=("A", "B"), count=0) == ["A", "B"]


def test_of_equal_age_the_lower_id_is_read_first() -> None:
    assert audited(seen_at("B", 1), seen_at("A", 1), count=1) == ["A"]


@pytest.mark.parametrize(
    "row",
    [
        seen_at("A", 1, gone=True),
        seen_at("", 1),
        entry("A", observed_at=None),
        seen_at("A", 0),
    ],
)
def test_what_proves_nothing_is_not_read_again(row: ListingRow) -> None:
    assert audited(row) == []


def test_an_open_write_is_read_again_however_soon() -> None:
    assert audited(seen_at("A", 0), open_=("A",)) == ["A"]


# --- what is worth a write -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "worth"),
    [
        (None, entry("A"), True),
        (entry("A"), entry("A"), False),
        (entry("A"), entry("A", observed_at=NOW + SECOND), False),
        (entry("A"), entry("A", expected_hi=11), True),
        (entry("A"), entry("A", gone=True), True),
        (entry("A", observed_at=None), entry("A"), False),
    ],
)
def test_the_time_of_a_reading_alone_is_not_worth_a_write(
    before: ListingRow | None, after: ListingRow, *, worth: bool
) -> None:
    assert differs(before, after) is worth
