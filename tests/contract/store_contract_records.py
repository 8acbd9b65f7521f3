"""What every store owes for the ledger and the requests."""

from datetime import timedelta

import pytest
from hypothesis import given

from syncd.domain.model import (
    Cause,
    ShopName,
    Sku,
)
from syncd.domain.records import (
    GuardedCount,
    LedgerRow,
    RequestRow,
)
from syncd.errors import StateError
from syncd.ports.store import Store
from tests.contract.store_contract_rows import (
    NOW,
    SHARED,
    SHOP,
    exactly,
    ledger_row,
    ledger_rows,
    save_plan,
)


class LedgerContract:
    """What a store owes for the ledger and the requests."""

    async def test_the_ledger_is_read_newest_first(self, store: Store) -> None:
        await save_plan(store, ledger=[ledger_row("1"), ledger_row("2")])
        await save_plan(store, ledger=[ledger_row("3")])
        assert [row.listing for row in await store.ledger()] == ["3", "2", "1"]

    async def test_the_ledger_is_cut_to_the_newest_rows(self, store: Store) -> None:
        await save_plan(store, ledger=[ledger_row(str(number)) for number in range(5)])
        assert [row.listing for row in await store.ledger(limit=2)] == ["4", "3"]

    async def test_the_ledger_of_a_sku_in_a_shop_leaves_out_the_rest(self, store: Store) -> None:
        wanted = ledger_row(sku="B", shop="jd")
        await save_plan(store, ledger=[ledger_row(sku="B"), wanted, ledger_row(shop="jd")])
        assert await store.ledger(sku=Sku("B"), shop=ShopName("jd")) == [wanted]

    async def test_guarded_counts_a_listing_once(self, store: Store) -> None:
        rows = [ledger_row("1"), ledger_row("1", what="on_sale", old=1), ledger_row("2")]
        await save_plan(store, ledger=rows)
        assert await store.guarded(NOW) == [GuardedCount(SHOP, 2, 0)]

    async def test_guarded_sums_what_counters_rose_by(self, store: Store) -> None:
        rows = [ledger_row("1", old=1, new=4), ledger_row("1", old=4, new=2), ledger_row("2", old=0, new=5)]
        await save_plan(store, ledger=rows)
        assert await store.guarded(NOW) == [GuardedCount(SHOP, 0, 8)]

    async def test_guarded_takes_an_unknown_counter_for_the_worst(self, store: Store) -> None:
        await save_plan(store, ledger=[ledger_row("1", old=None, new=0), ledger_row("2", old=None, new=5)])
        assert await store.guarded(NOW) == [GuardedCount(SHOP, 1, 5)]

    async def test_guarded_passes_over_a_counter_that_was_0_before(self, store: Store) -> None:
        await save_plan(store, ledger=[ledger_row(old=0, new=0)])
        assert await store.guarded(NOW) == [GuardedCount(SHOP, 0, 0)]

    @pytest.mark.parametrize("cause", [Cause.CLAIM, Cause.TAKE, Cause.GIVE, Cause.LOCK, Cause.REPAIR])
    async def test_guarded_passes_over_causes_that_explain_themselves(
        self, store: Store, cause: Cause
    ) -> None:
        await save_plan(store, ledger=[ledger_row(cause=cause)])
        assert list(await store.guarded(NOW)) == []

    @pytest.mark.parametrize("what", ["first_fill", "desired"])
    async def test_guarded_passes_over_what_was_not_sent_or_fills_first(
        self, store: Store, what: str
    ) -> None:
        await save_plan(store, ledger=[ledger_row(what=what, old=None, new=100)])
        assert list(await store.guarded(NOW)) == []

    async def test_guarded_counts_from_its_moment_on(self, store: Store) -> None:
        before = ledger_row("1", at=NOW - timedelta(microseconds=1))
        await save_plan(store, ledger=[before, ledger_row("2", cause=Cause.CONFIG)])
        assert await store.guarded(NOW) == [GuardedCount(SHOP, 1, 0)]

    async def test_guarded_keeps_shops_apart(self, store: Store) -> None:
        await save_plan(store, ledger=[ledger_row(shop="tmall"), ledger_row(shop="jd", old=1, new=3)])
        assert await store.guarded(NOW) == [GuardedCount(ShopName("jd"), 0, 2), GuardedCount(SHOP, 1, 0)]

    async def test_requests_come_oldest_first(self, store: Store) -> None:
        first = await store.ask("pause", "tmall", at=NOW, by="ann")
        second = await store.ask("cycle", "", at=NOW, by="bob")
        assert await store.requests() == [
            RequestRow(first, "pause", "tmall", NOW, "ann", ""),
            RequestRow(second, "cycle", "", NOW, "bob", ""),
        ]

    async def test_an_answered_request_is_asked_no_more(self, store: Store) -> None:
        request = await store.ask("pause", "tmall", at=NOW, by="ann")
        await store.answer(request, "done")
        assert list(await store.requests()) == []

    async def test_an_answer_can_be_read(self, store: Store) -> None:
        request = await store.ask("pause", "tmall", at=NOW, by="ann")
        await store.answer(request, "done")
        assert await store.answered(request) == "done"

    async def test_a_request_without_an_answer_reads_empty(self, store: Store) -> None:
        assert await store.answered(await store.ask("pause", "tmall", at=NOW, by="ann")) == ""

    async def test_a_request_that_was_never_asked_cannot_be_answered(self, store: Store) -> None:
        with pytest.raises(StateError, match="7"):
            await store.answer(7, "done")

    async def test_an_empty_answer_is_refused(self, store: Store) -> None:
        request = await store.ask("pause", "tmall", at=NOW, by="ann")
        with pytest.raises(ValueError, match="empty"):
            await store.answer(request, "")

    async def test_a_request_that_cannot_be_stored_is_refused(self, store: Store) -> None:
        with pytest.raises(StateError):
            await store.ask("pause", "\udcff", at=NOW, by="ann")

    @SHARED
    @given(row=ledger_rows)
    async def test_every_ledger_row_comes_back_as_it_was(self, store: Store, row: LedgerRow) -> None:
        await save_plan(store, ledger=[row])
        assert exactly((await store.ledger(limit=1))[0]) == exactly(row)
