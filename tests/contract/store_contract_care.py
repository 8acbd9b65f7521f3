"""What every store owes for forgetting what is old, and for a start from an earlier state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.anew import Anew
from syncd.domain.model import ListingId, PoolName, ShopName, Sku, SourceName
from syncd.domain.observation import ANYWHERE
from syncd.domain.records import (
    FeedState,
    MoveRow,
    PendingRow,
    Resolution,
    ShareRow,
    ShopState,
    ShopStatus,
    SourceState,
    UseRow,
)
from syncd.ports.care import Old
from syncd.ports.store import Measured, Store, TakenOrders, Virtual
from tests.contract.store_contract_alerts import over
from tests.contract.store_contract_locks import lock_row
from tests.contract.store_contract_orders import order_row
from tests.contract.store_contract_rows import (
    DIGEST,
    ERP,
    NOW,
    SHOP,
    approval_row,
    claim_row,
    held_row,
    intent_row,
    ledger_row,
    level_row,
    listing_row,
    save_plan,
)

LATER = NOW + timedelta(seconds=1)
GONE, LEFT = ShopName("gone"), ShopName("left")
A, MAIN = Sku("A"), PoolName("main")


async def fill(store: Store) -> None:
    """Leave one of each that may be forgotten after `NOW`."""
    await store.open_intents([intent_row()])
    await store.resolve([intent_row()._replace(resolution=Resolution.REFUSED)], [], [ledger_row()])
    await store.approve([approval_row()], [])
    await store.answer(await store.ask("pause", "tmall", at=NOW, by="ann"), "done")
    await store.take_orders(TakenOrders(rows=[order_row("1")._replace(settled=True)]))
    lock = await store.add_lock(lock_row(), ())
    await store.save_locks([lock_row(lock)._replace(ended_at=NOW)], ())
    await store.save_alerts([over(1)._replace(ended_at=NOW)])


class PurgeContract:
    """What a store owes for forgetting what is old."""

    @pytest.mark.parametrize("what", Old)
    async def test_what_is_older_is_forgotten_and_counted(self, store: Store, what: Old) -> None:
        await fill(store)
        first = await store.purge(what, before=LATER, limit=10)
        assert (first, await store.purge(what, before=LATER, limit=10)) == (1, 0)

    @pytest.mark.parametrize("what", Old)
    async def test_what_is_just_young_enough_stays(self, store: Store, what: Old) -> None:
        await fill(store)
        assert await store.purge(what, before=NOW, limit=10) == 0

    async def test_one_kind_leaves_the_others(self, store: Store) -> None:
        await fill(store)
        await store.purge(Old.LEDGER, before=LATER, limit=10)
        gone = [await store.purge(what, before=LATER, limit=10) for what in Old]
        assert gone == [0, 1, 1, 1, 1, 1, 1]

    async def test_no_more_are_forgotten_at_a_time_than_was_said(self, store: Store) -> None:
        await save_plan(store, ledger=[ledger_row(str(number)) for number in range(5)])
        gone = [await store.purge(Old.LEDGER, before=LATER, limit=2) for _ in range(4)]
        assert gone == [2, 2, 1, 0]

    async def test_open_intents_stay_whatever_their_age(self, store: Store) -> None:
        await store.open_intents([intent_row()])
        await store.purge(Old.INTENTS, before=NOW + timedelta(days=999), limit=10)
        assert await store.unresolved() == [intent_row()]

    async def test_requests_without_an_answer_stay_whatever_their_age(self, store: Store) -> None:
        await store.ask("pause", "tmall", at=NOW, by="ann")
        await store.purge(Old.REQUESTS, before=NOW + timedelta(days=999), limit=10)
        assert len(await store.requests()) == 1

    async def test_the_number_of_a_forgotten_request_never_comes_back(self, store: Store) -> None:
        old = await store.ask("pause", "tmall", at=NOW, by="ann")
        await store.answer(old, "done")
        await store.purge(Old.REQUESTS, before=LATER, limit=10)
        assert await store.ask("pause", "tmall", at=LATER, by="ann") != old

    async def test_order_lines_that_are_not_settled_stay_whatever_their_age(self, store: Store) -> None:
        await store.take_orders(TakenOrders(rows=[order_row("1")]))
        await store.purge(Old.ORDERS, before=NOW + timedelta(days=999), limit=10)
        assert len(await store.orders()) == 1

    async def test_locks_go_with_their_uses_and_those_that_live_keep_theirs(self, store: Store) -> None:
        ids = [await store.add_lock(lock_row(), ()) for _ in range(2)]
        await store.save_locks([lock_row(ids[0])._replace(ended_at=NOW)], ())
        await store.save_claims([], [], [UseRow(number, "a", 1) for number in ids])
        gone = await store.purge(Old.LOCKS, before=LATER, limit=10)
        left = [row.id for row in await store.locks()], [row.lock for row in await store.uses()]
        assert (gone, *left) == (2, ids[1:], ids[1:])

    async def test_the_id_of_a_forgotten_lock_does_not_come_back(self, store: Store) -> None:
        number = await store.add_lock(lock_row(), ())
        await store.save_locks([lock_row(number)._replace(ended_at=NOW)], ())
        await store.purge(Old.LOCKS, before=LATER, limit=10)
        assert await store.add_lock(lock_row(), ()) > number

    async def test_unused_room_is_given_back_until_there_is_none(self, store: Store) -> None:
        await save_plan(store, ledger=[ledger_row(str(number)) for number in range(2000)])
        await store.purge(Old.LEDGER, before=LATER, limit=2000)
        while await store.shrink(pages=5):
            pass
        assert await store.shrink(pages=5) == 0


class AuditContract:
    """What a store owes an audit."""

    async def test_the_newest_write_of_every_counter_is_told(self, store: Store) -> None:
        rows = [ledger_row("1", new=1), ledger_row("1", new=2), ledger_row("2", new=3)]
        others = [ledger_row("1", what="on_sale", new=0), ledger_row("3", what="desired", new=4)]
        await save_plan(store, ledger=[*rows, *others])
        assert sorted((row.listing, row.new) for row in await store.newest_counters()) == [("1", 2), ("2", 3)]


class AnewContract:
    """What a store owes for a start from an earlier state."""

    async def begun(self, store: Store) -> None:
        await store.begin_anew(Anew(configured={SHOP, GONE}, slow={SHOP}, at=LATER, by="ann"))

    async def test_no_counter_is_known_any_more(self, store: Store) -> None:
        await store.save_listings([listing_row()])
        await self.begun(store)
        (row,) = await store.listings()
        nothing = (row.expected_lo, row.expected_hi, row.observed, row.observed_at, row.on_sale)
        assert (nothing, row.want_off) == ((None,) * 5, False)

    async def test_what_a_listing_is_and_should_read_stays(self, store: Store) -> None:
        await store.save_listings([listing_row()])
        await self.begun(store)
        (row,) = await store.listings()
        before = listing_row()
        assert (row.sku, row.units, row.desired, row.delisted_by, row.withheld) == (
            (before.sku, before.units, before.desired, before.delisted_by, before.withheld)
        )

    async def test_no_shop_was_observed_or_filled(self, store: Store) -> None:
        known = ShopState(name=SHOP, observed_at=NOW, accepted_at=NOW, blocked="revoked", fingerprint="f")
        await store.save_shop(replace(known, status=ShopStatus.PAUSED))
        await self.begun(store)
        after = ShopState(name=SHOP, status=ShopStatus.PAUSED, fingerprint="f")
        assert (await store.shops())[SHOP] == after

    async def test_a_shop_that_had_left_must_be_seen_off_sale_once_more(self, store: Store) -> None:
        await store.save_shop(ShopState(name=GONE, status=ShopStatus.RETIRED, observed_at=NOW))
        await store.save_shop(ShopState(name=LEFT, status=ShopStatus.RETIRED, observed_at=NOW))
        await self.begun(store)
        shops = await store.shops()
        assert (shops[GONE].status, shops[GONE].observed_at) == (ShopStatus.RETIRING, None)
        assert (shops[LEFT].status, shops[LEFT].observed_at) == (ShopStatus.RETIRED, NOW)

    async def test_orders_are_asked_for_since_before_what_the_snapshots_contain(self, store: Store) -> None:
        mark = NOW - timedelta(hours=2)
        await store.save_source(SourceState(name=ERP, watermarks={SHOP: NOW - timedelta(hours=1)}))
        await store.save_source(SourceState(name=SourceName("wms"), watermarks={SHOP: mark}))
        await store.take_orders(
            TakenOrders(feeds=[FeedState(shop=SHOP, cursor=NOW, error="down", failing_since=NOW)])
        )
        await self.begun(store)
        assert await store.feeds() == {SHOP: FeedState(shop=SHOP, cursor=mark)}

    async def test_orders_that_were_never_asked_for_are_not_asked_for_later(self, store: Store) -> None:
        await store.take_orders(TakenOrders(feeds=[FeedState(shop=SHOP)]))
        await self.begun(store)
        assert (await store.feeds())[SHOP].cursor is None

    async def test_sources_are_asked_for_everything_and_their_figures_stay(self, store: Store) -> None:
        known = SourceState(name=ERP, seq=3, as_of=NOW, full_at=NOW, cursor="c", watermarks={SHOP: NOW})
        await store.save_source(known)
        await self.begun(store)
        assert await store.sources() == {ERP: replace(known, cursor="")}

    async def test_nobody_has_a_share_and_nothing_is_on_its_way(self, store: Store) -> None:
        await store.save_virtual(
            Virtual(shares=[ShareRow(MAIN, SHOP, A, 3, None)], moves=[MoveRow(MAIN, A, SHOP, LEFT, 1, NOW)])
        )
        await self.begun(store)
        assert (list(await store.shares()), list(await store.moves())) == ([], [])

    async def test_approvals_requests_and_what_is_held_or_waits_are_forgotten(self, store: Store) -> None:
        await store.approve([approval_row(until=LATER)], [])
        await store.ask("pause", "tmall", at=NOW, by="ann")
        await save_plan(store, held=[held_row()])
        await store.save_measures(
            Measured(pending=[PendingRow(SHOP, ListingId("1"), since=NOW, sold_at=None, held=False)])
        )
        await self.begun(store)
        left = [await store.approvals(NOW), await store.requests(), await store.held(DIGEST)]
        assert [list(rows) for rows in (*left, await store.pending())] == [[], [], [], []]

    async def test_claims_orders_locks_and_levels_stay(self, store: Store) -> None:
        await store.save_claims([claim_row()], [])
        await store.take_orders(TakenOrders(rows=[order_row("1")]))
        lock = await store.add_lock(lock_row(), ())
        await save_plan(store, levels=[level_row(agree=1)])
        await self.begun(store)
        assert (list(await store.claims()), list(await store.orders())) == ([claim_row()], [order_row("1")])
        assert ([row.id for row in await store.locks()], list(await store.levels())) == (
            [lock],
            [level_row()],
        )

    async def test_open_writes_have_no_answer_still(self, store: Store) -> None:
        await store.open_intents([intent_row()])
        await self.begun(store)
        assert await store.unresolved() == [intent_row()]

    async def test_the_last_writes_of_a_slow_shop_have_no_answer_and_may_be_of_anything(
        self, store: Store
    ) -> None:
        unbound = listing_row("2")._replace(unbound_because="no SKU")
        await store.save_listings([listing_row("1"), unbound, listing_row("3", shop="gone")])
        await self.begun(store)
        (lost,) = await store.unresolved()
        assert (lost.shop, lost.listing, lost.sent_at, lost.target) == (SHOP, "1", LATER, ANYWHERE)

    async def test_the_ledger_says_who_began_it(self, store: Store) -> None:
        await self.begun(store)
        (row,) = await store.ledger()
        assert (row.at, row.what, row.who) == (LATER, "restored", "ann")
