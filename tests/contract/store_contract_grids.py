"""What every store owes for stock, shares and demand as columns."""

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import PoolName, ShopName, Sku, SourceName, StockRow, WarehouseName
from syncd.domain.records import DemandRow, ShareRow, SourceState
from syncd.ports.store import Store, Virtual
from tests.contract.store_contract_rows import (
    ERP,
    NOW,
    SHARED,
    exactly,
    rows_of,
    stock_row,
    stock_rows,
    texts,
    times,
)

RowT = TypeVar("RowT", bound=tuple[Any, ...])

_MANY = 1200
"""More rows than a store reads at a time."""

_WHOLE = st.integers(0, 2**63 - 1)
_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_NAMES = st.sampled_from(["a", "b", "", "x\0y"]) | texts
"""Names of which several rows have the same."""

_SHARES = rows_of(ShareRow, pool=_NAMES, shop=_NAMES, sku=_NAMES, units=_WHOLE, moved_at=st.none() | times)
_DEMAND = rows_of(
    DemandRow,
    shop=_NAMES,
    sku=_NAMES,
    **dict.fromkeys(("sold", "seconds", "recent"), _FLOATS),
    stocked=st.booleans(),
    at=times,
)
_STOCK = st.builds(
    lambda row, source, sku, warehouse, missed: row._replace(
        source=SourceName(source), sku=Sku(sku), warehouse=WarehouseName(warehouse), missed=missed
    ),
    *(stock_rows, _NAMES, _NAMES, _NAMES, _WHOLE),
)


def _told(rows: Sequence[RowT]) -> list[Any]:
    return [exactly(row) for row in sorted(rows, key=lambda row: row[:3])]


async def _accept(store: Store, rows: Sequence[StockRow]) -> None:
    await store.accept(SourceState(name=ERP), rows, None)


