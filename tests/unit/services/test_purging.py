"""What is old is forgotten a little at a time, and told once."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from syncd.adapters.memory import FakeClock, MemoryStore
from syncd.errors import StateUnavailable
from syncd.ports.care import Old
from syncd.services.purging import EVERY, PAUSE, PORTION, Purging, Retention
from tests.contract.store_contract_rows import ledger_row, save_plan
from tests.unit.services.cycle_world import Told

DAY = timedelta(days=1)


class Shelf:
    """A store that has so many old rows of each kind, and remembers when it was asked for what."""

    def __init__(self, clock: FakeClock, **rows: int) -> None:
        self._clock = clock
        self.rows = {what: rows.get(what.value, 0) for what in Old}
        self.pages = rows.get("pages", 0)
        self.asked: list[tuple[Old, datetime]] = []
        self.before: dict[Old, datetime] = {}
        self.fails = 0

    async def purge(self, what: Old, *, before: datetime, limit: int) -> int:
        if self.fails:
            self.fails -= 1
            raise StateUnavailable("the disk is full")
        self.asked.append((what, self._clock.now()))
        self.before[what] = before
        gone = min(self.rows[what], limit)
        self.rows[what] -= gone
        return gone

    async def shrink(self, *, pages: int) -> int:
        gone = min(self.pages, pages)
        self.pages -= gone
        return gone


def purging(shelf: Shelf, clock: FakeClock, told: Told, **days: int) -> Purging:
    return Purging(store=shelf, clock=clock, events=told, retention=Retention(**days))


async def test_all_that_is_old_goes_and_is_told_as_one_event_with_counts() -> None:
    clock, told = FakeClock(auto=True), Told()
    shelf = Shelf(clock, ledger=2500, orders=3, pages=1200)

    await purging(shelf, clock, told).once()

    assert told.events == [("purged", {"ledger": 2500, "orders": 3, "pages": 1200})]


async def test_where_nothing_is_old_nothing_is_told() -> None:
    clock, told = FakeClock(auto=True), Told()
    await purging(Shelf(clock), clock, told).once()
    assert told.events == []


async def test_others_can_write_between_two_portions() -> None:
    clock = FakeClock(auto=True)
    shelf = Shelf(clock, ledger=3 * PORTION)

    await purging(shelf, clock, Told()).once()

    times = [at for what, at in shelf.asked if what is Old.LEDGER]
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    assert gaps == [PAUSE] * 3


async def test_each_kind_is_kept_as_long_as_its_setting_says() -> None:
    clock = FakeClock(auto=True)
    shelf = Shelf(clock)
    await purging(shelf, clock, Told(), ledger=30, orders=5, intents=4, requests=3, locks=2, alerts=1).once()
    kept = {what.value: (clock.now() - before) / DAY for what, before in shelf.before.items()}
    said = {"ledger": 30, "orders": 5, "intents": 4, "requests": 3, "locks": 2, "alerts": 1}
    assert kept == said | {"approvals": 3}


async def test_it_goes_on_every_day_also_after_a_failure_which_is_told() -> None:
    clock, told = FakeClock(), Told()
    shelf = Shelf(clock)
    shelf.fails = 1
    over = asyncio.Event()
    running = asyncio.create_task(purging(shelf, clock, told).run(over))
    await clock.until_asleep()
    assert told.events == [("purge_failing", {"error": "the disk is full"})]

    clock.advance(EVERY)
    await clock.until_asleep()
    over.set()
    await running

    assert {what for what, _ in shelf.asked} == set(Old)


async def test_it_leaves_the_rest_to_another_time_once_the_cycles_have_ended() -> None:
    clock, over = FakeClock(auto=True), asyncio.Event()
    shelf = Shelf(clock, ledger=3 * PORTION)
    over.set()

    await purging(shelf, clock, Told()).once(over)

    assert shelf.asked == []


class Ending(Shelf):
    """A store during whose first step of shrinking the cycles end."""

    over: asyncio.Event | None = None

    async def shrink(self, *, pages: int) -> int:
        if self.over is not None:
            self.over.set()
        return await super().shrink(pages=pages)


async def test_it_gives_no_more_back_to_the_disk_once_the_cycles_have_ended() -> None:
    clock = FakeClock(auto=True)
    shelf = Ending(clock, ledger=1, pages=1_000_000)
    shelf.over = asyncio.Event()

    await purging(shelf, clock, Told()).once(shelf.over)

    assert shelf.pages == 1_000_000 - PORTION


@pytest.mark.parametrize(("days", "left"), [(89, 1), (91, 0)])
async def test_the_ledger_is_kept_for_ninety_days_unless_it_is_said(days: int, left: int) -> None:
    clock, store = FakeClock(auto=True), MemoryStore()
    await save_plan(store, ledger=[ledger_row(at=clock.now())])
    clock.advance(days * 86_400)

    await Purging(store=store, clock=clock, events=Told()).once()

    assert len(await store.ledger()) == left
