"""A shop that sells one SKU from a shared and from a split pool: one counter, and two pools behind it."""

from typing import Any

import pytest

from syncd.domain.book import State, make_book
from syncd.domain.decision import Question, decide
from syncd.domain.model import ListingRow, PoolName, ShopName, Sku, StockRow, WarehouseName
from syncd.domain.pipeline import compute
from syncd.domain.records import ClaimRow, ExtraRow, MoveRow, ShareRow
from syncd.domain.topology import Pool, PoolMode, Shop, SourceRules
from syncd.domain.virtual.history import history
from syncd.domain.virtual.pools import share_rows
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import ERP, A, B, P, W, cell, entry, rule, state

Q, V, LAMP = PoolName("q"), WarehouseName("v"), Sku("LAMP")


def _figures(shared: int, split: int) -> tuple[StockRow, ...]:
    return (cell("LAMP", shared), cell("LAMP", split)._replace(warehouse=V))


def _lamp(shop: str, reads: int, **settings: Any) -> ListingRow:  # noqa: ANN401
    return entry("LAMP", reads, shop=shop, **settings)


def _sale(units: int, *, sent_from: str = "", shop: ShopName = A) -> ClaimRow:
    return ClaimRow(shop, "1", LAMP, sent_from, units, NOW)


def _state(
    *listings: ListingRow,
    stock: tuple[int, int] = (10, 10),
    shares: tuple[int, int] = (5, 5),
    **settings: Any,  # noqa: ANN401
) -> State:
    """Return a state in which a draws on the shared `p` and the split `q`, b on `q` alone."""
    topology = {
        "pools": (
            Pool(name=P, mode=PoolMode.SHARED, warehouses=(W,), shops=(A,)),
            Pool(name=Q, mode=PoolMode.SPLIT, warehouses=(V,), shops=(A, B)),
        ),
        "sources": (SourceRules(name=ERP, warehouses=(W, V)),),
        "shops": (Shop(name=A), Shop(name=B)),
        "rules": settings.pop("rules", ()),
    }
    rows = tuple(ShareRow(Q, shop, LAMP, units, None) for shop, units in zip((A, B), shares, strict=True))
    return state(_figures(*stock), *listings, topology=topology, shares=rows, **settings)


def _shares(base: State) -> list[int]:
    """Return the shares of a and b after one step."""
    found = compute(make_book(base))
    edges = {(edge.pool, edge.shop): at for at, edge in enumerate(found.book.edges)}
    return [int(found.virtual.kept[edges[Q, shop], 0]) for shop in (A, B)]


@pytest.mark.parametrize(
    ("units", "sent_from", "shares"),
    [(3, "v", [2, 5]), (3, "w", [5, 5]), (3, "", [5, 5]), (12, "", [3, 5]), (15, "", [0, 5])],
)
def test_its_sale_comes_off_its_own_share_as_far_as_the_split_pool_sends_it(
    units: int, sent_from: str, shares: list[int]
) -> None:
    """Taken from all shares alike, a sale of one shop would cost the others units and writes."""
    listings = (_lamp("a", 15 - units, desired=15), _lamp("b", 5))
    base = _state(*listings, claims=(_sale(units, sent_from=sent_from),), sold={(A, LAMP): units})
    assert _shares(base) == shares


def test_no_write_follows_where_it_sold_from_its_share() -> None:
    listings = (_lamp("a", 12, desired=15), _lamp("b", 5))
    base = _state(*listings, claims=(_sale(3, sent_from="v"),), sold={(A, LAMP): 3})
    assert decide(base, Question()).going() == []


def test_what_was_sold_before_takes_nothing_again() -> None:
    base = _state(_lamp("a", 12), _lamp("b", 5), shares=(2, 5), claims=(_sale(3, sent_from="v"),))
    assert _shares(base) == [2, 5]


def test_a_receipt_of_the_shared_pool_takes_nothing_from_the_share() -> None:
    assert _shares(_state(_lamp("a", 15), _lamp("b", 5), stock=(14, 10))) == [5, 5]


def test_a_sale_beyond_the_share_takes_the_rest_from_the_others() -> None:
    listings = (_lamp("a", 8, desired=15), _lamp("b", 5))
    base = _state(*listings, claims=(_sale(7, sent_from="v"),), sold={(A, LAMP): 7})
    assert _shares(base) == [0, 3]


def test_a_shop_that_cannot_be_written_sells_from_its_own_share_too() -> None:
    listings = (_lamp("a", 12, desired=15), _lamp("b", 5))
    base = _state(
        *listings,
        claims=(_sale(3, sent_from="v"),),
        sold={(A, LAMP): 3},
        unwritable=frozenset({A}),
    )
    assert _shares(base) == [2, 5]


def test_what_is_on_its_way_counts_for_what_the_pool_lacks() -> None:
    moves = (MoveRow(Q, LAMP, B, A, 2, NOW),)
    listings = (_lamp("a", 12, desired=15), _lamp("b", 5))
    base = _state(
        *listings,
        shares=(5, 3),
        moves=moves,
        claims=(_sale(3, sent_from="v"),),
        sold={(A, LAMP): 3},
    )
    found = compute(make_book(base)).virtual
    assert (int(found.kept[1:].sum() + found.arriving[1:].sum()), _shares(base)[0]) == (7, 2)


def test_units_sold_on_extra_are_no_sale_from_the_share_again() -> None:
    base = _state(
        _lamp("a", 15),
        _lamp("b", 5),
        stock=(10, 7),
        rules=(rule({"extra": 3}, shops=(B,)),),
        extras=(ExtraRow(Q, B, LAMP, 3, NOW),),
        sold={(A, LAMP): 1},
        claims=(_sale(1, sent_from="w"),),
    )
    assert _shares(base) == [5, 5]


def test_the_ledger_says_that_the_shop_sold_them() -> None:
    listings = (_lamp("a", 12, desired=15), _lamp("b", 5))
    found = compute(make_book(_state(*listings, claims=(_sale(3, sent_from="v"),), sold={(A, LAMP): 3})))
    rows = share_rows(found.book, found.virtual, found.shares.base)
    told = [(row.shop, row.old, row.new, row.cause) for row in history(found.book, found.virtual, rows)]
    assert told == [(A, 5, 2, "sale")]
