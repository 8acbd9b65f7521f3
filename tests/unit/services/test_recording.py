"""What a cycle writes down before its calls and after them: no more than it decided, and each figure once."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from syncd.adapters.memory import MemoryStore
from syncd.domain.book import State
from syncd.domain.decision import Decision, Question, decide
from syncd.domain.guard import Record
from syncd.domain.model import Change, ListingId, ListingRow, ShopName, Sku
from syncd.domain.records import LedgerRow, LevelRow, ShopState
from syncd.domain.topology import PoolMode
from syncd.services.recording import record, settle
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import KNOWN, A, B, P, claim, entry, rule, state

Key = tuple[ShopName, ListingId]
LOW = {"rules": (rule({"warning_level": 5}),)}


class Books:
    """A state in memory, and the decision that a cycle made from it."""

    def __init__(self, base: State, **question: Any) -> None:  # noqa: ANN401
        self.base = base
        self.store = MemoryStore()
        self.decision: Decision = decide(base, Question(record=Record(shops=base.shops), **question))

    async def recorded(self, partial: Callable[[Change], bool] | None = None) -> "Books":
        await self.store.save_listings(self.base.listings)
        await record(self.store, self.decision, partial=partial)
        return self

    async def settled(self, *done: Key) -> "Books":
        await self.recorded()
        await settle(self.store, self.decision, done)
        return self

    async def desired(self) -> dict[str, int | None]:
        return {f"{row.shop} {row.id}": row.desired for row in await self.store.listings()}

    async def ledger(self) -> list[LedgerRow]:
        return list(await self.store.ledger())


def books(stock: Mapping[str, int], *rows: ListingRow, **settings: Any) -> Books:  # noqa: ANN401
    return Books(state(stock, *rows, **settings))


def key(listing: str, shop: ShopName = A) -> Key:
    return shop, ListingId(listing)


# --- before the calls ----------------------------------------------------------------------------------


async def test_a_figure_that_must_be_written_is_not_recorded_before_it_is() -> None:
    found = await books({"A": 8}, entry("A")).recorded()

    assert await found.desired() == {"a A": 10}


async def test_a_figure_that_the_counter_reads_already_is_recorded_at_once() -> None:
    found = await books({"A": 8}, entry("A", 8, desired=10)).recorded()

    assert await found.desired() == {"a A": 8}


async def test_an_off_state_that_the_shop_shows_already_is_recorded_at_once() -> None:
    row = entry("A", 0, on_sale=False)
    found = await books({"A": 3}, row, topology=LOW).recorded()

    assert [row.want_off for row in await found.store.listings()] == [True]


@pytest.mark.parametrize("sku", ["", "nobody-knows"])
async def test_what_is_not_known_keeps_its_figure(sku: str) -> None:
    found = await books({"A": 8}, entry(sku, 8, desired=10)).recorded()

    assert list((await found.desired()).values()) == [10]


async def test_a_partial_sync_records_no_figure() -> None:
    found = await books({"A": 8}, entry("A", 8, desired=10)).recorded(partial=lambda _: True)

    assert (await found.desired(), await found.ledger()) == ({"a A": 10}, [])


async def test_a_partial_sync_still_records_the_levels() -> None:
    found = await books({"A": 3}, entry("A"), topology=LOW).recorded(partial=lambda _: False)

    assert len(await found.store.levels()) == 1


async def test_what_is_held_is_recorded_under_the_digest() -> None:
    found = await books({"A": 0}, entry("A")).recorded()

    rows = await found.store.held(found.decision.digest)
    assert [(row.shop, row.listing, row.bound) for row in rows] == [(A, "A", 0)]


async def test_what_goes_is_not_recorded_as_held() -> None:
    found = await books({"A": 8}, entry("A")).recorded()

    assert not await found.store.held(found.decision.digest)


# --- levels --------------------------------------------------------------------------------------------


async def levels_after(stock: int, *before: LevelRow) -> list[LevelRow]:
    row = entry("A", 0, on_sale=False, delisted_by="syncd", desired=0, want_off=True)
    found = books({"A": stock}, row if before else entry("A"), topology=LOW, levels=before)
    await found.store.save_plan(desired=(), levels=before, dropped_levels=(), held=(), ledger=(), at=NOW)
    return list(await (await found.recorded()).store.levels())


def level(agree: int, seq: int) -> LevelRow:
    return LevelRow(P, A, Sku("A"), NOW.replace(hour=1, microsecond=7), agree, seq)


async def test_what_went_off_is_recorded_with_its_time() -> None:
    assert await levels_after(3) == [LevelRow(P, A, Sku("A"), NOW, 0, 7)]


async def test_a_snapshot_that_agrees_is_recorded_and_the_time_kept() -> None:
    assert await levels_after(9, level(0, 6)) == [level(1, 7)]


async def test_what_is_back_is_dropped() -> None:
    assert await levels_after(9, level(1, 6)) == []


async def test_what_stays_below_keeps_its_row() -> None:
    assert await levels_after(3, level(0, 6)) == [level(0, 6)]


# --- after the calls -----------------------------------------------------------------------------------


async def test_a_figure_is_recorded_once_it_was_written() -> None:
    found = await books({"A": 8}, entry("A")).settled(key("A"))

    assert await found.desired() == {"a A": 8}


async def test_what_was_not_written_keeps_its_old_figure() -> None:
    found = await books({"A": 8, "B": 8}, entry("A"), entry("B")).settled(key("A"))

    assert await found.desired() == {"a A": 8, "a B": 10}


async def test_what_is_held_keeps_its_old_figure_though_its_part_of_a_sale_went_out() -> None:
    base = state({"A": 0}, entry("A"), claims=(claim("A", 2),))
    found = await Books(base).settled(key("A"))

    assert [change.new for change in found.decision.follows.changes()] == [8]
    assert await found.desired() == {"a A": 10}


async def test_a_raise_that_waited_for_its_taking_is_recorded_too() -> None:
    rows = (entry("A", 15), entry("A", 5, shop="b"))
    found = await books({"A": 20}, *rows, pool={"mode": PoolMode.SPLIT}).settled(key("A"), key("A", B))

    assert await found.desired() == {"a A": 10, "b A": 10}


async def test_the_listing_of_another_shop_is_not_meant() -> None:
    found = await books({"A": 8}, entry("A"), entry("A", shop="b")).settled(key("A", B))

    assert await found.desired() == {"a A": 10, "b A": 8}


async def test_where_nothing_was_done_nothing_is_recorded() -> None:
    found = await books({"A": 8}, entry("A")).settled()

    assert (await found.desired(), await found.ledger()) == ({"a A": 10}, [])


async def test_what_was_recorded_before_the_calls_is_not_written_down_again() -> None:
    rows = (entry("A"), entry("B", 8, desired=10))
    found = await books({"A": 8, "B": 8}, *rows).settled(key("A"))

    assert sorted(row.listing for row in await found.ledger()) == ["A", "B"]


async def test_settling_leaves_what_is_held() -> None:
    skus = [f"S{number}" for number in range(10)]
    stock = {sku: 0 if sku < "S4" else 8 for sku in skus}
    found = await books(stock, *(entry(sku) for sku in skus)).settled(key("S9"))

    assert len(await found.store.held(found.decision.digest)) == 4


# --- the ledger ----------------------------------------------------------------------------------------


async def test_a_change_is_written_down_with_its_cause_and_rule() -> None:
    found = await books({"A": 10}, entry("A"), topology={"rules": (rule({"cap": 4}),)}).settled(key("A"))

    assert await found.ledger() == [
        LedgerRow(NOW, A, ListingId("A"), Sku("A"), "desired", 10, 4, "snapshot", "overrides[0] cap", "syncd")
    ]


async def test_a_sale_is_written_down_as_the_cause() -> None:
    found = await Books(state({"A": 10}, entry("A"), claims=(claim("A", 2),))).settled(key("A"))

    assert [row.cause for row in await found.ledger()] == ["claim"]


NEW = {A: ShopState(name=A), B: KNOWN[B]}


async def test_a_first_fill_is_written_down_as_one_summary() -> None:
    rows = (entry("A", desired=None), entry("B", desired=None))
    found = await books({"A": 10, "B": 10}, *rows, shops=NEW).recorded()

    assert [(row.what, row.listing, row.new) for row in await found.ledger()] == [("first_fill", "", 2)]


async def test_the_first_fill_of_one_shop_does_not_hide_the_changes_of_another() -> None:
    rows = (entry("A", desired=None), entry("A", desired=7, shop="b"))
    found = await books({"A": 10}, *rows, shops=NEW).recorded()

    assert sorted((row.what, row.shop) for row in await found.ledger()) == [("desired", B), ("first_fill", A)]


async def test_what_a_shop_had_before_its_first_fill_is_written_down_one_by_one() -> None:
    found = await books({"A": 10}, entry("A", desired=7), shops=NEW).recorded()

    assert [(row.what, row.old, row.new) for row in await found.ledger()] == [("desired", 7, 10)]


async def test_a_new_listing_of_a_filled_shop_is_written_down_by_itself() -> None:
    found = await books({"A": 10}, entry("A", desired=None)).recorded()

    assert [(row.what, row.listing) for row in await found.ledger()] == [("desired", "A")]
