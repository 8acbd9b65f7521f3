"""The desk over the engine, shops and state in memory."""

from collections.abc import Sequence
from typing import Any

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.topology import PoolMode
from syncd.services.desk import Desk, Ground
from syncd.services.recall import Recall
from syncd.services.traits import shop_traits
from tests.unit.services.cycle_world import World

Json = dict[str, Any]

ANN = "console:ann"


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


async def answered(world: World, number: int) -> str:
    """Let the daemon obey, and return the answer to a request."""
    await world.requests.obey()
    return await world.store.answered(number)


async def seeded(mode: PoolMode = PoolMode.SHARED, **more: Any) -> World:  # noqa: ANN401
    """Return a world of twelve SKUs that was filled, of which something is sold, locked, unbound and held."""
    stock = {f"S{number:02}": 10 for number in range(12)}
    world = World(stock, mode=mode, **more)
    await world.filled()
    shop = world.shop("a")
    shop.sell(ListingId("S11"), 2)
    unbound = shop.shown(ListingId("S10"))
    shop.put(*(type(unbound)(**_fields(unbound) | {"id": ListingId("X1"), "code": "NOBODY"}),))
    await world.store.ask("lock_add", LOCK, at=world.clock.now(), by="ann")
    await world.requests.obey()
    world.stock(**stock | {f"S{number:02}": 0 for number in range(5)})
    await world.run()
    return world


LOCK = '{"sku": "S09", "pool": "main", "shop": "a", "mode": "plus", "units": 3, "by_hand": 1, "schedule": ""}'


def _fields(row: Any) -> Json:  # noqa: ANN401
    return {name: getattr(row, name) for name in row.__slots__}


def traits_of(world: World) -> dict[ShopName, object]:
    return {name: shop_traits(channel.traits) for name, channel in world.channels.items()}


def by(entries: Sequence[Json], key: str) -> dict[str, Json]:
    """Return entries by one of their values."""
    return {entry[key]: entry for entry in entries}


def sku(number: int) -> Sku:
    return Sku(f"S{number:02}")
