"""Batches: each write once, in the fewest calls, the urgent ones first."""

from collections import Counter
from dataclasses import dataclass, replace
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.batches import broken, fill, limits_of
from syncd.domain.model import Action, ItemId, ListingId, Write
from syncd.ports.channel import ChannelTraits


@dataclass(frozen=True)
class Rule:
    max_batch: int = 3
    max_batch_listing: int = 2
    one_item_per_call: bool = False
    max_items: int = 0
    max_items_listing: int = 0
    max_per_item: int = 0


def write(key: int, action: Action = Action.SET, item: str = "a") -> Write:
    return Write(
        listing=ListingId(str(key)), item=ItemId(item), action=action, value=0, base=None, key=str(key)
    )


def keys(calls: list[tuple[Write, ...]]) -> list[str]:
    return ["".join(write.key for write in call) for call in calls]


def test_nothing_to_write_needs_no_call() -> None:
    assert fill([], Rule()) == []


def test_calls_are_filled() -> None:
    assert keys(fill([write(n) for n in range(7)], Rule())) == ["012", "345", "6"]


def test_a_call_carries_one_action() -> None:
    writes = [write(0), write(1, Action.DELTA), write(2)]
    assert keys(fill(writes, Rule())) == ["02", "1"]


@pytest.mark.parametrize("action", [Action.DELIST, Action.RELIST])
def test_delistings_and_relistings_have_a_size_of_their_own(action: Action) -> None:
    assert keys(fill([write(n, action) for n in range(3)], Rule())) == ["01", "2"]


def test_items_are_mixed_where_the_platform_lets_them() -> None:
    assert keys(fill([write(0, item="a"), write(1, item="b")], Rule())) == ["01"]


def test_items_are_kept_apart_where_it_does_not() -> None:
    writes = [write(0, item="a"), write(1, item="b"), write(2, item="a")]
    assert keys(fill(writes, Rule(one_item_per_call=True))) == ["02", "1"]


def test_a_call_goes_out_as_early_as_its_first_line() -> None:
    writes = [write(0, Action.DELTA), write(1), write(2, Action.DELTA), write(3), write(4), write(5)]
    assert keys(fill(writes, Rule(max_batch=2))) == ["02", "13", "45"]


def test_a_call_carries_no_more_items_than_the_platform_lets_it() -> None:
    writes = [write(n, item="abcab"[n]) for n in range(5)]
    assert keys(fill(writes, Rule(max_batch=9, max_items=2))) == ["0134", "2"]


def test_a_call_carries_no_more_lines_of_an_item_than_the_platform_lets_it() -> None:
    writes = [write(n, item="aaabb"[n]) for n in range(5)]
    assert keys(fill(writes, Rule(max_batch=9, max_items=2, max_per_item=2))) == ["0134", "2"]


def test_the_lines_of_an_item_go_on_in_the_next_call_where_one_is_full() -> None:
    writes = [write(n, item="aabbb"[n]) for n in range(5)]
    assert keys(fill(writes, Rule(max_batch=3, max_items=2))) == ["012", "34"]


def test_delistings_have_a_limit_of_items_of_their_own() -> None:
    writes = [write(n, Action.DELIST, item="abab"[n]) for n in range(4)]
    rule = Rule(max_batch_listing=9, max_items=9, max_items_listing=1, max_per_item=1)
    assert keys(fill(writes, rule)) == ["02", "13"]


@pytest.mark.parametrize(
    ("rule", "writes", "message"),
    [
        (Rule(), [write(0), write(1, Action.DELTA)], "of one action"),
        (Rule(), [], "of one action"),
        (Rule(), [write(n) for n in range(4)], "at most 3 writes, not 4"),
        (Rule(max_items=1), [write(0), write(1, item="b")], "at most 1 items, not of 2"),
        (Rule(one_item_per_call=True), [write(0), write(1, item="b")], "at most 1 items, not of 2"),
        (Rule(max_per_item=1), [write(0), write(1)], "at most 1 writes of one item, not 2"),
        (Rule(max_items=1, max_per_item=2), [write(0), write(1)], ""),
    ],
)
def test_what_breaks_the_rule_is_said(rule: Rule, writes: list[Write], message: str) -> None:
    told = broken(writes, rule)
    assert message in told
    assert bool(told) is bool(message)


