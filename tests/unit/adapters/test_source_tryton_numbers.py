"""How Tryton writes numbers, and what becomes of those that are none."""

from typing import Any

import httpx
import pytest

from syncd.errors import Kind, PortError
from tests.unit.adapters.tryton_rig import (
    CUSTOMER,
    OUT1,
    STO1,
    WH1,
    SmallTryton,
    cells,
    refusal,
    result,
)


@pytest.fixture
def tryton() -> SmallTryton:
    return SmallTryton()


async def main(tryton: SmallTryton, **options: Any) -> list[int]:  # noqa: ANN401
    """Return the figures of A in the warehouse main: I, O, U, L, V, T, A."""
    return cells(await tryton.read(**options))["A", "main"]


async def test_a_count_below_zero_is_nothing_on_hand_and_what_is_missing_allocated(
    tryton: SmallTryton,
) -> None:
    product = tryton.stocked("A", 10.0)
    tryton.stock(product, -12.5, OUT1)
    assert await main(tryton) == [0, 3, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("written", "units"), [(2.9999999996, 3), (3.0000000004, 3), (2.5, 2), (0.30000000000000004, 0)]
)
async def test_the_noise_of_floats_takes_no_unit_away(
    tryton: SmallTryton, written: float, units: int
) -> None:
    tryton.stocked("A", written)
    assert (await main(tryton))[0] == units


async def test_many_broken_moves_add_up_exactly(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    for _ in range(10):
        tryton.move(product, 0.1, STO1, CUSTOMER)
    assert (await main(tryton))[1] == 1


async def test_a_broken_order_takes_a_whole_unit(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.move(product, 0.1, STO1, CUSTOMER)
    assert (await main(tryton))[1] == 1


async def test_a_decimal_object_is_a_number(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.overrides[product, WH1] = {"__class__": "Decimal", "decimal": "7.0000000"}
    assert (await main(tryton))[0] == 7


@pytest.mark.parametrize(
    "written",
    [True, None, "x", {"__class__": "Decimal", "decimal": "NaN"}, {"__class__": "Decimal"}, [1]],
)
async def test_a_count_that_is_none_is_a_problem_and_never_0(tryton: SmallTryton, written: object) -> None:
    product = tryton.stocked("A")
    tryton.overrides[product, WH1] = written
    snapshot = await tryton.read()
    told = [(problem.sku, problem.warehouse, problem.column) for problem in snapshot.problems]
    assert (("A", "main") in cells(snapshot), told) == (False, [("A", "main", "on_hand")])


async def test_nan_fails_the_reading(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    text = result([{"id": product, "quantity": "@"}]).text.replace('"@"', "NaN")
    tryton.on("counts", httpx.Response(200, text=text))
    with pytest.raises(PortError, match=r"^erp: .* NaN"):
        await tryton.read()


async def test_a_count_that_is_missing_fails_the_reading(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.on("counts", result([{"id": product}]))
    with pytest.raises(PortError, match="'quantity' is missing"):
        await tryton.read()


async def test_a_location_that_is_gone_is_an_error_in_trytons_words(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    tryton.on("counts", refusal("UserError", ["You are trying to read records that don't exist.", "", None]))
    with pytest.raises(PortError, match="Tryton refuses: UserError: You are trying to read") as caught:
        await tryton.read()
    assert caught.value.kind is Kind.REJECTED
