"""The warning level over whole cycles: off in all shops, back when stock has recovered, people respected."""

from dataclasses import replace

from syncd.adapters.memory import Fault
from syncd.domain.model import ListingId, OffReason, Outcome
from syncd.domain.topology import PolicyName, PoolMode, Shop
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits, Unlists
from tests.unit.services.cycle_world import CAN, TELLS, World, shops_of, shown
from tests.unit.services.orders_world import order

A, B = ListingId("A"), ListingId("B")
BOTH = shops_of("a", "b")


async def levelled(*, traits: ChannelTraits = CAN, shops: tuple[Shop, ...] = BOTH, **pool: float) -> World:
    """Return shops that show 10 A and 50 B, with a warning level of 5 for A."""
    world = World({"A": 10, "B": 50}, traits=traits, shops=shops, pool=pool)
    world.rule(sku="A", warning_level=5)
    return await world.filled()


def on_sale(world: World, listing: ListingId = A) -> list[bool | None]:
    return [channel.shown(listing).on_sale for channel in world.channels.values()]


async def test_below_the_level_every_shop_goes_off_sale() -> None:
    world = await levelled()
    world.stock(A=4, B=50)

    await world.run()

    assert on_sale(world) == [False, False]


async def test_at_the_level_nothing_goes_off_sale() -> None:
    world = await levelled()
    world.stock(A=5, B=50)

    await world.run()

    assert on_sale(world) == [True, True]


async def test_a_sale_that_takes_the_rest_below_the_level_takes_it_off_sale() -> None:
    world = await levelled()
    world.shop("a").sell(A, 6)

    await world.run()

    assert on_sale(world) == [False, False]


async def test_one_snapshot_above_the_level_is_not_enough_to_come_back() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    world.stock(A=20, B=50)

    await world.run()

    assert on_sale(world) == [False, False]


async def test_two_snapshots_that_agree_put_it_back() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    world.stock(A=20, B=50)
    await world.run()
    world.stock(A=6, B=50)

    await world.run()

    assert on_sale(world) == [True, True]
    assert world.counters("a")["A"] == 6


async def test_one_snapshot_that_is_read_twice_counts_once() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    world.stock(A=20, B=50)

    await world.run()
    await world.run(after=0)

    assert on_sale(world) == [False, False]


async def test_a_snapshot_below_the_relist_level_starts_the_count_anew() -> None:
    world = await levelled()
    for units in (4, 20, 5, 20):
        world.stock(A=units, B=50)
        await world.run()

    assert on_sale(world) == [False, False]


async def test_it_stays_off_for_the_least_time() -> None:
    world = await levelled(least_off_seconds=600)
    world.stock(A=4, B=50)
    await world.run()
    world.stock(A=20, B=50)
    for _ in range(3):
        await world.run()

    assert on_sale(world) == [False, False]


async def test_after_the_least_time_it_comes_back() -> None:
    world = await levelled(least_off_seconds=600)
    world.stock(A=4, B=50)
    await world.run()
    world.stock(A=20, B=50)
    for _ in range(3):
        await world.run(after=201)

    assert on_sale(world) == [True, True]


async def test_a_source_that_fails_puts_nothing_back() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    world.stock(A=20, B=50)
    await world.run()
    world.lose(PortError(Kind.TRANSIENT, "down"))

    await world.run()

    assert on_sale(world) == [False, False]


async def test_a_source_that_fails_still_lets_a_sale_take_it_off() -> None:
    world = await levelled()
    world.lose(PortError(Kind.TRANSIENT, "down"))
    world.shop("a").sell(A, 6)

    await world.run()

    assert on_sale(world) == [False, False]


async def test_what_a_person_put_back_is_taken_down_once_more() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    world.shop("a").put(shown("A", 0))

    await world.run()

    assert on_sale(world) == [False, False]


async def test_what_a_person_put_back_twice_is_left_alone() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    for _ in range(2):
        world.shop("a").put(shown("A", 0))
        await world.run()

    for _ in range(3):
        await world.run()

    assert on_sale(world) == [True, False]


async def test_what_is_left_alone_still_sells_nothing() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    for _ in range(2):
        world.shop("a").put(shown("A", 0))
        await world.run()
    world.shop("a").put(shown("A", 7))

    await world.run()

    assert world.counters("a")["A"] == 0


async def test_what_is_left_alone_is_ours_again_once_its_stock_changed() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    for _ in range(2):
        world.shop("a").put(shown("A", 0))
        await world.run()
    for units in (20, 20, 20, 4):
        world.stock(A=units, B=50)
        await world.run()

    assert on_sale(world) == [False, False]


async def test_people_are_told_that_somebody_put_it_back() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    world.shop("a").put(shown("A", 0))

    await world.run()

    assert [facts["listing"] for facts in world.told.named("put_back")] == ["A"]


async def test_what_a_person_took_down_is_never_put_back() -> None:
    world = await levelled()
    world.shop("a").put(shown("A", 10, on_sale=False))
    for units in (4, 20, 20, 20):
        world.stock(A=units, B=50)
        await world.run()

    assert on_sale(world) == [False, True]


async def test_what_a_violation_took_down_is_never_put_back() -> None:
    world = await levelled()
    world.stock(A=4, B=50)
    await world.run()
    world.shop("a").put(shown("A", 0, on_sale=False, off_reason=OffReason.VIOLATION))
    for _ in range(3):
        world.stock(A=20, B=50)
        await world.run()

    assert on_sale(world) == [False, True]


async def test_what_the_platform_took_down_as_sold_out_is_put_back() -> None:
    world = await levelled(traits=replace(CAN, auto_delists_at_zero=True))
    world.shop("a").sell(A, 10)
    await world.run()
    for _ in range(3):
        world.stock(A=20, B=50)
        await world.run(after=700)

    assert on_sale(world) == [True, True]


