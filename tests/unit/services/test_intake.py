"""Sales that only a fallen counter tells of: they lower the others at once, and are counted once."""

from dataclasses import replace
from datetime import timedelta

from syncd.adapters.memory import Fault
from syncd.domain.model import Action, ListingId
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits
from tests.unit.services.cycle_world import PROVES, World, changes, shown, stops

A = ListingId("A")


async def test_a_counter_that_fell_lowers_the_other_shops_at_once() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").sell(A, 3)

    await world.run()

    assert (world.counters("a"), world.counters("b")) == ({"A": 7}, {"A": 7})


async def test_an_old_erp_figure_does_not_put_sold_units_back() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").sell(A, 3)

    for _ in range(5):
        await world.run(after=60)

    assert (world.counters("a"), world.counters("b")) == ({"A": 7}, {"A": 7})


async def test_a_presumed_sale_ends_when_the_snapshot_must_contain_it() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").sell(A, 3)
    await world.run()
    world.stock(A=7)

    await world.run(after=820)

    assert await world.claimed("A") == 0
    assert (world.counters("a"), world.counters("b")) == ({"A": 7}, {"A": 7})


async def test_a_presumed_sale_lives_on_while_the_source_is_silent() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").sell(A, 3)
    await world.run()
    world.lose(PortError(Kind.TRANSIENT, "down"))

    await world.run(after=7200)

    assert await world.claimed("A") == 3


async def test_a_counter_that_rises_again_gives_the_presumed_sale_back() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").sell(A, 3)
    await world.run()
    world.shop("a").put(shown("A", 9))

    await world.run()

    assert await world.claimed("A") == 1


async def test_two_sales_in_one_minute_are_two_claims() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").sell(A, 3)
    await world.run(after=0)
    world.shop("a").sell(A, 2)
    await world.run(after=0)

    assert await world.claimed("A") == 5


async def test_a_sale_is_counted_once_where_a_shop_is_read_twice_in_a_cycle() -> None:
    world = World({"A": 10, "B": 10})
    world.observe_every, world.audit = timedelta(hours=10), 2
    await world.filled()
    observer = world.cycle._hands.observer
    observer._jobs = [replace(job, audit=2 if job.shop.name == "a" else 0) for job in observer._jobs]
    world.shop("a").sell(A, 3)
    # This one comes to light only because it must be lowered for the sale in the other shop.
    world.shop("b").sell(A, 2)

    await world.run()

    assert await world.claimed("A") == 5


async def test_a_return_is_given_back_once_where_a_shop_is_read_twice_in_a_cycle() -> None:
    world = World({"A": 10, "B": 10})
    world.observe_every, world.audit = timedelta(hours=10), 2
    await world.filled()
    world.shop("a").sell(A, 5)
    await world.run()
    # Its figure must come down too, so that the listing is read back before it is written.
    world.shop("a").put(shown("A", 7))
    world.stock(A=9, B=9)

    await world.run()

    assert await world.claimed("A") == 3


async def test_a_plan_that_is_only_looked_at_claims_nothing() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").sell(A, 3)

    view = await world.cycle.look(save=False)

    assert await world.claimed("A") == 0
    assert [change.new for change in view.decision.going()] == [7]


async def test_a_reading_without_a_quantity_is_no_sale() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=20)
    await world.run()
    world.shop("a").put(shown("A", None))

    await world.run()

    assert await world.claimed("A") == 0


async def test_a_reading_without_a_quantity_is_not_written_on() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").put(shown("A", None))
    world.stock(A=20)

    report = await world.run()

    assert stops(report)["a", "A"].name == "UNREAD"


async def test_a_write_that_came_to_light_late_is_no_sale() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=4)
    world.shop("a").fail_push(Fault(error=PortError(Kind.TRANSIENT, "the line broke"), applied=True))

    await world.run()
    await world.run()

    assert await world.claimed("A") == 0
    assert (world.counters("a"), world.counters("b")) == ({"A": 4}, {"A": 4})


async def test_a_sale_beside_a_lost_lowering_is_still_seen() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=4)
    world.shop("a").fail_push(Fault(error=PortError(Kind.TRANSIENT, "the line broke"), applied=False))
    await world.run()
    world.shop("a").sell(A, 2)

    await world.run()

    assert await world.claimed("A") == 2
    assert (world.counters("a"), world.counters("b")) == ({"A": 2}, {"A": 2})


async def test_a_sale_during_a_restart_is_claimed_once() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").sell(A, 3)
    await world.run()
    world.restart()

    await world.run()

    assert await world.claimed("A") == 3


async def test_a_listing_that_is_seen_for_the_first_time_sold_nothing() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").put(shown("X", 0, code="A"))

    await world.run()

    assert await world.claimed("A") == 0


async def test_in_a_split_pool_the_other_shop_gets_nothing_before_it_was_taken() -> None:
    world = await World({"A": 10}, mode=PoolMode.SPLIT).filled()
    world.shop("a").fail_push(PortError(Kind.TRANSIENT, "down"))
    world.rule(shop="b", weight=3)

    report = await world.run()

    assert changes(report)["b", "A"].new > 5
    assert world.counters("b") == {"A": 5}


async def test_what_is_only_accepted_proves_no_taking() -> None:
    late = ChannelTraits(
        max_batch=50, write_modes=(Action.SET,), observes_some=True, max_apply_delay=300.0, can_unlist=True
    )
    world = await World({"A": 10}, mode=PoolMode.SPLIT, traits=late).filled()
    for _ in range(8):
        await world.run(after=301)
    assert (world.counters("a"), world.counters("b")) == ({"A": 5}, {"A": 5})
    world.rule(shop="b", weight=3)
    world.shop("a").fail_push(Fault(late=True))

    await world.run(after=301)

    assert sum(world.counters("a").values()) + sum(world.counters("b").values()) <= 10


async def test_in_a_split_pool_what_was_taken_is_given_in_the_same_cycle() -> None:
    world = await World({"A": 10}, mode=PoolMode.SPLIT, traits=PROVES).filled()
    world.rule(shop="b", weight=4)

    await world.run()

    assert (world.counters("a"), world.counters("b")) == ({"A": 2}, {"A": 8})
