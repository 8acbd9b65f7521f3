"""A push that goes well: order, batches, what is on disk and when."""

import asyncio
from itertools import count
from threading import get_ident

import pytest

from syncd.adapters.memory import Fault
from syncd.domain.model import Action, ChangeKind, ShopName
from syncd.domain.records import Resolution
from syncd.domain.writes import Intended, first_write
from syncd.errors import Kind
from syncd.ports.channel import ChannelTraits
from syncd.services.push import PushReport
from syncd.services.push.lines import Line
from tests.unit.services.push_world import SHOP, World, change, fails, says, shown

ZERO, OFF, LOWER = ChangeKind.ZERO, ChangeKind.OFF, ChangeKind.LOWER
RELIST, RAISE = ChangeKind.RELIST, ChangeKind.RAISE


async def test_nothing_to_push_makes_no_call() -> None:
    world = World()
    assert await world.pusher().push([]) == PushReport(shop=SHOP)


async def test_a_raise_reaches_the_shop() -> None:
    world = World()
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.shop.counters["a"] == 9


async def test_a_done_change_is_reported() -> None:
    world, wanted = World(), change("a", RAISE, 9)
    assert (await world.pusher().push([wanted])).done == (wanted,)


async def test_the_intent_is_committed_before_the_call_and_resolved_after_it() -> None:
    world = World()
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.log == ["open", "call", "resolve"]


async def test_a_call_of_many_lines_is_one_commit_before_and_one_after() -> None:
    world = World()
    await world.pusher().push([change(str(n), RAISE, 9) for n in range(20)])
    assert world.log == ["open", "call", "resolve"]


async def test_an_intent_says_what_was_written_and_why() -> None:
    world = World()
    await world.pusher().push([change("a", RAISE, 9)])
    (row,) = world.state.intents
    assert (row.action, row.value, row.base, row.target, row.cause, row.rule) == (
        Action.SET,
        9,
        5,
        9,
        "snapshot",
        "pools.main weight",
    )


async def test_an_intent_knows_when_its_call_began() -> None:
    world = World()
    world.time.advance(30.0)
    await world.pusher().push([change("a", RAISE, 9)])
    (row,) = world.state.intents
    assert row.sent_at == row.created_at == world.time.now()


async def test_a_done_write_proves_the_counter() -> None:
    world = World()
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.interval("a") == (9, 9)


async def test_a_returned_counter_below_the_target_is_left_for_a_reading_to_book_as_a_sale() -> None:
    world = World(write_modes=(Action.DELTA,))
    world.shop.returns_counters = True
    world.shop.put(shown("a", 4))
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.interval("a") == (9, 9)


async def test_a_duplicate_is_as_good_as_done() -> None:
    world = World(says(a=Kind.DUPLICATE))
    await world.pusher().push([change("a", RAISE, 9)])
    assert world.state.resolutions("a") == [Resolution.DONE]


async def test_a_quantity_write_says_nothing_about_being_on_sale() -> None:
    world = World()
    await world.pusher().push([change("a", LOWER, 3, on_sale=False)])
    assert (world.state.proofs["a"].on_sale, world.state.proofs["a"].delisted_by) == (None, "")


async def test_the_ledger_tells_old_new_and_cause() -> None:
    world = World()
    await world.pusher().push([change("a", RAISE, 9)], who="ann")
    (row,) = world.state.entries
    assert (row.what, row.old, row.new, row.cause, row.who) == ("counter", 5, 9, "snapshot", "ann")


async def test_what_lowers_is_sent_before_what_raises() -> None:
    world = World(max_batch=1)
    kinds = [change("a", RAISE, 9), change("b", LOWER, 3), change("c", OFF, 0, unlist=False)]
    await world.pusher().push([*kinds, change("d", ZERO, 0), change("e", RELIST, 7)])
    assert world.sent() == ["set d=0", "set c=0", "set b=3", "set e=7", "set a=9"]


async def test_changes_of_a_kind_keep_their_order() -> None:
    world = World(max_batch=1)
    await world.pusher().push([change(name, RAISE, 9) for name in "cab"])
    assert world.sent() == ["set c=9", "set a=9", "set b=9"]


async def test_nothing_is_raised_before_all_that_lowers_is_answered() -> None:
    world = World()
    await world.pusher(in_flight=4).push([change("a", RAISE, 9), change("b", LOWER, 3)])
    assert world.log == ["open", "call", "resolve"] * 2


async def test_zero_comes_before_the_delisting() -> None:
    world = World()
    await world.pusher().push([change("a", OFF, 0)])
    assert world.sent() == ["set a=0", "delist a=0"]


async def test_the_quantity_comes_before_the_relisting() -> None:
    world = World()
    world.shop.put(shown("a", 0, on_sale=False))
    await world.pusher().push([change("a", RELIST, 7, on_sale=False)])
    assert world.sent() == ["set a=7", "relist a=0"]


