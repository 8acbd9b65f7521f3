"""Between columns and rows: own sales, exposure of shops with several pools, and units on their way."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.book import UNBOUNDED
from syncd.domain.model import Ints, PoolName, ShopName, Sku
from syncd.domain.records import MoveRow, ShareRow
from syncd.domain.virtual import (
    RESERVE,
    MoveCause,
    Moves,
    Names,
    expired,
    on_the_way,
    sell,
    spread_exposure,
)
from syncd.domain.virtual.model import CAUSES
from tests.unit.domain.cases import NOW

POOL = PoolName("main")
A, B, C = map(ShopName, "abc")
X = Sku("x")
NAMES = Names(pool=POOL, shops=(A, B, C), skus=(X,))
MINUTE = timedelta(minutes=1)

Row = tuple[int, int, int, MoveCause]


def moves(*rows: Row) -> Moves:
    """Turn (taken, given, units, cause) into moves of the only SKU."""

    def column(at: int) -> Ints:
        return np.array([row[at] for row in rows], dtype=np.int64)

    return Moves(
        sku=np.zeros(len(rows), dtype=np.int64),
        taken=column(0),
        given=column(1),
        units=column(2),
        causes=np.array([CAUSES.index(row[3]) for row in rows], dtype=np.int64),
    )


def waiting(shop: ShopName, units: int, minutes: int) -> MoveRow:
    return MoveRow(POOL, X, A, shop, units, NOW - minutes * MINUTE)


def after(rows: Sequence[MoveRow], *made: Row) -> list[tuple[ShopName, ShopName, int]]:
    return [(row.taken_from, row.given_to, row.units) for row in on_the_way(rows, moves(*made), NAMES, NOW)]


def test_a_move_by_demand_is_on_its_way_until_it_lands() -> None:
    assert after([], (0, 1, 4, MoveCause.REBALANCE)) == [(A, B, 4)]


def test_units_that_landed_end_the_oldest_move_first() -> None:
    rows = [waiting(B, 3, 1), waiting(B, 2, 5)]

    assert after(rows, (RESERVE, 1, 2, MoveCause.LANDED)) == [(A, B, 3)]


def test_units_that_returned_end_the_move_of_who_was_to_get_them() -> None:
    rows = [waiting(B, 3, 1), waiting(C, 2, 1)]

    assert after(rows, (1, RESERVE, 3, MoveCause.RETURNED)) == [(A, C, 2)]


@pytest.mark.parametrize("cause", [MoveCause.REFILL, MoveCause.ADOPTED, MoveCause.DROP, MoveCause.PINNED])
def test_units_that_went_at_once_open_and_end_no_move(cause: MoveCause) -> None:
    assert after([waiting(B, 3, 1)], (RESERVE, 1, 2, cause)) == [(A, B, 3)]


def test_a_move_that_waited_too_long_is_told() -> None:
    old, new = waiting(B, 3, 30), waiting(B, 2, 29)

    assert expired([old, new], NOW, 30 * MINUTE) == [old]


def test_every_cause_has_words_for_people() -> None:
    assert len({cause.words for cause in MoveCause}) == len(MoveCause)


def test_a_share_row_names_its_place() -> None:
    assert ShareRow(POOL, A, X, 3, None)[:4] == ("main", "a", "x", 3)


def test_a_sale_comes_off_the_own_share_and_no_other() -> None:
    assert sell(np.array([[5], [4]]), np.array([[2], [0]])).ravel().tolist() == [3, 4]


def test_a_share_never_falls_below_nothing() -> None:
    assert sell(np.array([[1]]), np.array([[3]])).tolist() == [[0]]


def test_units_that_came_back_enlarge_no_share_by_themselves() -> None:
    assert sell(np.array([[1]]), np.array([[-3]])).tolist() == [[1]]


# --- exposure of shops that draw on several pools ----------------------------------------------------------

HAVE = np.full((4, 1), True)


def test_exposure_is_charged_to_the_shares_that_explain_it() -> None:
    spread = spread_exposure(np.array([[7]]), np.array([0, 0]), np.array([[3], [4]]), HAVE[:2])

    assert spread.ravel().tolist() == [3, 4]


def test_exposure_beyond_all_shares_is_charged_to_the_first_pool() -> None:
    spread = spread_exposure(np.array([[9]]), np.array([0, 0]), np.array([[3], [4]]), HAVE[:2])

    assert spread.ravel().tolist() == [5, 4]


def test_exposure_beyond_all_shares_is_charged_to_the_first_pool_that_has_the_sku() -> None:
    has = np.array([[False], [True]])

    spread = spread_exposure(np.array([[9]]), np.array([0, 0]), np.array([[0], [4]]), has)

    assert spread.ravel().tolist() == [0, 9]


def test_a_shop_outside_the_pools_charges_nobody() -> None:
    assert spread_exposure(np.array([[9], [2]]), np.array([1]), np.array([[3]]), HAVE[:1]).tolist() == [[2]]


def test_a_counter_never_read_leaves_every_pool_of_its_shop_unbounded() -> None:
    spread = spread_exposure(
        np.array([[UNBOUNDED], [2]]), np.array([0, 1, 0]), np.array([[3], [2], [4]]), HAVE[:3]
    )

    assert spread.ravel().tolist() == [UNBOUNDED, 2, UNBOUNDED]


@given(
    st.lists(st.integers(0, 20), min_size=2, max_size=2), st.lists(st.integers(0, 9), min_size=4, max_size=4)
)
def test_no_exposure_is_lost_between_pools(exposure: list[int], share: list[int]) -> None:
    shop = np.array([0, 1, 0, 1])

    spread = spread_exposure(np.array(exposure)[:, None], shop, np.array(share)[:, None], HAVE)

    assert [int(spread[shop == at].sum()) for at in (0, 1)] == exposure
