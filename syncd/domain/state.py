"""What a cycle starts from, as the store keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncd.domain.model import ListingRow, ShopName, Sku, SourceName, StockRow, TransferConvention
from syncd.domain.records import (
    ClaimRow,
    DemandRow,
    ExtraRow,
    LevelRow,
    LockRow,
    MoveRow,
    ShareRow,
    ShopState,
    SourceState,
    UnroutedRow,
    UseRow,
)
from syncd.domain.topology import Topology


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


def convention_of(state: State, source: SourceName) -> TransferConvention:
    """Return how long `source` keeps transfers open; the safe reading while it was never heard."""
    known = state.sources.get(source)
    return known.transfer_convention if known else TransferConvention.UNTIL_SHIPPED
