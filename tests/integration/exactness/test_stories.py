"""What the machine meets too seldom: one story each, told by hand."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from syncd.domain.model import Containment, Deducts, ListingId
from syncd.domain.ordering import Occupies, Restores
from syncd.domain.records import ShopStatus
from tests.integration.exactness import checks
from tests.integration.exactness.scene import A, Scene, Setup
from tests.integration.exactness.steps import Steps
from tests.integration.exactness.till import LAG, Habits, Mishap, Mode, Telling, Till

LISTING = ListingId("A")
MINUTE = 60.0


class Listed(Steps):
    """Steps that remember what was asked of shops and ERP."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def reach_outside(self, what: str, till: Till | None = None) -> None:
        """Note what is asked."""
        super().reach_outside(what, till)
        self.asked += [what] if what else []


async def opened(habits: Habits, every: timedelta = timedelta(0)) -> Scene:
    """Return a scene of two shops that show five units each."""
    scene = Scene(
        Setup(shops=(habits, habits), stock={A: 10}, listed=((("A", "A"),),) * 2, observe_every=every)
    )
    scene.check = partial(checks.instant, scene)
    await cycles(scene, 2)
    return scene


async def cycles(scene: Scene, count: int = 1) -> None:
    """Run cycles that no clock can tell apart, and look at the books after each."""
    for _ in range(count):
        scene.pass_time(MINUTE / 6)
        report = await scene.run()
        if report is not None and not report.view.untaken:
            await checks.books(scene)


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
    await cycles(scene)
    scene.buy(shop, LISTING, 1, paid=True)

    await cycles(scene, 3)

    assert await checks.claimed(scene, A) == 1


@pytest.mark.parametrize("mode", Mode)
async def test_an_order_that_is_told_a_cycle_after_its_counter_fell_is_claimed_once(mode: Mode) -> None:
    scene = await opened(Habits(mode=mode))
    shop = scene.names[0]
    scene.buy(shop, LISTING, 2, paid=True)
    scene.tills[shop].hidden.add("1")
    await cycles(scene)
    scene.tills[shop].hidden.clear()

    await cycles(scene)

    assert await checks.claimed(scene, A) == 2


@pytest.mark.parametrize("mode", [Mode.COMPARING, Mode.REFUSING, Mode.CLIPPING])
async def test_orders_told_a_cycle_after_a_reading_that_a_lost_answer_blurred_leave_what_is_on_sale(
    mode: Mode,
) -> None:
    scene = await opened(Habits(mode=mode))
    shop = scene.names[0]
    till = scene.tills[shop]
    scene.erp.good[A] += 6
    till.accidents.pushes.append(Mishap.REPLY_LOST)
    await cycles(scene)
    # Raised to 8 without an answer and sold from again, it reads the 5 that it did before.
    scene.buy(shop, LISTING, 3, paid=True)
    till.accidents.tellings.extend([(Telling.FAILING, 0)] * 2)
    await cycles(scene)

    await cycles(scene, 3)

    assert sum(till.for_sale(LISTING) for till in scene.tills.values()) <= scene.free(A)


async def test_a_gross_counter_is_not_raised_for_what_was_given_back_since_it_was_read() -> None:
    habits = Habits(mode=Mode.REFUSING, deducts=Deducts.PAYMENT, shows_withheld=True)
    scene = await opened(habits)
    shop = scene.names[0]
    scene.buy(shop, LISTING, 2, paid=False)
    scene.pass_time(MINUTE / 6)

    # The readings are the third and fourth step outside: the order is closed after them, before it is told.
    await scene.run(strikes={7: [lambda: scene.tills[shop].release("1", 2)]})

    await checks.books(scene)
    assert scene.exposed(scene.tills[shop], A) <= 5


async def test_what_came_back_after_a_reading_is_on_sale_though_nobody_knew_that_it_was_gone() -> None:
    scene = await opened(Habits(mode=Mode.REFUSING))
    shop = scene.names[0]
    scene.buy(shop, LISTING, 2, paid=True)
    scene.pass_time(MINUTE / 6)

    await scene.run(strikes={7: [lambda: scene.tills[shop].release("1", 2)]})

    await checks.books(scene)


async def test_what_may_have_come_back_is_on_sale_until_it_was_read() -> None:
    habits = Habits(mode=Mode.REFUSING, known_restores=Restores.UNKNOWN)
    scene = await opened(habits, timedelta(hours=1))
    shop = scene.names[0]
    scene.buy(shop, LISTING, 2, paid=True)
    await cycles(scene)
    await scene.set_status(shop, ShopStatus.PAUSED)
    scene.tills[shop].release("1", 2)

    await cycles(scene)

    assert sum(till.for_sale(LISTING) for till in scene.tills.values()) <= scene.free(A)


