"""Lowering at once what somebody named, between two cycles and beside one."""

from dataclasses import replace
from datetime import timedelta

from syncd.adapters.memory import Fault
from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.policy import Stop
from syncd.domain.records import ShopState, ShopStatus
from syncd.domain.topology import Assemble, Bundle, GuardLimits, PoolMode, Shop
from syncd.errors import Kind, PortError
from syncd.ports.channel import Unlists
from syncd.services.lowering import EVERYTHING, Left, Lowered
from tests.unit.services.cycle_world import CAN, TELLS, World, shown, stops
from tests.unit.services.orders_world import claims, order

A, B = Sku("A"), Sku("B")
SHOP, OTHER = ShopName("a"), ShopName("b")


async def settled(*, mode: PoolMode = PoolMode.SHARED, orders: bool = True, **stock: int) -> World:
    """Return a world that is filled and reads its shops only now and then."""
    world = World(stock or {"A": 10, "B": 10}, mode=mode, traits=TELLS if orders else CAN)
    world.observe_every = timedelta(hours=10)
    return await world.filled()


async def lower(world: World, *skus: str) -> Lowered:
    world.clock.advance(5)
    return await world.lowering.run(frozenset(map(Sku, skus)))


def reads(world: World, shop: str) -> int:
    return len(world.shop(shop).observed)


async def test_what_the_erp_lost_of_a_named_sku_is_taken_off_sale_everywhere() -> None:
    world = await settled()
    world.stock(A=4, B=10)

    lowered = await lower(world, "A")

    assert (world.counters("a"), world.counters("b")) == ({"A": 4, "B": 10}, {"A": 4, "B": 10})
    assert lowered.left == Left()


async def test_another_sku_that_changed_waits_for_a_cycle() -> None:
    world = await settled()
    world.stock(A=4, B=3)

    await lower(world, "A")

    assert world.counters("a") == {"A": 4, "B": 10}
    await world.run()
    assert world.counters("a") == {"A": 4, "B": 3}


async def test_a_sale_that_somebody_points_at_lowers_the_other_shops() -> None:
    world = await settled()
    world.named.name(SHOP, [order(world, 3)])

    lowered = await lower(world)

    assert (world.counters("b")["A"], await claims(world)) == (7, [("order:1-1:A", 3)])
    assert (lowered.left, world.named.waiting()) == (Left(), {})


async def test_the_next_cycle_finds_nothing_left_to_do() -> None:
    world = await settled()
    world.named.name(SHOP, [order(world, 3)])
    await lower(world)

    report = await world.run()

    assert not report.pushed
    assert await claims(world) == [("order:1-1:A", 3)]


async def test_an_order_that_message_and_list_tell_counts_once() -> None:
    world = await settled()
    number = order(world, 3)
    await world.run()
    world.named.name(SHOP, [number])

    await lower(world)

    assert (world.counters("b")["A"], await claims(world)) == (7, [("order:1-1:A", 3)])


async def test_no_cursor_of_a_list_moves() -> None:
    world = await settled()
    before = await world.store.feeds()
    world.named.name(SHOP, [order(world, 3)])

    await lower(world)

    assert await world.store.feeds() == before


async def test_nothing_is_raised_and_the_sku_is_left_to_a_cycle() -> None:
    world = await settled()
    world.stock(A=15, B=10)

    lowered = await lower(world, "A")

    assert (world.counters("a")["A"], lowered) == (10, Lowered(left=Left(skus=frozenset({A}))))


async def test_only_what_is_lowered_is_read() -> None:
    world = await settled()
    before = reads(world, "a"), reads(world, "b")
    world.stock(A=4, B=10)

    await lower(world, "A")

    assert (reads(world, "a") - before[0], reads(world, "b") - before[1]) == (1, 1)


async def test_before_the_first_cycle_everything_is_left_to_it() -> None:
    world = World({"A": 10})

    assert (await lower(world, "A")).left == EVERYTHING


async def test_with_another_configuration_everything_is_left_to_a_cycle() -> None:
    world = await settled()
    world.rule(sku="A", buffer=2)
    world.stock(A=4, B=10)

    assert (await lower(world, "A")).left == EVERYTHING


async def test_a_sku_that_nobody_knows_is_left_to_a_cycle() -> None:
    world = await settled()

    assert (await lower(world, "NEW")).left == Left(skus=frozenset({Sku("NEW")}))


async def test_named_orders_that_cannot_be_read_wait_on() -> None:
    world = await settled()
    number = order(world, 3)
    world.named.name(SHOP, [number])
    world.shop("a").fail_orders(PortError(Kind.TRANSIENT, "no route"))

    assert (await lower(world)).left == EVERYTHING
    assert world.named.waiting() == {SHOP: frozenset({number})}


async def with_bundle() -> World:
    world = World({"A": 10, "B": 10}, traits=TELLS)
    world.observe_every = timedelta(hours=10)
    bundle = Bundle(sku=Sku("AB"), components={A: 1, B: 1}, assemble=Assemble.POOL)
    world.topology = replace(world.topology, bundles=(bundle,))
    for name in "ab":
        world.shop(name).put(shown("AB", 0))
    return await world.filled()


async def test_a_bundle_goes_down_with_its_part_and_what_that_frees_waits_for_a_cycle() -> None:
    world = await with_bundle()
    assert world.counters("b") == {"A": 5, "B": 5, "AB": 5}
    world.stock(A=4, B=10)

    lowered = await lower(world, "A")

    assert (world.counters("b"), lowered.left) == ({"A": 2, "B": 5, "AB": 2}, Left(skus=frozenset({A, B})))
    await world.run()
    assert world.counters("b") == {"A": 2, "B": 6, "AB": 2}


