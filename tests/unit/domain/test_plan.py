"""A plan is the difference between what counters should and what they can read, with its cause."""

from typing import Any

import pytest

from syncd.domain.book import make_book
from syncd.domain.deciders import deciding_rule
from syncd.domain.model import Cause, ChangeKind, ListingId, ListingRow, Sku
from syncd.domain.pipeline import compute
from syncd.domain.plan import Plan, ShopTraits, make_plan
from syncd.domain.records import LevelRow
from syncd.domain.topology import Bundle, PoolMode, Repeated, Rule, Shop
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import A, B, P, by_listing, cell, claim, entry, item, planned, rule, state

DOWN: dict[str, Any] = {"on_sale": False, "delisted_by": "syncd", "desired": 0, "want_off": True}
BELOW = {"rules": (rule({"warning_level": 5}),)}


def kind_of(row: ListingRow, stock: int, **settings: Any) -> ChangeKind | None:  # noqa: ANN401
    changes = by_listing(planned(state({"A": stock}, row, **settings), can_unlist=True))
    return changes[row.id].kind if changes else None


# --- kinds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stock", "lo", "hi", "kind"),
    [
        (10, 10, 10, None),
        (9, 10, 10, ChangeKind.LOWER),
        (11, 10, 10, ChangeKind.RAISE),
        (0, 10, 10, ChangeKind.ZERO),
        (0, 0, 0, None),
        (0, 0, 1, ChangeKind.ZERO),
        (10, 8, 10, ChangeKind.RAISE),
        (10, 10, 12, ChangeKind.LOWER),
        (10, 8, 12, ChangeKind.RAISE),
        (10, -2, -2, ChangeKind.RAISE),
        (0, -2, -2, ChangeKind.RAISE),
    ],
)
def test_a_change_is_what_brings_the_counter_where_it_should_be(
    stock: int, lo: int, hi: int, kind: ChangeKind | None
) -> None:
    assert kind_of(entry("A", expected_lo=lo, expected_hi=hi), stock) is kind


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"delisted_by": "syncd"}, ChangeKind.RELIST),
        ({"delisted_by": "syncd_again"}, ChangeKind.RELIST),
        ({"delisted_by": "platform"}, ChangeKind.RELIST),
        ({"delisted_by": "person"}, None),
        ({"delisted_by": "violation"}, None),
        ({"delisted_by": ""}, None),
    ],
)
def test_only_what_we_took_down_is_put_back(settings: dict[str, Any], kind: ChangeKind | None) -> None:
    assert kind_of(entry("A", on_sale=False, **settings), 10) is kind


def test_what_shows_more_than_it_should_is_lowered_before_it_is_put_back() -> None:
    # In a split pool a raise waits until all that shows too much was lowered: it would wait for itself.
    assert kind_of(entry("A", 12, on_sale=False, delisted_by="platform"), 10) is ChangeKind.LOWER


def test_nothing_is_put_back_to_sell_nothing() -> None:
    assert kind_of(entry("A", 0, **DOWN), 0) is None


@pytest.mark.parametrize(
    ("reads", "settings", "kind"),
    [
        (10, {}, ChangeKind.OFF),
        (0, {}, ChangeKind.OFF),
        (0, {"on_sale": None}, ChangeKind.OFF),
        (0, DOWN, None),
        (3, DOWN, ChangeKind.OFF),
        (0, {"on_sale": False, "delisted_by": "person"}, None),
    ],
)
def test_below_the_warning_level_a_listing_goes_off(
    reads: int, settings: dict[str, Any], kind: ChangeKind | None
) -> None:
    assert kind_of(entry("A", reads, **settings), 4, topology=BELOW) is kind


@pytest.mark.parametrize(
    "settings",
    [
        {"expected_lo": None, "expected_hi": None},
        {"sku": Sku("")},
        {"sku": Sku("nobody-knows")},
        {"gone": True},
    ],
)
def test_what_is_not_known_has_no_change(settings: dict[str, Any]) -> None:
    assert kind_of(entry("A")._replace(**settings), 0) is None


