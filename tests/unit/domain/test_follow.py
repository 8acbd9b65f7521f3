"""A listing that is held follows the sales of its pool: down, never up, and no further than planned."""

from typing import Any

import numpy as np
import pytest

from syncd.domain.decision import Decision, Question, decide
from syncd.domain.follow import follow
from syncd.domain.guard import Record
from syncd.domain.model import Cause, ChangeKind, ListingRow, Sku
from syncd.domain.plan import Plan, ShopTraits
from syncd.domain.topology import Bundle, PoolMode, VirtualStock
from tests.unit.domain.desk import KNOWN, A, W, cell, claim, entry, item, planned, rule, state


def followed(plan: Plan, *, held: bool = True) -> list[tuple[str, ChangeKind, int]]:
    owed = follow(plan, np.full(len(plan), held, dtype=np.bool_))
    return [(change.listing, change.kind, change.new) for change in owed.changes()]


def plan_of(
    row: ListingRow,
    *,
    stock: int = 0,
    sold: int = 2,
    **settings: Any,  # noqa: ANN401
) -> Plan:
    claims = (claim("A", sold, shop="b"),) if sold else ()
    return planned(state({"A": stock}, row, entry("A", 0, shop="b"), claims=claims, **settings))


@pytest.mark.parametrize(
    ("sold", "new"),
    [
        (0, []),
        (2, [("A", ChangeKind.LOWER, 8)]),
        (9, [("A", ChangeKind.LOWER, 1)]),
        (10, [("A", ChangeKind.ZERO, 0)]),
        (99, [("A", ChangeKind.ZERO, 0)]),
    ],
)
def test_the_sales_come_off_what_was_let_through_last(sold: int, new: list[Any]) -> None:
    assert followed(plan_of(entry("A"), sold=sold)) == new


def test_what_goes_anyway_follows_nothing() -> None:
    assert followed(plan_of(entry("A")), held=False) == []


def test_it_follows_no_further_than_planned() -> None:
    assert followed(plan_of(entry("A"), stock=11, sold=4)) == [("A", ChangeKind.LOWER, 7)]


def test_what_followed_already_is_not_lowered_again() -> None:
    assert followed(plan_of(entry("A", 8, desired=10))) == []


def test_a_counter_that_was_never_planned_is_lowered_from_what_it_can_read() -> None:
    assert followed(plan_of(entry("A", 10, desired=None))) == [("A", ChangeKind.LOWER, 8)]


def test_a_raise_that_is_held_follows_nothing() -> None:
    assert followed(plan_of(entry("A", 1), stock=50)) == []


def test_in_a_split_pool_the_sale_comes_off_another_share() -> None:
    assert followed(plan_of(entry("A"), pool={"mode": PoolMode.SPLIT})) == []


def test_a_pack_loses_whole_packs_rather_one_too_many() -> None:
    assert followed(plan_of(entry("A", units=12), sold=13)) == [("A", ChangeKind.LOWER, 8)]


def test_a_bundle_loses_what_its_scarcest_component_sold() -> None:
    bundle = Bundle(sku=Sku("K"), components={Sku("A"): 2, Sku("B"): 1})
    claims = (claim("A", 4), claim("B", 3))
    base = state({"A": 0, "B": 0}, entry("K"), claims=claims, topology={"bundles": (bundle,)})

    assert followed(planned(base)) == [("K", ChangeKind.LOWER, 7)]


def test_what_it_owes_is_blamed_on_the_claim() -> None:
    plan = plan_of(entry("A"))

    assert {c.cause for c in follow(plan, np.ones(len(plan), dtype=np.bool_)).changes()} == {Cause.CLAIM}


def test_it_takes_no_listing_off_sale() -> None:
    low = {"rules": (rule({"warning_level": 5}),)}
    base = state({"A": 0}, entry("A"), claims=(claim("A", 2),), topology=low)
    plan = planned(base, can_unlist=True)

    assert [c.unlist for c in follow(plan, np.ones(len(plan), dtype=np.bool_)).changes()] == [False]


# --- claims and the guard ------------------------------------------------------------------------------


def decided(stock: tuple[Any, ...], *rows: ListingRow, sold: int) -> Decision:
    base = state(stock, *rows, claims=(claim("A", sold),) if sold else ())
    return decide(base, Question(record=Record(shops=KNOWN)))


def causes(decision: Decision) -> list[Cause]:
    return [change.cause for change in decision.plan.changes()]


@pytest.mark.parametrize(
    ("left", "sold", "cause"),
    [(10, 10, Cause.CLAIM), (0, 10, Cause.SNAPSHOT), (3, 10, Cause.CLAIM), (9, 1, Cause.CLAIM)],
)
def test_a_claim_is_blamed_only_for_a_zero_that_would_not_be_without_it(
    left: int, sold: int, cause: Cause
) -> None:
    assert causes(decided((cell("A", left),), entry("A"), sold=sold)) == [cause]


def with_vanished(virtual: int, sold: int) -> Decision:
    """Return what is decided of a SKU that vanished and of which so many virtual units may still be sold."""
    extra = VirtualStock(sku=Sku("A"), warehouse=W, units=virtual)
    base = state(
        (cell("A", 10, missed=2),), entry("A"), claims=(claim("A", sold),), topology={"virtual": (extra,)}
    )
    return decide(base, Question(record=Record(shops=KNOWN)))


@pytest.mark.parametrize(
    ("virtual", "sold", "cause"),
    [
        # Without the claim it would read 10 as it does: the sale alone takes it to 8.
        (10, 2, Cause.CLAIM),
        # Without the claim it would read 9: the snapshot takes its part.
        (9, 2, Cause.SNAPSHOT),
        (0, 2, Cause.SNAPSHOT),
    ],
)
def test_of_what_vanished_the_claims_must_explain_all(virtual: int, sold: int, cause: Cause) -> None:
    assert causes(with_vanished(virtual, sold)) == [cause]


def test_what_vanished_is_held_but_for_what_the_sale_explains() -> None:
    decision = with_vanished(9, 2)

    assert [(c.new, c.cause) for c in decision.going()] == [(8, Cause.CLAIM)]


def test_a_delisting_takes_along_no_listing_of_its_item_that_is_held() -> None:
    low = {"rules": (rule({"warning_level": 5}),)}
    rows = (entry("A", item=item("I")), entry("B", item=item("I")))
    base = state((cell("A", 10, missed=2), cell("B", 3)), *rows, topology=low)

    traits = {A: ShopTraits(can_unlist=True, unlists_items=True)}
    decision = decide(base, Question(record=Record(shops=KNOWN), traits=traits))

    assert [(c.listing, c.unlist) for c in decision.going()] == [("B", False)]
