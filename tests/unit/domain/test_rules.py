"""Which rule decides: the last match wins, setting by setting, for every pool, shop and SKU."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import PoolName, ShopName, Sku, WarehouseName
from syncd.domain.rules import Edge, RuleTable, compile_rules, edges_of, is_glob
from syncd.domain.topology import RULE_DEFAULTS, Pool, PoolMode, Rule

EDGES = tuple(Edge(pool=PoolName(pool), shop=ShopName(shop)) for pool in ("p", "q") for shop in ("a", "b"))
SKUS = tuple(map(Sku, ("A", "A-1", "A-2", "B", "a", "[x]")))


def rule(name: str, cap: int = 1, **match: Any) -> Rule:  # noqa: ANN401
    return Rule(name=name, values={"cap": cap}, **match)


def caps(*rules: Rule) -> dict[tuple[str, str, str], int]:
    """Return every cap that a rule decided, by pool, shop and SKU."""
    table = compile_rules(rules, EDGES, SKUS)
    return {
        (edge.pool, edge.shop, sku): int(table.of("cap", e, np.array([s]))[0])
        for e, edge in enumerate(EDGES)
        for s, sku in enumerate(SKUS)
        if table.decider("cap", e, s) != "default"
    }


def decider(table: RuleTable, setting: str) -> str:
    return table.decider(setting, 0, 0)


def test_without_rules_everything_has_its_default() -> None:
    table = compile_rules((), EDGES, SKUS)

    assert {name: int(table.of(name, 0, np.array([0]))[0]) for name in RULE_DEFAULTS} == {
        **RULE_DEFAULTS,
        "relist_level": 1,
    }


def test_without_rules_nothing_but_the_default_decides() -> None:
    assert decider(compile_rules((), EDGES, SKUS), "cap") == "default"


def test_a_rule_without_a_match_is_for_all() -> None:
    assert len(caps(rule("r"))) == len(EDGES) * len(SKUS)


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ({"skus": ("A",)}, {"A"}),
        ({"skus": ("A", "B")}, {"A", "B"}),
        ({"skus": ("A*",)}, {"A", "A-1", "A-2"}),
        ({"skus": ("A-?",)}, {"A-1", "A-2"}),
        ({"skus": ("A-[1]",)}, {"A-1"}),
        ({"skus": ("?",)}, {"A", "B", "a"}),
        ({"skus": ("*",)}, set(SKUS)),
        ({"skus": ("a",)}, {"a"}),
        ({"skus": ("B", "A-*")}, {"B", "A-1", "A-2"}),
        ({"skus": ("[x]",)}, set()),
        ({"skus": ("[[]x]",)}, {"[x]"}),
        ({"skus": ("nobody",)}, set()),
        ({"skus": ("-1",)}, set()),
    ],
)
def test_a_rule_is_for_the_skus_it_names(match: dict[str, Any], found: set[str]) -> None:
    assert {sku for _, _, sku in caps(rule("r", **match))} == found


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ({}, {"pa", "pb", "qa", "qb"}),
        ({"pools": ("p",)}, {"pa", "pb"}),
        ({"shops": ("b",)}, {"pb", "qb"}),
        ({"pools": ("q",), "shops": ("a",)}, {"qa"}),
        ({"pools": ("p", "q"), "shops": ("a",)}, {"pa", "qa"}),
        ({"pools": ("x",)}, set()),
        ({"skus": ("A",), "shops": ("b",)}, {"pb", "qb"}),
    ],
)
def test_a_rule_is_for_the_pools_and_shops_it_names(match: dict[str, Any], found: set[str]) -> None:
    assert {pool + shop for pool, shop, _ in caps(rule("r", **match))} == found


def test_the_last_match_wins() -> None:
    assert caps(rule("one", 1), rule("two", 2, skus=("A",)))["p", "a", "A"] == 2


def test_a_general_rule_that_comes_last_wins_too() -> None:
    assert caps(rule("one", 1, skus=("A",)), rule("two", 2))["p", "a", "A"] == 2


def test_a_rule_that_does_not_match_changes_nothing() -> None:
    assert caps(rule("one", 1), rule("two", 2, skus=("A",)))["p", "a", "B"] == 1


def test_each_setting_has_its_own_last_match() -> None:
    rules = (Rule(name="one", values={"cap": 1, "buffer": 1}), Rule(name="two", values={"cap": 2}))
    table = compile_rules(rules, EDGES, SKUS)

    assert (decider(table, "cap"), decider(table, "buffer")) == ("two", "one")


@pytest.mark.parametrize(
    ("warning", "relist", "resolved"), [(5, 8, 8), (5, 6, 6), (5, 5, 6), (5, 2, 6), (5, -1, 6), (0, -1, 1)]
)
def test_the_relist_level_stands_above_the_warning_level(warning: int, relist: int, resolved: int) -> None:
    values = {"warning_level": warning, "relist_level": relist}
    table = compile_rules((Rule(name="r", values=values),), EDGES, SKUS)

    assert table.of("relist_level", 0, np.array([0])).tolist() == [resolved]


@pytest.mark.parametrize(
    ("pattern", "glob"), [("A", False), ("A*", True), ("A?", True), ("[A]", True), ("A]", False), ("", False)]
)
def test_what_can_match_more_than_it_spells(pattern: str, *, glob: bool) -> None:
    assert is_glob(pattern) is glob


def test_edges_stand_by_pool_in_order_and_by_shop_name() -> None:
    pools = [
        Pool(
            name=PoolName(name),
            mode=PoolMode.SHARED,
            warehouses=(WarehouseName(name),),
            shops=tuple(map(ShopName, shops)),
        )
        for name, shops in (("z", "cab"), ("y", "ba"))
    ]

    assert [edge.pool + edge.shop for edge in edges_of(pools)] == ["za", "zb", "zc", "ya", "yb"]


MATCHES: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    pools=st.sampled_from([(), ("p",), ("q",)]),
    shops=st.sampled_from([(), ("a",), ("a", "b")]),
    skus=st.sampled_from([(), ("A",), ("A*",), ("B", "a"), ("no",)]),
)


@given(st.lists(st.tuples(MATCHES, st.integers(0, 9)), max_size=6))
def test_the_table_says_what_reading_the_rules_one_by_one_says(drawn: list[tuple[Any, int]]) -> None:
    rules = [rule(f"r{place}", cap, **match) for place, (match, cap) in enumerate(drawn)]
    slowly = {
        (edge.pool, edge.shop, sku): one.values["cap"]
        for one in rules
        for edge in EDGES
        for sku in SKUS
        if (not one.pools or edge.pool in one.pools)
        and (not one.shops or edge.shop in one.shops)
        and (not one.skus or sku in one.skus or ("A*" in one.skus and sku.startswith("A")))
    }

    assert caps(*rules) == slowly
