"""A push sends what sells too much first, and what waited is not left behind for ever."""

import asyncio
from dataclasses import replace

from syncd.domain.model import Change, ChangeKind, ListingId, ShopName, Sku
from syncd.domain.records import DemandRow
from syncd.domain.topology import Assemble, Bundle
from syncd.domain.urgency import Stake, Urgency, stakes_of
from syncd.errors import Kind, PortError
from syncd.ports.store import Virtual
from syncd.services.cycle import View
from syncd.services.gate import open_gate
from tests.unit.services.cycle_world import CAN
from tests.unit.services.cycle_world import World as Cycles
from tests.unit.services.push_world import World, change, says

ZERO, OFF, LOWER, RELIST, RAISE = ChangeKind
OLD = {"old": 1000.0}


def urgency(left: dict[str, float] | None = None, *, ages: dict[str, float] | None = None) -> Urgency:
    return Urgency(
        stakes={Sku(f"SKU-{name}"): Stake(1.0, units, frozenset()) for name, units in (left or {}).items()},
        ages={ListingId(name): age for name, age in (ages or {}).items()},
    )


# --- one push ----------------------------------------------------------------------------------------------


async def test_the_decrease_that_would_oversell_most_is_sent_first() -> None:
    world = World(max_batch=1)
    await world.pusher().push(
        [change("a", LOWER, 3), change("b", LOWER, 3)], urgency=urgency({"a": 100, "b": 2})
    )
    assert world.sent() == ["set b=3", "set a=3"]


async def test_the_listing_that_shows_least_is_raised_first() -> None:
    world = World(max_batch=1)
    await world.pusher().push([change("deep", RAISE, 90, 50, 50), change("empty", RAISE, 9, 0, 0)])
    assert world.sent() == ["set empty=9", "set deep=90"]


async def test_a_zero_goes_before_what_waited_for_too_long() -> None:
    world = World(max_batch=1)
    changes = [change("old", LOWER, 1), change("sold", ZERO, 0)]
    await world.pusher().push(changes, urgency=urgency(ages=OLD))
    assert world.sent() == ["set sold=0", "set old=1"]


def lowering(count: int) -> list[Change]:
    return [change(f"l{n}", LOWER, 3) for n in range(count)]


async def test_a_raise_that_waited_for_too_long_goes_before_the_last_decreases() -> None:
    world = World(max_batch=1)
    changes = [*lowering(20), change("new", RAISE, 9), change("old", RAISE, 9)]
    await world.pusher().push(changes, urgency=urgency(ages=OLD))
    assert world.sent()[18:] == ["set l18=3", "set old=9", "set l19=3", "set new=9"]


async def test_a_raise_never_goes_before_a_decrease_of_its_sku_however_old_it_is() -> None:
    world = World(max_batch=1)
    changes = [change("old", RAISE, 9, sku="SKU-l19"), *lowering(20)]
    await world.pusher().push(changes, urgency=urgency(ages=OLD))
    assert world.sent()[19:] == ["set l19=3", "set old=9"]


async def test_a_late_raise_is_sent_whatever_became_of_the_decreases_before_it() -> None:
    world = World(says(**{f"l{n}": Kind.REJECTED for n in range(19)}), max_batch=19)
    changes = [*lowering(20), change("old", RAISE, 9)]
    report = await world.pusher().push(changes, urgency=urgency(ages=OLD))
    assert [done.listing for done in report.done] == ["old", "l19"]


async def test_the_longest_age_is_a_setting() -> None:
    world = World(max_batch=1)
    changes = [*lowering(20), change("old", RAISE, 9)]
    await world.pusher(longest_age=2000.0).push(changes, urgency=urgency(ages=OLD))
    assert world.sent()[-1] == "set old=9"


async def test_the_order_costs_no_call() -> None:
    world = World(max_batch=10)
    lower = [change(f"l{n}", LOWER, 3) for n in range(25)]
    raise_ = [change(f"r{n}", RAISE, 9) for n in range(25)]
    mixed = [one for pair in zip(raise_, lower, strict=True) for one in pair]
    await world.pusher().push(mixed, urgency=urgency({f"l{n}": float(n % 7) for n in range(25)}))
    assert len(world.shop.pushed) == 6


async def test_a_long_plan_is_ordered_all_the_same() -> None:
    world = World(max_batch=50)
    changes = [change(str(n), RAISE, 900, 600 - n, 600 - n) for n in range(600)]
    await world.pusher().push(changes)
    assert [write.listing for call in world.shop.pushed for write in call] == [
        str(n) for n in reversed(range(600))
    ]


async def test_a_decrease_does_not_wait_for_the_raises_of_its_plan() -> None:
    world, accepted = World(max_batch=1), dict[str, float]()

    async def hook() -> None:
        accepted[world.shop.pushed[-1][0].listing] = world.time.monotonic()

    world.shop.hook = hook
    changes = [*(change(f"r{n}", RAISE, 9) for n in range(100)), change("low", LOWER, 3)]
    await world.pusher(calls_per_second=1.0, burst=2).push(changes)
    assert (accepted["low"], round(max(accepted.values()))) == (0.0, 100)


