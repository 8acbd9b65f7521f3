"""Locks as documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from syncd.domain.locks.standing import Standing, batches_of, standings
from syncd.domain.records import LockRow, UseRow
from syncd.domain.said import say
from syncd.domain.topology import Topology

Json = dict[str, Any]


def lock_documents(
    kept: tuple[Sequence[LockRow], Sequence[UseRow]], topology: Topology, now: datetime, *, ended: bool
) -> list[Json]:
    """Return the locks that live, or also those that have ended and are not forgotten yet, by number."""
    found = standings(*kept, now)
    shown = [_document(one, topology, now) for one in found if ended or not one.lock.ended_at]
    return sorted(shown, key=lambda entry: int(entry["lock"]))


def _document(one: Standing, topology: Topology, now: datetime) -> Json:
    lock = one.lock
    # A lock that has ended releases nothing any more.
    planned = () if lock.ended_at else batches_of(lock.schedule)
    later = [batch for batch in planned if batch.at > now]
    return {
        "lock": lock.id,
        "sku": lock.sku,
        "pool": lock.pool,
        "shop": lock.shop,
        "mode": lock.mode.value,
        "units": lock.units,
        "released": one.released,
        "used": one.used,
        "holds": one.live,
        "schedule": [{"units": batch.units, "at": batch.at.isoformat()} for batch in later],
        "created_by": lock.created_by,
        "created_at": lock.created_at.isoformat(),
        "ended_at": lock.ended_at.isoformat() if lock.ended_at else None,
        "note": _note(one, topology),
    }


def _note(one: Standing, topology: Topology) -> str:
    """Return what people must know of a lock that does not do what it says."""
    lock = one.lock
    pool = next((pool for pool in topology.pools if pool.name == lock.pool), None)
    if lock.ended_at is not None:
        return say("has ended")
    if pool is None:
        return say("its pool is not configured, so that it holds nothing")
    if lock.shop and lock.shop not in pool.shops:
        return say("its shop does not draw on the pool, so that nobody sells it")
    return ""
