"""What Tryton's records become: every part of the formula, and what is left out."""

from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.model import SnapshotKind, TransferConvention
from syncd.errors import Kind, PortError
from tests.unit.adapters.tryton_rig import (
    BEYOND,
    CUSTOMER,
    DAMAGED,
    IN1,
    LOST,
    NOW,
    OUT1,
    PRODUCTION,
    STO1,
    STO2,
    STO3,
    SUPPLIER,
    TODAY,
    TRANSIT,
    WH1,
    WH2,
    SmallTryton,
    cells,
)

OUT = "stock.shipment.out,9"


@pytest.fixture
def tryton() -> SmallTryton:
    return SmallTryton()


async def main(tryton: SmallTryton, **options: Any) -> list[int]:  # noqa: ANN401
    """Return the figures of A in the warehouse main: I, O, U, L, V, T, A."""
    return cells(await tryton.read(**options))["A", "main"]


# --- what lies there ---------------------------------------------------------------------------------------


async def test_every_product_has_a_row_in_every_warehouse(tryton: SmallTryton) -> None:
    tryton.stocked("A", 10.0)
    tryton.stocked("B", 4.0, STO2)
    found = {cell: figures[0] for cell, figures in cells(await tryton.read()).items()}
    assert found == {("A", "main"): 10, ("A", "east"): 0, ("B", "main"): 0, ("B", "east"): 4}


async def test_all_zones_of_a_warehouse_count(tryton: SmallTryton) -> None:
    product = tryton.stocked("A", 10.0)
    tryton.stock(product, 3.0, IN1)
    tryton.stock(product, 2.0, OUT1)
    assert (await main(tryton))[0] == 15


