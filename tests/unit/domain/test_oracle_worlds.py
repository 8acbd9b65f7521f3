"""What must be true of every world, judged on the oracle; the drawn worlds must be worth judging."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.topology import PoolMode, Topology
from tests.unit.domain.oracle import Solution, World, solve
from tests.unit.domain.oracle_locks import units_of
from tests.unit.domain.oracle_rules import webster
from tests.unit.domain.strategies import worlds

shares = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9), min_size=1)
caps = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9))


def _split_pools(topology: Topology) -> set[PoolName]:
    return {pool.name for pool in topology.pools if pool.mode is PoolMode.SPLIT}


@given(st.integers(0, 30), shares, caps)
def test_one_more_unit_never_lowers_a_share(
    units: int, weights: dict[str, int], limits: dict[str, int]
) -> None:
    fewer, more = webster(units, weights, limits), webster(units + 1, weights, limits)

    assert all(more[name] >= fewer[name] for name in fewer)


@given(st.integers(0, 30), shares, caps)
def test_units_stay_undivided_only_beyond_all_caps(
    units: int, weights: dict[str, int], limits: dict[str, int]
) -> None:
    share = webster(units, weights, limits)

    room = [name for name, weight in weights.items() if weight and share[name] < limits.get(name, units)]
    assert sum(share.values()) == units or not room


@given(worlds())
def test_the_deficits_and_what_is_available_add_up_to_the_figure(world: World) -> None:
    for (pool, sku), p in solve(world).pools.items():
        deficit = p.oversold + p.on_extra + p.overlocked + p.overtransferred
        # Figures that are not sure give nothing back, so that more can be sold on extra than they show.
        lacks = min(deficit, p.available - p.figure - p.virtual) if p.shaky or p.vanished else deficit
        assert p.available - lacks == p.figure + p.virtual, (pool, sku)


@given(worlds())
def test_a_split_pool_never_gives_more_than_it_has(world: World) -> None:
    solution = solve(world)
    given_out: Counter[tuple[PoolName, Sku]] = Counter()
    for (pool, _, sku), edge in solution.edges.items():
        if pool in _split_pools(world.topology) and not edge.off:
            given_out[pool, sku] += edge.base

    assert all(units <= solution.pools[key].rest for key, units in given_out.items())


@given(worlds())
def test_what_is_off_contributes_nothing_but_what_is_locked_for_the_shop(world: World) -> None:
    off = [edge for edge in solve(world).edges.values() if edge.off]

    assert not any(edge.result and edge.setting != "lock" for edge in off)


@given(worlds())
def test_what_wants_to_be_off_reads_nothing(world: World) -> None:
    solution = solve(world)

    assert not any(f.want_off and f.units for f in solution.shops.values())
    assert not any(f.want_off and f.desired != 0 for f in solution.listings.values())


@given(worlds())
def test_dividing_listings_never_show_more_units_than_the_shop_may_sell(world: World) -> None:
    solution = solve(world)
    mirrors = {shop.name for shop in world.topology.shops if shop.repeated == "mirror"}
    for (shop, sku), figures in solution.shops.items():
        if shop in mirrors or figures.units is None:
            continue
        assert _shown(world, solution, shop, sku) <= figures.units


@given(worlds())
def test_a_shop_that_cannot_be_written_is_never_touched(world: World) -> None:
    solution = solve(world)

    touched = [row for row in world.listings if solution.listings[row.shop, row.id].desired is not None]
    assert not any(row.shop in world.unwritable for row in touched)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(world: World, random: Random) -> None:
    shuffled = replace(
        world,
        stock=tuple(random.sample(world.stock, len(world.stock))),
        claims=tuple(random.sample(world.claims, len(world.claims))),
        listings=tuple(random.sample(world.listings, len(world.listings))),
        levels=tuple(random.sample(world.levels, len(world.levels))),
    )

    assert solve(shuffled) == solve(world)


def _shown(world: World, solution: Solution, shop: ShopName, sku: Sku) -> int:
    rows = [row for row in world.listings if row.shop == shop]
    return sum((solution.listings[shop, row.id].desired or 0) * units_of(world, row, sku) for row in rows)


# --- the drawn worlds ----------------------------------------------------------------------------------

FEATURES: dict[str, Callable[[Solution], bool]] = {
    "oversold": lambda found: any(p.oversold for p in found.pools.values()),
    "backordered": lambda found: any(p.backordered for p in found.pools.values()),
    "overlocked": lambda found: any(p.overlocked for p in found.pools.values()),
    "on extra": lambda found: any(p.on_extra and p.oversold for p in found.pools.values()),
    "overtransferred": lambda found: any(p.overtransferred for p in found.pools.values()),
    "locked": lambda found: any(p.locked for p in found.pools.values()),
    "held": lambda found: any(p.held and p.rest for p in found.pools.values()),
    "held beyond": lambda found: any(p.held > p.available for p in found.pools.values()),
    "locks cut": lambda found: any(p.locks_cut for p in found.pools.values()),
    "shaky": lambda found: any(p.shaky for p in found.pools.values()),
    "vanished": lambda found: any(p.vanished for p in found.pools.values()),
    "several warehouses": lambda found: any(len(p.net) > 1 for p in found.pools.values()),
    "off": lambda found: any(e.off for e in found.edges.values()),
    "back on": lambda found: any(e.agree and not e.off for e in found.edges.values()),
    "listing off": lambda found: any(f.want_off for f in found.listings.values()),
    "untouched": lambda found: any(f.desired is None for f in found.listings.values()),
    "sells": lambda found: any((f.desired or 0) > 1 for f in found.listings.values()),
}
SETTINGS = {
    "available",
    "weight",
    "last_units",
    "warning_level",
    "unwritable",
    "percent",
    "buffer",
    "cap",
    "extra",
    "floor",
    "lock",
}


def test_the_drawn_worlds_contain_everything_worth_judging() -> None:
    seen: set[str] = set()

    @settings(max_examples=300, derandomize=True, phases=[Phase.generate])
    @given(worlds())
    def look(world: World) -> None:
        found = solve(world)
        seen.update(edge.setting for edge in found.edges.values())
        seen.update(name for name, is_in in FEATURES.items() if is_in(found))

    look()

    assert (FEATURES.keys() | SETTINGS) <= seen
