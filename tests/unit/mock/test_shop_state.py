"""The shop as a state machine, without HTTP."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.mock.core import Line, Listing, ShopSettings, ShopState


def shop_of(*listings: Listing, settings: ShopSettings | None = None) -> ShopState:
    return ShopState(settings=settings, listings=listings)


def listing_of(number: int = 1, *, item: str = "i", quantity: int = 5, withheld: int = 0) -> Listing:
    return Listing(id=f"L{number}", item=item, code=f"C{number}", quantity=quantity, withheld=withheld)


def set_to(value: int, listing: str = "L1") -> Line:
    return Line(listing, "", "set", value, 0)


def add(value: int) -> Line:
    return Line("L1", "", "delta", value, 0)


def test_a_delta_below_zero_is_refused() -> None:
    state = shop_of(listing_of())
    assert state.write(add(-6))["error"] == "rejected"


def test_a_platform_that_clips_reports_a_delta_below_zero_as_done() -> None:
    state = shop_of(listing_of(), settings=ShopSettings(clips_deltas=True))
    assert state.write(add(-6)) == {"id": "L1", "ok": True, "quantity": 0}


def test_a_key_is_forgotten_only_after_very_many() -> None:
    state = shop_of(listing_of())
    for n in range(100_001):
        state.write(Line("L1", f"k{n}", "set", n % 9, 0))
    oldest = state.write(Line("L1", "k0", "set", 1, 0))
    assert (oldest["ok"], state.write(Line("L1", "k2", "set", 1, 0))["error"]) == (True, "duplicate")


def test_clipping_does_not_touch_absolute_writes() -> None:
    state = shop_of(listing_of(), settings=ShopSettings(clips_deltas=True))
    assert state.write(set_to(-1))["error"] == "rejected"


def test_a_write_to_zero_leaves_a_listing_on_sale_unless_the_platform_delists() -> None:
    state = shop_of(listing_of())
    state.write(set_to(0))
    assert state.listings["L1"].on_sale is True


def test_a_write_to_zero_delists_where_the_platform_does() -> None:
    state = shop_of(listing_of(), settings=ShopSettings(auto_delists_at_zero=True))
    state.write(set_to(0))
    assert (state.listings["L1"].on_sale, state.listings["L1"].off_reason) == (False, "sold_out")


def test_a_sale_to_zero_delists_where_the_platform_does() -> None:
    state = shop_of(listing_of(), settings=ShopSettings(auto_delists_at_zero=True))
    state.sell("L1", 5)
    assert state.listings["L1"].off_reason == "sold_out"


def test_a_later_quantity_does_not_relist_by_itself() -> None:
    state = shop_of(listing_of(), settings=ShopSettings(auto_delists_at_zero=True))
    state.write(set_to(0))
    state.write(set_to(9))
    assert state.listings["L1"].on_sale is False


def test_zero_does_not_change_why_a_listing_is_off() -> None:
    state = shop_of(listing_of(), settings=ShopSettings(auto_delists_at_zero=True))
    state.listings["L1"].on_sale, state.listings["L1"].off_reason = False, "violation"
    state.write(set_to(0))
    assert state.listings["L1"].off_reason == "violation"


def test_a_listing_at_zero_cannot_be_relisted_where_zero_delists() -> None:
    state = shop_of(listing_of(quantity=0), settings=ShopSettings(auto_delists_at_zero=True))
    assert state.relist("L1")["error"] == "rejected"


def test_a_violation_cannot_be_relisted() -> None:
    state = shop_of(listing_of())
    state.listings["L1"].on_sale, state.listings["L1"].off_reason = False, "violation"
    assert state.relist("L1")["error"] == "permission"


def test_delisting_what_a_person_took_off_keeps_the_person() -> None:
    state = shop_of(listing_of())
    state.listings["L1"].on_sale, state.listings["L1"].off_reason = False, "person"
    state.delist("L1")
    assert state.listings["L1"].off_reason == "person"


def test_a_platform_that_unlists_items_takes_all_of_an_item_off() -> None:
    state = shop_of(
        listing_of(1), listing_of(2), listing_of(3, item="j"), settings=ShopSettings(unlists_items=True)
    )
    state.delist("L1")
    assert [listing.on_sale for listing in state.order] == [False, False, True]


def test_an_item_stays_on_sale_while_one_of_its_counters_is_above_zero() -> None:
    state = shop_of(
        listing_of(1), listing_of(2), settings=ShopSettings(unlists_items=True, auto_delists_at_zero=True)
    )
    state.write(set_to(0, "L1"))
    assert [listing.on_sale for listing in state.order] == [True, True]


def test_an_item_goes_off_with_the_last_of_its_counters() -> None:
    state = shop_of(
        listing_of(1), listing_of(2), settings=ShopSettings(unlists_items=True, auto_delists_at_zero=True)
    )
    state.write(set_to(0, "L1"))
    state.write(set_to(0, "L2"))
    assert [listing.off_reason for listing in state.order] == ["sold_out", "sold_out"]


def test_a_platform_without_zero_refuses_it() -> None:
    state = shop_of(listing_of(), settings=ShopSettings(zero_allowed=False))
    assert state.write(set_to(0))["error"] == "rejected"


def test_held_units_stay_in_the_counter_and_no_one_else_can_buy_them() -> None:
    state = shop_of(listing_of())
    state.sell("L1", 4, "hold")
    assert (state.listings["L1"].quantity, state.sell("L1", 2)) == (5, "not_enough")


def test_paying_takes_held_units_out() -> None:
    state = shop_of(listing_of())
    state.sell("L1", 4, "hold")
    state.sell("L1", 4, "pay")
    assert (state.listings["L1"].quantity, state.listings["L1"].withheld) == (1, 0)


def test_released_units_can_be_bought_again() -> None:
    state = shop_of(listing_of())
    state.sell("L1", 4, "hold")
    state.sell("L1", 4, "release")
    assert state.sell("L1", 5) == ""


def test_a_counter_cannot_be_set_below_what_is_withheld() -> None:
    state = shop_of(listing_of(withheld=2))
    assert state.write(set_to(1))["message"] == "2 units are withheld for unpaid orders"


def test_held_units_can_be_paid_for_after_the_listing_went_off() -> None:
    state = shop_of(listing_of())
    state.sell("L1", 1, "hold")
    state.delist("L1")
    assert state.sell("L1", 1, "pay") == ""


def test_the_same_dice_make_the_same_buyers() -> None:
    dice = [random.Random(3), random.Random(3)]  # noqa: S311 - dice of a test
    sales = [shop_of(*[listing_of(n) for n in range(9)]).sell_some(one, 20) for one in dice]
    assert sales[0] == sales[1]


@pytest.mark.parametrize("step", ["buy", "hold"])
def test_nothing_is_sold_off_sale(step: str) -> None:
    state = shop_of(listing_of())
    state.delist("L1")
    assert state.sell("L1", 1, step) == "not_on_sale"


_steps = st.one_of(
    st.tuples(st.just("set"), st.integers(-2, 9)),
    st.tuples(st.just("delta"), st.integers(-9, 9)),
    st.tuples(st.sampled_from(["buy", "hold", "pay", "release"]), st.integers(1, 4)),
)


@given(st.lists(_steps, max_size=40), st.booleans())
def test_units_are_neither_made_nor_lost_but_by_writes(steps: list[tuple[str, int]], clips: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    state = shop_of(
        listing_of(quantity=5), settings=ShopSettings(clips_deltas=clips, auto_delists_at_zero=True)
    )
    listing = state.listings["L1"]
    written = 5
    for verb, figure in steps:
        before = listing.quantity
        if verb in ("set", "delta"):
            state.write(Line("L1", "", verb, figure, 0))
            written += listing.quantity - before
        else:
            state.sell("L1", figure, verb)
        assert 0 <= listing.withheld <= listing.quantity
        assert listing.quantity + listing.sold == written
