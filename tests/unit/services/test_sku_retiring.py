"""A person confirms that a SKU is gone: its zeros are held no more, until a source tells it again."""

import pytest

from syncd.domain.acceptance import CONFIRMED
from syncd.domain.model import Sku, SnapshotKind
from syncd.domain.topology import PoolMode
from syncd.services.sku_retiring import RETIRE_SKU, gone_skus
from tests.unit.services.cycle_world import World, snapshot


async def gone(mode: PoolMode = PoolMode.SHARED, *, full: int = 2) -> World:
    """Return a world whose source left B out of so many full snapshots."""
    world = await World({"A": 9, "B": 6, "C": 5}, mode=mode).filled()
    for _ in range(full):
        world.stock(A=9, C=5)
        await world.run()
    return world


async def retire(world: World, sku: str = "B") -> str:
    number = await world.store.ask(RETIRE_SKU, sku, at=world.clock.now(), by="ann")
    await world.requests.obey()
    return await world.store.answered(number)


@pytest.mark.parametrize("mode", PoolMode)
async def test_listings_of_a_retired_sku_go_to_zero_without_approval(mode: PoolMode) -> None:
    world = await gone(mode)
    before = world.counters("a")["B"]
    answer = await retire(world)
    report = await world.run()
    assert (before > 0, report.held) == (True, False)
    assert (world.counters("a")["B"], world.counters("b")["B"]) == (0, 0)
    assert answer == "SKU B is retired; its 2 listings go to zero and stay there"


async def test_without_a_person_they_are_held() -> None:
    world = await gone()
    assert ((await world.run()).held, world.counters("a")["B"]) == (True, 6)


async def test_it_stays_retired_whatever_more_snapshots_leave_it_out() -> None:
    world = await gone()
    await retire(world)
    for _ in range(3):
        world.stock(A=9, C=5)
        await world.run()
    assert {row.missed for row in await world.store.stock([Sku("B")])} == {CONFIRMED}
    assert not (await world.run()).held


async def test_the_ledger_says_who_retired_it() -> None:
    world = await gone()
    await retire(world)
    await retire(world)
    assert [(row.sku, row.who) for row in await world.ledger("sku_retired")] == [("B", "ann")]


async def test_a_sku_that_comes_back_lives_again() -> None:
    world = await gone()
    await retire(world)
    await world.run()
    for _ in range(3):
        world.stock(A=9, B=4, C=5)
        await world.run()
    assert world.counters("a")["B"] == 4


async def test_a_sku_that_came_back_is_held_when_it_goes_once_more() -> None:
    world = await gone()
    await retire(world)
    await world.run()
    for _ in range(3):
        world.stock(A=9, B=4, C=5)
        await world.run()
    for _ in range(2):
        world.stock(A=9, C=5)
        await world.run()
    report = await world.run()
    assert (report.held, world.counters("a")["B"]) == (True, 4)


@pytest.mark.parametrize(
    ("full", "why"), [(0, "source erp has it still in warehouse w"), (1, "one full snapshot only")]
)
async def test_a_sku_that_is_not_gone_is_refused_with_the_reason(full: int, why: str) -> None:
    world = await gone(full=full)
    answer = await retire(world)
    assert answer.startswith("refused: SKU B: source erp")
    assert why in answer


async def test_a_sku_that_nobody_knows_is_refused() -> None:
    assert await retire(await gone(), "b") == "refused: no source ever told the SKU 'b'"


async def test_a_sku_that_a_delta_does_not_mention_is_not_gone() -> None:
    world = await World({"A": 9, "B": 6}).filled()
    for _ in range(3):
        world.source.say(snapshot({"A": 9}, kind=SnapshotKind.DELTA))
        await world.run()
    assert "has it still" in await retire(world)


async def test_skus_that_are_gone_are_listed_with_what_they_still_show() -> None:
    world = await gone()
    assert [(one.sku, one.confirmed, one.listings, one.on_sale) for one in await gone_skus(world.store)] == [
        ("B", False, 2, 2)
    ]
    await retire(world)
    await world.run()
    assert [(one.confirmed, one.on_sale) for one in await gone_skus(world.store)] == [(True, 0)]