class GridsContract:
    """What a store owes for stock, shares and demand as columns."""

    async def test_a_new_store_has_empty_grids(self, store: Store) -> None:
        grids = await store.stock_grid(), await store.share_grid(), await store.demand_grid()
        assert [(list(grid), grid.skus) for grid in grids] == [([], ())] * 3

    async def test_the_stock_in_columns_is_the_rows(self, store: Store) -> None:
        rows = [
            stock_row("B"),
            stock_row("A", warehouse="north", on_hand=1 << 40)._replace(missed=3, bad=True),
            stock_row("A", source="wms", warehouse="north"),
            stock_row("C", source="wms", warehouse="south")._replace(as_of=NOW.replace(year=2019)),
        ]
        await _accept(store, rows)
        grid = await store.stock_grid()
        assert _told(grid) == _told(rows)
        assert (grid.skus, len(grid.places)) == (("A", "B", "C"), 4)

    async def test_the_places_of_stock_are_warehouses_of_their_sources(self, store: Store) -> None:
        rows = [stock_row(source="wms", warehouse="w"), stock_row(source="erp", warehouse="v")]
        await _accept(store, rows)
        assert sorted((await store.stock_grid()).places) == [("erp", "v"), ("wms", "w")]

    async def test_the_shares_in_columns_are_the_rows(self, store: Store) -> None:
        edges = [(pool, shop) for pool in ("p", "q") for shop in ("b", "a")]
        rows = [
            ShareRow(PoolName(pool), ShopName(shop), Sku(sku), at * 100, NOW if at else None)
            for pool, shop in edges
            for at, sku in enumerate(("Z", "Y"))
        ][1:]
        await store.save_virtual(Virtual(shares=rows))
        grid = await store.share_grid()
        assert _told(grid) == _told(rows)
        assert (list(grid.edges), grid.skus) == (sorted(edges), ("Y", "Z"))

    async def test_the_demand_in_columns_is_the_rows(self, store: Store) -> None:
        rows = [
            DemandRow(ShopName(shop), Sku(sku), 0.1, 2.0, 1e-9, shop == "a", NOW)
            for shop in ("b", "a")
            for sku in ("Z", "Y")
        ][1:]
        await store.save_virtual(Virtual(demand=rows))
        grid = await store.demand_grid()
        assert _told(grid) == _told(rows)
        assert (list(grid.shops), grid.skus) == (["a", "b"], ("Y", "Z"))

    async def test_the_skus_of_grids_are_in_order_wherever_they_stand_first(self, store: Store) -> None:
        rows = [stock_row("Z", source="a"), stock_row("A", source="b"), stock_row("M", source="c")]
        await _accept(store, rows)
        shares = [_share(1, pool, sku) for pool, sku in (("p", "Z"), ("q", "A"), ("r", "M"))]
        demand = [_demand(1.0, shop, sku) for shop, sku in (("a", "Z"), ("b", "A"), ("c", "M"))]
        await store.save_virtual(Virtual(shares=shares, demand=demand))
        stock, share, demands = (
            await store.stock_grid(),
            await store.share_grid(),
            await store.demand_grid(),
        )
        assert [grid.skus for grid in (stock, share, demands)] == [("A", "M", "Z")] * 3
        assert (_told(stock), _told(share), _told(demands)) == (_told(rows), _told(shares), _told(demand))

    async def test_grids_of_many_rows_have_them_all(self, store: Store) -> None:
        skus = [Sku(f"{number:05}") for number in range(_MANY)]
        a, p = ShopName("a"), PoolName("p")
        await _accept(store, [stock_row(sku)._replace(on_hand=at) for at, sku in enumerate(skus)])
        shares = [ShareRow(p, a, sku, at, None) for at, sku in enumerate(skus)]
        demand = [DemandRow(a, sku, float(at), 1.0, 0.0, True, NOW) for at, sku in enumerate(skus)]
        await store.save_virtual(Virtual(shares=shares, demand=demand))
        assert [row.on_hand for row in await store.stock_grid()] == list(range(_MANY))
        assert (list(await store.share_grid()), list(await store.demand_grid())) == (shares, demand)

    async def test_grids_stay_what_they_were_when_more_is_saved(self, store: Store) -> None:
        share, demand = _share(1), _demand(1.0)
        await _accept(store, [stock_row()])
        await store.save_virtual(Virtual(shares=[share], demand=[demand]))
        grids = await store.stock_grid(), await store.share_grid(), await store.demand_grid()
        await _accept(store, [stock_row(on_hand=9), stock_row("B")])
        await store.save_virtual(Virtual(shares=[_share(2)], demand=[_demand(2.0)]))
        assert [list(grid) for grid in grids] == [[stock_row()], [share], [demand]]

    @SHARED
    @given(rows=st.lists(_STOCK, max_size=8, unique_by=lambda row: row[:3]))
    async def test_any_stock_in_columns_is_the_rows(self, store: Store, rows: list[StockRow]) -> None:
        await _accept(store, rows)
        assert _told(await store.stock_grid()) == _told(await store.stock())

    @SHARED
    @given(rows=st.lists(_SHARES, max_size=8, unique_by=lambda row: row[:3]))
    async def test_any_shares_in_columns_are_the_rows(self, store: Store, rows: list[ShareRow]) -> None:
        await store.save_virtual(Virtual(shares=rows))
        assert _told(await store.share_grid()) == _told(await store.shares())

    @SHARED
    @given(rows=st.lists(_DEMAND, max_size=8, unique_by=lambda row: row[:2]))
    async def test_any_demand_in_columns_is_the_rows(self, store: Store, rows: list[DemandRow]) -> None:
        await store.save_virtual(Virtual(demand=rows))
        assert _told(await store.demand_grid()) == _told(await store.demand())


def _share(units: int, pool: str = "p", sku: str = "X") -> ShareRow:
    return ShareRow(PoolName(pool), ShopName("a"), Sku(sku), units, None)


def _demand(sold: float, shop: str = "a", sku: str = "X") -> DemandRow:
    return DemandRow(ShopName(shop), Sku(sku), sold, 60.0, 0.5, True, NOW)
