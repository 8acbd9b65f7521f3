"""What the machine meets too seldom: one story each, told by hand."""

from datetime import timedelta
from functools import partial

import pytest

from syncd.domain.model import ListingId
from syncd.domain.records import ShopStatus
from tests.integration.exactness import checks
from tests.integration.exactness.scene import A, Scene, Setup
from tests.integration.exactness.till import Habits, Mishap, Mode, Telling

LISTING = ListingId("A")
MINUTE = 60.0


async def opened(habits: Habits, every: timedelta = timedelta(0)) -> Scene:
    """Return a scene of two shops that show five units each."""
    scene = Scene(
        Setup(shops=(habits, habits), stock={A: 10}, listed=((("A", "A"),),) * 2, observe_every=every)
    )
    scene.check = partial(checks.instant, scene)
    for _ in range(2):
        scene.pass_time(MINUTE)
        await scene.run()
    return scene


@pytest.mark.parametrize("mode", Mode)
async def test_units_that_came_back_unread_are_given_to_nobody_while_orders_cannot_be_read(
    mode: Mode,
) -> None:
    scene = await opened(Habits(mode=mode), timedelta(hours=1))
    shop = scene.names[0]
    till = scene.tills[shop]
    scene.buy(shop, LISTING, 4, paid=True)
    for _ in range(2):
        scene.erp.learn((shop, "1"))
        scene.pass_time(10 * MINUTE)
        await scene.run()
    # A shop that is not written is not read before it either, and gets none of what it has already.
    await scene.set_status(shop, ShopStatus.PAUSED)
    till.release("1", 4)
    scene.erp.learn((shop, "1"))
    till.accidents.tellings.extend([(Telling.FAILING, 0)] * 4)
    scene.pass_time(MINUTE)

    await scene.run()

    assert sum(till.for_sale(LISTING) for till in scene.tills.values()) <= scene.erp.good[A]


@pytest.mark.parametrize("mode", [Mode.COMPARING, Mode.REFUSING, Mode.CLIPPING])
async def test_a_sale_from_what_a_lost_answer_had_raised_is_seen_where_no_orders_are_told(
    mode: Mode,
) -> None:
    scene = await opened(Habits(mode=mode, tells=False))
    shop = scene.names[0]
    scene.erp.good[A] += 6
    scene.tills[shop].accidents.pushes.append(Mishap.REPLY_LOST)
    scene.pass_time(MINUTE)
    await scene.run()
    scene.buy(shop, LISTING, 1, paid=True)

    for _ in range(3):
        scene.pass_time(MINUTE)
        await scene.run()
        await checks.books(scene)

    assert await checks.claimed(scene, A) == 1
