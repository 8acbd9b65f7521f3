"""What a snapshot contains of an order: unknown is not contained, so a claim is never counted zero times."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from syncd.domain.model import Containment, ShopName, SourceName, WarehouseName, WatermarkEvent
from syncd.domain.ordering.lines import is_paid
from syncd.domain.ordering.rules import OrderRules
from syncd.domain.records import OrderRow, SourceState
from syncd.domain.topology import Topology


def sources_of(
    shop: ShopName, warehouse: str, sources: Mapping[SourceName, SourceState], topology: Topology
) -> list[SourceState]:
    """Return the sources whose figures an order lowers: that of its warehouse, else all of the shop's pools.

    One that was never heard is among them, and contains nothing.
    """
    places = {w for pool in topology.pools if shop in pool.shops for w in pool.warehouses}
    routed = places & {WarehouseName(warehouse)}
    mine = [rules.name for rules in topology.sources if (routed or places) & set(rules.warehouses)]
    return [sources.get(name, SourceState(name=name)) for name in mine]


def owed(row: OrderRow, units: int, sources: Sequence[SourceState], rules: OrderRules) -> int:
    """Return how many of the `units` that a line occupies are not contained in some snapshot."""
    left: Iterable[int] = (units - min(_contained(row, units, source, rules), units) for source in sources)
    return max(left, default=units)


def _contained(row: OrderRow, units: int, source: SourceState, rules: OrderRules) -> int:
    gone = _left_before(row, source.full_at, rules)
    if source.contains is Containment.WATERMARK:
        return units if _is_imported(row, source, rules) else gone
    if source.contains is Containment.IDS or rules.lag is None:
        return gone
    paid = _paid_at(row)
    is_known = paid is not None and source.as_of is not None
    if is_known and max(paid or row.grown, row.grown) + rules.skew + rules.lag <= (source.as_of or row.grown):
        return units
    return gone


def _is_imported(row: OrderRow, source: SourceState, rules: OrderRules) -> bool:
    """Return whether the source's watermark has passed what it counts of the line, and its last growth."""
    until = source.watermarks.get(row.shop)
    if until is None:
        return False
    moment: datetime | None = row.created
    if source.counts is WatermarkEvent.PAID:
        moment = _paid_at(row)
    elif source.counts is WatermarkEvent.MODIFIED:
        # Whether a source that follows every change counts unpaid orders is not known.
        moment = row.modified if is_paid(row) else None
    return moment is not None and max(moment, row.grown) + rules.skew + rules.grace <= until


def _left_before(row: OrderRow, full_at: datetime | None, rules: OrderRules) -> int:
    """Return the shipped units that a full snapshot must have seen leave."""
    if row.sent is None or full_at is None:
        return 0
    return row.shipped if row.sent + rules.skew + rules.ship_lag <= full_at else 0


def _paid_at(row: OrderRow) -> datetime | None:
    """Return when the line was paid; its last change where the shop only says that it was."""
    if row.paid is not None:
        return row.paid
    return row.modified if is_paid(row) else None
