"""Listings as columns: to the outside they are the rows that they were made of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.columns import narrow
from syncd.domain.listing_columns import NO_TIME, UNKNOWN, ListingColumns
from syncd.domain.model import Deducts, ItemId, ListingId, ListingRow, ShopName, Sku

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT = st.sampled_from(("", "a", "b", "Ä-1"))
_COUNT = st.none() | st.integers(-5, 5) | st.sampled_from((0, 999_999_999, 1 << 33))

_rows = st.lists(
    st.builds(
        ListingRow,
        shop=st.sampled_from(("s1", "s2")).map(ShopName),
        id=st.integers(0, 9).map(str).map(ListingId),
        code=_TEXT,
        item=_TEXT.map(ItemId),
        location=_TEXT,
        title=_TEXT,
        sku=st.sampled_from(("", "A", "B", "C")).map(Sku),
        units=st.integers(1, 12),
        unbound_because=_TEXT,
        desired=_COUNT,
        want_off=st.booleans(),
        expected_lo=_COUNT,
        expected_hi=_COUNT,
        observed=_COUNT,
        observed_at=st.none()
        | st.integers(0, 10**16).map(lambda moment: _EPOCH + timedelta(microseconds=moment)),
        withheld=st.integers(0, 3),
        on_sale=st.sampled_from((None, True, False)),
        delisted_by=st.sampled_from(("", "syncd", "person", "left")),
        gone=st.booleans(),
        deducts=st.sampled_from(Deducts),
    ),
    unique_by=lambda row: row[:2],
)


@given(_rows)
def test_columns_are_the_rows_that_they_were_made_of(rows: list[ListingRow]) -> None:
    assert list(ListingColumns.of(rows)) == rows


@given(_rows, _rows)
def test_flags_are_flags_after_rows_were_replaced(
    before: list[ListingRow], changed: list[ListingRow]
) -> None:
    found = ListingColumns.of(sorted(before, key=lambda row: row[:2])).replaced(changed)
    rows = list(found)

    assert {found.held.dtype, found.gone.dtype, found.bound.dtype} == {np.dtype(np.bool_)}
    assert found.held.tolist() == [bool(row.sku and row.unbound_because) for row in rows]
    assert found.bound.tolist() == [bool(row.sku) and not row.unbound_because for row in rows]


@given(_rows, st.data())
def test_some_of_them_are_these_rows_in_that_order(rows: list[ListingRow], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(rows) - 1), unique=True)) if rows else []
    taken = ListingColumns.of(rows).take(np.array(places, dtype=np.int64))
    assert list(taken) == [rows[at] for at in places]


@given(_rows, _rows)
def test_replaced_rows_are_others_or_added_and_the_rest_stays(
    before: list[ListingRow], changed: list[ListingRow]
) -> None:
    old = ListingColumns.of(sorted(before, key=lambda row: row[:2]))
    wanted = {row[:2]: row for row in before} | {row[:2]: row for row in changed}
    assert list(old.replaced(changed)) == [wanted[key] for key in sorted(wanted)]
    assert list(old) == sorted(before, key=lambda row: row[:2])


@given(_rows, _rows, _rows)
def test_rows_may_be_replaced_again(
    before: list[ListingRow], changed: list[ListingRow], again: list[ListingRow]
) -> None:
    once = ListingColumns.of(sorted(before, key=lambda row: row[:2])).replaced(changed)
    wanted = {row[:2]: row for rows in (before, changed, again) for row in rows}
    assert list(once.replaced(again)) == [wanted[key] for key in sorted(wanted)]


@given(_rows, st.lists(st.tuples(st.sampled_from(("s0", "s1", "s3")), st.integers(0, 11).map(str))))
def test_a_listing_is_found_where_it_is(rows: list[ListingRow], names: list[tuple[str, str]]) -> None:
    wanted = [(ShopName(shop), ListingId(id_)) for shop, id_ in names]
    for order in (rows, sorted(rows, key=lambda row: row[:2])):
        at = {row[:2]: place for place, row in enumerate(order)}
        found = ListingColumns.of(order)
        assert found.places(wanted).tolist() == [at.get(name, -1) for name in wanted]
        one_by_one = [found.places([name]).tolist()[0] for name in wanted]
        assert one_by_one == [at.get(name, -1) for name in wanted]


def test_one_among_many_is_found_by_halving() -> None:
    columns = ListingColumns.of([_row("s1", f"{at:04}") for at in range(500)])
    assert columns.is_ordered
    for at in (0, 1, 250, 499):
        assert columns.places([columns.name(at)]).tolist() == [at]
    assert columns.places([(ShopName("s1"), ListingId("0499x"))]).tolist() == [-1]


def test_columns_in_which_nothing_changes_are_shared() -> None:
    before = ListingColumns.of([_row("s1", "1"), _row("s1", "2")])
    after = before.replaced([_row("s1", "2")._replace(expected_hi=9)])
    assert after.hi.tolist() == [5, 9]
    assert after.lo is before.lo
    assert after.ids is before.ids


def test_nothing_known_is_no_figure() -> None:
    columns = ListingColumns.of([_row("s1", "1")._replace(desired=None, observed_at=None)])
    assert columns.desired.tolist() == [UNKNOWN]
    assert columns.observed_at.tolist() == [NO_TIME]


def test_a_counter_beyond_32_bits_keeps_its_value_beside_small_ones() -> None:
    before = ListingColumns.of([_row("s1", "1"), _row("s1", "2")])
    after = before.replaced([_row("s1", "2")._replace(expected_hi=1 << 40)])
    assert [row.expected_hi for row in after] == [5, 1 << 40]


def test_rows_are_made_of_plain_arrays_and_texts_are_read_only_when_asked_for() -> None:
    read: list[int] = []
    columns = replace(ListingColumns.of([_row("s1", "1"), _row("s1", "2")]), titles=_Noted(read))
    assert columns.hi.tolist() == [5, 5]
    assert columns.take(np.array([1])).hi.tolist() == [5]
    assert not read
    assert columns[1].title == "title 1"
    assert read == [1]


@pytest.mark.parametrize(
    ("figure", "width"),
    [(127, 1), (128, 2), (-128, 1), (-129, 2), (UNKNOWN, 4), (UNKNOWN - 1, 8), (1 << 31, 8), (NO_TIME, 8)],
)
def test_a_column_is_as_narrow_as_all_of_it_allows(figure: int, width: int) -> None:
    column = narrow(np.array([0, figure]))
    assert column.tolist() == [0, figure]
    assert column.dtype.itemsize == width


def test_what_is_columns_already_stays_the_same() -> None:
    columns = ListingColumns.of([_row("s1", "1")])
    assert ListingColumns.of(columns) is columns


def test_there_is_no_row_behind_the_last() -> None:
    columns = ListingColumns.of([_row("s1", "1"), _row("s1", "2")])
    assert columns[-1].id == "2"
    assert [row.id for row in columns[1:]] == ["2"]
    with pytest.raises(IndexError):
        columns[2]


class _Noted(Sequence[str]):
    """Texts that note which of them are read."""

    def __init__(self, read: list[int]) -> None:
        self._read = read

    def __len__(self) -> int:
        return 2

    def __getitem__(self, at: object) -> str:
        assert isinstance(at, int)
        self._read.append(at)
        return f"title {at}"


def _row(shop: str, id_: str) -> ListingRow:
    return ListingRow(
        shop=ShopName(shop),
        id=ListingId(id_),
        code="",
        item=ItemId(""),
        location="",
        title="",
        sku=Sku("A"),
        units=1,
        unbound_because="",
        desired=5,
        want_off=False,
        expected_lo=5,
        expected_hi=5,
        observed=5,
        observed_at=_EPOCH,
        withheld=0,
        on_sale=True,
        delisted_by="",
        gone=False,
    )
