"""Which messages count: in order, once, never back in time, never past a gap."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.sources.mqtt.messages import StockMessage
from syncd.adapters.sources.mqtt.stream import Place, Taken, is_done, take
from syncd.domain.model import SnapshotKind

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def said(seq: int, units: int | None = None, sku: str = "A", **other: Any) -> StockMessage:  # noqa: ANN401
    """Return a delta, by default one of `seq` seconds that has one line, or none without units."""
    lines = () if units is None else ({"sku": sku, "on_hand": units},)
    plain: dict[str, Any] = {
        "id": f"{other.get('publisher', 'erp')}-{seq}",
        "publisher": "erp",
        "seq": seq,
        "as_of": at(seq),
        "kind": SnapshotKind.DELTA,
        "lines": lines,
    }
    return StockMessage(**(plain | other))


def full(seq: int, units: int = 1, **other: Any) -> StockMessage:  # noqa: ANN401
    return said(seq, units, kind=SnapshotKind.FULL, **other)


def begun(*messages: StockMessage) -> Place:
    return taken(None, *messages).place


def taken(place: Place | None, *messages: StockMessage, doubt: str = "") -> Taken:
    found = take(place, messages, doubt)
    assert found is not None
    return found


def figures(messages: Iterable[StockMessage]) -> dict[str, object]:
    return {str(line["sku"]): line["on_hand"] for message in messages for line in message.lines}


START = begun(full(7))


# --- the beginning -----------------------------------------------------------------------------------------


def test_without_a_full_reading_there_is_nothing_to_begin_with() -> None:
    assert take(None, [said(1, 5), said(2, 6)]) is None


def test_a_full_reading_begins() -> None:
    found = taken(None, full(7, 3))

    assert (found.kind, found.place.seq, found.place.as_of, figures(found.messages)) == (
        SnapshotKind.FULL,
        7,
        at(7),
        {"A": 3},
    )


def test_what_follows_a_full_reading_counts_with_it() -> None:
    found = taken(None, full(7, 3), said(8, 2), said(9, 9, "B"))

    assert (found.place.seq, found.place.as_of, figures(found.messages)) == (9, at(9), {"A": 2, "B": 9})


def test_what_came_before_a_full_reading_is_in_it() -> None:
    found = taken(None, said(6, 99), full(7, 3))

    assert figures(found.messages) == {"A": 3}


def test_the_newest_full_reading_counts() -> None:
    assert figures(taken(None, full(7, 3), full(8, 4)).messages) == {"A": 4}


@pytest.mark.parametrize("there", [(1,), (2,)])
def test_a_part_alone_is_no_full_reading(there: tuple[int, ...]) -> None:
    assert take(None, [full(6 + part, part=part, parts=2) for part in there]) is None


def test_all_parts_make_a_full_reading() -> None:
    parts = [full(7, 3, part=1, parts=2), full(8, 4, sku="B", part=2, parts=2, as_of=at(7))]

    found = taken(None, *parts)

    assert (found.place.seq, found.place.as_of, figures(found.messages)) == (8, at(7), {"A": 3, "B": 4})


def test_parts_of_two_readings_make_none() -> None:
    assert take(None, [full(7, part=1, parts=2), full(8, part=2, parts=3)]) is None


# --- one after the other -----------------------------------------------------------------------------------


def test_a_delta_moves_the_place() -> None:
    found = taken(START, said(8, 2))

    assert (found.kind, found.place.seq, found.place.as_of) == (SnapshotKind.DELTA, 8, at(8))


def test_nothing_new_leaves_the_place_as_it_is() -> None:
    assert taken(START).place == START


def test_a_message_without_lines_makes_the_figures_younger() -> None:
    found = taken(START, said(8))

    assert (figures(found.messages), found.place.as_of) == ({}, at(8))


def test_a_number_that_passed_counts_no_more() -> None:
    assert taken(START, said(7, 99), said(3, 99)).messages == ()


def test_a_full_reading_whose_number_passed_counts_no_more() -> None:
    found = taken(START, full(7, 99))

    assert (found.kind, found.messages) == (SnapshotKind.DELTA, ())


def test_a_message_sent_again_under_a_new_number_says_nothing_new() -> None:
    place = taken(START, said(8, 5), said(9, 4)).place

    found = taken(place, said(10, 5, id="erp-8"))

    assert (found.messages, found.place.seq, found.place.lacks) == ((), 10, "")


def test_a_message_of_an_earlier_time_changes_nothing_and_asks_for_all() -> None:
    found = taken(START, said(8, 5), said(9, 99, as_of=at(3)))

    assert (figures(found.messages), found.place.seq, "time of number 9" in found.place.lacks) == (
        {"A": 5},
        9,
        True,
    )


def test_a_full_reading_of_an_earlier_time_changes_nothing() -> None:
    found = taken(START, full(8, 99, as_of=at(3)), said(9, 5))

    assert (found.kind, figures(found.messages), found.place.seq) == (SnapshotKind.DELTA, {"A": 5}, 9)


# --- gaps --------------------------------------------------------------------------------------------------


def test_beyond_a_gap_figures_count_but_the_time_stands() -> None:
    found = taken(START, said(9, 2))

    assert (figures(found.messages), found.place.as_of, found.place.seq, found.place.beyond) == (
        {"A": 2},
        at(7),
        7,
        9,
    )


def test_a_gap_names_what_is_missing() -> None:
    assert taken(START, said(9, 2)).place.lacks == "number 8 of erp is missing, and 9 is here"


def test_a_late_message_closes_the_gap_and_undoes_nothing() -> None:
    place = taken(START, said(9, 2)).place

    found = taken(place, said(8, 99), said(9, 2))

    assert (figures(found.messages), found.place.seq, found.place.as_of, found.place.lacks) == (
        {"A": 2},
        9,
        at(9),
        "",
    )


def test_a_late_message_alone_undoes_nothing_that_the_state_has_from_beyond() -> None:
    place = taken(START, said(9, 2)).place

    found = taken(place, said(8, 99))

    assert (found.messages, found.place) == ((), place)


def test_after_a_restart_in_a_gap_what_is_newer_still_counts() -> None:
    place = taken(START, said(9, 2)).place

    found = taken(place, said(10, 1))

    assert (figures(found.messages), found.place.seq, found.place.beyond) == ({"A": 1}, 7, 10)


@pytest.mark.parametrize("other", [{"as_of": at(3)}, {"id": "erp-7"}], ids=["an earlier time", "sent again"])
def test_beyond_a_gap_nothing_old_counts_either(other: dict[str, Any]) -> None:
    assert taken(START, said(9, 99, **other)).messages == ()


def test_a_full_reading_closes_a_gap() -> None:
    place = taken(START, said(9, 2)).place

    found = taken(place, full(12, 4), said(13, 3))

    assert (found.kind, figures(found.messages), found.place.seq, found.place.lacks) == (
        SnapshotKind.FULL,
        {"A": 3},
        13,
        "",
    )


def test_a_full_reading_older_than_what_is_beyond_the_gap_does_not_close_it() -> None:
    place = taken(START, said(9, 2)).place

    found = taken(place, full(12, 99, as_of=at(8)))

    assert (found.kind, found.messages, bool(found.place.lacks)) == (SnapshotKind.DELTA, (), True)


def test_parts_on_their_way_are_no_gap() -> None:
    assert taken(START, full(8, part=1, parts=2)).place.lacks == ""


@pytest.mark.parametrize(
    "beyond",
    [full(9, part=2, parts=2), full(10, part=1, parts=2), said(11, 99, as_of=at(3))],
    ids=["a last part alone", "a first part", "an earlier time"],
)
def test_a_number_is_missing_even_before_what_counts_for_nothing(beyond: StockMessage) -> None:
    lacks = taken(START, beyond).place.lacks

    assert lacks == f"number 8 of erp is missing, and {beyond.seq} is here"


def test_a_gap_in_a_full_reading_is_one() -> None:
    found = taken(START, *(full(7 + part, part=part, parts=3) for part in (1, 3)))

    assert found.place.lacks == "number 9 of erp is missing, and 10 is here"


def test_a_delta_after_parts_that_never_came_is_beyond_a_gap() -> None:
    assert taken(START, full(8, part=1, parts=2), said(10, 2)).place.beyond == 10


# --- publishers and doubts ---------------------------------------------------------------------------------


def test_who_counts_anew_is_not_believed_before_a_full_reading() -> None:
    found = taken(START, said(1, 99, publisher="new", as_of=at(20)))

    assert (found.messages, found.place.lacks) == (
        (),
        "new counts anew and has not said all that there is",
    )


def test_a_full_reading_of_another_publisher_takes_over() -> None:
    found = taken(START, full(1, 4, publisher="new", as_of=at(20)))

    assert (found.place.publisher, found.place.seq, found.place.lacks) == ("new", 1, "")


def test_an_older_full_reading_of_another_publisher_does_not() -> None:
    found = taken(START, full(1, 99, publisher="old", as_of=at(3)))

    assert (found.messages, found.place) == ((), START)


def test_a_doubt_lasts_until_a_full_reading() -> None:
    doubted = taken(START, doubt="something was lost").place
    later = taken(doubted, said(8, 5)).place

    assert [place.lacks for place in (doubted, later, taken(later, full(9)).place)] == [
        "something was lost",
        "something was lost",
        "",
    ]


# --- the cursor --------------------------------------------------------------------------------------------


def test_a_cursor_says_the_whole_place() -> None:
    place = taken(START, said(9, 2), doubt="lost").place

    assert Place.read(place.text()) == place


@pytest.mark.parametrize("cursor", ["", "12", "{}", '{"publisher": "x"}', "2026-03-02", '{"ids": 3}'])
def test_a_cursor_of_another_kind_of_source_says_nothing(cursor: str) -> None:
    assert Place.read(cursor) is None


# --- whatever comes, in whatever order ---------------------------------------------------------------------


@given(st.permutations(range(8, 14)), st.lists(st.integers(0, 6), max_size=6))
def test_in_any_order_and_however_often_the_end_is_the_same(order: list[int], cuts: list[int]) -> None:
    place, kept = START, list[StockMessage]()
    state: dict[str, object] = {"A": 1}
    for step, seq in enumerate(order):
        kept += [said(seq, 100 + seq, "AB"[seq % 2])] * (1 + step % 2)
        if step in cuts:
            continue  # several come before the next look
        found = taken(place, *kept)
        state |= figures(found.messages)
        place = found.place
        kept = [one for one in kept if not is_done(one, place)]
    found = taken(place, *kept)

    assert (state | figures(found.messages), found.place.seq, found.place.lacks) == (
        {"A": 112, "B": 113},
        13,
        "",
    )


@given(st.permutations(range(8, 14)), st.sets(st.integers(8, 13)))
def test_no_cell_ever_goes_back_in_time(order: list[int], lost: set[int]) -> None:
    place, kept, newest = START, list[StockMessage](), dict[str, int]()
    for seq in order:
        if seq in lost:
            continue
        kept.append(said(seq, seq, "ABC"[seq % 3]))
        found = taken(place, *kept)
        for sku, number in figures(found.messages).items():
            assert isinstance(number, int)
            assert number >= newest.get(sku, 0)
            newest[sku] = number
        place = found.place
        kept = [one for one in kept if not is_done(one, place)]


@given(st.sets(st.integers(8, 20)))
def test_the_time_never_passes_what_is_missing(there: set[int]) -> None:
    found = taken(START, *(said(seq, seq) for seq in there))
    missing = min(set(range(8, 22)) - there)

    assert (found.place.seq, found.place.as_of) == (missing - 1, at(missing - 1))
