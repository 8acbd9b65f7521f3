"""Join answers that each tell what changed into one."""

from collections.abc import Sequence

import numpy as np

from syncd.domain.model import Part, RowProblem, Sku, Snapshot, SnapshotKind, WarehouseName


def joined(snapshots: Sequence[Snapshot], *, kind: SnapshotKind, cursor: str) -> Snapshot:
    """Return what the snapshots, oldest first, come to: the newest row of a cell counts, good or bad."""
    figures: dict[tuple[Sku, WarehouseName], list[int]] = {}
    bad: dict[tuple[Sku, WarehouseName], RowProblem] = {}
    others: list[RowProblem] = []
    for snapshot in snapshots:
        for sku, warehouse, row in zip(
            snapshot.skus, snapshot.warehouses, snapshot.parts.tolist(), strict=True
        ):
            figures[sku, warehouse] = row
            bad.pop((sku, warehouse), None)
        for problem in snapshot.problems:
            if not (problem.sku and problem.warehouse):
                others.append(problem)
                continue
            bad[problem.sku, problem.warehouse] = problem
            figures.pop((problem.sku, problem.warehouse), None)
    last = snapshots[-1]
    reason = next((s.incomplete_because for s in snapshots if not s.complete), "")
    return Snapshot(
        source=last.source,
        as_of=last.as_of,
        kind=kind,
        skus=tuple(sku for sku, _ in figures),
        warehouses=tuple(warehouse for _, warehouse in figures),
        parts=np.array(list(figures.values()), dtype=np.int64).reshape(-1, len(Part)),
        complete=not reason,
        incomplete_because=reason,
        problems=(*bad.values(), *others),
        floored=sum(snapshot.floored for snapshot in snapshots),
        transfer_convention=last.transfer_convention,
        cursor=cursor,
    )
