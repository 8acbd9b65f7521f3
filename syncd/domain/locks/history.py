"""What happened to locks, for the ledger: used, returned, released."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from syncd.domain.locks.standing import standings
from syncd.domain.model import ListingId
from syncd.domain.records import LedgerRow, LockRow, UseRow

UNITS = "lock"
RELEASED = "lock_released"


def entry(lock: LockRow, what: str, figures: tuple[int | None, int], cause: str, at: datetime) -> LedgerRow:
    """Return the ledger's row of a change that syncd made to a lock; `figures` are before and after."""
    place = lock.shop, ListingId(""), lock.sku
    return LedgerRow(at, *place, what, *figures, cause, lock.rule, "syncd")


def used_entries(
    locks: Sequence[LockRow], before: Iterable[UseRow], after: Iterable[UseRow], now: datetime
) -> Iterator[LedgerRow]:
    """Yield a row for every lock that sales took from, or cancellations gave back to."""
    pairs = zip(standings(locks, before, now), standings(locks, after, now), strict=True)
    for old, new in pairs:
        if old.used != new.used:
            figures = old.lock.units - old.used, new.lock.units - new.used
            yield entry(old.lock, UNITS, figures, "used" if new.used > old.used else "returned", now)


def due(locks: Sequence[LockRow], now: datetime) -> tuple[list[LockRow], list[LedgerRow]]:
    """Return the living locks of which more is released now than when last looked, and what to write down."""
    changed = [
        one
        for one in standings(locks, (), now)
        if one.lock.ended_at is None and one.released > one.lock.released
    ]
    rows = [one.lock._replace(released=one.released) for one in changed]
    return rows, [
        entry(one.lock, RELEASED, (one.lock.released, one.released), "schedule", now) for one in changed
    ]
