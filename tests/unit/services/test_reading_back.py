"""What is read once more before it is written: all that lowers, and of raises what can be sent in a while."""

from dataclasses import replace
from datetime import timedelta

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.services import reading_back
from syncd.services.cycle import Selection
from syncd.services.reading_back import MOST
from tests.unit.services.cycle_world import CAN, World


async def unread(count: int, **stock: int) -> World:
    """Return a world whose listings are read only every ten hours, and have just been."""
    names = [f"S{n:04}" for n in range(count)]
    world = World(dict.fromkeys(names, 5) | {"X": 50}, traits=CAN)
    world.observe_every = timedelta(hours=10)
    await world.filled()
    world.stock(**dict.fromkeys(names, 9) | {"X": 50} | stock)
    return world


def showing(world: World, shop: str, units: int) -> int:
    return sum(shown == units for shown in world.counters(shop).values())


async def test_no_more_raises_are_read_back_than_can_be_sent_in_a_while() -> None:
    world = await unread(MOST + 20)
    report = await world.run()
    assert (showing(world, "a", 9), report.made_way) == (MOST, True)


async def test_the_next_cycle_raises_the_rest() -> None:
    world = await unread(MOST + 20)
    await world.run()
    report = await world.run()
    assert (showing(world, "a", 9), report.made_way) == (MOST + 20, False)


async def test_what_lowers_is_read_back_however_much_is_raised() -> None:
    world = await unread(MOST + 20, X=7)
    await world.run()
    assert world.counters("a")["X"] == 7


async def test_a_cycle_for_one_sku_reads_back_no_other() -> None:
    world = await unread(5, X=60)
    await world.run(selection=Selection(skus=frozenset({Sku("X")})))
    read = [await world.row("a", name) for name in ("S0000", "X")]
    assert (read[0].observed_at < read[1].observed_at, world.counters("a")["X"]) == (True, 60)  # type: ignore[operator]


async def test_a_shop_that_refuses_all_is_not_asked_again_at_once() -> None:
    world = await unread(MOST + 20)
    report = await world.run()
    assert report.view.behind == {"a", "b"}
    assert not replace(report, pushed={}).made_way


async def test_what_was_not_read_for_longest_is_read_first() -> None:
    world = await unread(MOST + 20)
    await world.run()
    rows = await world.store.listings(ShopName("a"))
    left = {row.id for row in rows if row.id != "X" and row.desired == 5}
    view = await world.cycle.look(save=False)
    raised = view.decision.raised()
    again, _ = reading_back.to_read_back({ShopName("a"): [*left, ListingId("S0000")]}, raised, view.observed)
    assert left <= set(again[ShopName("a")])
