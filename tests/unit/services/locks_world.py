"""A world in which people lock units."""

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import LockMode
from syncd.domain.topology import PoolMode
from syncd.services.lock_requests import ADD, Wanted
from tests.unit.services.cycle_world import MAIN, World

A = ListingId("A")


async def ask(world: World, verb: str, argument: str) -> str:
    """Ask as `ann`, let it be obeyed, and return the answer."""
    request = await world.store.ask(verb, argument, at=world.clock.now(), by="ann")
    await world.requests.obey()
    return await world.store.answered(request)


async def lock(
    world: World,
    units: int,
    *,
    shop: str = "",
    only: bool = False,
    released: int = 0,
    schedule: str = "",
    sku: str = "A",
) -> str:
    mode = LockMode.NOBODY if not shop else LockMode.ONLY if only else LockMode.PLUS
    wanted = Wanted(
        sku=Sku(sku),
        pool=MAIN,
        shop=ShopName(shop),
        mode=mode,
        units=units,
        by_hand=released,
        schedule=schedule,
    )
    return await ask(world, ADD, wanted.text())


async def settle(world: World, cycles: int = 3) -> None:
    for _ in range(cycles):
        await world.run()


async def shares(world: World) -> dict[ShopName, int]:
    return {row.shop: row.units for row in await world.store.shares() if row.sku == "A"}


async def used(world: World) -> int:
    return sum(use.units for use in await world.store.uses())


def shown(world: World) -> list[int]:
    return [world.counters(shop)["A"] for shop in world.channels]


async def filled(mode: PoolMode, units: int = 40, **settings: object) -> World:
    return await World({"A": units}, mode=mode, **settings).filled()  # type: ignore[arg-type]
