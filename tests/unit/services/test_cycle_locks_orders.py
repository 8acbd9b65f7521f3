"""Orders and locks: what an order uses it uses once, whatever tells of it and whatever contains it."""

from dataclasses import replace

import pytest

from syncd.adapters.memory import MemoryStore
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError, StateError
from syncd.ports.store import TakenOrders
from tests.unit.services.cycle_world import TELLS, World
from tests.unit.services.locks_world import A, filled, lock, settle, shown, used
from tests.unit.services.orders_world import order

BOTH = pytest.mark.parametrize("mode", list(PoolMode))
DOWN = PortError(Kind.TRANSIENT, "no route")


async def campaign(mode: PoolMode = PoolMode.SHARED, *, released: int = 10) -> World:
    """Return a world whose shop `a` shows only what is released of ten locked units."""
    world = await filled(mode, traits=TELLS)
    await lock(world, 10, shop="a", only=True, released=released)
    await settle(world)
    return world


async def contained(world: World, units: int) -> None:
    """Let the ERP know of the sales, and of nothing else."""
    world.stock(A=40 - units)
    for _ in range(3):
        await world.run(after=1200)


@BOTH
async def test_an_order_uses_the_lock_of_its_shop(mode: PoolMode) -> None:
    world = await campaign(mode)
    order(world, 3)
    await settle(world)
    assert (shown(world), await used(world)) == ([7, 30], 3)


async def test_an_order_of_another_shop_uses_none() -> None:
    world = await campaign()
    order(world, 3, shop="b")
    await settle(world)
    assert (shown(world), await used(world)) == ([10, 27], 0)


async def test_an_order_that_is_told_a_cycle_late_uses_the_lock_once() -> None:
    world = await campaign()
    order(world, 3)
    world.shop("a").fail_orders(DOWN)
    await world.run()
    before = await used(world)
    await settle(world)
    assert (before, await used(world), shown(world)) == (3, 3, [7, 30])


async def test_a_late_order_of_a_sale_before_the_lock_uses_none() -> None:
    world = await filled(PoolMode.SHARED, traits=TELLS)
    order(world, 3)
    world.shop("a").fail_orders(DOWN)
    await world.run()
    await lock(world, 10, shop="a", only=True, released=10)
    await settle(world)
    assert (await used(world), shown(world)) == (0, [10, 27])


@BOTH
async def test_a_cancelled_order_gives_back_to_the_lock(mode: PoolMode) -> None:
    world = await campaign(mode)
    number = order(world, 3)
    await settle(world)
    world.shop("a").buyers.cancel(number, at=world.clock.now())
    await settle(world)
    assert (shown(world), await used(world)) == ([10, 30], 0)


async def test_an_order_that_a_snapshot_contains_still_uses_the_lock() -> None:
    world = await campaign()
    order(world, 3)
    await settle(world)
    await contained(world, 3)
    assert (shown(world), await world.claimed("A"), await used(world)) == ([7, 30], 0, 3)


async def test_an_order_that_is_cancelled_once_contained_gives_back_to_the_lock_and_to_nobody_else() -> None:
    world = await campaign()
    number = order(world, 3)
    await settle(world)
    await contained(world, 3)
    world.shop("a").buyers.cancel(number, at=world.clock.now())
    await settle(world)
    before = shown(world)
    await contained(world, 0)
    assert (before[0], shown(world), await used(world)) == (10, [10, 30], 0)


async def test_what_is_not_released_is_not_used() -> None:
    world = await campaign(released=2)
    world.shop("a").put(replace(world.shop("a")._counters.shown["A"], quantity=5))  # type: ignore[index]
    order(world, 4)
    await settle(world)
    assert await used(world) == 2


async def test_a_restart_forgets_no_use() -> None:
    world = await campaign()
    order(world, 3)
    await world.run()
    world.restart()
    await settle(world)
    assert (shown(world), await used(world)) == ([7, 30], 3)


class Dying(MemoryStore):
    """A state whose process dies as it is about to commit orders, once it is told to."""

    dies = False

    async def take_orders(self, taken: TakenOrders) -> None:
        if self.dies:
            self.dies = False
            raise StateError("killed")
        await super().take_orders(taken)


async def test_a_crash_between_a_presumed_sale_and_the_orders_forgets_no_use() -> None:
    world = World({"A": 40})
    store = Dying()
    world.keep_in(store)
    await world.filled()
    await lock(world, 10, shop="a", only=True, released=10)
    await settle(world)
    world.shop("a").sell(A, 3)
    store.dies = True
    with pytest.raises(StateError):
        await world.run()
    world.restart()
    await settle(world)
    assert (shown(world), await used(world)) == ([7, 30], 3)