def test_a_shop_that_cannot_be_written_has_no_change() -> None:
    assert kind_of(entry("A"), 0, unwritable=frozenset({A})) is None


def test_a_cell_that_nobody_knows_is_no_zero() -> None:
    assert not len(planned(state({"B": 5}, entry("A"))))


# --- counters ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("withheld", "gross", "new"), [(3, True, 10), (3, False, 7), (0, True, 7)])
def test_a_gross_counter_includes_what_is_withheld(withheld: int, *, gross: bool, new: int) -> None:
    plan = planned(state({"A": 7}, entry("A", 20, withheld=withheld)), gross=gross)

    assert by_listing(plan)["A"].new == new


def test_a_gross_counter_that_sells_nothing_is_brought_to_what_is_withheld() -> None:
    change = by_listing(planned(state({"A": 0}, entry("A", 20, withheld=3)), gross=True))["A"]

    assert (change.kind, change.new) == (ChangeKind.ZERO, 3)


def test_no_counter_is_set_higher_than_the_shop_takes() -> None:
    plan = planned(state({"A": 70}, entry("A", 20)), max_quantity=50)

    assert by_listing(plan)["A"].new == 50


def test_a_counter_at_the_most_that_the_shop_takes_is_left() -> None:
    assert not len(planned(state({"A": 70}, entry("A", 50)), max_quantity=50))


@pytest.mark.parametrize(("lo", "hi", "old"), [(20, 20, 20), (15, 20, None), (0, 0, 0)])
def test_the_old_figure_is_said_only_where_it_is_certain(lo: int, hi: int, old: int | None) -> None:
    plan = planned(state({"A": 30}, entry("A", expected_lo=lo, expected_hi=hi)))

    assert by_listing(plan)["A"].old == old


@pytest.mark.parametrize(
    ("row", "stock", "units"),
    [
        (entry("A", 10), 25, 15),
        (entry("A", 10), 5, 0),
        (entry("A", 10), 0, 0),
        (entry("A", 10, **DOWN), 25, 25),
        (entry("A", expected_lo=8, expected_hi=12), 25, 25),
    ],
)
def test_raised_units_are_what_buyers_could_not_buy_before(row: ListingRow, stock: int, units: int) -> None:
    assert planned(state({"A": stock}, row)).raised_units().tolist() == [units]


# --- taking off sale -----------------------------------------------------------------------------------


def unlists(*rows: ListingRow, **traits: Any) -> dict[str, bool]:  # noqa: ANN401
    low = {"rules": (rule({"warning_level": 5}, skus=("A", "B")),)}
    base = state({"A": 3, "B": 3, "C": 9}, *rows, topology=low)
    return {c.listing: c.unlist for c in planned(base, **({"can_unlist": True} | traits)).changes()}


def test_a_shop_that_cannot_take_down_is_brought_to_zero() -> None:
    assert unlists(entry("A"), can_unlist=False) == {"A": False}


def test_a_listing_that_reads_zero_where_nothing_can_be_taken_down_is_left() -> None:
    assert unlists(entry("A", 0), can_unlist=False) == {}


@pytest.mark.parametrize(
    ("settings", "unlist"),
    [
        ({}, True),
        ({"on_sale": None}, True),
        ({"delisted_by": "put_back"}, True),
        ({"delisted_by": "left"}, False),
        ({"on_sale": False, "delisted_by": "syncd"}, False),
    ],
)
def test_what_a_person_insists_on_is_only_emptied(settings: dict[str, Any], *, unlist: bool) -> None:
    assert unlists(entry("A", **settings)) == {"A": unlist}


@pytest.mark.parametrize(
    ("sibling", "unlist"),
    [
        (entry("B"), True),
        (entry("C", 9), False),
        (entry(""), False),
        (entry("C", 9, gone=True), True),
        (entry("C", 9, item=item("J")), True),
        (entry("C", 9, shop="b"), True),
    ],
)
def test_an_item_is_taken_down_whole_or_not_at_all(sibling: ListingRow, *, unlist: bool) -> None:
    other = sibling if sibling.item == "J" else sibling._replace(item=item("I"))

    assert unlists(entry("A", item=item("I")), other, unlists_items=True)["A"] is unlist


