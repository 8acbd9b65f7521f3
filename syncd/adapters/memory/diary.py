"""The ledger in memory, and apart from it what the guard looks back on in every cycle."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from syncd.adapters.memory.rules import guarded, is_guarded
from syncd.domain.records import GuardedCount, LedgerRow


class Diary:
    """Rows in the order in which they were written, with their numbers."""

    def __init__(self) -> None:
        self.rows: list[LedgerRow] = []
        self.numbers: list[int] = []
        self._last = 0
        self._guarded: list[LedgerRow] = []

    def extend(self, rows: Iterable[LedgerRow]) -> None:
        """Add rows."""
        added = list(rows)
        self.rows += added
        self.numbers += range(self._last + 1, self._last + 1 + len(added))
        self._last += len(added)
        self._guarded += filter(is_guarded, added)

    def guarded(self, since: datetime) -> Sequence[GuardedCount]:
        """Return what the guard let through since then."""
        return guarded(row for row in self._guarded if row.at >= since)

    def forget(self, before: datetime, limit: int) -> int:
        """Drop up to `limit` rows that are older; return how many went."""
        old = [row for row in self.rows if row.at < before][:limit]
        if old:
            gone = {id(row) for row in old}
            kept = [(n, row) for n, row in zip(self.numbers, self.rows, strict=True) if id(row) not in gone]
            self.numbers, self.rows = [number for number, _ in kept], [row for _, row in kept]
            self._guarded = [row for row in self._guarded if id(row) not in gone]
        return len(old)
