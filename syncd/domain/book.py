"""The state as columns: SKUs, cells, listings and what draws on what, dictionary-encoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import numpy as np

from syncd.domain.columns import WordT, figures_of, places_of
from syncd.domain.listing_columns import Column, ListingColumns
from syncd.domain.model import (
    Bools,
    Ints,
    ListingRow,
    Part,
    ShopName,
    Sku,
    SourceName,
    StockRow,
    TransferConvention,
)
from syncd.domain.records import (
    ClaimRow,
    DemandRow,
    ExtraRow,
    LevelRow,
    LockRow,
    MoveRow,
    ShareRow,
    ShopState,
    ShopStatus,
    SourceState,
    UnroutedRow,
    UseRow,
)
from syncd.domain.rules import Edge, RuleTable, compile_rules, edges_of
from syncd.domain.topology import Bundle, Topology

NOTHING = -1
"""No index: an unbound listing, an unknown figure."""

UNBOUNDED = 1 << 40
"""The exposure of a listing whose counter was never read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a cycle starts from: the rows of the state, and which sources are too old to raise from.

    `sold` are the units whose sale was seen just now, to so many `buyers`, `unpaid` those of claims for which
    nobody has paid yet. Where a state has not all SKUs, `elsewhere` are the faded units sold of all others.
    `reconfigured` says that the configuration is another than the one of the stored figures, so that split
    pools are divided anew.
    """

    topology: Topology
    now: datetime
    stock: Sequence[StockRow]
    listings: Sequence[ListingRow]
    sources: Mapping[SourceName, SourceState] = field(default_factory=dict)
    unrouted: Sequence[UnroutedRow] = ()
    claims: Sequence[ClaimRow] = ()
    shares: Sequence[ShareRow] = ()
    moves: Sequence[MoveRow] = ()
    demand: Sequence[DemandRow] = ()
    extras: Sequence[ExtraRow] = ()
    sold: Mapping[tuple[ShopName, Sku], int] = field(default_factory=dict)
    buyers: Mapping[tuple[ShopName, Sku], int] = field(default_factory=dict)
    elsewhere: Mapping[ShopName, float] = field(default_factory=dict)
    unpaid: Mapping[tuple[ShopName, Sku], int] = field(default_factory=dict)
    levels: Sequence[LevelRow] = ()
    locks: Sequence[LockRow] = ()
    uses: Sequence[UseRow] = ()
    shops: Mapping[ShopName, ShopState] = field(default_factory=dict)
    unwritable: frozenset[ShopName] = frozenset()
    stale: frozenset[SourceName] = frozenset()
    reconfigured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The last good figures: `parts` has shape (warehouses, 7, skus) with V from the configuration added.

    `has` says which cells exist, `shaky` those to raise nothing on (bad, missed once, source stale), and
    `vanished` those missed by two full snapshots, which count as zero.
    """

    parts: Ints
    has: Bools
    shaky: Bools
    vanished: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """What the listings draw on, one row per (listing, SKU), sorted by shop, SKU and listing.

    `units` of `sku` make one unit of `listing`; a bundle has one row per component.
    """

    listing: Ints
    sku: Ints
    shop: Ints
    units: Ints
    bundle: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundles:
    """The components of all bundles; bundle b owns the entries `start[b]:start[b + 1]`, sorted by code."""

    index: Mapping[Sku, int]
    start: Ints
    sku: Ints
    units: Ints
    known: Bools
    assemble: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The off-sale states by (edge, sku); times in microseconds since 1970."""

    off: Bools
    since: Ints
    agree: Ints
    seq: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything that the pipeline reads; `listings` are the state's as columns."""

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


