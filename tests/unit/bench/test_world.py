"""The benchmarks' state is what they say it is, and their kernel does real work."""

from pathlib import Path

import numpy as np
import pytest

from syncd.adapters.state import open_store
from syncd.domain.book import NOTHING, State
from syncd.domain.decision import decide
from syncd.domain.topology import PoolMode
from syncd.domain.virtual.pools import share_rows
from tests.bench.filling import fill
from tests.bench.kernel import Kernel
from tests.bench.world import make_listings, make_state, moved, question_of, rested


@pytest.fixture(scope="module")
def state() -> State:
    return make_state(400, 5)


def test_a_settled_state_needs_no_change(state: State) -> None:
    assert len(decide(state, question_of(state)).plan) == 0


def test_every_listing_of_a_settled_state_has_a_quantity(state: State) -> None:
    assert NOTHING not in decide(state, question_of(state)).plan.desired


def test_one_listing_in_twenty_is_a_bundle(state: State) -> None:
    assert sum(row.sku.startswith("SET") for row in state.listings) == len(state.listings) // 20


def test_some_stock_is_off_sale(state: State) -> None:
    assert state.levels


def test_both_kinds_of_pool_are_there(state: State) -> None:
    assert {pool.mode for pool in state.topology.pools} == set(PoolMode)


def test_one_moved_sku_changes_only_its_own_listings(state: State) -> None:
    now = moved(state, 0)
    plan = decide(now, question_of(now)).plan
    assert {change.sku for change in plan.changes()} == {"SKU-000002"}


def test_moved_stock_both_raises_and_lowers(state: State) -> None:
    now = moved(state, 20)
    raising = decide(now, question_of(now)).plan.raising
    assert raising.any()
    assert not raising.all()


def test_listings_come_sorted_as_the_state_keeps_them() -> None:
    keys = [row[:2] for row in make_listings(30, 3)]
    assert keys == sorted(keys)


async def test_what_is_written_at_once_is_what_the_state_reads(state: State, tmp_path: Path) -> None:
    whole = moved(rested(state, question_of(state)), 20)
    async with open_store(tmp_path):
        pass
    fill(tmp_path, whole)
    async with open_store(tmp_path) as store:
        assert await store.listings() == list(whole.listings)
        assert sorted(await store.stock()) == sorted(whole.stock)
        assert sorted(await store.shares()) == sorted(whole.shares)
        assert sorted(await store.demand()) == sorted(whole.demand)
        assert sorted(await store.levels()) == sorted(whole.levels)


def test_a_state_that_rests_wants_nothing(state: State) -> None:
    still = rested(state, question_of(state))
    decision = decide(still, question_of(still))
    changed = share_rows(decision.plan.book, decision.plan.figures.virtual, decision.plan.figures.shares.base)
    assert (len(decision.plan), changed, list(decision.plan.figures.virtual.demand)) == (0, [], [])


def test_a_state_that_rests_has_divided_its_pools(state: State) -> None:
    still = rested(state, question_of(state))
    assert still.shares
    assert still.demand


def test_the_kernel_divides_by_weight_and_finds_what_differs() -> None:
    kernel = Kernel(
        available=np.array([[10, 6], [7, 9]]),
        split=np.array([False, True]),
        pool=np.array([0, 1, 1]),
        shop=np.array([0, 0, 1]),
        shops=2,
        weight=np.array([[1, 1], [2, 1], [1, 2]]),
        start=np.array([0, 1, 2]),
        cell=np.array([0, 1, 2, 3]),
        units=np.array([1, 3, 1, 2]),
        # Shop 0 has 10 + 4 and 6 + 3 units, shop 1 has 2 and 6; the last listing is a bundle of 1 and 2.
        shown=np.array([14, 2, 2]),
    )
    assert kernel.run().tolist() == [1]