async def test_a_delisting_is_remembered_as_ours() -> None:
    world = World()
    await world.pusher().push([change("a", OFF, 0)])
    proof = world.state.proofs["a"]
    assert (proof.expected_lo, proof.expected_hi, proof.on_sale, proof.delisted_by) == (0, 0, False, "syncd")


async def test_a_relisting_is_remembered() -> None:
    world = World()
    await world.pusher().push([change("a", RELIST, 7, on_sale=False)])
    assert (world.state.proofs["a"].on_sale, world.state.proofs["a"].delisted_by) == (True, "")


async def test_the_ledger_says_the_counter_that_the_shop_named_where_it_is_higher_than_the_target() -> None:
    world = World(write_modes=(Action.DELTA,))
    world.shop.put(shown("a", 7))
    world.shop.returns_counters = True
    await world.pusher().push([change("a", RAISE, 9)])
    assert (world.state.entries[-1].new, world.state.interval("a")) == (11, (9, 11))


async def test_a_delisting_stands_in_the_ledger() -> None:
    world = World()
    await world.pusher().push([change("a", OFF, 0)])
    assert [(row.what, row.old, row.new) for row in world.state.entries] == [
        ("counter", 5, 0),
        ("on_sale", 1, 0),
    ]


async def test_a_relisting_of_unknown_state_stands_in_the_ledger() -> None:
    world = World()
    await world.pusher().push([change("a", RELIST, 5, on_sale=None)])
    assert [(row.what, row.old, row.new) for row in world.state.entries] == [("on_sale", None, 1)]


async def test_a_platform_that_delists_at_zero_is_not_asked_to() -> None:
    world = World(auto_delists_at_zero=True)
    await world.pusher().push([change("a", OFF, 0)])
    assert world.sent() == ["set a=0"]


async def test_a_platform_that_delists_at_zero_is_remembered_as_having_done_so() -> None:
    world = World(auto_delists_at_zero=True)
    await world.pusher().push([change("a", OFF, 0)])
    assert (world.state.proofs["a"].on_sale, world.state.proofs["a"].delisted_by) == (False, "platform")


async def test_a_change_with_nothing_to_write_is_done() -> None:
    world, wanted = World(), change("a", LOWER, 5)
    assert (await world.pusher().push([wanted])).done == (wanted,)


async def test_a_cut_quantity_is_noted_with_shop_and_listing() -> None:
    world = World(max_quantity=7)
    report = await world.pusher().push([change("a", RAISE, 9)])
    told = "tmall: listing a (1-a): shows 7 instead of 9: the platform takes no more"
    assert [note.message for note in report.notes] == [told]


async def test_what_the_platform_cannot_do_is_refused_without_a_call() -> None:
    world = World(zero_allowed=False, can_unlist=False)
    report = await world.pusher().push([change("a", ZERO, 0)])
    assert (len(report.refused), world.log) == (1, [])


async def test_the_batch_rule_is_kept() -> None:
    world = World(max_batch=2)
    await world.pusher().push([change(name, RAISE, 9) for name in "abc"])
    assert world.sent() == ["set a=9 b=9", "set c=9"]


async def test_calls_run_at_once_up_to_the_limit() -> None:
    world, running, most = World(max_batch=1), [0], [0]

    async def hook() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        for _ in range(20):
            await asyncio.sleep(0)
        running[0] -= 1

    world.shop.hook = hook
    await world.pusher(in_flight=3).push([change(str(n), RAISE, 9) for n in range(9)])
    assert most == [3]


async def test_a_listing_is_never_in_two_calls_at_once() -> None:
    world, running = World(max_batch=1, max_batch_listing=1), set()

    async def hook() -> None:
        listing = world.shop.pushed[-1][0].listing
        assert listing not in running
        running.add(listing)
        for _ in range(5):
            await asyncio.sleep(0)
        running.remove(listing)

    world.shop.hook = hook
    report = await world.pusher(in_flight=4).push([change(str(n), OFF, 0) for n in range(6)])
    assert len(report.done) == 6


async def test_a_long_plan_is_not_drafted_in_the_loop() -> None:
    pusher, threads, keys = World().pusher(), set(), count()

    def new_key() -> str:
        threads.add(get_ident())
        return f"k{next(keys)}"

    pusher.new_key = new_key
    await pusher.push([change(str(n), RAISE, 9) for n in range(1_000)])
    assert get_ident() not in threads


async def test_a_long_plan_still_takes_the_fewest_calls() -> None:
    world = World(max_batch=50)
    await world.pusher().push([change(str(n), RAISE, 9) for n in range(990)])
    assert len(world.shop.pushed) == 20


