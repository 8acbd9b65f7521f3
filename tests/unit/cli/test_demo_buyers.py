"""The demo's buyers against the mocks' real HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from syncd.cli.demo.buyers import Buyers, shopping
from syncd.cli.demo.world import served
from syncd.mock import Stage as Step
from tests.unit.cli.demo_stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """Mocks that listen, and who shops there."""

    stage: Stage
    buyers: Buyers

    def stages(self) -> list[Step]:
        return [order.stage for order in self.stage.world.shops["jd"].state.orders.orders.values()]


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    stage = Stage()
    stage.show("jd", "LAMP-2", quantity=10)
    async with served(stage.world, port=0) as urls, shopping(urls) as buyers:
        yield Street(stage=stage, buyers=buyers)


@pytest.mark.parametrize(("paid", "stage"), [(True, Step.PAID), (False, Step.UNPAID)])
async def test_an_order_is_placed_in_the_shop(street: Street, *, paid: bool, stage: Step) -> None:
    await street.buyers.order(street.stage.ware("jd", "LAMP-2"), 2, paid=paid)
    assert street.stages() == [stage]


async def test_an_order_lowers_the_counter(street: Street) -> None:
    ware = street.stage.ware("jd", "LAMP-2")
    await street.buyers.order(ware, 2, paid=True)
    assert street.stage.world.listing(ware).quantity == 8


async def test_more_than_there_is_cannot_be_ordered(street: Street) -> None:
    assert await street.buyers.order(street.stage.ware("jd", "LAMP-2"), 11, paid=True) == ""


async def test_an_order_goes_on_step_by_step(street: Street) -> None:
    order = await street.buyers.order(street.stage.ware("jd", "LAMP-2"), 2, paid=False)
    steps = [await street.buyers.step("jd", order, word) for word in ("pay", "ask_refund", "agree_refund")]
    assert (steps, street.stages()) == ([True, True, True], [Step.CLOSED])


async def test_a_step_that_is_not_possible_is_told(street: Street) -> None:
    order = await street.buyers.order(street.stage.ware("jd", "LAMP-2"), 2, paid=True)
    assert not await street.buyers.step("jd", order, "cancel")


@pytest.mark.parametrize(("paying", "stage"), [(True, Step.PAID), (False, Step.UNPAID)])
async def test_a_rush_comes_by_itself(street: Street, *, paying: bool, stage: Step) -> None:
    await street.buyers.rush(street.stage.ware("jd", "LAMP-2"), 4, seconds=2, paying=paying, seed=1)
    street.stage.wait(2.5)
    assert street.stages() == [stage] * 4


async def test_who_went_home_does_not_come(street: Street) -> None:
    await street.buyers.rush(street.stage.ware("jd", "LAMP-2"), 4, seconds=2, paying=True, seed=1)
    before = len(street.stages())
    await street.buyers.go_home(["jd"])
    street.stage.wait(2.5)
    assert len(street.stages()) == before
