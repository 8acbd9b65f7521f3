"""A process that dies at any step of a cycle forgets no sale and counts none twice.

What is held at each step: that a sale is known before the counter that showed it, and a counter before the
orders that explain it, so that whoever starts anew finds each of them once.
"""

from asyncio import Runner
from collections.abc import Awaitable, Callable, Iterator

import pytest

from syncd.domain.model import ListingId
from tests.integration.exactness import checks
from tests.integration.exactness.cloning import clone
from tests.integration.exactness.loop import runner
from tests.integration.exactness.scene import A, Scene, Setup
from tests.integration.exactness.till import Habits, Mode
from tests.integration.exactness.transfer import Budget, Pull, at_rest
from tests.integration.exactness.transfer import opened as shortly_before_a_transfer

LISTING = ListingId("A")
MINUTE = 60.0

Story = Callable[[Scene], Awaitable[None]]


@pytest.fixture
def loop() -> Iterator[Runner]:
    with runner() as made:
        yield made


async def opened(habits: Habits) -> Scene:
    """Return a scene of two shops that show five units each."""
    scene = Scene(Setup(shops=(habits, habits), stock={A: 10}, listed=((("A", "A"),),) * 2))
    for _ in range(2):
        await cycle(scene)
    return scene


async def cycle(scene: Scene, fatal: int = 0) -> bool:
    """Run a cycle a minute later; return whether the program died in it."""
    scene.pass_time(MINUTE)
    return await scene.run(fatal=fatal) is None


def sell(scene: Scene, units: int = 1, *, hidden: bool = False) -> str:
    """Sell units of the first shop, that its feed may keep to itself."""
    shop = scene.names[0]
    scene.buy(shop, LISTING, units, paid=True)
    line = f"{len(scene.tills[shop].lines)}"
    if hidden:
        scene.tills[shop].hidden.add(line)
    return line


async def a_sale(scene: Scene) -> None:
    """Three units were sold, and the shop tells of it."""
    sell(scene, 3)


async def a_sale_not_told(scene: Scene) -> None:
    """Three units were sold, and the shop does not tell of it yet."""
    sell(scene, 3, hidden=True)


async def a_return_beside_a_sale_not_told(scene: Scene) -> None:
    """One unit came back, while only a counter knows of the sale of another."""
    told = sell(scene)
    await cycle(scene)
    sell(scene, hidden=True)
    await cycle(scene)
    scene.tills[scene.names[0]].release(told, 1)


async def a_receipt(scene: Scene) -> None:
    """There is more to give."""
    scene.erp.good[A] += 7


async def a_sale_from_what_a_crash_left_open(scene: Scene) -> None:
    """A write was applied as the program died, and a unit of what it put on sale was sold."""
    scene.erp.good[A] += 6
    scene.pass_time(MINUTE)
    # The eighth step outside follows the first write of a cycle that asks for no orders.
    await scene.run(strikes={8: [scene.die]})
    sell(scene)


async def new_weights(scene: Scene) -> None:
    """Units must move from one shop to the other, while both sell."""
    scene.reconfigure(scene.names[1], 4)
    sell(scene)


async def killed_at(scene: Scene, step: int) -> bool:
    """Kill a cycle at a step, start anew and look at the books; return whether the cycle had that step."""
    dead = await cycle(scene, step)
    for _ in range(2):
        await cycle(scene)
        checks.instant(scene, f"after a crash at step {step}")
        await checks.books(scene)
        await checks.claims(scene)
    for till in scene.tills.values():
        till.hidden.clear()
    assert await at_rest(scene) == [], f"after a crash at step {step}"
    return dead


@pytest.mark.parametrize(
    ("habits", "story"),
    [
        pytest.param(Habits(), a_sale, marks=pytest.mark.slow),
        (Habits(), a_sale_not_told),
        (Habits(), a_return_beside_a_sale_not_told),
        (Habits(tells=False), a_sale_from_what_a_crash_left_open),
        (Habits(mode=Mode.REFUSING), a_receipt),
        pytest.param(Habits(mode=Mode.KEYED), new_weights, marks=pytest.mark.slow),
        (Habits(mode=Mode.ABSOLUTE), new_weights),
        (Habits(tells=False), a_sale),
        pytest.param(Habits(mode=Mode.ABSOLUTE, tells=False), a_receipt, marks=pytest.mark.slow),
    ],
)
def test_a_crash_at_any_step_forgets_no_sale_and_doubles_none(
    loop: Runner, habits: Habits, story: Story
) -> None:
    async def all_steps() -> int:
        before = await opened(habits)
        await story(before)
        before.restart()
        step = 1
        while await killed_at(clone(before), step):
            step += 1
        return step

    assert loop.run(all_steps()) > 30


def test_a_crash_at_the_write_that_takes_units_leaves_in_the_state_where_they_go(loop: Runner) -> None:
    async def on_the_way() -> list[tuple[str, str]]:
        board = await shortly_before_a_transfer(Mode.COMPARING, Budget(), Pull.DEMAND)
        scene = board.scene
        scene.restart()
        scene.pass_time(MINUTE)
        # The eleventh step outside is the first write.
        await scene.run(strikes={11: [scene.die]})
        return [(row.taken_from, row.given_to) for row in await scene.store.moves()]

    assert loop.run(on_the_way()) == [("s0", "s1")]
