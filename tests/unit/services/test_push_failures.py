"""Pushing into a shop that fails: nothing is doubled, nothing unproven believed, one line stays one line."""

import pytest

from syncd.adapters.memory import Fault
from syncd.domain.circuit import Said
from syncd.domain.model import Action, ChangeKind, ListingId, Outcome
from syncd.domain.records import Resolution
from syncd.errors import Kind, PortError
from tests.unit.services.push_world import World, change, fails, says, shown

ZERO, OFF, LOWER = ChangeKind.ZERO, ChangeKind.OFF, ChangeKind.LOWER
RELIST, RAISE = ChangeKind.RELIST, ChangeKind.RAISE

A, B = ListingId("a"), ListingId("b")
DONE, OPEN, REFUSED, NOT_SENT = Resolution.DONE, Resolution.OPEN, Resolution.REFUSED, Resolution.NOT_SENT


# --- refused lines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.NOT_FOUND, Kind.PERMISSION])
async def test_a_refused_line_does_not_stop_the_batch(kind: Kind) -> None:
    world = World(says(b=kind))
    report = await world.pusher().push([change(name, RAISE, 9) for name in "abc"])
    assert [done.listing for done in report.done] == ["a", "c"]


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.NOT_FOUND, Kind.PERMISSION])
async def test_a_refused_line_is_told_with_shop_and_listing(kind: Kind) -> None:
    world = World(says(a=kind))
    report = await world.pusher().push([change("a", RAISE, 9)])
    assert [remark.message for remark in report.refused] == [f"tmall: listing a (1-a): line {kind}"]


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.NOT_FOUND, Kind.PERMISSION])
async def test_a_refused_line_leaves_the_expected_counter(kind: Kind) -> None:
    world = World(says(a=kind))
    await world.pusher().push([change("a", RAISE, 9)])
    assert (world.state.resolutions("a"), world.state.interval("a")) == ([REFUSED], None)


async def test_a_refused_line_leaves_no_trace_in_the_ledger() -> None:
    world = World(says(a=Kind.REJECTED))
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.entries == []


async def test_a_failed_comparison_teaches_the_counter() -> None:
    world = World(write_modes=(Action.COMPARE_AND_SET,))
    world.shop.put(shown("a", 3))
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.interval("a") == (3, 3)


async def test_a_line_without_words_is_told_by_its_kind() -> None:
    world = World(Fault(outcomes={A: Outcome(kind=Kind.REJECTED)}))
    report = await world.pusher().push([change("a", RAISE, 9)])
    assert report.refused[0].message.endswith("the platform said rejected")


async def test_a_refused_delisting_is_told_to_be_at_zero() -> None:
    world = World(None, says(a=Kind.REJECTED))
    report = await world.pusher().push([change("a", OFF, 0)])
    assert "could not be taken off sale (line rejected); it shows 0" in report.refused[0].message


async def test_a_refused_delisting_leaves_the_counter_proven_at_zero() -> None:
    world = World(None, says(a=Kind.REJECTED))
    await world.pusher().push([change("a", OFF, 0)])
    assert world.state.interval("a") == (0, 0)


async def test_a_refused_delisting_where_zero_is_not_allowed_asks_for_a_hand() -> None:
    world = World(says(a=Kind.REJECTED), zero_allowed=False)
    report = await world.pusher().push([change("a", OFF, 0)])
    assert "still on sale: take it off by hand" in report.refused[0].message


async def test_a_refused_zero_is_still_taken_off_sale() -> None:
    world = World(says(a=Kind.REJECTED))
    await world.pusher().push([change("a", OFF, 0)])
    assert world.shop.off == {"a"}


async def test_a_refused_zero_is_told_although_it_went_off_sale() -> None:
    world = World(says(a=Kind.REJECTED))
    report = await world.pusher().push([change("a", OFF, 0)])
    assert "could not be written (line rejected); it is off sale now" in report.refused[0].message


async def test_a_refused_zero_and_a_refused_delisting_are_both_told() -> None:
    world = World(says(a=Kind.REJECTED), says(a=Kind.PERMISSION))
    report = await world.pusher().push([change("a", OFF, 0)])
    assert "(line rejected); nor could it be taken off sale: line permission" in report.refused[0].message


async def test_a_listing_that_is_gone_is_not_delisted() -> None:
    world = World(says(a=Kind.NOT_FOUND))
    await world.pusher().push([change("a", OFF, 0)])
    assert world.sent() == ["set a=0"]


async def test_a_refused_quantity_is_not_relisted() -> None:
    world = World(says(a=Kind.REJECTED))
    await world.pusher().push([change("a", RELIST, 7, on_sale=False)])
    assert world.sent() == ["set a=7"]


