"""However sales, intakes, lost answers and the writes of one transfer fall together, no unit is sold twice.

Every order is walked through, by mode of writing: five units in two shops, four that show in the donor and
one in the receiver, until all have come to rest. `instant` is looked at after each sale and each write.
"""

from asyncio import Runner
from collections.abc import Iterator

import pytest

from tests.integration.exactness.loop import runner
from tests.integration.exactness.scene import A
from tests.integration.exactness.till import Mode
from tests.integration.exactness.transfer import Board, Budget, Pull, at_rest, explored, opened

SURE = (Mode.COMPARING, Mode.KEYED, Mode.REFUSING, Mode.CLIPPING)
"""Modes in which nothing is ever on sale twice; an absolute write may put back what was just sold."""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def loop() -> Iterator[Runner]:
    with runner() as made:
        yield made


def walked(loop: Runner, mode: Mode, budget: Budget, pull: Pull, cycles: int = 3) -> list[Board]:
    """Return every different end; each is looked at on the way to it, and comes to rest."""

    async def walk() -> list[Board]:
        ends, _ = await explored(await opened(mode, budget, pull), cycles)
        for end in ends:
            assert await at_rest(end.scene) == []
        return ends

    return loop.run(walk())


@pytest.mark.parametrize("mode", Mode)
def test_sales_in_any_order_around_a_transfer_sell_each_unit_once(loop: Runner, mode: Mode) -> None:
    ends = walked(loop, mode, Budget(donor=3, receiver=0, faults=0), Pull.DEMAND)

    assert {end.scene.oversold[A] for end in ends} == {0}


@pytest.mark.parametrize("mode", Mode)
def test_an_answer_that_is_lost_on_the_way_sells_nothing_twice(loop: Runner, mode: Mode) -> None:
    ends = walked(loop, mode, Budget(donor=1, receiver=0, faults=1), Pull.WEIGHTS)

    assert {end.scene.oversold[A] for end in ends} == {0}


@pytest.mark.slow
@pytest.mark.parametrize("pull", Pull)
@pytest.mark.parametrize("mode", Mode)
def test_sales_everywhere_and_lost_answers_together_sell_each_unit_once(
    loop: Runner, mode: Mode, pull: Pull
) -> None:
    ends = walked(loop, mode, Budget(donor=2 if pull is Pull.DEMAND else 1, receiver=1, faults=1), pull)

    assert mode not in SURE or {end.scene.oversold[A] for end in ends} == {0}


def test_units_do_move_in_it(loop: Runner) -> None:
    ends = walked(loop, Mode.COMPARING, Budget(donor=0, receiver=0, faults=0), Pull.DEMAND)

    assert [till.for_sale(till.listings()[0]) for till in ends[0].scene.tills.values()] != [4, 1]