async def test_what_was_lost_is_not_there(tryton: SmallTryton) -> None:
    product = tryton.stocked("A", 10.0)
    tryton.move(product, 4.0, STO1, LOST, state="done", effective_date=TODAY)
    assert await main(tryton) == [6, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("cells", [{"type": "kit"}, {"type": "service"}, {"active": False}])
async def test_what_is_no_active_goods_is_left_out(tryton: SmallTryton, cells: dict[str, Any]) -> None:
    tryton.stocked("A")
    tryton.product("B", **cells)
    assert set((await tryton.read()).skus) == {"A"}


@pytest.mark.parametrize("code", [None, "", "  "])
async def test_goods_without_a_code_are_left_out_and_no_problem(
    tryton: SmallTryton, code: str | None
) -> None:
    tryton.stocked("A")
    tryton.product(code)
    snapshot = await tryton.read()
    assert (set(snapshot.skus), snapshot.problems) == ({"A"}, ())


async def test_a_snapshot_is_full_complete_and_of_the_time_of_the_call(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    snapshot = await tryton.read()
    assert (snapshot.kind, snapshot.complete, snapshot.as_of, snapshot.transfer_convention) == (
        SnapshotKind.FULL,
        True,
        NOW,
        TransferConvention.UNTIL_SHIPPED,
    )


# --- counts and their context ------------------------------------------------------------------------------


async def test_every_count_names_one_warehouse_and_the_company(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    await tryton.read()
    contexts = [params[5] for params in tryton.counts()]
    assert contexts == [
        {"company": 1, "locations": [WH1], "with_childs": True},
        {"company": 1, "locations": [WH2], "with_childs": True},
    ]


async def test_a_company_that_is_not_the_users_is_an_error_and_never_zeros(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    with pytest.raises(PortError, match=r"^erp: company 2 is none of the user's in Tryton \(1\)"):
        await tryton.read(company=2)


async def test_a_user_without_a_company_is_an_error_and_never_zeros(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    tryton.preferences = {"company_filter": "one", "companies": []}
    with pytest.raises(PortError, match="the user syncd works for no company") as caught:
        await tryton.read()
    assert caught.value.kind is Kind.REJECTED


async def test_another_company_of_the_user_can_be_chosen(tryton: SmallTryton) -> None:
    tryton.preferences = {"company": 1, "companies": [1, 2]}
    tryton.stocked("A")
    await tryton.read(company=2)
    assert {params[5]["company"] for params in tryton.counts()} == {2}


async def test_moves_of_another_company_are_not_ours(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.move(product, 4.0, STO1, CUSTOMER, company=2)
    assert (await main(tryton))[1] == 0


# --- unsellable --------------------------------------------------------------------------------------------


async def test_without_unsellable_locations_all_can_be_sold(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stock(product, 5.0, DAMAGED)
    assert await main(tryton) == [15, 0, 0, 0, 0, 0, 0]


async def test_what_lies_in_an_unsellable_location_is_on_hand_and_unsellable(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stock(product, 5.0, DAMAGED)
    assert await main(tryton, unsellable=("DMG",)) == [15, 0, 5, 0, 0, 0, 0]


async def test_a_location_below_an_unsellable_one_counts_once(tryton: SmallTryton) -> None:
    tryton.tables["stock.location"][20] = {
        "id": 20,
        "code": "BIN",
        "type": "storage",
        "parent": DAMAGED,
        "active": 1,
    }
    product = tryton.stocked("A")
    tryton.stock(product, 5.0, 20)
    assert (await main(tryton, unsellable=("BIN", "DMG")))[2] == 5


async def test_what_leaves_a_location_below_an_unsellable_one_comes_off_once(tryton: SmallTryton) -> None:
    bin_below = {"id": 20, "code": "BIN", "type": "storage", "parent": DAMAGED, "active": 1}
    tryton.tables["stock.location"][20] = bin_below
    product = tryton.stocked("A")
    tryton.stock(product, 5.0, 20)
    tryton.move(product, 3.0, 20, SUPPLIER)
    assert await main(tryton, unsellable=("DMG",)) == [15, 0, 5, 0, 0, 0, 0]


async def test_a_location_of_one_warehouse_is_not_counted_in_another(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stock(product, 5.0, DAMAGED)
    assert cells(await tryton.read(unsellable=("DMG",)))["A", "east"] == [0] * 7


async def test_what_leaves_an_unsellable_location_comes_off_once(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stock(product, 5.0, DAMAGED)
    tryton.move(product, 3.0, DAMAGED, SUPPLIER, state="assigned")
    assert await main(tryton, unsellable=("DMG",)) == [15, 0, 5, 0, 0, 0, 0]


async def test_a_shipment_that_is_picked_from_unsellable_goods_comes_off_once(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stock(product, 5.0, DAMAGED)
    tryton.move(product, 3.0, DAMAGED, OUT1, state="assigned", shipment=OUT)
    tryton.move(product, 4.0, OUT1, CUSTOMER, shipment=OUT)
    assert await main(tryton, unsellable=("DMG",)) == [15, 1, 5, 0, 0, 0, 0]


async def test_unsellable_goods_of_one_shipment_hide_no_order_of_another(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stock(product, 5.0, DAMAGED)
    tryton.move(product, 3.0, DAMAGED, OUT1, state="assigned", shipment=OUT)
    tryton.move(product, 4.0, OUT1, CUSTOMER, shipment="stock.shipment.out,10")
    assert (await main(tryton, unsellable=("DMG",)))[1] == 4


async def test_goods_on_their_way_back_to_the_shelf_are_still_unsellable(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stock(product, 5.0, DAMAGED)
    tryton.move(product, 3.0, DAMAGED, STO1, state="assigned")
    assert await main(tryton, unsellable=("DMG",)) == [15, 0, 5, 0, 0, 0, 0]


# --- allocated ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "assigned"])
@pytest.mark.parametrize("target", [CUSTOMER, SUPPLIER, PRODUCTION, LOST, BEYOND])
async def test_open_moves_out_of_all_warehouses_are_allocated(
    tryton: SmallTryton, state: str, target: int
) -> None:
    product = tryton.stocked("A")
    tryton.move(product, 4.0, OUT1, target, state=state)
    assert await main(tryton) == [10, 4, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("state", ["staging", "cancelled"])
async def test_requests_and_cancelled_moves_are_nothing(tryton: SmallTryton, state: str) -> None:
    product = tryton.stocked("A")
    tryton.move(product, 4.0, STO1, CUSTOMER, state=state)
    tryton.move(product, 4.0, STO1, STO2, state=state)
    assert await main(tryton) == [10, 0, 0, 0, 0, 0, 0]


async def test_picking_within_a_warehouse_is_nothing(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.move(product, 4.0, STO1, OUT1, state="assigned", shipment=OUT)
    tryton.move(product, 4.0, OUT1, CUSTOMER, shipment=OUT)
    assert await main(tryton) == [10, 4, 0, 0, 0, 0, 0]


async def test_what_is_expected_from_suppliers_is_nothing(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.move(product, 40.0, SUPPLIER, IN1)
    assert await main(tryton) == [10, 0, 0, 0, 0, 0, 0]


async def test_goods_that_left_with_the_date_of_tomorrow_are_allocated_until_then(
    tryton: SmallTryton,
) -> None:
    product = tryton.stocked("A")
    tomorrow = TODAY + timedelta(days=1)
    tryton.move(product, 4.0, OUT1, CUSTOMER, state="done", effective_date=tomorrow)
    assert await main(tryton) == [10, 4, 0, 0, 0, 0, 0]


async def test_moves_count_in_the_unit_of_the_product(tryton: SmallTryton) -> None:
    product = tryton.stocked("A", 100.0)
    tryton.move(product, 24.0, STO1, CUSTOMER, quantity=2.0)
    assert (await main(tryton))[1] == 24


async def test_moves_of_unknown_places_spoil_the_product_only(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stocked("B")
    tryton.move(product, 4.0, STO1, 99)
    snapshot = await tryton.read()
    assert (set(snapshot.skus), {problem.sku for problem in snapshot.problems}) == ({"B"}, {"A"})


@pytest.mark.parametrize("units", ["x", None, True, -1.0, {"__class__": "Decimal", "decimal": "NaN"}])
async def test_a_move_that_cannot_be_understood_spoils_the_product_only(
    tryton: SmallTryton, units: object
) -> None:
    product = tryton.stocked("A")
    tryton.stocked("B")
    tryton.move(product, units, STO1, CUSTOMER)
    snapshot = await tryton.read()
    assert (set(snapshot.skus), {problem.sku for problem in snapshot.problems}) == ({"B"}, {"A"})


# --- transfers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [STO2, STO3])
async def test_what_goes_straight_to_another_warehouse_is_transfer_out(
    tryton: SmallTryton, target: int
) -> None:
    product = tryton.stocked("A")
    tryton.move(product, 4.0, STO1, target)
    assert await main(tryton) == [10, 0, 0, 0, 0, 4, 0]


async def test_a_transfer_that_waits_is_transfer_out_and_not_in_the_air(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    shipment = tryton.shipment("assigned")
    tryton.move(product, 4.0, STO1, TRANSIT, state="assigned", shipment=shipment)
    tryton.move(product, 4.0, TRANSIT, STO2, shipment=shipment)
    found = cells(await tryton.read())
    assert found == {("A", "main"): [10, 0, 0, 0, 0, 4, 0], ("A", "east"): [0] * 7}


async def test_a_transfer_that_was_sent_is_in_the_air_at_the_sender(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    shipment = tryton.shipment("shipped")
    tryton.move(product, 4.0, STO1, TRANSIT, state="done", shipment=shipment, effective_date=TODAY)
    tryton.move(product, 4.0, TRANSIT, STO2, shipment=shipment)
    found = cells(await tryton.read())
    assert found == {("A", "main"): [6, 0, 0, 0, 0, 0, 4], ("A", "east"): [0] * 7}


async def test_a_transfer_that_arrived_is_on_hand_at_the_receiver(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    shipment = tryton.shipment("done")
    tryton.move(product, 4.0, STO1, TRANSIT, state="done", shipment=shipment, effective_date=TODAY)
    tryton.move(product, 4.0, TRANSIT, STO2, state="done", shipment=shipment, effective_date=TODAY)
    found = {cell: figures[0] for cell, figures in cells(await tryton.read()).items()}
    assert found == {("A", "main"): 6, ("A", "east"): 4}


async def test_a_transfer_between_others_is_none_of_ours(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    shipment = tryton.shipment("shipped", source=STO3)
    tryton.move(product, 4.0, STO3, TRANSIT, state="done", shipment=shipment, effective_date=TODAY)
    tryton.move(product, 4.0, TRANSIT, STO2, shipment=shipment)
    assert set(map(tuple, cells(await tryton.read()).values())) == {(10, 0, 0, 0, 0, 0, 0), (0,) * 7}


async def test_a_loose_move_out_of_a_place_of_no_warehouse_is_nothing(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.move(product, 4.0, BEYOND, STO1)
    assert await main(tryton) == [10, 0, 0, 0, 0, 0, 0]
