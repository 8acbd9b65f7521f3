"""What a decision about some SKUs must know of all others: what is on sale of them, and what was sold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from syncd.domain.columns import places_of
from syncd.domain.decision import Decision
from syncd.domain.demand import DEMAND, faded
from syncd.domain.guard import GUARDED, OnSale, on_sale
from syncd.domain.model import Change, ChangeKind, ListingRow, ShopName
from syncd.domain.plan import CAUSES, KINDS
from syncd.domain.policy import Stop
from syncd.domain.records import DemandRow, GuardedCount


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What all SKUs together came to at a time: by shop what is on sale, and the faded units sold.

    `off` counts what the guard counts as sent off sale, with what was decided and may not be sent yet.
    """

    at: datetime
    on_sale: Mapping[ShopName, OnSale]
    sold: Mapping[ShopName, float]
    off: Mapping[ShopName, int]

    @property
    def sent(self) -> list[GuardedCount]:
        """Return what the guard is to know of everything else; of raises it knows nothing."""
        return [GuardedCount(shop, off, 0) for shop, off in sorted(self.off.items()) if off]

    def beside(self, rows: Iterable[ListingRow]) -> dict[ShopName, OnSale]:
        """Return what shops sell beside `rows`, as these are now; the rest is as old as the totals."""
        return _counted(self.on_sale, rows, -1)

    def moved(
        self, before: Iterable[ListingRow], after: Iterable[ListingRow], done: Iterable[Change]
    ) -> "Totals":
        """Return the totals with some rows as they are `after` changes that are `done`."""
        off = Counter(one.shop for one in done if one.kind in _OFF and one.cause in _GUARDED)
        return replace(
            self,
            on_sale=_counted(self.beside(before), after, 1),
            off={shop: count + off[shop] for shop, count in self.off.items()},
        )

    def elsewhere(self, rows: Sequence[DemandRow], now: datetime) -> dict[ShopName, float]:
        """Return the faded units that shops sold beside those of `rows`."""
        kept = float(faded((now - self.at).total_seconds(), DEMAND.half_life))
        mine = sold_of(rows, list(self.sold), now)
        return {shop: max(units * kept - mine[shop], 0.0) for shop, units in self.sold.items()}


_OFF = (ChangeKind.ZERO, ChangeKind.OFF)
_GUARDED = tuple(CAUSES[at] for at in GUARDED)


def totals_of(decision: Decision, sent: Iterable[GuardedCount]) -> Totals:
    """Return the totals of a decision about everything, before which so much was `sent`."""
    state = decision.plan.book.state
    shops = [shop.name for shop in state.topology.shops]
    here = dict(zip(shops, on_sale(decision.plan.counters, len(shops)), strict=True))
    return totals_within(decision, sent, here, sold_of(state.demand, shops, state.now))


def totals_within(
    decision: Decision,
    sent: Iterable[GuardedCount],
    on_sale: Mapping[ShopName, OnSale],
    sold: Mapping[ShopName, float],
) -> Totals:
    """Return the totals of everything where a decision has all that changes, and not all listings."""
    plan, state = decision.plan, decision.plan.book.state
    shops = [shop.name for shop in state.topology.shops]
    before = {count.shop: count.off for count in sent}
    going = np.isin(decision.stop, (Stop.GO, Stop.TAKE_FIRST)) & np.isin(plan.cause, GUARDED)
    going &= np.isin(plan.kind, [KINDS.index(kind) for kind in _OFF])
    off = np.bincount(plan.shop[going], minlength=len(shops)).tolist()
    return Totals(
        at=state.now,
        on_sale=dict(on_sale),
        sold=sold,
        off={shop: before.get(shop, 0) + mine for shop, mine in zip(shops, off, strict=True)},
    )


def sold_of(rows: Sequence[DemandRow], shops: Sequence[ShopName], now: datetime) -> dict[ShopName, float]:
    """Return the faded units that shops sold of all that `rows` are about."""
    if not rows:
        return dict.fromkeys(shops, 0.0)
    shop = places_of(rows, "shop", {name: at for at, name in enumerate(shops)}, missing=len(shops))
    age = np.fromiter(((now - row.at).total_seconds() for row in rows), np.float64, len(rows))
    units = np.fromiter((row.sold for row in rows), np.float64, len(rows)) * faded(age, DEMAND.half_life)
    found = np.bincount(shop, weights=units, minlength=len(shops))
    return dict(zip(shops, found.tolist(), strict=False))


def _counted(
    on_sale: Mapping[ShopName, OnSale], rows: Iterable[ListingRow], times: int
) -> dict[ShopName, OnSale]:
    found = dict(on_sale)
    for row in rows:
        hi = row.expected_hi or 0
        if row.shop in found and row.is_bound and not row.gone and row.on_sale is not False and hi > 0:
            before = found[row.shop]
            found[row.shop] = OnSale(max(before.listings + times, 0), max(before.units + times * hi, 0))
    return found
