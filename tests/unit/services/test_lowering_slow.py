"""A shop that does not answer in time keeps no other from being lowered, and is left to a cycle."""

import asyncio

from syncd.domain.model import Sku
from syncd.services.lowering import Left
from tests.unit.services.cycle_world import World
from tests.unit.services.test_lowering import lower
from tests.unit.services.test_lowering_beside import Slow, slow, turns

A = Sku("A")


async def impatient() -> tuple[World, Slow]:
    """Return a filled world in which a shop that has to be waited for at all is too slow."""
    world, shop = await slow(A=10, B=10)
    world.seat.patience = 0.0
    return world, shop


async def raising(world: World, shop: Slow) -> asyncio.Task[object]:
    """Return a cycle of which a raise of A is in the air."""
    world.stock(A=20, B=10)
    shop.hold = True
    cycle = asyncio.create_task(world.run())
    await shop.began.wait()
    await turns()
    return cycle


async def test_a_shop_that_does_not_tell_what_it_shows_keeps_no_other_waiting() -> None:
    world, shop = await impatient()
    world.stock(A=4, B=10)
    shop.hold_reading = True

    lowered = await lower(world, "A")

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (10, 4)
    assert lowered.left == Left(skus=frozenset({A}))


async def test_a_shop_that_has_not_answered_a_write_keeps_no_other_waiting() -> None:
    world, shop = await impatient()
    filled = len(shop.pushed)
    cycle = await raising(world, shop)
    world.stock(A=4, B=10)

    lowered = await lower(world, "A")

    assert (world.counters("b")["A"], cycle.done()) == (4, False)
    # What it would have been told may come after what is under way, or before.
    assert (len(shop.pushed), lowered.left) == (filled, Left(skus=frozenset({A})))
    shop.go.set()
    await cycle


async def test_a_shop_that_has_not_answered_is_not_asked_either() -> None:
    world, shop = await impatient()
    cycle = await raising(world, shop)
    world.stock(A=4, B=10)
    before = len(shop.observed)

    await lower(world, "A")

    assert len(shop.observed) == before
    shop.go.set()
    await cycle


async def test_what_was_too_slow_is_lowered_by_the_next_cycle() -> None:
    world, shop = await impatient()
    cycle = await raising(world, shop)
    world.stock(A=4, B=10)
    await lower(world, "A")
    shop.go.set()
    await cycle

    await world.run()

    assert [world.counters(name)["A"] for name in "ab"] == [4, 4]


async def test_a_zero_that_needs_no_reading_does_not_overtake_a_write_that_is_in_the_air_either() -> None:
    world, shop = await impatient()
    filled = len(shop.pushed)
    cycle = await raising(world, shop)
    world.stock(A=0, B=10)

    await lower(world, "A")

    # It could land before the raise, which would then stay.
    assert (world.counters("b")["A"], len(shop.pushed)) == (0, filled)
    shop.go.set()
    await cycle
    await world.run()
    assert world.counters("a")["A"] == 0
