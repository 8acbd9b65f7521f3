"""Which setting applies to which SKU in which shop, and which rule said so (DESIGN 4.1; 4.5 step 1)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate
from itertools import compress

import numpy as np

from syncd.domain.model import Ints, PoolName, ShopName, Sku
from syncd.domain.topology import RULE_DEFAULTS, Pool, Rule

DEFAULT = -1
"""The decider of a setting that no rule names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One shop drawing on one pool; everything that shops get, they get over an edge."""

    pool: PoolName
    shop: ShopName


def edges_of(pools: Sequence[Pool]) -> tuple[Edge, ...]:
    """Return the edges by pool in config order, each pool's shops by name: ties go to the lower name."""
    return tuple(Edge(pool=pool.name, shop=shop) for pool in pools for shop in sorted(pool.shops))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTable:
    """The settings of every edge, for every class of SKUs that the same rules match.

    `class_of[sku]` is the row of `values[setting]` (shape classes x edges) and of `deciders[setting]`, whose
    entries index `names`; `DEFAULT` where no rule decides.
    """

    class_of: Ints
    values: Mapping[str, Ints]
    deciders: Mapping[str, Ints]
    names: tuple[str, ...]

    def of(self, setting: str, edge: int, skus: Ints) -> Ints:
        """Return one setting of one edge for each of `skus` (indices)."""
        chosen: Ints = self.values[setting][self.class_of[skus], edge]
        return chosen

    def take(self, skus: Ints) -> "RuleTable":
        """Return the table of only `skus` (indices), in that order; of none it has one nameless column."""
        return replace(self, class_of=self.class_of[skus] if skus.size else np.zeros(1, dtype=np.int64))

    def decider(self, setting: str, edge: int, sku: int) -> str:
        """Return the name of the rule that decided, or `default`."""
        index = int(self.deciders[setting][self.class_of[sku], edge])
        return "default" if index == DEFAULT else self.names[index]


def compile_rules(rules: Sequence[Rule], edges: Sequence[Edge], skus: Sequence[Sku]) -> RuleTable:
    """Resolve `rules` for every edge and SKU; the last match wins, setting by setting."""
    matched = _matches(rules, skus)
    classes: dict[tuple[int, ...], int] = {(): 0}
    class_of = np.zeros(len(skus), dtype=np.int64)
    for sku, indices in matched.items():
        class_of[sku] = classes.setdefault(tuple(indices), len(classes))
    shape = (len(classes), len(edges))
    values = {name: np.full(shape, default, dtype=np.int64) for name, default in RULE_DEFAULTS.items()}
    deciders = {name: np.full(shape, DEFAULT, dtype=np.int64) for name in RULE_DEFAULTS}
    edges_by_rule = [_edges_matched(rule, edges) for rule in rules]
    members: dict[int, list[int]] = {
        index: list(range(len(classes))) for index, rule in enumerate(rules) if not rule.skus
    }
    for pattern_rules, number in classes.items():
        for index in pattern_rules:
            members.setdefault(index, []).append(number)
    for index in sorted(members):
        rows, columns = np.array(members[index]), edges_by_rule[index]
        for name, value in rules[index].values.items():
            values[name][np.ix_(rows, columns)] = value
            deciders[name][np.ix_(rows, columns)] = index
    # Mixed overrides can put it at or below the warning level; listings would go off and on with every cycle.
    values["relist_level"] = np.maximum(values["relist_level"], values["warning_level"] + 1)
    names = tuple(rule.name for rule in rules)
    return RuleTable(class_of=class_of, values=values, deciders=deciders, names=names)


def is_glob(pattern: str) -> bool:
    """Return whether `pattern` can match more than the code it spells."""
    return any(char in pattern for char in "*?[")


def _matches(rules: Sequence[Rule], skus: Sequence[Sku]) -> dict[int, list[int]]:
    """Return, for every SKU that a rule with SKUs matches, the indices of those rules in order."""
    position = {sku: index for index, sku in enumerate(skus)}
    matched: dict[int, list[int]] = {}
    for index, rule in enumerate(rules):
        if not rule.skus:
            continue
        found = {position[Sku(code)] for code in rule.skus if Sku(code) in position and not is_glob(code)}
        globs = [translate(pattern) for pattern in rule.skus if is_glob(pattern)]
        if globs:
            match = re.compile("|".join(globs)).match
            found.update(compress(range(len(skus)), map(match, skus)))
        for sku in found:
            matched.setdefault(sku, []).append(index)
    return matched


def _edges_matched(rule: Rule, edges: Sequence[Edge]) -> Ints:
    return np.array(
        [
            index
            for index, edge in enumerate(edges)
            if (not rule.pools or edge.pool in rule.pools) and (not rule.shops or edge.shop in rule.shops)
        ],
        dtype=np.int64,
    )
