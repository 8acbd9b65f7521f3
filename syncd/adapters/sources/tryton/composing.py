"""A finding as a snapshot: what could not be read keeps its last good figures, it never becomes 0."""

from datetime import datetime

from syncd.adapters.sources.tryton.places import Counted, Places
from syncd.adapters.sources.tryton.reading import Finding
from syncd.adapters.sources.tryton.values import figure, there_and_owed
from syncd.domain.model import Part, Snapshot, SnapshotKind, SourceName
from syncd.domain.snapshot import SKU, WAREHOUSE, SnapshotBuilder

_GONE = "Tryton gives it no more: it was deactivated or deleted while it was read"
_RESTLESS = "its moves went on changing while it was read; the next reading tries again"


def composed(
    finding: Finding, places: Places, *, name: str, as_of: datetime, kind: SnapshotKind, cursor: str
) -> Snapshot:
    """Return a finding as a snapshot, with a problem for each cell that could not be read."""
    builder = SnapshotBuilder(SourceName(name), warehouses=[each.name for each in places.counted])
    for product, sku in finding.codes.items():
        for warehouse in places.counted:
            cells: dict[str, object] = {SKU: sku, WAREHOUSE: warehouse.name}
            doubt = _doubt(finding, product, warehouse)
            row = f"product {product}"
            if doubt:
                builder.refuse(row, cells, doubt)
            else:
                builder.add(row, cells | _parts(finding, product, warehouse))
    return builder.build(as_of=as_of, kind=kind, incomplete_because=finding.doubt, cursor=cursor)


def _doubt(finding: Finding, product: int, warehouse: Counted) -> str:
    """Return why the figures of a product in a warehouse cannot be believed, empty if they can."""
    if product in finding.restless:
        return _RESTLESS
    figures = finding.figures[product]
    counts = [figures.on_hand[warehouse.id]]
    counts += [figures.unsellable[warehouse.id]] if warehouse.unsellable else []
    if any(product not in each for each in counts):
        return _GONE
    return figures.promised.bad.get(product, "")


def _parts(finding: Finding, product: int, warehouse: Counted) -> dict[str, object]:
    figures = finding.figures[product]
    taken, cell = figures.promised, (product, warehouse.id)
    unsellable = figures.unsellable[warehouse.id][product] if warehouse.unsellable else 0
    on_hand, owed = there_and_owed(figures.on_hand[warehouse.id][product])
    return {
        Part.ON_HAND.word: on_hand,
        Part.ALLOCATED.word: taken.allocated.get(cell, 0) + owed,
        Part.UNSELLABLE.word: figure(unsellable),
        Part.TRANSFER_OUT.word: taken.transfer_out.get(cell, 0),
        Part.IN_AIR.word: taken.in_air.get(cell, 0),
    }
