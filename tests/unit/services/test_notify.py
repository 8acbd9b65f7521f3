"""People are told once when stock gets low or is promised twice, and once when that is over."""

import pytest

from syncd.domain.book import make_book
from syncd.domain.pipeline import Figures, compute
from syncd.services.notify import Notifier
from tests.unit.domain.desk import cell, entry, rule, state
from tests.unit.services.cycle_world import Told


def figures(on_hand: int, *, allocated: int = 0, level: int = 5) -> Figures:
    rules = (rule({"notice_level": level}),)
    base = state((cell("A", on_hand, allocated=allocated),), entry("A"), topology={"rules": rules})
    return compute(make_book(base))


def told(*seen: Figures) -> list[tuple[str, dict[str, object]]]:
    listener = Told()
    notifier = Notifier(listener)
    for one in seen:
        notifier.tell(one)
    return single(listener)


def single(listener: Told) -> list[tuple[str, dict[str, object]]]:
    """Return what was told of single SKUs."""
    return [event for event in listener.events if event[0] != "stock_watched"]


def sums(*seen: Figures) -> list[tuple[object, object]]:
    """Return what was told of the whole pool: its low stock, and what it oversold."""
    listener = Told()
    notifier = Notifier(listener)
    for one in seen:
        notifier.tell(one)
    return [(facts["low_stock"], facts["oversold"]) for facts in listener.named("stock_watched")]


LOW, PLENTY = figures(4), figures(9)
SHORT, ENOUGH = figures(9, allocated=12, level=-1), figures(9, level=-1)
PLACE = {"pool": "p", "sku": "A"}


def test_low_stock_is_told_with_what_is_left() -> None:
    assert told(LOW) == [("low_stock", PLACE | {"units": 4})]


def test_a_deficit_is_told_with_its_units() -> None:
    assert told(SHORT) == [("oversold", PLACE | {"units": 3})]


@pytest.mark.parametrize("seen", [LOW, SHORT])
def test_what_stays_as_it_is_is_told_once(seen: Figures) -> None:
    assert len(told(seen, seen, seen)) == 1


@pytest.mark.parametrize(
    ("seen", "over"),
    [((LOW, PLENTY, PLENTY), "low_stock_over"), ((SHORT, ENOUGH, ENOUGH), "oversold_over")],
)
def test_what_is_over_is_told_once(seen: tuple[Figures, ...], over: str) -> None:
    assert told(*seen)[1:] == [(over, PLACE)]


@pytest.mark.parametrize(
    ("seen", "what"), [((LOW, PLENTY, LOW), "low_stock"), ((SHORT, ENOUGH, SHORT), "oversold")]
)
def test_what_comes_again_is_told_again(seen: tuple[Figures, ...], what: str) -> None:
    assert [name for name, _ in told(*seen)].count(what) == 2


def test_what_gets_worse_is_told_again() -> None:
    assert [facts["units"] for _, facts in told(LOW, figures(3))] == [4, 3]


def test_where_all_is_well_nothing_is_told() -> None:
    assert told(PLENTY, ENOUGH) == []


def test_of_skus_without_figures_nothing_is_over() -> None:
    listener = Told()
    notifier = Notifier(listener)
    notifier.tell(LOW)
    elsewhere = compute(make_book(state((cell("B", 9),), entry("B"))))
    notifier.tell(elsewhere, is_whole=False)
    notifier.tell(LOW, is_whole=False)
    assert single(listener) == [("low_stock", PLACE | {"units": 4})]
    notifier.tell(elsewhere)
    assert single(listener)[1:] == [("low_stock_over", PLACE)]


def test_what_it_comes_to_in_a_pool_is_told_when_it_changes() -> None:
    assert sums(LOW, LOW, figures(3), PLENTY, PLENTY) == [
        ((1, 4), (0, 0)),
        ((1, 3), (0, 0)),
        ((0, 0), (0, 0)),
    ]


def test_a_pool_that_is_well_is_told_once() -> None:
    assert sums(PLENTY, ENOUGH) == [((0, 0), (0, 0))]


def test_of_a_deficit_the_units_add_up_in_the_pool() -> None:
    assert sums(SHORT)[0][1] == (1, 3)