async def test_a_refused_relisting_is_reported() -> None:
    world = World(None, says(a=Kind.REJECTED))
    report = await world.pusher().push([change("a", RELIST, 7, on_sale=False)])
    assert len(report.refused) == 1


# --- a sku with two listings -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.UNKNOWN])
async def test_nothing_of_a_sku_is_raised_while_another_listing_could_not_be_lowered(kind: Kind) -> None:
    world = World(says(a=kind))
    changes = [change("a", LOWER, 3, sku="X"), change("b", RAISE, 9, sku="X")]
    report = await world.pusher().push(changes)
    assert [remark.change.listing for remark in report.not_tried] == ["b"]


async def test_what_the_platform_cannot_zero_holds_its_sku_back() -> None:
    world = World(zero_allowed=False, can_unlist=False)
    changes = [change("a", ZERO, 0, sku="X"), change("b", RAISE, 9, sku="X")]
    assert len((await world.pusher().push(changes)).not_tried) == 1


async def test_a_listing_that_is_gone_holds_nothing_back() -> None:
    world = World(says(a=Kind.NOT_FOUND))
    changes = [change("a", LOWER, 3, sku="X"), change("b", RAISE, 9, sku="X")]
    assert len((await world.pusher().push(changes)).done) == 1


async def test_another_sku_is_raised_all_the_same() -> None:
    world = World(says(a=Kind.REJECTED))
    report = await world.pusher().push([change("a", LOWER, 3), change("b", RAISE, 9)])
    assert [done.listing for done in report.done] == ["b"]


async def test_a_refused_zero_that_went_off_sale_still_holds_its_sku_back() -> None:
    world = World(says(a=Kind.REJECTED))
    changes = [change("a", OFF, 0, sku="X"), change("b", RAISE, 9, sku="X")]
    assert len((await world.pusher().push(changes)).not_tried) == 1


# --- answers that never came -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.UNKNOWN, Kind.TRANSIENT])
async def test_a_write_without_an_answer_stays_open(kind: Kind) -> None:
    world = World(fails(kind, applied=True))
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.resolutions("a") == [OPEN]


async def test_a_write_without_an_answer_can_read_old_or_new() -> None:
    world = World(fails(Kind.UNKNOWN, applied=True))
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.interval("a") == (5, 9)


async def test_a_counter_that_was_never_read_stays_unknown_without_an_answer() -> None:
    world = World(fails(Kind.UNKNOWN, applied=True))
    await world.pusher().push([change("a", RAISE, 9, None, None)])
    assert world.state.interval("a") in (None, (None, None))


async def test_a_write_without_an_answer_is_reported_as_unknown() -> None:
    world = World(fails(Kind.UNKNOWN, applied=True))
    assert len((await world.pusher().push([change("a", RAISE, 9)])).unknown) == 1


@pytest.mark.parametrize("kind", [Kind.UNKNOWN, Kind.TRANSIENT])
async def test_a_delta_without_an_answer_is_never_sent_again(kind: Kind) -> None:
    world = World(fails(kind, applied=True), write_modes=(Action.DELTA,))
    await world.pusher().push([change("a", RAISE, 9)])
    assert (world.shop.counters["a"], len(world.shop.pushed)) == (9, 1)


async def test_an_unknown_line_is_like_a_call_without_an_answer() -> None:
    world = World(Fault(silent=frozenset({A}), silent_applied=True))
    await world.pusher().push([change("a", RAISE, 9), change("b", RAISE, 9)])
    assert (world.state.resolutions("a"), world.state.resolutions("b")) == ([OPEN], [DONE])


async def test_an_answer_with_too_few_lines_proves_nothing() -> None:
    world = World()
    world.shop.drops = 1
    report = await world.pusher().push([change("a", RAISE, 9), change("b", RAISE, 9)])
    assert len(report.unknown) == 2


async def test_a_failure_called_done_is_not_believed() -> None:
    world = World(Fault(error=PortError(Kind.DONE, "?")))
    assert len((await world.pusher().push([change("a", RAISE, 9)])).unknown) == 1


async def test_a_zero_without_an_answer_is_sent_again_under_its_key() -> None:
    world = World(fails(Kind.UNKNOWN))
    await world.pusher().push([change("a", ZERO, 0)])
    assert [call[0].key for call in world.shop.pushed] == ["k1", "k1"]


async def test_a_zero_that_was_answered_the_second_time_is_done() -> None:
    world = World(fails(Kind.UNKNOWN, applied=True))
    await world.pusher().push([change("a", ZERO, 0)])
    assert (world.state.resolutions("a"), world.state.interval("a")) == ([DONE], (0, 0))


