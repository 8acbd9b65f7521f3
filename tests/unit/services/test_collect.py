"""Sources are collected at once; one that fails or lies leaves its last good figures as they are."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from syncd.adapters.memory import FakeClock, MemorySource, MemoryStore
from syncd.domain.model import RowProblem, Sku, Snapshot, SnapshotKind, SourceName, WarehouseName
from syncd.domain.topology import SourceRules
from syncd.errors import Kind, PortError
from syncd.ports.source import Source
from syncd.services.collect import Collected, Collector, SourceJob
from tests.unit.services.cycle_world import ERP, Told, W, snapshot

WMS = SourceName("wms")
DOWN = PortError(Kind.TRANSIENT, "source erp: no route")


class Silent:
    """A source that never answers."""

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:  # noqa: ARG002
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")


class Desk:
    """A collector over sources in memory; every collection happens a minute after the last one."""

    def __init__(self, *answers: Snapshot | PortError, restamp: bool = True, **settings: Any) -> None:  # noqa: ANN401
        self.clock = FakeClock()
        self.store = MemoryStore()
        self.told = Told()
        self.erp = MemorySource(*answers, restamp=restamp)
        self.settings = settings
        self.jobs = [job(ERP, self.erp)]

    async def collect(self, *, save: bool = True, after: float = 60.0) -> Collected:
        self.clock.advance(after)
        collector = Collector(
            self.jobs, store=self.store, clock=self.clock, events=self.told, **self.settings
        )
        return await collector.collect(save=save)

    async def stored(self) -> dict[str, int]:
        return {row.sku: row.on_hand for row in await self.store.stock()}

    @property
    def cursors(self) -> list[str]:
        return [call.cursor for call in self.erp.calls]


def job(name: SourceName, source: Source, *, warehouse: str = W, timeout: float = 60.0) -> SourceJob:
    rules = SourceRules(name=name, warehouses=(WarehouseName(warehouse),), max_missing_percent=50)
    return SourceJob(rules=rules, source=source, timeout=timeout)


def on_hand(collected: Collected) -> dict[str, int]:
    return {row.sku: row.on_hand for row in collected.stock}


def delta(stock: Mapping[str, int], cursor: str = "") -> Snapshot:
    return replace(snapshot(stock, kind=SnapshotKind.DELTA), cursor=cursor)


# --- accepted ------------------------------------------------------------------------------------------


async def test_what_was_accepted_is_the_new_base() -> None:
    desk = Desk(snapshot({"A": 7}))

    collected = await desk.collect()

    assert on_hand(collected) == await desk.stored() == {"A": 7}


async def test_a_look_without_saving_shows_the_new_figures() -> None:
    desk = Desk(snapshot({"A": 7}), snapshot({"A": 9}))
    await desk.collect()

    assert on_hand(await desk.collect(save=False)) == {"A": 9}


async def test_a_look_without_saving_leaves_the_state() -> None:
    desk = Desk(snapshot({"A": 7}), snapshot({"A": 9}))
    await desk.collect()

    await desk.collect(save=False)

    assert await desk.stored() == {"A": 7}


async def test_a_delta_keeps_what_it_does_not_name() -> None:
    desk = Desk(snapshot({"A": 7, "B": 8}), delta({"A": 9}))
    await desk.collect()

    assert on_hand(await desk.collect()) == {"A": 9, "B": 8}


async def test_unrouted_units_replace_those_of_their_source() -> None:
    first = replace(snapshot({"A": 7}), unrouted={Sku("A"): 3})
    desk = Desk(first, replace(first, unrouted={Sku("A"): 1}))
    await desk.collect()

    assert [row.units for row in (await desk.collect()).unrouted] == [1]


async def test_unrouted_units_that_a_delta_does_not_name_stay() -> None:
    desk = Desk(replace(snapshot({"A": 7}), unrouted={Sku("A"): 3}), delta({"A": 6}))
    await desk.collect()

    assert [row.units for row in (await desk.collect()).unrouted] == [3]


async def test_a_report_counts_what_people_want_to_know() -> None:
    problem = RowProblem(row="line 3", message="no figure", sku=Sku("C"), warehouse=W)
    desk = Desk(
        snapshot({"A": 7, "B": 8, "C": 9}),
        replace(snapshot({"A": 6}, problems=(problem,)), floored=2),
    )
    await desk.collect()

    report = (await desk.collect()).reports[0]

    assert (report.rows, report.changed, report.missing, report.bad, report.floored) == (1, 3, 1, 1, 2)


async def test_rows_that_were_refused_are_told_five_at_most() -> None:
    problems = [RowProblem(row=f"line {n}", message="no figure") for n in range(9)]
    desk = Desk(snapshot({"A": 7}, problems=problems))

    await desk.collect()

    assert [facts["row"] for facts in desk.told.named("row_refused")] == [f"line {n}" for n in range(5)]


async def test_an_answer_as_old_as_the_last_one_is_no_news() -> None:
    desk = Desk(snapshot({"A": 7}), restamp=False)
    await desk.collect()

    report = (await desk.collect()).reports[0]

    assert (report.news, report.error, len(desk.told.named("source_collected"))) == (False, "", 1)


# --- refused -------------------------------------------------------------------------------------------

LIES = {
    "it is empty": snapshot({}),
    "it lacks too much": snapshot({"A": 1}),
    "it is incomplete": replace(
        snapshot({"A": 1, "B": 1, "C": 1, "D": 1}), complete=False, incomplete_because="page 2 is missing"
    ),
    "it fails": DOWN,
}
GOOD = {"A": 7, "B": 7, "C": 7, "D": 7}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_an_answer_that_cannot_be_believed_leaves_the_figures(lie: Snapshot | PortError) -> None:
    desk = Desk(snapshot(GOOD), lie)
    await desk.collect()

    collected = await desk.collect()

    assert on_hand(collected) == await desk.stored() == GOOD


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_an_answer_that_cannot_be_believed_makes_its_source_fail(lie: Snapshot | PortError) -> None:
    desk = Desk(snapshot(GOOD), lie)
    await desk.collect()

    await desk.collect()

    assert (await desk.store.sources())[ERP].error


async def test_a_refused_answer_does_not_make_its_source_any_younger() -> None:
    desk = Desk(snapshot(GOOD), snapshot({}))
    first = (await desk.collect()).sources[ERP]

    second = (await desk.collect()).sources[ERP]

    assert (second.as_of, second.seq) == (first.as_of, first.seq)


async def test_a_source_that_was_never_heard_can_fail() -> None:
    state = (await Desk(DOWN).collect()).sources[ERP]

    assert (state.error, state.as_of, state.seq) == ("source erp: no route", None, 0)


async def test_a_source_that_takes_too_long_fails() -> None:
    desk = Desk()
    desk.jobs = [job(ERP, Silent(), timeout=0.0)]

    report = (await desk.collect()).reports[0]

    assert report.error == "source erp: no whole answer within 0 s"


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_one_source_that_fails_does_not_stop_another(lie: Snapshot | PortError) -> None:
    desk = Desk(snapshot(GOOD), lie)
    wms = MemorySource(
        replace(snapshot({"X": 5}), source=WMS, warehouses=(WarehouseName("v"),)), restamp=True
    )
    desk.jobs.append(job(WMS, wms, warehouse="v"))
    await desk.collect()
    wms.say(replace(snapshot({"X": 4}), source=WMS, warehouses=(WarehouseName("v"),)))

    await desk.collect()

    assert await desk.stored() == GOOD | {"X": 4}


async def test_what_one_source_leaves_out_is_not_missing_from_another() -> None:
    desk = Desk(snapshot({"A": 7}))
    other = replace(snapshot({"X": 5}), source=WMS, warehouses=(WarehouseName("v"),))
    desk.jobs.append(job(WMS, MemorySource(other, restamp=True), warehouse="v"))
    await desk.collect()

    reports = (await desk.collect()).reports

    assert [report.missing for report in reports] == [0, 0]


# --- outages -------------------------------------------------------------------------------------------


async def test_an_outage_is_told_once() -> None:
    desk = Desk(DOWN)
    for _ in range(3):
        await desk.collect()

    assert desk.told.named("source_failing") == [{"source": ERP, "error": "source erp: no route"}]


async def test_a_source_that_lost_its_stock_is_told_as_such() -> None:
    desk = Desk(snapshot(GOOD), snapshot({}))
    for _ in range(2):
        await desk.collect()

    assert [facts["emptied"] for facts in desk.told.named("source_failing")] == [True]


async def test_that_a_source_which_was_down_lost_its_stock_is_told_too_and_once() -> None:
    desk = Desk(snapshot(GOOD), DOWN, snapshot({}))
    collector = Collector(desk.jobs, store=desk.store, clock=desk.clock, events=desk.told)
    for _ in range(4):
        desk.clock.advance(60)
        await collector.collect(save=True)

    told = desk.told.named("source_failing")
    assert [facts.get("emptied", False) for facts in told] == [False, True]


async def test_a_recovery_is_told_once() -> None:
    desk = Desk(DOWN, DOWN, snapshot({"A": 7}))
    for _ in range(5):
        await desk.collect()

    assert desk.told.named("source_recovered") == [{"source": ERP}]


async def test_the_next_outage_is_told_again() -> None:
    desk = Desk(DOWN, snapshot({"A": 7}), DOWN)
    for _ in range(3):
        await desk.collect()

    assert len(desk.told.named("source_failing")) == 2


async def test_an_outage_keeps_the_time_of_its_beginning() -> None:
    desk = Desk(DOWN)
    first = (await desk.collect()).sources[ERP]

    assert (await desk.collect()).sources[ERP].failing_since == first.failing_since == desk.erp.calls[0].now


async def test_a_recovery_wipes_the_outage() -> None:
    desk = Desk(DOWN, snapshot({"A": 7}))
    await desk.collect()
    await desk.collect()

    state = (await desk.store.sources())[ERP]
    assert (state.error, state.failing_since) == ("", None)


# --- deltas and full answers ---------------------------------------------------------------------------


async def test_the_first_answer_is_asked_for_in_full() -> None:
    desk = Desk(replace(snapshot({"A": 7}), cursor="c1"))

    await desk.collect()

    assert desk.cursors == [""]


async def test_after_a_full_answer_only_changes_are_asked_for() -> None:
    desk = Desk(replace(snapshot({"A": 7}), cursor="c1"), delta({"A": 8}, "c2"))
    for _ in range(3):
        await desk.collect()

    assert desk.cursors == ["", "c1", "c2"]


@pytest.mark.parametrize(("after", "cursor"), [(3599.0, "c1"), (3600.0, "")])
async def test_a_full_answer_is_asked_for_when_the_last_one_is_old(after: float, cursor: str) -> None:
    desk = Desk(replace(snapshot({"A": 7}), cursor="c1"), full_every=timedelta(hours=1))
    await desk.collect()

    await desk.collect(after=after)

    assert desk.cursors == ["", cursor]


async def test_a_delta_does_not_put_the_full_answer_off() -> None:
    desk = Desk(
        replace(snapshot({"A": 7}), cursor="c1"), delta({"A": 8}, "c2"), full_every=timedelta(minutes=2)
    )
    for _ in range(3):
        await desk.collect()

    assert desk.cursors == ["", "c1", ""]


async def test_after_an_outage_a_full_answer_is_asked_for() -> None:
    desk = Desk(replace(snapshot({"A": 7}), cursor="c1"), DOWN, delta({"A": 8}))
    for _ in range(3):
        await desk.collect()

    assert desk.cursors == ["", "c1", ""]


async def test_a_refused_answer_does_not_move_the_cursor() -> None:
    desk = Desk(replace(snapshot({"A": 7}), cursor="c1"), replace(snapshot({}), cursor="c2"))
    await desk.collect()

    assert (await desk.collect()).sources[ERP].cursor == "c1"


class Held:
    """A source that answers what it was told to say only when it may `go`."""

    def __init__(self, *answers: Snapshot) -> None:
        self.answers = list(answers)
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        self.calls = 0

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        del cursor
        self.calls += 1
        answer = self.answers.pop(0)
        self.asked.set()
        await self.go.wait()
        return replace(answer, as_of=now)


async def test_an_older_answer_is_not_accepted_after_a_newer_one() -> None:
    desk, source = Desk(), Held(snapshot({"A": 9}), snapshot({"A": 4}))
    collector = Collector([job(ERP, source)], store=desk.store, clock=desk.clock, events=desk.told)
    first = asyncio.create_task(collector.collect(save=True))
    await source.asked.wait()
    second = asyncio.create_task(collector.collect_changes())
    await asyncio.wait({second}, timeout=0)
    assert source.calls == 1
    desk.clock.advance(1)
    source.go.set()
    await asyncio.gather(first, second)

    assert await desk.stored() == {"A": 4}
