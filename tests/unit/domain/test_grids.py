"""Stock, shares and demand as columns say what their rows say, and so does all that is decided on them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.bindings import codes_of
from syncd.domain.book import State, make_book
from syncd.domain.decision import Question, decide
from syncd.domain.grids import DemandGrid, ShareGrid
from syncd.domain.model import PoolName, Sku, StockRow, WarehouseName
from syncd.domain.records import DemandRow, ShareRow
from syncd.domain.stock_grid import StockGrid
from syncd.domain.topology import VirtualStock
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import ERP, A, B, W, cell, entry
from tests.unit.domain.desk import state as by_hand
from tests.unit.domain.oracle_world import World
from tests.unit.domain.program import state_of
from tests.unit.domain.strategies import worlds
from tests.unit.domain.told import told

X, Y, Z = (Sku(name) for name in "XYZ")
P = PoolName("p")
INDEX = {X: 0, Y: 1}
_LATER = NOW + timedelta(minutes=3)


def _columned(state: State) -> State:
    book = make_book(state)
    codes = tuple(sorted({row.sku for row in state.stock}))
    stock = StockGrid.of(state.stock, codes, {code: at for at, code in enumerate(codes)})
    return replace(state, stock=stock, shares=book.shares, demand=book.demand, listings=book.listings)


@given(worlds())
def test_a_decision_on_columns_is_the_decision_on_their_rows(world: World) -> None:
    state, question = state_of(world), Question()
    assert told(decide(_columned(state), question)) == told(decide(state, question))


@given(worlds())
def test_a_decision_on_grids_of_any_order_is_the_decision_on_their_rows(world: World) -> None:
    state, question = state_of(world), Question()
    grids = replace(
        state,
        stock=StockGrid.whole(state.stock),
        shares=ShareGrid.whole(state.shares),
        demand=DemandGrid.whole(state.demand),
    )
    assert told(decide(grids, question)) == told(decide(state, question))


@given(worlds(), st.integers(0, 3))
def test_the_codes_in_a_grid_are_those_in_its_rows(world: World, missed: int) -> None:
    state = state_of(world)
    rows = [row._replace(missed=(row.missed + at % 2 * missed)) for at, row in enumerate(state.stock)]
    assert codes_of(StockGrid.whole(rows), state.topology) == codes_of(rows, state.topology)


def test_a_code_is_unsellable_only_where_its_own_source_has_the_stem() -> None:
    state = by_hand({"X": 1})
    erp, wms = state.topology.sources[0].name, type(ERP)("wms")
    sources = tuple(
        replace(state.topology.sources[0], name=name, unsellable_suffix="U") for name in (erp, wms)
    )
    topology = replace(state.topology, sources=sources)
    rows = [cell("X", 1), cell("XU", 1)._replace(source=wms), cell("Y", 1), cell("YU", 1)]
    for stock in (rows, StockGrid.whole(rows)):
        assert codes_of(stock, topology).unsellable == frozenset({Sku("YU")})


def test_a_code_has_vanished_where_no_source_has_it_any_more() -> None:
    state, wms = by_hand({"X": 1}), type(ERP)("wms")
    rows = [
        cell("X", 1, missed=2),
        cell("X", 1)._replace(source=wms),
        cell("Y", 1, missed=2),
        cell("Y", 1, missed=5)._replace(source=wms),
    ]
    for stock in (rows, StockGrid.whole(rows)):
        known = codes_of(stock, state.topology)
        assert (known.skus, known.vanished) == (frozenset({X}), frozenset({Y}))


def _shares(*rows: ShareRow) -> ShareGrid:
    return ShareGrid.of(rows, ((P, A), (P, B)), (X, Y), INDEX)


def test_the_rows_of_shares_come_back_sku_by_sku() -> None:
    rows = [ShareRow(P, A, X, 300, NOW), ShareRow(P, A, Y, 0, None), ShareRow(P, B, Y, 7, _LATER)]
    grid = _shares(rows[2], rows[0], rows[1])
    assert list(grid) == rows
    assert (len(grid), grid[0], grid[1:]) == (3, rows[0], rows[1:])


def test_shares_of_other_edges_and_skus_are_left_out() -> None:
    assert not _shares(ShareRow(PoolName("q"), A, X, 1, None), ShareRow(P, A, Z, 1, None))


def test_the_shares_of_some_skus_are_a_grid_of_their_own() -> None:
    grid = _shares(ShareRow(P, A, X, 3, NOW), ShareRow(P, B, Y, 4, None))
    part = grid.take(np.array([1]), (Y,))
    part.put([ShareRow(P, B, Y, 40_000, None)], {Y: 0})
    assert list(part) == [ShareRow(P, B, Y, 40_000, None)]
    assert grid[1].units == 4


def test_a_grid_of_the_same_edges_and_skus_is_taken_as_it_is() -> None:
    grid = _shares(ShareRow(P, A, X, 3, NOW))
    assert ShareGrid.of(grid, ((P, A), (P, B)), (X, Y), INDEX) is grid
    other = ShareGrid.of(grid, ((P, A),), (X,), {X: 0})
    assert list(other) == list(grid)


def test_shares_of_other_grids_find_their_edges_and_skus() -> None:
    rows = [ShareRow(P, A, X, 300, NOW), ShareRow(P, A, Y, 0, None), ShareRow(P, B, Y, 7, _LATER)]
    grid = ShareGrid.whole([*rows, ShareRow(P, B, Z, 1, None), ShareRow(PoolName("q"), A, X, 2, NOW)])
    assert len(grid) == 5
    assert list(ShareGrid.of(grid, ((P, B), (P, A)), (Y, X), {Y: 0, X: 1})) == [rows[2], rows[1], rows[0]]


def test_a_grid_put_over_shares_leaves_those_that_it_has_not() -> None:
    grid = _shares(ShareRow(P, A, X, 1, NOW), ShareRow(P, A, Y, 2, NOW))
    grid.put(ShareGrid.whole([ShareRow(P, A, Y, 9, _LATER), ShareRow(P, B, X, 3, None)]), INDEX)
    assert list(grid) == [
        ShareRow(P, A, X, 1, NOW),
        ShareRow(P, B, X, 3, None),
        ShareRow(P, A, Y, 9, _LATER),
    ]


def _demand(sku: Sku, sold: float, at: timedelta = timedelta()) -> DemandRow:
    return DemandRow(A, sku, sold, 60.0, 0.5, True, NOW - at)


def _sales(*rows: DemandRow) -> DemandGrid:
    return DemandGrid.of(rows, (A, B), (X, Y), INDEX)


def test_the_rows_of_demand_come_back() -> None:
    rows = [_demand(X, 1.5), _demand(Y, 0.25, timedelta(hours=3))]
    assert list(_sales(*rows)) == rows


def test_demand_of_other_skus_is_left_out() -> None:
    assert not _sales(_demand(Z, 1.0))


def test_demand_in_the_place_of_other_demand_is_another_row() -> None:
    grid = _sales(_demand(X, 1.0))
    grid.put([_demand(X, 2.0, timedelta(days=1))], INDEX)
    assert list(grid) == [_demand(X, 2.0, timedelta(days=1))]


def test_demand_of_the_same_shops_and_skus_is_taken_as_it_is() -> None:
    grid = _sales(_demand(X, 1.0))
    assert DemandGrid.of(grid, (A, B), (X, Y), INDEX) is grid
    assert list(DemandGrid.of(grid, (B, A), (X, Y), INDEX)) == list(grid)


def test_demand_of_other_grids_finds_its_shops_and_skus() -> None:
    rows = [_demand(X, 1.5), _demand(Y, 0.25, timedelta(hours=3))._replace(shop=B, stocked=False)]
    grid = DemandGrid.whole([*rows, _demand(Z, 1.0), _demand(X, 4.0)._replace(shop=type(A)("gone"))])
    assert len(grid) == 4
    assert list(DemandGrid.of(grid, (B, A), (Y, X), {Y: 0, X: 1})) == [rows[1], rows[0]]


def test_a_grid_put_over_demand_leaves_what_it_has_not() -> None:
    grid, earlier = _sales(_demand(X, 1.0), _demand(Y, 2.0)), timedelta(days=1)
    grid.put(DemandGrid.whole([_demand(Y, 9.0, earlier), _demand(X, 3.0)._replace(shop=B)]), INDEX)
    assert list(grid) == [_demand(X, 1.0), _demand(X, 3.0)._replace(shop=B), _demand(Y, 9.0, earlier)]


def _stock(*rows: StockRow) -> StockGrid:
    return StockGrid.of(rows, (X, Y), INDEX)


def test_the_rows_of_stock_come_back() -> None:
    rows = [
        cell("X", 70_000, allocated=3, locked=1),
        cell("Y", 1, missed=200, bad=True)._replace(warehouse=WarehouseName("v"), as_of=_LATER),
    ]
    assert list(_stock(*rows)) == rows


def test_a_grid_of_stock_is_copied_for_who_puts_rows_into_it() -> None:
    grid = _stock(cell("X", 1))
    _stock_of = StockGrid.of(grid, (X, Y), INDEX)
    _stock_of.put([cell("X", 2)], INDEX)
    assert (grid[0].on_hand, _stock_of[0].on_hand) == (1, 2)


def test_stock_knows_rows_of_the_same_source_sku_and_warehouse() -> None:
    grid = _stock(cell("X", 1))
    assert grid.knows([cell("X", 5)], INDEX)
    assert not grid.knows([cell("X", 5)._replace(warehouse=WarehouseName("v"))], INDEX)
    assert not grid.knows([cell("Y", 5)], INDEX)
    assert not grid.knows([cell("Z", 5)], INDEX)


def test_stock_knows_a_grid_of_rows_as_it_knows_the_rows() -> None:
    grid, here = _stock(cell("X", 1)), np.array([0])
    assert grid.knows(_stock(cell("X", 5)).take(here, (X,)), INDEX)
    assert not grid.knows(_stock(cell("X", 5)).take(here, (Z,)), INDEX)
    assert not grid.knows(_stock(cell("X", 1), cell("Y", 5)), INDEX)


def test_a_grid_put_into_another_replaces_its_rows_and_no_others() -> None:
    grid = _stock(cell("X", 1), cell("Y", 2))
    news = StockGrid.of(
        [cell("Y", 900, bad=True, missed=1, as_of=_LATER), cell("Z", 3)], (Y, Z), {Y: 0, Z: 1}
    )
    grid.put(news, INDEX)
    assert list(grid) == [cell("X", 1), cell("Y", 900, bad=True, missed=1, as_of=_LATER)]


def test_a_grid_put_over_stock_leaves_the_places_that_it_has_not() -> None:
    v = WarehouseName("v")
    grid = _stock(cell("X", 1), cell("Y", 2), cell("X", 3)._replace(warehouse=v))
    grid.put(
        StockGrid.whole([cell("Y", 9, as_of=_LATER), cell("X", 8, as_of=_LATER)._replace(warehouse=v)]), INDEX
    )
    assert list(grid) == [
        cell("X", 1),
        cell("X", 8, as_of=_LATER)._replace(warehouse=v),
        cell("Y", 9, as_of=_LATER),
    ]


def test_of_a_grid_of_other_places_only_what_has_one_here_is_put_in() -> None:
    grid = _stock(cell("X", 1))
    there = cell("X", 9)._replace(warehouse=WarehouseName("v"))
    grid.put(StockGrid.of([there, cell("X", 4)], (X,), {X: 0}), INDEX)
    assert list(grid) == [cell("X", 4)]


@pytest.mark.parametrize("news", [{"allocated": 1}, {"in_air": 1}, {"missed": 1}, {"bad": True}])
def test_what_changed_are_the_skus_with_other_figures(news: dict[str, Any]) -> None:
    before = _stock(cell("X", 1), cell("Y", 2))
    after = _stock(cell("X", 1, as_of=_LATER), cell("Y", 2, **news))
    changed = after.changed_since(before)
    assert (changed.skus, [row.sku for row in changed]) == ((Y,), [Y])


def test_a_sku_that_nobody_counted_is_known_from_the_configuration() -> None:
    virtual = (VirtualStock(sku=Y, warehouse=W, units=4, until=None),)
    state = by_hand({"X": 1}, entry("X", 1), entry("Y", 4), topology={"virtual": virtual})
    rows = list(state.stock)
    grid = StockGrid.of(rows, (X, Y), INDEX)
    assert told(decide(replace(state, stock=grid), Question())) == told(decide(state, Question()))
    without = replace(state, topology=replace(state.topology, virtual=()), stock=grid)
    assert make_book(without).skus == (X,)


def test_two_sources_of_one_warehouse_count_as_their_rows_do() -> None:
    state = by_hand({"X": 1})
    source = replace(state.topology.sources[0], name=type(ERP)("other"))
    topology = replace(state.topology, sources=(*state.topology.sources, source))
    rows = [cell("X", 1), cell("X", 5)._replace(source=source.name)]
    state = replace(state, topology=topology, stock=rows)
    cells = make_book(replace(state, stock=StockGrid.of(rows, (X,), {X: 0}))).cells
    assert cells.parts.tolist() == make_book(state).cells.parts.tolist()


def test_a_warehouse_that_is_no_more_counts_as_little_in_columns() -> None:
    state = by_hand({"X": 1})
    rows = [cell("X", 1), cell("X", 5)._replace(warehouse=WarehouseName("gone"))]
    found = make_book(replace(state, stock=StockGrid.of(rows, (X,), {X: 0})))
    assert found.cells.parts[:, 0].tolist() == [[1]]
