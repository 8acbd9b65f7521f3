"""A shop that is never reached again: a person saw it off sale, and its units are free once that is safe."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.model import ListingId, ShopName
from syncd.domain.records import ShopStatus
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from syncd.services.requests import GONE, Requests
from syncd.services.retiring import refuse_dropped
from tests.unit.services.cycle_world import ORDER_RULES, TELLS, World, shown

X = ListingId("A")
A, B = ShopName("a"), ShopName("b")
DOWN = PortError(Kind.TRANSIENT, "no route")


async def opened(**settings: object) -> World:
    return await World({"A": 40}, mode=PoolMode.SPLIT, **settings).filled()  # type: ignore[arg-type]


async def ask(world: World, verb: str) -> str:
    request = await world.store.ask(verb, "a", at=world.clock.now(), by="ann")
    await world.requests.obey()
    return await world.store.answered(request)


async def turn(world: World, times: int = 1, *, after: float = 60.0) -> None:
    for _ in range(times):
        await world.requests.obey()
        await world.run(after=after)
    await world.requests.obey()


async def status(world: World) -> ShopStatus:
    return (await world.store.shops())[A].status


async def cut_off(*, readings: int = 99, **settings: object) -> World:
    """Return a world whose shop `a` shows 20 units and is not reached any more, not even read for a while."""
    world = await opened(**settings)
    for _ in range(readings):
        world.shop("a").fail_observe(DOWN)
    world.shop("a").fail_push(*[DOWN for _ in range(99)])
    await turn(world, 2)
    return world


async def test_without_it_a_shop_that_is_never_reached_again_retires_for_ever() -> None:
    world = await cut_off()
    await ask(world, "retire_off_sale")
    await turn(world, 5, after=3600)

    assert (await status(world), world.counters("b")) == (ShopStatus.RETIRING, {"A": 20})


@pytest.mark.parametrize("verbs", [(GONE,), ("retire_off_sale", GONE)])
async def test_what_a_person_saw_frees_the_units_once_the_figures_contain_what_was_sold(
    verbs: tuple[str, ...],
) -> None:
    world = await cut_off()
    for verb in verbs:
        await ask(world, verb)
    await turn(world, 20)

    assert (await status(world), world.counters("b")) == (ShopStatus.RETIRED, {"A": 40})


async def test_what_was_sold_there_after_the_last_reading_is_not_given_to_others() -> None:
    """Freed at once, the units that the shop sold unseen would be sold a second time until the ERP knows."""
    world = await cut_off()
    world.shop("a").sell(X, 6)
    await ask(world, GONE)
    before = []
    for minute in range(9):
        if minute == 8:
            world.stock(A=34)
        await turn(world)
        before.append(world.counters("b")["A"])
    await turn(world, 8)

    assert (max(before), await status(world), world.counters("b")) == (20, ShopStatus.RETIRED, {"A": 34})


async def test_figures_that_stay_old_free_nothing() -> None:
    world = await cut_off()
    await ask(world, GONE)
    world.lose(*[DOWN for _ in range(99)])
    await turn(world, 30)

    assert await status(world) is ShopStatus.RETIRING


async def test_of_a_shop_whose_orders_the_erp_never_imports_what_was_shipped_is_waited_for() -> None:
    world = await cut_off()
    world.order_rules = replace(ORDER_RULES, lag=None, ship_lag=timedelta(hours=1))
    await ask(world, GONE)
    await turn(world, 40)
    early = await status(world)
    await turn(world, 40)

    assert (early, await status(world)) == (ShopStatus.RETIRING, ShopStatus.RETIRED)


async def test_it_says_what_is_waited_for_and_who_saw_it() -> None:
    world = await cut_off()
    answer = await ask(world, GONE)

    assert answer.startswith("shop a is retiring: ann saw it off sale at ")
    assert answer.endswith(" UTC, but the sources' figures are older than what it sold until then")


async def test_who_saw_it_stands_in_the_ledger() -> None:
    world = await cut_off()
    await ask(world, GONE)
    await turn(world, 20)

    assert [(row.cause, row.who) for row in reversed(await world.ledger("status"))] == [
        ("retiring", "ann"),
        ("gone", "ann"),
        ("retired", "syncd"),
    ]


async def test_a_shop_that_can_be_read_and_sells_is_not_gone() -> None:
    world = await opened()

    assert await ask(world, GONE) == (
        "refused: shop a can be read as far as is known, and can still sell 20 units (A 20): use --off-sale, "
        "which takes it off sale; --gone is for a shop that cannot be reached any more"
    )
    assert await status(world) is ShopStatus.ACTIVE


async def test_a_shop_that_is_reached_again_and_sells_is_believed_more_than_the_person() -> None:
    world = await cut_off(readings=3)
    await ask(world, GONE)
    await turn(world, 20)

    assert await status(world) is ShopStatus.RETIRING


async def test_what_was_seen_before_the_shop_came_back_counts_no_more() -> None:
    world = await cut_off()
    await ask(world, GONE)
    await ask(world, "resume")
    await ask(world, "retire_off_sale")
    await turn(world, 20)

    assert await status(world) is ShopStatus.RETIRING


async def test_a_shop_whose_orders_cannot_be_read_either_can_be_gone() -> None:
    world = await cut_off(traits=TELLS)
    for _ in range(99):
        world.shop("a").fail_orders(DOWN)
    await ask(world, GONE)
    await turn(world, 20)

    assert await status(world) is ShopStatus.RETIRED


async def test_a_shop_that_is_gone_can_be_dropped_once_it_is_retired() -> None:
    world = await cut_off()
    await ask(world, GONE)
    await turn(world, 20)

    await refuse_dropped(world.store, [B], file="syncd.toml")


async def test_listings_that_were_never_read_again_hold_nobody_up_once_the_shop_is_gone() -> None:
    world = await cut_off()
    rows = await world.store.listings(A)
    await world.store.save_listings([row._replace(expected_lo=None, expected_hi=None) for row in rows])
    await ask(world, GONE)
    await turn(world, 20)

    assert world.counters("b") == {"A": 40}


async def test_a_shop_that_is_gone_twice_is_gone_once() -> None:
    world = await cut_off()
    await ask(world, GONE)
    await turn(world, 20)

    assert await ask(world, GONE) == "shop a is retired"
    assert len(await world.ledger("status")) == 3


async def test_a_shop_that_was_thought_gone_is_read_before_it_gets_units_again() -> None:
    world = await cut_off()
    await ask(world, GONE)
    await turn(world, 20)
    world.shop("a").put(shown("A", 9))
    await ask(world, "resume")

    assert (await world.row("a", "A")).expected_hi is None


async def test_who_asks_again_does_not_wait_longer() -> None:
    world = await cut_off()
    for _ in range(20):
        await ask(world, GONE)
        await turn(world)

    assert await status(world) is ShopStatus.RETIRED


async def test_after_a_reading_a_person_may_look_again() -> None:
    world = await cut_off(readings=3)
    await ask(world, GONE)
    await turn(world, 3)
    for _ in range(99):
        world.shop("a").fail_observe(DOWN)
    await turn(world)
    await ask(world, GONE)
    await turn(world, 20)

    assert await status(world) is ShopStatus.RETIRED


async def test_a_program_without_rules_for_the_shops_orders_never_frees_it() -> None:
    world = await cut_off()
    await ask(world, GONE)
    stranger = Requests(store=world.store, clock=world.clock, events=world.told)
    world.clock.advance(9999)
    await stranger.obey()

    assert await status(world) is ShopStatus.RETIRING