def make_book(state: State, rules: RuleTable | None = None) -> Book:
    """Return the columns of `state`; rows of warehouses that the configuration no longer has are left out.

    `rules` are those of the state's SKUs, sorted, where they are resolved already.
    """
    topology = state.topology
    rows, folded = fold_unsellable(state)
    codes = {row.sku for row in rows} | {extra.sku for extra in topology.virtual} - folded
    # An empty catalogue keeps one nameless column: what is unknown may then be indexed like the rest.
    skus = tuple(sorted(codes)) or (Sku(""),)
    sku_index = {sku: index for index, sku in enumerate(skus)}
    edges = edges_of(topology.pools)
    bundles = _bundles(topology.bundles, sku_index)
    listings = ListingColumns.of(state.listings)
    return Book(
        state=state,
        listings=listings,
        skus=skus,
        sku_index=sku_index,
        edges=edges,
        rules=compile_rules(topology.rules, edges, skus) if rules is None else rules,
        cells=_cells(state, rows, sku_index),
        draws=_draws(listings, topology, sku_index, bundles),
        bundles=bundles,
        levels=_levels(state.levels, edges, sku_index),
        folded=folded,
    )


def warehouse_index(topology: Topology) -> dict[str, int]:
    """Return the position of every warehouse: by pool in config order."""
    names = [warehouse for pool in topology.pools for warehouse in pool.warehouses]
    return {name: index for index, name in enumerate(names)}


def fold_unsellable(state: State) -> tuple[list[StockRow], frozenset[Sku]]:
    """Return the rows that count, with suffixed codes folded into their base SKU, and the codes folded.

    A code `351038U` whose base the same source knows adds its units to both on_hand and unsellable of the
    base, so that nothing sellable changes; its other figures mean nothing for the base.
    """
    topology = state.topology
    suffix_of = {source.name: source.unsellable_suffix for source in topology.sources}
    places = warehouse_index(topology)
    rows = [row for row in state.stock if row.source in suffix_of and row.warehouse in places]
    if not any(suffix_of.values()):
        return rows, frozenset()
    known = {(row.source, row.sku) for row in rows}

    bases: dict[Sku, Sku] = {}
    for source, sku in known:
        suffix = suffix_of[source]
        stem = Sku(sku.removesuffix(suffix)) if suffix and sku.endswith(suffix) else Sku("")
        if stem and (source, stem) in known:
            # Folded by one source, a code is no SKU for any: listings bound to it must not be written.
            bases[sku] = stem
    plain = {(row.sku, row.warehouse): row for row in rows if row.sku not in bases}
    for row in rows:
        if row.sku not in bases or bases[row.sku] in bases:
            continue
        cell = (bases[row.sku], row.warehouse)
        empty = row._replace(sku=cell[0], on_hand=0, allocated=0, unsellable=0, locked=0, virtual=0)
        base = plain.get(cell, empty._replace(transfer_out=0, in_air=0, bad=False, missed=0))
        plain[cell] = base._replace(
            on_hand=base.on_hand + row.on_hand, unsellable=base.unsellable + row.on_hand
        )
    return list(plain.values()), frozenset(bases)


def _cells(state: State, rows: Sequence[StockRow], sku_index: Mapping[Sku, int]) -> Cells:
    places = warehouse_index(state.topology)
    shape = (len(places), len(sku_index))
    parts = np.zeros((shape[0], len(Part), shape[1]), dtype=np.int64)
    has, shaky, vanished = (np.zeros(shape, dtype=np.bool_) for _ in range(3))
    unsure = np.zeros(shape[0], dtype=np.bool_)
    if rows:
        at = places_of(rows, "warehouse", places, missing=NOTHING)
        sku = places_of(rows, "sku", sku_index, missing=NOTHING)
        for part in Part:
            parts[at, part, sku] = figures_of(rows, part.word)
        missed = figures_of(rows, "missed")
        has[at, sku] = True
        vanished[at, sku] = missed >= 2  # noqa: PLR2004 - two full snapshots make silence a fact (DESIGN 5)
        shaky[at, sku] = (figures_of(rows, "bad") > 0) | (missed == 1)
    for source in state.topology.sources:
        for warehouse in source.warehouses:
            if source.name in state.stale and warehouse in places:
                unsure[places[warehouse]] = True
    parts[np.broadcast_to(vanished[:, None, :], parts.shape)] = 0
    for extra in state.topology.virtual:
        if extra.sku in sku_index and (extra.until is None or extra.until > state.now):
            parts[places[extra.warehouse], Part.VIRTUAL, sku_index[extra.sku]] += extra.units
            has[places[extra.warehouse], sku_index[extra.sku]] = True
    return Cells(parts=parts, has=has, shaky=shaky | (has & unsure[:, None]), vanished=vanished)


