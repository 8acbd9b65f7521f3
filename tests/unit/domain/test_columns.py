"""Columns of rows: what is missing has its own figure, and what is unknown its own place."""

import numpy as np
import pytest

from syncd.domain.columns import figures_of, places_of, rare
from syncd.domain.model import ItemId, ListingId, ListingRow, ShopName, Sku


def _row(sku: str, expected_hi: int | None, *, on_sale: bool | None = True) -> ListingRow:
    return ListingRow(
        shop=ShopName("tmall"),
        id=ListingId(sku),
        code=sku,
        item=ItemId(sku),
        location="",
        title="",
        sku=Sku(sku),
        units=1,
        unbound_because="",
        desired=None,
        want_off=False,
        expected_lo=expected_hi,
        expected_hi=expected_hi,
        observed=expected_hi,
        observed_at=None,
        withheld=0,
        on_sale=on_sale,
        delisted_by="",
        gone=False,
    )


def test_figures_stand_in_the_order_of_the_rows() -> None:
    assert figures_of([_row("A", 7), _row("B", 0)], "expected_hi").tolist() == [7, 0]


def test_what_is_missing_is_not_zero() -> None:
    rows = [_row("A", 7), _row("B", None), _row("C", 0)]
    assert figures_of(rows, "expected_hi", missing=-1).tolist() == [7, -1, 0]


def test_a_flag_is_one_or_zero_or_missing() -> None:
    rows = [_row("A", 1, on_sale=on_sale) for on_sale in (True, False, None)]
    assert figures_of(rows, "on_sale", missing=-1).tolist() == [1, 0, -1]


def test_a_word_that_is_not_known_has_no_place() -> None:
    rows = [_row("A", 1), _row("B", 1), _row("C", 1)]
    assert places_of(rows, "sku", {"C": 0, "A": 1}, missing=-1).tolist() == [1, -1, 0]


def test_no_rows_make_an_empty_column() -> None:
    assert figures_of([], "units").tolist() == []


@pytest.mark.parametrize("flags", [[], [False, False], [True, False]])
def test_a_rare_flag_reads_as_it_was_and_takes_memory_only_where_it_is_set(flags: list[bool]) -> None:
    found = rare(np.array(flags, dtype=np.bool_))
    assert found.tolist() == flags
    assert found.strides == ((1,) if any(flags) else (0,))


def test_what_becomes_of_a_rare_flag_can_be_written() -> None:
    changed = rare(np.zeros(3, dtype=np.bool_)).astype(np.bool_)
    changed[1] = True
    assert changed.tolist() == [False, True, False]
