"""Buyers who come by themselves, without HTTP."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from syncd.mock.clock import START
from syncd.mock.core import Line, Listing, ShopState, Stage
from syncd.mock.core.orders_crowd import Attempt, Crowd, Luck, Tally
from syncd.mock.core.orders_demand import Demand, Flash, Habits, attempts_from, attempts_of, purchases_from
from syncd.mock.fields import MockError
from syncd.mock.taobao import TaobaoState
from tests.unit.mock.taobao_desk import make_state

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def shop() -> TaobaoState:
    return make_state()


def crowd_of(shop: ShopState, *attempts: Attempt) -> Crowd:
    crowd = Crowd(shop, attempts)
    shop.visitors = crowd
    return crowd


def lucks(crowd: Crowd) -> list[Luck]:
    return [visit.luck for visit in crowd.visits]


def stages(shop: ShopState) -> list[Stage]:
    return [order.stage for order in shop.orders.orders.values()]


def one(
    listing: str = "801",
    units: int = 1,
    *,
    pays: float | None = 0.0,
    cancels: float | None = None,
    refunds: float | None = None,
) -> Attempt:
    return Attempt(START + SECOND, ((listing, units),), pays, cancels, refunds)


# --- what becomes of a visit -------------------------------------------------------------------------------


def test_nobody_comes_before_their_time(shop: TaobaoState) -> None:
    crowd = crowd_of(shop, one())
    shop.settle(START)
    assert (crowd.visits, crowd.next_at) == ([], START + SECOND)


def test_a_buyer_leaves_a_paid_order(shop: TaobaoState) -> None:
    crowd = crowd_of(shop, one())
    shop.settle(START + SECOND)
    assert (lucks(crowd), stages(shop), crowd.next_at) == ([Luck.SOLD], [Stage.PAID], None)


def test_lost_sales_are_recorded_with_their_reason(shop: TaobaoState) -> None:
    shop.put_off("900")
    crowd = crowd_of(shop, one(units=6), one("900"), one("5"))
    shop.settle(START + SECOND)
    assert lucks(crowd) == [Luck.SHORT, Luck.OFF_SALE, Luck.UNKNOWN]


def test_an_item_that_sells_out_bears_the_time_of_the_last_buyer(shop: TaobaoState) -> None:
    crowd_of(shop, one("900", 4))
    shop.settle(START + HOUR)
    assert (shop.on_sale("900"), shop.items["900"].modified) == (False, START + SECOND)


def test_who_cannot_have_one_thing_buys_the_rest(shop: TaobaoState) -> None:
    crowd = crowd_of(shop, Attempt(START, (("801", 6), ("802", 1), ("900", 5), ("701", 1))))
    shop.settle(START)
    bought = [line.listing for order in shop.orders.orders.values() for line in order.lines]
    assert (lucks(crowd), bought) == ([Luck.SHORT, Luck.SOLD, Luck.SHORT, Luck.SOLD], ["802", "701"])


def test_a_buyer_may_pay_later(shop: TaobaoState) -> None:
    crowd_of(shop, one(pays=60))
    shop.settle(START + 60 * SECOND)
    before = stages(shop)
    shop.settle(START + 61 * SECOND)
    assert (before, stages(shop)) == ([Stage.UNPAID], [Stage.PAID])


def test_a_buyer_pays_before_the_next_one_comes(shop: TaobaoState) -> None:
    crowd = crowd_of(shop, one("701", 3, pays=60), one()._replace(at=START + HOUR))
    shop.settle(START + 61 * SECOND)
    assert (stages(shop), len(crowd.visits)) == ([Stage.PAID], 1)


def test_a_buyer_who_never_pays_is_closed(shop: TaobaoState) -> None:
    crowd_of(shop, one(pays=None))
    shop.settle(START + HOUR)
    assert (stages(shop), shop.listings["801"].quantity) == ([Stage.CANCELLED], 5)


def test_a_buyer_may_pay_too_late(shop: TaobaoState) -> None:
    crowd_of(shop, one(pays=1200))
    shop.settle(START + HOUR)
    assert stages(shop) == [Stage.CANCELLED]


def test_a_buyer_may_cancel(shop: TaobaoState) -> None:
    crowd_of(shop, one(pays=None, cancels=30))
    shop.settle(START + 31 * SECOND)
    assert stages(shop) == [Stage.CANCELLED]


def test_a_buyer_may_want_the_money_back(shop: TaobaoState) -> None:
    crowd_of(shop, one(refunds=30))
    shop.settle(START + 31 * SECOND)
    assert stages(shop) == [Stage.CLOSED]


def test_buyers_whose_orders_were_forgotten_do_nothing_more(shop: TaobaoState) -> None:
    crowd = crowd_of(shop, one(pays=30, refunds=60))
    shop.settle(START + SECOND)
    shop.orders.forget()
    shop.settle(START + HOUR)
    assert (stages(shop), crowd.next_at) == ([], None)


def test_units_of_a_closed_order_can_be_bought_by_whoever_comes_after_it(shop: TaobaoState) -> None:
    late = Attempt(START + SECOND + timedelta(minutes=15), (("801", 5),))
    crowd = crowd_of(shop, one(units=4, pays=None), late)
    shop.settle(START + HOUR)
    assert lucks(crowd) == [Luck.SOLD, Luck.SOLD]


def test_a_write_that_comes_due_serves_whoever_comes_after_it(shop: TaobaoState) -> None:
    shop.write_later(Line("801", "", "set", 9, 0), START + 2 * SECOND)
    crowd = crowd_of(shop, one(units=6), one(units=6)._replace(at=START + 3 * SECOND))
    shop.settle(START + HOUR)
    assert lucks(crowd) == [Luck.SHORT, Luck.SOLD]


def test_one_step_or_many_make_the_same_orders() -> None:
    shops = [make_state(), make_state()]
    demand = Demand(start=START, hours=3, rates={"801": 60, "701": 60})
    habits = Habits(unpaid=0.3, cancels=0.2, refunds=0.2, pays_within=300, baskets=0.3, pairs=0.3)
    for shop in shops:
        crowd_of(shop, *attempts_from(demand, habits=habits, seed=5))
    shops[0].settle(START + 4 * HOUR)
    for minute in range(241):
        shops[1].settle(START + timedelta(minutes=minute))
    assert shops[0].as_json() == shops[1].as_json()


def test_attempts_that_are_not_sorted_are_told(shop: TaobaoState) -> None:
    with pytest.raises(MockError, match="sort the attempts by time"):
        crowd_of(shop, one(), one()._replace(at=START)).advance(START + HOUR)


def test_units_wanted_are_told_by_listing_and_idle_orders_apart(shop: TaobaoState) -> None:
    crowd = crowd_of(shop, one(units=3), one(units=1, pays=None), one(units=2))
    shop.settle(START + SECOND)
    assert crowd.tallies() == {"801": Tally(wanted=5, sold=3, short=2, off_sale=0, idle=1)}


def test_a_plain_shop_has_buyers_too() -> None:
    shop = ShopState(listings=[Listing(id="a", item="a", code="A", quantity=3)])
    crowd_of(shop, one("a", 2, pays=60))
    shop.settle(START + SECOND)
    assert (shop.listings["a"].quantity, shop.listings["a"].withheld) == (3, 2)


# --- where they come from ----------------------------------------------------------------------------------


def count(attempts: Iterable[Attempt]) -> int:
    return len(list(attempts))


def test_a_list_of_purchases_is_taken_by_time() -> None:
    purchases = [(START + HOUR, "801", 2), (START, "701", 1)]
    assert [attempt.wants for attempt in attempts_of(purchases)] == [(("701", 1),), (("801", 2),)]


def test_rates_are_buyers_a_day() -> None:
    demand = Demand(start=START, hours=24, rates={"a": 3000, "b": 1000, "c": 0})
    found = purchases_from(demand, seed=1)
    shares = [sum(listing == name for _, listing, _ in found) for name in "abc"]
    assert (abs(shares[0] - 3000) < 200, abs(shares[1] - 1000) < 120, shares[2]) == (True, True, 0)


def test_nights_are_quiet() -> None:
    found = purchases_from(Demand(start=START, hours=24, rates={"a": 5000}), seed=1)
    at_night = sum(at < START + 6 * HOUR for at, _, _ in found)
    assert at_night < len(found) / 10


def test_a_flash_sale_brings_its_buyers_within_its_time() -> None:
    flash = Flash(at=START + HOUR, listing="a", buyers=300, seconds=600)
    found = [at for at, _, _ in purchases_from(Demand(start=START, hours=24, rates={}, flashes=[flash]))]
    in_first_half = sum(at < START + HOUR + timedelta(minutes=5) for at in found)
    within = max(found) <= START + HOUR + timedelta(minutes=10)
    assert (len(found), min(found) >= START + HOUR, within, in_first_half > 180) == (300, True, True, True)


def test_the_same_seed_brings_the_same_buyers() -> None:
    demand = Demand(start=START, hours=2, rates={"a": 500})
    habits = Habits(unpaid=0.2, refunds=0.1, pays_within=60)
    first, again, other = (list(attempts_from(demand, habits=habits, seed=seed)) for seed in (1, 1, 2))
    assert (first == again, first == other) == (True, False)


@pytest.mark.parametrize(
    ("habits", "does"),
    [
        (Habits(unpaid=1), lambda one: one.pays_after is None and one.cancels_after is None),
        (Habits(cancels=1, pays_within=60), lambda one: one.cancels_after is not None),
        (Habits(refunds=1, pays_within=60), lambda one: one.refunds_after >= one.pays_after),
        (Habits(pays_within=60), lambda one: 0 <= one.pays_after <= 60),
        (Habits(pairs=1), lambda one: one.wants == (("a", 2),)),
    ],
)
def test_everybody_does_what_all_of_them_do(habits: Habits, does: object) -> None:
    attempts = list(attempts_of([(START, "a", 1)] * 20, habits=habits))
    assert callable(does)
    assert all(does(attempt) for attempt in attempts)


def test_a_basket_holds_the_next_buyers_goods_too() -> None:
    attempts = attempts_of([(START, "a", 1), (START, "b", 1), (START, "a", 1)], habits=Habits(baskets=1))
    assert [attempt.wants for attempt in attempts] == [(("a", 1), ("b", 1)), (("a", 1),)]


def test_shares_are_about_what_was_asked_for() -> None:
    attempts = attempts_of([(START, "a", 1)] * 1000, habits=Habits(unpaid=0.2))
    assert 150 < count(one for one in attempts if one.pays_after is None) < 250
