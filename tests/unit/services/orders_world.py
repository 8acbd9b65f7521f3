"""A world whose shops tell their orders."""

from syncd.domain.model import ListingId
from syncd.domain.topology import PoolMode
from tests.unit.services.cycle_world import TELLS, World

A = ListingId("A")


async def opened(stock: int = 10, *, mode: PoolMode = PoolMode.SHARED) -> World:
    return await World({"A": stock}, mode=mode, traits=TELLS).filled()


def order(world: World, units: int = 1, *, shop: str = "a", paid: bool = True) -> str:
    """Let a buyer order, and pay where asked; return the order's id."""
    now = world.clock.now()
    number = world.shop(shop).buyers.order({A: units}, at=now)
    if paid:
        world.shop(shop).buyers.pay(number, at=now)
    return number


async def claims(world: World) -> list[tuple[str, int]]:
    return sorted((claim.line, claim.units) for claim in await world.store.claims())
