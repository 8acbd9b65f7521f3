"""The oracle's steps from stock rows to the figures of a pool."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncd.domain.model import PoolName, Sku, SourceName, TransferConvention, WarehouseName
from syncd.domain.records import ClaimRow
from syncd.domain.topology import Pool, SourceRules
from tests.unit.domain.oracle_held import Stuck, stuck
from tests.unit.domain.oracle_locks import Counted, locks_of
from tests.unit.domain.oracle_world import PoolFigures, World

VANISHED_AFTER = 2


@dataclass(slots=True, kw_only=True)
class Cell:
    """One SKU in one warehouse, while the oracle still works on it."""

    source: SourceName
    on_hand: int = 0
    allocated: int = 0
    unsellable: int = 0
    locked: int = 0
    virtual: int = 0
    transfer_out: int = 0
    in_air: int = 0
    unsure: bool = False
    vanished: bool = False


Cells = dict[tuple[WarehouseName, Sku], Cell]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What has come off one (pool, SKU) without a warehouse of its own."""

    holds: int
    unrouted: int = 0
    claims: int = 0

    @property
    def left(self) -> int:
        return max(self.holds - self.unrouted - self.claims, 0)


Tallies = dict[tuple[PoolName, Sku], Tally]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAnswer:
    """The cells after folding and V, and what every pool has of every SKU it knows."""

    cells: Cells
    pools: Mapping[tuple[PoolName, Sku], PoolFigures]
    locks: Mapping[tuple[PoolName, Sku], Counted]
    skus: tuple[Sku, ...]


def stock_answer(world: World) -> StockAnswer:
    cells = _cells(world)
    tallies = _tallies(world, cells)
    places = [(pool, sku) for pool in world.topology.pools for sku in _skus_of(pool, cells)]
    available = {(pool.name, sku): tallies[pool.name, sku].left for pool, sku in places}
    held = stuck(world, available)
    locks = locks_of(world, {place: max(units - held.units[place], 0) for place, units in available.items()})
    pools = {
        (pool.name, sku): _figures(
            world, (pool, sku), cells, tallies[pool.name, sku], (locks[pool.name, sku], held)
        )
        for pool, sku in places
    }
    return StockAnswer(cells=cells, pools=pools, locks=locks, skus=tuple(sorted({sku for _, sku in cells})))


def net_of(world: World, cell: Cell) -> int:
    held = cell.allocated + cell.unsellable + cell.locked + _open_transfer(world, cell)
    return cell.on_hand - held


def sellable_in(world: World, cells: Cells, warehouse: WarehouseName, sku: Sku) -> int:
    """Return net + V of a cell, never negative; 0 where there is no cell."""
    cell = cells.get((warehouse, sku))
    return 0 if cell is None else max(net_of(world, cell) + cell.virtual, 0)


def _open_transfer(world: World, cell: Cell) -> int:
    """Return T, less what is in the air where I has already dropped."""
    if world.transfer.get(cell.source) is TransferConvention.UNTIL_RECEIVED:
        return cell.transfer_out - cell.in_air
    return cell.transfer_out


def _source_of(world: World) -> dict[WarehouseName, SourceRules]:
    return {w: source for source in world.topology.sources for w in source.warehouses}


# --- cells ---------------------------------------------------------------------------------------------


def _cells(world: World) -> Cells:
    bases = _folded_codes(world)
    cells = _plain_cells(world, bases)
    _fold_unsellable(world, cells, bases)
    _add_virtual(world, cells, bases)
    return cells


def _folded_codes(world: World) -> dict[Sku, Sku]:
    """Return the base SKU of every code that marks unsellable units."""
    bases = {}
    for source in world.topology.sources:
        suffix = source.unsellable_suffix
        if not suffix:
            continue
        codes = {row.sku for row in world.stock if row.source == source.name}
        for code in codes:
            base = Sku(code.removesuffix(suffix))
            if base and base != code and base in codes:
                bases[code] = base
    return bases


def _plain_cells(world: World, bases: Mapping[Sku, Sku]) -> Cells:
    source_of = _source_of(world)
    cells: Cells = {}
    for row in world.stock:
        source = source_of.get(row.warehouse)
        if source is None or source.name != row.source or row.sku in bases:
            continue
        if row.missed >= VANISHED_AFTER:
            # More than two is the word of a person: it is gone for good, and waits for no approval.
            is_held = row.missed == VANISHED_AFTER
            cells[row.warehouse, row.sku] = Cell(source=row.source, vanished=is_held, unsure=row.bad)
            continue
        cells[row.warehouse, row.sku] = Cell(
            source=row.source,
            on_hand=row.on_hand,
            allocated=row.allocated,
            unsellable=row.unsellable,
            locked=row.locked,
            virtual=row.virtual,
            transfer_out=row.transfer_out,
            in_air=row.in_air,
            unsure=row.bad or row.missed > 0,
        )
    return cells


def _fold_unsellable(world: World, cells: Cells, bases: Mapping[Sku, Sku]) -> None:
    source_of = _source_of(world)
    for row in world.stock:
        source = source_of.get(row.warehouse)
        if source is None or source.name != row.source or row.sku not in bases:
            continue
        base = bases[row.sku]
        while base in bases:
            base = bases[base]
        units = 0 if row.missed >= VANISHED_AFTER else row.on_hand
        cell = cells.setdefault((row.warehouse, base), Cell(source=row.source))
        cell.on_hand += units
        cell.unsellable += units