def _bundles(bundles: Sequence[Bundle], sku_index: Mapping[Sku, int]) -> Bundles:
    entries = [(b, sku, units) for b, bundle in enumerate(bundles) for sku, units in _sorted(bundle)]
    lengths = [len(bundle.components) for bundle in bundles]
    sku = np.array([sku_index.get(sku, NOTHING) for _, sku, _ in entries], dtype=np.int64)
    known = np.ones(len(bundles), dtype=np.bool_)
    for (bundle, _, _), at in zip(entries, sku, strict=True):
        known[bundle] &= at != NOTHING
    return Bundles(
        index={bundle.sku: index for index, bundle in enumerate(bundles)},
        start=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64),
        sku=sku,
        units=np.array([units for _, _, units in entries], dtype=np.int64),
        known=known,
        assemble=tuple(bundle.assemble.value for bundle in bundles),
    )


def _sorted(bundle: Bundle) -> list[tuple[Sku, int]]:
    return sorted(bundle.components.items())


def _draws(rows: ListingColumns, topology: Topology, sku_index: Mapping[Sku, int], bundles: Bundles) -> Draws:
    shops = {shop.name: index for index, shop in enumerate(topology.shops)}
    shop = coded(rows.shop, rows.shops, shops)
    bundle = coded(rows.sku, rows.skus, bundles.index)
    sku = coded(rows.sku, rows.skus, sku_index)
    drawing = rows.bound & (shop != NOTHING) & ~rows.gone
    single = np.flatnonzero(drawing & (bundle == NOTHING))
    packed = np.flatnonzero(drawing & (bundle != NOTHING))
    entry, count = _entries(bundles, bundle[packed])
    listing = np.concatenate((single, np.repeat(packed, count)))
    of_draw = np.concatenate((sku[single], bundles.sku[entry]))
    times = np.repeat(rows.units[packed].astype(np.int64), count)
    each = np.concatenate((rows.units[single], bundles.units[entry] * times))
    order = np.lexsort((listing, of_draw, shop[listing]))
    return Draws(
        shop=shop[listing][order],
        sku=of_draw[order],
        listing=listing[order],
        units=each[order],
        bundle=bundle[listing][order],
    )


def coded(codes: Column, words: Sequence[str], index: Mapping[WordT, int]) -> Ints:
    """Return for every one of `codes`, which are places in `words`, where `index` has that word."""
    place = np.fromiter((index.get(cast("WordT", word), NOTHING) for word in words), np.int64, len(words))
    found: Ints = place[codes]
    return found


def _entries(bundles: Bundles, wanted: Ints) -> tuple[Ints, Ints]:
    """Return the entries of the wanted bundles, one bundle after the other, and how many each has."""
    count = np.diff(bundles.start)[wanted]
    before = np.cumsum(count) - count
    within = np.arange(count.sum(), dtype=np.int64) - np.repeat(before, count)
    return np.repeat(bundles.start[wanted], count) + within, count


def _levels(rows: Sequence[LevelRow], edges: Sequence[Edge], sku_index: Mapping[Sku, int]) -> Levels:
    shape = (len(edges), len(sku_index))
    off = np.zeros(shape, dtype=np.bool_)
    since, agree, seq = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    position = {(edge.pool, edge.shop): index for index, edge in enumerate(edges)}
    for row in rows:
        edge, sku = position.get((row.pool, row.shop)), sku_index.get(row.sku)
        if edge is None or sku is None:
            continue
        off[edge, sku] = True
        since[edge, sku] = microseconds(row.off_since)
        agree[edge, sku] = row.agree
        seq[edge, sku] = row.seq
    return Levels(off=off, since=since, agree=agree, seq=seq)


def microseconds(moment: datetime) -> int:
    """Return an aware time as whole microseconds since 1970, exactly."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def convention_of(state: State, source: SourceName) -> TransferConvention:
    """Return how long `source` keeps transfers open; the safe reading while it was never heard."""
    known = state.sources.get(source)
    return known.transfer_convention if known else TransferConvention.UNTIL_SHIPPED
