"""The state as columns: SKUs, cells, listings and what draws on what, dictionary-encoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from operator import itemgetter

import numpy as np

from syncd.domain.cells import Cells, catalogue_of, cells_of, warehouse_index
from syncd.domain.columns import NOTHING, figures_of, places_of
from syncd.domain.draws import Bundles, Draws, bundles_of, draws_of
from syncd.domain.grids import DemandGrid, ShareGrid
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import Bools, Ints, Sku
from syncd.domain.moments import Moments
from syncd.domain.records import LevelRow, ShopStatus
from syncd.domain.rules import Edge, RuleTable, compile_rules, edges_of
from syncd.domain.state import State, convention_of
from syncd.domain.topology import PoolMode, Topology

__all__ = [
    "NOTHING",
    "UNBOUNDED",
    "Book",
    "Bundles",
    "Cells",
    "Draws",
    "Levels",
    "State",
    "convention_of",
    "make_book",
    "microseconds",
    "warehouse_index",
]

UNBOUNDED = 1 << 40
"""The exposure of a listing whose counter was never read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The off-sale states by (edge, sku); times in microseconds since 1970."""

    off: Bools
    since: Ints
    agree: Ints
    seq: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything that the pipeline reads; `listings`, `shares` and `demand` are the state's as columns."""

    state: State
    listings: ListingColumns
    skus: tuple[Sku, ...]
    sku_index: Mapping[Sku, int]
    edges: tuple[Edge, ...]
    rules: RuleTable
    cells: Cells
    draws: Draws
    bundles: Bundles
    levels: Levels
    shares: ShareGrid
    demand: DemandGrid
    folded: frozenset[Sku]

    @property
    def topology(self) -> Topology:
        """Return the configuration that the book was made for."""
        return self.state.topology

    def shops_that_are(self, status: ShopStatus) -> Bools:
        """Return by shop whether an operator decided that."""
        states = self.state.shops
        found = [shop.name in states and states[shop.name].status is status for shop in self.topology.shops]
        return np.array(found, dtype=np.bool_)


def make_book(state: State, rules: RuleTable | None = None, bundles: Bundles | None = None) -> Book:
    """Return the columns of `state`; rows of warehouses that the configuration no longer has are left out.

    `rules` are those of the state's SKUs, sorted, and `bundles` its bundles, where they are known already.
    """
    topology, known = state.topology, catalogue_of(state)
    skus = known.skus
    sku_index = {sku: index for index, sku in enumerate(skus)}
    edges = edges_of(topology.pools)
    bundles = bundles_of(topology.bundles, sku_index) if bundles is None else bundles
    listings = ListingColumns.of(state.listings)
    split = {pool.name for pool in topology.pools if pool.mode is PoolMode.SPLIT}
    shops = tuple(shop.name for shop in topology.shops)
    sharing = tuple((edge.pool, edge.shop) for edge in edges if edge.pool in split)
    return Book(
        state=state,
        listings=listings,
        skus=skus,
        sku_index=sku_index,
        edges=edges,
        rules=compile_rules(topology.rules, edges, skus) if rules is None else rules,
        cells=cells_of(state, known, sku_index),
        draws=draws_of(listings, topology, sku_index, bundles),
        bundles=bundles,
        levels=_levels(state.levels, edges, sku_index),
        shares=ShareGrid.of(state.shares, sharing, skus, sku_index),
        demand=DemandGrid.of(state.demand, shops, skus, sku_index),
        folded=known.folded,
    )


def _levels(rows: Sequence[LevelRow], edges: Sequence[Edge], sku_index: Mapping[Sku, int]) -> Levels:
    shape = (len(edges), len(sku_index))
    off = np.zeros(shape, dtype=np.bool_)
    since, agree, seq = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    if not rows:
        return Levels(off=off, since=since, agree=agree, seq=seq)
    position = {(edge.pool, edge.shop): index for index, edge in enumerate(edges)}
    found = map(position.get, map(itemgetter(0, 1), rows), repeat(NOTHING))
    edge = np.fromiter(found, dtype=np.int64, count=len(rows))
    sku = places_of(rows, "sku", sku_index, missing=NOTHING)
    here = (edge != NOTHING) & (sku != NOTHING)
    at, moments = (edge[here], sku[here]), Moments()
    off[at] = True
    codes = moments.codes([row.off_since for row in rows])[here]
    since[at] = moments.ticks[codes]
    agree[at] = figures_of(rows, "agree")[here]
    seq[at] = figures_of(rows, "seq")[here]
    return Levels(off=off, since=since, agree=agree, seq=seq)


def microseconds(moment: datetime) -> int:
    """Return an aware time as whole microseconds since 1970, exactly."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
