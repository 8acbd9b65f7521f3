"""Lowering looks at a part of the state, and decides on it as a cycle would on all."""

from dataclasses import replace
from datetime import timedelta

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import DemandRow
from syncd.domain.topology import PoolMode
from syncd.ports.store import Measured
from syncd.services.lowering import Left
from tests.unit.services.cycle_world import LAG, TELLS, World
from tests.unit.services.orders_world import claims, order
from tests.unit.services.test_lowering import lower, settled
from tests.unit.services.test_withheld import DOWN, GROSS, PAYS

A, B = Sku("A"), Sku("B")
SHOP, OTHER = ShopName("a"), ShopName("b")


async def test_a_decrease_that_turns_out_to_be_a_raise_is_left_to_a_cycle() -> None:
    world = await settled(orders=False, A=20, B=10)
    world.rule(shop="a", percent=50)
    await world.filled()
    assert world.counters("a")["A"] == 10
    # Half of what is left after these is more than what the shop shows then.
    world.shop("a").sell(ListingId("A"), 5)
    world.stock(A=18, B=10)

    lowered = await lower(world, "A")

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (5, 13)
    assert lowered.left == Left(skus=frozenset({A}))
    await world.run()
    assert world.counters("a")["A"] == 6


async def split(**sold: float) -> World:
    """Return a settled split pool in whose shops so much of B was sold, and of A nothing."""
    world = await settled(mode=PoolMode.SPLIT, A=20, B=20)
    rows = [
        DemandRow(ShopName(shop), B, units, 86_400.0, 0.0, True, world.clock.now())
        for shop, units in sold.items()
    ]
    await world.store.save_measures(Measured(demand=rows))
    await world.run()
    return world


async def test_a_loss_is_borne_as_a_cycle_would_have_it_where_other_skus_sell_in_one_shop_only() -> None:
    here, there = [await split(a=1.0, b=5_000.0) for _ in range(2)]
    for world in (here, there):
        world.stock(A=5, B=20)
    await lower(here, "A")

    await there.run(after=5.0)

    assert [here.counters(shop)["A"] for shop in "ab"] == [there.counters(shop)["A"] for shop in "ab"]


async def test_what_is_withheld_of_another_sku_stays_claimed() -> None:
    world = World({"A": 10, "B": 10}, traits=PAYS)
    world.order_rules = GROSS
    await world.filled()
    order(world, 3, paid=False)
    world.shop("a").fail_orders(DOWN)
    await world.run()
    assert await claims(world) == [("withheld:A:A", 3)]
    world.stock(A=10, B=4)

    await lower(world, "B")

    assert (world.counters("b")["B"], await claims(world)) == (4, [("withheld:A:A", 3)])


async def test_a_claim_of_another_sku_ends_when_that_is_looked_at() -> None:
    world = await settled()
    buyers, now = world.shop("a").buyers, world.clock.now()
    buyers.pay(buyers.order({ListingId("B"): 2}, at=now), at=now)
    await world.run()
    before = await claims(world)
    world.clock.advance(2 * LAG.total_seconds())
    world.stock(A=4, B=8)

    await lower(world, "A")

    assert (await claims(world), before) == (before, [("order:1-1:B", 2)])
    # By now the figures of the ERP contain it.
    await lower(world, "B")
    assert await claims(world) == []


async def before_its_base() -> World:
    """Return a settled world that sells AU, which will stand for damaged units of A once there is an A."""
    world = World({"B": 10, "AU": 10}, traits=TELLS)
    world.observe_every = timedelta(hours=10)
    sources = tuple(replace(source, unsellable_suffix="U") for source in world.topology.sources)
    world.topology = replace(world.topology, sources=sources)
    await world.filled()
    assert world.counters("a") == {"B": 10, "AU": 10}
    world.stock(A=10, B=10, AU=4)
    return world


async def test_a_listing_of_damaged_units_is_written_no_more_than_by_a_cycle() -> None:
    here, there = [await before_its_base() for _ in range(2)]
    await lower(here, "AU")

    await there.run(after=5.0)

    assert here.counters("a") == there.counters("a") == {"B": 10, "AU": 10}
