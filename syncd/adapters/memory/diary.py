"""The ledger in memory, and apart from it what the guard looks back on in every cycle."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from syncd.adapters.memory.rules import guarded, is_guarded
from syncd.domain.records import GuardedCount, LedgerRow


class Diary:
    """Rows in the order in which they were written."""

    def __init__(self) -> None:
        self.rows: list[LedgerRow] = []
        self._guarded: list[LedgerRow] = []

    def extend(self, rows: Iterable[LedgerRow]) -> None:
        """Add rows."""
        added = list(rows)
        self.rows += added
        self._guarded += filter(is_guarded, added)

    def guarded(self, since: datetime) -> Sequence[GuardedCount]:
        """Return what the guard let through since then."""
        return guarded(row for row in self._guarded if row.at >= since)

    def forget(self, before: datetime, limit: int) -> int:
        """Drop up to `limit` rows that are older; return how many went."""
        old = [row for row in self.rows if row.at < before][:limit]
        if old:
            kept = {id(row) for row in old}
            self.rows = [row for row in self.rows if id(row) not in kept]
            self._guarded = [row for row in self._guarded if id(row) not in kept]
        return len(old)
