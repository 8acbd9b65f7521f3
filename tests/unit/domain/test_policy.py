"""Policies and gates are filters: each stops its own kinds of change, and says why in words."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from syncd.domain.decision import Question, decide
from syncd.domain.guard import Record
from syncd.domain.model import ListingId, ListingRow
from syncd.domain.plan import Plan, ShopTraits
from syncd.domain.policy import Stop, gates, policies, take_first, without_delisting
from syncd.domain.records import ShopState, ShopStatus
from syncd.domain.topology import PolicyName, PoolMode, Shop
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import ERP, KNOWN, A, B, by_listing, cell, claim, entry, planned, rule, state

BELOW = rule({"warning_level": 5}, skus=("OFF",))
STOCK = {"ZERO": 0, "OFF": 3, "LOWER": 8, "RELIST": 10, "RAISE": 12}
ALL = frozenset(STOCK)
RAISES = frozenset({"RELIST", "RAISE"})


def one_of_each(shop: str = "a") -> list[ListingRow]:
    """Return a listing for every kind of change, named after it."""
    down: dict[str, Any] = {"on_sale": False, "delisted_by": "syncd", "desired": 0, "want_off": True}
    return [entry(sku, shop=shop, **(down if sku == "RELIST" else {})) for sku in STOCK]


def every_kind(*shops: Shop, **topology: Any) -> Plan:  # noqa: ANN401
    rows = [row for shop in shops for row in one_of_each(shop.name)]
    settings = {"rules": (BELOW,)} | topology
    return planned(state(STOCK, *rows, of=shops, topology=settings), can_unlist=True)


def stopped(plan: Plan, stop: np.ndarray[Any, Any], shop: str = "a") -> dict[str, Stop]:
    rows = zip(plan.changes(), stop.tolist(), strict=True)
    return {change.listing: Stop(why) for change, why in rows if change.shop == shop and why}


def test_the_desk_has_every_kind_of_change() -> None:
    kinds = {name: change.kind.name for name, change in by_listing(every_kind(Shop(name=A))).items()}

    assert kinds == {name: name for name in STOCK}


# --- policies ------------------------------------------------------------------------------------------

POLICIES = [
    (PolicyName.FULL, Stop.GO, frozenset[str]()),
    (PolicyName.NO_RAISE, Stop.NO_RAISE, RAISES),
    (PolicyName.NO_DELIST, Stop.NO_DELIST, frozenset({"OFF"})),
    (PolicyName.FREEZE, Stop.FREEZE, ALL),
    (PolicyName.DRY_RUN, Stop.DRY_RUN, ALL),
]


@pytest.mark.parametrize(("policy", "why", "kinds"), POLICIES)
def test_a_policy_of_a_shop_stops_its_own_kinds(policy: PolicyName, why: Stop, kinds: frozenset[str]) -> None:
    plan = every_kind(Shop(name=A, policy=policy))

    assert stopped(plan, policies(plan, KNOWN)) == dict.fromkeys(kinds, why)


@pytest.mark.parametrize(("policy", "why", "kinds"), POLICIES)
def test_a_global_policy_stops_its_own_kinds(policy: PolicyName, why: Stop, kinds: frozenset[str]) -> None:
    plan = every_kind(Shop(name=A), policy=policy)

    assert stopped(plan, policies(plan, KNOWN)) == dict.fromkeys(kinds, why)


def test_a_policy_of_one_shop_leaves_the_other_alone() -> None:
    plan = every_kind(Shop(name=A, policy=PolicyName.DRY_RUN), Shop(name=B))

    assert not stopped(plan, policies(plan, KNOWN), shop="b")


def test_a_shop_that_is_full_does_not_lift_the_global_policy() -> None:
    plan = every_kind(Shop(name=A, policy=PolicyName.NO_DELIST), policy=PolicyName.NO_RAISE)

    assert stopped(plan, policies(plan, KNOWN)) == dict.fromkeys(RAISES, Stop.NO_RAISE) | {
        "OFF": Stop.NO_DELIST
    }


@pytest.mark.parametrize("status", [ShopStatus.PAUSED, ShopStatus.FROZEN, ShopStatus.RETIRED])
def test_a_shop_that_a_person_stopped_is_frozen(status: ShopStatus) -> None:
    plan = every_kind(Shop(name=A))

    assert stopped(plan, policies(plan, {A: ShopState(name=A, status=status)})) == dict.fromkeys(
        ALL, Stop.FREEZE
    )


def test_a_shop_that_was_never_heard_of_is_not_frozen() -> None:
    plan = every_kind(Shop(name=A))

    assert not stopped(plan, policies(plan, {}))


def test_a_dry_run_lets_nothing_go() -> None:
    base = state(STOCK, *one_of_each(), of=(Shop(name=A, policy=PolicyName.DRY_RUN),))

    assert decide(base, Question(record=Record(shops=KNOWN))).going() == []


def test_what_a_dry_run_stops_is_not_held_too() -> None:
    skus = [f"S{number}" for number in range(10)]
    dry = Shop(name=A, policy=PolicyName.DRY_RUN)
    base = state(dict.fromkeys(skus, 0), *(entry(sku) for sku in skus), of=(dry,))

    assert decide(base, Question(record=Record(shops=KNOWN))).verdict.holds == ()


# --- no_delist -----------------------------------------------------------------------------------------


def unlists(plan: Plan) -> dict[str, bool]:
    return {change.listing: change.unlist for change in without_delisting(plan).changes()}


@pytest.mark.parametrize("place", ["shop", "global"])
def test_no_delist_brings_to_zero_instead(place: str) -> None:
    policy = PolicyName.NO_DELIST
    plan = (
        every_kind(Shop(name=A, policy=policy))
        if place == "shop"
        else every_kind(Shop(name=A), policy=policy)
    )

    assert not unlists(plan)["OFF"]


def test_without_the_policy_a_delisting_stays_one() -> None:
    assert unlists(every_kind(Shop(name=A)))["OFF"]


def test_no_delist_of_one_shop_leaves_the_other_alone() -> None:
    plan = without_delisting(every_kind(Shop(name=A), Shop(name=B, policy=PolicyName.NO_DELIST)))

    assert {c.shop: c.unlist for c in plan.changes() if c.listing == "OFF"} == {A: True, B: False}


def test_no_delist_stops_what_reads_zero_already() -> None:
    row = entry("OFF", 0)
    shop = Shop(name=A, policy=PolicyName.NO_DELIST)
    plan = without_delisting(
        planned(state(STOCK, row, of=(shop,), topology={"rules": (BELOW,)}), can_unlist=True)
    )

    assert stopped(plan, policies(plan, KNOWN)) == {"OFF": Stop.NO_DELIST}


def test_no_delist_lets_the_zero_go() -> None:
    plan = without_delisting(every_kind(Shop(name=A, policy=PolicyName.NO_DELIST)))

    assert not stopped(plan, policies(plan, KNOWN))


# --- gates ---------------------------------------------------------------------------------------------


def test_nothing_is_raised_on_a_source_that_is_silent() -> None:
    plan = planned(state(STOCK, *one_of_each(), stale=frozenset({ERP})))

    assert stopped(plan, gates(plan)) == dict.fromkeys(RAISES, Stop.SHAKY)


@pytest.mark.parametrize("trouble", [{"bad": True}, {"missed": 1}])
def test_nothing_is_raised_on_a_figure_that_was_not_believed(trouble: dict[str, Any]) -> None:
    plan = planned(state((cell("A", 12, **trouble), cell("B", 12)), entry("A"), entry("B")))

    assert stopped(plan, gates(plan)) == {"A": Stop.SHAKY}


@pytest.mark.parametrize("trouble", [{"bad": True}, {"missed": 1}])
def test_what_was_not_believed_still_lowers(trouble: dict[str, Any]) -> None:
    plan = planned(state((cell("A", 8, **trouble),), entry("A")))

    assert (len(plan), stopped(plan, gates(plan))) == (1, {})


@pytest.mark.parametrize(("promised", "why"), [(10, {}), (11, {"A": Stop.DEFICIT})])
def test_nothing_is_raised_of_a_sku_that_is_promised_twice(promised: int, why: dict[str, Stop]) -> None:
    floor = rule({"floor": 3})
    base = state((cell("A", 10, locked=promised), cell("B", 10)), entry("A", 1), entry("B", 1))
    plan = planned(state(base.stock, *base.listings, topology={"rules": (floor,)}))  # type: ignore[arg-type]

    assert stopped(plan, gates(plan)) == why


def test_what_virtual_stock_covers_is_no_deficit() -> None:
    plan = planned(state((cell("A", 10, allocated=12, virtual=5),), entry("A", 1)))

    assert (len(plan), stopped(plan, gates(plan))) == (1, {})


# --- take before give ----------------------------------------------------------------------------------


def split(*rows: ListingRow, stock: int = 20, **settings: Any) -> Plan:  # noqa: ANN401
    return planned(state({"A": stock}, *rows, pool={"mode": PoolMode.SPLIT}, **settings))


def waits(plan: Plan, *proven: str) -> set[str]:
    done = np.array([change.shop in proven for change in plan.changes()], dtype=np.bool_)
    rows = zip(plan.changes(), take_first(plan, done).tolist(), strict=True)
    return {change.shop for change, wait in rows if wait}


TAKEN, GIVEN = entry("A", 15), entry("A", 5, shop="b")


def test_a_raise_in_a_split_pool_waits_for_the_taking() -> None:
    assert waits(split(TAKEN, GIVEN)) == {B}


def test_a_raise_goes_once_the_taking_is_proven() -> None:
    assert waits(split(TAKEN, GIVEN), A) == set()


def test_in_a_shared_pool_no_raise_waits() -> None:
    plan = planned(state({"A": 12}, entry("A", 15), entry("A", 5, shop="b")))

    assert waits(plan) == set()


def test_a_raise_does_not_wait_for_what_reads_less_than_it_should() -> None:
    assert waits(split(entry("A", 5), entry("A", 5, shop="b"))) == set()


def test_a_raise_does_not_wait_for_another_sku() -> None:
    rows = (entry("A", 15), entry("B", 5), entry("A", 10, shop="b"), entry("B", 5, shop="b"))
    plan = planned(state({"A": 20, "B": 20}, *rows, pool={"mode": PoolMode.SPLIT}))

    assert waits(plan) == set()


def test_a_raise_waits_for_a_listing_that_was_never_read() -> None:
    assert waits(split(entry("A", None), GIVEN)) == {B}


def test_a_raise_waits_for_a_counter_whose_highest_reading_is_too_high() -> None:
    assert waits(split(entry("A", 15, expected_lo=10), GIVEN)) == {B}


@pytest.mark.parametrize(
    ("other", "waiting"),
    [
        (ShopState(name=A), {B}),
        (ShopState(name=A, status=ShopStatus.PAUSED), {B}),
        (ShopState(name=A, status=ShopStatus.RETIRED), set()),
        (ShopState(name=A, observed_at=NOW - timedelta(days=9)), set()),
    ],
)
def test_a_raise_waits_until_every_shop_of_the_pool_was_read(other: ShopState, waiting: set[str]) -> None:
    shops = (Shop(name=A), Shop(name=B))
    plan = split(GIVEN, of=shops, shops=KNOWN | {A: other})

    assert waits(plan) == waiting


# --- words ---------------------------------------------------------------------------------------------


def test_only_what_goes_has_no_reason() -> None:
    assert [stop for stop in Stop if not stop.words] == [Stop.GO]


def test_no_two_stops_read_the_same() -> None:
    assert len({stop.words for stop in Stop}) == len(Stop)


# --- which reason is given -----------------------------------------------------------------------------


def why_not(question: Question, row: ListingRow, stock: int) -> set[Stop]:
    return set(map(Stop, decide(state({"A": stock}, row), question).stop.tolist()))


KEY = frozenset({(A, ListingId("A"))})
SAFE = Record(shops=KNOWN)


@pytest.mark.parametrize(
    ("question", "stock", "why"),
    [
        (Question(record=SAFE, foreign=KEY), 12, Stop.FOREIGN),
        (Question(record=SAFE, foreign=KEY), 8, Stop.GO),
        (Question(record=SAFE, fresh=frozenset()), 12, Stop.UNREAD),
        (Question(record=SAFE, fresh=frozenset()), 8, Stop.UNREAD),
        (Question(record=SAFE, fresh=KEY), 12, Stop.GO),
        (Question(record=SAFE, unresolved=KEY), 12, Stop.UNRESOLVED),
        (Question(record=SAFE, unresolved=KEY), 8, Stop.UNRESOLVED),
        (Question(record=SAFE, fresh=frozenset(), unresolved=KEY), 8, Stop.UNREAD),
        (Question(record=SAFE, fresh=frozenset(), unresolved=KEY), 0, Stop.HELD),
    ],
)
def test_a_change_stays_behind_for_the_first_reason(question: Question, stock: int, why: Stop) -> None:
    assert why_not(question, entry("A"), stock) == {why}


@pytest.mark.parametrize(("stock", "why"), [(12, Stop.UNREAD), (10, Stop.UNREAD), (8, Stop.GO), (7, Stop.GO)])
def test_a_counter_between_two_figures_is_read_again_before_it_is_raised(stock: int, why: Stop) -> None:
    # An absolute write is all that fits it, and that puts back what was sold since the reading.
    assert why_not(Question(record=SAFE), entry("A", 10, expected_lo=8), stock) == {why}


def test_a_counter_between_two_figures_is_among_what_must_be_read_again() -> None:
    base = state({"A": 12}, entry("A", 10, expected_lo=8))

    assert decide(base, Question(record=SAFE)).blind() == {A: ["A"]}


@pytest.mark.parametrize(("lo", "again"), [(8, {A: ["A"]}), (10, {})])
def test_a_counter_between_two_figures_is_read_again_and_lowered_all_the_same(
    lo: int, again: dict[str, list[str]]
) -> None:
    decision = decide(state({"A": 7}, entry("A", 10, expected_lo=lo)), Question())

    assert (decision.blind(), [change.new for change in decision.going()]) == (again, [7])


def test_a_zero_that_a_claim_demands_goes_on_an_old_reading() -> None:
    base = state({"A": 10}, entry("A"), claims=(claim("A", 10),))
    question = Question(record=SAFE, fresh=frozenset(), unresolved=KEY)

    assert [change.new for change in decide(base, question).going()] == [0]


def test_a_gross_counter_is_not_brought_to_what_is_withheld_on_an_old_reading() -> None:
    base = state({"A": 0}, entry("A", 20, withheld=3))
    question = Question(record=SAFE, fresh=frozenset(), traits={A: ShopTraits(gross=True)})

    assert decide(base, question).stop.tolist() == [Stop.UNREAD]
