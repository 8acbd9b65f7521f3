"""A plan and its judgement as values: what may go, in which order, and why the rest stays."""

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from syncd.domain.book import State
from syncd.domain.decision import Decision, Question, decide
from syncd.domain.model import Cause, Change, ChangeKind, ListingId, ListingRow, PoolName, ShopName, Sku
from syncd.domain.plan import CAUSES, KINDS
from syncd.domain.policy import Stop
from syncd.domain.topology import PoolMode, Rule
from tests.unit.domain.cases import NOW, load_cases
from tests.unit.domain.oracle_locks import units_of
from tests.unit.domain.oracle_world import World
from tests.unit.domain.program import state_of
from tests.unit.domain.strategies import worlds

Key = tuple[ShopName, ListingId]
Exposure = Counter[tuple[PoolName, Sku]]

# What is sold though it is not there is sold on purpose; it says nothing of the units that are there.
_ON_PURPOSE = {"extra", "floor"}


@st.composite
def read_worlds(draw: st.DrawFn) -> World:
    """Draw a world whose counters were read at least once, with what they should have read before."""
    world = draw(worlds())
    rules = tuple(rule for rule in map(_honest, world.topology.rules) if rule.values)
    listings = []
    for row in world.listings:
        lo = draw(st.integers(0, 9))
        desired = draw(st.none() | st.integers(0, 9))
        hi = lo + draw(st.sampled_from((0, 0, 0, 1, 5)))
        listings.append(row._replace(expected_lo=lo, expected_hi=hi, desired=desired))
    return replace(world, topology=replace(world.topology, rules=rules), listings=tuple(listings))


def _honest(rule: Rule) -> Rule:
    return replace(rule, values={name: v for name, v in rule.values.items() if name not in _ON_PURPOSE})


def decided(world: World) -> Decision:
    return decide(state_of(world), Question())


# --- a raise waits for its taking ----------------------------------------------------------------------


@st.composite
def split_worlds(draw: st.DrawFn) -> World:
    """Draw a world of split pools of which no two share a shop, and whose shops can all be written."""
    world = draw(read_worlds())
    owner = {shop: pool.name for pool in reversed(world.topology.pools) for shop in pool.shops}
    pools = tuple(
        replace(
            pool, mode=PoolMode.SPLIT, shops=tuple(shop for shop in pool.shops if owner[shop] == pool.name)
        )
        for pool in world.topology.pools
        if pool.name in owner.values()
    )
    places = {warehouse for pool in pools for warehouse in pool.warehouses}
    virtual = tuple(extra for extra in world.topology.virtual if extra.warehouse in places)
    return replace(
        world,
        topology=replace(world.topology, pools=pools, virtual=virtual),
        levels=tuple(row for row in world.levels if owner[row.shop] == row.pool),
        unwritable=frozenset(),
    )


def _untouchable(world: World, decision: Decision) -> set[Sku]:
    """Return the SKUs of listings that nobody may touch: what those show is out of our hands."""
    rows = zip(decision.plan.book.state.listings, decision.plan.figures.listings.units.tolist(), strict=True)
    return {sku for row, units in rows if units < 0 and not row.gone for sku in _skus(world, row)}


def _exposure(world: World, counters: dict[Key, int]) -> Exposure:
    total: Exposure = Counter()
    for row in world.listings:
        for pool in world.topology.pools:
            for sku in _skus(world, row) if row.shop in pool.shops else ():
                total[pool.name, sku] += counters[row.shop, row.id] * units_of(world, row, sku)
    return total


def _skus(world: World, row: ListingRow) -> list[Sku]:
    bundle = next((bundle for bundle in world.topology.bundles if bundle.sku == row.sku), None)
    return list(bundle.components) if bundle else [row.sku]


@given(split_worlds(), st.integers(0, 1_000_000))
def test_a_split_pool_never_shows_more_than_it_did_or_has_in_whatever_order(world: World, seed: int) -> None:
    decision = decided(world)
    counters = {(row.shop, row.id): row.expected_hi or 0 for row in world.listings}
    allowed = _allowed(world, decision, counters)
    random = Random(seed)  # noqa: S311 - an order, no secret
    going = decision.going()
    random.shuffle(going)
    # Any of them may fail; what failed frees nothing.
    done = [change for change in going if random.random() < 0.7]

    _apply(world, counters, done, allowed)
    proven = frozenset((change.shop, change.listing) for change in done)
    _apply(world, counters, decision.waiting(proven), allowed)


def _allowed(world: World, decision: Decision, counters: dict[Key, int]) -> Exposure:
    strange = _untouchable(world, decision)
    shown = {key: units for key, units in _exposure(world, counters).items() if key[1] not in strange}
    there = _there(world, decision)
    return Counter({key: max(units, there[key]) for key, units in shown.items()})


