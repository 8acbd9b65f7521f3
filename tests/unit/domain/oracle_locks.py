"""The oracle's locks (DESIGN 4.4): who holds which units back, and who may sell them, one lock at a time.

Where the text leaves a choice, this was chosen: of two locks the older one is served first when there is too
little; in a split pool no lock takes what a shop that cannot be written has on sale beside its own locks; a
lock that must be cut keeps the units that are released before the others; a shop that shows only a lock shows
nothing of its other pools.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncd.domain.model import ListingRow, PoolName, ShopName, Sku
from syncd.domain.records import LockMode, LockRow
from syncd.domain.topology import PoolMode
from tests.unit.domain.oracle_held import is_held
from tests.unit.domain.oracle_world import World


@dataclass(slots=True, kw_only=True)
class Counted:
    """What the locks of one pool and SKU hold back, and what their shops may sell."""

    held: int = 0
    missing: int = 0
    sells: dict[ShopName, int] = field(default_factory=dict)
    only: set[ShopName] = field(default_factory=set)
    names: dict[ShopName, list[str]] = field(default_factory=dict)


def locks_of(
    world: World, available: Mapping[tuple[PoolName, Sku], int]
) -> dict[tuple[PoolName, Sku], Counted]:
    answer = {key: Counted() for key in available}
    for sku in {sku for _, sku in available}:
        free = _not_on_sale(world, sku, available)
        for lock in sorted(world.locks, key=lambda lock: (lock.created_at, lock.id)):
            counted = answer.get((lock.pool, sku))
            if lock.sku != sku or lock.ended_at is not None or counted is None:
                continue
            _hold(world, lock, counted, max(free[lock.pool] - counted.held, 0))
    return _with_only(world, answer)


def _with_only(
    world: World, answer: dict[tuple[PoolName, Sku], Counted]
) -> dict[tuple[PoolName, Sku], Counted]:
    """Let a shop that shows only a lock show nothing of its other pools either."""
    shops = {pool.name: pool.shops for pool in world.topology.pools}
    for (pool, sku), counted in answer.items():
        counted.names.clear()
        for lock in sorted(world.locks, key=lambda lock: (lock.created_at, lock.id)):
            lives = lock.sku == sku and lock.ended_at is None and lock.shop in shops.get(lock.pool, ())
            is_only = lives and lock.mode is LockMode.ONLY
            if is_only and lock.shop in shops[pool]:
                counted.only.add(lock.shop)
            if is_only or (lives and lock.pool == pool):
                counted.names.setdefault(lock.shop, []).append(f"locks.{lock.id}")
    return answer


def _hold(world: World, lock: LockRow, counted: Counted, there: int) -> None:
    out, used = released_of(lock, world.now), _used(world, lock)
    wanted = max(lock.units - (out if lock.mode is LockMode.NOBODY else used), 0)
    counted.held += min(wanted, there)
    counted.missing += wanted - min(wanted, there)
    if lock.shop not in next(pool.shops for pool in world.topology.pools if pool.name == lock.pool):
        return
    sells = min(max(out - used, 0), wanted, there)
    counted.sells[lock.shop] = counted.sells.get(lock.shop, 0) + sells


def released_of(lock: LockRow, now: datetime) -> int:
    """Return what is released by hand and by now, at least what ever was and at most all."""
    units = lock.by_hand
    for entry in lock.schedule.split():
        number, at = entry.split("@")
        if datetime.fromisoformat(at) <= now:
            units += int(number)
    return min(lock.units, max(units, lock.released))


def _used(world: World, lock: LockRow) -> int:
    return sum(use.units for use in world.uses if use.lock == lock.id)


# --- what shops that cannot be written have on sale -----------------------------------------------------


def _not_on_sale(
    world: World, sku: Sku, available: Mapping[tuple[PoolName, Sku], int]
) -> dict[PoolName, int]:
    free = {pool: units for (pool, code), units in available.items() if code == sku}
    for pool, counts in _beside_locks(world, sku, free).items():
        free[pool] -= counts
    return free


def _beside_locks(world: World, sku: Sku, free: Mapping[PoolName, int]) -> dict[PoolName, int]:
    taken = dict.fromkeys(free, 0)
    for shop in world.topology.shops:
        if shop.name not in world.unwritable:
            continue
        left = exposure_of(world, shop.name, sku)
        if left is not None:
            left = max(left - _sells_of_locks(world, shop.name, sku, free), 0)
        for pool in world.topology.pools:
            if pool.mode is PoolMode.SHARED or shop.name not in pool.shops or pool.name not in free:
                continue
            room = free[pool.name] - taken[pool.name]
            part = room if left is None else min(left, room)
            taken[pool.name] += part
            left = None if left is None else left - part
    return taken


def _sells_of_locks(world: World, shop: ShopName, sku: Sku, known: Mapping[PoolName, int]) -> int:
    mine = [lock for lock in world.locks if (lock.shop, lock.sku) == (shop, sku)]
    mine = [lock for lock in mine if lock.ended_at is None and lock.pool in known]
    return sum(max(released_of(lock, world.now) - _used(world, lock), 0) for lock in mine)


def units_of(world: World, listing: ListingRow, sku: Sku) -> int:
    """Return how many units of `sku` one sale of `listing` takes; 0 where it has none of it, or is held."""
    if listing.gone or is_held(listing):
        return 0
    for bundle in world.topology.bundles:
        if bundle.sku == listing.sku:
            return bundle.components.get(sku, 0) * listing.units
    return listing.units if listing.sku == sku else 0


def exposure_of(world: World, shop: ShopName, sku: Sku) -> int | None:
    """Return the units of `sku` that buyers could take from `shop`; None is more than any figure."""
    total = 0
    for listing in world.listings:
        units = units_of(world, listing, sku)
        if listing.shop != shop or not units:
            continue
        if listing.expected_hi is None:
            return None
        total += listing.expected_hi * units
    return total
