"""What buyers bought before syncd came: a shop's own old orders say where a SKU sells."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from syncd.domain.demand import DEMAND, DemandRules, faded, stretched
from syncd.domain.model import ShopName, Sku
from syncd.domain.ordering import Changes, line_of, parts_of
from syncd.domain.orders import Stage
from syncd.domain.records import DemandRow


class Stretch(NamedTuple):
    """The time that a first reading of orders covers."""

    since: datetime
    until: datetime


def past_demand(
    changes: Changes,
    listed: Collection[Sku],
    stretch: Stretch,
    claimed: Collection[tuple[ShopName, str]],
    rules: DemandRules = DEMAND,
) -> list[DemandRow]:
    """Return the demand that the orders of a stretch tell, a row for every SKU `listed` in the shop.

    Nobody knows when the shop had something to sell: all of the stretch counts. What is `claimed` is left
    out, for it is counted as it is claimed.
    """
    shop, until = changes.news.shop, stretch.until
    sold, recent = dict.fromkeys(listed, 0.0), dict.fromkeys(listed, 0.0)
    for sku, units, at in _sales(changes, claimed):
        if sku in listed and stretch.since <= at:
            age = (until - at).total_seconds()
            sold[sku] += units * float(faded(age, rules.half_life))
            recent[sku] += float(faded(age, rules.recent_half_life))
    seconds = float(stretched((until - stretch.since).total_seconds(), rules))
    return [DemandRow(shop, sku, sold[sku], seconds, recent[sku], False, until) for sku in sorted(listed)]


def _sales(
    changes: Changes, claimed: Collection[tuple[ShopName, str]]
) -> Iterator[tuple[Sku, int, datetime]]:
    """Yield what buyers wanted and paid for, or may still pay for, whatever became of it since."""
    for line, row in changes.rows.items():
        if line in changes.replaced or (row.stage is Stage.CLOSED and row.paid is None):
            continue
        for sku, each in parts_of(row.parts).items():
            if (row.shop, line_of(row, sku)) not in claimed:
                yield sku, row.units * each, row.created
