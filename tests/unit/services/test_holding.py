"""What the guard holds is kept with its reasons, approved while it is held, and rejected for good."""

from syncd.domain.held import HeldNow
from syncd.domain.model import ListingId, ShopName
from syncd.errors import Kind, PortError
from tests.unit.services.cycle_world import World

A = ShopName("a")
STOCK = {f"S{number:02}": 10 for number in range(10)}


async def emptied() -> World:
    """Return a world whose source says that half of everything is gone: the guard holds it."""
    world = await World(STOCK).filled()
    world.stock(**STOCK | {f"S{number:02}": 0 for number in range(5)})
    await world.run()
    return world


async def ask(world: World, verb: str, argument: str) -> str:
    request = await world.store.ask(verb, argument, at=world.clock.now(), by="ann")
    await world.requests.obey()
    return await world.store.answered(request)


async def digest(world: World) -> str:
    return (await world.store.held_now()).digest


def told(world: World) -> int:
    return len(world.told.named("held"))


async def test_what_a_cycle_holds_stands_with_its_time() -> None:
    world = await emptied()

    now = await world.store.held_now()

    assert set(now.since.values()) == {world.clock.now()}
    assert {row.sku for row in await world.store.held(now.digest)} == {"S00", "S01", "S02", "S03", "S04"}


async def test_what_stays_held_keeps_its_time() -> None:
    world = await emptied()
    before = await world.store.held_now()

    world.stock(**STOCK | {f"S{number:02}": 0 for number in range(6)})
    await world.run()

    after = await world.store.held_now()
    assert (after.since, after.digest != before.digest) == (before.since, True)


async def test_nothing_stands_once_the_source_has_recovered() -> None:
    world = await emptied()

    world.stock(**STOCK)
    await world.run()

    assert await world.store.held_now() == HeldNow()


async def test_an_older_digest_approves_what_is_held_still() -> None:
    world = await emptied()
    old = await digest(world)
    world.stock(**STOCK | {f"S{number:02}": 0 for number in range(6)})
    await world.run()

    assert (await ask(world, "approve", old)).startswith("approved 10 changes")


async def test_a_plan_that_is_held_no_more_is_not_approved() -> None:
    world = await emptied()
    old = await digest(world)
    world.stock(**STOCK)
    await world.run()

    answer = await ask(world, "approve", old)

    assert answer == f"refused: nothing of {old} is held any more; nothing is held now"
    assert not await world.store.approvals(world.clock.now())


async def test_a_rejection_says_who_rejected_what() -> None:
    world = await emptied()

    answer = await ask(world, "reject", await digest(world))

    assert answer.startswith("rejected 10 changes: they stay held")
    rows = await world.store.rejections()
    assert {(row.by, row.bound) for row in rows} == {("ann", 0)}
    assert {(row.what, row.who) for row in await world.ledger("rejected")} == {("rejected", "ann")}


async def test_a_rejection_changes_no_quantity() -> None:
    world = await emptied()
    await ask(world, "reject", await digest(world))

    await world.run()

    assert set(world.counters("a").values()) == {10}


async def test_what_is_rejected_is_told_no_more() -> None:
    world = await emptied()
    await ask(world, "reject", await digest(world))
    before = told(world)

    await world.run()

    assert told(world) == before


async def test_what_is_rejected_waits_for_nobody() -> None:
    world = await emptied()
    before = world.told.named("cycle_ended")[-1]["held"]
    await ask(world, "reject", await digest(world))

    await world.run()

    assert (before, world.told.named("cycle_ended")[-1]["held"]) == ({"a": 5, "b": 5}, {"a": 0, "b": 0})


async def test_what_is_held_beside_it_is_told() -> None:
    world = await emptied()
    await ask(world, "reject", await digest(world))
    before = told(world)

    world.stock(**STOCK | {f"S{number:02}": 0 for number in range(6)})
    await world.run()

    assert told(world) > before


async def test_what_leads_elsewhere_is_rejected_no_more() -> None:
    world = await World({"S": 10}).filled()
    world.stock(S=0)
    await world.run()
    await ask(world, "reject", await digest(world))

    world.stock(S=10)
    await world.run()

    assert list(await world.store.rejections()) == []


async def test_what_nothing_is_known_of_for_a_while_stays_rejected() -> None:
    world = await emptied()
    await ask(world, "reject", await digest(world))

    world.lose(PortError(Kind.TRANSIENT, "no route"))
    await world.run()

    assert {row.shop for row in await world.store.rejections()} == {A, ShopName("b")}


async def test_what_was_rejected_can_be_approved_after_all() -> None:
    world = await emptied()
    await ask(world, "reject", await digest(world))
    await ask(world, "approve", await digest(world))

    await world.run()

    assert world.counters("a")["S00"] == 0
    assert list(await world.store.rejections()) == []


async def test_nothing_is_held_under_a_digest_that_nobody_made() -> None:
    world = await emptied()

    assert await ask(world, "reject", "f" * 16) == f"refused: nothing is held under {'f' * 16}"


async def test_a_held_change_names_its_listing() -> None:
    world = await emptied()

    rows = await world.store.held(await digest(world))

    assert {row.listing for row in rows} == {ListingId(f"S{number:02}") for number in range(5)}
