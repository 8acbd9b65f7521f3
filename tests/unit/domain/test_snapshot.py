"""Rows become a snapshot; what cannot be believed becomes a problem and never a zero."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import (
    LARGEST,
    Part,
    RowProblem,
    Sku,
    Snapshot,
    SnapshotKind,
    SourceName,
    TransferConvention,
    WarehouseName,
)
from syncd.domain.snapshot import MOST_PROBLEMS, SnapshotBuilder

_AT = datetime.fromisoformat("2026-03-02T10:00:00+00:00")
_ERP = SourceName("erp")


def _builder(*, nests: bool = False, blank_is_zero: bool = True) -> SnapshotBuilder:
    convention = TransferConvention.UNTIL_RECEIVED if nests else TransferConvention.UNTIL_SHIPPED
    return SnapshotBuilder(
        _ERP, warehouses=("main", "east"), transfer_convention=convention, blank_is_zero=blank_is_zero
    )


def _row(**cells: object) -> dict[str, object]:
    return {"sku": "A", "warehouse": "main", "on_hand": 5} | cells


def _built(builder: SnapshotBuilder) -> Snapshot:
    return builder.build(as_of=_AT, kind=SnapshotKind.FULL)


def _of(*rows: Mapping[str, object]) -> Snapshot:
    builder = _builder()
    for number, row in enumerate(rows, 1):
        builder.add(f"line {number}", row)
    return _built(builder)


def _figures(snapshot: Snapshot) -> dict[tuple[str, str], list[int]]:
    names = zip(snapshot.skus, snapshot.warehouses, strict=True)
    return dict(zip(names, snapshot.parts.tolist(), strict=True))


def test_a_row_keeps_its_seven_figures_in_their_order() -> None:
    words = [part.word for part in Part]
    snapshot = _of(_row(**dict(zip(words, range(9, 2, -1), strict=True))))
    assert _figures(snapshot) == {("A", "main"): [9, 8, 7, 6, 5, 4, 3]}


def test_a_part_without_a_column_is_0() -> None:
    assert _figures(_of(_row())) == {("A", "main"): [5, 0, 0, 0, 0, 0, 0]}


def test_texts_and_numbers_are_read_alike() -> None:
    texts = {part.word: "12345" for part in Part}
    again = {part.word: "7" for part in Part}
    snapshot = _of(_row(**texts), _row(sku="B", **again), _row(sku="C", **again))
    assert snapshot.parts.tolist() == [[12345] * 7, [7] * 7, [7] * 7]


@pytest.mark.parametrize("value", [-1, LARGEST + 1, "-1", str(LARGEST + 1), True])
@pytest.mark.parametrize("word", [part.word for part in Part])
def test_a_whole_row_of_plain_counts_is_judged_like_any_other(word: str, value: object) -> None:
    plain: dict[str, object] = {part.word: "1" if isinstance(value, str) else 1 for part in Part}
    snapshot = _of(_row(sku="B", **plain), _row(**plain | {word: value}))
    assert [(problem.sku, problem.column) for problem in snapshot.problems if problem.sku == "A"] == [
        ("A", word)
    ]


def test_a_true_is_not_a_one_beside_texts() -> None:
    ones = {part.word: "1" for part in Part}
    snapshot = _of(_row(**ones), _row(sku="B", **ones | {"on_hand": True}))
    assert _figures(snapshot) == {("A", "main"): [1] * 7}


@pytest.mark.parametrize("word", ["allocated", "unsellable", "locked", "transfer_out"])
def test_what_takes_stock_away_is_rounded_up(word: str) -> None:
    snapshot = _of(_row(**{word: "1.5"}))
    assert (snapshot.parts[0, Part[word.upper()]], snapshot.floored) == (2, 1)


@pytest.mark.parametrize("word", ["on_hand", "virtual", "in_air"])
def test_what_can_be_sold_is_rounded_down(word: str) -> None:
    snapshot = _of(_row(**{word: 1.5}))
    assert (snapshot.parts[0, Part[word.upper()]], snapshot.floored) == (1, 1)


@pytest.mark.parametrize(
    ("cells", "message", "column"),
    [
        ({"on_hand": ""}, "on_hand is empty, write 0 where there are none", "on_hand"),
        ({"on_hand": None}, "on_hand is empty, write 0 where there are none", "on_hand"),
        ({"on_hand": "x"}, "on_hand is 'x', not a number", "on_hand"),
        ({"on_hand": -1}, "on_hand is -1, below 0", "on_hand"),
        (
            {"on_hand": LARGEST + 1},
            f"on_hand is {LARGEST + 1}, more than any warehouse holds ({LARGEST})",
            "on_hand",
        ),
        ({"allocated": "NaN"}, "allocated is 'NaN', not a number", "allocated"),
        ({"virtual": float("inf")}, "virtual is inf, not a finite number", "virtual"),
        ({"locked": True}, "locked is true, not a number", "locked"),
        (
            {"in_air": "1,5"},
            "in_air is '1,5', which can be read in several ways: write it like 1000.5",
            "in_air",
        ),
    ],
)
def test_a_bad_figure_spoils_its_cell_and_says_why(
    cells: dict[str, object], message: str, column: str
) -> None:
    snapshot = _of(_row(**cells), _row(sku="B"))
    problem = RowProblem(
        row="line 1", message=message, sku=Sku("A"), warehouse=WarehouseName("main"), column=column
    )
    assert (snapshot.problems, snapshot.skus) == ((problem,), ("B",))


def test_a_row_without_on_hand_is_unknown_not_0() -> None:
    snapshot = _of({"sku": "A", "warehouse": "main"})
    assert (snapshot.skus, snapshot.problems[0].column) == ((), "on_hand")


@pytest.mark.parametrize("blank", ["", " ", None])
def test_another_part_may_be_blank(blank: object) -> None:
    assert _of(_row(allocated=blank)).parts.tolist() == [[5, 0, 0, 0, 0, 0, 0]]


def test_a_blank_part_is_a_problem_where_blank_is_not_zero() -> None:
    builder = _builder(blank_is_zero=False)
    builder.add("line 1", _row(allocated=""))
    assert _built(builder).problems[0].message == "allocated is empty, write 0 or set blank_is_zero"


def test_an_unmapped_part_is_0_even_where_blank_is_not_zero() -> None:
    builder = _builder(blank_is_zero=False)
    builder.add("line 1", _row())
    assert _built(builder).parts.tolist() == [[5, 0, 0, 0, 0, 0, 0]]


# --- codes -------------------------------------------------------------------------------------------------


def test_a_sku_loses_outer_blanks_and_keeps_its_case() -> None:
    assert _of(_row(sku=" aB ")).skus == ("aB",)


def test_a_row_without_a_readable_sku_names_no_cell() -> None:
    snapshot = _of(_row(sku=" "), _row(sku=1.5))
    assert [(p.row, p.message, p.sku) for p in snapshot.problems] == [
        ("line 1", "sku is empty", ""),
        ("line 2", "sku is 1.5, which must be text", ""),
    ]


def test_a_row_without_a_warehouse_names_its_sku() -> None:
    problem = _of(_row(warehouse=None)).problems[0]
    assert (problem.sku, problem.warehouse, problem.message) == ("A", "", "warehouse is empty")


def test_an_unknown_warehouse_is_told_once_with_a_count_and_the_known_ones() -> None:
    snapshot = _of(_row(warehouse="west"), _row(sku="B", warehouse="west"), _row(sku="C"))
    assert [(p.row, p.message) for p in snapshot.problems] == [
        ("line 1", "warehouse 'west' is none of the source's (main, east); rows left out: 2")
    ]


def test_an_unknown_warehouse_has_no_figures() -> None:
    assert _of(_row(warehouse="west"), _row(sku="C")).skus == ("C",)


def test_any_warehouse_counts_where_none_is_named() -> None:
    builder = SnapshotBuilder(_ERP)
    builder.add("line 1", _row(warehouse=" anywhere "))
    builder.refuse("line 2", _row(warehouse="elsewhere"), "broken")
    snapshot = _built(builder)
    assert (snapshot.warehouses, snapshot.problems[0].warehouse) == (("anywhere",), "elsewhere")


# --- rows of one cell --------------------------------------------------------------------------------------


def test_an_identical_repeat_does_no_harm() -> None:
    snapshot = _of(_row(on_hand="5.5"), _row(on_hand=5.5))
    assert (_figures(snapshot)[("A", "main")][0], snapshot.problems, snapshot.floored) == (5, (), 1)


def test_rows_that_contradict_each_other_spoil_their_cell() -> None:
    snapshot = _of(_row(), _row(sku="B"), _row(allocated=1), _row())
    message = "allocated is 1, but 0 in another row of the same SKU and warehouse"
    assert ([(p.row, p.message) for p in snapshot.problems], snapshot.skus) == ([("line 3", message)], ("B",))


@pytest.mark.parametrize("rows", [(_row(on_hand="x"), _row()), (_row(), _row(on_hand="x"))])
def test_one_bad_row_spoils_the_cell_whatever_the_other_says(rows: tuple[dict[str, object], ...]) -> None:
    snapshot = _of(*rows)
    assert (snapshot.skus, [p.sku for p in snapshot.problems]) == ((), ["A"])


def test_the_same_sku_in_two_warehouses_is_two_cells() -> None:
    assert set(_figures(_of(_row(), _row(warehouse="east")))) == {("A", "main"), ("A", "east")}


def test_the_figures_of_good_rows_stay_with_their_names_when_bad_ones_go() -> None:
    snapshot = _of(_row(on_hand=1), _row(sku="B", on_hand="x"), _row(sku="C", on_hand=3, warehouse="east"))
    assert {cell: row[0] for cell, row in _figures(snapshot).items()} == {("A", "main"): 1, ("C", "east"): 3}


def test_a_row_seen_on_an_earlier_page_is_counted_as_a_repeat() -> None:
    builder = _builder()
    for page in (("A", "B", "B"), ("B", "C")):
        builder.begin_page()
        for sku in page:
            builder.add("row", _row(sku=sku))
    assert (builder.rows, builder.repeats) == (5, 1)


def test_a_bad_row_of_an_earlier_pages_cell_is_a_repeat_too() -> None:
    builder = _builder()
    builder.add("row", _row())
    builder.begin_page()
    builder.add("row", _row(on_hand=None))
    assert builder.repeats == 1


# --- broken rows -------------------------------------------------------------------------------------------


def test_a_refused_row_spoils_the_cell_that_it_names() -> None:
    builder = _builder()
    builder.add("line 1", _row())
    builder.refuse("line 2", _row(), "the line has 2 cells instead of 3")
    snapshot = _built(builder)
    assert (snapshot.skus, snapshot.problems[0].sku, builder.rows) == ((), "A", 2)


@pytest.mark.parametrize("cells", [{}, {"sku": "A"}, {"warehouse": "main"}])
def test_a_refused_row_that_names_no_cell_is_told_all_the_same(cells: dict[str, object]) -> None:
    builder = _builder()
    builder.refuse("line 2", cells, "broken")
    assert _built(builder).problems == (RowProblem(row="line 2", message="broken"),)


def test_a_refused_row_of_an_unknown_warehouse_names_its_sku_only() -> None:
    builder = _builder()
    builder.refuse("line 2", _row(warehouse="west"), "broken")
    assert _built(builder).problems == (RowProblem(row="line 2", message="broken", sku=Sku("A")),)


def test_problems_without_a_cell_are_capped_and_counted() -> None:
    builder = _builder()
    for number in range(MOST_PROBLEMS + 5):
        builder.add(f"line {number}", _row(sku=""))
    problems = _built(builder).problems
    message = "5 more rows without a readable SKU and warehouse are not listed"
    assert (len(problems), problems[-1].message) == (MOST_PROBLEMS + 1, message)


def test_unknown_warehouses_are_capped_and_counted() -> None:
    builder = _builder()
    for number in range(MOST_PROBLEMS + 3):
        builder.add(f"line {number}", _row(warehouse=f"w{number}"))
    problems = _built(builder).problems
    assert (len(problems), problems[-1].message[:12]) == (MOST_PROBLEMS + 1, "3 more rows ")


def test_every_bad_cell_is_told_however_many_there_are() -> None:
    builder = _builder()
    for number in range(MOST_PROBLEMS + 5):
        builder.add("line", _row(sku=f"S{number}", on_hand=None))
    assert len({problem.sku for problem in _built(builder).problems}) == MOST_PROBLEMS + 5


def test_a_note_is_a_problem_but_no_row() -> None:
    builder = _builder()
    builder.note("old.csv", "left out")
    assert (builder.rows, _built(builder).problems) == (0, (RowProblem(row="old.csv", message="left out"),))


# --- transfers ---------------------------------------------------------------------------------------------


def test_more_in_the_air_than_sent_is_a_problem_until_received() -> None:
    builder = _builder(nests=True)
    builder.add("line 1", _row(transfer_out=2, in_air=3))
    message = "in_air is 3, more than the transfer_out of 2 that it is a part of"
    assert _built(builder).problems[0].message == message


def test_as_much_in_the_air_as_sent_is_fine_until_received() -> None:
    builder = _builder(nests=True)
    builder.add("line 1", _row(transfer_out=2, in_air=2))
    assert _built(builder).parts[0].tolist() == [5, 0, 0, 0, 0, 2, 2]


def test_in_air_is_only_informative_until_shipped() -> None:
    assert _of(_row(transfer_out=0, in_air=3)).problems == ()


# --- unrouted ----------------------------------------------------------------------------------------------


def test_unrouted_units_add_up_within_a_page_and_round_up() -> None:
    builder = _builder()
    for count in (1, "1.5", 0):
        builder.unrouted("A", count, row="page 1 unrouted 1")
    builder.unrouted("B", 0, row="page 1 unrouted 4")
    assert _built(builder).unrouted == {"A": 3}


def test_a_list_that_every_page_repeats_counts_once() -> None:
    builder = _builder()
    for count in (2, 3, 2):
        builder.begin_page()
        builder.unrouted("A", count, row="page")
    assert _built(builder).unrouted == {"A": 3}


def test_lists_that_are_parts_add_up() -> None:
    builder = SnapshotBuilder(_ERP, unrouted_adds_up=True)
    for count in (2, 3):
        builder.begin_page()
        builder.unrouted("A", count, row="page")
    assert _built(builder).unrouted == {"A": 5}


@pytest.mark.parametrize(("sku", "count"), [("A", None), ("A", "x"), ("A", -1), ("", 1)])
def test_unrouted_units_that_cannot_be_read_make_the_snapshot_incomplete(sku: str, count: object) -> None:
    builder = _builder()
    builder.unrouted(sku, count, row="page 1 unrouted 1")
    snapshot = _built(builder)
    reason = "the unrouted units in page 1 unrouted 1 could not be read"
    assert (snapshot.complete, snapshot.incomplete_because) == (False, reason)


# --- the snapshot ------------------------------------------------------------------------------------------


def test_no_rows_are_an_empty_table_of_seven_columns() -> None:
    assert _of().parts.shape == (0, 7)


def test_what_the_source_says_of_itself_is_passed_on() -> None:
    builder = _builder(nests=True)
    snapshot = builder.build(as_of=_AT, kind=SnapshotKind.DELTA, incomplete_because="page 2", cursor="17")
    assert (snapshot.source, snapshot.as_of, snapshot.kind) == ("erp", _AT, SnapshotKind.DELTA)
    assert (snapshot.complete, snapshot.incomplete_because, snapshot.cursor) == (False, "page 2", "17")
    assert snapshot.transfer_convention is TransferConvention.UNTIL_RECEIVED


_cells = st.tuples(st.sampled_from("ABC"), st.sampled_from(["main", "east"]))
_values = st.one_of(
    st.integers(0, 3),
    st.sampled_from(["0", "1", "x", "", " 2 ", "1.5"]),
    st.none(),
    st.floats(),
    st.booleans(),
)


@given(st.lists(st.tuples(_cells, _values, _values), max_size=12))
def test_every_cell_is_either_good_or_told(rows: list[tuple[tuple[str, str], object, object]]) -> None:
    snapshot = _of(
        *(
            {"sku": sku, "warehouse": warehouse, "on_hand": on_hand, "allocated": allocated}
            for (sku, warehouse), on_hand, allocated in rows
        )
    )
    good = set(zip(snapshot.skus, snapshot.warehouses, strict=True))
    told = {(problem.sku, problem.warehouse) for problem in snapshot.problems}
    assert good | told == {cell for cell, _, _ in rows}
    assert not good & told


@given(st.lists(st.tuples(_cells, _values), max_size=10), st.randoms())
def test_the_order_of_rows_does_not_matter(
    rows: list[tuple[tuple[str, str], object]], random: object
) -> None:
    turned = [*rows]
    random.shuffle(turned)  # type: ignore[attr-defined]
    one, other = (
        _figures(_of(*({"sku": s, "warehouse": w, "on_hand": value} for (s, w), value in order)))
        for order in (rows, turned)
    )
    assert one == other
