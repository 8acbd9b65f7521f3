"""Which sales an intake saw first, and to how many buyers."""

from syncd.domain.fresh_sales import Claims, fresh_sales
from syncd.domain.model import Sku
from syncd.domain.records import ClaimRow
from tests.unit.domain.order_cases import NOW, A


def of(**units: int) -> Claims:
    """Return one claim of SKU A per name, an underscore for a colon."""
    lines = {name.replace("_", ":"): many for name, many in units.items()}
    return {(A, line): ClaimRow(A, line, Sku("A"), "", many, NOW) for line, many in lines.items()}


def counts(before: Claims, after: Claims) -> tuple[dict[Sku, int], dict[Sku, int]]:
    found = fresh_sales(before, after)
    return {sku: many for (_, sku), many in found.units.items()}, {
        sku: many for (_, sku), many in found.buyers.items()
    }


def test_a_new_claim_is_one_buyer_however_many_units_it_has() -> None:
    assert counts({}, of(order_1_A=12)) == ({"A": 12}, {"A": 1})


def test_every_new_order_is_another_buyer() -> None:
    assert counts(of(order_1_A=1), of(order_1_A=1, order_2_A=1, order_3_A=2)) == ({"A": 3}, {"A": 2})


def test_a_presumed_sale_that_grew_is_one_more_buyer() -> None:
    assert counts(of(drop_1=1), of(drop_1=3)) == ({"A": 2}, {"A": 1})


def test_an_order_in_the_place_of_a_presumed_sale_is_no_sale_of_its_own() -> None:
    assert counts(of(drop_1=2), of(order_1_A=2)) == ({}, {})


def test_of_two_orders_in_the_place_of_one_presumed_unit_one_is_new() -> None:
    assert counts(of(drop_1=1), of(order_1_A=1, order_2_A=1)) == ({"A": 1}, {"A": 1})


def test_what_was_given_back_is_no_sale() -> None:
    assert counts(of(order_1_A=3), of(order_1_A=1)) == ({}, {})
