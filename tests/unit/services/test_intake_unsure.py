"""A lost answer hides sales from the next reading: that costs hidden units, and sells none of them twice."""

from dataclasses import replace

from syncd.adapters.memory import Fault
from syncd.domain.model import Action
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from tests.unit.services.cycle_world import TELLS, World
from tests.unit.services.orders_world import A, order

LOST = Fault(error=PortError(Kind.UNKNOWN, "the answer was lost"), applied=True)


async def raised_without_an_answer() -> World:
    """Return a world in which shop a shows 8 and syncd cannot say whether it is 5 or 8."""
    traits = replace(TELLS, write_modes=(Action.DELTA,))
    world = await World({"A": 10}, mode=PoolMode.SPLIT, traits=traits).filled()
    world.shop("a").fail_push(LOST)
    world.stock(A=16)
    await world.run()
    return world


async def expected(world: World) -> tuple[int | None, int | None]:
    row = await world.row("a", A)
    return row.expected_lo, row.expected_hi


async def test_units_sold_behind_a_lost_answer_are_not_taken_off_twice() -> None:
    world = await raised_without_an_answer()
    order(world, 3)

    await world.run()

    assert (world.counters("a")["A"], await expected(world)) == (5, (2, 5))