async def test_a_zero_that_is_never_answered_stays_open() -> None:
    world = World(*[fails(Kind.UNKNOWN)] * 3)
    report = await world.pusher(max_attempts=3).push([change("a", ZERO, 0)])
    assert (world.state.resolutions("a"), len(report.unknown)) == ([OPEN], 1)


async def test_a_known_key_makes_a_delta_repeatable() -> None:
    world = World(fails(Kind.UNKNOWN, applied=True), write_modes=(Action.DELTA,), idempotent=True)
    await world.pusher().push([change("a", RAISE, 9)])
    assert (world.shop.counters["a"], world.state.resolutions("a")) == (9, [DONE])


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.AUTH_EXPIRED, Kind.PERMISSION])
async def test_a_repeat_that_is_refused_does_not_prove_that_the_first_was(kind: Kind) -> None:
    world = World(
        fails(Kind.UNKNOWN, applied=True), says(a=kind), write_modes=(Action.DELTA,), idempotent=True
    )
    report = await world.pusher().push([change("a", RAISE, 9)])
    assert (world.state.resolutions("a"), world.state.interval("a"), len(report.unknown)) == (
        [OPEN],
        (5, 9),
        1,
    )


async def test_a_throttled_repeat_keeps_its_key_and_its_doubt() -> None:
    world = World(fails(Kind.UNKNOWN), says(a=Kind.THROTTLED), says(a=Kind.REJECTED))
    await world.pusher().push([change("a", ZERO, 0)])
    assert (len(world.state.intents), world.state.interval("a")) == (1, (0, 5))


async def test_an_unanswered_zero_is_still_taken_off_sale() -> None:
    world = World(fails(Kind.UNKNOWN), fails(Kind.UNKNOWN))
    await world.pusher(max_attempts=2).push([change("a", OFF, 0)])
    assert world.shop.off == {"a"}


async def test_an_unanswered_zero_is_unknown_although_it_went_off_sale() -> None:
    world = World(fails(Kind.UNKNOWN), fails(Kind.UNKNOWN))
    assert len((await world.pusher(max_attempts=2).push([change("a", OFF, 0)])).unknown) == 1


async def test_an_unanswered_delisting_is_remembered_as_ours() -> None:
    world = World(None, *[fails(Kind.UNKNOWN, applied=True)] * 2)
    await world.pusher(max_attempts=2).push([change("a", OFF, 0)])
    assert (world.state.proofs["a"].on_sale, world.state.proofs["a"].delisted_by) == (None, "syncd")


async def test_an_unanswered_relisting_is_not_repeated() -> None:
    world = World(None, fails(Kind.UNKNOWN))
    await world.pusher().push([change("a", RELIST, 7, on_sale=False)])
    assert world.sent() == ["set a=7", "relist a=0"]


# --- calls that never left ---------------------------------------------------------------------------------


async def test_a_call_that_never_left_is_sent_again() -> None:
    world = World(fails(Kind.TRANSIENT, sent=False), write_modes=(Action.DELTA,))
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.resolutions("a") == [NOT_SENT, DONE]


async def test_a_write_that_is_sent_again_after_never_leaving_has_a_new_key() -> None:
    world = World(fails(Kind.UNKNOWN, sent=False))
    await world.pusher().push([change("a", RAISE, 9)])
    assert [call[0].key for call in world.shop.pushed] == ["k1", "k2"]


async def test_a_call_that_never_left_proves_nothing_new() -> None:
    world = World(*[fails(Kind.TRANSIENT, sent=False)] * 2)
    await world.pusher(max_attempts=2).push([change("a", RAISE, 9)])
    assert world.state.interval("a") is None


async def test_a_call_that_can_never_leave_is_reported_as_not_tried() -> None:
    world = World(*[fails(Kind.TRANSIENT, sent=False)] * 2)
    assert len((await world.pusher(max_attempts=2).push([change("a", RAISE, 9)])).not_tried) == 1


async def test_waits_grow_between_attempts() -> None:
    world = World(*[fails(Kind.TRANSIENT, sent=False)] * 3)
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.time.waits == pytest.approx([0.5, 1.0, 2.0])


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


async def test_a_stop_in_the_middle_of_halving_leaves_the_other_half() -> None:
    world = World(fails(Kind.REJECTED), fails(Kind.AUTH_REVOKED))
    report = await world.pusher().push([change(name, RAISE, 9) for name in "ab"])
    assert (report.stopped_by, len(report.not_tried)) == (Kind.AUTH_REVOKED, 2)
