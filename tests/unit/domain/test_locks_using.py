"""What sales take from locks and what comes back, line by line."""

from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.locks.standing import Batch, batches_of, released, schedule_text, standings
from syncd.domain.locks.using import Sale, used
from syncd.domain.model import PoolName, ShopName, Sku, WarehouseName
from syncd.domain.records import LockMode, LockRow, UseRow
from tests.unit.domain.cases import NOW

S, A = ShopName("s"), Sku("A")
POOL_OF = {WarehouseName("w"): PoolName("p"), WarehouseName("v"): PoolName("q")}


def a_lock(number: int = 1, *, units: int = 10, **fields: Any) -> LockRow:  # noqa: ANN401 - any field
    """Return a lock of pool `p` for shop `s`, all of it released."""
    row = LockRow(
        id=number,
        sku=A,
        pool=PoolName("p"),
        shop=S,
        mode=LockMode.PLUS,
        units=units,
        by_hand=units,
        schedule="",
        released=0,
        created_at=NOW + timedelta(seconds=number),
        created_by="ann",
        ended_at=None,
    )
    return row._replace(**fields)


def sale(before: int, after: int, *, line: str = "1", shop: str = "s", wh: str = "", handed: int = 0) -> Sale:
    return Sale(ShopName(shop), line, A, wh, before, after, handed)


def uses(locks: list[LockRow], sales: list[Sale], *before: UseRow) -> list[tuple[int, str, int]]:
    return [tuple(row) for row in used(locks, before, sales, NOW, POOL_OF)]  # type: ignore[misc]


# --- taking --------------------------------------------------------------------------------------------


def test_a_sale_takes_from_the_oldest_lock_first_and_then_from_the_next() -> None:
    locks = [a_lock(2), a_lock(1, units=3)]
    assert uses(locks, [sale(0, 5)]) == [(1, "1", 3), (2, "1", 2)]


def test_a_sale_takes_no_more_than_is_released() -> None:
    assert uses([a_lock(by_hand=2)], [sale(0, 5)]) == [(1, "1", 2)]


def test_only_what_a_sale_grew_by_takes() -> None:
    assert uses([a_lock()], [sale(3, 5)]) == [(1, "1", 2)]


def test_the_same_sale_seen_again_takes_nothing_more() -> None:
    assert uses([a_lock()], [sale(0, 5)], UseRow(1, "1", 5)) == [(1, "1", 5)]


@pytest.mark.parametrize("lock", [a_lock(shop=ShopName("t")), a_lock(ended_at=NOW), a_lock(sku=Sku("B"))])
def test_a_sale_takes_from_no_other_lock(lock: LockRow) -> None:
    assert uses([lock], [sale(0, 5)]) == []


def test_a_sale_that_another_pool_sends_takes_from_no_lock() -> None:
    assert uses([a_lock()], [sale(0, 5, wh="v")]) == []


def test_a_sale_that_the_pool_of_the_lock_sends_takes_from_it() -> None:
    assert uses([a_lock()], [sale(0, 5, wh="w")]) == [(1, "1", 5)]


def test_a_sale_that_is_sent_from_another_pool_after_all_gives_back() -> None:
    assert uses([a_lock()], [sale(5, 5, wh="v")], UseRow(1, "1", 5)) == [(1, "1", 0)]


# --- giving back ---------------------------------------------------------------------------------------


def test_a_cancellation_gives_back_to_the_youngest_lock_first() -> None:
    before = UseRow(1, "1", 3), UseRow(2, "1", 2)
    assert uses([a_lock(1), a_lock(2)], [sale(5, 2)], *before) == [(1, "1", 2), (2, "1", 0)]


def test_what_a_sale_had_from_elsewhere_is_what_it_gives_back_first() -> None:
    assert uses([a_lock()], [sale(8, 5)], UseRow(1, "1", 3)) == [(1, "1", 3)]


def test_what_one_order_gives_back_another_can_take_at_once() -> None:
    after = uses([a_lock(units=5)], [sale(5, 0), sale(0, 5, line="2")], UseRow(1, "1", 5))
    assert after == [(1, "1", 0), (1, "2", 5)]


def test_an_ended_lock_that_gets_units_back_gives_them_to_nobody() -> None:
    ended = a_lock(ended_at=NOW)
    assert uses([ended], [sale(5, 0), sale(0, 5, line="2")], UseRow(1, "1", 5)) == [(1, "1", 0)]


# --- one line in the place of another ------------------------------------------------------------------


def test_an_order_takes_over_what_its_presumed_sale_used() -> None:
    sales = [sale(5, 0, line="drop", handed=5), sale(0, 5, line="order")]
    assert uses([a_lock()], sales, UseRow(1, "drop", 5)) == [(1, "drop", 0), (1, "order", 5)]


def test_an_order_takes_nothing_for_a_presumed_sale_that_used_nothing() -> None:
    sales = [sale(5, 0, line="drop", handed=5), sale(0, 5, line="order")]
    assert uses([a_lock()], sales) == []


def test_an_order_larger_than_its_presumed_sale_takes_the_rest() -> None:
    sales = [sale(5, 0, line="drop", handed=5), sale(0, 7, line="order")]
    assert uses([a_lock()], sales) == [(1, "order", 2)]


# --- release -------------------------------------------------------------------------------------------


def test_a_schedule_comes_back_as_it_was_written() -> None:
    batches = [Batch(3, NOW + timedelta(hours=2)), Batch(2, NOW)]
    assert batches_of(schedule_text(batches)) == sorted(batches, key=lambda batch: batch.at)


@pytest.mark.parametrize(("seconds", "units"), [(-1, 1), (0, 4), (3600, 9), (7200, 10)])
def test_by_hand_and_by_schedule_add_up_to_the_units_at_most(seconds: int, units: int) -> None:
    schedule = schedule_text(
        [Batch(3, NOW), Batch(5, NOW + timedelta(hours=1)), Batch(9, NOW + timedelta(2))]
    )
    schedule += f" 9@{(NOW + timedelta(hours=2)).isoformat()}"
    assert released(a_lock(by_hand=1, schedule=schedule), NOW + timedelta(seconds=seconds)) == units


def test_a_clock_that_goes_back_takes_no_release_back() -> None:
    assert released(a_lock(by_hand=0, released=6), NOW) == 6


def test_a_lock_for_nobody_holds_what_is_not_released() -> None:
    (one,) = standings([a_lock(mode=LockMode.NOBODY, by_hand=4)], (), NOW)
    assert (one.live, one.open) == (6, 0)
