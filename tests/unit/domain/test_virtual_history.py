"""The rows of the ledger that a step of a split pool leaves: why each share is what it is now."""

from datetime import timedelta

import numpy as np

from syncd.domain.book import NOTHING, Book, make_book
from syncd.domain.extras import Extras
from syncd.domain.model import Ints, ShopName, Sku
from syncd.domain.records import MoveRow, ShareRow
from syncd.domain.topology import PoolMode
from syncd.domain.virtual.history import MOVING, SHARE, history, way_of
from syncd.domain.virtual.model import CAUSES, RESERVE, MoveCause, Moves
from syncd.domain.virtual.pools import Divided, Stepped, Stored
from syncd.domain.virtual.rows import Names
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import A, B, P, entry, state

X = Sku("X")
NAMES = Names(pool=P, shops=(A, B), skus=(X,))
TO_B = MoveRow(P, X, A, B, 4, NOW - timedelta(minutes=1))
Row = tuple[int, int, int, MoveCause]
Fact = tuple[str, int | None, int | None, str]


def a_book(*, sold: int = 0, moves: tuple[MoveRow, ...] = ()) -> Book:
    rows = (entry("X"), entry("X", shop="b"))
    sales = {(A, X): sold} if sold else {}
    return make_book(state({"X": 20}, *rows, pool={"mode": PoolMode.SPLIT}, sold=sales, moves=moves))


def a_step(*rows: Row, waiting: tuple[MoveRow, ...] = ()) -> Stepped:
    def column(at: int) -> Ints:
        return np.array([row[at] for row in rows], dtype=np.int64)

    moves = Moves(
        sku=np.zeros(len(rows), dtype=np.int64),
        taken=column(0),
        given=column(1),
        units=column(2),
        causes=np.array([CAUSES.index(row[3]) for row in rows], dtype=np.int64),
    )
    nothing = np.zeros(1, dtype=np.int64)
    return Stepped(names=NAMES, waiting=waiting, moves=moves, reserve=nothing, deficit=nothing)


def told(
    book: Book, after: tuple[int, int], *steps: Stepped, stored: tuple[int, int] = (10, 10)
) -> list[tuple[str, Fact]]:
    """Return shop and facts of the rows that lead from the stored shares to those after the steps."""
    units = np.array([[each] for each in stored], dtype=np.int64)
    divided = Divided(
        kept=units,
        arriving=0 * units,
        stored=Stored(units=units, moved=np.full_like(units, NOTHING)),
        moved=np.full_like(units, NOTHING),
        moves=(),
        demand=(),
        extras=Extras(most=units, used=units, rows=()),
        steps=steps,
    )
    pairs = zip((A, B), stored, after, strict=True)
    rows = [ShareRow(P, shop, X, new, None) for shop, old, new in pairs if new != old]
    return [(row.shop, (row.what, row.old, row.new, row.cause)) for row in history(book, divided, rows)]


def test_what_was_sold_comes_first_and_the_rest_was_not_shown() -> None:
    assert told(a_book(sold=2), (5, 10), a_step()) == [
        (A, (SHARE, 10, 8, "sale")),
        (A, (SHARE, 8, 5, "unshown")),
    ]


def test_a_sale_larger_than_what_came_off_is_only_what_came_off() -> None:
    assert told(a_book(sold=99), (7, 10), a_step()) == [(A, (SHARE, 10, 7, "sale"))]


def test_a_sale_that_is_refilled_at_once_is_told() -> None:
    step = a_step((RESERVE, 0, 2, MoveCause.REFILL))

    assert told(a_book(sold=2), (10, 10), step) == [
        (A, (SHARE, 10, 8, "sale")),
        (A, (SHARE, 8, 10, "refill")),
    ]


def test_what_is_not_shown_and_comes_back_is_not_told() -> None:
    assert told(a_book(), (10, 10), a_step((RESERVE, 0, 3, MoveCause.REFILL))) == []


