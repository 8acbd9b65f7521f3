"""A snapshot becomes the base only where it can be believed; silence is a fact when it came twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from syncd.domain.acceptance import FUTURE, Accepted, accept, is_stale, overlay
from syncd.domain.model import (
    IdsOf,
    RowProblem,
    ShopName,
    Sku,
    Snapshot,
    SnapshotKind,
    SourceName,
    StockRow,
    WarehouseName,
    WatermarkEvent,
)
from syncd.domain.records import SourceState, UnroutedRow
from syncd.domain.topology import SourceRules
from syncd.errors import SourceEmptied, StaleSnapshot

ERP, W = SourceName("erp"), WarehouseName("w")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
RULES = SourceRules(name=ERP, warehouses=(W,), max_missing_percent=50)
BEFORE = SourceState(name=ERP, seq=3, as_of=NOW - timedelta(minutes=1), full_at=NOW - timedelta(minutes=1))


def row(sku: str, on_hand: int, *, missed: int = 0, bad: bool = False) -> StockRow:
    return StockRow(ERP, Sku(sku), W, NOW, missed, bad, on_hand, 0, 0, 0, 0, 0, 0)


def says(
    *, kind: SnapshotKind = SnapshotKind.FULL, problems: tuple[RowProblem, ...] = (), **stock: int
) -> Snapshot:
    parts = np.zeros((len(stock), 7), dtype=np.int64)
    parts[:, 0] = list(stock.values())
    return Snapshot(
        source=ERP,
        as_of=NOW,
        kind=kind,
        skus=tuple(Sku(sku) for sku in stock),
        warehouses=(W,) * len(stock),
        parts=parts,
        problems=problems,
    )


def taken(snapshot: Snapshot, *known: StockRow, before: SourceState = BEFORE) -> Accepted:
    return accept(snapshot, before=before, known=known, rules=RULES, now=NOW)


def after(snapshot: Snapshot, *known: StockRow) -> dict[str, StockRow]:
    return {row.sku: row for row in overlay(known, taken(snapshot, *known).rows)}


def test_a_new_figure_replaces_the_old_one() -> None:
    assert after(says(A=7), row("A", 5))["A"].on_hand == 7


def test_an_equal_figure_is_no_change() -> None:
    assert taken(says(A=5), row("A", 5)).rows == ()


def test_what_a_full_snapshot_leaves_out_keeps_its_figures() -> None:
    found = after(says(A=5, B=5), row("A", 5), row("B", 5), row("C", 9))["C"]

    assert (found.on_hand, found.missed) == (9, 1)


def test_what_two_full_snapshots_leave_out_has_vanished() -> None:
    assert after(says(A=5, B=5), row("A", 5), row("B", 5), row("C", 9, missed=1))["C"].missed == 2


def test_what_a_delta_leaves_out_is_not_missing() -> None:
    assert after(says(kind=SnapshotKind.DELTA, A=7), row("A", 5), row("C", 9))["C"].missed == 0


def test_a_row_that_comes_back_is_whole_again() -> None:
    assert after(says(A=5), row("A", 5, missed=2, bad=True))["A"] == row("A", 5)


def test_a_row_that_cannot_be_believed_keeps_its_figures_and_is_marked() -> None:
    problem = RowProblem(row="line 2", message="on_hand is 'x', not a number", sku=Sku("B"), warehouse=W)

    found = after(says(A=5, problems=(problem,)), row("A", 5), row("B", 8))["B"]

    assert (found.on_hand, found.bad, found.missed) == (8, True, 0)


def test_a_row_without_a_readable_warehouse_is_not_missing() -> None:
    problem = RowProblem(row="line 2", message="warehouse is empty", sku=Sku("B"))

    found = after(says(A=5, problems=(problem,)), row("A", 5), row("B", 8, missed=1))["B"]

    assert (found.on_hand, found.bad, found.missed) == (8, True, 0)


def test_a_row_without_a_readable_sku_may_be_any_that_is_missing() -> None:
    problem = RowProblem(row="line 2", message="sku is empty")

    found = after(says(A=5, problems=(problem,)), row("A", 5), row("B", 8, missed=1))["B"]

    assert (found.on_hand, found.bad, found.missed) == (8, True, 0)


def test_a_row_without_a_warehouse_does_not_spoil_what_was_read_well() -> None:
    problem = RowProblem(row="line 2", message="warehouse is empty", sku=Sku("A"))

    assert not after(says(A=7, problems=(problem,)), row("A", 5))["A"].bad


def test_an_answer_as_old_as_the_last_teaches_nothing() -> None:
    same = replace(says(A=7), as_of=BEFORE.as_of or NOW)

    assert not taken(same, row("A", 5)).news


def test_an_answer_as_old_as_the_last_is_no_new_snapshot() -> None:
    same = replace(says(A=7), as_of=BEFORE.as_of or NOW)

    assert taken(same, row("A", 5)).state.seq == BEFORE.seq


def test_a_source_that_answers_again_is_well() -> None:
    failing = replace(BEFORE, error="down", failing_since=NOW)

    state = taken(says(A=5), row("A", 5), before=failing).state

    assert (state.error, state.failing_since) == ("", None)


def test_an_older_answer_is_refused() -> None:
    old = replace(says(A=7), as_of=NOW - timedelta(hours=1))

    with pytest.raises(StaleSnapshot, match="older"):
        taken(old, row("A", 5))


def test_an_answer_from_the_future_is_refused() -> None:
    with pytest.raises(StaleSnapshot, match="future"):
        taken(replace(says(A=7), as_of=NOW + FUTURE + timedelta(seconds=1)), row("A", 5))


def test_half_an_answer_is_refused_with_what_is_missing() -> None:
    half = replace(says(A=7), complete=False, incomplete_because="page 3 of 4 is missing")

    with pytest.raises(StaleSnapshot, match="page 3 of 4"):
        taken(half, row("A", 5))


def test_an_empty_answer_is_refused() -> None:
    with pytest.raises(SourceEmptied, match="no stock at all"):
        taken(says(), row("A", 5))


def test_too_many_missing_skus_are_refused_by_name() -> None:
    known = [row(sku, 5) for sku in "ABCD"]

    with pytest.raises(SourceEmptied, match=r"3 of 4 SKUs are missing \(such as B, C, D\)"):
        taken(says(A=5), *known)


def test_skus_that_vanished_before_are_not_missed_again() -> None:
    known = [row("A", 5), *(row(sku, 5, missed=2) for sku in "BCDE")]

    assert taken(says(A=5), *known).news


def test_one_sku_may_always_be_missing() -> None:
    strict = replace(RULES, max_missing_percent=0.0)

    accepted = accept(says(A=5), before=BEFORE, known=[row("A", 5), row("B", 5)], rules=strict, now=NOW)

    assert accepted.missing == 1


def test_a_full_answer_without_unrouted_units_ends_them() -> None:
    assert taken(says(A=5), row("A", 5)).unrouted == ()


def test_a_delta_without_unrouted_units_leaves_them() -> None:
    assert taken(says(kind=SnapshotKind.DELTA, A=5), row("A", 5)).unrouted is None


def test_unrouted_units_of_zero_are_not_kept() -> None:
    some = replace(says(A=5), unrouted={Sku("A"): 2, Sku("B"): 0})

    assert taken(some, row("A", 5)).unrouted == (UnroutedRow(ERP, Sku("A"), 2),)


@pytest.mark.parametrize(("age", "stale"), [(3600, False), (3601, True)])
def test_a_source_is_stale_after_its_age(age: int, stale: bool) -> None:  # noqa: FBT001
    state = replace(BEFORE, as_of=NOW - timedelta(seconds=age))

    assert is_stale(state, RULES, NOW) is stale


def test_a_source_that_was_never_heard_is_stale() -> None:
    assert is_stale(None, RULES, NOW)


def test_an_accepted_snapshot_carries_what_it_contains_of_orders() -> None:
    said = replace(
        says(A=5),
        watermarks={ShopName("a"): NOW - timedelta(minutes=9)},
        counts=WatermarkEvent.PAID,
        included={ShopName("a"): frozenset({"1"})},
        ids_of=IdsOf.ORDER,
    )

    state = accept(said, before=BEFORE, known=[], rules=RULES, now=NOW).state

    told = state.watermarks, state.counts, state.included, state.ids_of
    assert told == (said.watermarks, WatermarkEvent.PAID, said.included, IdsOf.ORDER)


def test_what_a_person_confirmed_to_be_gone_stays_so_until_it_is_told_again() -> None:
    known = [row("A", 5), row("B", 8, missed=3)]
    assert "B" not in after(says(A=6), *known) or after(says(A=6), *known)["B"].missed == 3
    assert after(says(A=5, B=2), *known)["B"].missed == 0
