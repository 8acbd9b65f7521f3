"""What people should be told of a pool's stock: what is low, and what is promised twice."""

from typing import Any

import pytest

from syncd.domain.book import make_book
from syncd.domain.notices import DEFICITS, Notice, notices
from syncd.domain.pipeline import compute
from tests.unit.domain.desk import cell, claim, entry, rule, state


def told(on_hand: int, level: int = 5, **figures: Any) -> dict[tuple[str, str], int]:  # noqa: ANN401
    """Return what is told of the SKU `A`, with the SKU `B` beside it that has plenty."""
    rows = (cell("A", on_hand, **figures), cell("B", 99))
    values = {"notice_level": level} if level != -1 else {}
    base = state(rows, entry("A"), entry("B"), topology={"rules": (rule(values),)})
    return {(n.what, n.sku): units for n, units in notices(compute(make_book(base))).items()}


@pytest.mark.parametrize(
    ("on_hand", "level", "low"),
    [(6, 5, {}), (5, 5, {("low_stock", "A"): 5}), (0, 0, {("low_stock", "A"): 0}), (0, -1, {})],
)
def test_stock_is_low_at_its_level(on_hand: int, level: int, low: dict[tuple[str, str], int]) -> None:
    assert told(on_hand, level) == low


def test_what_is_promised_is_not_left() -> None:
    assert told(9, 5, allocated=4) == {("low_stock", "A"): 5}


def test_claims_are_not_left() -> None:
    base = state(
        {"A": 9}, entry("A"), claims=(claim("A", 4),), topology={"rules": (rule({"notice_level": 5}),)}
    )

    assert list(notices(compute(make_book(base))).values()) == [5]


def test_a_level_of_one_sku_says_nothing_of_another() -> None:
    low = rule({"notice_level": 5}, skus=("A",))
    base = state({"A": 9, "B": 1}, entry("A"), entry("B"), topology={"rules": (low,)})

    assert notices(compute(make_book(base))) == {}


def test_a_pool_is_low_when_it_is_for_one_of_its_shops() -> None:
    low = rule({"notice_level": 5}, shops=("b",))
    base = state({"A": 5}, entry("A"), entry("A", shop="b"), topology={"rules": (low,)})

    assert [notice.pool for notice in notices(compute(make_book(base)))] == ["p"]


def test_what_nobody_knows_is_not_low() -> None:
    base = state({"B": 9}, entry("A"), entry("B"), topology={"rules": (rule({"notice_level": 5}),)})

    assert notices(compute(make_book(base))) == {}


@pytest.mark.parametrize(
    ("figures", "what", "units"),
    [
        ({"allocated": 13}, "oversold", 3),
        ({"allocated": 12, "virtual": 5}, "backordered", 2),
        ({"locked": 14}, "overlocked", 4),
        ({"transfer_out": 15}, "overtransferred", 5),
    ],
)
def test_a_deficit_is_told_with_its_units(figures: dict[str, int], what: str, units: int) -> None:
    assert told(10, -1, **figures) == {(what, "A"): units}


@pytest.mark.parametrize(
    ("allocated", "claimed", "units"),
    [
        (0, 12, 2),  # the source knows none of them
        (12, 12, 2),  # it knows them all, and has not proven it
        (10, 2, 0),  # whether they are among the ten nobody can say
        (14, 2, 4),
    ],
)
def test_what_may_be_counted_twice_is_not_told_as_oversold(allocated: int, claimed: int, units: int) -> None:
    base = state((cell("A", 10, allocated=allocated),), entry("A"), claims=(claim("A", claimed),))

    found = {notice.what: sure for notice, sure in notices(compute(make_book(base))).items()}

    assert found == ({"oversold": units} if units else {})


@pytest.mark.parametrize("figures", [{"allocated": 10}, {"locked": 10}, {"transfer_out": 10}])
def test_what_just_suffices_is_no_deficit(figures: dict[str, int]) -> None:
    assert told(10, -1, **figures) == {}


def test_a_sku_can_be_low_and_oversold_at_once() -> None:
    assert set(told(10, 5, allocated=13)) == {("low_stock", "A"), ("oversold", "A")}


def test_every_deficit_has_its_own_name() -> None:
    assert len({Notice(what, "p", "A") for what in DEFICITS}) == 4  # type: ignore[arg-type]
