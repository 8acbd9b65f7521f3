"""What every store owes for delays, calls and decreases that wait."""

from datetime import timedelta

import pytest

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import DemandRow, Measure, MeasureRow, PendingRow
from syncd.ports.store import Measured, Store
from tests.contract.store_contract_rows import NOW, Cut, PowerCut

A, B = ShopName("a"), ShopName("b")


def measure_row(
    shop: ShopName = A, what: Measure = Measure.SALE_TO_SEEN, bucket: int = 3, amount: float = 1.5
) -> MeasureRow:
    return MeasureRow(shop, what, bucket, amount, NOW)


def pending_row(listing: str = "1", minutes: int = 0) -> PendingRow:
    return PendingRow(A, ListingId(listing), NOW - timedelta(minutes=minutes), None, False)


class MeasureContract:
    """What a store owes for what a cycle measured."""

    async def test_measures_come_back_sorted(self, store: Store) -> None:
        rows = [measure_row(B), measure_row(bucket=4), measure_row(), measure_row(what=Measure.CALLS)]
        await store.save_measures(Measured(rows=rows))
        assert await store.measures() == [rows[3], rows[2], rows[1], rows[0]]

    async def test_a_measure_is_replaced_by_its_key_and_others_stay(self, store: Store) -> None:
        await store.save_measures(Measured(rows=[measure_row(), measure_row(B)]))
        await store.save_measures(Measured(rows=[measure_row(amount=7.25)]))
        assert await store.measures() == [measure_row(amount=7.25), measure_row(B)]

    async def test_decreases_that_wait_come_oldest_first(self, store: Store) -> None:
        rows = [pending_row("1"), pending_row("2", minutes=9), pending_row("3", minutes=4)]
        await store.save_measures(Measured(pending=rows))
        assert await store.pending() == [rows[1], rows[2], rows[0]]

    async def test_a_decrease_keeps_when_its_sale_was_made_and_that_it_is_held(self, store: Store) -> None:
        row = pending_row()._replace(sold_at=NOW - timedelta(hours=1), held=True)
        await store.save_measures(Measured(pending=[row]))
        assert await store.pending() == [row]

    async def test_a_settled_decrease_waits_no_more_and_others_do(self, store: Store) -> None:
        await store.save_measures(Measured(pending=[pending_row("1"), pending_row("2")]))
        await store.save_measures(Measured(settled=[pending_row("1", minutes=3)]))
        assert await store.pending() == [pending_row("2")]

    async def test_a_decrease_that_is_settled_and_waits_again_waits(self, store: Store) -> None:
        await store.save_measures(Measured(pending=[pending_row()]))
        again = pending_row(minutes=-1)
        await store.save_measures(Measured(settled=[pending_row()], pending=[again]))
        assert await store.pending() == [again]

    async def test_what_was_sold_is_demand(self, store: Store) -> None:
        row = DemandRow(A, Sku("X"), 2.5, 60.25, 0.5, True, NOW)
        await store.save_measures(Measured(demand=[row]))
        assert await store.demand() == [row]

    async def test_of_measures_that_break_off_nothing_is_kept(self, store: Store) -> None:
        with pytest.raises(PowerCut):
            await store.save_measures(Measured(rows=[measure_row()], pending=Cut([pending_row()])))
        assert (await store.measures(), await store.pending()) == ([], [])
