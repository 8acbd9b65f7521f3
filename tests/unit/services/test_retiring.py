"""A shop that retires: it is taken off sale, and only then its units are free for the others."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.model import Action, ListingId, ShopName
from syncd.domain.observation import ANYWHERE
from syncd.domain.records import IntentRow, Resolution, ShopStatus
from syncd.domain.topology import PolicyName, PoolMode, Shop
from syncd.errors import ConfigError, Kind, PortError
from syncd.services.retiring import refuse_dropped
from tests.unit.services.cycle_world import CAN, TELLS, World, shown

X = ListingId("A")
A, B = ShopName("a"), ShopName("b")
DOWN = PortError(Kind.TRANSIENT, "no route")


async def opened(mode: PoolMode = PoolMode.SPLIT, **settings: object) -> World:
    return await World({"A": 40}, mode=mode, **settings).filled()  # type: ignore[arg-type]


async def ask(world: World, verb: str, shop: str = "a") -> str:
    request = await world.store.ask(verb, shop, at=world.clock.now(), by="ann")
    await world.requests.obey()
    return await world.store.answered(request)


async def turn(world: World, times: int = 1) -> None:
    """Do what the daemon does: obey, then a cycle."""
    for _ in range(times):
        await world.requests.obey()
        await world.run()


async def status(world: World) -> ShopStatus:
    return (await world.store.shops())[A].status


async def retired(world: World) -> World:
    await ask(world, "retire_off_sale")
    await turn(world, 5)
    return world


# --- to be told --------------------------------------------------------------------------------------------


async def test_a_shop_with_units_on_sale_is_not_retired_by_mistake() -> None:
    world = await opened()

    answer = await ask(world, "retire")

    assert answer == (
        "refused: shop a can still sell 20 units (A 20); with --off-sale all of it is taken off sale first"
    )
    assert await status(world) is ShopStatus.ACTIVE


async def test_a_shop_is_taken_off_sale_where_asked() -> None:
    world = await opened()

    answer = await ask(world, "retire_off_sale")
    await turn(world)

    assert answer == "shop a is retiring: it can still sell 20 units (A 20)"
    assert world.counters("a") == {"A": 0}


async def test_a_shop_that_shows_nothing_is_retired_at_once() -> None:
    world = World({"A": 0}, mode=PoolMode.SPLIT)
    await turn(world, 3)

    assert await ask(world, "retire") == "shop a is retired"


async def test_to_retire_twice_changes_nothing() -> None:
    world = await retired(await opened())

    assert await ask(world, "retire_off_sale") == "shop a is retired"


async def test_who_asked_stands_in_the_ledger() -> None:
    world = await retired(await opened())

    assert [(row.cause, row.who) for row in reversed(await world.ledger("status"))] == [
        ("retiring", "ann"),
        ("retired", "syncd"),
    ]


async def test_a_shop_that_left_is_told_once() -> None:
    world = await retired(await opened())
    await turn(world, 2)

    assert world.told.named("shop_retired") == [{"shop": "a"}]


# --- taken off sale ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(PoolMode))
async def test_a_shop_that_left_shows_nothing(mode: PoolMode) -> None:
    world = await retired(await opened(mode))

    assert (world.counters("a"), await status(world)) == ({"A": 0}, ShopStatus.RETIRED)


async def test_its_units_go_to_the_others() -> None:
    world = await retired(await opened())

    assert world.counters("b") == {"A": 40}


async def test_the_zero_is_not_held_though_everything_of_the_shop_goes_at_once() -> None:
    stock = {f"S{number}": 20 for number in range(20)}
    world = await World(stock, mode=PoolMode.SPLIT).filled()
    await ask(world, "retire_off_sale")
    report = await world.run()

    assert (report.held, set(world.counters("a").values())) == (False, {0})


async def test_what_takes_the_shop_off_sale_is_named() -> None:
    world = await opened()
    await ask(world, "retire_off_sale")
    await world.run()

    (row,) = [row for row in await world.ledger("counter") if row.shop == A and row.new == 0]

    assert (row.cause, row.rule) == ("take", "shops.a retiring")


async def test_units_that_only_this_shop_may_sell_are_taken_off_sale_too() -> None:
    world = await opened(PoolMode.SHARED)
    world.rule(shop="a", extra=5, floor=3)
    await turn(world, 2)

    assert (await retired(world)).counters("a") == {"A": 0}


async def test_a_sku_of_which_nothing_is_known_is_taken_off_sale_too() -> None:
    world = await opened()
    world.stock(B=5)
    for _ in range(2):
        await world.run()
    await retired(world)

    assert (world.counters("a"), await status(world)) == ({"A": 0}, ShopStatus.RETIRED)


async def test_with_no_delist_the_shop_shows_zero_and_retires() -> None:
    shops = (Shop(name=A, policy=PolicyName.NO_DELIST), Shop(name=B))
    world = await retired(await opened(shops=shops))

    assert (world.counters("a"), await status(world)) == ({"A": 0}, ShopStatus.RETIRED)


async def test_a_receipt_gives_nothing_to_a_shop_that_retires() -> None:
    world = await opened()
    world.shop("a").fail_push(*[DOWN for _ in range(99)])
    await ask(world, "retire_off_sale")
    world.stock(A=60)
    await turn(world, 3)
    shares = {row.shop: row.units for row in await world.store.shares()}

    assert (shares[A], world.counters("a")) == (0, {"A": 20})
    assert world.counters("b") == {"A": 40}


async def test_a_new_division_keeps_what_a_shop_that_leaves_still_shows() -> None:
    world = await opened()
    world.shop("a").fail_push(*[DOWN for _ in range(99)])
    await ask(world, "retire_off_sale")
    world.rule(shop="b", weight=3)
    await turn(world, 3)

    assert (world.counters("a"), world.counters("b")) == ({"A": 20}, {"A": 20})


# --- when it has left --------------------------------------------------------------------------------------


async def test_while_the_zero_does_not_go_out_nothing_is_freed() -> None:
    world = await opened()
    world.shop("a").fail_push(*[DOWN for _ in range(99)])
    await ask(world, "retire_off_sale")
    await turn(world, 4)

    assert (await status(world), world.counters("b")) == (ShopStatus.RETIRING, {"A": 20})


async def test_a_sale_just_before_the_zero_is_sold_once() -> None:
    world = await opened()
    await ask(world, "retire_off_sale")
    looked = await world.cycle.look(save=True)
    assert len(looked.decision.plan)
    world.shop("a").sell(X, 6)
    await turn(world, 5)

    assert (await status(world), await world.claimed("A"), world.counters("b")) == (
        ShopStatus.RETIRED,
        6,
        {"A": 34},
    )


async def test_a_shop_is_read_in_each_cycle_until_it_has_left() -> None:
    world = await opened()
    world.observe_every = timedelta(hours=6)
    world.restart()
    await turn(world)

    assert await status(await retired(world)) is ShopStatus.RETIRED


async def test_a_shop_whose_orders_cannot_be_read_has_not_left() -> None:
    world = await opened(traits=TELLS)
    await ask(world, "retire_off_sale")
    for _ in range(4):
        world.shop("a").fail_orders(DOWN)
        await turn(world)

    assert await status(world) is ShopStatus.RETIRING


async def test_a_shop_that_left_is_read_and_written_no_more() -> None:
    world = await retired(await opened())
    before = len(world.shop("a").observed), len(world.shop("a").pushed)
    await turn(world, 2)

    assert (len(world.shop("a").observed), len(world.shop("a").pushed)) == before


async def test_a_shop_that_left_before_it_was_filled_does_not_keep_the_pool_from_its_shares() -> None:
    shops = (Shop(name=A, policy=PolicyName.NO_RAISE), Shop(name=B))
    world = World({"A": 40}, mode=PoolMode.SPLIT, shops=shops)
    await turn(world, 2)
    await ask(world, "retire")
    await turn(world, 3)
    world.shop("b").sell(X, 4)
    await turn(world)
    newest = (await world.ledger("share"))[0]

    assert (await status(world), newest.shop, newest.cause) == (ShopStatus.RETIRED, B, "sale")


async def test_units_of_a_shop_whose_platform_takes_no_zero_are_free_once_it_is_off_sale() -> None:
    world = await retired(await opened(traits=replace(CAN, zero_allowed=False)))
    row = await world.row("a", "A")

    assert (row.expected_hi, row.on_sale, world.counters("a")) == (20, False, {"A": 0})
    assert (await status(world), world.counters("b")) == (ShopStatus.RETIRED, {"A": 40})


# --- to come back ------------------------------------------------------------------------------------------


async def test_a_shop_that_retires_can_be_kept() -> None:
    world = await opened()
    await ask(world, "retire_off_sale")
    await turn(world)

    assert await ask(world, "resume") == "shop a is active"
    await turn(world, 4)
    assert world.counters("a")["A"] > 0


async def test_a_retired_shop_that_comes_back_is_read_before_anything_is_raised() -> None:
    world = await retired(await opened())
    world.shop("a").put(shown("A", 9))
    await ask(world, "resume")

    assert (await world.row("a", "A")).expected_hi is None
    assert (await world.store.shops())[A].observed_at is None


async def test_a_retired_shop_that_comes_back_gets_units_again() -> None:
    world = await retired(await opened())
    await ask(world, "resume")
    for _ in range(3):
        world.shop("a").sell(X, 0)
        await turn(world, 2)
    world.stock(A=60)
    await turn(world, 4)

    assert sum(world.counters(shop)["A"] for shop in "ab") == 60
    assert world.counters("a")["A"] > 0


@pytest.mark.parametrize("verb", ["pause", "freeze"])
async def test_a_shop_that_retires_can_be_neither_paused_nor_frozen(verb: str) -> None:
    world = await opened()
    await ask(world, "retire_off_sale")

    assert await ask(world, verb) == "refused: shop a is retiring; `syncd shops resume a` ends that"


# --- to be dropped -----------------------------------------------------------------------------------------


async def test_a_shop_that_sells_cannot_be_dropped() -> None:
    world = await opened()

    with pytest.raises(ConfigError) as raised:
        await refuse_dropped(world.store, [B], file="syncd.toml")

    (problem,) = raised.value.problems
    assert (problem.file, problem.key) == ("syncd.toml", "shops.a")
    assert "buyers can still take 20 units (A 20) from it" in problem.message
    assert "`syncd shops retire a --off-sale`" in problem.hint


async def test_every_shop_that_cannot_be_dropped_is_named() -> None:
    world = await opened()

    with pytest.raises(ConfigError) as raised:
        await refuse_dropped(world.store, [], file="syncd.toml")

    assert [problem.key for problem in raised.value.problems] == ["shops.a", "shops.b"]


async def test_a_shop_that_retired_can_be_dropped() -> None:
    world = await retired(await opened())

    await refuse_dropped(world.store, [B], file="syncd.toml")


async def test_a_shop_that_still_retires_cannot_be_dropped() -> None:
    world = await opened()
    await ask(world, "retire_off_sale")

    with pytest.raises(ConfigError):
        await refuse_dropped(world.store, [B], file="syncd.toml")


@pytest.mark.parametrize(
    ("action", "target", "still"),
    [
        (Action.DELTA, 5, "5 units (A 5)"),
        (Action.DELTA, ANYWHERE, "an unknown number in 1 listings"),
        (Action.RELIST, 0, "3 units (A 3)"),
    ],
)
async def test_a_shop_with_a_write_without_an_answer_that_may_sell_cannot_be_dropped(
    action: Action, target: int, still: str
) -> None:
    world = World({"A": 0}, mode=PoolMode.SPLIT)
    await turn(world, 3)
    row, at = await world.row("a", "A"), world.clock.now()
    hi = 3 if action is Action.RELIST else 0
    await world.store.save_listings([row._replace(on_sale=not hi, expected_lo=0, expected_hi=hi)])
    what = (A, row.id, row.item, action, 5, 0, target, "give", "", at, at)
    await world.store.open_intents([IntentRow("k", *what, Resolution.OPEN, "")])

    with pytest.raises(ConfigError) as raised:
        await refuse_dropped(world.store, [B], file="syncd.toml")

    assert still in raised.value.problems[0].message


async def test_a_shop_without_anything_on_sale_can_be_dropped() -> None:
    world = World({"A": 0}, mode=PoolMode.SPLIT)
    await turn(world, 3)

    await refuse_dropped(world.store, [B], file="syncd.toml")
