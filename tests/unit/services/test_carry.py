"""A cycle looks at what is new; what stood of the last decision stands, until it is not enough."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.adapters.memory import Fault, MemoryStore
from syncd.domain.model import Cause, ListingId, ListingRow, ShopName, Sku, SnapshotKind, StockRow
from syncd.domain.topology import PolicyName, Shop
from syncd.errors import Kind, PortError, StateError
from syncd.services.carry import KEPT, Carry
from syncd.services.cycle import CycleReport
from tests.unit.services.cycle_world import CAN, World, changes, shown, snapshot

MANY = {f"S{at:02}": 10 for at in range(20)}


class Asked(MemoryStore):
    """Remembers what was read whole, and breaks where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.whole: list[str] = []
        self.breaks = False

    async def listings(
        self, shop: ShopName | None = None, *, skus: Collection[Sku] | None = None
    ) -> Sequence[ListingRow]:
        self.whole += ["listings"] if skus is None else []
        return await super().listings(shop, skus=skus)

    async def stock(self, skus: Collection[Sku] | None = None) -> Sequence[StockRow]:
        self.whole += ["stock"] if skus is None else []
        return await super().stock(skus)

    async def claims(self) -> Sequence[object]:  # type: ignore[override]
        if self.breaks:
            raise StateError("broken")
        return await super().claims()


async def standing() -> tuple[World, Asked]:
    """Return a world whose shops are read whole only once in ten hours, and stand as they should."""
    world, store = World(MANY), Asked()
    world.carries, world.observe_every = Carry, timedelta(hours=10)
    world.keep_in(store)
    await world.filled()
    # Told once more, so that what follows is a change and not a whole snapshot that is compared with all.
    world.source.say(snapshot({"S00": 10}, kind=SnapshotKind.DELTA))
    await world.run()
    store.whole.clear()
    return world, store


def looked_at(report: CycleReport) -> set[str]:
    return {str(row.sku) for row in report.view.decision.plan.book.listings}


async def test_a_quiet_cycle_looks_at_nothing_and_reads_nothing_whole() -> None:
    world, store = await standing()
    assert looked_at(await world.run()) == set()
    assert store.whole == []


async def test_a_change_of_the_source_is_all_that_is_looked_at() -> None:
    world, store = await standing()
    world.source.say(snapshot({"S07": 3}, kind=SnapshotKind.DELTA))
    report = await world.run()
    assert looked_at(report) == {"S07"}
    assert (world.counters("a")["S07"], world.counters("b")["S07"]) == (3, 3)
    assert store.whole == []


async def test_what_an_audit_reads_is_looked_at() -> None:
    world, _ = await standing()
    world.audit = 1
    world.restart()
    await world.run()
    world.shop("b").put(shown("S05", 99))
    seen = [looked_at(await world.run()) for _ in range(len(MANY))]
    assert world.counters("b")["S05"] == 10
    assert max(map(len, seen)) <= 4


async def test_a_restart_goes_on_from_what_the_state_knows() -> None:
    world, store = await standing()
    world.restart()
    store.whole.clear()
    world.source.say(snapshot({"S07": 3}, kind=SnapshotKind.DELTA))
    report = await world.run()
    assert looked_at(report) == {"S07"}
    # The columns of the listings are made from all of them, once.
    assert store.whole.count("listings") == 1


async def test_a_new_sku_needs_everything() -> None:
    world, _ = await standing()
    world.shop("a").put(shown("T", 0))
    world.observe_every = timedelta(0)
    world.restart()
    world.source.say(snapshot({"T": 4}, kind=SnapshotKind.DELTA))
    report = await world.run()
    assert looked_at(report) > set(MANY)
    await world.run()
    assert world.counters("a")["T"] == 4


async def test_a_listing_that_was_unbound_when_the_program_died_is_bound_at_the_next_start() -> None:
    world, store = await standing()
    world.shop("a").put(shown("T", 0))
    await store.save_listings([replace_code(await world.row("a", "S01"), "T")])
    (row,) = await store.stock([Sku("S01")])
    await store.accept((await store.sources())[row.source], [row._replace(sku=Sku("T"))], None)
    world.restart()
    await world.run()
    assert (await world.row("a", "T")).sku == "T"


def replace_code(row: ListingRow, code: str) -> ListingRow:
    found = row._replace(id=type(row.id)(code), code=code, sku=Sku(""), unbound_because="unknown")
    return found._replace(desired=None)


