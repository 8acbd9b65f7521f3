"""The books of the simulated world count what was sold though it was not there, whoever thinks otherwise."""

from tests.bench.exact.books import Books
from tests.bench.exact.demand import Buyer, Fate


def books(**stock: int) -> Books:
    return Books(stock)


def buyer(units: int = 1, fate: Fate = Fate.KEPT) -> Buyer:
    return Buyer(0.0, "A", "shop", units, fate)


def test_the_last_unit_is_no_oversale() -> None:
    found = books(A=1)
    found.come(buyer(), served=True)
    assert found.oversold == 0


def test_a_unit_more_than_there_are_is_oversold() -> None:
    found = books(A=1)
    for _ in range(3):
        found.come(buyer(), served=True)
    assert found.oversold == 2


def test_of_an_order_of_two_only_the_missing_unit_is_oversold() -> None:
    found = books(A=1)
    found.come(buyer(2), served=True)
    assert found.oversold == 1


def test_a_unit_that_came_back_can_be_sold_once_more() -> None:
    found = books(A=1)
    found.come(buyer(fate=Fate.CANCELLED), served=True)
    found.give_back("A", 1)
    found.come(buyer(), served=True)
    assert found.oversold == 0


def test_units_of_one_sku_do_not_cover_another() -> None:
    found = books(A=0, B=5)
    found.come(buyer(), served=True)
    assert found.oversold == 1


def test_oversold_is_told_per_ten_thousand_buyers() -> None:
    found = books(A=0)
    found.come(buyer(), served=True)
    for _ in range(3):
        found.come(buyer(), served=False)
    assert found.oversold_per_10k == 2500


def test_a_buyer_who_was_sent_away_from_stock_is_lost() -> None:
    found = books(A=4)
    found.come(buyer(), served=True)
    found.come(buyer(3), served=False)
    assert found.lost_pct == 75


def test_demand_beyond_the_stock_is_not_lost() -> None:
    found = books(A=1)
    found.come(buyer(), served=True)
    found.come(buyer(3), served=False)
    assert found.lost_pct == 0


def test_a_buyer_who_would_have_paid_late_is_lost_like_any_other() -> None:
    found = books(A=4)
    found.come(buyer(4, Fate.PAID_LATE), served=False)
    assert found.lost_pct == 100


def test_an_order_that_does_not_last_is_no_demand() -> None:
    found = books(A=4)
    found.come(buyer(fate=Fate.NEVER_PAID), served=False)
    assert found.lost_pct == 0


def test_selling_too_much_of_one_sku_makes_up_for_no_loss_of_another() -> None:
    found = books(A=1, B=1)
    for _ in range(2):
        found.come(buyer(), served=True)
    found.come(buyer()._replace(sku="B"), served=False)
    assert found.lost_pct == 50
