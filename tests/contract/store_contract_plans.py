"""What every store owes for plans, intents and what the guard holds."""

from datetime import timedelta

import pytest
from hypothesis import given

from syncd.domain.records import (
    IntentRow,
    Resolution,
)
from syncd.errors import StateError
from syncd.ports.store import Store
from tests.contract.store_contract_rows import (
    DIGEST,
    NOW,
    SHARED,
    Cut,
    PowerCut,
    approval_row,
    claim_row,
    desired,
    exactly,
    held_row,
    intent_row,
    intent_rows,
    ledger_row,
    level_row,
    listing_row,
    proof,
    save_plan,
)


class PlanContract:
    """What a store owes for plans, intents and what the guard holds."""

    async def test_a_plan_sets_what_a_listing_should_read(self, store: Store) -> None:
        await store.save_listings([listing_row()])
        await save_plan(store, desired=[desired(units=4, want_off=True)])
        assert await store.listings() == [listing_row()._replace(desired=4, want_off=True)]

    async def test_a_plan_for_a_listing_that_is_not_known_is_refused_by_name(self, store: Store) -> None:
        await store.save_listings([listing_row("1")])
        with pytest.raises(StateError, match=r"tmall.*77"):
            await save_plan(store, desired=[desired("1"), desired("77")])

    async def test_a_refused_plan_changes_no_listing(self, store: Store) -> None:
        await store.save_listings([listing_row("1")])
        with pytest.raises(StateError):
            await save_plan(store, desired=[desired("1"), desired("77")])
        assert await store.listings() == [listing_row("1")]

    async def test_levels_are_replaced_by_their_key(self, store: Store) -> None:
        await save_plan(store, levels=[level_row("A"), level_row("B")])
        await save_plan(store, levels=[level_row("A", agree=1)])
        assert sorted(await store.levels()) == [level_row("A", agree=1), level_row("B")]

    async def test_dropped_levels_are_gone_whatever_they_count(self, store: Store) -> None:
        await save_plan(store, levels=[level_row("A"), level_row("B")])
        await save_plan(store, dropped_levels=[level_row("A", agree=5)])
        assert await store.levels() == [level_row("B")]

    async def test_a_power_cut_in_the_ledger_of_a_plan_leaves_everything(self, store: Store) -> None:
        await store.save_listings([listing_row()])
        with pytest.raises(PowerCut):
            await save_plan(
                store,
                desired=[desired()],
                levels=[level_row()],
                held=[held_row()],
                ledger=Cut([ledger_row()]),
            )
        found = (await store.listings(), await store.levels(), await store.held(DIGEST), await store.ledger())
        assert [list(rows) for rows in found] == [[listing_row()], [], [], []]

    async def test_what_is_held_is_found_under_its_digest(self, store: Store) -> None:
        await save_plan(store, held=[held_row("1"), held_row("2")])
        assert sorted(await store.held(DIGEST)) == [held_row("1"), held_row("2")]

    async def test_what_is_held_is_replaced_with_its_digest(self, store: Store) -> None:
        await save_plan(store, held=[held_row("1"), held_row("2")])
        await save_plan(store, held=[held_row("1", bound=5)])
        assert await store.held(DIGEST) == [held_row("1", bound=5)]

    async def test_what_is_held_stays_beside_another_digest(self, store: Store) -> None:
        await save_plan(store, held=[held_row()])
        await save_plan(store, held=[held_row(digest="f" * 16)])
        assert await store.held(DIGEST) == [held_row()]

    async def test_eight_characters_of_a_digest_are_enough(self, store: Store) -> None:
        await save_plan(store, held=[held_row()])
        assert await store.held(DIGEST[:8]) == [held_row()]

    async def test_seven_characters_of_a_digest_are_too_few(self, store: Store) -> None:
        await save_plan(store, held=[held_row()])
        assert list(await store.held(DIGEST[:7])) == []

    async def test_a_beginning_that_two_digests_share_finds_neither(self, store: Store) -> None:
        await save_plan(store, held=[held_row(digest=DIGEST), held_row(digest=DIGEST[:8] + "x")])
        assert list(await store.held(DIGEST[:8])) == []

    async def test_a_whole_digest_wins_over_a_longer_one(self, store: Store) -> None:
        await save_plan(store, held=[held_row(digest=DIGEST), held_row(digest=DIGEST + "x")])
        assert await store.held(DIGEST) == [held_row()]

    async def test_the_signs_of_a_search_pattern_mean_themselves(self, store: Store) -> None:
        await save_plan(store, held=[held_row()])
        assert [list(await store.held(wild)) for wild in ("%" * 8, "_" * 16, "0123456*")] == [[], [], []]

    async def test_a_digest_is_dropped_a_day_after_it_was_last_saved(self, store: Store) -> None:
        await save_plan(store, held=[held_row()])
        await save_plan(store, at=NOW + timedelta(days=1))
        assert list(await store.held(DIGEST)) == []

    async def test_a_digest_that_was_saved_again_stays_another_day(self, store: Store) -> None:
        await save_plan(store, held=[held_row()])
        await save_plan(store, held=[held_row()], at=NOW + timedelta(hours=23))
        await save_plan(store, at=NOW + timedelta(hours=46))
        assert await store.held(DIGEST) == [held_row()]

    async def test_approvals_hold_until_their_end(self, store: Store) -> None:
        ends = NOW + timedelta(minutes=30)
        await store.approve([approval_row(until=ends)], [])
        found = [len(await store.approvals(at)) for at in (NOW, ends - timedelta(microseconds=1), ends)]
        assert found == [1, 1, 0]

    async def test_a_second_approval_replaces_the_first(self, store: Store) -> None:
        later = approval_row(until=NOW + timedelta(hours=2))
        await store.approve([approval_row(until=NOW + timedelta(hours=1))], [])
        await store.approve([later], [])
        assert await store.approvals(NOW) == [later]

    async def test_a_power_cut_in_the_ledger_of_an_approval_approves_nothing(self, store: Store) -> None:
        with pytest.raises(PowerCut):
            await store.approve([approval_row(until=NOW + timedelta(hours=1))], Cut([ledger_row()]))
        assert list(await store.approvals(NOW)) == []

    async def test_claims_are_replaced_and_closed_by_their_line(self, store: Store) -> None:
        await store.save_claims([claim_row("1"), claim_row("2")], [])
        await store.save_claims([claim_row("1", units=3)], [claim_row("2", units=9)])
        assert await store.claims() == [claim_row("1", units=3)]

    async def test_a_claim_that_is_saved_and_closed_at_once_stays(self, store: Store) -> None:
        await store.save_claims([claim_row()], [claim_row()])
        assert await store.claims() == [claim_row()]