async def test_a_cycle_that_breaks_is_followed_by_one_that_begins_anew() -> None:
    world, store = await standing()
    world.source.say(snapshot({"S07": 3}, kind=SnapshotKind.DELTA))
    store.breaks = True
    with pytest.raises(StateError):
        await world.run()
    store.breaks = False
    world.source.say(snapshot({"S08": 9}, kind=SnapshotKind.DELTA))
    store.whole.clear()
    await world.run()
    assert "listings" in store.whole
    assert world.counters("a")["S07"] == 3


async def test_what_stands_is_made_anew_after_a_while() -> None:
    world, store = await standing()
    await world.run(after=(KEPT / 2).total_seconds())
    assert store.whole == []
    await world.run(after=(KEPT / 2).total_seconds())
    assert "listings" in store.whole


async def test_a_sku_that_comes_back_binds_the_listings_that_missed_it() -> None:
    world = await World({"A": 10, "B": 10, "C": 10}).filled()
    world.stock(A=10, B=10)
    for _ in range(3):
        await world.run()
    world.shop("a").put(shown("another", 0, code="C"))
    for _ in range(2):
        await world.run()
    assert (await world.row("a", "another")).sku == ""
    world.stock(A=10, B=10, C=7)
    await world.run()
    assert (await world.row("a", "another")).sku == "C"


async def test_a_figure_that_needed_no_write_is_known_to_the_next_cycle() -> None:
    """Else it would look as if somebody had lowered the counter by hand."""
    shops = (Shop(name=ShopName("a")), Shop(name=ShopName("b"), policy=PolicyName.FREEZE))
    world = World({"A": 10, "B": 10}, shops=shops)
    world.shop("b").put(shown("A", 10), shown("B", 10))
    await world.filled()
    world.shop("b").put(shown("A", 13))
    await world.run()
    await world.run()
    # It reads so already.
    world.stock(A=13, B=10)
    await world.run()
    await world.run()
    world.stock(A=10, B=10)
    assert changes(await world.run())["b", "A"].cause is Cause.SNAPSHOT


async def test_what_is_back_on_sale_is_not_taken_off_again() -> None:
    world = World({"A": 10, "B": 50})
    world.rule(sku="A", warning_level=5)
    await world.filled()
    # At its level it may stay on sale, but would not come back.
    for units in (4, 20, 20, 20, 5):
        world.stock(A=units, B=50)
        await world.run()
    assert (world.counters("a")["A"], world.counters("b")["A"]) == (5, 5)


async def test_a_write_without_an_answer_is_in_doubt_in_the_next_cycle() -> None:
    world = World({"A": 10, "B": 50}, shops=(Shop(name=ShopName("a")),))
    world.observe_every = timedelta(hours=10)
    await world.filled()
    # The reply is lost after the zero was applied.
    world.shop("a").fail_push(Fault(error=PortError(Kind.UNKNOWN, "lost"), applied=True))
    for units in (0, 0, 9):
        world.source.say(snapshot({"A": units}, kind=SnapshotKind.DELTA))
        await world.run()
    assert world.counters("a")["A"] == 9


async def test_a_shop_that_is_read_whole_or_not_at_all_forgets_nothing_either() -> None:
    world = World(MANY, traits=replace(CAN, observes_some=False))
    world.observe_every = timedelta(hours=10)
    await world.filled()
    await world.run()
    world.shop("a").sell(ListingId("S03"), 4)
    world.stock(**(MANY | {"S07": 12}))
    await world.run()
    await world.run()
    # Read back whole for one raise, the shop shows a sale of another SKU too.
    assert {row.desired for row in await world.store.listings()} == {6, 10, 12}
    assert await world.claimed("S03") == 4


async def test_who_shows_all_of_it_is_told_of_everything() -> None:
    world, _ = await standing()
    report = await world.cycle.run(whole=True)
    assert looked_at(report) == set(MANY)
    assert len(report.view.observed.listings) == 2 * len(MANY)


async def test_a_shop_of_another_status_needs_everything_once() -> None:
    world, store = await standing()
    await world.store.ask("pause", "a", at=world.clock.now(), by="ann")
    await world.requests.obey()
    assert looked_at(await world.run()) == set(MANY)
    await world.run()
    store.whole.clear()
    assert looked_at(await world.run()) == set()
    assert store.whole == []
