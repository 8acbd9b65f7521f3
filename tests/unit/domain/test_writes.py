"""Writes: which mode a change takes, what follows what, and what cannot be written."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import Action, Cause, Change, ChangeKind, ItemId, ListingId, ShopName, Sku
from syncd.domain.writes import Draft, Impossible, Intended, first_write, goes_off_by_itself, hull, next_write

CAS, DELTA, SET = Action.COMPARE_AND_SET, Action.DELTA, Action.SET
ZERO, OFF, LOWER = ChangeKind.ZERO, ChangeKind.OFF, ChangeKind.LOWER
RELIST, RAISE = ChangeKind.RELIST, ChangeKind.RAISE


@dataclass(frozen=True)
class Traits:
    write_modes: tuple[Action, ...] = (CAS, DELTA, SET)
    delta_clips: bool = False
    zero_allowed: bool = True
    can_unlist: bool = True
    auto_delists_at_zero: bool = False
    max_quantity: int = 1000


def change(
    kind: ChangeKind,
    new: int,
    lo: int | None = 5,
    hi: int | None = 5,
    *,
    on_sale: bool | None = True,
    unlist: bool = True,
) -> Change:
    return Change(
        shop=ShopName("tmall"),
        listing=ListingId("11"),
        item=ItemId("1"),
        code="1-ABC",
        location="sh",
        sku=Sku("ABC"),
        kind=kind,
        old=lo if lo == hi else None,
        new=new,
        lo=lo,
        hi=hi,
        on_sale=on_sale,
        unlist=unlist,
        cause=Cause.SNAPSHOT,
        rule="pools.main weight",
    )


def short(draft: Draft) -> tuple[Action, int, int | None, int] | str | None:
    if isinstance(draft, Intended):
        return draft.write.action, draft.write.value, draft.write.base, draft.target
    return draft.message if isinstance(draft, Impossible) else None


@pytest.mark.parametrize(
    ("some", "modes", "expected"),
    [
        (change(ZERO, 0), (CAS, DELTA, SET), (SET, 0, 5, 0)),
        (change(OFF, 0), (CAS, DELTA, SET), (SET, 0, 5, 0)),
        (change(OFF, 0, 2, 5), (SET,), (SET, 0, None, 0)),
        (change(ZERO, 0), (CAS, DELTA), (CAS, 0, 5, 0)),
        (change(ZERO, 0), (DELTA,), (DELTA, -5, 5, 0)),
        (change(LOWER, 3), (CAS, DELTA, SET), (CAS, 3, 5, 3)),
        (change(LOWER, 3), (DELTA, SET), (DELTA, -2, 5, 3)),
        (change(LOWER, 3), (SET,), (SET, 3, 5, 3)),
        (change(LOWER, 3, 4, 5), (CAS, DELTA, SET), (DELTA, -2, None, 3)),
        (change(LOWER, 3, 4, 5), (CAS, SET), (SET, 0, None, 0)),
        (change(LOWER, 1, 2, 5), (DELTA, SET), (SET, 0, None, 0)),
        (change(LOWER, 3, 4, None), (DELTA, SET), (SET, 0, None, 0)),
        (change(RAISE, 9), (DELTA, CAS), (DELTA, 4, 5, 9)),
        (change(RAISE, 9, None, None), (CAS, SET), (SET, 9, None, 9)),
        (change(RELIST, 9, 0, 0, on_sale=False), (CAS, SET), (CAS, 9, 0, 9)),
    ],
)
def test_the_best_mode_that_the_knowledge_allows_is_taken(
    some: Change, modes: tuple[Action, ...], expected: tuple[Action, int, int | None, int]
) -> None:
    assert short(first_write(some, Traits(write_modes=modes), "k")) == expected


def test_a_clipping_delta_zeroes_a_counter_that_is_only_bounded() -> None:
    traits = Traits(write_modes=(DELTA,), delta_clips=True)
    assert short(first_write(change(ZERO, 0, 2, 5), traits, "k")) == (DELTA, -5, None, 0)


@pytest.mark.parametrize(
    "some", [change(ZERO, 0, 2, 5), change(LOWER, 1, 2, 5), change(RAISE, 9, None, None)]
)
@pytest.mark.parametrize("modes", [(CAS,), (DELTA,), (CAS, DELTA)])
def test_without_an_absolute_write_an_unknown_counter_is_observed_first(
    some: Change, modes: tuple[Action, ...]
) -> None:
    assert "observe it first" in str(short(first_write(some, Traits(write_modes=modes), "k")))


def test_a_platform_without_any_write_mode_is_told() -> None:
    assert "no way to write" in str(short(first_write(change(RAISE, 9), Traits(write_modes=()), "k")))


def test_a_write_carries_the_names_of_its_listing() -> None:
    draft = first_write(change(LOWER, 3), Traits(), "k7")
    assert isinstance(draft, Intended)
    write = draft.write
    assert (write.listing, write.item, write.code, write.location, write.key) == (
        "11",
        "1",
        "1-ABC",
        "sh",
        "k7",
    )


def test_a_counter_that_reads_right_needs_no_write() -> None:
    assert first_write(change(LOWER, 5), Traits(), "k") is None


def test_a_listing_at_zero_is_only_taken_off_sale() -> None:
    assert short(first_write(change(OFF, 0, 0, 0), Traits(), "k")) == (Action.DELIST, 0, 0, 0)


def test_a_listing_that_shows_the_figure_is_only_put_back() -> None:
    assert short(first_write(change(RELIST, 5, on_sale=False), Traits(), "k")) == (Action.RELIST, 0, 5, 5)


@pytest.mark.parametrize(
    "some",
    [
        change(OFF, 0, 0, 0, unlist=False),
        change(OFF, 0, 0, 0, on_sale=False),
        change(ZERO, 0, 0, 0),
        change(RELIST, 5, on_sale=True),
    ],
)
def test_what_is_so_already_needs_no_write(some: Change) -> None:
    assert first_write(some, Traits(), "k") is None


def test_a_figure_above_the_highest_is_cut() -> None:
    assert short(first_write(change(RAISE, 5000), Traits(max_quantity=99), "k")) == (CAS, 99, 5, 99)


def test_a_cut_is_told() -> None:
    draft = first_write(change(RAISE, 5000), Traits(max_quantity=99), "k")
    assert isinstance(draft, Intended)
    assert draft.note == "shows 99 instead of 5000: the platform takes no more"


def test_a_counter_at_the_highest_is_not_written_again() -> None:
    assert first_write(change(RAISE, 5000, 99, 99), Traits(max_quantity=99), "k") is None


def test_where_zero_is_not_taken_the_listing_is_unlisted() -> None:
    draft = first_write(change(OFF, 0), Traits(zero_allowed=False), "k")
    assert short(draft) == (Action.DELIST, 0, 5, 5)


@pytest.mark.parametrize("some", [change(OFF, 0, unlist=False), change(ZERO, 0), change(LOWER, 0)])
def test_where_neither_zero_nor_unlisting_is_allowed_people_are_told(some: Change) -> None:
    assert "by hand" in str(short(first_write(some, Traits(zero_allowed=False), "k")))


def test_where_zero_is_not_taken_and_it_is_off_sale_nothing_is_left() -> None:
    assert first_write(change(OFF, 0, on_sale=False), Traits(zero_allowed=False), "k") is None


@pytest.mark.parametrize("on_sale", [True, None])
def test_zero_is_followed_by_a_delisting(*, on_sale: bool | None) -> None:
    assert short(next_write(change(OFF, 0, on_sale=on_sale), Traits(), "k")) == (Action.DELIST, 0, 5, 0)


@pytest.mark.parametrize("on_sale", [False, None])
def test_the_quantity_is_followed_by_a_relisting(*, on_sale: bool | None) -> None:
    draft = next_write(change(RELIST, 4, on_sale=on_sale), Traits(), "k")
    assert short(draft) == (Action.RELIST, 0, 5, 4)


@pytest.mark.parametrize(
    ("some", "traits"),
    [
        (change(OFF, 0), Traits(can_unlist=False)),
        (change(OFF, 0, unlist=False), Traits()),
        (change(OFF, 0, on_sale=False), Traits()),
        (change(RELIST, 4, on_sale=False), Traits(can_unlist=False)),
        (change(RELIST, 4, on_sale=True), Traits()),
        (change(RELIST, 0, on_sale=False), Traits()),
        (change(ZERO, 0), Traits()),
        (change(LOWER, 3), Traits()),
        (change(RAISE, 9), Traits()),
    ],
)
def test_nothing_follows_where_nothing_is_left_to_do(some: Change, traits: Traits) -> None:
    assert next_write(some, traits, "k") is None


@pytest.mark.parametrize(("auto", "new", "answer"), [(True, 0, True), (True, 1, False), (False, 0, False)])
def test_a_listing_goes_off_by_itself_only_at_zero_where_the_platform_does_so(
    *, auto: bool, new: int, answer: bool
) -> None:
    assert goes_off_by_itself(change(LOWER, new), Traits(auto_delists_at_zero=auto)) is answer


@pytest.mark.parametrize(
    ("lo", "hi", "target", "expected"),
    [(2, 5, 3, (2, 5)), (2, 5, 7, (2, 7)), (2, 5, 0, (0, 5)), (None, None, 3, (None, None))],
)
def test_the_hull_holds_both_and_keeps_the_unknown_unknown(
    lo: int | None, hi: int | None, target: int, expected: tuple[int | None, int | None]
) -> None:
    assert hull(lo, hi, target) == expected


bounds = st.none() | st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda p: (min(p), max(p)))
modes = st.lists(st.sampled_from([CAS, DELTA, SET]), unique=True).map(tuple)


@given(
    kind=st.sampled_from(ChangeKind),
    bound=bounds,
    new=st.integers(0, 80),
    traits=st.builds(
        Traits,
        write_modes=modes,
        delta_clips=st.booleans(),
        zero_allowed=st.booleans(),
        max_quantity=st.integers(1, 60),
    ),
)
def test_an_exact_counter_that_takes_the_write_reads_the_target(
    kind: ChangeKind,
    bound: tuple[int, int] | None,
    new: int,
    traits: Traits,
) -> None:
    lo, hi = bound or (None, None)
    goal = 0 if kind in (ZERO, OFF) else new
    draft = first_write(change(kind, goal, lo, hi), traits, "k")
    if not isinstance(draft, Intended) or draft.write.action in (Action.DELIST, Action.RELIST):
        return
    for counter in range(lo or 0, (hi if hi is not None else 60) + 1):
        if draft.write.action is DELTA:
            after = counter + draft.write.value
            assert 0 <= draft.least <= max(after, 0) <= draft.target
            assert after >= 0 or traits.delta_clips
        else:
            assert draft.write.value == draft.least == draft.target
            assert draft.write.action is SET or draft.write.base == counter
    assert draft.least == draft.target or lo != hi
    blindly = kind is LOWER and (bound is None or lo != hi) and (draft.write.action, draft.target) == (SET, 0)
    assert blindly or draft.target == min(goal, traits.max_quantity)


def test_a_clipping_difference_leads_to_0_at_least() -> None:
    draft = first_write(change(LOWER, 1, 2, 9), Traits(write_modes=(DELTA,), delta_clips=True), "k")
    assert isinstance(draft, Intended)
    assert (draft.write.value, draft.least, draft.target) == (-8, 0, 1)


@pytest.mark.parametrize("clips", [True, False])
def test_what_is_lowered_by_a_difference_puts_back_nothing_that_was_sold_since(*, clips: bool) -> None:
    """Of 5 to 9 units 4 were sold: whatever it read, it shows no more than the target less these."""
    draft = first_write(change(LOWER, 6, 5, 9), Traits(write_modes=(DELTA, SET), delta_clips=clips), "k")
    assert isinstance(draft, Intended)
    assert [max(counter - 4 + draft.write.value, 0) for counter in range(5, 10)] == [0, 0, 0, 1, 2]


@pytest.mark.parametrize(
    ("modes", "new", "lo", "hi"),
    [
        ((CAS, SET), 3, 5, 9),
        ((CAS, SET), 5, 5, 9),
        ((DELTA, SET), 3, 5, 9),
        ((DELTA, SET), 1, 2, None),
        ((CAS, DELTA, SET), 1, 2, None),
    ],
)
def test_no_absolute_figure_stands_in_for_a_write_that_lacks_the_counter(
    modes: tuple[Action, ...], new: int, lo: int, hi: int | None
) -> None:
    """Set to 3, a counter of 5 that sold 4 since would put 2 sold units back on sale."""
    assert short(first_write(change(LOWER, new, lo, hi), Traits(write_modes=modes), "k")) == (SET, 0, None, 0)


def test_what_is_lowered_to_0_for_want_of_a_reading_says_so() -> None:
    draft = first_write(change(LOWER, 3, 5, 9), Traits(write_modes=(CAS, SET)), "k")
    assert isinstance(draft, Intended)
    assert draft.note == "shows 0 until it is read again: what it shows now is not known exactly"


@pytest.mark.parametrize("traits", [Traits(write_modes=(SET,)), Traits((DELTA, SET), zero_allowed=False)])
def test_where_only_absolute_figures_can_be_written_the_target_is(traits: Traits) -> None:
    assert short(first_write(change(LOWER, 3, 5, 9), traits, "k")) == (SET, 3, None, 3)
