"""The desk over the engine, shops and state in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.records import AlertRow, Due
from syncd.domain.model import ListingId, Sku
from syncd.domain.topology import Assemble, Bundle, PoolMode
from syncd.services.desk import Desk, Ground
from syncd.services.recall import Recall
from tests.unit.services.cycle_world import TELLS, World, shown

Json = dict[str, Any]

ANN = "console:ann"
STOCK = {f"S{number:02}": 10 for number in range(12)}
LOCK = '{"sku": "S09", "pool": "main", "shop": "a", "mode": "plus", "units": 3, "by_hand": 1, "schedule": ""}'


def desk_of(world: World) -> Desk:
    """Return a desk over a world; its recall shares the hands and the seat of the cycles."""
    lowering = world.lowering
    recall = Recall(lowering._rules, lowering._hands, store=world.store, clock=world.clock, seat=world.seat)
    return Desk(
        Ground(
            store=world.store,
            clock=world.clock,
            topology=world.topology,
            types=dict.fromkeys(world.channels, "memory"),
            recall=recall,
            rules=dict.fromkeys(world.channels, world.order_rules),
            applies=dict.fromkeys(world.channels, 0.0),
            told=frozenset(name for name, one in world.channels.items() if one.traits.order_feed),
        )
    )


async def seeded(mode: PoolMode = PoolMode.SHARED) -> World:
    """Return a world with something of everything.

    Twelve SKUs, a bundle of two, an order of S11, a lock of S09, a listing that nobody can bind, an alert,
    and a source that says that the first five SKUs are gone, which the guard holds.
    """
    world = World(STOCK, mode=mode, traits=TELLS)
    kit = Bundle(sku=Sku("KIT"), components={Sku("S06"): 1, Sku("S07"): 2}, assemble=Assemble.WAREHOUSE)
    world.topology = replace(world.topology, bundles=(kit,))
    world.shop("a").put(shown("KIT", 0), shown("X1", 4, code="NOBODY"))
    world.restart()
    await world.filled()
    buyers, now = world.shop("a").buyers, world.clock.now()
    buyers.pay(buyers.order({ListingId("S11"): 2}, at=now), at=now)
    await world.store.ask("lock_add", LOCK, at=now, by="ann")
    await world.requests.obey()
    await world.store.save_alerts([alert(1, world), alert(2, world, ended=True)])
    world.stock(**STOCK | {f"S{number:02}": 0 for number in range(5)})
    await world.run()
    return world


def alert(number: int, world: World, *, ended: bool = False) -> AlertRow:
    """Return an alert of an unbound listing."""
    now = world.clock.now()
    return AlertRow(
        id=number,
        kind=AlertKind.SHOP_FAILING,
        level=Level.CRITICAL,
        place="a",
        thing="",
        facts='{"error": "no route"}',
        began_at=now,
        seen_at=now,
        calm_at=None,
        ended_at=now + timedelta(minutes=1) if ended else None,
        times=1,
        flapping=False,
        due=Due.NOTHING,
        due_at=now,
        told_at=now,
        owed="",
        acked_at=None,
        acked_by="",
    )


async def answered(world: World, number: int) -> str:
    """Let the daemon obey, and return the answer to a request."""
    await world.requests.obey()
    return await world.store.answered(number)


def by(entries: Sequence[Json], key: str) -> dict[str, Json]:
    """Return entries by one of their values."""
    return {entry[key]: entry for entry in entries}