def test_where_listings_stand_alone_a_healthy_one_keeps_no_other() -> None:
    rows = (entry("A", item=item("I")), entry("C", 9, item=item("I")))

    assert unlists(*rows)["A"]


@pytest.mark.parametrize(("before", "after"), [("", "syncd"), ("put_back", "syncd_again")])
def test_what_a_person_put_back_is_remembered_as_taken_again(before: str, after: str) -> None:
    plan = planned(state({"A": 3}, entry("A", delisted_by=before), topology=BELOW), can_unlist=True)

    assert by_listing(plan)["A"].delisted_by == after


# --- causes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stock", "desired", "claimed", "reconfigured", "cause"),
    [
        (8, 10, 0, False, Cause.SNAPSHOT),
        (8, 8, 0, False, Cause.REPAIR),
        (8, 8, 0, True, Cause.REPAIR),
        (8, 10, 0, True, Cause.CONFIG),
        (9, 10, 1, False, Cause.CLAIM),
        (9, 10, 1, True, Cause.CONFIG),
        (20, 10, 1, False, Cause.SNAPSHOT),
        (9, 8, 1, False, Cause.REPAIR),
        (8, None, 0, False, Cause.SNAPSHOT),
    ],
)
def test_a_change_has_the_cause_that_made_it(
    stock: int, desired: int | None, claimed: int, *, reconfigured: bool, cause: Cause
) -> None:
    claims = (claim("A", claimed),) if claimed else ()
    base = state({"A": stock}, entry("A", 10, desired=desired), claims=claims)

    assert by_listing(planned(base, reconfigured={A: reconfigured}))["A"].cause is cause


def test_a_claim_of_one_shop_is_the_cause_in_the_other() -> None:
    base = state({"A": 10}, entry("A"), entry("A", shop="b"), claims=(claim("A", 2),))

    assert {c.shop: c.cause for c in planned(base).changes()} == {A: Cause.CLAIM, B: Cause.CLAIM}


def test_a_listing_that_only_goes_off_has_the_snapshot_as_cause() -> None:
    base = state({"A": 4}, entry("A", 0), topology=BELOW)

    assert by_listing(planned(base, can_unlist=True))["A"].cause is Cause.SNAPSHOT


def test_a_changed_configuration_of_one_shop_is_no_cause_in_the_other() -> None:
    base = state({"A": 8}, entry("A"), entry("A", shop="b"))

    assert {c.shop: c.cause for c in planned(base, reconfigured={B: True}).changes()} == {
        A: Cause.SNAPSHOT,
        B: Cause.CONFIG,
    }


# --- what decided --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "pools.p available"),
        ({"cap": 4}, "overrides[0] cap"),
        ({"buffer": 3}, "overrides[0] buffer"),
        ({"percent": 50}, "overrides[0] percent"),
        ({"extra": 2}, "overrides[0] extra"),
        ({"floor": 99}, "overrides[0] floor"),
        ({"warning_level": 20}, "overrides[0] warning_level"),
        ({"percent": 50, "cap": 4}, "overrides[0] cap"),
        ({"cap": 99}, "pools.p available"),
        ({"cap": 10}, "pools.p available"),
    ],
)
def test_the_setting_that_changed_the_figure_last_is_named(values: dict[str, int], said: str) -> None:
    figures = compute(make_book(state({"A": 10}, entry("A"), topology={"rules": (rule(values),)})))

    assert deciding_rule(figures, 0) == said


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((), "pools.p weight"),
        ((rule({"weight": 3}, name="shops.a"),), "shops.a weight"),
        ((rule({"cap": 4}),), "overrides[0] cap"),
    ],
)
def test_in_a_split_pool_the_weight_or_the_cap_decides(rules: tuple[Rule, ...], said: str) -> None:
    base = state({"A": 10}, entry("A"), pool={"mode": PoolMode.SPLIT}, topology={"rules": rules})

    assert deciding_rule(compute(make_book(base)), 0) == said


