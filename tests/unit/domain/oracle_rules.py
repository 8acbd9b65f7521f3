"""The oracle's reading of rules, and its one way to divide whole units."""

from collections.abc import Hashable, Mapping
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.topology import RULE_DEFAULTS, Pool, Rule
from tests.unit.domain.oracle_world import World

DEFAULT = "default"


class Ordered(Hashable, Protocol):
    """A name that can break a tie."""

    def __lt__(self, other: Any, /) -> bool: ...  # noqa: ANN401 - as `sorted` has it


NameT = TypeVar("NameT", bound=Ordered)


def setting(world: World, name: str, pool: PoolName, shop: ShopName, sku: Sku) -> tuple[int, str]:
    """Return the value of a setting and the name of the last rule that gives it."""
    value, rule = RULE_DEFAULTS[name], DEFAULT
    for candidate in world.topology.rules:
        if name in candidate.values and _matches(candidate, pool, shop, sku):
            value, rule = candidate.values[name], candidate.name
    return value, rule


def designated(world: World, pool: Pool, sku: Sku) -> ShopName | None:
    """Return who keeps the last units: the shop whose rule comes last, of one rule the lower name."""
    named: dict[ShopName, int] = {}
    for place, rule in enumerate(world.topology.rules):
        for shop in pool.shops:
            if "last_units" in rule.values and _matches(rule, pool.name, shop, sku):
                named.pop(shop, None)
                if rule.values["last_units"]:
                    named[shop] = place
    return min(named, key=lambda shop: (-named[shop], shop), default=None)


def relist_level(world: World, pool: PoolName, shop: ShopName, sku: Sku) -> int:
    """Return the relist level: one above the warning level where none is set or it is not above it."""
    relist, _ = setting(world, "relist_level", pool, shop, sku)
    warning, _ = setting(world, "warning_level", pool, shop, sku)
    return relist if relist > warning else warning + 1


def webster(units: int, weights: Mapping[NameT, int], caps: Mapping[NameT, int]) -> dict[NameT, int]:
    """Divide `units` one by one, each to the neediest name; a name without a cap can take all."""
    share = dict.fromkeys(weights, 0)
    for _ in range(units):
        open_names = [n for n in sorted(weights) if weights[n] > 0 and share[n] < caps.get(n, units)]
        if not open_names:
            break
        # `max` keeps the first of equals, and the names are sorted: the lower name wins a tie.
        share[max(open_names, key=lambda name: Fraction(weights[name], 2 * share[name] + 1))] += 1
    return share


def _matches(rule: Rule, pool: PoolName, shop: ShopName, sku: Sku) -> bool:
    return (
        (not rule.pools or pool in rule.pools)
        and (not rule.shops or shop in rule.shops)
        and (not rule.skus or any(_fits(pattern, sku) for pattern in rule.skus))
    )


def _fits(pattern: str, sku: Sku) -> bool:
    if not any(mark in pattern for mark in "*?["):
        return pattern == sku
    return fnmatchcase(sku, pattern)
