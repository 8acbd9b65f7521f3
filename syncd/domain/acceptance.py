"""Whether a snapshot may become the base, and what it changes (DESIGN 5, 7: silence is not zero)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.domain.model import Sku, Snapshot, SnapshotKind, StockRow, WarehouseName
from syncd.domain.records import SourceState, UnroutedRow
from syncd.domain.said import keep
from syncd.domain.topology import SourceRules
from syncd.errors import SourceEmptied, StaleSnapshot

FUTURE = timedelta(minutes=5)
"""How far a source's clock may be ahead before its times mean nothing."""

VANISHED = 2
"""After so many full snapshots without a cell its silence is a fact."""

CONFIRMED = VANISHED + 1
"""What stands in their place once a person confirmed that a SKU is gone; it stays until a source tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What an accepted snapshot changes: the source's new state, the rows that differ, its unrouted units.

    `news` is False for an answer as old as the last one and with its cursor: nothing was learned. `unrouted`
    None leaves what is there. The counts are for people.
    """

    state: SourceState
    rows: tuple[StockRow, ...]
    unrouted: tuple[UnroutedRow, ...] | None
    news: bool
    missing: int = 0
    bad: int = 0
    floored: int = 0


def accept(
    snapshot: Snapshot, *, before: SourceState, known: Sequence[StockRow], rules: SourceRules, now: datetime
) -> Accepted:
    """Return what `snapshot` changes in `known`, the last good rows of its source.

    A cell that a full snapshot leaves out, or whose row cannot be believed, keeps its figures and is marked.

    Raises:
        StaleSnapshot: it is incomplete, older than what is known, or from the future.
        SourceEmptied: it is empty, or lacks more SKUs than may vanish at once.
    """
    _refuse_stale(snapshot, before, now)
    state = replace(before, error="", failing_since=None)
    if (snapshot.as_of, snapshot.cursor) == (before.as_of, before.cursor):
        return Accepted(state=state, rows=(), unrouted=None, news=False)
    cells = {(row.sku, row.warehouse): row for row in known}
    fresh = _fresh_rows(snapshot)
    bad = _unbelievable(snapshot, [cell for cell in cells if cell not in fresh])
    missing: set[tuple[Sku, WarehouseName]] = set()
    if snapshot.kind is SnapshotKind.FULL:
        missing = {cell for cell in cells if cell not in fresh and cell not in bad}
        _refuse_emptied(snapshot, cells, {*fresh, *bad}, rules)
        if any(not problem.sku for problem in snapshot.problems):
            # A row whose SKU could not be read may be any of them: silence is no fact this time.
            bad, missing = bad | missing, set()
    changed = [row for cell, row in fresh.items() if _differs(cells.get(cell), row)]
    changed += [cells[cell]._replace(bad=True, missed=0) for cell in bad if cell in cells]
    changed += [cells[cell]._replace(missed=_missed_again(cells[cell])) for cell in missing]
    full = snapshot.kind is SnapshotKind.FULL
    return Accepted(
        state=replace(
            state,
            seq=before.seq + 1,
            as_of=snapshot.as_of,
            full_at=snapshot.as_of if full else before.full_at,
            kind=snapshot.kind,
            transfer_convention=snapshot.transfer_convention,
            contains=snapshot.contains,
            cursor=snapshot.cursor,
            watermarks=snapshot.watermarks,
            counts=snapshot.counts,
            included=snapshot.included,
            ids_of=snapshot.ids_of,
        ),
        rows=tuple(changed),
        unrouted=_unrouted(snapshot) if full or snapshot.unrouted else None,
        news=True,
        missing=len({sku for sku, _ in missing}),
        bad=len(bad),
        floored=snapshot.floored,
    )


def _missed_again(row: StockRow) -> int:
    """Return how often a cell was missed in a row by now, as far as that matters."""
    return max(row.missed, min(row.missed + 1, VANISHED))


