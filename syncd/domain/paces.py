"""How fast every shop sells each SKU, for advice: from the stored demand and from who lists what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from syncd.domain.book import NOTHING
from syncd.domain.demand import DEMAND, Demand, Floats, Places, demand_at, rates
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import Bools, ListingRow, ShopName, Sku
from syncd.domain.records import DemandRow
from syncd.domain.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """Units per second by (shop, sku), for SKUs with any demand; 0 where the shop does not list the SKU."""

    shops: Mapping[ShopName, int]
    skus: Mapping[Sku, int]
    rates: Floats

    def of(self, shop: ShopName, sku: Sku) -> float | None:
        """Return how fast a shop sells a SKU, None while no shop has any demand for it."""
        at = self.skus.get(sku)
        return None if at is None else float(self.rates[self.shops[shop], at])


def paces(
    rows: Sequence[DemandRow], listings: Sequence[ListingRow], topology: Topology, now: datetime
) -> Paces:
    """Return how fast the shops of `topology` sell what `rows` have any demand for."""
    skus = sorted({row.sku for row in rows})
    places = Places(
        shops={shop.name: at for at, shop in enumerate(topology.shops)},
        skus={sku: at for at, sku in enumerate(skus)},
    )
    listed = _listed(listings, topology, places)
    if topology.has_shares:
        demand = demand_at(rows, places, now, DEMAND)
    else:
        demand = _unwatched(rows, places, listed, now)
    return Paces(shops=places.shops, skus=places.skus, rates=np.where(listed, rates(demand, DEMAND), 0.0))


def _unwatched(rows: Sequence[DemandRow], places: Places, listed: Bools, now: datetime) -> Demand:
    """Return the demand where nobody notes which shop has something to sell: all its time counts.

    A shop without a row never sold the SKU it lists, for as long as any other is known to have had it.
    """
    stocked = [row if row.stocked else row._replace(stocked=True) for row in rows]
    demand = demand_at(stocked, places, now, DEMAND)
    never = listed & (demand.sold == 0) & (demand.seconds == 0)
    return replace(demand, seconds=np.where(never, demand.seconds.max(axis=0), demand.seconds))


def _listed(listings: Sequence[ListingRow], topology: Topology, places: Places) -> Bools:
    parts = {bundle.sku: tuple(bundle.components) for bundle in topology.bundles}
    found = np.zeros((len(places.shops), len(places.skus)), dtype=np.bool_)
    columns = ListingColumns.of(listings)
    shops = np.array([places.shops.get(shop, NOTHING) for shop in columns.shops], dtype=np.int64)
    shop = shops[columns.shop]
    is_there = ~columns.gone & (shop != NOTHING)
    skus = np.array([places.skus.get(sku, NOTHING) for sku in columns.skus], dtype=np.int64)
    single = np.array([sku not in parts for sku in columns.skus], dtype=np.bool_)
    # Of two million listings nobody makes rows: a bundle is looked for by itself, all others at once.
    for at in np.flatnonzero(~single).tolist():
        mine = np.unique(shop[is_there & (columns.sku == at)])
        for sku in parts[columns.skus[at]]:
            if sku in places.skus:
                found[mine, places.skus[sku]] = True
    place = skus[columns.sku]
    alone = is_there & (place != NOTHING) & single[columns.sku]
    found[shop[alone], place[alone]] = True
    return found
