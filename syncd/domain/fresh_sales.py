"""Which sales are new, told from the claims before and after an intake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from syncd.domain.model import ShopName, Sku
from syncd.domain.ordering import PREFIX
from syncd.domain.records import ClaimRow

Claims: TypeAlias = Mapping[tuple[ShopName, str], ClaimRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshSales:
    """The units whose sale was seen just now by shop and SKU, and how many buyers they went to."""

    units: Mapping[tuple[ShopName, Sku], int] = field(default_factory=dict)
    buyers: Mapping[tuple[ShopName, Sku], int] = field(default_factory=dict)


def fresh_sales(before: Claims, after: Claims) -> FreshSales:
    """Return what new and larger claims add; an order in the place of a presumed sale is no other sale.

    Who looks at counters only sees one buyer however many came between two readings.
    """
    units: dict[tuple[ShopName, Sku], int] = {}
    buyers: dict[tuple[ShopName, Sku], int] = {}
    for key, claim in after.items():
        more = claim.units - (before[key].units if key in before else 0)
        if more > 0:
            place = claim.shop, claim.sku
            units[place] = units.get(place, 0) + more
            buyers[place] = buyers.get(place, 0) + 1
    for key, claim in before.items():
        place = claim.shop, claim.sku
        if not claim.line.startswith(PREFIX) and place in units:
            units[place] -= max(claim.units - (after[key].units if key in after else 0), 0)
    sold = {place: many for place, many in units.items() if many > 0}
    return FreshSales(units=sold, buyers={place: min(buyers[place], many) for place, many in sold.items()})
