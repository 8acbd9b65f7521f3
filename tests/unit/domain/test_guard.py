"""The guard counts what the snapshot or the configuration zeroes and raises, and nothing else."""

from typing import Any

import pytest

from syncd.domain.guard import Hold, Record, Verdict, direction_of, judge
from syncd.domain.held import ApprovalRow, Direction
from syncd.domain.model import ChangeKind, ListingId, ShopName, Sku
from syncd.domain.plan import Plan
from syncd.domain.records import GuardedCount, ShopState
from syncd.domain.topology import GuardLimits, Shop, VirtualStock
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import KNOWN, A, B, W, cell, claim, entry, planned, rule, state

SKUS = [f"S{number:02}" for number in range(10)]


def stock(*, zero: int = 0, skus: list[str] = SKUS, **others: int) -> dict[str, int]:
    """Return 10 of every SKU but of the first `zero`."""
    return {sku: 0 if place < zero else 10 for place, sku in enumerate(skus)} | others


def plan_of(figures: dict[str, int], *, guard: GuardLimits | None = None, skus: list[str] = SKUS) -> Plan:
    shop = Shop(name=A, guard=guard or GuardLimits())
    return planned(state(figures, *(entry(sku) for sku in skus), of=(shop,)))


def judged(plan: Plan, *approvals: ApprovalRow, sent: GuardedCount | None = None) -> Verdict:
    return judge(plan, Record(shops=KNOWN, sent=(sent,) if sent else (), approvals=approvals))


def broken(verdict: Verdict) -> list[tuple[str, int, int]]:
    return [(hold.setting, hold.limit, hold.value) for hold in verdict.holds]


def approval(sku: str, bound: int, direction: Direction = Direction.OFF, shop: str = "a") -> ApprovalRow:
    return ApprovalRow(ShopName(shop), ListingId(sku), direction, bound, NOW)


# --- off sale ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zero", "listings", "held"),
    [
        (0, 10, []),
        (3, 10, []),
        (4, 10, [("guard.max_off_percent", 30, 40)]),
        (8, 9, []),
        (9, 10, [("guard.max_off_percent", 30, 90)]),
        (10, 10, [("guard: all listings at once", 99, 100)]),
        (1, 1, [("guard: all listings at once", 99, 100)]),
        (2, 2, [("guard: all listings at once", 99, 100)]),
        (1, 2, []),
    ],
)
def test_zeros_are_held_above_the_share(zero: int, listings: int, held: list[tuple[str, int, int]]) -> None:
    skus = SKUS[:listings]

    assert broken(judged(plan_of(stock(zero=zero, skus=skus), skus=skus))) == held


@pytest.mark.parametrize(
    ("sent", "zero", "held"),
    [
        (1, 2, []),
        (2, 1, []),
        (2, 2, [("guard.max_off_percent", 30, 34)]),
        (3, 1, [("guard.max_off_percent", 30, 31)]),
        (9, 0, []),
    ],
)
def test_what_went_off_in_the_window_counts_with_the_listings_it_took(
    sent: int, zero: int, held: list[tuple[str, int, int]]
) -> None:
    verdict = judged(plan_of(stock(zero=zero)), sent=GuardedCount(A, sent, 0))

    assert broken(verdict) == held


def test_the_last_listings_of_a_small_shop_are_held_whatever_went_before() -> None:
    verdict = judged(plan_of(stock(zero=2, skus=SKUS[:2]), skus=SKUS[:2]), sent=GuardedCount(A, 1, 0))

    assert broken(verdict) == [("guard: all listings at once", 99, 100)]


def test_what_another_shop_sent_does_not_count() -> None:
    assert not judged(plan_of(stock(zero=3)), sent=GuardedCount(B, 9, 0)).holds


@pytest.mark.parametrize(("limit", "held"), [(2, []), (1, [("guard.max_off_count", 1, 2)])])
def test_zeros_are_held_above_the_count(limit: int, held: list[tuple[str, int, int]]) -> None:
    plan = plan_of(stock(zero=2), guard=GuardLimits(max_off_count=limit))

    assert broken(judged(plan)) == held


def test_all_zeros_are_held_where_their_share_is_too_large() -> None:
    assert int(judged(plan_of(stock(zero=4))).held.sum()) == 4


def test_what_only_lowers_is_not_held_with_the_zeros() -> None:
    verdict = judged(plan := plan_of(stock(zero=4, S09=5)))

    assert [c.listing for c in plan.where(~verdict.held).changes()] == ["S09"]


def test_zeros_that_claims_demand_are_not_counted() -> None:
    claims = tuple(claim(sku, 10) for sku in SKUS[:4])
    plan = planned(state(stock(), *(entry(sku) for sku in SKUS), claims=claims))

    assert not judged(plan).holds