async def test_the_budget_paces_the_calls() -> None:
    world = World(max_batch=1)
    await world.pusher(calls_per_second=2.0, burst=1).push([change(name, RAISE, 9) for name in "abc"])
    assert world.time.monotonic() == pytest.approx(1.0)


async def test_the_budget_outlives_a_push() -> None:
    world = World()
    pusher = world.pusher(calls_per_second=0.5, burst=1)
    await pusher.push([change("a", RAISE, 9)])
    await pusher.push([change("b", RAISE, 9)])
    assert world.time.monotonic() == pytest.approx(2.0)


async def test_a_push_that_takes_too_long_leaves_the_rest_to_a_newer_plan() -> None:
    world = World(max_batch=1)
    pusher = world.pusher(calls_per_second=1.0, burst=1, longest_push=2.0)
    report = await pusher.push([change(str(n), RAISE, 9) for n in range(5)])
    assert (len(report.done), len(report.not_tried), report.stopped_by) == (2, 3, None)


async def test_each_call_is_told() -> None:
    world = World(max_batch=2)
    await world.pusher().push([change(name, RAISE, 9) for name in "abc"])
    assert [(event.calls, event.settled, event.total) for event in world.events] == [(1, 2, 3), (2, 3, 3)]


async def test_the_raises_of_a_first_fill_leave_one_summary() -> None:
    world = World()
    changes = [change("a", RAISE, 9), change("b", RAISE, 7), change("c", ZERO, 0)]
    await world.pusher().push(changes, first_fill=True)
    rows = [(row.what, row.listing, row.new, row.rule) for row in world.state.entries]
    assert rows == [("counter", "c", 0, "pools.main weight"), ("first_fill", "", 16, "2 listings")]


async def test_the_relistings_of_a_first_fill_are_in_the_summary() -> None:
    world = World()
    await world.pusher().push([change("a", RELIST, 7, on_sale=False)], first_fill=True)
    assert [(row.what, row.new) for row in world.state.entries] == [("first_fill", 7)]


async def test_a_first_fill_without_raises_leaves_no_summary() -> None:
    world = World()
    await world.pusher().push([change("a", LOWER, 3)], first_fill=True)
    assert [row.what for row in world.state.entries] == ["counter"]


def test_a_write_without_a_committed_intent_has_no_row() -> None:
    draft = first_write(change("a", RAISE, 9), ChannelTraits(), "k7")
    assert isinstance(draft, Intended)
    line = Line(change=change("a", RAISE, 9), write=draft.write, target=9, least=9, lo=5, hi=5)
    with pytest.raises(ValueError, match="the write k7 of listing a has no committed intent"):
        line.intent(Resolution.OPEN)


async def test_a_change_of_another_shop_is_an_error() -> None:
    foreign = change("a", RAISE, 9)._replace(shop=ShopName("jd"))
    with pytest.raises(ValueError, match=r"tmall: .* listing a \(jd\)"):
        await World().pusher().push([foreign])


async def test_two_changes_of_one_listing_are_an_error() -> None:
    with pytest.raises(ValueError, match="doubled"):
        await World().pusher().push([change("a", RAISE, 9), change("a", LOWER, 1)])


async def test_after_a_failed_push_the_shop_can_be_pushed_again() -> None:
    world = World(fails(Kind.AUTH_EXPIRED))
    pusher = world.pusher()
    await pusher.push([change("a", RAISE, 9)])
    assert len((await pusher.push([change("a", RAISE, 9)])).done) == 1


async def test_keys_are_unique_without_a_maker_of_our_own() -> None:
    world = World()
    pusher = world.pusher()
    made = type(pusher)(shop=SHOP, channel=world.shop, store=world.state, clock=world.time)
    await made.push([change("a", RAISE, 9), change("b", RAISE, 9)])
    assert len(world.state.intents) == 2


async def test_an_accepted_write_that_shows_later_is_not_proven() -> None:
    world = World(Fault(late=True), max_apply_delay=60.0)
    await world.pusher().push([change("a", RAISE, 9)])
    assert (world.state.interval("a"), world.state.resolutions("a")) == ((5, 9), [Resolution.OPEN])


async def test_an_accepted_write_that_shows_later_counts_as_done() -> None:
    world = World(max_apply_delay=60.0)
    assert len((await world.pusher().push([change("a", RAISE, 9)])).done) == 1


async def test_nothing_is_relisted_while_an_older_higher_counter_may_still_show() -> None:
    world = World(max_apply_delay=60.0)
    report = await world.pusher().push([change("a", RELIST, 3, on_sale=False)])
    assert (world.sent(), len(report.unknown)) == (["set a=3"], 1)


async def test_a_late_delisting_is_remembered_as_ours_but_not_as_done() -> None:
    world = World(max_apply_delay=60.0)
    await world.pusher().push([change("a", OFF, 0)])
    assert (world.state.proofs["a"].on_sale, world.state.proofs["a"].delisted_by) == (None, "syncd")