def _refuse_stale(snapshot: Snapshot, before: SourceState, now: datetime) -> None:
    name = snapshot.source
    if not snapshot.complete:
        raise StaleSnapshot(
            keep(
                "source %(source)s: the answer is incomplete: %(why)s",
                source=name,
                why=snapshot.incomplete_because,
            )
        )
    if snapshot.as_of > now + FUTURE:
        raise StaleSnapshot(
            keep(
                "source %(source)s: its time %(at)s is in the future; set its clock right",
                source=name,
                at=snapshot.as_of,
            )
        )
    if before.as_of is not None and snapshot.as_of < before.as_of:
        raise StaleSnapshot(
            keep(
                "source %(source)s: the answer of %(at)s is older than the one of %(before)s",
                source=name,
                at=snapshot.as_of,
                before=before.as_of,
            )
        )


def _refuse_emptied(
    snapshot: Snapshot,
    cells: dict[tuple[Sku, WarehouseName], StockRow],
    present: set[tuple[Sku, WarehouseName]],
    rules: SourceRules,
) -> None:
    name = snapshot.source
    if not present:
        raise SourceEmptied(
            keep("source %(source)s: the answer has no stock at all; the last good figures stay", source=name)
        )
    known = {sku for (sku, _), row in cells.items() if row.missed < VANISHED}
    missing = known - {sku for sku, _ in present}
    allowed = max(1, int(len(known) * rules.max_missing_percent / 100))
    if len(missing) <= allowed:
        return
    example = ", ".join(sorted(missing)[:3])
    raise SourceEmptied(
        keep(
            "source %(source)s: %(missing)s of %(known)s SKUs are missing (such as %(example)s), more than "
            "max_missing = %(most)s %% allows; the last good figures stay. If they are really gone, raise "
            "sources.%(source)s.max_missing for one snapshot",
            source=name,
            missing=len(missing),
            known=len(known),
            example=example,
            most=f"{rules.max_missing_percent:g}",
        )
    )


def _unbelievable(
    snapshot: Snapshot, silent: Sequence[tuple[Sku, WarehouseName]]
) -> set[tuple[Sku, WarehouseName]]:
    """Return the cells that refused rows were about; one without a warehouse is about any silent one."""
    named = {(problem.sku, problem.warehouse) for problem in snapshot.problems if problem.sku}
    nowhere = {problem.sku for problem in snapshot.problems if problem.sku and not problem.warehouse}
    return named | {(sku, warehouse) for sku, warehouse in silent if sku in nowhere}


def _fresh_rows(snapshot: Snapshot) -> dict[tuple[Sku, WarehouseName], StockRow]:
    figures = snapshot.parts.tolist()
    return {
        (sku, warehouse): StockRow(snapshot.source, sku, warehouse, snapshot.as_of, 0, False, *row)
        for sku, warehouse, row in zip(snapshot.skus, snapshot.warehouses, figures, strict=True)
    }


def _differs(before: StockRow | None, row: StockRow) -> bool:
    first = 4  # From `missed` on: the time alone is no difference worth a write.
    return before is None or before[first:] != row[first:]


def _unrouted(snapshot: Snapshot) -> tuple[UnroutedRow, ...]:
    return tuple(
        UnroutedRow(snapshot.source, sku, units) for sku, units in snapshot.unrouted.items() if units
    )


def overlay(known: Sequence[StockRow], changed: Sequence[StockRow]) -> list[StockRow]:
    """Return `known` with `changed` rows in their places."""
    rows = {(row.source, row.sku, row.warehouse): row for row in known}
    rows.update({(row.source, row.sku, row.warehouse): row for row in changed})
    return list(rows.values())


def is_stale(state: SourceState | None, rules: SourceRules, now: datetime) -> bool:
    """Return whether a source's last accepted snapshot is too old to raise anything on."""
    if state is None or state.as_of is None:
        return True
    return (now - state.as_of).total_seconds() > rules.max_age_seconds
