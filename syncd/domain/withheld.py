"""Unpaid units that a platform withholds and that no order explains: presumed claims (DESIGN 6).

Each unit counts once. A platform that lowers its counter with the order shows it twice, as withheld and as a
counter that fell; one that lowers it with the payment shows it as withheld first, and as a fall later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.domain.claims import Drop, drop_prefix
from syncd.domain.model import Deducts, ListingId, ListingRow, ShopName, Sku
from syncd.domain.ordering.lines import Span, is_paid, open_units
from syncd.domain.orders import Stage
from syncd.domain.parts import components
from syncd.domain.records import ClaimRow, OrderRow
from syncd.domain.topology import Topology

WITHHELD = "withheld:"
"""How the claims of withheld units begin."""

_HELD = ":held"
"""How the presumed sales end that are withheld units too."""

Key = tuple[ShopName, ListingId]
ClaimKey = tuple[ShopName, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one listing withholds, as it was read last.

    `was` is how many units it withheld before that reading, which `base` names; the same where `is_read` says
    that it was not read just now, or never before. `skew` is how far the platform's clock may differ.
    """

    row: ListingRow
    was: int
    base: str
    is_read: bool
    deducts: Deducts
    skew: timedelta

    def line(self, sku: Sku) -> str:
        """Return the name of the claim of its withheld units of one SKU."""
        return f"{WITHHELD}{self.row.id}:{sku}"


def withheld_listing(claim: ClaimRow) -> ListingId:
    """Return the listing that a claim of withheld units is of."""
    return ListingId(claim.line.removeprefix(WITHHELD).removesuffix(f":{claim.sku}"))


def told_apart(drops: Iterable[Drop], holdings: Mapping[Key, Holding]) -> list[Drop]:
    """Return `drops` with the units apart that fell because they are withheld now.

    That is known only of counters that fall with the order. Of others both are counted.
    """
    left = {key: one.row.withheld - one.was for key, one in holdings.items() if one.deducts is Deducts.ORDER}
    apart = []
    for one in drops:
        key = (one.row.shop, one.row.id)
        held = max(min(one.units, left.get(key, 0)), 0)
        if held:
            left[key] -= held
            apart.append(one._replace(units=held, base=f"{one.base}{_HELD}"))
        if one.units != held:
            apart.append(one._replace(units=one.units - held))
    return apart


def paid(
    drops: Iterable[Drop],
    holdings: Mapping[Key, Holding],
    claims: Mapping[ClaimKey, ClaimRow],
    topology: Topology,
    now: datetime,
) -> tuple[list[Drop], list[ClaimRow]]:
    """Return withheld units that were sold without a counter that fell, and older sales paid just now.

    Only for shops that tell no orders: nobody else says that a unit is withheld no more because it was paid.
    """
    moved: dict[Key, int] = {}
    for one in drops:
        key = (one.row.shop, one.row.id)
        moved[key] = moved.get(key, 0) + one.units
    sold, renewed = [], []
    for key, holding in holdings.items():
        gone = _gone(holding, moved.get(key, 0))
        if gone <= 0:
            continue
        renewed += [claim._replace(at=now) for claim in _held(holding, claims, topology)]
        presumed = min(
            (
                claims[key[0], line].units // each if (key[0], line := holding.line(sku)) in claims else 0
                for sku, each in components(holding.row, topology)
            ),
            default=0,
        )
        if units := min(gone, presumed):
            sold.append(Drop(holding.row, units, f"{holding.base}:paid"))
    return sold, renewed


def withheld_claims(
    holdings: Iterable[Holding],
    told: Mapping[ListingId, Sequence[OrderRow]],
    claims: Mapping[ClaimKey, ClaimRow],
    topology: Topology,
    now: datetime,
) -> list[ClaimRow]:
    """Return the claims of what is withheld beyond the unpaid lines in `told` and the sales presumed for it.

    `claims` are all that are open, with those of withheld units as they were. What was not read just now only
    becomes less: orders that ended since are not known of it any more.
    """
    found = []
    for one in holdings:
        lines = told.get(one.row.id, ())
        spans = [explaining(row, one) for row in lines]
        least = max(one.row.withheld - sum(span.most for span in spans), 0)
        most = max(one.row.withheld - sum(span.least for span in spans), 0)
        held = _held(one, claims, topology)
        for sku, each in components(one.row, topology):
            fell = sum(claim.units for claim in held if claim.sku == sku)
            before = claims.get((one.row.shop, one.line(sku)))
            known = before.units if before else 0
            # What stood unexplained is not explained by an order that only may have been the same one.
            left = max(least * each - fell if one.is_read else 0, min(most * each - fell, known))
            if left > 0:
                at = before.at if before and left <= known else now
                found.append(ClaimRow(one.row.shop, one.line(sku), sku, "", left, at))
    return found


def explaining(row: OrderRow, holding: Holding) -> Span:
    """Return how many units of a line were withheld when the listing was read, at least and at most.

    Until it is paid; where the counter falls with the shipping, what is withheld includes paid orders too.
    """
    read = holding.row.observed_at
    if read is None or row.created > read + holding.skew:
        return Span(0, 0)
    until_sent = holding.deducts is Deducts.SHIPPING
    unpaid = row.stage is Stage.UNPAID and not is_paid(row)
    if unpaid or (until_sent and row.stage in {Stage.UNPAID, Stage.PAID}):
        left = open_units(row) - row.shipped
        return Span(left, left)
    ended = row.sent if until_sent else row.paid
    since = ended if ended is not None else row.modified
    # Paid, sent or ended about then: whose clock is right decides whether it was withheld still.
    least = row.units if since > read + holding.skew else 0
    return Span(least, row.units if since >= read - holding.skew else 0)


def _gone(holding: Holding, moved: int) -> int:
    """Return how many units are withheld no more though the counter does not say where they went."""
    less = holding.was - holding.row.withheld
    if holding.deducts is Deducts.ORDER:
        return less - max(-moved, 0)
    # With the payment the counter falls; whether it does so here is not known.
    return less - abs(moved) if holding.deducts is Deducts.UNKNOWN else 0


def _held(holding: Holding, claims: Mapping[ClaimKey, ClaimRow], topology: Topology) -> list[ClaimRow]:
    """Return the presumed sales of a listing that are withheld units too."""
    begins = tuple(drop_prefix(holding.row, sku) for sku, _ in components(holding.row, topology))
    shop = holding.row.shop
    return [
        claim
        for claim in claims.values()
        if claim.shop == shop and claim.line.startswith(begins) and claim.line.endswith(_HELD)
    ]
