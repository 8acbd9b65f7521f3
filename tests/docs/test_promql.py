"""The tokenizer reads what the dashboards and rules write, and refuses what it does not understand."""

import pytest

from tests.docs.promql import Matcher, named

BOTH = 'sum by (shop) (rate(a_total{shop=~"$shop", outcome!="done"}[5m])) / sum(b) > 0.2'


def test_metrics_are_told_from_functions_and_words() -> None:
    assert named(BOTH).metrics == {"a_total", "b"}
    assert named("time() - max(x_seconds) > 2 * 86400 and on (job) y == 1").metrics == {"x_seconds", "y"}


def test_a_selector_names_what_it_asks_of_labels() -> None:
    (first, second) = named(BOTH).selectors
    assert first == ("a_total", [Matcher("shop", "=~", "$shop"), Matcher("outcome", "!=", "done")])
    assert second == ("b", [])


def test_labels_are_named_by_groupings_wherever_they_stand() -> None:
    assert named("sum(a) by (x) / on (y) group_left (z) b").grouped == {"x", "y", "z"}
    assert named("sum without (x, y) (a)").grouped == {"x", "y"}


@pytest.mark.parametrize(
    "expression",
    [
        "rate(a_total[5m]",
        "rate(a_total[5m]))",
        "rate(a_total[5 apples])",
        "frobnicate(a)",
        'a{shop="x"',
        'a{shop: "x"}',
        "a{shop=x}",
        "a ? b",
        'sum by shop (a{x="1"})',
        '{__name__="a"}',
        "5m",
    ],
)
def test_what_is_not_understood_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        named(expression)
