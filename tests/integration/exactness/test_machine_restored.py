"""An old state that is restored sells nothing twice, whatever was sold, moved and written since.

What is held is what `test_machine_split` holds; shops sell from the copy to the restore and go on, and in the
end all is for sale again.
"""

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import settings

from syncd.domain.model import ListingId
from tests.integration.exactness import checks
from tests.integration.exactness.machine import case_of
from tests.integration.exactness.restoring import Copy, Restored
from tests.integration.exactness.scene import A, Scene, Setup
from tests.integration.exactness.till import Habits, Mode

pytestmark = pytest.mark.timeout(900)

FEW = settings(max_examples=15, stateful_step_count=20, deadline=None, derandomize=True, database=None)
MANY = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True, database=None)
LISTING = ListingId("A")
MINUTE = 60.0


class Provable(Restored):
    """Shops whose writes prove what they took."""

    MODES = (Mode.COMPARING, Mode.KEYED, Mode.REFUSING)


class Clipping(Restored):
    """Shops whose platform cuts a counter at zero and says that all was done."""

    MODES = (Mode.CLIPPING, Mode.COMPARING)


TestProvable, TestClipping = (case_of(machine, FEW) for machine in (Provable, Clipping))
TestManyProvable, TestManyClipping = (
    pytest.mark.slow(case_of(machine, MANY)) for machine in (Provable, Clipping)
)


async def opened(habits: Habits, stock: int = 12) -> Scene:
    """Return a scene of three shops that share out the units of one SKU."""
    scene = Scene(
        Setup(
            shops=(habits,) * 3,
            stock={A: stock},
            listed=((("A", "A"),),) * 3,
            observe_every=timedelta(hours=1),
        )
    )
    scene.check = partial(checks.instant, scene)
    await cycles(scene, 3)
    return scene


async def cycles(scene: Scene, count: int = 1) -> None:
    for _ in range(count):
        scene.pass_time(MINUTE)
        await scene.run()
        checks.instant(scene, "after a cycle")


def on_sale(scene: Scene) -> list[int]:
    return [till.for_sale(LISTING) for till in scene.tills.values()]


@pytest.mark.parametrize("sold", [(4, 4, 3), (0, 4, 0), (3, 0, 1), (4, 4, 4)])
@pytest.mark.parametrize("mode", [Mode.COMPARING, Mode.KEYED, Mode.REFUSING, Mode.CLIPPING])
async def test_what_was_sold_since_the_copy_is_not_put_on_sale_again(
    mode: Mode, sold: tuple[int, int, int]
) -> None:
    scene = await opened(Habits(mode=mode))
    copy = Copy(scene)
    for shop, units in zip(scene.names, sold, strict=True):
        scene.buy(shop, LISTING, min(units, scene.tills[shop].for_sale(LISTING)), paid=True)
        await cycles(scene)
    assert scene.promised(A) >= max(sold)

    await copy.restore(scene)
    await cycles(scene, 4)

    assert sum(on_sale(scene)) == scene.free(A)


@pytest.mark.parametrize("mode", [Mode.COMPARING, Mode.REFUSING, Mode.CLIPPING])
async def test_what_moved_between_shops_since_the_copy_is_in_one_of_them(mode: Mode) -> None:
    scene = await opened(Habits(mode=mode))
    copy = Copy(scene)
    scene.reconfigure(scene.names[0], 10)
    await cycles(scene, 4)
    scene.buy(scene.names[0], LISTING, scene.tills[scene.names[0]].for_sale(LISTING), paid=True)

    await copy.restore(scene)
    await cycles(scene, 4)

    assert sum(on_sale(scene)) == scene.free(A)


@pytest.mark.parametrize("mode", [Mode.COMPARING, Mode.REFUSING])
async def test_nothing_is_raised_while_a_shop_cannot_be_read_after_a_restore(mode: Mode) -> None:
    scene = await opened(Habits(mode=mode))
    copy = Copy(scene)
    scene.buy(scene.names[0], LISTING, 2, paid=True)
    scene.erp.good[A] += 6
    before = on_sale(scene)
    await copy.restore(scene)
    scene.tills[scene.names[1]].accidents.readings.extend([True] * 8)

    await cycles(scene, 3)

    assert all(after <= now for after, now in zip(on_sale(scene), before, strict=True))


async def test_orders_are_heard_from_the_time_of_the_copy_on_however_long_ago_that_was() -> None:
    scene = await opened(Habits())
    copy = Copy(scene)
    scene.buy(scene.names[0], LISTING, 3, paid=True)
    await cycles(scene)
    scene.pass_time(9 * 24 * 3600)

    await copy.restore(scene)
    await cycles(scene, 2)

    assert await checks.claimed(scene, A) == 3


@pytest.mark.parametrize("mode", [Mode.COMPARING, Mode.REFUSING])
async def test_a_write_that_was_accepted_before_the_restore_may_still_show_after_it(mode: Mode) -> None:
    scene = await opened(Habits(mode=mode, delay=timedelta(seconds=300)))
    await cycles(scene, 10)
    copy = Copy(scene)
    scene.reconfigure(scene.names[0], 10)
    # Taken from two shops, and on its way to the first when the state is lost.
    for _ in range(12):
        scene.pass_time(MINUTE)
        await scene.run()
        if any(one.write.value > 0 for one in scene.tills[scene.names[0]]._waiting):
            break

    await copy.restore(scene)
    await cycles(scene, 20)

    assert sum(on_sale(scene)) == scene.free(A)
