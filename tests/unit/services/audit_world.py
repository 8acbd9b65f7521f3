"""A world that is audited: split pools, locks, orders, and ways to spoil its state."""

from syncd.domain.model import ListingId, ShopName
from syncd.domain.topology import PoolMode
from syncd.services.audit import Audit, Audited, Finding, Ground
from syncd.services.audit.shops import Counter
from syncd.services.traits import shop_traits
from tests.unit.services.cycle_world import TELLS, World
from tests.unit.services.locks_world import lock
from tests.unit.services.orders_world import order

A = ListingId("A")
HERE = ShopName("a")


async def busy(mode: PoolMode) -> World:
    """Return a world that sold, locked, and came to rest with claims open."""
    world = await World({"A": 20, "B": 7}, mode=mode, traits=TELLS).filled()
    await lock(world, 4, shop="b", released=3)
    for _ in range(3):
        await world.run()
    order(world, 2)
    order(world, 1, shop="b")
    order(world, 1, paid=False)
    for _ in range(2):
        await world.run(after=5.0)
    return world


def ground(world: World) -> Ground:
    return Ground(
        topology=world.topology,
        traits={name: shop_traits(channel.traits) for name, channel in world.channels.items()},
        rules=dict.fromkeys(world.channels, world.order_rules),
        fingerprint=world.fingerprint,
    )


def audit(world: World, *, online: bool = False) -> Audit:
    shops = [Counter(shop=name, channel=channel) for name, channel in world.channels.items()]
    return Audit(ground(world), store=world.store, clock=world.clock, shops=shops if online else ())


async def audited(world: World, *, online: bool = False) -> list[Finding]:
    found: Audited = await audit(world, online=online).run()
    return list(found.findings)


async def spoil(world: World, **fields: object) -> None:
    """Write other figures into the row of a listing."""
    row = await world.row("a", "A")
    await world.store.save_listings([row._replace(**fields)])  # type: ignore[arg-type]


async def lose_the_only_use(world: World) -> None:
    (use,) = await world.store.uses()
    await world.store.save_claims([], [], [use._replace(units=0)])