def test_of_what_comes_back_only_the_rest_is_a_refill() -> None:
    # 3 units were not shown; 5 come, so that the share is 2 larger than it was.
    step = a_step((RESERVE, 0, 3, MoveCause.ADOPTED), (RESERVE, 0, 2, MoveCause.REFILL))

    assert told(a_book(), (12, 10), step) == [(A, (SHARE, 10, 12, "refill"))]


def test_units_between_two_shares_are_told_on_both_sides() -> None:
    assert told(a_book(), (7, 13), a_step((0, 1, 3, MoveCause.CONFIG))) == [
        (A, (SHARE, 10, 7, "config")),
        (B, (SHARE, 10, 13, "config")),
    ]


def test_sent_units_leave_one_share_and_raise_none() -> None:
    assert told(a_book(), (6, 10), a_step((0, 1, 4, MoveCause.REBALANCE))) == [
        (A, (SHARE, 10, 6, "rebalance")),
        (B, (MOVING, 0, 4, "rebalance")),
    ]


def test_landed_units_raise_the_share_and_end_the_move() -> None:
    step = a_step((RESERVE, 1, 4, MoveCause.LANDED), waiting=(TO_B,))

    assert told(a_book(moves=(TO_B,)), (10, 14), step) == [
        (B, (SHARE, 10, 14, "landed")),
        (B, (MOVING, 4, 0, "landed")),
    ]


def test_landed_units_that_were_sold_at_once_are_told_though_the_share_is_what_it_was() -> None:
    back = TO_B._replace(taken_from=B, given_to=A)
    step = a_step((RESERVE, 0, 4, MoveCause.LANDED), waiting=(back,))

    assert told(a_book(sold=4, moves=(back,)), (10, 10), step)[:2] == [
        (A, (SHARE, 10, 6, "sale")),
        (A, (SHARE, 6, 10, "landed")),
    ]


def test_units_that_turn_back_change_no_share() -> None:
    step = a_step((1, RESERVE, 4, MoveCause.RETURNED), (1, RESERVE, 2, MoveCause.DROP), waiting=(TO_B,))

    assert told(a_book(moves=(TO_B,)), (10, 8), step) == [
        (B, (SHARE, 10, 8, "drop")),
        (B, (MOVING, 4, 0, "returned")),
    ]


def test_units_that_land_bit_by_bit_end_the_oldest_move_first() -> None:
    waiting = (TO_B, TO_B._replace(units=3, at=NOW))
    step = a_step((RESERVE, 1, 5, MoveCause.LANDED), waiting=waiting)

    assert told(a_book(moves=waiting), (10, 15), step)[1:] == [
        (B, (MOVING, 4, 0, "landed")),
        (B, (MOVING, 3, 2, "landed")),
    ]


def test_a_move_that_the_step_no_longer_counts_has_expired() -> None:
    assert told(a_book(moves=(TO_B,)), (10, 10), a_step()) == [(B, (MOVING, 4, 0, "expired"))]


def test_without_a_step_the_pool_was_divided_anew() -> None:
    assert told(a_book(sold=2, moves=(TO_B,)), (4, 16)) == [
        (A, (SHARE, 10, 4, "divided")),
        (B, (SHARE, 10, 16, "divided")),
        (B, (MOVING, 4, 0, "divided")),
    ]


def test_a_share_that_there_was_not_before_is_a_sum() -> None:
    assert told(a_book(), (12, 8), stored=(NOTHING, NOTHING)) == [
        (A, (SHARE, None, 12, "divided")),
        (B, (SHARE, None, 8, "divided")),
    ]


def test_the_rule_of_a_move_names_pool_and_shops() -> None:
    units = np.array([[10], [10]], dtype=np.int64)
    nothing = np.full_like(units, NOTHING)
    stored = Stored(units=units, moved=nothing)
    book = a_book(moves=(TO_B,))
    extras = Extras(most=units, used=units, rows=())
    divided = Divided(
        kept=units,
        arriving=0 * units,
        stored=stored,
        moved=nothing,
        moves=(),
        demand=(),
        extras=extras,
    )
    (row,) = history(book, divided, [])

    assert (row.rule, way_of(row.rule)) == ("pools.p a -> b", (P, ShopName("a"), ShopName("b")))