def test_zeros_that_repair_a_counter_are_not_counted() -> None:
    rows = [entry(sku, desired=0 if place < 4 else 10) for place, sku in enumerate(SKUS)]

    assert not judged(planned(state(stock(zero=4), *rows))).holds


def test_zeros_that_a_new_configuration_demands_are_counted() -> None:
    plan = planned(state(stock(zero=4), *(entry(sku) for sku in SKUS)), reconfigured={A: True})

    assert judged(plan).holds


@pytest.mark.parametrize(
    "hidden",
    [
        {"on_sale": False},
        {"expected_lo": 0, "expected_hi": 0, "desired": 3},
        {"gone": True},
    ],
)
def test_a_listing_that_sells_nothing_is_no_part_of_the_whole(hidden: dict[str, Any]) -> None:
    # Of eleven, four would be 37 %.
    rows = [entry(sku) for sku in SKUS] + [entry("S10")._replace(**hidden)]
    plan = planned(state(stock(zero=4, S10=0), *rows))

    assert broken(judged(plan)) == [("guard.max_off_percent", 30, 40)]


def test_an_unbound_listing_on_sale_is_no_part_of_the_whole() -> None:
    plan = planned(state(stock(zero=10), *(entry(sku) for sku in SKUS), entry("", 5)))

    assert broken(judged(plan)) == [("guard: all listings at once", 99, 100)]


def test_a_delisting_counts_as_a_zero_does() -> None:
    below = {"rules": (rule({"warning_level": 5}),)}
    plan = planned(state(stock(zero=4), *(entry(sku) for sku in SKUS), topology=below), can_unlist=True)

    assert broken(judged(plan)) == [("guard.max_off_percent", 30, 40)]


# --- raises --------------------------------------------------------------------------------------------

FIRST = {A: ShopState(name=A)}


@pytest.mark.parametrize(
    ("to", "sent", "held"),
    [
        (310, 0, []),
        (311, 0, [("guard.max_raised_percent", 300, 301)]),
        (300, 10, []),
        (300, 11, [("guard.max_raised_percent", 300, 301)]),
    ],
)
def test_raises_are_held_above_a_share_of_what_is_on_sale(
    to: int, sent: int, held: list[tuple[str, int, int]]
) -> None:
    verdict = judged(plan_of(stock(S09=to)), sent=GuardedCount(A, 0, sent))

    assert broken(verdict) == held


def test_in_a_small_shop_no_share_is_too_large() -> None:
    assert not judged(plan_of(stock(skus=SKUS[:9], S01=9999), skus=SKUS[:9])).holds


@pytest.mark.parametrize(("limit", "held"), [(15, []), (14, [("guard.max_raised_units", 14, 15)])])
def test_raises_are_held_above_the_count(limit: int, held: list[tuple[str, int, int]]) -> None:
    plan = plan_of(stock(S08=15, S09=20), guard=GuardLimits(max_raised_units=limit))

    assert broken(judged(plan)) == held


def test_raises_that_are_held_do_not_hold_the_zeros() -> None:
    verdict = judged(plan := plan_of(stock(zero=1, S09=999)))

    assert [c.listing for c in plan.where(verdict.held).changes()] == ["S09"]


@pytest.mark.parametrize("shops", [FIRST, {}])
def test_a_first_fill_has_no_share(shops: dict[ShopName, ShopState]) -> None:
    rows = [entry(sku, desired=None) for sku in SKUS]
    plan = planned(state(stock(S09=999), *rows))

    assert not judge(plan, Record(shops=shops)).holds


def test_a_first_fill_has_a_count() -> None:
    shop = Shop(name=A, guard=GuardLimits(max_raised_units=100))
    plan = planned(state(stock(S09=999), *(entry(sku, desired=None) for sku in SKUS), of=(shop,)))

    assert broken(judge(plan, Record(shops=FIRST))) == [("guard.max_raised_units", 100, 989)]


def test_in_a_shop_that_was_never_filled_whole_what_was_filled_is_raised() -> None:
    plan = plan_of(stock(S09=999))

    assert broken(judge(plan, Record(shops=FIRST))) == [("guard.max_raised_percent", 300, 989)]


def test_a_new_listing_of_a_filled_shop_is_raised() -> None:
    rows = [entry(sku) for sku in SKUS] + [entry("S10", 0, desired=None)]

    assert judged(planned(state(stock(S10=999), *rows))).holds


def test_a_relisting_raises_all_that_it_shows() -> None:
    rows = [entry(sku) for sku in SKUS[:9]]
    rows.append(entry("S09", 300, on_sale=False, delisted_by="syncd", desired=0, want_off=True))
    rows.append(entry("S10"))

    verdict = judged(planned(state(stock(S09=310, S10=10), *rows)))

    assert broken(verdict) == [("guard.max_raised_percent", 300, 310)]


# --- SKUs that vanished --------------------------------------------------------------------------------


