"""The last good figures as columns by warehouse and SKU, with V of the configuration (DESIGN 4.5 step 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syncd.domain.columns import NOTHING, figures_of, places_of
from syncd.domain.model import Bools, Ints, Part, Sku, StockRow
from syncd.domain.state import State
from syncd.domain.stock_grid import StockGrid
from syncd.domain.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The last good figures: `parts` has shape (warehouses, 7, skus) with V from the configuration added.

    `has` says which cells exist, `shaky` those to raise nothing on (bad, missed once, source stale), and
    `vanished` those missed by two full snapshots, which count as zero. So do `retired` ones, of which a
    person confirmed that they are gone.
    """

    parts: Ints
    has: Bools
    shaky: Bools
    vanished: Bools
    retired: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All SKUs in order, the codes that are folded into others, and the rows that count.

    `rows` are a grid only if that has a column for each of the SKUs and nothing else in it counts.
    """

    skus: tuple[Sku, ...]
    folded: frozenset[Sku]
    rows: Sequence[StockRow]


def catalogue_of(state: State) -> Catalogue:
    """Return the SKUs of a state; rows of warehouses that the configuration no longer has are left out."""
    if isinstance(state.stock, StockGrid) and _is_plain(state.stock, state.topology):
        return Catalogue(skus=tuple(state.stock.skus), folded=frozenset(), rows=state.stock)
    rows, folded = _fold_unsellable(state)
    codes = {row.sku for row in rows} | {extra.sku for extra in state.topology.virtual} - folded
    # An empty catalogue keeps one nameless column: what is unknown may then be indexed like the rest.
    return Catalogue(skus=tuple(sorted(codes)) or (Sku(""),), folded=folded, rows=rows)


def warehouse_index(topology: Topology) -> dict[str, int]:
    """Return the position of every warehouse: by pool in config order."""
    names = [warehouse for pool in topology.pools for warehouse in pool.warehouses]
    return {name: index for index, name in enumerate(names)}


def cells_of(state: State, known: Catalogue, sku_index: Mapping[Sku, int]) -> Cells:
    """Return the figures of all SKUs of a catalogue."""
    if isinstance(known.rows, StockGrid):
        cells = _from_grid(known.rows, state.topology)
    else:
        cells = _from_rows(known.rows, state.topology, sku_index)
    places = warehouse_index(state.topology)
    unsure = np.zeros(len(places), dtype=np.bool_)
    for source in state.topology.sources:
        for warehouse in source.warehouses:
            if source.name in state.stale and warehouse in places:
                unsure[places[warehouse]] = True
    for extra in state.topology.virtual:
        if extra.sku in sku_index and (extra.until is None or extra.until > state.now):
            cells.parts[places[extra.warehouse], Part.VIRTUAL, sku_index[extra.sku]] += extra.units
            cells.has[places[extra.warehouse], sku_index[extra.sku]] = True
    np.logical_or(cells.shaky, cells.has & unsure[:, None], out=cells.shaky)
    return cells


def _is_plain(grid: StockGrid, topology: Topology) -> bool:
    """Return whether all of a grid counts, each cell of it once, and it has all SKUs in order."""
    sources = {source.name: source.unsellable_suffix for source in topology.sources}
    places = warehouse_index(topology)
    if not all(source in sources and warehouse in places for source, warehouse in grid.places):
        return False
    suffixes = tuple(set(sources.values()) - {""})
    if suffixes and any(sku.endswith(suffixes) for sku in grid.skus):
        return False
    named = {extra.sku for extra in topology.virtual}
    bare = np.flatnonzero(~grid.has.any(axis=0)).tolist()
    return (
        len({warehouse for _, warehouse in grid.places}) == len(grid.places)
        and len(grid.skus) > 0
        and all(grid.skus[at] in named for at in bare)
        and named.issubset(grid.skus)
        and all(map(str.__lt__, grid.skus, grid.skus[1:]))
    )


def _fold_unsellable(state: State) -> tuple[list[StockRow], frozenset[Sku]]:
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


_GONE = 2
"""Two full snapshots that leave a cell out make silence a fact, and more is a person's word (DESIGN 5)."""


def _from_grid(grid: StockGrid, topology: Topology) -> Cells:
    cells = _empty(topology, len(grid.skus))
    places = warehouse_index(topology)
    for place, (_, warehouse) in enumerate(grid.places):
        at, missed = places[warehouse], grid.missed[place]
        for part in Part:
            cells.parts[at, part] = grid.figures[part][place]
        cells.has[at] = missed != NOTHING
        cells.shaky[at] = grid.bad[place] | (missed == 1)
        cells.vanished[at], cells.retired[at] = missed == _GONE, missed > _GONE
        gone = missed >= _GONE
        if gone.any():
            cells.parts[at][:, gone] = 0
    return cells


def _from_rows(rows: Sequence[StockRow], topology: Topology, sku_index: Mapping[Sku, int]) -> Cells:
    cells = _empty(topology, len(sku_index))
    if not rows:
        return cells
    at = places_of(rows, "warehouse", warehouse_index(topology), missing=NOTHING)
    sku = places_of(rows, "sku", sku_index, missing=NOTHING)
    for part in Part:
        cells.parts[at, part, sku] = figures_of(rows, part.word)
    missed = figures_of(rows, "missed")
    cells.has[at, sku] = True
    cells.vanished[at, sku], cells.retired[at, sku] = missed == _GONE, missed > _GONE
    cells.shaky[at, sku] = (figures_of(rows, "bad") > 0) | (missed == 1)
    gone = cells.vanished | cells.retired
    cells.parts[np.broadcast_to(gone[:, None, :], cells.parts.shape)] = 0
    return cells


def _empty(topology: Topology, skus: int) -> Cells:
    shape = (len(warehouse_index(topology)), skus)
    has, shaky, vanished, retired = (np.zeros(shape, dtype=np.bool_) for _ in range(4))
    parts = np.zeros((shape[0], len(Part), skus), dtype=np.int64)
    return Cells(parts=parts, has=has, shaky=shaky, vanished=vanished, retired=retired)