def _there(world: World, decision: Decision) -> Exposure:
    """Return what the shops of each pool may sell: what is left to all, and what is open to one of them."""
    figures, book = decision.plan.figures.pools, decision.plan.book
    there: Exposure = Counter()
    for sku, place in book.sku_index.items():
        for at, pool in enumerate(world.topology.pools):
            there[pool.name, sku] += int(figures.rest[at, place])
        for at, edge in enumerate(book.edges):
            there[edge.pool, sku] += int(figures.locks.open[at, place])
        for at, pool in enumerate(world.topology.pools):
            assert there[pool.name, sku] <= figures.available[at, place]
    return there


def _apply(world: World, counters: dict[Key, int], changes: list[Change], allowed: Exposure) -> None:
    for change in changes:
        counters[change.shop, change.listing] = change.new
        shown = _exposure(world, counters)
        assert all(shown[key] <= units for key, units in allowed.items()), change


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("a shop that shows only its lock has no share of a split pool", 9),
        ("a lock beside a share is on top of it", 10),
    ],
)
def test_what_is_open_to_one_shop_is_on_sale_beside_what_is_left_to_all(name: str, there: int) -> None:
    world = next(case.world for case in load_cases() if case.name == name)
    at_rest = tuple(row._replace(expected_lo=0, expected_hi=0) for row in world.listings)

    decision = decided(replace(world, listings=at_rest))

    assert decision.plan.figures.pools.rest.item() == 6
    assert sum(change.new for change in decision.going()) == there
    assert _there(world, decision) == {("p", "A"): there}


def test_a_counter_that_may_read_more_than_it_should_frees_nothing() -> None:
    name = "in a split pool mirrored listings divide all the same"
    case = next(case for case in load_cases() if case.name == name)
    one, two = case.world.listings
    # Its last write has no answer: it should read 3, and may read 5.
    unsure = one._replace(expected_lo=0, expected_hi=5)
    sure = two._replace(expected_lo=0, expected_hi=0)

    decision = decided(replace(case.world, listings=(unsure, sure)))

    assert set(decision.stop.tolist()) == {Stop.TAKE_FIRST, Stop.UNREAD}


# --- the guard and the gates ---------------------------------------------------------------------------


@given(read_worlds())
def test_the_guard_never_holds_what_is_not_its_own(world: World) -> None:
    decision = decided(world)
    held = decision.plan.where(decision.stop == Stop.HELD)

    assert set(held.cause.tolist()) <= {CAUSES.index(Cause.SNAPSHOT), CAUSES.index(Cause.CONFIG)}


@given(read_worlds())
def test_what_follows_a_sale_only_lowers(world: World) -> None:
    for change in decided(world).follows.changes():
        assert change.kind in (ChangeKind.LOWER, ChangeKind.ZERO)
        assert change.new < (change.hi or 0)


@given(read_worlds())
def test_nothing_is_raised_on_what_cannot_be_believed(world: World) -> None:
    decision = decided(world)
    for index in np.flatnonzero(decision.plan.raising & decision.plan.shaky).tolist():
        assert decision.stop[index] != Stop.GO


@given(read_worlds())
def test_without_a_fresh_reading_only_zeros_go(world: World) -> None:
    decision = decide(state_of(world), Question(fresh=frozenset()))

    assert all(change.new == 0 for change in decision.going())


@given(read_worlds())
def test_a_plan_of_what_is_shown_already_is_empty(world: World) -> None:
    first = decided(world)
    shown = [
        row
        if desired < 0
        else row._replace(
            expected_lo=desired, expected_hi=desired, desired=desired, want_off=off, on_sale=not off
        )
        for row, desired, off in zip(
            first.plan.book.state.listings,
            first.plan.desired.tolist(),
            first.plan.figures.listings.off.tolist(),
            strict=True,
        )
    ]

    again = decide(replace(first.plan.book.state, listings=shown), Question())

    assert not len(again.plan)


# --- the digest ----------------------------------------------------------------------------------------


@given(read_worlds())
def test_the_same_input_has_the_same_digest(world: World) -> None:
    assert decided(world).digest == decided(world).digest


@given(read_worlds(), st.data())
def test_any_other_change_has_another_digest(world: World, data: st.DataObject) -> None:
    plan = decided(world).plan
    assume(len(plan))
    at = data.draw(st.integers(0, len(plan) - 1))
    column = data.draw(st.sampled_from(("kind", "old", "new", "unlist")))
    values = getattr(plan, column).copy()
    values[at] = not values[at] if column == "unlist" else (values[at] + 1) % max(len(KINDS), values[at] + 2)

    assert replace(plan, **{column: values}).digest() != plan.digest()


@given(read_worlds(), st.data())
def test_a_plan_without_one_change_has_another_digest(world: World, data: st.DataObject) -> None:
    plan = decided(world).plan
    assume(len(plan))
    keep = np.ones(len(plan), dtype=np.bool_)
    keep[data.draw(st.integers(0, len(plan) - 1))] = False

    assert plan.where(keep).digest() != plan.digest()


def test_a_state_without_anything_plans_nothing() -> None:

    topology = load_cases()[0].world.topology

    assert not len(decide(State(topology=topology, now=NOW, stock=(), listings=()), Question()).plan)