async def test_where_an_item_is_unlisted_whole_one_healthy_listing_keeps_it_on_sale() -> None:
    world = await levelled(traits=replace(CAN, unlists=Unlists.ITEM), shops=shops_of("a"))
    world.shop("a").put(shown("A", 10, item="I"), shown("B", 50, item="I"))
    await world.run()
    world.stock(A=4, B=50)

    await world.run()

    assert (world.counters("a"), on_sale(world, B)) == ({"A": 0, "B": 50}, [True])


async def test_where_an_item_is_unlisted_whole_it_goes_when_all_its_listings_are_down() -> None:
    world = await levelled(traits=replace(CAN, unlists=Unlists.ITEM), shops=shops_of("a"))
    world.shop("a").put(shown("A", 10, item="I"), shown("C", 10, item="I", code="A"))
    await world.run()
    world.stock(A=4, B=50)

    await world.run()
    await world.run()

    assert on_sale(world) == [False]


async def test_an_unbound_listing_keeps_its_item_on_sale() -> None:
    world = await levelled(traits=replace(CAN, unlists=Unlists.ITEM), shops=shops_of("a"))
    world.shop("a").put(shown("A", 10, item="I"), shown("X", 3, item="I", code="unknown"))
    await world.run()
    world.stock(A=4, B=50)

    await world.run()
    await world.run()

    assert world.counters("a")["X"] == 3


async def test_an_item_that_comes_back_for_one_listing_blames_no_person_for_the_other() -> None:
    world = World({"A": 10, "B": 10, "C": 50}, traits=replace(CAN, unlists=Unlists.ITEM), shops=shops_of("a"))
    world.rule(sku="A", warning_level=5)
    world.rule(sku="B", warning_level=5)
    world.shop("a").put(shown("A", 0, item="I"), shown("B", 0, item="I"))
    await world.filled()
    for a, b in ((4, 4), (4, 20), (4, 20), (4, 20), (4, 20)):
        world.stock(A=a, B=b, C=50)
        await world.run()

    assert on_sale(world) == [True]
    assert (await world.row("a", "A")).delisted_by == "syncd"
    assert not world.told.named("put_back")


async def test_a_policy_against_delisting_still_takes_the_units_away() -> None:
    world = await levelled(shops=shops_of("a", policy=PolicyName.NO_DELIST))
    world.stock(A=4, B=50)

    await world.run()

    assert (world.counters("a")["A"], on_sale(world)) == (0, [True])


async def test_a_policy_against_raises_lets_lowerings_go() -> None:
    world = await levelled(shops=shops_of("a"))
    world.topology = replace(world.topology, policy=PolicyName.NO_RAISE)
    world.restart()
    world.stock(A=8, B=60)

    await world.run()

    assert world.counters("a") == {"A": 8, "B": 50}


async def test_a_policy_that_freezes_writes_nothing() -> None:
    world = await levelled(shops=shops_of("a", policy=PolicyName.FREEZE))
    world.stock(A=0, B=60)

    await world.run()

    assert world.counters("a") == {"A": 0, "B": 0}
    assert not world.shop("a").pushed


async def test_a_delisting_does_not_take_along_a_listing_that_is_held() -> None:
    world = World(
        {"A": 10, "B": 10, "C": 10, "D": 10}, traits=replace(CAN, unlists=Unlists.ITEM), shops=shops_of("a")
    )
    world.rule(warning_level=5)
    world.shop("a").put(shown("A", 10, item="I"), shown("B", 10, item="I"))
    await world.filled()
    world.stock(B=10, C=10, D=10)
    await world.run()
    world.stock(B=4, C=10, D=10)

    await world.run()

    assert (world.counters("a")["A"], world.shop("a").shown(B).quantity) == (10, 0)


async def test_a_refused_delisting_leaves_a_zero() -> None:
    world = await levelled(shops=shops_of("a"))
    world.stock(A=4, B=50)
    refusal = Outcome(kind=Kind.REJECTED, message="not now")
    world.shop("a").fail_push(Fault(), Fault(outcomes={A: refusal}))

    await world.run()

    assert world.counters("a")["A"] == 0


async def test_a_refused_delisting_is_tried_again() -> None:
    world = await levelled(shops=shops_of("a"))
    world.stock(A=4, B=50)
    refusal = Outcome(kind=Kind.REJECTED, message="not now")
    world.shop("a").fail_push(Fault(), Fault(outcomes={A: refusal}))

    await world.run()
    await world.run()

    assert on_sale(world) == [False]


async def test_a_pool_below_the_level_gives_all_to_the_shop_with_the_last_units() -> None:
    world = World({"A": 10, "B": 50}, mode=PoolMode.SPLIT)
    world.rule(sku="A", warning_level=5)
    world.rule(shop="b", sku="A", last_units=1)
    await world.filled()
    world.stock(A=4, B=50)

    for _ in range(3):
        await world.run()

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (0, 4)


async def test_a_crowd_that_never_pays_takes_all_units_but_no_listing() -> None:
    world = await levelled(traits=TELLS)
    order(world, 8, paid=False)

    await world.run()

    assert on_sale(world) == [True, True]
    assert [channel.shown(A).quantity for channel in world.channels.values()] == [0, 0]


async def test_what_the_crowd_pays_for_takes_the_listing_off_sale() -> None:
    world = await levelled(traits=TELLS)
    number = order(world, 8, paid=False)
    await world.run()
    world.shop("a").buyers.pay(number, at=world.clock.now())

    await world.run()

    assert on_sale(world) == [False, False]
