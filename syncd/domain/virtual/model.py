"""The words of virtual warehouses as types: rows of the state, what a step reads and what it answers."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from syncd.domain.model import Bools, Ints
from syncd.domain.said import say

Floats = npt.NDArray[np.float64]

RESERVE = -1
"""The edge that stands for nobody: a pool's unassigned units."""


class MoveCause(StrEnum):
    """Why units change their place; a sale is no move, it comes off the own share before the step."""

    LEVEL = "level"
    CONFIG = "config"
    PINNED = "pinned"
    DROP = "drop"
    ADOPTED = "adopted"
    LANDED = "landed"
    RETURNED = "returned"
    REFILL = "refill"
    REBALANCE = "rebalance"

    @property
    def words(self) -> str:
        """Return the cause as people should read it."""
        return _WORDS[self]


CAUSES = tuple(MoveCause)

_WORDS = {
    MoveCause.LEVEL: say("its pool is below the warning level of this shop"),
    MoveCause.CONFIG: say("weight, cap, pack, listing or a lock allow the shop no more"),
    MoveCause.PINNED: say("the shop has them on sale and cannot be written"),
    MoveCause.DROP: say("there are fewer units than were shared out"),
    MoveCause.ADOPTED: say("they came back and the shop has them on sale already"),
    MoveCause.LANDED: say("their taking from the other shop is proven"),
    MoveCause.RETURNED: say("they can no longer go where they were sent"),
    MoveCause.REFILL: say("new units in the pool"),
    MoveCause.REBALANCE: say("they sell sooner there"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What a step moved, as columns; `taken` and `given` are edges, or `RESERVE`, `causes` are of `CAUSES`.

    Units of `REBALANCE` left the share of `taken` and are moving to `given`; those of `LANDED` were moving to
    `given` and are in its share now; those of `RETURNED` were moving to `taken` and are in the reserve now.
    All others went from share or reserve to share or reserve at once.
    """

    sku: Ints
    taken: Ints
    given: Ints
    units: Ints
    causes: Ints

    @property
    def cause(self) -> tuple[MoveCause, ...]:
        """Return the causes in words."""
        return tuple(CAUSES[cause] for cause in self.causes.tolist())

    def of(self, *causes: MoveCause) -> "Moves":
        """Return the movements with one of these causes."""
        chosen = np.isin(self.causes, [CAUSES.index(cause) for cause in causes])
        columns = (self.sku, self.taken, self.given, self.units, self.causes)
        sku, taken, given, units, codes = (column[chosen] for column in columns)
        return Moves(sku=sku, taken=taken, given=given, units=units, causes=codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How one split pool stands; arrays are by (edge, sku), where an edge is a shop of the pool, or as said.

    `share` is the stored share with own sales already taken off (see `sell`), `moving` what is on its way to
    the edge. `exposure` is upper(expected) x units, without units that `extra` or `floor` allow on top;
    `UNBOUNDED` or more where a counter was never read. `room` (skus,) = figure + V - claims - locks -
    configured reserve, signed. `pack` is the smallest pack listed, `NO_PACK` where the shop lists none.
    `writable` says that the shop takes writes for this SKU; a shop that retires is writable with weight 0.
    `known` (skus,) says that the pool has figures: without them nothing moves. `held` (skus,) says that
    nothing may be given: figures that nothing is raised on, or an intake older than a write that proves
    nothing about sales in between.
    """

    room: Ints
    share: Ints
    moving: Ints
    exposure: Ints
    weight: Ints
    cap: Ints
    pack: Ints
    writable: Bools
    off: Bools
    known: Bools
    held: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebalancing:
    """When units move by demand: only to a shop in need, and only where they clearly sell sooner.

    A shop is in need while its share lasts for less than `cover_seconds` and for less than `cover_ratio` of
    the time that the whole pool lasts. `gain` is how many times sooner the first unit must sell; after a move
    a SKU rests for `rest_seconds`. `lot` are the units of a usual order: a shop with fewer that can expect a
    sale within `lot_seconds` is in need too, and a donor that keeps as many may give without any gain.
    """

    cover_seconds: float = 3600.0
    cover_ratio: float = 0.5
    gain: float = 1.5
    rest_seconds: float = 0.0
    lot: int = 2
    lot_seconds: float = 12 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """How strongly buyers pull: `rate` in units per second by (edge, sku), above zero where one may sell.

    `idle` (skus,) are the seconds since units of the SKU last moved by demand.
    """

    rate: Floats
    idle: Floats
    rules: Rebalancing = field(default_factory=Rebalancing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step answers; sum(share) + sum(moving) + reserve = room + deficit for every known SKU.

    `known` (skus,) is the position's.
    """

    known: Bools
    share: Ints
    moving: Ints
    reserve: Ints
    deficit: Ints
    moves: Moves
