"""Pushing into a shop that turns us away: waits, stops, the circuit, and calls refused whole."""

import pytest

from syncd.adapters.memory import Fault
from syncd.domain.circuit import Said
from syncd.domain.model import ChangeKind, ListingId, Outcome
from syncd.domain.records import Resolution
from syncd.errors import Kind
from tests.unit.services.push_world import World, change, fails, says

ZERO, LOWER, RAISE = ChangeKind.ZERO, ChangeKind.LOWER, ChangeKind.RAISE

A, B = ListingId("a"), ListingId("b")
DONE, OPEN, REFUSED = Resolution.DONE, Resolution.OPEN, Resolution.REFUSED


# --- throttling --------------------------------------------------------------------------------------------


async def test_a_throttled_line_is_sent_again_in_the_same_push() -> None:
    world = World(says(a=Kind.THROTTLED))
    report = await world.pusher().push([change("a", RAISE, 9), change("b", RAISE, 9)])
    assert (world.sent(), len(report.done)) == (["set a=9 b=9", "set a=9"], 2)


async def test_a_throttled_line_waits_as_long_as_asked() -> None:
    world = World(Fault(outcomes={A: Outcome(kind=Kind.THROTTLED, retry_after=12.0)}))
    await world.pusher().push([change("a", RAISE, 9), change("b", RAISE, 9)])
    assert world.time.monotonic() == pytest.approx(12.0)


async def test_lines_that_wait_less_are_sent_before_those_that_wait_more() -> None:
    slow = {
        A: Outcome(kind=Kind.THROTTLED, retry_after=12.0),
        B: Outcome(kind=Kind.THROTTLED, retry_after=3.0),
    }
    world = World(Fault(outcomes=slow))
    await world.pusher().push([change(name, RAISE, 9) for name in "abc"])
    assert world.sent() == ["set a=9 b=9 c=9", "set b=9", "set a=9"]


async def test_a_line_that_is_always_throttled_is_left_to_a_later_cycle() -> None:
    world = World(*[says(a=Kind.THROTTLED)] * 9)
    report = await world.pusher(max_attempts=3).push([change("a", RAISE, 9), change("b", RAISE, 9)])
    assert (len(report.not_tried), len(report.done), report.calls) == (1, 1, 3)


async def test_a_throttled_call_slows_the_next_one_down() -> None:
    world = World(fails(Kind.THROTTLED, retry_after=9.0), max_batch=1)
    await world.pusher().push([change("a", RAISE, 9), change("b", RAISE, 9)])
    assert world.time.monotonic() == pytest.approx(9.0)


async def test_throttling_is_counted() -> None:
    world = World(fails(Kind.THROTTLED), says(a=Kind.THROTTLED))
    assert (await world.pusher().push([change("a", RAISE, 9)])).throttled == 2


async def test_a_shop_that_asks_for_a_long_wait_is_left_alone() -> None:
    world = World(fails(Kind.THROTTLED, retry_after=3600.0), max_batch=1)
    report = await world.pusher().push([change("a", RAISE, 9), change("b", RAISE, 9)])
    assert (report.stopped_by, report.again_after, len(report.not_tried)) == (Kind.THROTTLED, 3600.0, 2)


async def test_a_long_wait_holds_for_the_next_push_too() -> None:
    world = World(fails(Kind.THROTTLED, retry_after=3600.0))
    pusher = world.pusher()
    await pusher.push([change("a", RAISE, 9)])
    report = await pusher.push([change("a", RAISE, 9)])
    assert (report.stopped_by, report.calls) == (Kind.THROTTLED, 0)


async def test_a_shop_that_goes_on_throttling_is_left_alone() -> None:
    world = World(*[fails(Kind.THROTTLED)] * 9, max_batch=1)
    report = await world.pusher(max_attempts=3).push([change("a", RAISE, 9), change("b", RAISE, 9)])
    assert (report.stopped_by, len(report.not_tried)) == (Kind.THROTTLED, 2)


# --- stopping the shop -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.AUTH_EXPIRED, Kind.AUTH_REVOKED, Kind.SIGNATURE])
async def test_a_shop_that_does_not_know_us_is_stopped(kind: Kind) -> None:
    world = World(fails(kind), max_batch=1)
    report = await world.pusher().push([change(name, RAISE, 9) for name in "abc"])
    assert (report.stopped_by, report.calls, len(report.not_tried)) == (kind, 1, 3)


async def test_the_reason_of_a_stop_is_told_with_the_shop() -> None:
    world = World(fails(Kind.AUTH_REVOKED))
    report = await world.pusher().push([change("a", RAISE, 9)])
    assert report.message == "tmall: the shop said auth_revoked"


async def test_a_write_turned_away_at_the_door_is_resolved_as_refused() -> None:
    world = World(fails(Kind.AUTH_EXPIRED))
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.resolutions("a") == [REFUSED]


async def test_one_line_that_does_not_know_us_stops_the_shop() -> None:
    world = World(says(a=Kind.AUTH_REVOKED), max_batch=2)
    report = await world.pusher().push([change(name, RAISE, 9) for name in "abc"])
    assert (report.stopped_by, [done.listing for done in report.done]) == (Kind.AUTH_REVOKED, ["b"])


