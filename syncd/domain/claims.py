"""Units that shops sold and no accepted snapshot contains yet (DESIGN 6).

Without an order feed a sale shows only as a counter that fell. Such a drop is presumed to be a sale until a
snapshot must contain it; a counter that rises again gives the newest presumed sales back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.domain.model import ListingRow, ShopName, Sku, SourceName
from syncd.domain.parts import components
from syncd.domain.records import ClaimRow, SourceState
from syncd.domain.topology import Topology


class Drop(NamedTuple):
    """A counter that moved though syncd did not write it.

    `units` is how far it fell, in units of the listing; negative if it rose. `base` names the reading before,
    so that the same drop found again after a crash is the same sale.
    """

    row: ListingRow
    units: int
    base: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Presumed:
    """What drops make of the open claims.

    `opened` are new or larger, `returned` smaller, `closed` given back whole. `risen` are the counters that
    rose by more than presumed sales could give back.
    """

    opened: Sequence[ClaimRow]
    returned: Sequence[ClaimRow]
    closed: Sequence[ClaimRow]
    risen: Sequence[Drop]


def drop(before: ListingRow | None, shown: int | None, *, by_orders: bool = False) -> int:
    """Return how far a counter fell below what it could read, in units of the listing; negative if it rose.

    An interval has the counter with an open write at one end and without it at the other; a counter in
    between was sold from, and the higher end is taken for where it stood. 0 where it stands at an end, was
    never read before, or could not be read now. `by_orders` says that no write but orders made it an
    interval: then every unit below the higher end may be another sale.
    """
    if before is None or before.expected_lo is None or before.expected_hi is None or before.gone:
        return 0
    if shown is None:
        return 0
    if shown <= before.expected_lo and not by_orders:
        return before.expected_lo - shown
    return before.expected_hi - shown


def presumed(drops: Sequence[Drop], open_: Sequence[ClaimRow], topology: Topology, now: datetime) -> Presumed:
    """Return what `drops`, in their order, make of the open claims."""
    before = {(claim.shop, claim.line): claim for claim in open_}
    claims = dict(before)
    risen = []
    for one in drops:
        left = 0
        for sku, each in components(one.row, topology):
            if one.units > 0:
                line = f"{drop_prefix(one.row, sku)}{one.base}"
                claims[one.row.shop, line] = ClaimRow(one.row.shop, line, sku, "", one.units * each, now)
            else:
                left = max(left, _give_back(one.row, sku, -one.units * each, claims) // each)
        if left:
            risen.append(one._replace(units=-left))
    changed = [claim for key, claim in claims.items() if before.get(key) != claim]
    smaller = {key for key, claim in before.items() if claims[key].units < claim.units}
    return Presumed(
        opened=[claim for claim in changed if (claim.shop, claim.line) not in smaller and claim.units],
        returned=[claim for claim in changed if (claim.shop, claim.line) in smaller and claim.units],
        closed=[claim for claim in changed if not claim.units],
        risen=risen,
    )


def drop_prefix(row: ListingRow, sku: Sku) -> str:
    """Return how the claims of a listing's drops begin."""
    return f"drop:{row.id}:{sku}:"


def drop_listing(claim: ClaimRow) -> str:
    """Return the listing whose drop a presumed claim stands for."""
    return claim.line.removeprefix("drop:").partition(f":{claim.sku}:")[0]


def _give_back(row: ListingRow, sku: Sku, units: int, claims: dict[tuple[ShopName, str], ClaimRow]) -> int:
    """Take `units` that came back off the newest presumed sales of a listing; return what is left over."""
    mine = [
        claim
        for claim in claims.values()
        if (claim.shop, claim.sku) == (row.shop, sku) and claim.line.startswith(drop_prefix(row, sku))
    ]
    for claim in sorted(mine, key=lambda claim: claim.at, reverse=True):
        given = min(units, claim.units)
        units -= given
        claims[claim.shop, claim.line] = claim._replace(units=claim.units - given)
    return units


def contained(
    claims: Sequence[ClaimRow],
    sources: Mapping[SourceName, SourceState],
    topology: Topology,
    lag: Mapping[ShopName, timedelta | None],
) -> list[ClaimRow]:
    """Return the claims that every snapshot of their shop's pools must contain by now.

    A sale is contained once the snapshot began more than the shop's lag after it; a source that was never
    heard contains nothing, so a claim is counted twice for a while but never zero times. A lag of None means
    that no snapshot ever contains it.
    """
    heard = {shop.name: _heard(shop.name, sources, topology) for shop in topology.shops}
    done = []
    for claim in claims:
        if claim.shop not in heard:
            done.append(claim)
            continue
        until, wait = heard[claim.shop], lag.get(claim.shop, timedelta(0))
        if until is not None and wait is not None and claim.at + wait <= until:
            done.append(claim)
    return done


def _heard(shop: ShopName, sources: Mapping[SourceName, SourceState], topology: Topology) -> datetime | None:
    """Return the time up to which all sources of a shop's pools were read, None if one never was."""
    places = {w for pool in topology.pools if shop in pool.shops for w in pool.warehouses}
    mine = [rules.name for rules in topology.sources if places & set(rules.warehouses)]
    times = [sources[name].as_of if name in sources else None for name in mine]
    known = [moment for moment in times if moment is not None]
    return min(known) if known and len(known) == len(times) else None
