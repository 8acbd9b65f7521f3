"""What is sold beyond what is there: whose it is, how much is left, and what gives it back."""

from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.book import make_book
from syncd.domain.model import PoolName, ShopName, Sku, WarehouseName
from syncd.domain.pipeline import Figures, compute
from syncd.domain.policy import Stop, gates
from syncd.domain.records import ExtraRow, MoveRow, ShareRow
from syncd.domain.topology import Pool, PoolMode, Shop, SourceRules
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import ERP, A, B, P, W, cell, claim, entry, planned, rule, state

SKU = Sku("A")


def lot(units: int, *, shop: str = "a", minutes: int = 1) -> ExtraRow:
    return ExtraRow(P, ShopName(shop), SKU, units, NOW - timedelta(minutes=minutes))


def split(
    on_hand: int,
    shares: tuple[int, int],
    shows: tuple[int, int],
    *,
    sold: dict[str, int] | None = None,
    values: dict[str, int] | None = None,
    **settings: Any,  # noqa: ANN401
) -> Figures:
    """Return the figures of a split pool of two shops, of which `a` has an extra of 3.

    `shows` is what the shops can read after selling what is `sold` just now.
    """
    taken = {ShopName(shop): units for shop, units in (sold or {}).items()}
    extra = rule(values or {"extra": 3}, shops=(A,))
    base = state(
        settings.pop("stock", {"A": on_hand}),
        *(entry("A", reads, shop=shop) for shop, reads in zip((A, B), shows, strict=True)),
        topology={"rules": (extra,)},
        pool={"mode": PoolMode.SPLIT},
        shares=[ShareRow(P, shop, SKU, units, None) for shop, units in zip((A, B), shares, strict=True)],
        claims=tuple(claim("A", units, shop=shop) for shop, units in taken.items()),
        sold={(shop, SKU): units for shop, units in taken.items()},
        **settings,
    )
    return compute(make_book(base))


def shown(figures: Figures) -> list[int]:
    return [int(units) for units in figures.shares.quantity[:, 0]]


def kept(figures: Figures) -> list[int]:
    return [int(units) for units in figures.shares.base[:, 0]]


def used(figures: Figures) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in figures.virtual.extras.rows:
        found[row.shop] = found.get(row.shop, 0) + row.units
    return found


# --- split pools ---------------------------------------------------------------------------------------


def test_a_sale_on_extra_lowers_no_other_shop() -> None:
    figures = split(10, (5, 5), (2, 5), sold={"a": 6})

    assert (shown(figures), kept(figures), used(figures)) == ([2, 5], [0, 5], {"a": 1})


def test_the_share_is_sold_before_the_extra() -> None:
    figures = split(10, (5, 5), (4, 5), sold={"a": 4})

    assert (shown(figures), kept(figures), used(figures)) == ([4, 5], [1, 5], {})


def test_a_second_sale_on_extra_takes_what_the_first_one_left() -> None:
    # Six were sold before; of ten and the extra of 3 the other shop has 5.
    figures = split(4, (0, 5), (0, 5), sold={"a": 2}, extras=[lot(1)])

    assert (shown(figures), used(figures)) == ([0, 5], {"a": 3})


def test_a_share_that_could_not_be_shown_is_no_sale_on_extra() -> None:
    # Its counter reads nothing, though nobody bought: the write never reached it.
    assert used(split(10, (5, 5), (0, 5))) == {}


def test_units_that_nobody_has_are_sold_before_the_extra() -> None:
    figures = split(12, (5, 5), (2, 5), sold={"a": 6})

    assert (sum(kept(figures)), used(figures)) == (6, {})


def test_units_on_their_way_are_not_taken_for_what_was_sold_on_extra() -> None:
    moves = [MoveRow(P, SKU, B, A, 2, NOW)]
    figures = split(12, (5, 5), (2, 5), sold={"a": 6}, moves=moves)

    assert used(figures) == {"a": 1}
    assert sum(kept(figures)) + sum(row.units for row in figures.virtual.moves) == 7


def test_a_write_off_comes_off_the_shares_and_not_off_the_extra() -> None:
    figures = split(6, (5, 5), (8, 5))

    assert (sum(kept(figures)), used(figures)) == (6, {})


def test_a_receipt_gives_extra_back_before_anybody_gets_a_share_of_it() -> None:
    # Five of b and one that nobody pays for yet; two come in.
    figures = split(6, (0, 5), (2, 5), extras=[lot(1)])

    assert (used(figures), sum(kept(figures))) == ({}, 6)


def test_a_deficit_by_orders_uses_extra_up_though_no_shop_sold() -> None:
    stock = (cell("A", 4, allocated=6),)
    figures = split(0, (2, 2), (5, 2), stock=stock)

    assert (shown(figures), used(figures)) == ([1, 0], {"a": 2})


def test_a_new_division_of_the_pool_does_not_give_extra_twice() -> None:
    figures = split(4, (0, 5), (2, 5), extras=[lot(1)], reconfigured=True)

    assert (sum(kept(figures)), used(figures)) == (4, {})


def test_what_a_shop_shows_on_extra_is_none_of_its_share() -> None:
    figures = split(12, (5, 5), (8, 5))

    assert sum(kept(figures)) == 12


def test_a_share_beside_extra_that_is_sold_in_part_is_still_a_share() -> None:
    # Of its 3 and the 2 that are left of extra it shows 5: nothing was sold.
    figures = split(4, (3, 2), (5, 2), extras=[lot(1)])

    assert (shown(figures), kept(figures), used(figures)) == ([5, 2], [3, 2], {"a": 1})


