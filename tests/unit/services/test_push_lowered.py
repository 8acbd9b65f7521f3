"""When decreases were accepted."""

from syncd.domain.model import ChangeKind
from syncd.errors import Kind
from tests.unit.services.push_world import World, change, fails, says

LOWER, OFF, RAISE = ChangeKind.LOWER, ChangeKind.OFF, ChangeKind.RAISE


async def lowered(world: World, *kinds: ChangeKind) -> dict[str, float]:
    """Push a change of each kind, one call a second; return after how many seconds each was accepted."""
    began = world.time.now()
    pusher = world.pusher(calls_per_second=1.0, burst=1)
    changes = [change(chr(ord("a") + at), kind, 9 if kind is RAISE else 0) for at, kind in enumerate(kinds)]
    report = await pusher.push(changes)
    return {listing: (at - began).total_seconds() for listing, at in report.lowered.items()}


async def test_a_decrease_that_waits_for_its_turn_is_accepted_as_late() -> None:
    world = World(max_batch=1, max_batch_listing=1)

    assert await lowered(world, LOWER, LOWER) == {"a": 0.0, "b": 1.0}


async def test_what_goes_to_zero_and_then_off_is_lowered_with_the_zero() -> None:
    assert await lowered(World(), OFF) == {"a": 0.0}


async def test_a_decrease_that_is_sent_again_is_accepted_when_it_goes_well() -> None:
    found = await lowered(World(fails(Kind.THROTTLED)), LOWER)

    assert found["a"] >= 1.0


async def test_what_is_refused_is_not_accepted() -> None:
    assert await lowered(World(says(a=Kind.REJECTED)), LOWER) == {}


async def test_a_raise_lowers_nothing() -> None:
    assert await lowered(World(), RAISE) == {}
