"""What cycles count of calls and writes."""

from datetime import timedelta

from syncd.domain.records import Measure
from syncd.errors import Kind, PortError
from tests.unit.services.cycle_world import World
from tests.unit.services.measuring_world import measured
from tests.unit.services.orders_world import A, opened, order

FULL = PortError(Kind.THROTTLED, "slow down", sent=False)


async def totals(world: World) -> dict[str, float]:
    """Return what was counted of calls and writes."""
    counts = (Measure.CALLS, Measure.THROTTLED, Measure.WRITTEN)
    return {
        f"{row.shop} {row.what}": row.amount for row in await world.store.measures() if row.what in counts
    }


async def test_calls_and_writes_are_counted_and_those_that_were_throttled() -> None:
    world = await World({"A": 10}).filled()
    before = await totals(world)
    world.stock(A=8)
    world.shop("a").fail_push(FULL)
    await world.run(after=1.0)

    more = {key: round(amount - before.get(key, 0.0), 3) for key, amount in (await totals(world)).items()}
    assert more == {"a calls": 1.0, "a throttled": 1.0, "a written": 0.0, "b calls": 1.0, "b written": 1.0}


async def test_the_counter_of_the_shop_that_sold_needs_no_write() -> None:
    world = await opened()
    order(world, 2)
    await world.run(after=60.0)

    assert await measured(world, Measure.SPARED) == {("a", 0.01): 1.0}


async def test_a_first_fill_spares_nothing() -> None:
    world = await World({"A": 0}).filled()

    assert await measured(world, Measure.SPARED) == {}


async def test_a_cycle_in_which_nothing_happens_writes_no_measures() -> None:
    world = await World({"A": 10}).filled()
    before = await world.store.measures()
    await world.run()

    assert await world.store.measures() == before


async def test_the_clock_of_a_platform_that_is_ahead_makes_no_delay() -> None:
    world = await opened()
    world.shop("a").buyers.order({A: 1}, at=world.clock.now() + timedelta(seconds=90))
    await world.run(after=60.0)

    assert await measured(world, Measure.SALE_TO_SEEN) == {("a", 0.01): 1.0}
