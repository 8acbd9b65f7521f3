"""What an operator wants is asked of the daemon by name, and only where it can be wanted."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syncd.domain.model import PoolName, ShopName, Sku, WarehouseName
from syncd.domain.records import LockMode, ShopStatus
from syncd.domain.topology import Pool, PoolMode
from syncd.errors import NotThere, UsageError
from syncd.services.desk import LockWanted
from tests.unit.services.cycle_world import World
from tests.unit.services.desk_world import ANN, STOCK, answered, desk_of, seeded

A, S01 = ShopName("a"), Sku("S01")


@pytest.mark.parametrize(
    ("verb", "status"),
    [("pause", ShopStatus.PAUSED), ("freeze", ShopStatus.FROZEN), ("resume", ShopStatus.ACTIVE)],
)
async def test_a_shop_gets_the_status_that_was_asked_for(verb: str, status: ShopStatus) -> None:
    world = await seeded()

    await answered(world, await desk_of(world).set_status(A, verb, by=ANN))

    assert (await world.store.shops())[A].status is status
    assert {row.who for row in await world.ledger("status")} == {ANN}


async def test_a_shop_that_is_not_configured_is_told_nothing() -> None:
    world = await seeded()

    with pytest.raises(NotThere):
        await desk_of(world).set_status(ShopName("z"), "pause", by=ANN)
    assert list(await world.store.requests()) == []


async def test_a_shop_is_told_nothing_that_it_cannot_do() -> None:
    with pytest.raises(UsageError, match="a shop cannot be told to retire"):
        await desk_of(await seeded()).set_status(A, "retire", by=ANN)


async def test_a_held_plan_is_approved_by_its_beginning() -> None:
    world = await seeded()
    digest = (await world.store.held_now()).digest

    answer = await answered(world, await desk_of(world).approve(digest[:8], by=ANN))

    assert answer.startswith("approved 10 changes until")
    assert {row.who for row in await world.ledger("approved")} == {ANN}


async def test_a_plan_that_is_held_no_more_is_not_even_asked_about() -> None:
    world = await seeded()
    digest = (await world.store.held_now()).digest
    world.stock(**STOCK)
    await world.run()

    with pytest.raises(UsageError, match="is held any more; nothing is held now"):
        await desk_of(world).approve(digest, by=ANN)


async def test_a_plan_that_nobody_made_is_not_there() -> None:
    with pytest.raises(NotThere, match="nothing is held under"):
        await desk_of(await seeded()).reject("f" * 16, by=ANN)


# --- locks ---------------------------------------------------------------------------------------------


async def test_a_lock_holds_what_was_asked_for() -> None:
    world = await seeded()
    at = datetime(2026, 11, 11, tzinfo=UTC)
    wanted = LockWanted(sku=S01, units=6, shop=A, only=True, release=1, releases=[(2, at)])

    answer = await answered(world, await desk_of(world).add_lock(wanted, by=ANN))

    lock = (await world.store.locks())[-1]
    assert answer.startswith("lock 2 holds 6 units of S01")
    assert (lock.mode, lock.by_hand, lock.schedule) == (LockMode.ONLY, 1, "2@2026-11-11T00:00:00+00:00")
    assert lock.created_by == ANN


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (LockWanted(sku=Sku("ZZ"), units=1), "no source knows the SKU 'ZZ'"),
        (LockWanted(sku=Sku("KIT"), units=1), "KIT is a bundle, which has no stock of its own"),
        (LockWanted(sku=S01, units=1, shop=ShopName("z")), "there is no shop 'z'"),
        (LockWanted(sku=S01, units=1, pool=PoolName("z")), "there is no pool 'z'"),
        (LockWanted(sku=S01, units=1, only=True), "only: says what a shop shows"),
        (
            LockWanted(sku=S01, units=1, releases=[(1, datetime.fromisoformat("0001-01-01T00:00+14:00"))]),
            "releases: nobody has units released at such a time",
        ),
    ],
)
async def test_a_lock_that_cannot_be_is_not_asked_for(wanted: LockWanted, said: str) -> None:
    world = await seeded()

    with pytest.raises(UsageError, match=said):
        await desk_of(world).add_lock(wanted, by=ANN)
    assert list(await world.store.requests()) == []


async def test_a_sku_in_several_pools_needs_the_name_of_one() -> None:
    world = World(STOCK)
    more = Pool(name=PoolName("more"), mode=PoolMode.SHARED, warehouses=(WarehouseName("x"),), shops=(A,))
    world.topology = replace(world.topology, pools=(*world.topology.pools, more))
    await world.filled()
    row = (await world.store.stock({S01}))[0]
    source = (await world.store.sources())[row.source]
    await world.store.accept(source, [row._replace(warehouse=WarehouseName("x"))], None)

    with pytest.raises(UsageError, match="name the pool: S01 is in pools main, more"):
        await desk_of(world).add_lock(LockWanted(sku=S01, units=1, shop=A), by=ANN)


async def test_units_of_a_lock_are_released() -> None:
    world = await seeded()

    answer = await answered(world, await desk_of(world).release_lock(1, by=ANN))

    assert answer.endswith("3 released")


async def test_a_lock_that_does_not_live_is_not_there() -> None:
    world = await seeded()
    desk = desk_of(world)

    with pytest.raises(NotThere, match="no lock 7 lives; those that do are 1"):
        await desk.end_lock(7, by=ANN)
    await answered(world, await desk.end_lock(1, by=ANN))
    with pytest.raises(NotThere, match="no lock 1 lives; none does"):
        await desk.release_lock(1, by=ANN)


async def test_a_cycle_is_asked_for() -> None:
    world = await seeded()

    number = await desk_of(world).sync(by=ANN)

    assert [(row.id, row.verb, row.asked_by) for row in await world.store.requests()] == [
        (number, "sync", ANN)
    ]


async def test_an_answer_is_empty_until_there_is_one() -> None:
    world = await seeded()
    desk = desk_of(world)
    number = await desk.set_status(A, "pause", by=ANN)

    assert await desk.answer(number) == ""
    await world.requests.obey()
    assert await desk.answer(number) == "shop a is paused"


async def test_an_alert_is_acknowledged_at_once() -> None:
    world = await seeded()

    assert await desk_of(world).acknowledge(1, by=ANN)
    assert not await desk_of(world).acknowledge(9, by=ANN)
    assert [row.acked_by for row in await world.store.live_alerts()] == [ANN]
