"""A lock in one of several pools that have the SKU: its pool holds the units, its shop shows them."""

from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.book import make_book
from syncd.domain.deciders import deciding_rule
from syncd.domain.model import PoolName, ShopName, Sku, WarehouseName
from syncd.domain.pipeline import Figures, compute
from syncd.domain.records import ClaimRow, LockMode, LockRow, UseRow
from syncd.domain.topology import Pool, PoolMode, Shop, SourceRules
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import ERP, A, B, P, W, cell, entry, rule, state

Q, V, LAMP = PoolName("q"), WarehouseName("v"), Sku("LAMP")
MODES = pytest.mark.parametrize("first", list(PoolMode))
OTHERS = pytest.mark.parametrize("second", list(PoolMode))


def a_lock(units: int, *, pool: PoolName, shop: str = "", **settings: Any) -> LockRow:  # noqa: ANN401
    row = LockRow(
        id=1,
        sku=LAMP,
        pool=pool,
        shop=ShopName(shop),
        mode=LockMode.PLUS if shop else LockMode.NOBODY,
        units=units,
        by_hand=units if shop else 0,
        schedule="",
        released=units if shop else 0,
        created_at=NOW - timedelta(hours=1),
        created_by="ann",
        ended_at=None,
    )
    return row._replace(**settings)


def figures(first: PoolMode, second: PoolMode, *locks: LockRow, **settings: Any) -> Figures:  # noqa: ANN401
    """Return what becomes of 20 units in `p` and 10 in `q`; the shop a draws on both, b on `q` alone."""
    topology = {
        "pools": (
            Pool(name=P, mode=first, warehouses=(W,), shops=(A,)),
            Pool(name=Q, mode=second, warehouses=(V,), shops=(A, B)),
        ),
        "sources": (SourceRules(name=ERP, warehouses=(W, V)),),
        "shops": (Shop(name=A), Shop(name=B)),
        "rules": (rule({"weight": 4}, shops=(B,)),),
    }
    stock = (cell("LAMP", 20), cell("LAMP", 10)._replace(warehouse=V))
    listings = (entry("LAMP", 10), entry("LAMP", 8, shop="b"))
    return compute(make_book(state(stock, *listings, topology=topology, locks=locks, **settings)))


def shows(found: Figures) -> list[int]:
    """Return what a and b show."""
    quantity: list[int] = found.shares.quantity[:, 0].tolist()
    return quantity


@MODES
@OTHERS
def test_a_shop_that_shows_only_a_lock_shows_nothing_of_its_other_pools(
    first: PoolMode, second: PoolMode
) -> None:
    lock = a_lock(5, pool=P, shop="a", mode=LockMode.ONLY, by_hand=2, released=2)
    assert shows(figures(first, second, lock))[0] == 2


def test_what_a_shop_does_not_show_for_its_lock_is_divided_between_the_others() -> None:
    lock = a_lock(5, pool=P, shop="a", mode=LockMode.ONLY)
    assert shows(figures(PoolMode.SPLIT, PoolMode.SPLIT, lock)) == [5, 10]


def test_the_lock_is_named_for_every_pool_that_it_decides_over() -> None:
    lock = a_lock(5, pool=P, shop="a", mode=LockMode.ONLY)
    found = figures(PoolMode.SPLIT, PoolMode.SPLIT, lock)
    edges = {(edge.pool, edge.shop): at for at, edge in enumerate(found.book.edges)}
    names = {place: found.pools.locks.names(at, 0) for place, at in edges.items()}
    assert names == {(P, A): "locks.1", (Q, A): "locks.1", (Q, B): ""}


def test_a_plus_lock_decides_over_its_own_pool_only() -> None:
    found = figures(PoolMode.SHARED, PoolMode.SHARED, a_lock(5, pool=Q, shop="a"))
    assert [found.pools.locks.names(at, 0) for at, edge in enumerate(found.book.edges) if edge.pool == P] == [
        ""
    ]


def test_what_decided_a_listing_is_the_lock_though_it_stands_in_another_pool() -> None:
    lock = a_lock(5, pool=Q, shop="a", mode=LockMode.ONLY)
    assert deciding_rule(figures(PoolMode.SHARED, PoolMode.SHARED, lock), 0) == "locks.1 lock"


@pytest.mark.parametrize(("pool", "shown"), [(P, [15 + 10, 10]), (Q, [20 + 5, 5])])
def test_a_lock_for_nobody_comes_off_its_pool_alone(pool: PoolName, shown: list[int]) -> None:
    lock = a_lock(5, pool=pool)
    assert shows(figures(PoolMode.SHARED, PoolMode.SHARED, lock)) == shown


@pytest.mark.parametrize(("pool", "shown"), [(P, [30, 10]), (Q, [30, 5])])
def test_a_plus_lock_takes_its_units_from_the_other_shops_of_its_pool_alone(
    pool: PoolName, shown: list[int]
) -> None:
    lock = a_lock(5, pool=pool, shop="a")
    assert shows(figures(PoolMode.SHARED, PoolMode.SHARED, lock)) == shown


def test_a_lock_is_cut_to_its_own_pool_though_another_one_has_more() -> None:
    found = figures(PoolMode.SHARED, PoolMode.SHARED, a_lock(15, pool=Q, shop="a"))
    assert (shows(found), found.pools.locks.cut[:, 0].tolist()) == ([30, 0], [0, 5])


@pytest.mark.parametrize(("sent_from", "rests"), [("", [20, 5]), ("w", [17, 5]), ("v", [20, 5])])
def test_a_sale_from_a_lock_comes_off_the_pool_of_the_lock_unless_another_one_sends(
    sent_from: str, rests: list[int]
) -> None:
    """A use that is still there when the ERP routes the order elsewhere would leave its pool short."""
    sale = ClaimRow(A, "1", LAMP, sent_from, 3, NOW)
    uses = () if sent_from == "w" else (UseRow(1, "1", 3),)
    found = figures(PoolMode.SHARED, PoolMode.SHARED, a_lock(5, pool=Q, shop="a"), claims=(sale,), uses=uses)
    assert found.pools.rest[:, 0].tolist() == rests


def test_a_lock_whose_shop_left_the_pool_empties_no_other_pool() -> None:
    found = figures(PoolMode.SHARED, PoolMode.SHARED, a_lock(5, pool=P, shop="b", mode=LockMode.ONLY))
    assert (shows(found)[1], [found.pools.locks.names(at, 0) for at in range(3)]) == (10, ["", "", ""])
