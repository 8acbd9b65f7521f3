"""What every order line takes from all shops, worked out anew, against the claims that are open."""

from collections.abc import Iterator
from typing import NamedTuple

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.ordering import PREFIX, OrderRules, line_of, occupying, order_of, parts_of, sources_of
from syncd.domain.ordering.containment import owed
from syncd.domain.records import ClaimRow, OrderRow
from syncd.services.audit.facts import Facts
from syncd.services.audit.findings import Finding, Part


class Wanted(NamedTuple):
    """A claim as it should be, and the listing whose sale it stands for."""

    claim: ClaimRow
    listing: ListingId


def claims(facts: Facts) -> Iterator[Finding]:
    """Yield order lines whose open units are claimed by more or less, and claims of no line."""
    should, known = wanted(facts), set()
    open_ = {(claim.shop, claim.line): claim for claim in facts.state.claims if claim.line.startswith(PREFIX)}
    for key, one in sorted(should.items()):
        known.add(key)
        claim = open_.get(key)
        yield from _compared(one, claim.units if claim else 0)
    lines = {(row.shop, row.line) for rows in facts.orders.values() for row in rows}
    for key, claim in sorted(open_.items()):
        if key in known:
            continue
        is_kept = (claim.shop, order_of(claim)) in lines
        why = "nothing of its order is open" if is_kept else "its order line is not in the state"
        place = (claim.shop, ListingId(""), claim.sku, claim.line)
        yield Finding(Part.CLAIMS, *place, claim.units, 0, why, 0, claim.units)


def _compared(one: Wanted, found: int) -> Iterator[Finding]:
    claim = one.claim
    if found != claim.units:
        why = "so much of its order is open and in no snapshot"
        place = (claim.shop, one.listing, claim.sku, claim.line)
        more, less = max(claim.units - found, 0), max(found - claim.units, 0)
        yield Finding(Part.CLAIMS, *place, found, claim.units, why, more, less)


def wanted(facts: Facts) -> dict[tuple[ShopName, str], Wanted]:
    """Return the claims that the kept order lines should have, without those of 0 units."""
    found: dict[tuple[ShopName, str], Wanted] = {}
    for shop, rows in facts.orders.items():
        replaced = {row.replaces for row in rows if row.replaces}
        for row in rows:
            if row.settled or row.line in replaced:
                continue
            left = _left(row, facts)
            for sku, each in parts_of(row.parts).items() if left > 0 else ():
                claim = _claim(row, sku, left * each)
                found[shop, claim.line] = Wanted(claim, row.listing)
    return found


def _claim(row: OrderRow, sku: Sku, units: int) -> ClaimRow:
    return ClaimRow(row.shop, line_of(row, sku), sku, row.warehouse, units, row.paid or row.created)


def _left(row: OrderRow, facts: Facts) -> int:
    """Return how many units of a line some snapshot does not contain."""
    rules = facts.ground.rules.get(row.shop, OrderRules())
    feed = facts.feeds.get(row.shop)
    units = occupying(row, rules, feed.cursor if feed else None)
    if units <= 0:
        return 0
    sources = sources_of(row.shop, row.warehouse, facts.state.sources, facts.ground.topology)
    return owed(row, units, sources, rules)
