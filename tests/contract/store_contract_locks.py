"""What every store owes for locks."""

import pytest

from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.records import LedgerRow, LockMode, LockRow, UseRow
from syncd.errors import StateError
from syncd.ports.store import Store, TakenOrders
from tests.contract.store_contract_rows import NOW, Cut, PowerCut, claim_row, ledger_row

SCHEDULE = "3@2026-03-02T12:00:00+00:00"


def lock_row(number: int = 0, *, units: int = 5) -> LockRow:
    return LockRow(
        id=number,
        sku=Sku("A"),
        pool=PoolName("main"),
        shop=ShopName("tmall"),
        mode=LockMode.ONLY,
        units=units,
        by_hand=1,
        schedule=SCHEDULE,
        released=2,
        created_at=NOW,
        created_by="ann",
        ended_at=None,
    )


def no_rule(row: LedgerRow) -> LedgerRow:
    return row._replace(rule="")


class LockContract:
    """What a store owes for locks and their uses."""

    async def test_a_lock_comes_back_under_the_id_it_was_given(self, store: Store) -> None:
        first = await store.add_lock(lock_row(77), ())
        second = await store.add_lock(lock_row(units=9), ())
        assert await store.locks() == [lock_row(first), lock_row(second, units=9)]

    async def test_a_lock_is_written_down_under_its_name(self, store: Store) -> None:
        number = await store.add_lock(lock_row(), [no_rule(ledger_row())])
        assert await store.ledger() == [ledger_row()._replace(rule=f"locks.{number}")]

    async def test_a_lock_is_replaced_with_its_ledger(self, store: Store) -> None:
        number = await store.add_lock(lock_row(), ())
        ended = lock_row(number)._replace(ended_at=NOW, by_hand=5)
        await store.save_locks([ended], [ledger_row()])
        assert (await store.locks(), await store.ledger()) == ([ended], [ledger_row()])

    async def test_a_lock_that_was_never_added_cannot_be_replaced(self, store: Store) -> None:
        with pytest.raises(StateError, match="locks are in the state: 4"):
            await store.save_locks([lock_row(4)], [ledger_row()])
        assert (list(await store.locks()), list(await store.ledger())) == ([], [])

    async def test_uses_are_replaced_by_lock_and_line(self, store: Store) -> None:
        await store.save_claims([], [], [UseRow(1, "b", 2), UseRow(1, "a", 1)])
        await store.save_claims([], [], [UseRow(1, "b", 3)])
        assert await store.uses() == [UseRow(1, "a", 1), UseRow(1, "b", 3)]

    async def test_a_use_without_units_is_none(self, store: Store) -> None:
        await store.save_claims([], [], [UseRow(1, "a", 1)])
        await store.take_orders(TakenOrders(uses=[UseRow(1, "a", 0)]))
        assert list(await store.uses()) == []

    async def test_a_use_outlives_its_claim(self, store: Store) -> None:
        await store.save_claims([claim_row("1")], [], [UseRow(1, "1", 2)])
        await store.save_claims([], [claim_row("1")])
        assert await store.uses() == [UseRow(1, "1", 2)]

    async def test_locks_change_with_the_orders(self, store: Store) -> None:
        number = await store.add_lock(lock_row(), ())
        released = lock_row(number)._replace(released=4)
        await store.take_orders(TakenOrders(locks=[released], ledger=[ledger_row()]))
        assert (await store.locks(), await store.ledger()) == ([released], [ledger_row()])

    async def test_an_intake_with_an_unknown_lock_leaves_nothing(self, store: Store) -> None:
        with pytest.raises(StateError):
            await store.take_orders(TakenOrders(uses=[UseRow(1, "a", 1)], locks=[lock_row(3)]))
        assert list(await store.uses()) == []

    async def test_claims_and_uses_that_are_cut_off_leave_nothing(self, store: Store) -> None:
        with pytest.raises(PowerCut):
            await store.save_claims([claim_row("1")], [], Cut([UseRow(1, "1", 2)]))
        assert (list(await store.claims()), list(await store.uses())) == ([], [])
