"""Units that are taken by writes that hide what was sold until then: they go by way of 0 (DESIGN 4.2)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from syncd.adapters.memory import FakeClock, MemoryChannel
from syncd.domain.model import Action, ListingId, Outcome, ShopName, Write
from syncd.domain.topology import PoolMode
from syncd.ports.channel import ChannelTraits, DeductsAt
from tests.unit.services.cycle_world import CAN, World, shown

A = ListingId("A")
FEED = {"order_feed": True, "deducts_at": DeductsAt.ORDER}
ABSOLUTE = replace(CAN, **FEED)  # type: ignore[arg-type]
REFUSING = replace(ABSOLUTE, write_modes=(Action.DELTA,))
CLIPPING = replace(REFUSING, delta_clips=True)


class Rushed(MemoryChannel):
    """A shop in which somebody buys after the counter was read and before the next write arrives."""

    def __init__(self, traits: ChannelTraits, clock: FakeClock) -> None:
        super().__init__([shown("A", 0)], traits=traits)
        self.buys = 0
        self._clock = clock

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        units, self.buys = self.buys, 0
        if units:
            now = self._clock.now()
            self.buyers.pay(self.buyers.order({A: units}, at=now), at=now)
        return await super().push(writes)


async def crowded(traits: ChannelTraits, *, rush: int = 0) -> World:
    """Let one shop sell until units are taken from the other one, in which somebody buys at that moment."""
    world = World({"A": 30}, mode=PoolMode.SPLIT, traits=traits)
    rushed = Rushed(traits, world.clock)
    world.channels[ShopName("b")] = rushed
    await world.filled()
    rushed.buys, before = rush, len(rushed.pushed)
    while len(rushed.pushed) == before:
        now, buyers = world.clock.now(), world.shop("a").buyers
        buyers.pay(buyers.order({A: 1}, at=now), at=now)
        await world.run(after=30)
    return world


def counters(world: World) -> list[int]:
    return [world.counters(shop)["A"] for shop in ("a", "b")]


async def test_an_absolute_write_takes_by_way_of_0() -> None:
    world = await crowded(ABSOLUTE)

    assert counters(world)[1] == 0


async def test_behind_the_barrier_the_next_cycle_puts_back_and_gives() -> None:
    world = await crowded(ABSOLUTE)
    await world.run(after=30)

    assert counters(world) == [23, 2]
    assert await world.store.moves() == []


async def test_a_difference_that_is_refused_below_0_gives_at_once() -> None:
    assert counters(await crowded(REFUSING)) == [23, 2]


@pytest.mark.parametrize("traits", [ABSOLUTE, REFUSING, CLIPPING], ids=["absolute", "refusing", "clipping"])
@pytest.mark.parametrize("rush", [1, 5, 8, 15])
async def test_what_is_sold_while_units_are_taken_is_never_given_away(
    traits: ChannelTraits, rush: int
) -> None:
    world = await crowded(traits, rush=rush)
    left = 30 - sum(line.units for shop in ("a", "b") for line in world.shop(shop).buyers.lines.values())
    shown_after = [sum(counters(world))]
    for _ in range(4):
        await world.run(after=30)
        shown_after.append(sum(counters(world)))

    assert max(shown_after) <= left
    assert shown_after[-1] == left


async def test_a_difference_that_was_cut_to_0_proves_nothing() -> None:
    world = await crowded(CLIPPING, rush=8)

    assert counters(world) == [10, 0]
