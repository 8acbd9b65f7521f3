"""One step of a split pool against the oracle, and the rules that a table can state."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.book import UNBOUNDED
from syncd.domain.model import Ints
from syncd.domain.shares import NO_PACK
from syncd.domain.virtual import RESERVE, MoveCause, Position, Step, sell, step
from tests.unit.domain.oracle_virtual import Desk, Shelf, settle


def position(desks: Sequence[Desk]) -> Position:
    """Turn desks, one per SKU, into columns."""

    def column(name: str, nothing: int = 0) -> Ints:
        rows = [[getattr(shelf, name) for shelf in desk.shelves] for desk in desks]
        return np.array([[nothing if cell is None else int(cell) for cell in row] for row in rows]).T

    return Position(
        room=np.array([desk.room for desk in desks]),
        share=column("share"),
        moving=column("moving"),
        exposure=column("exposure", UNBOUNDED),
        weight=column("weight"),
        cap=column("cap"),
        pack=column("pack", NO_PACK),
        writable=column("writable") > 0,
        off=column("off") > 0,
        known=np.array([desk.known for desk in desks]),
        held=np.array([desk.held for desk in desks]),
    )


def stepped(room: int, *shelves: Shelf, held: bool = False, known: bool = True) -> Step:
    return step(position([Desk(room=room, shelves=list(shelves), held=held, known=known)]))


def shares(answer: Step) -> list[int]:
    found: list[int] = answer.share[:, 0].tolist()
    return found


few = st.integers(0, 12)
shelves = st.builds(
    Shelf,
    share=few,
    moving=st.just(0) | few,
    exposure=few | st.just(0) | st.sampled_from([None, 30]),
    weight=st.integers(0, 4),
    cap=st.just(1_000_000) | few,
    pack=st.sampled_from([1, 1, 1, 2, 3, None]),
    writable=st.sampled_from([True, True, False]),
    off=st.sampled_from([False, False, False, True]),
)


@st.composite
def desks(draw: st.DrawFn) -> list[Desk]:
    """Draw some SKUs of one pool; most have a room near what was shared out."""
    width = draw(st.integers(1, 4))
    drawn = []
    for rows in draw(st.lists(st.lists(shelves, min_size=width, max_size=width), min_size=1, max_size=3)):
        out = sum(shelf.share + shelf.moving for shelf in rows)
        room = draw(st.integers(out - 12, out + 12) | st.integers(-3, 60) | st.just(out))
        known, held = draw(st.sampled_from([(True, False), (True, False), (True, True), (False, False)]))
        drawn.append(Desk(room=room, shelves=rows, known=known, held=held))
    return drawn


def twin(desk: Desk) -> Desk:
    return replace(desk, shelves=list(desk.shelves))


@given(desks())
def test_the_step_is_what_the_design_says_unit_by_unit(drawn: list[Desk]) -> None:
    answer = step(position(drawn))

    for sku, desk in enumerate(map(settle, map(twin, drawn))):
        assert answer.share[:, sku].tolist() == [shelf.share for shelf in desk.shelves]
        assert answer.moving[:, sku].tolist() == [shelf.moving for shelf in desk.shelves]
        assert (answer.reserve[sku], answer.deficit[sku]) == (desk.reserve, desk.deficit)


@given(desks())
def test_every_unit_is_in_one_place(drawn: list[Desk]) -> None:
    where = position(drawn)
    answer = step(where)

    held = answer.share.sum(axis=0) + answer.moving.sum(axis=0) + answer.reserve
    assert (held == where.room + answer.deficit)[where.known].all()
    assert (answer.share >= 0).all()
    assert (answer.moving >= 0).all()
    assert not ((answer.reserve > 0) & (answer.deficit > 0)).any()


@given(desks())
def test_nothing_grows_beyond_the_room_less_what_buyers_could_take_already(drawn: list[Desk]) -> None:
    where = position(drawn)
    answer = step(where)

    free = np.maximum(where.room - where.exposure.sum(axis=0), 0)
    beyond = np.maximum(answer.share - np.maximum(where.share, where.exposure), 0).sum(axis=0)
    assert (beyond <= free).all()
    assert not beyond[where.held].any()


@given(desks())
def test_shops_that_cannot_be_written_get_nothing_and_keep_what_they_have_on_sale(drawn: list[Desk]) -> None:
    where = position(drawn)
    answer = step(where)

    closed = ~where.writable & where.known
    read = closed & (where.exposure < UNBOUNDED)
    assert (answer.share >= where.exposure)[read].all()
    assert (answer.share <= np.maximum(where.share, where.exposure))[closed].all()


@given(desks())
def test_shares_are_whole_packs_wherever_the_shop_can_be_written(drawn: list[Desk]) -> None:
    where = position(drawn)
    answer = step(where)

    listed = where.writable & where.known & (where.pack < NO_PACK)
    assert not (answer.share % where.pack)[listed].any()


@given(desks())
def test_no_share_grows_by_units_that_another_shop_may_still_sell(drawn: list[Desk]) -> None:
    where = position(drawn)
    answer = step(where)

    before = np.maximum(where.share, where.exposure).sum(axis=0)
    after = np.maximum(answer.share, where.exposure).sum(axis=0)
    assert (after <= np.maximum(before, where.room))[where.known].all()


@given(desks())
def test_the_moves_explain_every_difference(drawn: list[Desk]) -> None:
    where = position(drawn)
    answer = step(where)

    share, moving = where.share.copy(), where.moving.copy()
    moves = answer.moves
    for sku, taken, given_, units, cause in zip(
        moves.sku, moves.taken, moves.given, moves.units, moves.cause, strict=True
    ):
        assert units > 0
        if cause is MoveCause.RETURNED:
            moving[taken, sku] -= units
            continue
        if taken != RESERVE:
            share[taken, sku] -= units
        if cause is MoveCause.LANDED:
            moving[given_, sku] -= units
        if given_ != RESERVE:
            (moving if cause is MoveCause.REBALANCE else share)[given_, sku] += units
    assert (share == answer.share).all()
    assert (moving == answer.moving).all()


@given(desks())
def test_steps_without_news_come_to_rest(drawn: list[Desk]) -> None:
    where = position(drawn)
    for _ in range(3):
        answer = step(where)
        where = replace(where, share=answer.share, moving=answer.moving)

    assert not step(where).moves.cause


@given(desks(), st.integers(1, 5))
def test_one_more_unit_in_the_pool_lowers_nobody_who_sells_single_units(drawn: list[Desk], more: int) -> None:
    single = [replace(desk, shelves=[shelf._replace(pack=1) for shelf in desk.shelves]) for desk in drawn]
    fewer = position(single)
    answer, richer = step(fewer), step(replace(fewer, room=fewer.room + more))

    assert (richer.share >= answer.share).all()
    assert (richer.deficit <= answer.deficit).all()


# --- drops and receipts ----------------------------------------------------------------------------------


def test_a_first_fill_divides_the_room_by_weight() -> None:
    answer = stepped(8, Shelf(weight=1), Shelf(weight=3))

    assert shares(answer) == [2, 6]


def test_a_first_fill_leaves_what_is_on_sale_already_only_up_to_the_target() -> None:
    answer = stepped(8, Shelf(exposure=8), Shelf())

    assert shares(answer) == [4, 0]


def test_a_drop_comes_off_the_reserve_before_any_share() -> None:
    assert shares(stepped(6, Shelf(share=2, exposure=2), Shelf(share=3, exposure=3, cap=3), held=True)) == [
        2,
        3,
    ]


def test_a_drop_comes_off_moving_units_before_any_share() -> None:
    answer = stepped(5, Shelf(share=3, exposure=3), Shelf(share=2, moving=2, exposure=2))

    assert (shares(answer), answer.moving.ravel().tolist()) == ([3, 2], [0, 0])


def test_a_drop_comes_off_shops_within_reach_first() -> None:
    answer = stepped(5, Shelf(share=4, exposure=4), Shelf(share=4, exposure=4, writable=False))

    assert (shares(answer), answer.deficit.tolist()) == ([1, 4], [0])


def test_a_drop_reaches_units_that_a_closed_shop_does_not_show() -> None:
    answer = stepped(2, Shelf(), Shelf(share=4, exposure=2, writable=False))

    assert (shares(answer), answer.deficit.tolist()) == ([0, 2], [0])


def test_what_no_shop_can_give_up_is_the_deficit() -> None:
    answer = stepped(-2, Shelf(share=1), Shelf(share=4, exposure=4, writable=False))

    assert (shares(answer), answer.deficit.tolist()) == ([0, 4], [6])


def test_a_receipt_goes_to_the_reserve_and_toward_the_target() -> None:
    answer = stepped(9, Shelf(share=5, exposure=5), Shelf(share=1, exposure=1))

    assert shares(answer) == [5, 4]


def test_units_that_came_back_stay_where_they_are_on_sale() -> None:
    answer = stepped(6, Shelf(share=4, exposure=5), Shelf(share=1, exposure=1))

    assert shares(answer) == [5, 1]
    assert answer.moves.cause == (MoveCause.ADOPTED,)


def test_units_that_a_hand_put_on_sale_are_taken_again() -> None:
    answer = stepped(5, Shelf(share=4, exposure=9), Shelf(share=1, exposure=1))

    assert shares(answer) == [4, 1]


def test_old_figures_enlarge_no_share() -> None:
    answer = stepped(9, Shelf(share=5, exposure=5), Shelf(share=1, exposure=1), held=True)

    assert (shares(answer), answer.reserve.tolist()) == ([5, 1], [3])


def test_a_pool_without_figures_is_left_as_it_is() -> None:
    answer = stepped(0, Shelf(share=5, exposure=5, weight=0), Shelf(moving=2), known=False)

    assert (shares(answer), answer.moving.ravel().tolist(), answer.deficit.tolist()) == ([5, 0], [0, 2], [0])


# --- take, prove, give -----------------------------------------------------------------------------------


def test_nothing_is_given_before_the_taking_is_proven() -> None:
    answer = stepped(6, Shelf(share=4, exposure=6), Shelf(moving=2))

    assert answer.moving.ravel().tolist() == [0, 2]


def test_what_is_proven_to_be_taken_is_given() -> None:
    answer = stepped(6, Shelf(share=4, exposure=4), Shelf(moving=2))

    assert shares(answer) == [4, 2]
    assert answer.moves.cause == (MoveCause.LANDED,)


def test_a_taking_that_is_proven_in_part_gives_that_part() -> None:
    answer = stepped(6, Shelf(share=4, exposure=5), Shelf(moving=2))

    assert (shares(answer), answer.moving.ravel().tolist()) == ([4, 1], [0, 1])


def test_a_counter_that_was_never_read_blocks_every_give() -> None:
    answer = stepped(6, Shelf(share=3, exposure=None), Shelf(share=3, exposure=1))

    assert shares(answer) == [3, 3]


def test_a_sale_of_units_that_were_being_taken_comes_off_what_was_moving() -> None:
    # Two of six were to be taken, and all six were sold before that: the claims took six off the room.
    left = sell(np.array([[4], [0]]), np.array([[6], [0]]))

    answer = stepped(0, Shelf(share=int(left[0, 0])), Shelf(moving=2))

    assert (shares(answer), answer.moving.ravel().tolist(), answer.deficit.tolist()) == ([0, 0], [0, 0], [0])


# --- shops that change -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "cause"),
    [
        (Shelf(share=4, weight=0), MoveCause.CONFIG),
        (Shelf(share=4, pack=None), MoveCause.CONFIG),
        (Shelf(share=4, cap=0), MoveCause.CONFIG),
        (Shelf(share=4, off=True), MoveCause.LEVEL),
    ],
    ids=["no weight", "no listing", "no cap", "off"],
)
def test_a_shop_that_may_have_nothing_gives_its_share_to_the_others(gone: Shelf, cause: MoveCause) -> None:
    answer = stepped(6, gone, Shelf(share=2, exposure=2))

    assert shares(answer) == [0, 6]
    assert answer.moves.cause == (cause, MoveCause.REFILL)


def test_units_moving_to_a_shop_that_went_off_sale_return_to_the_reserve() -> None:
    answer = stepped(4, Shelf(moving=2, off=True), Shelf(share=2, exposure=2, cap=2))

    assert (answer.moving.ravel().tolist(), answer.reserve.tolist()) == ([0, 0], [2])
    assert answer.moves.cause == (MoveCause.RETURNED,)


def test_a_retired_shop_frees_its_units_only_when_it_shows_none() -> None:
    others = Shelf(share=2, exposure=2)

    assert shares(stepped(6, Shelf(share=4, exposure=4, weight=0), others))[1] == 2
    assert shares(stepped(6, Shelf(share=0, exposure=0, weight=0), others))[1] == 6


def test_a_closed_shop_that_shows_more_than_its_share_takes_it_from_the_others() -> None:
    answer = stepped(6, Shelf(share=1, exposure=3, writable=False), Shelf(share=5, exposure=5))

    assert shares(answer) == [3, 3]
    assert answer.moves.cause == (MoveCause.PINNED, MoveCause.DROP)


def test_an_odd_unit_goes_to_the_shop_that_sells_single_units() -> None:
    assert shares(stepped(13, Shelf(pack=6), Shelf())) == [6, 7]


def test_what_no_pack_fits_stays_in_the_reserve() -> None:
    answer = stepped(13, Shelf(pack=6), Shelf(pack=6))

    assert (shares(answer), answer.reserve.tolist()) == ([6, 6], [1])


def test_whole_packs_go_out_though_the_division_falls_between_them() -> None:
    assert shares(stepped(7, Shelf(pack=6), Shelf(pack=6))) == [6, 0]
