"""What could not be sent yet keeps its age while it is wanted; of the demand only what matters is read."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pytest

from syncd.adapters.memory import MemoryStore
from syncd.domain.model import Change, ListingId, ShopName, Sku
from syncd.domain.plan import Plan
from syncd.domain.records import DemandRow
from syncd.domain.topology import Assemble, Bundle
from syncd.domain.urgency import stakes_of
from syncd.ports.store import Measured
from syncd.services.cycle import CycleReport
from syncd.services.push import Backlog, PushReport, Remark
from tests.unit.services.cycle_world import World, changes, shown

SHOP = ShopName("a")
A, B, AB = Sku("A"), Sku("B"), Sku("AB")


async def opened() -> World:
    return await World({"A": 50, "B": 50}).filled()


async def wanting(world: World, **stock: int) -> CycleReport:
    """Return a cycle, a minute later, that wants other counters."""
    world.stock(**stock)
    return await world.run()


def plan_of(report: CycleReport) -> Plan:
    return report.view.decision.plan


def change(report: CycleReport, sku: str) -> Change:
    return changes(report)[SHOP, sku]


def left(*changes: Change) -> dict[ShopName, PushReport]:
    return {SHOP: PushReport(shop=SHOP, not_tried=tuple(Remark(one, "") for one in changes))}


async def ages(backlog: Backlog, report: CycleReport) -> dict[ListingId, float]:
    mine = [one for (shop, _), one in changes(report).items() if shop == SHOP]
    urgencies = await backlog.urgencies(plan_of(report).figures, {SHOP: mine})
    return dict(urgencies[SHOP].ages)


async def test_what_was_not_tried_has_waited_since() -> None:
    world, backlog = await opened(), Backlog(MemoryStore())
    first = await wanting(world, A=40, B=40)
    backlog.keep(plan_of(first), left(change(first, "A")))

    assert await ages(backlog, await wanting(world, A=30, B=30)) == {"A": 60.0}


async def test_what_was_not_tried_twice_has_waited_since_the_first_time() -> None:
    world, backlog = await opened(), Backlog(MemoryStore())
    for stock in (40, 30):
        report = await wanting(world, A=stock, B=50)
        backlog.keep(plan_of(report), left(change(report, "A")))

    assert await ages(backlog, await wanting(world, A=20, B=50)) == {"A": 120.0}


async def test_what_a_push_of_other_skus_did_not_mean_waits_on_while_the_plan_wants_it() -> None:
    world, backlog = await opened(), Backlog(MemoryStore())
    first = await wanting(world, A=40, B=40)
    backlog.keep(plan_of(first), left(change(first, "A"), change(first, "B")))
    second = await wanting(world, A=30, B=30)
    backlog.keep(plan_of(second), {SHOP: PushReport(shop=SHOP, done=(change(second, "A"),))})

    assert await ages(backlog, await wanting(world, A=20, B=20)) == {"B": 120.0}


async def test_what_the_plan_does_not_want_any_more_waits_anew() -> None:
    world, backlog = await opened(), Backlog(MemoryStore())
    first = await wanting(world, A=40, B=40)
    backlog.keep(plan_of(first), left(change(first, "B")))
    second = await wanting(world, A=30, B=40)
    backlog.keep(plan_of(second), {SHOP: PushReport(shop=SHOP, done=(change(second, "A"),))})

    assert await ages(backlog, await wanting(world, A=20, B=20)) == {}


async def test_what_must_be_lowered_has_not_waited_for_its_raise() -> None:
    world, backlog = await opened(), Backlog(MemoryStore())
    first = await wanting(world, A=60, B=60)
    backlog.keep(plan_of(first), left(change(first, "A")))
    second = await wanting(world, A=30, B=30)

    assert await ages(backlog, second) == {}
    backlog.keep(plan_of(second), {})
    assert await ages(backlog, await wanting(world, A=70, B=70)) == {}


ENDED: dict[str, Callable[[Change], PushReport]] = {
    "done": lambda one: PushReport(shop=SHOP, done=(one,)),
    "refused": lambda one: PushReport(shop=SHOP, refused=(Remark(one, ""),)),
    "unknown": lambda one: PushReport(shop=SHOP, unknown=(Remark(one, ""),)),
}


@pytest.mark.parametrize("ending", ENDED)
async def test_what_was_tried_waits_anew(ending: str) -> None:
    world, backlog = await opened(), Backlog(MemoryStore())
    first = await wanting(world, A=40, B=40)
    backlog.keep(plan_of(first), left(change(first, "A")))
    second = await wanting(world, A=30, B=30)
    backlog.keep(plan_of(second), {SHOP: ENDED[ending](change(second, "A"))})

    assert await ages(backlog, await wanting(world, A=20, B=20)) == {}


class Asked(MemoryStore):
    """A state that remembers of which SKUs somebody wanted the demand."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[set[Sku] | None] = []

    async def demand(self, skus: Collection[Sku] | None = None) -> Sequence[DemandRow]:
        self.asked.append(None if skus is None else set(skus))
        return await super().demand(skus)


async def asked(report: CycleReport, *skus: str, few: int = 2) -> list[set[Sku] | None]:
    store = Asked()
    mine = [change(report, sku) for sku in skus]
    await Backlog(store, few=few).urgencies(plan_of(report).figures, {SHOP: mine})
    return store.asked


async def test_only_the_demand_of_what_is_pushed_is_read() -> None:
    world = await World({"A": 50, "B": 50, "C": 50}).filled()
    report = await wanting(world, A=40, B=40, C=40)

    assert await asked(report, "A", "B") == [{A, B}]


async def test_of_a_bundle_the_demand_of_its_parts_is_read() -> None:
    world = World({"A": 50, "B": 50, "C": 50})
    bundle = Bundle(sku=AB, components={A: 1, B: 1}, assemble=Assemble.POOL)
    world.topology = replace(world.topology, bundles=(bundle,))
    world.shop("a").put(shown("AB", 0))
    report = await wanting(await world.filled(), A=40, B=40, C=40)

    assert await asked(report, "AB", "C") == [{A, B, Sku("C")}]


async def test_for_one_change_alone_no_demand_is_read() -> None:
    report = await wanting(await opened(), A=40, B=40)

    assert await asked(report, "A") == []


async def test_what_little_is_read_says_the_same_as_all() -> None:
    world = await World({"A": 50, "B": 50, "C": 50}).filled()
    rows = [
        DemandRow(shop, sku, units, 86_400.0, 0.0, True, world.clock.now())
        for shop in world.channels
        for sku, units in ((A, 2.0), (B, 9.0), (Sku("C"), 400.0))
    ]
    report = await wanting(world, A=40, B=40, C=40)
    figures, mine = plan_of(report).figures, [change(report, "A"), change(report, "B")]
    store = MemoryStore()
    await store.save_measures(Measured(demand=rows))
    found = await Backlog(store).urgencies(figures, {SHOP: mine})

    assert found[SHOP].stakes == stakes_of(figures, {A, B}, rows)


async def test_the_demand_of_very_many_is_read_in_one_go() -> None:
    report = await wanting(await opened(), A=40, B=40)

    assert await asked(report, "A", "B", few=1) == [None]
