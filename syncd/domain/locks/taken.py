"""What one intake makes of the locks: uses, batches that are due, and what to write down of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.domain.locks.history import due, used_entries
from syncd.domain.locks.using import Sale, used
from syncd.domain.model import PoolName, WarehouseName
from syncd.domain.records import LedgerRow, LockRow, UseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LocksTaken:
    """The locks and uses to plan with, and what the state must learn of them.

    `opening` are uses to commit with the presumed sales, `closing` those to commit with the orders, with the
    locks that are `changed` and the `ledger`.
    """

    locks: Sequence[LockRow] = ()
    uses: Sequence[UseRow] = ()
    opening: Sequence[UseRow] = ()
    closing: Sequence[UseRow] = ()
    changed: Sequence[LockRow] = ()
    ledger: Sequence[LedgerRow] = ()


def take_locks(
    stored: tuple[Sequence[LockRow], Sequence[UseRow]],
    sales: tuple[Sequence[Sale], Sequence[Sale]],
    now: datetime,
    pool_of: Mapping[WarehouseName, PoolName],
) -> LocksTaken:
    """Return what `sales`, those that counters show and those that orders tell of, make of the locks."""
    locks, before = stored
    presumed = used(locks, before, sales[0], now, pool_of)
    after = used(locks, presumed, sales[1], now, pool_of)
    released, told = due(locks, now)
    renewed = {lock.id: lock for lock in released}
    # What was committed on the way counts as changed, too: the last word must be the one that stays.
    done = set(before) & set(presumed)
    return LocksTaken(
        locks=[renewed.get(lock.id, lock) for lock in locks],
        uses=[use for use in after if use.units],
        opening=[use for use in presumed if use not in set(before)],
        closing=[use for use in after if use not in done],
        changed=released,
        ledger=[*told, *used_entries(locks, before, after, now)],
    )
