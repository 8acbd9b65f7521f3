"""Units that move between shops by demand: when, how many, and that it ends."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from syncd.domain.shares import NO_PACK
from syncd.domain.virtual import MoveCause, Position, Pull, Rebalancing, Step, step
from tests.unit.domain.oracle_virtual import Desk, Shelf, moved
from tests.unit.domain.test_virtual_step import position

RULES = Rebalancing(lot=0)
HOUR = 3600.0


def pull_of(hourly: Sequence[Sequence[float]], *, idle: float = 1e9, rules: Rebalancing = RULES) -> Pull:
    """Turn rates by (sku, edge) into a pull; every SKU was idle for so long."""
    rate = np.array(hourly, dtype=np.float64).T / HOUR
    return Pull(rate=rate, idle=np.full(len(hourly), idle), rules=rules)


def one_sku(*shelves: Shelf) -> Position:
    return position([Desk(room=sum(shelf.share + shelf.moving for shelf in shelves), shelves=list(shelves))])


def stood(units: int, *, weight: int = 1, pack: int = 1, writable: bool = True) -> Shelf:
    """Return a shelf whose share is on sale, neither more nor less."""
    return Shelf(share=units, exposure=units, weight=weight, pack=pack, writable=writable)


def carried(answer: Step) -> list[tuple[int, int, int]]:
    """Return (from, to, units) of what moves by demand."""
    moves = answer.moves
    rows = zip(moves.taken.tolist(), moves.given.tolist(), moves.units.tolist(), moves.cause, strict=True)
    return [(taken, given_, units) for taken, given_, units, cause in rows if cause is MoveCause.REBALANCE]


# --- when ------------------------------------------------------------------------------------------------


def test_units_go_from_a_shop_that_hardly_sells_to_one_that_runs_out() -> None:
    answer = step(one_sku(stood(0), stood(10)), pull_of([[8.0, 2.0]]))

    assert carried(answer) == [(1, 0, 8)]
    assert (answer.share.ravel().tolist(), answer.moving.ravel().tolist()) == ([0, 2], [8, 0])


def test_nothing_moves_while_every_share_lasts() -> None:
    assert carried(step(one_sku(stood(40), stood(60)), pull_of([[10.0, 1.0]]))) == []


def test_nothing_moves_where_all_run_out_together() -> None:
    assert carried(step(one_sku(stood(1), stood(1)), pull_of([[9.0, 9.0]]))) == []


def test_a_shop_that_sells_a_little_sooner_does_not_get_the_last_unit() -> None:
    assert carried(step(one_sku(stood(0), stood(1)), pull_of([[1.4, 1.0]]))) == []


def test_a_shop_that_sells_much_sooner_gets_the_last_unit() -> None:
    assert carried(step(one_sku(stood(0), stood(1)), pull_of([[1.6, 1.0]]))) == [(1, 0, 1)]


def test_a_sku_rests_after_a_move() -> None:
    rules = replace(RULES, rest_seconds=300.0)
    where = one_sku(stood(0), stood(10))

    assert carried(step(where, pull_of([[8.0, 2.0]], idle=299.0, rules=rules))) == []
    assert carried(step(where, pull_of([[8.0, 2.0]], idle=300.0, rules=rules))) == [(1, 0, 8)]


def test_nothing_moves_while_units_of_the_sku_are_on_their_way() -> None:
    # The donor still shows what was taken from it.
    where = one_sku(stood(0)._replace(moving=2), stood(8)._replace(exposure=10))

    assert carried(step(where, pull_of([[8.0, 2.0]]))) == []


def test_nothing_moves_on_old_figures() -> None:
    where = replace(one_sku(stood(0), stood(10)), held=np.array([True]))

    assert carried(step(where, pull_of([[8.0, 2.0]]))) == []


def test_nothing_moves_while_there_is_a_deficit() -> None:
    closed = stood(9, writable=False)
    where = replace(one_sku(stood(0), stood(10), closed), room=np.array([8]))

    answer = step(where, pull_of([[8.0, 2.0, 1.0]]))

    assert (answer.deficit.tolist(), carried(answer)) == ([1], [])


def test_a_configured_weight_multiplies_what_buyers_say() -> None:
    even, preferred = stood(0), stood(0, weight=3)

    plain = carried(step(one_sku(even, stood(12)), pull_of([[6.0, 6.0]])))
    heavy = carried(step(one_sku(preferred, stood(12)), pull_of([[6.0, 6.0]])))

    assert (plain, heavy) == ([(1, 0, 6)], [(1, 0, 9)])


def test_packs_of_two_sizes_leave_no_donor_with_a_broken_pack() -> None:
    answer = step(one_sku(stood(0, pack=2), stood(6, pack=3)), pull_of([[8.0, 4.0]]))

    assert carried(answer) == [(1, 0, 2)]
    assert (answer.share.ravel().tolist(), answer.reserve.tolist()) == ([0, 3], [1])


# --- a usual order ---------------------------------------------------------------------------------------


def test_a_shop_that_cannot_serve_an_order_for_two_gets_another_unit() -> None:
    answer = step(one_sku(stood(1), stood(9)), pull_of([[0.2, 1.0]], rules=Rebalancing(lot=2)))

    assert carried(answer) == [(1, 0, 1)]


def test_a_shop_that_hardly_ever_sells_waits_for_an_order() -> None:
    answer = step(one_sku(stood(1), stood(9)), pull_of([[0.05, 1.0]], rules=Rebalancing(lot=2)))

    assert carried(answer) == []


def test_a_donor_that_could_not_serve_one_itself_gives_nothing() -> None:
    answer = step(one_sku(stood(1), stood(2)), pull_of([[0.2, 0.2]], rules=Rebalancing(lot=2)))

    assert carried(answer) == []


def test_a_receipt_first_serves_a_usual_order_everywhere() -> None:
    where = replace(one_sku(stood(0), stood(0)), room=np.array([6]))

    assert step(where, pull_of([[9.0, 0.5]], rules=Rebalancing(lot=2))).share.ravel().tolist() == [4, 2]


# --- how many --------------------------------------------------------------------------------------------


shares_of_one = st.lists(st.integers(0, 15), min_size=2, max_size=4)
hourlies = st.integers(1, 400).map(lambda tenths: tenths / 10)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Position, Pull]:
    """Draw one SKU that stands still, with rates; most shops can take part."""
    shelves = [
        stood(
            units - units % pack,
            pack=pack,
            weight=draw(st.sampled_from([1, 1, 1, 3])),
            writable=draw(st.sampled_from([True, True, True, False])),
        )
        for units in draw(shares_of_one)
        for pack in [draw(st.sampled_from([1, 1, 1, 2, 3]))]
    ]
    hourly = [draw(hourlies) for _ in shelves]
    lot = draw(st.integers(0, 3))
    return one_sku(*shelves), pull_of([hourly], rules=Rebalancing(lot=lot))


def proved(where: Position, answer: Step) -> Position:
    """Return the position after the takes: counters read what the shares say, and nothing was sold."""
    return replace(where, share=answer.share, moving=answer.moving, exposure=answer.share)


@given(worlds())
def test_the_oracle_moves_the_same_units(world: tuple[Position, Pull]) -> None:
    where, pull = world
    assume((where.pack == 1).all())

    answer = step(where, pull)

    assert moved_by(answer) == moved(shelves_of(where), pull.rate[:, 0].tolist(), pull.rules)


def shelves_of(where: Position) -> list[Shelf]:
    columns = [where.share, where.exposure, where.weight, where.writable]
    rows = zip(*(column[:, 0].tolist() for column in columns), strict=True)
    return [
        Shelf(share=share, exposure=exposure, weight=weight, writable=writable)
        for share, exposure, weight, writable in rows
    ]


def moved_by(answer: Step) -> list[int]:
    """Return by edge how many units the moves by demand take (negative) or bring."""
    change = [0] * len(answer.share)
    for taken, given_, units in carried(answer):
        change[taken] -= units
        change[given_] += units
    return change


@given(worlds())
def test_no_unit_is_lost_on_its_way(world: tuple[Position, Pull]) -> None:
    where, pull = world
    answer = step(where, pull)

    assert answer.share.sum() + answer.moving.sum() + answer.reserve.sum() == where.room.sum()
    assert (answer.share >= 0).all()


@given(worlds())
def test_what_was_taken_is_given_once_it_is_proven(world: tuple[Position, Pull]) -> None:
    where, pull = world
    taken = step(where, pull)
    landed = step(proved(where, taken))

    assert not landed.moving.any()
    assert (landed.share >= taken.share).all()


@given(worlds())
def test_nothing_is_given_while_the_donors_still_show_it(world: tuple[Position, Pull]) -> None:
    where, pull = world
    taken = step(where, pull)
    later = step(replace(where, share=taken.share, moving=taken.moving))

    # The reserve may be given out meanwhile; what was taken from a shop may not.
    assert (later.moving.sum(axis=0) >= taken.moving.sum(axis=0)).all()


@given(worlds())
def test_a_shop_that_cannot_be_written_neither_gives_nor_gets(world: tuple[Position, Pull]) -> None:
    where, pull = world
    answer = step(where, pull)

    closed = ~where.writable
    assert (answer.share == where.share)[closed].all()
    assert not answer.moving[closed].any()


@given(worlds())
def test_shares_stay_whole_packs(world: tuple[Position, Pull]) -> None:
    where, pull = world
    answer = step(where, pull)

    assert not (answer.share % np.minimum(where.pack, NO_PACK))[where.writable].any()


@given(worlds())
def test_two_shops_do_not_trade_units_for_ever(world: tuple[Position, Pull]) -> None:
    where, pull = world

    for _ in range(8):
        answer = step(where, pull)
        if not carried(answer):
            break
        where = proved(where, answer)
        landed = step(where, replace(pull, idle=np.array([-1.0])))
        where = replace(where, share=landed.share, moving=landed.moving, exposure=landed.share)

    assert carried(step(where, pull)) == []


@given(worlds(), st.integers(0, 3))
def test_skus_do_not_touch_each_other(world: tuple[Position, Pull], copies: int) -> None:
    where, pull = world
    many = replace(
        where,
        **{
            name: np.repeat(getattr(where, name), copies + 1, axis=-1)
            for name in Position.__dataclass_fields__
        },
    )
    pulls = Pull(
        rate=np.repeat(pull.rate, copies + 1, axis=1), idle=np.repeat(pull.idle, copies + 1), rules=pull.rules
    )

    assert (step(many, pulls).share == step(where, pull).share).all()
