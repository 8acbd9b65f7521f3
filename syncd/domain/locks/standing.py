"""How a lock stands at a moment: what is released, used, live and open; arithmetic over `now`, no job."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from syncd.domain.model import PoolName, ShopName
from syncd.domain.records import LockMode, LockRow, UseRow


class Batch(NamedTuple):
    """Units of a lock that are released at a time."""

    units: int
    at: datetime


def schedule_text(batches: Iterable[Batch]) -> str:
    """Return batches as the text that the state keeps, `UNITS@TIME` each, the earliest first."""
    ordered = sorted(batches, key=lambda batch: (batch.at, batch.units))
    return " ".join(f"{batch.units}@{batch.at.astimezone(UTC).isoformat()}" for batch in ordered)


def batches_of(schedule: str) -> list[Batch]:
    """Return the batches that `schedule_text` made the text from."""
    parts = (entry.partition("@") for entry in schedule.split())
    return [Batch(int(units), datetime.fromisoformat(at)) for units, _, at in parts]


def released(lock: LockRow, now: datetime) -> int:
    """Return the units that are released at `now`; once released they stay so, whatever the clock does."""
    due = sum(batch.units for batch in batches_of(lock.schedule) if batch.at <= now)
    return min(max(lock.by_hand + due, lock.released), lock.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A lock at a moment.

    `live` units come off the pool's rest. `open` ones of them are released and its shop may sell them; what
    is released of a lock for nobody is the pool's again.
    """

    lock: LockRow
    released: int
    used: int

    @property
    def live(self) -> int:
        """Return the units that nobody else may sell; 0 once the lock has ended."""
        if self.lock.ended_at is not None:
            return 0
        gone = self.released if self.lock.mode is LockMode.NOBODY else self.used
        return max(self.lock.units - gone, 0)

    @property
    def open(self) -> int:
        """Return the units that the lock's shop may sell now."""
        if self.lock.ended_at is not None or self.lock.mode is LockMode.NOBODY:
            return 0
        return max(self.released - self.used, 0)


def standings(locks: Sequence[LockRow], uses: Iterable[UseRow], now: datetime) -> list[Standing]:
    """Return how every lock stands, the oldest first."""
    used: dict[int, int] = {}
    for use in uses:
        used[use.lock] = used.get(use.lock, 0) + use.units
    ordered = sorted(locks, key=lambda lock: (lock.created_at, lock.id))
    return [Standing(lock=lock, released=released(lock, now), used=used.get(lock.id, 0)) for lock in ordered]


def used_by_line(
    locks: Iterable[LockRow], uses: Iterable[UseRow]
) -> dict[tuple[ShopName, str], list[tuple[PoolName, int]]]:
    """Return by claim what it used of locks, as units of their pools; also of locks that have ended."""
    of = {lock.id: lock for lock in locks}
    found: dict[tuple[ShopName, str], list[tuple[PoolName, int]]] = {}
    for use in sorted(uses):
        if use.lock in of:
            lock = of[use.lock]
            found.setdefault((lock.shop, use.line), []).append((lock.pool, use.units))
    return found
