"""What a call proved is written with the intents of the next, and always before anything more is sent."""

import asyncio

import pytest

from syncd.domain.model import Action, ChangeKind, ListingId
from syncd.errors import Kind, StateError
from tests.unit.services.push_world import World, change, fails

RAISE = ChangeKind.RAISE


def _three() -> tuple[World, list[str]]:
    """Return a shop that takes one line a call, and what its state is asked to write, as it is asked."""
    world, asked = World(max_batch=1), list[str]()

    async def hook(verb: str) -> None:
        asked.append(f"{verb} after {len(world.shop.pushed)}")

    world.state.hook = hook
    return world, asked


async def test_what_a_call_proved_is_recorded_before_the_next_is_sent() -> None:
    world, asked = _three()
    await world.pusher().push([change(name, RAISE, 9) for name in "abc"])
    assert sorted(asked) == [
        "open after 0",
        "open after 1",
        "open after 2",
        "resolve after 1",
        "resolve after 2",
        "resolve after 3",
    ]


async def test_what_a_call_proved_comes_first_of_both() -> None:
    world, asked = _three()
    await world.pusher().push([change(name, RAISE, 9) for name in "ab"])
    assert asked == ["open after 0", "resolve after 1", "open after 1", "resolve after 2"]


async def test_the_next_intents_do_not_wait_for_the_disk_alone() -> None:
    world, both = World(max_batch=1), asyncio.Event()

    async def hook(verb: str) -> None:
        if verb == "resolve" and len(world.shop.pushed) == 1:
            # Without the intents of the next call this one would never end.
            await both.wait()
        if verb == "open" and world.shop.pushed:
            both.set()

    world.state.hook = hook
    report = await world.pusher().push([change(name, RAISE, 9) for name in "ab"])
    assert len(report.done) == 2


async def test_nothing_more_is_sent_where_what_a_call_proved_cannot_be_recorded() -> None:
    world = World(max_batch=1)

    async def hook(verb: str) -> None:
        if verb == "resolve":
            raise StateError("disk full")

    world.state.hook = hook
    with pytest.raises(StateError, match="disk full"):
        await world.pusher().push([change(name, RAISE, 9) for name in "abc"])
    assert len(world.shop.pushed) == 1


async def test_a_push_that_is_cancelled_still_records_the_call_that_was_answered() -> None:
    world, held, go = World(max_batch=1), asyncio.Event(), asyncio.Event()

    async def hook(verb: str) -> None:
        if verb == "resolve" and not held.is_set():
            held.set()
            await go.wait()

    world.state.hook = hook
    push = asyncio.create_task(world.pusher().push([change(name, RAISE, 9) for name in "ab"]))
    await held.wait()
    push.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await push
    assert world.state.interval("a") == (9, 9)


def _slow(world: World) -> World:
    """Return the world with a disk that takes its time for what calls proved."""

    async def hook(verb: str) -> None:
        for _ in range(50 if verb == "resolve" else 0):
            await asyncio.sleep(0)

    world.state.hook = hook
    return world


async def test_a_push_ends_when_the_last_call_is_recorded() -> None:
    report = await _slow(World(max_batch=1)).pusher().push([change(name, RAISE, 9) for name in "ab"])
    assert [done.listing for done in report.done] == ["a", "b"]


async def test_no_intent_is_opened_after_a_call_that_stops_the_push() -> None:
    world = _slow(World(fails(Kind.AUTH_EXPIRED), max_batch=1))
    await world.pusher().push([change(name, RAISE, 9) for name in "ab"])
    assert [row.listing for row in world.state.intents] == ["a"]


async def test_the_next_call_waits_as_long_as_the_one_before_was_told_to() -> None:
    world, opened = _slow(World(fails(Kind.THROTTLED, retry_after=30.0), max_batch=1)), list[float]()
    slow = world.state.hook

    async def hook(verb: str) -> None:
        if verb == "open":
            opened.append(world.time.monotonic())
        assert slow is not None
        await slow(verb)

    world.state.hook = hook
    await world.pusher().push([change(name, RAISE, 9) for name in "ab"])
    assert opened[1] >= 30.0


async def test_a_half_that_went_well_counts_before_the_next_call_is_split() -> None:
    pairs = 7
    faults = [fails(Kind.REJECTED), fails(Kind.REJECTED), None] * pairs
    world = _slow(World(*faults, max_batch=2))
    report = await world.pusher().push([change(f"{n:02d}", RAISE, 9) for n in range(2 * pairs)])
    assert len(report.done) == pairs


async def test_an_absolute_write_that_went_well_is_blind() -> None:
    world = World(write_modes=(Action.SET,))
    report = await world.pusher().push([change("a", RAISE, 9)])
    assert report.blind == {"a"}


async def test_who_withdraws_a_listing_waits_until_what_was_answered_is_recorded() -> None:
    world, held, go = World(), asyncio.Event(), asyncio.Event()

    async def hook(verb: str) -> None:
        if verb == "resolve":
            held.set()
            await go.wait()

    world.state.hook = hook
    pusher = world.pusher()
    push = asyncio.create_task(pusher.push([change("a", RAISE, 9)]))
    await held.wait()
    landing = asyncio.create_task(pusher.withdraw([ListingId("a")]))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not landing.done()
    go.set()
    await asyncio.gather(push, landing)
