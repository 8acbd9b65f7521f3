"""What the oracle reads and what it answers: plain values, no logic."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncd.domain.model import (
    ListingId,
    ListingRow,
    PoolName,
    ShopName,
    Sku,
    SourceName,
    StockRow,
    TransferConvention,
    WarehouseName,
)
from syncd.domain.records import ClaimRow, ExtraRow, LevelRow, LockRow, UnroutedRow, UseRow
from syncd.domain.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that decides what the shops should show at one moment.

    `listings` are bound already: `sku` is a SKU or the code of a bundle; with a reason to be unbound they are
    held. `stale` are sources whose snapshot
    is too old. `seq` is the newest snapshot of each pool, 0 where it is not named. `extras` are units sold
    beyond what was there, `sold` what shops sold just now.
    """

    topology: Topology
    now: datetime
    stock: tuple[StockRow, ...] = ()
    unrouted: tuple[UnroutedRow, ...] = ()
    claims: tuple[ClaimRow, ...] = ()
    listings: tuple[ListingRow, ...] = ()
    levels: tuple[LevelRow, ...] = ()
    locks: tuple[LockRow, ...] = ()
    uses: tuple[UseRow, ...] = ()
    transfer: Mapping[SourceName, TransferConvention] = field(default_factory=dict)
    unwritable: frozenset[ShopName] = frozenset()
    stale: frozenset[SourceName] = frozenset()
    seq: Mapping[PoolName, int] = field(default_factory=dict)
    extras: tuple[ExtraRow, ...] = ()
    sold: Mapping[tuple[ShopName, Sku], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFigures:
    """What a pool has of a SKU it knows; `net` is per warehouse and has no V in it.

    `oversold` are orders beyond what shops may sell though it is not there, `on_extra` those within it.
    """

    net: Mapping[WarehouseName, int]
    figure: int
    virtual: int
    available: int
    oversold: int
    backordered: int
    overlocked: int
    overtransferred: int
    locked: int
    locks_cut: int
    reserve: int
    rest: int
    shaky: bool
    vanished: bool
    on_extra: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What a pool contributes to a shop, and the setting that decided it.

    `agree` is the count after this snapshot of an edge that was off before, 0 for one that was on.
    `setting` is the last one that changed the figure, or the one that made the base: `weight` in a split
    pool, `available` in a shared one, `warning_level` while off, `unwritable` for a shop that keeps its
    exposure instead of a share. `rule` is the rule it came from, `default` if none, and the pool's name for
    `available`.
    """

    off: bool
    agree: int
    base: int
    result: int
    setting: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFigures:
    """What a shop may sell of a SKU (Q), None where it must not be touched."""

    units: int | None
    want_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFigures:
    """What a listing should read; one that must not be touched has None and never wants to be off."""

    desired: int | None
    want_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Every figure of a world; a (pool, SKU) that is not there is unknown."""

    pools: Mapping[tuple[PoolName, Sku], PoolFigures]
    edges: Mapping[tuple[PoolName, ShopName, Sku], Edge]
    shops: Mapping[tuple[ShopName, Sku], ShopFigures]
    listings: Mapping[tuple[ShopName, ListingId], ListingFigures]
