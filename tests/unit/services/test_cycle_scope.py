"""A cycle writes what it was asked to write: one shop, one SKU, one plan; a paused shop not at all."""

from syncd.domain.model import Cause, ListingId, ShopName, Sku
from syncd.services.cycle import Selection
from tests.unit.services.cycle_world import World, changes, shops_of

SKUS = [f"S{number:02}" for number in range(10)]
FULL = dict.fromkeys(SKUS, 10)
ONE = shops_of("a")


async def test_a_partial_sync_writes_only_its_shop() -> None:
    world = await World(FULL).filled()
    world.stock(**(FULL | {"S00": 5}))

    await world.run(selection=Selection(shop=ShopName("a")))

    assert (world.counters("a")["S00"], world.counters("b")["S00"]) == (5, 10)


async def test_a_partial_sync_writes_only_its_sku() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**(FULL | {"S00": 5, "S01": 5}))

    await world.run(selection=Selection(sku=Sku("S00")))

    assert (world.counters("a")["S00"], world.counters("a")["S01"]) == (5, 10)


async def test_what_a_partial_sync_left_out_keeps_its_cause() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**(FULL | {"S00": 0, "S01": 0}))
    await world.run(selection=Selection(sku=Sku("S00")))

    report = await world.run(selection=Selection(sku=Sku("S00")))

    assert changes(report)["a", "S01"].cause is Cause.SNAPSHOT


async def test_a_plan_that_is_no_longer_the_one_asked_for_writes_nothing() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**(FULL | {"S00": 5}))

    report = await world.run(selection=Selection(digest="0" * 16))

    assert report.outdated
    assert world.counters("a") == FULL


async def test_a_plan_goes_out_by_its_digest() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**(FULL | {"S00": 5}))
    world.clock.advance(60)
    view = await world.cycle.look(save=False)

    report = await world.run(selection=Selection(digest=view.decision.digest))

    assert not report.outdated
    assert world.counters("a")["S00"] == 5


async def test_a_paused_shop_is_not_written_and_the_others_are() -> None:
    world = await World(FULL).filled()
    await world.store.ask("pause", "a", at=world.clock.now(), by="ann")
    await world.requests.obey()
    world.stock(**(FULL | {"S00": 5}))

    await world.run()

    assert (world.counters("a")["S00"], world.counters("b")["S00"]) == (10, 5)


async def test_a_resumed_shop_catches_up() -> None:
    world = await World(FULL).filled()
    for verb in ("pause", "resume"):
        await world.store.ask(verb, "a", at=world.clock.now(), by="ann")
        await world.requests.obey()
        world.stock(**(FULL | {"S00": 5}))
        await world.run()

    assert world.counters("a")["S00"] == 5


async def test_a_first_look_at_a_shop_writes_down_one_summary() -> None:
    world = World(FULL, shops=ONE)

    await world.run()

    assert not [row for row in await world.ledger("desired") if row.new == 10]
    assert [row.new for row in await world.ledger("first_fill")]


async def test_a_change_is_written_down_once_with_its_cause() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**(FULL | {"S00": 5}))
    for _ in range(3):
        await world.run()

    rows = [row for row in await world.ledger("desired") if row.listing == "S00"]
    assert [(row.old, row.new, row.cause) for row in rows] == [(10, 5, "snapshot")]


async def test_a_sale_that_needs_no_write_is_written_down_as_a_sale() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.shop("a").sell(ListingId("S00"), 2)
    await world.run()

    rows = [row for row in await world.ledger("desired") if row.listing == "S00"]
    assert [(row.old, row.new, row.cause, row.rule) for row in rows] == [
        (10, 8, "claim", "pools.main available")
    ]


async def test_a_world_at_rest_plans_nothing() -> None:
    world = await World(FULL).filled()

    report = await world.run()

    assert not len(report.view.decision.plan)


async def test_a_world_at_rest_calls_no_shop_to_write() -> None:
    world = await World(FULL).filled()
    before = len(world.shop("a").pushed)

    await world.run()

    assert len(world.shop("a").pushed) == before
