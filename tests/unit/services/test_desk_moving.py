"""What the desk says of sales, locks and units that move between shops."""

import pytest

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from syncd.services.desk import Asked
from tests.unit.services.cycle_world import PROVES, World
from tests.unit.services.desk_world import desk_of, seeded

A = ShopName("a")
DOWN = PortError(Kind.TRANSIENT, "no route")


async def test_orders_say_what_no_snapshot_contains() -> None:
    found = await desk_of(await seeded()).orders(Asked())

    (order,) = found["items"]
    assert (order["shop"], order["skus"], order["open"]) == ("a", {"S11": 1}, 2)
    assert list(found["feeds"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [(Asked(sku=Sku("S11")), 1), (Asked(sku=Sku("S10")), 0), (Asked(open_only=True), 1), (Asked(shop=A), 1)],
)
async def test_orders_are_found_by_what_they_are_about(asked: Asked, count: int) -> None:
    assert len((await desk_of(await seeded()).orders(asked))["items"]) == count


async def test_claims_say_what_they_wait_for() -> None:
    (claim,) = (await desk_of(await seeded()).claims(Asked()))["items"]

    assert (claim["sku"], claim["units"], claim["presumed"]) == ("S11", 2, False)
    assert claim["waits_for"]


async def test_locks_that_have_ended_are_shown_where_asked() -> None:
    world = await seeded()
    desk = desk_of(world)
    await desk.end_lock(1, by="ann")
    await world.requests.obey()

    assert (await desk.locks())["items"] == []
    assert [lock["lock"] for lock in (await desk.locks(ended=True))["items"]] == [1]


async def crowded() -> World:
    """Let one shop sell nearly all of its share, so that units of the other one move to it."""
    world = await World({"A": 30}, mode=PoolMode.SPLIT, traits=PROVES).filled()
    world.shop("b").fail_push(*[DOWN for _ in range(999)])
    for _ in range(14):
        world.shop("a").sell(ListingId("A"), 1)
        await world.run(after=30)
    return world


async def test_units_on_their_way_say_what_they_wait_for() -> None:
    world = await crowded()
    assert await world.store.moves()

    first = (await desk_of(world).transfers(Asked()))["items"][0]

    assert (first["sku"], first["from"], first["to"]) == ("A", "b", "a")
    assert first["waits_for"]


async def test_units_that_arrived_are_told_where_asked() -> None:
    world = await crowded()
    desk = desk_of(world)

    without, found = await desk.transfers(Asked()), await desk.transfers(Asked(ended=True))

    assert (without["finished"], found["left_out"]) == (None, 0)
    assert all(one["units"] > 0 for one in found["finished"])