def test_what_two_snapshots_left_out_lowers_nothing() -> None:
    rows = (*(cell(sku, 10) for sku in SKUS[1:]), cell("S00", 10, missed=2))
    plan = planned(state(rows, *(entry(sku) for sku in SKUS)))

    assert broken(judged(plan)) == [("sources.*.max_missing", 0, 1)]


def test_what_two_snapshots_left_out_is_not_counted_with_the_zeros() -> None:
    rows = (*(cell(sku, 0 if sku < "S04" else 10) for sku in SKUS[1:]), cell("S00", 10, missed=2))
    verdict = judged(plan := planned(state(rows, *(entry(sku) for sku in SKUS))))

    assert [c.listing for c in plan.where(verdict.held).changes()] == ["S00"]


def test_what_two_snapshots_left_out_may_be_raised_on_virtual_stock() -> None:
    extra = VirtualStock(sku=Sku("S00"), warehouse=W, units=12)
    rows = (*(cell(sku, 10) for sku in SKUS[1:]), cell("S00", 10, missed=2))
    plan = planned(state(rows, *(entry(sku) for sku in SKUS), topology={"virtual": (extra,)}))

    assert (len(plan), judged(plan).holds) == (1, ())


def test_a_claim_lowers_even_what_two_snapshots_left_out() -> None:
    rows = (cell("S00", 10, missed=2), cell("S01", 10))
    base = state(rows, entry("S00"), entry("S01"), claims=(claim("S00", 10),))

    assert not judged(planned(base)).holds


# --- what a person released ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "goes"),
    [
        (approval("S00", 0), True),
        (approval("S00", 1), False),
        (approval("S00", 0, Direction.RAISE), False),
        (approval("S01", 0), False),
        (approval("S00", 0, shop="b"), False),
    ],
)
def test_an_approval_releases_a_zero_of_that_listing_in_that_direction(
    row: ApprovalRow, *, goes: bool
) -> None:
    figures = {"S00": 0}
    plan = plan_of(figures, skus=["S00"])

    assert bool(judged(plan, row).holds) is not goes


@pytest.mark.parametrize(("bound", "goes"), [(998, False), (999, True), (1000, True)])
def test_an_approval_releases_a_raise_up_to_its_bound(bound: int, *, goes: bool) -> None:
    verdict = judged(plan_of(stock(S09=999)), approval("S09", bound, Direction.RAISE))

    assert bool(verdict.holds) is not goes


def test_what_is_released_does_not_use_up_the_limit() -> None:
    assert not judged(plan_of(stock(zero=4)), approval("S00", 0)).holds


def test_what_is_released_goes_though_others_are_held() -> None:
    verdict = judged(plan := plan_of(stock(zero=5)), approval("S00", 0))

    assert [c.listing for c in plan.where(~verdict.held).changes()] == ["S00"]


def test_an_approval_releases_what_vanished() -> None:
    rows = (*(cell(sku, 10) for sku in SKUS[1:]), cell("S00", 10, missed=2))
    plan = planned(state(rows, *(entry(sku) for sku in SKUS)))

    assert not judged(plan, approval("S00", 0)).holds


# --- what people read ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "direction"),
    [
        (ChangeKind.ZERO, Direction.OFF),
        (ChangeKind.OFF, Direction.OFF),
        (ChangeKind.LOWER, Direction.OFF),
        (ChangeKind.RELIST, Direction.RAISE),
        (ChangeKind.RAISE, Direction.RAISE),
    ],
)
def test_every_kind_has_the_direction_that_an_approval_names(kind: ChangeKind, direction: Direction) -> None:
    assert direction_of(kind) is direction


@pytest.mark.parametrize(
    ("direction", "said"), [(Direction.OFF, "go off sale"), (Direction.RAISE, "be raised")]
)
def test_a_hold_names_shop_setting_limit_value_and_the_way_out(direction: Direction, said: str) -> None:
    hold = Hold(shop=A, direction=direction, setting="guard.x", limit=30, value=40, unit="%")

    assert hold.message("0123abcd") == (
        f"shop a: 40% would {said}, the limit is 30% (guard.x); release it once with: syncd approve 0123abcd"
    )


def test_held_changes_can_be_approved_as_far_as_they_would_go() -> None:
    verdict = judged(plan := plan_of(stock(S09=999)))

    assert [row[:5] for row in verdict.rows(plan, "d")] == [("d", "a", "S09", Direction.RAISE, 999)]


def test_a_held_change_says_what_it_is_and_what_holds_it() -> None:
    verdict = judged(plan := plan_of(stock(S09=999)))

    (row,) = verdict.rows(plan, "d")

    assert (row.sku, row.kind, row.old, row.cause) == ("S09", "raise", 10, "snapshot")
    assert (row.setting, row.limit, row.value, row.unit) == ("guard.max_raised_percent", 300, 989, "%")
