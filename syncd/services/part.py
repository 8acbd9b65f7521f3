"""Load what concerns a few SKUs and all that hangs together with them, at the cost of these."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from syncd.domain.model import ListingId, ListingRow, ShopName, Sku, StockRow
from syncd.domain.plan import ShopTraits
from syncd.domain.records import ClaimRow, DemandRow, IntentRow, LevelRow, ShareRow
from syncd.domain.topology import Topology
from syncd.ports.store import Store

Key = tuple[ShopName, ListingId]


class Around(NamedTuple):
    """SKUs that hang together, and all listings that draw on them."""

    skus: frozenset[Sku]
    listings: frozenset[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of some SKUs; what they do not name does not touch these."""

    skus: frozenset[Sku]
    listings: Sequence[ListingRow]
    stock: Sequence[StockRow]
    shares: Sequence[ShareRow]
    levels: Sequence[LevelRow]
    demand: Sequence[DemandRow]
    claims: Sequence[ClaimRow]
    unresolved: Sequence[IntentRow]


class Parts:
    """Finds and loads parts of the state; of what is too much it finds nothing."""

    def __init__(self, topology: Topology, traits: Mapping[ShopName, ShopTraits], store: Store) -> None:
        self._topology = topology
        self._store = store
        self._has_shares = topology.has_shares
        self._whole_items = frozenset(name for name, one in traits.items() if one.unlists_items)
        self._suffixes = {source.unsellable_suffix for source in topology.sources} - {""}
        self._bundles = {bundle.sku: bundle for bundle in topology.bundles}
        self._holding: dict[Sku, list[Sku]] = {}
        for bundle in topology.bundles:
            for sku in bundle.components:
                self._holding.setdefault(sku, []).append(bundle.sku)

    async def around(self, skus: Collection[Sku], most: int) -> Around | None:
        """Return all that hangs together with `skus`; None where these are more than `most`.

        A bundle draws on all its components, and where a platform delists whole items so do the listings of
        one item on each other's SKUs.
        """
        found = frozenset(self._parts(skus))
        while len(found) <= most:
            rows = await self._listings(found)
            more = found.union(self._parts(row.sku for row in rows if row.sku))
            if more == found:
                return Around(found, frozenset((row.shop, row.id) for row in rows))
            found = more
        return None

    async def load(self, around: Around) -> Part:
        """Return the rows of all that was found."""
        skus, keys = around
        stocked = skus.union(Sku(sku + suffix) for sku in skus for suffix in self._suffixes)
        store = self._store
        # All at one time: the loop may be crowded between two answers.
        (listings, stock, levels), (claims, unresolved), (shares, demand) = await asyncio.gather(
            asyncio.gather(store.named(keys), store.stock(stocked), store.levels(skus)),
            asyncio.gather(store.claims(), store.unresolved()),
            self._virtual(skus),
        )
        return Part(
            skus=skus,
            listings=listings,
            stock=stock,
            shares=shares,
            levels=levels,
            demand=demand,
            claims=[claim for claim in claims if claim.sku in skus],
            unresolved=[intent for intent in unresolved if (intent.shop, intent.listing) in keys],
        )

    def narrowed(self, part: Part) -> Topology:
        """Return the configuration without what it says of bundles and extra units of other SKUs."""
        named = {row.sku for row in part.listings} & self._bundles.keys()
        return replace(
            self._topology,
            bundles=tuple(bundle for bundle in self._topology.bundles if bundle.sku in named)
            if named
            else (),
            virtual=tuple(extra for extra in self._topology.virtual if extra.sku in part.skus),
        )

    async def _virtual(self, skus: frozenset[Sku]) -> tuple[Sequence[ShareRow], Sequence[DemandRow]]:
        if not self._has_shares:
            return (), ()
        return await asyncio.gather(self._store.shares(skus), self._store.demand(skus))

    async def _listings(self, skus: frozenset[Sku]) -> list[ListingRow]:
        """Return the listings that draw on `skus`, with all others of their items where these go together."""
        codes = skus.union(*(self._holding.get(sku, ()) for sku in skus))
        rows = {(row.shop, row.id): row for row in await self._store.listings(skus=codes)}
        items = {(row.shop, row.item) for row in rows.values() if row.shop in self._whole_items}
        if items:
            rows |= {(row.shop, row.id): row for row in await self._store.siblings(items)}
        return [row for _, row in sorted(rows.items())]

    def _parts(self, skus: Iterable[Sku]) -> Iterable[Sku]:
        """Yield what SKUs and bundles draw on, and of codes of unsellable units what these belong to."""
        for sku in skus:
            bundle = self._bundles.get(sku)
            yield from bundle.components if bundle else (sku,)
            for suffix in self._suffixes:
                if sku.endswith(suffix):
                    yield Sku(sku.removesuffix(suffix))
