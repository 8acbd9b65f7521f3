"""What listens and counts, fed by a program and its state: plots, figures and the stream tell the same."""

from datetime import timedelta
from pathlib import Path

import pytest

from syncd.adapters.memory import FakeClock
from syncd.bootstrap import Seams, open_app
from syncd.bootstrap.gauges import Instruments, watch
from syncd.domain.model import ListingId, ShopName
from syncd.domain.records import PendingRow
from syncd.ports.store import Measured
from syncd.services.cycle import Selection
from tests.integration.rig import ShopSpec, World, WorldSpec, world
from tests.unit.console.scrape import page_of, value, values

A = ShopName("a")
SPEC = WorldSpec(shops=(ShopSpec(name="a"), ShopSpec(name="b")), stock={"X": 10, "Y": 4}, mode="shared")


def listening(made: World) -> tuple[Instruments, Seams]:
    instruments = Instruments.fresh(made.clock)
    return instruments, Seams(clock=made.clock, listeners=instruments.listeners)


async def test_a_cycle_is_in_the_figures_and_in_the_plots(tmp_path: Path) -> None:
    async with world(SPEC, tmp_path) as made:
        instruments, seams = listening(made)
        async with open_app(made.configuration(), seams) as app:
            await app.sync(Selection())
            await watch(app, instruments).look()
            page = page_of(instruments.metrics)
        assert value(page, "syncd_writes_total", shop="a", outcome="done") == 2
        assert values(page, "syncd_listings")["a", "on_sale"] == 2
        document = instruments.series.document(A)
        assert (document["done"], document["raised_units"]) == ([2], [14])


async def test_the_age_of_the_oldest_decrease_is_plotted_by_the_survey(tmp_path: Path) -> None:
    async with world(SPEC, tmp_path) as made:
        instruments, seams = listening(made)
        async with open_app(made.configuration(), seams) as app:
            since = made.clock.now() - timedelta(seconds=90)
            row = PendingRow(A, ListingId("X"), since, None, False)
            await app.store.save_measures(Measured(pending=[row]))
            await watch(app, instruments).look()
        assert instruments.series.document(A)["oldest_decrease_seconds"] == [pytest.approx(90, abs=5)]
        assert instruments.series.document(ShopName("b"))["oldest_decrease_seconds"] == [0.0]


async def test_a_reload_goes_on_counting_and_shows_the_new_state(tmp_path: Path) -> None:
    async with world(SPEC, tmp_path) as made:
        instruments, seams = listening(made)
        for _ in range(2):
            async with open_app(made.configuration(), seams) as app:
                await app.sync(Selection())
                surveyor = watch(app, instruments)
                await surveyor.look()
                made.clock.advance(60)
        page = page_of(instruments.metrics)
        assert value(page, "syncd_cycle_duration_seconds_count", scope="whole") == 2
        assert value(page, "syncd_writes_total", shop="a", outcome="done") == 2


async def test_what_a_cycle_does_is_given_to_who_watches(tmp_path: Path) -> None:
    async with world(SPEC, tmp_path) as made:
        instruments, seams = listening(made)
        async with open_app(made.configuration(), seams) as app:
            with instruments.hub.joined(["cycle_ended", "changed"]) as client:
                await app.sync(Selection())
                frames = (await client.frames()).decode()
        assert frames.count("event: changed\n") == 4
        assert frames.count("event: cycle_ended\n") == 1


def test_instruments_of_two_programs_know_nothing_of_each_other() -> None:
    one, other = Instruments.fresh(FakeClock()), Instruments.fresh(FakeClock())
    for listener in one.listeners:
        listener.tell("pushed", shop="a", done=3, refused=0, unknown=0, not_tried=0, calls=1, throttled=0)
    assert other.series.document(A)["done"] == []
    assert values(page_of(other.metrics), "syncd_writes_total") == {}