def test_a_shop_that_cannot_be_written_keeps_what_it_shows() -> None:
    base = state({"A": 10}, entry("A"), pool={"mode": PoolMode.SPLIT}, unwritable=frozenset({A}))

    assert deciding_rule(compute(make_book(base)), 0) == "shops.a unwritable"


@pytest.mark.parametrize("sku", ["", "nobody-knows"])
def test_nothing_decides_what_is_not_known(sku: str) -> None:
    base = state({"A": 10}, entry(sku))

    assert deciding_rule(compute(make_book(base)), 0) == "unknown"


def test_the_rule_of_a_component_decides_for_the_bundle() -> None:
    bundle = Bundle(sku=Sku("K"), components={Sku("A"): 1, Sku("B"): 1})
    rules = (rule({"cap": 2}, skus=("B",)),)
    base = state({"A": 10, "B": 10}, entry("K"), topology={"bundles": (bundle,), "rules": rules})

    assert deciding_rule(compute(make_book(base)), 0) == "overrides[0] cap"


# --- the plan as a value -------------------------------------------------------------------------------


def test_changes_are_sorted_by_shop_and_listing() -> None:
    rows = [entry(sku, shop=shop) for shop in "ba" for sku in "CAB"]
    plan = planned(state(dict.fromkeys("ABC", 1), *rows))

    found = [(c.shop, c.listing) for c in plan.changes()]
    assert found == sorted(found)


def test_the_digest_does_not_depend_on_the_time_or_the_cause() -> None:
    first = planned(state({"A": 8}, entry("A")))
    again = planned(state({"A": 8}, entry("A")), reconfigured={A: True})

    assert first.digest() == again.digest()


def test_the_digest_names_the_listings() -> None:
    first, other = (planned(state({sku: 8}, entry(sku))) for sku in "AB")

    assert first.digest() != other.digest()


def test_the_digest_names_the_shop() -> None:
    first, other = (planned(state({"A": 8}, entry("A", shop=shop))) for shop in "ab")

    assert first.digest() != other.digest()


def test_a_digest_is_sixteen_hex_digits() -> None:
    digest = planned(state({"A": 8}, entry("A"))).digest()

    assert (len(digest), set(digest) <= set("0123456789abcdef")) == (16, True)


def test_a_change_carries_what_a_write_needs() -> None:
    row = entry("A", code="X", item=item("I"), location="L", expected_lo=9)
    change = by_listing(planned(state({"A": 4}, row)))["A"]

    assert change[:6] == (A, "A", "I", "X", "L", "A")
    assert (change.lo, change.hi, change.on_sale) == (9, 10, True)


def test_traits_of_one_shop_are_not_those_of_the_other() -> None:
    figures = compute(make_book(state({"A": 70}, entry("A"), entry("A", shop="b"))))
    plan: Plan = make_plan(figures, {B: ShopTraits(max_quantity=50)}, {})

    assert {c.shop: c.new for c in plan.changes()} == {A: 70, B: 50}


def test_repeated_listings_that_mirror_each_show_all() -> None:
    shop = Shop(name=A, repeated=Repeated.MIRROR)
    rows = (entry("A"), entry("A", id=ListingId("again")))

    assert {c.new for c in planned(state({"A": 8}, *rows, of=(shop,))).changes()} == {8}


def test_a_vanished_sku_marks_its_changes() -> None:
    plan = planned(state((cell("A", 10, missed=2), cell("B", 8)), entry("A"), entry("B")))

    assert plan.vanished.tolist() == [True, False]


def test_what_is_off_already_comes_back_only_through_its_level() -> None:
    off = LevelRow(P, A, Sku("A"), NOW, 0, 7)
    base = state({"A": 10}, entry("A", 0, **DOWN), topology=BELOW, levels=(off,))

    assert not len(planned(base, can_unlist=True))