@pytest.mark.parametrize(
    "rule", [Rule(max_batch=0), Rule(max_batch_listing=0), Rule(max_items=-1), Rule(max_per_item=-1)]
)
def test_a_rule_that_allows_no_line_is_an_error(rule: Rule) -> None:
    with pytest.raises(ValueError, match="at least one line"):
        fill([], rule)


def test_the_traits_of_a_channel_are_a_rule() -> None:
    assert keys(fill([write(0), write(1)], ChannelTraits())) == ["0", "1"]


actions, items = st.sampled_from(Action), st.sampled_from("abc")
drawn_writes = st.lists(st.tuples(actions, items), max_size=40).map(
    lambda pairs: [write(n, action, item) for n, (action, item) in enumerate(pairs)]
)
rules = st.builds(
    Rule,
    max_batch=st.integers(1, 6),
    max_batch_listing=st.integers(1, 6),
    one_item_per_call=st.booleans(),
    max_items=st.integers(0, 3),
    max_items_listing=st.integers(0, 3),
    max_per_item=st.integers(0, 4),
)
free_rules = rules.map(lambda rule: replace(rule, max_items=0, max_items_listing=0, max_per_item=0))
roomy_rules = rules.map(lambda rule: replace(rule, max_batch=40, max_batch_listing=40, max_per_item=0))


@given(drawn_writes, rules)
def test_every_write_is_in_exactly_one_call(writes: list[Write], rule: Rule) -> None:
    assert Counter(w.key for call in fill(writes, rule) for w in call) == Counter(w.key for w in writes)


@given(drawn_writes, roomy_rules)
def test_items_need_as_few_calls_as_possible(writes: list[Write], rule: Rule) -> None:
    for action in Action:
        due = {w.item for w in writes if w.action is action}
        most = limits_of(rule, action).items or 40
        calls = [call for call in fill(writes, rule) if call[0].action is action]
        assert len(calls) == ceil(len(due) / most)


@given(drawn_writes, free_rules)
def test_there_are_as_few_calls_as_possible(writes: list[Write], rule: Rule) -> None:
    groups = Counter((w.action, w.item if rule.one_item_per_call else "") for w in writes)
    sizes = dict.fromkeys(Action, rule.max_batch)
    sizes |= {Action.DELIST: rule.max_batch_listing, Action.RELIST: rule.max_batch_listing}
    assert len(fill(writes, rule)) == sum(ceil(n / sizes[action]) for (action, _), n in groups.items())


@given(drawn_writes, rules)
def test_every_call_keeps_the_rule(writes: list[Write], rule: Rule) -> None:
    for call in fill(writes, rule):
        switches = call[0].action in ("delist", "relist")
        per_item = Counter(w.item for w in call)
        assert broken(call, rule) == ""
        assert len(call) <= (rule.max_batch_listing if switches else rule.max_batch)
        assert len({w.action for w in call}) == 1
        assert not rule.one_item_per_call or len(per_item) == 1
        assert len(per_item) <= ((rule.max_items_listing if switches else rule.max_items) or len(per_item))
        assert switches or max(per_item.values()) <= (rule.max_per_item or len(call))


@given(drawn_writes, rules)
def test_calls_and_their_lines_keep_the_order(writes: list[Write], rule: Rule) -> None:
    ranks = [[int(w.key) for w in call] for call in fill(writes, rule)]
    assert all(line == sorted(line) for line in ranks)
    assert [line[0] for line in ranks] == sorted(line[0] for line in ranks)