def _add_virtual(world: World, cells: Cells, bases: Mapping[Sku, Sku]) -> None:
    source_of = _source_of(world)
    for entry in world.topology.virtual:
        if entry.until is not None and entry.until <= world.now:
            continue
        if entry.sku in bases or entry.warehouse not in source_of:
            continue
        empty = Cell(source=source_of[entry.warehouse].name)
        cells.setdefault((entry.warehouse, entry.sku), empty).virtual += entry.units


# --- what has no warehouse yet -------------------------------------------------------------------------


def _skus_of(pool: Pool, cells: Cells) -> list[Sku]:
    return sorted({sku for warehouse, sku in cells if warehouse in pool.warehouses})


def _tallies(world: World, cells: Cells) -> Tallies:
    tallies: Tallies = {}
    for pool in world.topology.pools:
        for sku in _skus_of(pool, cells):
            mine = [cells[w, sku] for w in pool.warehouses if (w, sku) in cells]
            tallies[pool.name, sku] = Tally(holds=sum(net_of(world, cell) + cell.virtual for cell in mine))
    _take_unrouted(world, tallies)
    _take_claims(world, tallies)
    return tallies


def _take_unrouted(world: World, tallies: Tallies) -> None:
    for source in world.topology.sources:
        pools = [p.name for p in world.topology.pools if set(p.warehouses) & set(source.warehouses)]
        units: defaultdict[Sku, int] = defaultdict(int)
        for row in world.unrouted:
            if row.source == source.name:
                units[row.sku] += row.units
        for sku, number in units.items():
            for tally, part in _spread(number, [tallies[p, sku] for p in pools if (p, sku) in tallies]):
                tally.unrouted += part


def _take_claims(world: World, tallies: Tallies) -> None:
    pool_of = {w: pool.name for pool in world.topology.pools for w in pool.warehouses}
    for claim in sorted(world.claims, key=lambda claim: (claim.shop, claim.line)):
        units = claim.units - _take_from_locks(world, claim, tallies)
        routed = pool_of.get(WarehouseName(claim.warehouse))
        pools = [p.name for p in world.topology.pools if claim.shop in p.shops]
        asked = [routed] if routed is not None else pools
        known = [tallies[pool, claim.sku] for pool in asked if (pool, claim.sku) in tallies]
        for tally, part in _spread(units, known):
            tally.claims += part


def _take_from_locks(world: World, claim: ClaimRow, tallies: Tallies) -> int:
    """Take what a claim used of locks off the pools of these locks; return how much that is."""
    taken = 0
    for lock in sorted(world.locks, key=lambda lock: lock.id):
        used = sum(use.units for use in world.uses if (use.lock, use.line) == (lock.id, claim.line))
        if lock.shop == claim.shop and (lock.pool, claim.sku) in tallies:
            part = min(used, claim.units - taken)
            tallies[lock.pool, claim.sku].claims += part
            taken += part
    return taken


def _spread(units: int, tallies: Sequence[Tally]) -> list[tuple[Tally, int]]:
    """Return how much comes off each: up to what it holds, and what is left over off the first."""
    parts: list[int] = []
    for tally in tallies:
        parts.append(min(units - sum(parts), tally.left))
    if parts:
        parts[0] += units - sum(parts)
    return list(zip(tallies, parts, strict=True))


# --- figures -------------------------------------------------------------------------------------------


def _figures(
    world: World, place: tuple[Pool, Sku], cells: Cells, tally: Tally, apart: tuple[Counted, Stuck]
) -> PoolFigures:
    (pool, sku), (locks, stuck_) = place, apart
    held = stuck_.units[pool.name, sku]
    mine = {w: cells[w, sku] for w in pool.warehouses if (w, sku) in cells}
    parts = list(mine.values())
    net = {warehouse: net_of(world, cell) for warehouse, cell in mine.items()}
    virtual = sum(cell.virtual for cell in parts)
    good = sum(cell.on_hand - cell.unsellable for cell in parts)
    ordered = sum(cell.allocated for cell in parts) + tally.unrouted + tally.claims
    locked = sum(cell.locked for cell in parts)
    transfer = sum(_open_transfer(world, cell) for cell in parts)
    free = good + virtual - ordered
    figure = sum(net.values()) - tally.unrouted - tally.claims
    available = max(figure + virtual, 0)
    left = max(available - locks.held - held, 0)
    reserve = min((available - locks.held) * pool.reserve_percent // 100, left)
    return PoolFigures(
        net=net,
        figure=figure,
        virtual=virtual,
        available=available,
        oversold=max(0, -free),
        backordered=min(max(virtual, 0), max(0, ordered - good)),
        overlocked=max(0, locked - max(free, 0)),
        overtransferred=max(0, transfer - max(free - locked, 0)),
        locked=locks.held,
        locks_cut=locks.missing,
        held=held,
        reserve=reserve,
        rest=left - reserve,
        shaky=any(cell.unsure or cell.source in world.stale for cell in parts)
        or (pool.name, sku) in stuck_.unknown,
        vanished=any(cell.vanished for cell in parts),
    )