async def test_a_stop_while_lowering_raises_nothing() -> None:
    world = World(fails(Kind.SIGNATURE))
    report = await world.pusher().push([change("a", LOWER, 3), change("b", RAISE, 9)])
    assert (len(report.not_tried), report.calls) == (2, 1)


async def test_a_forbidden_call_drops_that_call_only() -> None:
    world = World(fails(Kind.PERMISSION), max_batch=2)
    report = await world.pusher().push([change(name, RAISE, 9) for name in "abc"])
    assert (len(report.refused), len(report.done), report.calls) == (2, 1, 2)


# --- the circuit -------------------------------------------------------------------------------------------


async def test_call_after_call_without_an_answer_stops_the_shop() -> None:
    world = World(*[fails(Kind.TRANSIENT)] * 9, max_batch=1)
    report = await world.pusher(stop_after=3).push([change(str(n), RAISE, 9) for n in range(9)])
    assert (report.stopped_by, report.calls, len(report.unknown), len(report.not_tried)) == (
        Kind.TRANSIENT,
        3,
        3,
        6,
    )


async def test_the_outage_is_said_once() -> None:
    world = World(*[fails(Kind.TRANSIENT)] * 9, max_batch=1)
    await world.pusher(stop_after=2).push([change(str(n), RAISE, 9) for n in range(9)])
    assert [event.said for event in world.events] == [Said.NOTHING, Said.OPENED]


async def test_an_open_circuit_lets_no_call_out() -> None:
    world = World(fails(Kind.TRANSIENT))
    pusher = world.pusher(stop_after=1)
    await pusher.push([change("a", RAISE, 9)])
    report = await pusher.push([change("b", RAISE, 9)])
    assert (report.calls, len(report.not_tried), report.again_after) == (0, 1, 60.0)


async def test_after_the_rest_one_call_tries_alone() -> None:
    world = World(fails(Kind.TRANSIENT), fails(Kind.TRANSIENT), max_batch=1)
    pusher = world.pusher(stop_after=1, in_flight=4)
    await pusher.push([change("a", RAISE, 9)])
    world.time.advance(60)
    report = await pusher.push([change(str(n), RAISE, 9) for n in range(9)])
    assert (report.calls, len(report.not_tried)) == (1, 8)


async def test_the_recovery_is_said_once() -> None:
    world = World(fails(Kind.TRANSIENT), max_batch=1)
    pusher = world.pusher(stop_after=1)
    await pusher.push([change("a", RAISE, 9)])
    world.time.advance(60)
    await pusher.push([change(name, RAISE, 9) for name in "bcd"])
    assert [event.said for event in world.events] == [Said.OPENED, Said.CLOSED, Said.NOTHING, Said.NOTHING]


async def test_refusals_do_not_open_the_circuit() -> None:
    world = World(*[fails(Kind.PERMISSION)] * 3, max_batch=1)
    report = await world.pusher(stop_after=2).push([change(name, RAISE, 9) for name in "abc"])
    assert (report.stopped_by, report.calls) == (None, 3)


# --- platforms that refuse a whole call for one line -------------------------------------------------------


async def test_a_call_refused_whole_for_one_line_is_halved_until_only_that_line_is_refused() -> None:
    world = World()
    world.shop.refuses_whole = {"5"}
    report = await world.pusher().push([change(str(n), RAISE, 9) for n in range(8)])
    assert ([remark.change.listing for remark in report.refused], len(report.done)) == (["5"], 7)


async def test_halving_takes_few_calls() -> None:
    world = World()
    world.shop.refuses_whole = {"5"}
    report = await world.pusher().push([change(str(n), RAISE, 9) for n in range(8)])
    assert report.calls == 7


async def test_a_refused_call_leaves_no_open_intent() -> None:
    world = World()
    world.shop.refuses_whole = {"1"}
    await world.pusher().push([change(str(n), RAISE, 9) for n in range(2)])
    assert world.state.resolutions("0") == [REFUSED, DONE]


async def test_a_platform_that_refuses_everything_is_not_asked_line_by_line_for_ever() -> None:
    world = World(max_batch=2)
    world.shop.refuses_whole = {str(n) for n in range(8)}
    report = await world.pusher(stop_after=2).push([change(str(n), RAISE, 9) for n in range(8)])
    assert (report.calls, len(report.refused)) == (3 + 3 + 1 + 1, 8)


async def test_halving_a_repeat_keeps_the_keys_in_doubt() -> None:
    world = World(fails(Kind.UNKNOWN), *[fails(Kind.REJECTED)] * 3)
    report = await world.pusher().push([change("a", ZERO, 0), change("b", ZERO, 0)])
    assert ([row.resolution for row in world.state.intents], len(report.unknown)) == ([OPEN, OPEN], 2)


async def test_a_stop_in_the_middle_of_halving_leaves_the_other_half() -> None:
    world = World(fails(Kind.REJECTED), fails(Kind.AUTH_REVOKED))
    report = await world.pusher().push([change(name, RAISE, 9) for name in "ab"])
    assert (report.stopped_by, len(report.not_tried)) == (Kind.AUTH_REVOKED, 2)
