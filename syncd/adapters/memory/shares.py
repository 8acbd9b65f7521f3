"""The shares of split pools in memory, and what shops sold on their `extra`."""

from collections.abc import Sequence
from typing import Any

from syncd.adapters.memory.rules import storable
from syncd.domain.records import DemandRow, ExtraRow, MoveRow, ShareRow
from syncd.ports.store import Virtual


class Shares:
    """What `save_virtual` was told; every row was checked before one of them counts."""

    def __init__(self) -> None:
        self.units: dict[tuple[Any, ...], ShareRow] = {}
        self.demand: dict[tuple[Any, ...], DemandRow] = {}
        self.moves: list[MoveRow] = []
        self.extras: list[ExtraRow] = []

    def learn(self, rows: Sequence[DemandRow]) -> None:
        """Take what old orders say of the demand."""
        self.demand.update({row[:2]: row for row in rows})

    def save(self, virtual: Virtual) -> None:
        """Take what a cycle made of the shares; `None` leaves what is there."""
        units, demand = storable(virtual.shares), storable(virtual.demand)
        moves = None if virtual.moves is None else list(storable(virtual.moves))
        extras = None if virtual.extras is None else list(storable(virtual.extras))
        self.units.update({row[:3]: row for row in units})
        self.learn(demand)
        self.moves = self.moves if moves is None else moves
        self.extras = self.extras if extras is None else extras
