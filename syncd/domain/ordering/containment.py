"""What a snapshot contains of an order: unknown is not contained, so a claim is never counted zero times."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from syncd.domain.model import Containment, IdsOf, ShopName, SourceName, WarehouseName, WatermarkEvent
from syncd.domain.ordering.lines import is_paid
from syncd.domain.ordering.rules import OrderRules
from syncd.domain.records import OrderRow, SourceState
from syncd.domain.topology import Topology


class Awaits(StrEnum):
    """What shows that a source contains a sale."""

    IMPORT = "import"
    NAME = "name"
    FIGURES = "figures"
    SHIPPING = "shipping"


class Awaited(NamedTuple):
    """What a source must come past before it contains a sale, and how far it is.

    `needs` None means that something must happen to the order first: it must be paid, or shipped.
    """

    source: SourceName
    what: Awaits
    needs: datetime | None
    reached: datetime | None

    @property
    def is_met(self) -> bool:
        """Return whether the source contains the sale by now."""
        return self.needs is not None and self.reached is not None and self.needs <= self.reached


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


def awaited(row: OrderRow, sources: Sequence[SourceState], rules: OrderRules) -> list[Awaited]:
    """Return what of `sources` a line still waits for; none where all of them contain it."""
    return [one for one in (_awaited(row, source, rules) for source in sources) if not one.is_met]


def _contained(row: OrderRow, units: int, source: SourceState, rules: OrderRules) -> int:
    one = _awaited(row, source, rules)
    if one.what is not Awaits.SHIPPING and one.is_met:
        return units
    return _left_before(row, source.full_at, rules)


def _awaited(row: OrderRow, source: SourceState, rules: OrderRules) -> Awaited:
    if source.contains is Containment.WATERMARK:
        moment, wait = _counted_at(row, source.counts), rules.skew + rules.grace
        return _await(Awaits.IMPORT, row, (moment, wait), source, source.watermarks.get(row.shop))
    if source.contains is Containment.IDS:
        return _named(row, source, rules)
    if rules.lag is None:
        needs = None if row.sent is None else row.sent + rules.skew + rules.ship_lag
        return Awaited(source.name, Awaits.SHIPPING, needs, source.full_at)
    return _await(Awaits.FIGURES, row, (_paid_at(row), rules.skew + rules.lag), source, source.as_of)


def _await(
    what: Awaits,
    row: OrderRow,
    after: tuple[datetime | None, timedelta],
    source: SourceState,
    reached: datetime | None,
) -> Awaited:
    """Return that a source must come past a moment of the line, and past its last growth, by some time."""
    moment, wait = after
    needs = None if moment is None else max(moment, row.grown) + wait
    return Awaited(source.name, what, needs, reached)


def _counted_at(row: OrderRow, counts: WatermarkEvent) -> datetime | None:
    """Return the moment of a line that a watermark is about, None while it has not come."""
    if counts is WatermarkEvent.PAID:
        return _paid_at(row)
    if counts is WatermarkEvent.MODIFIED:
        # Whether a source that follows every change counts unpaid orders is not known.
        return row.modified if is_paid(row) else None
    return row.created


def _named(row: OrderRow, source: SourceState, rules: OrderRules) -> Awaited:
    """Return that the source must name the line, or its order.

    An id does not say how many units are meant: what was added later takes the time that all takes.
    """
    name = row.order if source.ids_of is IdsOf.ORDER else row.line
    is_named = name in source.included.get(row.shop, frozenset())
    if not is_named or (row.grown > row.created and rules.lag is None):
        return Awaited(source.name, Awaits.NAME, None, source.as_of)
    if row.grown <= row.created:
        # It was named: whose clock was ahead does not matter.
        return Awaited(source.name, Awaits.NAME, source.as_of, source.as_of)
    return Awaited(
        source.name, Awaits.NAME, row.grown + rules.skew + (rules.lag or timedelta()), source.as_of
    )


def _left_before(row: OrderRow, full_at: datetime | None, rules: OrderRules) -> int:
    """Return the shipped units that a full snapshot must have seen leave."""
    if row.sent is None or full_at is None:
        return 0
    return row.shipped if row.sent + rules.skew + rules.ship_lag <= full_at else 0


def _paid_at(row: OrderRow) -> datetime | None:
    """Return when the line was paid; its last change where the shop only says that it was.

    A line that was not understood may be unpaid still, so that nothing of payments contains it.
    """
    if row.paid is not None:
        return row.paid
    return row.modified if is_paid(row) and not row.doubt else None
