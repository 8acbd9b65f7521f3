"""Pushing into a shop that fails: nothing is doubled, nothing unproven believed, one line stays one line."""

import pytest

from syncd.adapters.memory import Fault
from syncd.domain.model import Action, ChangeKind, ListingId, Outcome
from syncd.domain.records import Resolution
from syncd.errors import Kind, PortError
from tests.unit.services.push_world import World, change, fails, says, shown

ZERO, OFF, LOWER = ChangeKind.ZERO, ChangeKind.OFF, ChangeKind.LOWER
RELIST, RAISE = ChangeKind.RELIST, ChangeKind.RAISE

A = ListingId("a")
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


async def test_a_failed_comparison_leaves_the_drop_for_a_reading_to_book_as_a_sale() -> None:
    world = World(write_modes=(Action.COMPARE_AND_SET,))
    world.shop.put(shown("a", 3))
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.interval("a") is None


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


async def test_a_key_that_counts_for_differences_only_repeats_no_raise_over_a_sale_in_between() -> None:
    world = World(
        fails(Kind.UNKNOWN, applied=True), write_modes=(Action.SET,), idempotent=True, keyed_sets=False
    )
    await world.pusher().push([change("a", RAISE, 9)])
    assert (len(world.shop.pushed), world.state.resolutions("a")) == (1, [OPEN])


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
