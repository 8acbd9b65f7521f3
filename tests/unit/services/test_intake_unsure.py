"""A lost answer hides sales from the next reading: that costs hidden units, and sells none of them twice."""

from dataclasses import replace
from datetime import datetime

from syncd.adapters.memory import Fault
from syncd.domain.model import Action, ItemId, ShopName
from syncd.domain.records import IntentRow, Resolution
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from tests.unit.services.cycle_world import CAN, TELLS, World, shown
from tests.unit.services.orders_world import A, order


def an_intent(shop: str, *, target: int, at: datetime) -> IntentRow:
    """Return a raise from 5 that was sent, and of which nothing is known."""
    return IntentRow(
        key="k",
        shop=ShopName(shop),
        listing=A,
        item=ItemId("A"),
        action=Action.DELTA,
        value=target - 5,
        base=5,
        target=target,
        cause="give",
        rule="",
        created_at=at,
        sent_at=at,
        resolution=Resolution.OPEN,
        message="",
    )


LOST = Fault(error=PortError(Kind.UNKNOWN, "the answer was lost"), applied=True)


async def raised_without_an_answer() -> World:
    """Return a world in which shop a shows 8 and syncd cannot say whether it is 5 or 8."""
    traits = replace(TELLS, write_modes=(Action.DELTA,))
    world = await World({"A": 10}, mode=PoolMode.SPLIT, traits=traits).filled()
    world.shop("a").fail_push(LOST)
    world.stock(A=16)
    await world.run()
    return world


async def test_a_write_that_a_crash_left_open_may_show_though_the_shop_cannot_be_read() -> None:
    world = await World(
        {"A": 10}, mode=PoolMode.SPLIT, traits=replace(CAN, write_modes=(Action.DELTA,))
    ).filled()
    world.shop("a").put(shown("A", 8))
    await world.store.open_intents([an_intent("a", target=8, at=world.clock.now())])
    await world.store.ask("pause", "a", at=world.clock.now(), by="ann")
    await world.requests.obey()
    world.stock(A=16)
    world.shop("a").fail_observe(PortError(Kind.TRANSIENT, "down"))

    await world.run(after=1)

    assert world.counters("b")["A"] <= 8


async def expected(world: World) -> tuple[int | None, int | None]:
    row = await world.row("a", A)
    return row.expected_lo, row.expected_hi


async def test_units_sold_behind_a_lost_answer_are_not_taken_off_twice() -> None:
    world = await raised_without_an_answer()
    order(world, 3)

    await world.run()

    assert (world.counters("a")["A"], await expected(world)) == (5, (2, 5))