async def test_a_sale_is_claimed_for_as_long_as_a_silent_erp_may_take_to_know_of_it() -> None:
    scene = await opened(Habits())
    scene.erp.contains = Containment.NONE
    scene.buy(scene.names[0], LISTING, 2, paid=True)
    await cycles(scene)

    for _ in range(8):
        scene.pass_time(LAG.total_seconds() / 8)
        await cycles(scene)
        await checks.claims(scene)

    assert scene.free(A) == 8


@pytest.mark.parametrize("occupies", [Occupies.ORDER, Occupies.HOLD])
async def test_an_order_is_claimed_while_it_is_unpaid_however_far_the_erp_has_come(
    occupies: Occupies,
) -> None:
    scene = await opened(Habits(occupies=occupies))
    scene.buy(scene.names[0], LISTING, 2, paid=False)

    for _ in range(4):
        scene.pass_time(3 * MINUTE)
        await cycles(scene)
        await checks.claims(scene)

    assert await checks.claimed(scene, A) == 2


@pytest.mark.parametrize("mode", Mode)
async def test_a_sale_comes_off_the_share_of_who_sold_and_lowers_nobody_else(mode: Mode) -> None:
    scene = await opened(Habits(mode=mode))
    scene.buy(scene.names[0], LISTING, 2, paid=True)

    await cycles(scene, 2)

    assert [scene.exposed(till, A) for till in scene.tills.values()] == [3, 5]


@pytest.mark.parametrize("mode", Mode)
async def test_what_came_back_is_on_sale_though_a_write_had_hidden_that_it_was_sold(mode: Mode) -> None:
    scene = await opened(Habits(mode=mode))
    shop = scene.names[0]
    scene.reconfigure(shop, 0)
    await cycles(scene)
    await scene.approve()
    scene.pass_time(MINUTE / 6)
    # Sold before the write of 0, the eleventh step outside, and back before the seventh tells of the orders.
    await scene.run(strikes={11: [lambda: scene.buy(shop, LISTING, 2, paid=True)]})
    scene.pass_time(MINUTE / 6)

    await scene.run(strikes={7: [lambda: scene.tills[shop].release("1", 2)]})

    await checks.books(scene)


@pytest.mark.parametrize("mode", Mode)
async def test_what_came_back_is_on_sale_where_nobody_knows_whether_a_hold_had_lowered_the_counter(
    mode: Mode,
) -> None:
    scene = await opened(Habits(mode=mode, knows_deducts=False, known_restores=Restores.UNKNOWN))
    shop = scene.names[0]
    scene.reconfigure(shop, 0)
    await cycles(scene)
    await scene.approve()
    scene.pass_time(MINUTE / 6)
    await scene.run(strikes={11: [lambda: scene.buy(shop, LISTING, 2, paid=False)]})
    await cycles(scene)
    scene.pass_time(MINUTE / 6)

    await scene.run(strikes={7: [lambda: scene.tills[shop].release("1", 2)]})

    await checks.books(scene)


async def test_orders_are_asked_for_after_all_counters_and_these_after_the_figures() -> None:
    scene, steps = await opened(Habits()), Listed()
    scene.restart(steps)

    await cycles(scene)

    assert steps.asked == ["collect", "observe", "observe", "orders", "orders"]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("every", [timedelta(0), timedelta(hours=1)], ids=["read", "audited"])
async def test_what_a_listing_that_lost_its_code_can_sell_is_given_to_nobody(
    mode: Mode, every: timedelta
) -> None:
    scene = await opened(Habits(mode=mode), every)
    await cycles(scene, 2)
    first, other = scene.names
    till = scene.tills[first]
    till.put(replace(till.shown(LISTING), code=""))
    await cycles(scene, 2)
    scene.buy(first, LISTING, 2, paid=True)
    scene.buy(other, LISTING, 1, paid=True)
    await cycles(scene, 2)
    scene.erp.good[A] += 4
    till.release("1", 1)
    for shop in (first, other):
        scene.erp.learn((shop, "1"))
    for _ in range(3):
        scene.pass_time(30 * MINUTE)
        await cycles(scene, 2)
    assert scene.slack(A) == 0

    till.put(replace(till.shown(LISTING), code="A"))
    for _ in range(4):
        scene.pass_time(30 * MINUTE)
        await cycles(scene, 2)
    assert await checks.calm(scene) == []
