"""Virtual warehouses: the share of every shop in a split pool, and what moves it (DESIGN 4.2).

`step` is the whole of it; `sell` comes before it, and `on_the_way` turns what it moved into rows.
"""

from syncd.domain.virtual.model import (
    RESERVE,
    MoveCause,
    Moves,
    Position,
    Pull,
    Rebalancing,
    Step,
)
from syncd.domain.virtual.rows import Names, expired, on_the_way, sell, spread_exposure
from syncd.domain.virtual.step import step

__all__ = [
    "RESERVE",
    "MoveCause",
    "Moves",
    "Names",
    "Position",
    "Pull",
    "Rebalancing",
    "Step",
    "expired",
    "on_the_way",
    "sell",
    "spread_exposure",
    "step",
]