def test_a_sale_on_figures_that_are_not_sure_gives_nothing_back() -> None:
    figures = split(0, (5, 5), (1, 5), sold={"a": 6}, stock=(cell("A", 30, bad=True),), extras=[lot(1)])

    assert used(figures) == {"a": 2}


# --- shared pools --------------------------------------------------------------------------------------


def shared(on_hand: int, *, extras: tuple[ExtraRow, ...] = (), **settings: Any) -> Figures:  # noqa: ANN401
    values = settings.pop("values", {"extra": 3})
    base = state(
        settings.pop("stock", {"A": on_hand}),
        entry("A"),
        entry("A", shop="b"),
        topology={"rules": (rule(values),)},
        extras=extras,
        **settings,
    )
    return compute(make_book(base))


def test_the_claims_of_a_shop_are_its_own_extra() -> None:
    figures = shared(2, claims=(claim("A", 4, shop="b"),), sold={(B, SKU): 4})

    assert (shown(figures), used(figures)) == ([3, 1], {"b": 2})


def test_a_claim_that_becomes_an_order_of_the_erp_changes_nothing() -> None:
    before = shared(2, claims=(claim("A", 4, shop="b"),), extras=(lot(2, shop="b"),))
    after = shared(0, stock=(cell("A", 2, allocated=4),), extras=(lot(2, shop="b"),))

    assert shown(before) == shown(after) == [3, 1]


def test_a_sale_of_a_shop_without_extra_is_charged_to_one_that_has_some() -> None:
    base = state(
        {"A": 2},
        entry("A"),
        entry("A", shop="b"),
        topology={"rules": (rule({"extra": 3}, shops=(A,)),)},
        claims=(claim("A", 4, shop="b"),),
        sold={(B, SKU): 4},
    )
    figures = compute(make_book(base))

    assert (shown(figures), used(figures)) == ([1, 0], {"a": 2})


def test_what_came_first_goes_first_and_of_one_time_in_the_order_of_the_sales() -> None:
    lots = (lot(1, shop="b", minutes=2), lot(2, minutes=9), lot(2, shop="b"))
    figures = shared(0, stock=(cell("A", 0, allocated=2),), extras=lots)

    assert figures.virtual.extras.rows == (lots[2],)


@pytest.mark.parametrize("trouble", [{"missed": 1}, {"bad": True}, {"missed": 2}])
def test_figures_that_are_not_sure_give_no_extra_back(trouble: dict[str, Any]) -> None:
    figures = shared(0, stock=(cell("A", 9, **trouble),), extras=(lot(2),))

    assert used(figures) == {"a": 2}


def test_what_a_shop_that_left_the_pool_had_sold_is_charged_to_the_others() -> None:
    stranger = ExtraRow(P, ShopName("z"), SKU, 2, NOW)
    figures = shared(0, stock=(cell("A", 0, allocated=2),), extras=(stranger,))

    assert used(figures) == {"a": 2}


def test_an_extra_that_was_lowered_is_a_deficit_and_not_charged_to_another_shop() -> None:
    stock = (cell("A", 0, allocated=3),)
    figures = shared(0, stock=stock, extras=(lot(3),), values={"extra": 1})

    assert used(figures) == {"a": 3}
    assert (int(figures.pools.on_extra[0, 0]), int(figures.pools.oversold[0, 0])) == (1, 2)


def test_one_sale_is_charged_to_one_pool_only() -> None:
    east, there = PoolName("q"), WarehouseName("x")
    pools = tuple(
        Pool(name=name, mode=PoolMode.SHARED, warehouses=(place,), shops=(A, B))
        for name, place in ((P, W), (east, there))
    )
    base = state(
        (cell("A", 0, allocated=2), cell("A", 0, allocated=2, warehouse=there)),
        entry("A"),
        entry("A", shop="b"),
        topology={
            "pools": pools,
            "sources": (SourceRules(name=ERP, warehouses=(W, there)),),
            "rules": (rule({"extra": 2}),),
        },
        sold={(B, SKU): 2},
    )
    rows = compute(make_book(base)).virtual.extras.rows

    assert [(row.pool, row.shop, row.units) for row in rows] == [(P, "b", 2), (east, "a", 2)]


@pytest.mark.parametrize(("on_extra", "why"), [(3, Stop.GO), (1, Stop.DEFICIT)])
def test_only_what_is_sold_on_extra_is_no_deficit(on_extra: int, why: Stop) -> None:
    base = state(
        (cell("A", 10, allocated=13, locked=0 if on_extra == 3 else 2),),
        entry("A", 0),
        topology={"rules": (rule({"floor": 9}),)},
        extras=[lot(3)],
    )
    plan = planned(base)

    assert gates(plan).tolist() == [why]


@pytest.mark.parametrize(
    ("sold", "values", "result"),
    [
        (0, {"extra": 2, "floor": 5}, 5),
        (3, {"extra": 2, "floor": 5}, 2),
        (5, {"extra": 2, "floor": 5}, 0),
        (2, {"extra": 6, "floor": 5}, 4),
        (4, {"floor": 4}, 0),
    ],
)
def test_floor_and_extra_are_sold_out_of_the_larger_of_the_two(
    sold: int, values: dict[str, int], result: int
) -> None:
    lots = (lot(sold),) if sold else ()
    figures = shared(0, stock=(cell("A", 0, allocated=sold),), extras=lots, values=values)

    assert shown(figures)[0] == result


def test_a_shop_of_which_nothing_was_configured_remembers_nothing() -> None:
    base = state({"A": 1}, entry("A"), of=(Shop(name=A),), claims=(claim("A", 4),), sold={(A, SKU): 4})

    assert compute(make_book(base)).virtual.extras.rows == ()
