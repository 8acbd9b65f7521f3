"""Raises make way once the next cycle is asked for; what lowers does not, and nothing is lost or starves."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.model import Change, ChangeKind, ListingId
from syncd.domain.records import Resolution
from syncd.domain.urgency import Urgency
from syncd.errors import Kind
from syncd.services.push import Pusher, PushReport
from syncd.services.push.pusher import LEAST_RAISING
from syncd.services.summons import Summons
from tests.unit.services.push_world import World, change, fails

LOWER, RELIST, RAISE = ChangeKind.LOWER, ChangeKind.RELIST, ChangeKind.RAISE
NOTHING = Urgency()


def raising(count: int, name: str = "r") -> list[Change]:
    return [change(f"{name}{n}", RAISE, 9) for n in range(count)]


def late(*changes: Change) -> Urgency:
    return Urgency(ages={ListingId(one.listing): 1000.0 for one in changes})


def summoned(world: World, *, after: int = 0, **settings: object) -> Pusher:
    """Return a pusher that is told after so many calls that the next cycle is asked for."""
    summons = Summons()

    async def hook() -> None:
        if len(world.shop.pushed) == after:
            summons.call()

    world.shop.hook = hook
    if not after:
        summons.call()
    return replace(world.pusher(**settings), summons=summons)


def counts(report: PushReport) -> tuple[int, int, bool]:
    return len(report.done), len(report.not_tried), report.made_way


async def test_raises_that_were_not_sent_yet_are_left_to_the_next_cycle() -> None:
    world = World(max_batch=1)
    report = await summoned(world, after=3).push(raising(10))
    assert counts(report) == (3, 7, True)


async def test_only_the_calls_in_flight_are_waited_for() -> None:
    world = World(max_batch=1)
    report = await summoned(world, after=3, in_flight=4).push(raising(10))
    assert len(world.shop.pushed) == len(report.done) <= 3 + 3


async def test_to_make_way_is_no_failure() -> None:
    report = await summoned(World(max_batch=1), after=3).push(raising(10))
    assert (report.message, report.stopped_by, report.refused, report.unknown) == ("", None, (), ())


async def test_what_was_left_has_no_intent() -> None:
    world = World(max_batch=1)
    await summoned(world, after=3).push(raising(10))
    assert [row.resolution for row in world.state.intents] == [Resolution.DONE] * 3


async def test_what_lowers_is_sent_to_its_end() -> None:
    world = World(max_batch=1)
    lowering = [change(f"l{n}", LOWER, 3) for n in range(5)]
    report = await summoned(world, after=1).push([*raising(5), *lowering])
    assert (sorted(done.listing for done in report.done), counts(report)) == (
        ["l0", "l1", "l2", "l3", "l4"],
        (5, 5, True),
    )


async def test_nothing_is_raised_for_a_cycle_that_was_asked_for_before() -> None:
    world = World()
    report = await summoned(world).push(raising(1200))
    assert (world.log, counts(report)) == ([], (0, 1200, True))


async def test_without_a_call_everything_is_sent() -> None:
    world = World(max_batch=1)
    report = await replace(world.pusher(), summons=Summons()).push(raising(10))
    assert counts(report) == (10, 0, False)


async def test_a_listing_that_is_not_put_back_on_sale_keeps_its_new_quantity() -> None:
    world = World(max_batch=1, max_batch_listing=1)
    report = await summoned(world, after=1).push([change("a", RELIST, 9, 0, 0, on_sale=False)])
    assert (world.sent(), counts(report)) == (["set a=9"], (0, 1, True))


async def still(world: World, changes: list[Change], *, wait: Callable[[Pusher], None]) -> PushReport:
    """Return the report of a push that is called off while it waits, and must not wait on."""
    clock, summons = FakeClock(), Summons()
    pusher = replace(world.pusher(calls_per_second=0.1, burst=1), clock=clock, summons=summons)
    wait(pusher)
    task = asyncio.create_task(pusher.push(changes))
    await clock.until_asleep()
    summons.call()
    report = await task
    assert (clock.monotonic(), clock.sleepers) == (0.0, 0)
    return report


async def test_a_raise_that_waits_for_its_turn_makes_way_at_once() -> None:
    report = await still(World(max_batch=1), raising(3), wait=lambda _: None)
    assert counts(report) == (1, 2, True)


async def test_a_raise_that_waits_to_be_sent_again_makes_way_at_once() -> None:
    world = World(fails(Kind.THROTTLED, retry_after=30.0))
    assert counts(await still(world, raising(2), wait=lambda _: None)) == (0, 2, True)


async def test_a_raise_in_doubt_that_makes_way_stays_in_doubt() -> None:
    world = World(fails(Kind.TRANSIENT), idempotent=True)
    report = await still(world, raising(1), wait=lambda _: None)
    assert (len(report.unknown), world.state.resolutions("r0")) == (1, [Resolution.OPEN])


async def test_a_decrease_does_not_wait_for_a_shop_that_takes_a_long_rest() -> None:
    report = await still(World(), [change("a", LOWER, 3)], wait=lambda pusher: pusher._gate.throttled(30.0))
    assert counts(report) == (0, 1, True)


async def test_a_decrease_is_not_sent_again_to_a_shop_that_takes_a_long_rest() -> None:
    world = World(fails(Kind.THROTTLED, retry_after=30.0))
    assert counts(await still(world, [change("a", LOWER, 3)], wait=lambda _: None)) == (0, 1, True)


@pytest.mark.parametrize("again", [fails(Kind.THROTTLED, retry_after=2.0), fails(Kind.TRANSIENT, sent=False)])
async def test_a_decrease_that_was_not_taken_is_soon_sent_again(again: object) -> None:
    world = World(again)  # type: ignore[arg-type]
    report = await summoned(world, after=0).push([change("a", LOWER, 3)])
    assert counts(report) == (1, 0, False)


async def test_raises_that_waited_too_long_get_their_part_whoever_asks() -> None:
    world, changes = World(max_batch=1), raising(50)
    report = await summoned(world, calls_per_second=10.0, burst=1).push(changes, urgency=late(*changes))
    # A call that waits when its time is over still goes out.
    assert counts(report) in ((10, 40, True), (11, 39, True))
    assert world.time.monotonic() == pytest.approx(LEAST_RAISING, abs=0.11)


async def test_a_raise_that_waited_too_long_gets_a_call_of_a_shop_that_takes_few() -> None:
    world, changes = World(max_batch=1), raising(5)
    pusher = summoned(world, calls_per_second=0.1, burst=1)
    await pusher._gate.read()
    report = await pusher.push(changes, urgency=late(*changes))
    assert counts(report) == (1, 4, True)
    assert world.time.monotonic() == pytest.approx(10.0)


async def test_newer_raises_get_no_part() -> None:
    world, old = World(max_batch=1), raising(2, "old")
    report = await summoned(world).push([*raising(5), *old], urgency=late(*old))
    assert [done.listing for done in report.done] == ["old0", "old1"]


async def test_what_waited_too_long_gets_nothing_of_a_shop_that_takes_a_long_rest() -> None:
    world, changes = World(max_batch=1), raising(5)
    pusher = summoned(world)
    pusher._gate.throttled(30.0)
    report = await pusher.push(changes, urgency=late(*changes))
    assert (counts(report), world.time.monotonic()) == ((0, 5, True), 0.0)
