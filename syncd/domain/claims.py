"""Units that shops sold and no accepted snapshot contains yet (DESIGN 6).

Without an order feed a sale shows only as a counter that fell. Such a drop is presumed to be a sale until a
snapshot must contain it; a counter that rises again gives the newest presumed sales back.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from syncd.domain.model import ListingRow, ShopName, Sku, SourceName
from syncd.domain.records import ClaimRow, SourceState
from syncd.domain.topology import Topology


def drop(before: ListingRow | None, after: ListingRow) -> int:
    """Return how far a counter fell below what it could read, in units of the listing; negative if it rose.

    An interval has the counter with an open write at one end and without it at the other; a counter in
    between was sold from, and the higher end is taken for where it stood. 0 where it stands at an end, was
    never read before, or could not be read now.
    """
    if before is None or before.expected_lo is None or before.expected_hi is None or before.gone:
        return 0
    if after.observed is None or after.observed_at == before.observed_at:
        return 0
    if after.observed <= before.expected_lo:
        return before.expected_lo - after.observed
    return before.expected_hi - after.observed


def presumed(
    drops: Sequence[tuple[ListingRow, int]], open_: Sequence[ClaimRow], topology: Topology, now: datetime
) -> tuple[list[ClaimRow], list[ClaimRow]]:
    """Return the claims that `drops` open or change, and those that they close."""
    claims = {(claim.shop, claim.line): claim for claim in open_}
    changed: dict[tuple[ShopName, str], ClaimRow] = {}
    for row, units in drops:
        for sku, each in _components(row, topology):
            if units > 0:
                line = f"drop:{row.id}:{sku}:{now.isoformat()}"
                changed[row.shop, line] = ClaimRow(row.shop, line, sku, "", units * each, now)
            else:
                changed.update(_give_back(row, sku, -units * each, claims))
    closed = [claim for claim in changed.values() if claim.units == 0]
    return [claim for claim in changed.values() if claim.units > 0], closed


def _give_back(
    row: ListingRow, sku: Sku, units: int, claims: Mapping[tuple[ShopName, str], ClaimRow]
) -> Iterator[tuple[tuple[ShopName, str], ClaimRow]]:
    """Yield the newest presumed sales of a listing with what is left of them after `units` came back."""
    prefix = f"drop:{row.id}:{sku}:"
    mine = [claim for key, claim in claims.items() if key[0] == row.shop and claim.line.startswith(prefix)]
    for claim in sorted(mine, key=lambda claim: claim.at, reverse=True):
        given = min(units, claim.units)
        units -= given
        if given:
            yield (claim.shop, claim.line), claim._replace(units=claim.units - given)


def _components(row: ListingRow, topology: Topology) -> list[tuple[Sku, int]]:
    if not row.sku:
        return []
    bundle = next((bundle for bundle in topology.bundles if bundle.sku == row.sku), None)
    parts = bundle.components if bundle else {row.sku: 1}
    return [(sku, units * row.units) for sku, units in parts.items()]


def contained(
    claims: Sequence[ClaimRow],
    sources: Mapping[SourceName, SourceState],
    topology: Topology,
    lag: Mapping[ShopName, timedelta],
) -> list[ClaimRow]:
    """Return the claims that every snapshot of their shop's pools must contain by now.

    A sale is contained once the snapshot began more than the shop's lag after it; a source that was never
    heard contains nothing, so a claim is counted twice for a while but never zero times.
    """
    heard = {shop.name: _heard(shop.name, sources, topology) for shop in topology.shops}
    done = []
    for claim in claims:
        if claim.shop not in heard:
            done.append(claim)
            continue
        until = heard[claim.shop]
        if until is not None and claim.at + lag.get(claim.shop, timedelta(0)) <= until:
            done.append(claim)
    return done


def _heard(shop: ShopName, sources: Mapping[SourceName, SourceState], topology: Topology) -> datetime | None:
    """Return the time up to which all sources of a shop's pools were read, None if one never was."""
    places = {w for pool in topology.pools if shop in pool.shops for w in pool.warehouses}
    mine = [rules.name for rules in topology.sources if places & set(rules.warehouses)]
    times = [sources[name].as_of if name in sources else None for name in mine]
    known = [moment for moment in times if moment is not None]
    return min(known) if known and len(known) == len(times) else None