class IntentContract:
    """What a store owes for the writes that are on their way."""

    async def test_an_opened_intent_is_unresolved(self, store: Store) -> None:
        await store.open_intents([intent_row()])
        assert await store.unresolved() == [intent_row()]

    async def test_unresolved_intents_come_oldest_first(self, store: Store) -> None:
        young = intent_row("a", created_at=NOW + timedelta(microseconds=1))
        await store.open_intents([young, intent_row("z"), intent_row("b")])
        assert [row.key for row in await store.unresolved()] == ["z", "b", "a"]

    async def test_a_key_that_is_there_already_is_refused_by_name(self, store: Store) -> None:
        await store.open_intents([intent_row("k1")])
        with pytest.raises(StateError, match="k1"):
            await store.open_intents([intent_row("k2"), intent_row("k1")])

    async def test_intents_beside_a_refused_one_are_not_opened(self, store: Store) -> None:
        with pytest.raises(StateError):
            await store.open_intents([intent_row("k1"), intent_row("k2"), intent_row("k1")])
        assert list(await store.unresolved()) == []

    async def test_a_resolved_intent_is_unresolved_no_more(self, store: Store) -> None:
        await store.open_intents([intent_row("k1"), intent_row("k2")])
        await store.resolve([intent_row("k1")._replace(resolution=Resolution.DONE)], [], [])
        assert await store.unresolved() == [intent_row("k2")]

    async def test_an_intent_that_was_sent_and_stays_open_keeps_its_time(self, store: Store) -> None:
        sent = intent_row()._replace(sent_at=NOW, message="no answer")
        await store.open_intents([intent_row()])
        await store.resolve([sent], [], [])
        assert await store.unresolved() == [sent]

    async def test_only_how_an_intent_ended_is_recorded(self, store: Store) -> None:
        await store.open_intents([intent_row()])
        await store.resolve([intent_row()._replace(rule="another", message="no answer")], [], [])
        assert await store.unresolved() == [intent_row()._replace(message="no answer")]

    async def test_an_intent_that_was_never_opened_is_refused_by_name(self, store: Store) -> None:
        with pytest.raises(StateError, match="k9"):
            await store.resolve([intent_row("k9")], [], [])

    async def test_a_proof_moves_the_interval_of_its_listing(self, store: Store) -> None:
        await store.save_listings([listing_row("1"), listing_row("2")])
        await store.resolve([], [proof("1", lo=0, hi=3, on_sale=False)], [])
        moved = listing_row("1")._replace(expected_lo=0, expected_hi=3, on_sale=False)
        assert await store.listings() == [moved, listing_row("2")]

    async def test_a_proof_can_say_that_the_counter_is_not_known(self, store: Store) -> None:
        await store.save_listings([listing_row()._replace(expected_lo=1, expected_hi=1)])
        await store.resolve([], [proof(lo=None, hi=None, on_sale=None)], [])
        assert await store.listings() == [listing_row()]

    async def test_a_proof_of_the_counter_alone_forgets_nothing_of_a_delisting(self, store: Store) -> None:
        delisted = listing_row()._replace(on_sale=False, delisted_by="syncd")
        await store.save_listings([delisted])
        await store.resolve([], [proof(lo=0, hi=0, on_sale=None)], [])
        assert await store.listings() == [delisted._replace(expected_lo=0, expected_hi=0)]

    async def test_a_proof_that_it_is_on_sale_ends_the_delisting(self, store: Store) -> None:
        await store.save_listings([listing_row()._replace(on_sale=False, delisted_by="syncd")])
        await store.resolve([], [proof(lo=3, hi=3, on_sale=True)], [])
        (row,) = await store.listings()
        assert (row.on_sale, row.delisted_by) == (True, "")

    async def test_a_proof_for_a_listing_that_is_not_known_resolves_nothing(self, store: Store) -> None:
        await store.open_intents([intent_row()])
        with pytest.raises(StateError, match=r"tmall.*77"):
            await store.resolve([intent_row()._replace(resolution=Resolution.DONE)], [proof("77")], [])
        assert await store.unresolved() == [intent_row()]

    async def test_a_power_cut_in_a_resolution_resolves_nothing(self, store: Store) -> None:
        await store.save_listings([listing_row()])
        await store.open_intents([intent_row()])
        with pytest.raises(PowerCut):
            await store.resolve(
                [intent_row()._replace(resolution=Resolution.DONE)], [proof()], Cut([ledger_row()])
            )
        found = (await store.unresolved(), await store.listings(), await store.ledger())
        assert [list(rows) for rows in found] == [[intent_row()], [listing_row()], []]

    async def test_a_power_cut_while_intents_are_opened_opens_none(self, store: Store) -> None:
        with pytest.raises(PowerCut):
            await store.open_intents(Cut([intent_row()]))
        assert list(await store.unresolved()) == []

    async def test_a_store_goes_on_after_a_power_cut(self, store: Store) -> None:
        with pytest.raises(PowerCut):
            await store.open_intents(Cut([intent_row()]))
        await store.open_intents([intent_row()])
        assert await store.unresolved() == [intent_row()]

    @SHARED
    @given(row=intent_rows)
    async def test_every_open_intent_comes_back_as_it_was(self, store: Store, row: IntentRow) -> None:
        known = {other.key for other in await store.unresolved()}
        opened = row._replace(key=f"{len(known)}:{row.key}", resolution=Resolution.OPEN)
        await store.open_intents([opened])
        found = next(other for other in await store.unresolved() if other.key == opened.key)
        assert exactly(found) == exactly(opened)
