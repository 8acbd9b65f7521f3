"""Withheld units against the orders and the drops that may be the same units: pure."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.claims import Drop
from syncd.domain.model import Deducts, ListingId, Sku
from syncd.domain.orders import OrderLine, Stage
from syncd.domain.records import ClaimRow
from syncd.domain.topology import Bundle
from syncd.domain.withheld import Holding, explaining, told_apart, withheld_claims, withheld_listing
from tests.unit.domain.order_cases import NOW, A, Desk, at, line, listing, topology, unpaid

KEY = (A, ListingId("1"))


def holding(
    withheld: int = 1, *, was: int = 0, is_read: bool = True, deducts: Deducts = Deducts.ORDER
) -> Holding:
    return Holding(
        row=listing()._replace(withheld=withheld),
        was=was,
        base="b",
        is_read=is_read,
        deducts=deducts,
        skew=timedelta(minutes=2),
    )


@pytest.mark.parametrize(
    ("shown", "span"),
    [
        (unpaid(minutes=-60), (1, 1)),
        (unpaid(minutes=2), (1, 1)),
        (unpaid(minutes=2.1), (0, 0)),
        (unpaid(minutes=-60, units=3, released=1), (2, 2)),
        (line(minutes=-60, paid=at(2.1)), (1, 1)),
        (line(minutes=-60, paid=at(1.9)), (0, 1)),
        (line(minutes=-60, paid=at(-1.9)), (0, 1)),
        (line(minutes=-60, paid=at(-2.1)), (0, 0)),
        (line(minutes=-60, paid=None, modified=at(1)), (0, 1)),
        (line(minutes=-60, paid=None, modified=at(-3)), (0, 0)),
        (unpaid(minutes=-60, stage=Stage.CLOSED, released=1, modified=at(1)), (0, 1)),
        (unpaid(minutes=-60, stage=Stage.CLOSED, released=1, modified=at(-3)), (0, 0)),
    ],
)
def test_a_line_explains_what_was_withheld_for_it_at_the_reading(
    shown: OrderLine, span: tuple[int, int]
) -> None:
    desk = Desk()
    desk.take(shown)

    assert explaining(desk.known["1"], holding()) == span


@pytest.mark.parametrize(
    ("shown", "span"),
    [
        (unpaid(minutes=-60), (1, 1)),
        (line(minutes=-60, paid=at(-50)), (1, 1)),
        (line(minutes=-60, units=3, released=1, paid=at(-50)), (2, 2)),
        (line(minutes=-60, units=3, shipped=1, paid=at(-50)), (2, 2)),
        (line(minutes=-60, stage=Stage.SHIPPED, shipped=1, paid=at(-50), sent=at(2.1)), (1, 1)),
        (line(minutes=-60, stage=Stage.SHIPPED, shipped=1, paid=at(-50), sent=at(1)), (0, 1)),
        (line(minutes=-60, stage=Stage.SHIPPED, shipped=1, paid=at(-50), sent=at(-2.1)), (0, 0)),
        (line(minutes=-60, stage=Stage.CLOSED, released=1, paid=at(-50), modified=at(-3)), (0, 0)),
    ],
)
def test_where_counters_fall_with_the_shipping_a_paid_line_explains_what_is_withheld_until_it_is_sent(
    shown: OrderLine, span: tuple[int, int]
) -> None:
    desk = Desk()
    desk.take(shown)

    assert explaining(desk.known["1"], holding(deducts=Deducts.SHIPPING)) == span


@pytest.mark.parametrize(("before", "units"), [(0, 0), (1, 1)])
def test_an_order_that_may_have_been_paid_by_then_ends_no_claim_that_stood_before(
    before: int, units: int
) -> None:
    desk = Desk()
    desk.take(line(minutes=-60, paid=at(-1)))
    claim = ClaimRow(A, "withheld:1:A", Sku("A"), "", before, at(-9))
    claims = {(A, claim.line): claim} if before else {}

    found = withheld_claims([holding()], {ListingId("1"): [desk.known["1"]]}, claims, topology(), NOW)

    assert sum(each.units for each in found) == units


def test_a_listing_that_was_never_read_is_explained_by_nothing() -> None:
    desk = Desk()
    desk.take(unpaid())
    never = holding()
    row = never.row._replace(observed_at=None)

    assert explaining(desk.known["1"], replace(never, row=row)) == (0, 0)


@given(st.integers(-9, 9), st.integers(0, 9), st.integers(0, 9), st.sampled_from(Deducts))
def test_telling_drops_apart_changes_no_sum(units: int, withheld: int, was: int, deducts: Deducts) -> None:
    one = holding(withheld, was=was, deducts=deducts)
    drops = [Drop(one.row, units, "t")] if units else []

    apart = told_apart(drops, {KEY: one})

    assert (sum(each.units for each in apart), all(each.units for each in apart)) == (units, True)


def test_two_drops_of_one_cycle_hold_no_unit_twice() -> None:
    one = holding(1)

    apart = told_apart([Drop(one.row, 1, "t"), Drop(one.row, 1, "u")], {KEY: one})

    assert [each.base for each in apart] == ["t:held", "u"]


def test_a_counter_that_falls_with_the_payment_has_no_unit_in_both() -> None:
    one = holding(1, deducts=Deducts.PAYMENT)

    assert told_apart([Drop(one.row, 1, "t")], {KEY: one}) == [Drop(one.row, 1, "t")]


def test_a_pack_claims_all_its_units_and_a_bundle_each_of_its_parts() -> None:
    bundle = Bundle(sku=Sku("B"), components={Sku("X"): 2, Sku("Y"): 1})
    one = holding(3)
    row = listing(sku="B", units=2)._replace(withheld=3)
    found = withheld_claims(
        [Holding(row=row, was=0, base="b", is_read=True, deducts=one.deducts, skew=one.skew)],
        {},
        {},
        topology(bundle),
        NOW,
    )

    assert [(claim.sku, claim.units, withheld_listing(claim)) for claim in found] == [
        ("X", 12, "1"),
        ("Y", 6, "1"),
    ]


@pytest.mark.parametrize(("before", "units"), [(0, 0), (1, 1), (5, 3)])
def test_what_was_not_read_just_now_becomes_no_more_than_it_was(before: int, units: int) -> None:
    claim = ClaimRow(A, "withheld:1:A", Sku("A"), "", before, at(-9))

    found = withheld_claims(
        [holding(3, was=3, is_read=False)], {}, {(A, claim.line): claim} if before else {}, topology(), NOW
    )

    assert sum(each.units for each in found) == units


@pytest.mark.parametrize(("before", "since"), [(3, -9), (2, 0)])
def test_a_claim_is_as_old_as_its_first_unit_until_it_grows(before: int, since: float) -> None:
    claim = ClaimRow(A, "withheld:1:A", Sku("A"), "", before, at(-9))

    (found,) = withheld_claims([holding(3, was=3)], {}, {(A, claim.line): claim}, topology(), NOW)

    assert found.at == at(since)
