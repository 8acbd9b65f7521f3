"""The shares of one pool while a step moves them, by (sku, edge); every movement keeps its cause."""

import numpy as np

from syncd.domain.book import UNBOUNDED
from syncd.domain.model import Bools, Ints
from syncd.domain.shares import NO_PACK
from syncd.domain.virtual.model import CAUSES, RESERVE, MoveCause, Moves, Position


class Books:
    """Shares and moving units that balance against the room; what is in neither is reserve or deficit."""

    def __init__(self, position: Position) -> None:
        self.room = position.room
        self.known = position.known
        self.share = position.share.T.copy(order="K")
        self.moving = position.moving.T.copy(order="K")
        self.exposure = position.exposure.T
        self.read = self.exposure < UNBOUNDED
        self.pack = np.where(position.pack.T < NO_PACK, np.maximum(position.pack.T, 1), 1)
        self.writable = position.writable.T & self.known[:, None]
        self.off = position.off.T
        self.takes = self.writable & ~self.off & (position.weight.T > 0) & (position.pack.T < NO_PACK)
        self.cap = np.where(self.takes, position.cap.T - position.cap.T % self.pack, 0)
        self.held = position.held | ~self.known
        self._moves: list[tuple[Ints, Ints, Ints, Ints, MoveCause]] = []

    def short(self) -> Ints:
        """Return how many units were shared out beyond the room; negative where some are left."""
        taken = self.share.sum(axis=1) + self.moving.sum(axis=1)
        return np.where(self.known, taken - self.room, 0)

    def reserve(self) -> Ints:
        """Return the units that are in no share and not moving."""
        return np.maximum(-self.short(), 0)

    def proven(self) -> Ints:
        """Return the units that are in no share and on sale nowhere: only they may enlarge a share."""
        kept = np.maximum(self.share, self.exposure).sum(axis=1)
        return np.where(self.held, 0, np.maximum(self.room - kept, 0))

    def put(self, rows: Ints, share: Ints, cause: MoveCause) -> None:
        """Set the shares of `rows`; differences come out of the reserve or go there."""
        change = share - self.share[rows]
        at, edge = np.nonzero(change)
        units = change[at, edge]
        nobody = np.full(len(at), RESERVE, dtype=np.int64)
        self.share[rows] = share
        self._note(
            rows[at], (np.where(units < 0, edge, nobody), np.where(units < 0, nobody, edge)), units, cause
        )

    def land(self, rows: Ints, units: Ints) -> None:
        """Turn moving units into shares of the edges that they were moving to."""
        at, edge = np.nonzero(units)
        self.moving[rows] -= units
        self.share[rows] += units
        self._note(rows[at], (np.full(len(at), RESERVE), edge), units[at, edge], MoveCause.LANDED)

    def turn_back(self, rows: Ints, units: Ints) -> None:
        """Return moving units to the reserve."""
        at, edge = np.nonzero(units)
        self.moving[rows] -= units
        self._note(rows[at], (edge, np.full(len(at), RESERVE)), units[at, edge], MoveCause.RETURNED)

    def send(self, rows: Ints, edges: tuple[int, int], units: Ints) -> None:
        """Take units from the share of the first edge and set them moving to the second."""
        taken, given = edges
        at = np.flatnonzero(units)
        self.share[rows, taken] -= units
        self.moving[rows, given] += units
        sides = (np.full(len(at), taken), np.full(len(at), given))
        self._note(rows[at], sides, units[at], MoveCause.REBALANCE)

    def moves(self) -> Moves:
        """Return all movements so far, in the order in which they were made."""
        columns = [np.concatenate([move[i] for move in self._moves] or [_NONE]) for i in range(4)]
        causes = [np.full(len(move[0]), CAUSES.index(move[4])) for move in self._moves]
        return Moves(
            sku=columns[0],
            taken=columns[1],
            given=columns[2],
            units=columns[3],
            causes=np.concatenate(causes or [_NONE]),
        )

    def _note(self, sku: Ints, sides: tuple[Ints, Ints], units: Ints, cause: MoveCause) -> None:
        self._moves.append((sku, sides[0].astype(np.int64), sides[1].astype(np.int64), np.abs(units), cause))


_NONE = np.zeros(0, dtype=np.int64)


def rows_of(mask: Bools) -> Ints:
    """Return the positions of the SKUs that `mask` marks; a two-dimensional one marks those with any."""
    return np.flatnonzero(mask.any(axis=1) if mask.ndim > 1 else mask)
