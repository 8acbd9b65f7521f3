"""A push that is broken off: what the state says must be true at every moment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from syncd.domain.model import Action, Change, ChangeKind
from syncd.domain.records import Resolution
from syncd.errors import Kind, PortError, StateError
from tests.unit.services.push_world import World, change, fails

RAISE, OFF = ChangeKind.RAISE, ChangeKind.OFF
DONE, OPEN, NOT_SENT = Resolution.DONE, Resolution.OPEN, Resolution.NOT_SENT


class Door:
    """Stops whoever comes through until it is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def pass_through(self) -> None:
        self.reached.set()
        await self.opened.wait()

    def only(self, wanted: str) -> Callable[[str], Awaitable[None]]:
        async def hook(verb: str) -> None:
            if verb == wanted:
                await self.pass_through()

        return hook


@asynccontextmanager
async def cancelled_at(door: Door, world: World, *changes: Change) -> AsyncIterator[None]:
    """Cancel a push that stands at the door, then open it and let the push end."""
    task = asyncio.create_task(world.pusher(in_flight=4).push(changes))
    await door.reached.wait()
    task.cancel()
    await asyncio.sleep(0)
    door.opened.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    yield


async def test_a_call_in_flight_that_is_cancelled_stays_open() -> None:
    world, door = World(), Door()
    world.shop.hook = door.pass_through
    async with cancelled_at(door, world, change("a", RAISE, 9)):
        assert world.state.resolutions("a") == [OPEN]


async def test_a_call_in_flight_that_is_cancelled_can_read_old_or_new() -> None:
    world, door = World(), Door()
    world.shop.hook = door.pass_through
    async with cancelled_at(door, world, change("a", RAISE, 9)):
        assert world.state.interval("a") == (5, 9)


async def test_every_call_in_flight_that_is_cancelled_stays_open() -> None:
    world, door = World(max_batch=1), Door()
    world.shop.hook = door.pass_through
    async with cancelled_at(door, world, change("a", RAISE, 9), change("b", RAISE, 9)):
        assert [row.resolution for row in world.state.intents] == [OPEN, OPEN]


async def test_a_delisting_that_is_cancelled_is_remembered_as_ours() -> None:
    world, door = World(), Door()
    world.shop.hook = door.pass_through
    async with cancelled_at(door, world, change("a", OFF, 0, 0, 0)):
        assert world.state.proofs["a"].delisted_by == "syncd"


async def test_an_answered_call_is_recorded_although_the_push_is_cancelled() -> None:
    world, door = World(), Door()
    world.state.hook = door.only("resolve")
    async with cancelled_at(door, world, change("a", RAISE, 9)):
        assert (world.state.resolutions("a"), world.state.interval("a")) == ([DONE], (9, 9))


async def test_a_second_cancellation_does_not_break_the_record_off() -> None:
    world, door = World(), Door()
    world.state.hook = door.only("resolve")
    task = asyncio.create_task(world.pusher().push([change("a", RAISE, 9)]))
    await door.reached.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    door.opened.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert world.state.resolutions("a") == [DONE]


async def test_a_push_cancelled_while_its_intents_are_committed_makes_no_call() -> None:
    world, door = World(), Door()
    world.state.hook = door.only("open")
    async with cancelled_at(door, world, change("a", RAISE, 9)):
        assert world.shop.pushed == []


async def test_a_push_cancelled_while_its_intents_are_committed_leaves_none_open() -> None:
    world, door = World(), Door()
    world.state.hook = door.only("open")
    async with cancelled_at(door, world, change("a", RAISE, 9)):
        assert world.state.resolutions("a") == [NOT_SENT]


async def test_a_push_cancelled_between_attempts_leaves_nothing_open() -> None:
    world, door = World(fails(Kind.TRANSIENT, sent=False)), Door()

    async def sleep(seconds: float) -> None:
        assert seconds > 0
        await door.pass_through()

    world.time.nap = sleep
    async with cancelled_at(door, world, change("a", RAISE, 9)):
        assert world.state.resolutions("a") == [NOT_SENT]


async def test_a_cancelled_shop_can_be_pushed_again() -> None:
    world, door = World(), Door()
    world.shop.hook = door.pass_through
    pusher = world.pusher()
    task = asyncio.create_task(pusher.push([change("a", RAISE, 9)]))
    await door.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    door.opened.set()
    assert len((await pusher.push([change("b", RAISE, 9)])).done) == 1


async def test_a_state_that_cannot_be_written_stops_before_the_call() -> None:
    world = World()

    async def hook(verb: str) -> None:
        raise StateError(f"disk full at {verb}")

    world.state.hook = hook
    with pytest.raises(StateError, match="disk full at open"):
        await world.pusher().push([change("a", RAISE, 9)])
    assert world.shop.pushed == []


async def test_a_state_that_fails_after_the_call_leaves_the_intent_open() -> None:
    world = World()

    async def hook(verb: str) -> None:
        if verb == "resolve":
            raise StateError("disk full")

    world.state.hook = hook
    with pytest.raises(StateError, match="disk full"):
        await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.resolutions("a") == [OPEN]


async def test_a_bug_in_an_adapter_is_raised_but_leaves_the_doubt_on_record() -> None:
    world = World()

    async def hook() -> None:
        raise KeyError("quantity")

    world.shop.hook = hook
    with pytest.raises(KeyError, match="quantity"):
        await world.pusher().push([change("a", RAISE, 9)])
    assert (world.state.resolutions("a"), world.state.interval("a")) == ([OPEN], (5, 9))


async def test_a_delta_that_was_cancelled_is_not_sent_again_by_this_push() -> None:
    world, door = World(write_modes=(Action.DELTA,)), Door()
    world.shop.hook = door.pass_through
    async with cancelled_at(door, world, change("a", RAISE, 9)):
        assert world.shop.counters["a"] == 9


async def test_a_failure_of_one_call_does_not_touch_the_others() -> None:
    world = World(max_batch=1)
    world.shop.fail_push(PortError(Kind.UNKNOWN, "gone"))
    report = await world.pusher(in_flight=2).push([change(name, RAISE, 9) for name in "abc"])
    assert (len(report.unknown), len(report.done)) == (1, 2)
