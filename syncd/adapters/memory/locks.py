"""The locks of the state in memory."""

from collections.abc import Sequence
from datetime import datetime

from syncd.adapters.memory.rules import storable
from syncd.domain.records import LockRow, UseRow
from syncd.errors import StateError


class Locks:
    """Locks by id, and what claims used of them."""

    def __init__(self) -> None:
        self.rows: dict[int, LockRow] = {}
        self.uses: dict[tuple[int, str], UseRow] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self.rows) + len(self.uses)

    def add(self, row: LockRow) -> LockRow:
        """Keep a lock under the next id and return it."""
        self._last += 1
        self.rows[self._last] = row._replace(id=self._last)
        return self.rows[self._last]

    def known(self, rows: Sequence[LockRow]) -> dict[int, LockRow]:
        """Return locks by id.

        Raises:
            StateError: one of them was never added.
        """
        found = {row.id: row for row in storable(rows)}
        if not found.keys() <= self.rows.keys():
            names = ", ".join(str(row.id) for row in rows)
            raise StateError(f"nothing was written, not all of these locks are in the state: {names}")
        return found

    def use(self, rows: Sequence[UseRow]) -> None:
        """Keep what claims used; without units there is no use."""
        used = self.uses | {row[:2]: row for row in rows}
        self.uses = {key: row for key, row in used.items() if row.units}

    def purge(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` locks that ended before, with their uses; return how many rows went."""
        had = len(self)
        for id_ in [id_ for id_, row in self.rows.items() if row.ended_at and row.ended_at < before][:limit]:
            del self.rows[id_]
        self.uses = {key: row for key, row in self.uses.items() if row.lock in self.rows}
        return had - len(self)