async def test_a_paused_shop_stays_paused_and_is_not_written() -> None:
    world = await settled()
    await world.store.save_shop(replace((await world.store.shops())[OTHER], status=ShopStatus.PAUSED))
    world.stock(A=4, B=10)

    await lower(world, "A")

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (4, 10)
    assert (await world.store.shops())[OTHER].status is ShopStatus.PAUSED


async def test_a_failing_shop_holds_up_no_other_and_is_left_to_a_cycle() -> None:
    world = await settled()
    world.stock(A=4, B=10)
    world.shop("a").fail_observe(PortError(Kind.TRANSIENT, "no route"))

    lowered = await lower(world, "A")

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (10, 4)
    assert lowered.left == Left(skus=frozenset({A}))
    assert not (await world.store.shops())[SHOP].error


async def test_more_than_the_guard_allows_is_not_taken_off_sale() -> None:
    world = await settled()
    world.stock(A=0, B=10)
    await lower(world, "A")
    assert world.counters("a") == {"A": 0, "B": 10}
    world.stock(A=0, B=0)

    await lower(world, "B")

    # That would be all of the shop at once.
    assert world.counters("a") == {"A": 0, "B": 10}


async def test_in_a_split_pool_a_loss_takes_no_more_than_a_cycle_would() -> None:
    here, there = [await settled(mode=PoolMode.SPLIT) for _ in range(2)]
    for world in (here, there):
        world.stock(A=3, B=10)
    await lower(here, "A")

    await there.run(after=5.0)

    assert [here.counters(shop) for shop in "ab"] == [there.counters(shop) for shop in "ab"]


async def test_zeros_that_were_sent_one_by_one_count_for_the_guard_together() -> None:
    limited = replace(Shop(name=SHOP), guard=GuardLimits(max_off_count=1))
    world = World({"A": 10, "B": 10, "C": 10}, shops=(limited, Shop(name=OTHER)), traits=TELLS)
    world.observe_every = timedelta(hours=10)
    await world.filled()
    world.stock(A=0, B=0, C=10)
    await lower(world, "A")

    lowered = await lower(world, "B")

    assert (world.counters("a"), world.counters("b")) == (
        {"A": 0, "B": 10, "C": 10},
        {"A": 0, "B": 0, "C": 10},
    )
    assert lowered.left == Left()


async def test_an_item_is_not_delisted_while_another_sku_of_it_sells() -> None:
    world = World({"A": 10, "B": 10}, traits=replace(TELLS, unlists=Unlists.ITEM))
    for name in "ab":
        world.shop(name).put(shown("A", 0, item="both"), shown("B", 0, item="both"))
    world.observe_every = timedelta(hours=10)
    world.rule(sku="A", warning_level=5)
    await world.filled()
    world.stock(A=3, B=10)

    await lower(world, "A")

    assert world.counters("b") == {"A": 0, "B": 10}


async def test_what_a_retiring_shop_still_shows_is_left_to_a_cycle() -> None:
    world = await settled()
    await world.store.save_shop(replace((await world.store.shops())[OTHER], status=ShopStatus.RETIRING))
    world.stock(A=4, B=10)

    lowered = await lower(world, "A")

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (4, 10)
    assert lowered.left == Left(skus=frozenset({A}))


async def test_a_shop_that_failed_is_not_asked() -> None:
    world = await settled()
    await world.store.save_shop(replace((await world.store.shops())[SHOP], error="no route"))
    world.stock(A=4, B=10)
    before = reads(world, "a")

    lowered = await lower(world, "A")

    assert (reads(world, "a"), lowered.left) == (before, Left(skus=frozenset({A})))


async def test_claims_of_other_skus_stay_as_they_are() -> None:
    world = await settled()
    world.shop("a").buyers.pay(
        world.shop("a").buyers.order({ListingId("B"): 2}, at=world.clock.now()), at=world.clock.now()
    )
    await world.run()
    world.stock(A=4, B=10)

    await lower(world, "A")

    assert await claims(world) == [("order:1-1:B", 2)]


async def test_a_write_whose_answer_was_lost_is_settled_by_the_reading() -> None:
    world = await settled()
    lost = PortError(Kind.UNKNOWN, "no answer")
    world.shop("a").fail_push(Fault(error=lost, applied=True))
    world.stock(A=8, B=10)
    await world.run()
    assert await world.store.unresolved()
    world.stock(A=4, B=10)

    await lower(world, "A")

    assert (world.counters("a")["A"], await world.store.unresolved()) == (4, [])


async def test_rises_that_were_found_on_the_way_count_in_cycles_too() -> None:
    world = await settled(orders=False)
    for left in (9, 8, 7):
        world.shop("a").put(shown("A", 15))
        world.stock(A=left, B=10)
        await lower(world, "A")
    world.stock(A=20, B=10)

    assert stops(await world.run())["a", "A"] is Stop.FOREIGN


async def test_a_shop_that_is_configured_no_more_holds_up_nothing() -> None:
    world = await settled()
    await world.store.save_shop(ShopState(name=ShopName("gone"), fingerprint="another"))
    world.stock(A=4, B=10)

    await lower(world, "A")

    assert world.counters("a")["A"] == 4