async def test_a_decrease_that_comes_while_raises_are_sent_is_the_next_call() -> None:
    world, begun = World(max_batch=1), asyncio.Event()

    async def hook() -> None:
        if len(world.shop.pushed) == 3:
            begun.set()

    world.shop.hook = hook
    way = open_gate(1.0, 2, world.time)
    raises = replace(world.pusher(in_flight=4), gate=way).push([change(f"r{n}", RAISE, 9) for n in range(20)])
    async with asyncio.TaskGroup() as group:
        group.create_task(raises)
        await begun.wait()
        await replace(world.pusher(), gate=way).push([change("low", LOWER, 3)])
    sent = [call[0].listing for call in world.shop.pushed]
    # Four raises stood in line before it, and the clock jumps while it gets there.
    assert sent.index(ListingId("low")) in (3, 4)


# --- cycles ------------------------------------------------------------------------------------------------


def demand(world: Cycles, sku: str, sold: float) -> DemandRow:
    return DemandRow(ShopName("a"), Sku(sku), sold, 86_400.0, 0.0, True, world.clock.now())


async def looked(world: Cycles) -> View:
    return await world.cycle.look(save=False)


async def test_what_sells_faster_has_the_higher_rate() -> None:
    world = await Cycles({"A": 20, "B": 20}).filled()
    rows = (demand(world, "A", 2.0), demand(world, "B", 200.0))
    view = await looked(world)
    found = stakes_of(view.decision.plan.figures, [Sku("A"), Sku("B")], rows)
    assert found[Sku("B")].rate > 20 * found[Sku("A")].rate


async def test_what_is_left_is_what_the_pools_have() -> None:
    world = await Cycles({"A": 20, "B": 7}).filled()
    view = await looked(world)
    found = stakes_of(view.decision.plan.figures, [Sku("A"), Sku("B")], ())
    assert [found[Sku(name)].left for name in "AB"] == [20, 7]


async def test_the_stake_of_a_sku_that_nobody_knows_is_left_out() -> None:
    world = await Cycles({"A": 20}).filled()
    view = await looked(world)
    assert stakes_of(view.decision.plan.figures, [Sku("GONE")], ()) == {}


async def test_the_stake_of_a_bundle_is_that_of_its_scarcest_component() -> None:
    world = Cycles({"A": 20, "B": 7})
    bundle = Bundle(sku=Sku("AB"), components={Sku("A"): 1, Sku("B"): 2}, assemble=Assemble.POOL)
    world.topology = replace(world.topology, bundles=(bundle,))
    view = await looked(await world.filled())
    found = stakes_of(view.decision.plan.figures, [Sku("AB")], ())[Sku("AB")]
    assert (found.left, sorted(found.parts)) == (3.5, ["A", "B"])


async def test_a_cycle_lowers_what_sells_fastest_first() -> None:
    world = await Cycles(
        {"A": 20, "B": 20, "C": 20}, traits=replace(CAN, max_batch=1, max_batch_listing=1)
    ).filled()
    sold = (("A", 1.0), ("B", 500.0), ("C", 50.0))
    await world.store.save_virtual(Virtual(demand=tuple(demand(world, sku, units) for sku, units in sold)))
    before = len(world.shop("a").pushed)
    world.stock(A=19, B=19, C=19)
    await world.run()
    assert [call[0].listing for call in world.shop("a").pushed[before:]] == ["B", "C", "A"]


SLOW = PortError(Kind.THROTTLED, "slow down", retry_after=500.0)


async def stuck(since: float = 500.0) -> Cycles:
    """Return a world of which a raise of A waits `since` so long; B, which shows less, is raised next too."""
    world = await Cycles({"A": 20, "B": 5}, traits=replace(CAN, max_batch=1)).filled()
    world.stock(A=30, B=5)
    for after in (60.0, since):
        world.shop("a").fail_push(SLOW)
        await world.run(after=after)
    world.stock(A=30, B=9)
    return world


async def sent(world: Cycles, *, after: float) -> list[str]:
    """Return the listings that the next cycle writes in shop a, call by call."""
    before = len(world.shop("a").pushed)
    await world.run(after=after)
    return [call[0].listing for call in world.shop("a").pushed[before:]]


async def test_a_raise_that_no_cycle_could_send_for_too_long_is_not_behind_a_new_one() -> None:
    assert await sent(await stuck(), after=600.0) == ["A", "B"]


async def test_a_raise_that_could_not_be_sent_for_a_short_time_goes_by_what_buyers_find() -> None:
    assert (await sent(await stuck(since=200.0), after=600.0))[:1] == ["B"]


async def test_what_waited_is_forgotten_once_it_is_done() -> None:
    world = await stuck()
    await sent(world, after=600.0)
    world.stock(A=40, B=10)
    assert await sent(world, after=2000.0) == ["B", "A"]


async def test_what_is_not_wanted_any_more_has_not_waited() -> None:
    world = await stuck()
    world.stock(A=20, B=5)
    await world.run(after=600.0)
    world.stock(A=30, B=9)
    assert await sent(world, after=1000.0) == ["B", "A"]
