"""What syncd counts about itself, in memory."""

from typing import Any

from syncd.adapters.memory.rules import storable
from syncd.domain.records import MeasureRow, PendingRow
from syncd.ports.store import Measured


class Measures:
    """What `save_measures` was told, without the demand; every row was checked before one of them counts."""

    def __init__(self) -> None:
        self.counts: dict[tuple[Any, ...], MeasureRow] = {}
        self.pending: dict[tuple[Any, ...], PendingRow] = {}

    def save(self, measured: Measured) -> None:
        """Take what a cycle measured; a decrease that is settled and pending stays."""
        counts = {row[:3]: row for row in storable(measured.rows)}
        pending = {row[:2]: row for row in storable(measured.pending)}
        settled = {row[:2] for row in measured.settled}
        self.counts |= counts
        self.pending = {key: row for key, row in self.pending.items() if key not in settled} | pending
