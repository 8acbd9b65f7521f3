"""Bad answers of an ERP, end to end: a clear message, nothing is zeroed, and sales still count."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncd.bootstrap import App
from syncd.domain.model import ListingId, ShopName
from syncd.mock import Fault, FaultKind
from syncd.services.cycle import CycleReport
from syncd.services.holding import APPROVE
from tests.integration.rig import ShopSpec, World, WorldSpec, world

SKUS = tuple(f"SKU{n:02}" for n in range(20))
FULL = dict.fromkeys(SKUS, 10)
SPEC = WorldSpec(
    shops=(ShopSpec(name="east"), ShopSpec(name="west", modes=("compare_and_set",))),
    stock=FULL,
    mode="shared",
    # Every reading is a whole one, or an ERP that tells only changes could leave nothing out.
    cycle_keys=('full_every = "1s"',),
)
DOWN = Fault(kind=FaultKind.SERVER_ERROR, times=0)


@dataclass(slots=True)
class Stage:
    """A world in which both shops show 10 of everything."""

    world: World
    app: App

    async def cycle(self, *faults: Fault) -> CycleReport:
        """Run a cycle in which the ERP meets these faults."""
        self.world.erp.faults.replace(faults)
        return await self.world.cycle(self.app)

    async def failures(self, *faults: Fault) -> str:
        return "; ".join((await self.cycle(*faults)).failures)

    def shows(self) -> list[dict[str, int]]:
        return [self.world.shown(shop) for shop in self.world.shops]

    def lose(self, count: int) -> None:
        """Let the ERP forget its first SKUs."""
        for sku in SKUS[:count]:
            del self.world.erp.state.cells[sku, "main"]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with world(SPEC, tmp_path) as made, made.opened() as app:
        await made.until_quiet(app)
        yield Stage(made, app)


ANSWERS = {
    "empty": (Fault(kind=FaultKind.EMPTY, times=0), "the answer has no stock at all"),
    "half a page": (Fault(kind=FaultKind.HALF_PAGE, times=0), "the answer is incomplete"),
    "down": (DOWN, "erp"),
    "cut": (Fault(kind=FaultKind.CUT_BODY, times=0), "erp"),
    "garbage": (Fault(kind=FaultKind.GARBAGE, times=0), "JSON"),
    "expired": (Fault(kind=FaultKind.TOKEN_EXPIRED, times=0), "401"),
    "two fifths missing": (Fault(kind=FaultKind.DROP_SKUS, share=0.4, times=0), "SKUs are missing"),
}
BAD = pytest.mark.parametrize("answer", ANSWERS)


@BAD
async def test_a_bad_answer_is_told_with_the_source_and_what_is_wrong(stage: Stage, answer: str) -> None:
    fault, message = ANSWERS[answer]
    failures = await stage.failures(fault)
    assert message in failures
    assert "erp" in failures


@BAD
async def test_a_bad_answer_changes_no_counter(stage: Stage, answer: str) -> None:
    await stage.cycle(ANSWERS[answer][0])
    await stage.cycle(ANSWERS[answer][0])
    assert stage.shows() == [FULL, FULL]


@BAD
async def test_a_sale_lowers_the_other_shop_although_the_answers_are_bad(stage: Stage, answer: str) -> None:
    stage.world.buy("east", "SKU07", 3)
    await stage.cycle(ANSWERS[answer][0])
    assert stage.shows()[1] == FULL | {"SKU07": 7}


@BAD
async def test_a_return_raises_no_other_shop_while_the_answers_are_bad(stage: Stage, answer: str) -> None:
    stage.world.buy("east", "SKU07", 3)
    await stage.cycle(ANSWERS[answer][0])
    stage.world.shops["east"].state.listings["SKU07"].quantity += 3
    await stage.cycle(ANSWERS[answer][0])
    assert stage.shows()[1] == FULL | {"SKU07": 7}


@BAD
async def test_a_good_answer_after_bad_ones_counts_again(stage: Stage, answer: str) -> None:
    await stage.cycle(ANSWERS[answer][0])
    stage.world.set_stock("SKU07", 25)
    await stage.cycle()
    assert stage.shows() == [FULL | {"SKU07": 25}] * 2


async def test_an_outage_of_the_erp_is_told_once(stage: Stage) -> None:
    await stage.cycle(DOWN)
    await stage.cycle(DOWN)
    assert len(stage.world.told.named("source_failing")) == 1


async def test_the_end_of_an_outage_is_told(stage: Stage) -> None:
    await stage.cycle(DOWN)
    await stage.cycle()
    assert stage.world.told.named("source_recovered") == ["source_recovered source=erp"]


async def test_a_figure_that_is_no_number_keeps_the_last_good_one(stage: Stage) -> None:
    await stage.cycle(Fault(kind=FaultKind.BAD_NUMBERS, lines=3, times=0))
    assert stage.shows() == [FULL, FULL]


async def test_a_figure_that_is_no_number_is_told_with_its_row(stage: Stage) -> None:
    stage.world.set_stock("SKU19", 9)
    await stage.cycle(Fault(kind=FaultKind.BAD_NUMBERS, lines=1, times=0))
    assert "page 1 row 1" in "".join(stage.world.told.named("row_refused"))


async def test_a_vanished_sku_loses_nothing_at_first(stage: Stage) -> None:
    stage.lose(1)
    await stage.cycle()
    assert stage.shows() == [FULL, FULL]


async def test_a_sku_that_vanished_twice_is_held_and_not_zeroed(stage: Stage) -> None:
    stage.lose(1)
    reports = [await stage.cycle(), await stage.cycle()]
    assert ([report.held for report in reports], stage.shows()) == ([False, True], [FULL, FULL])


async def test_what_is_held_for_a_vanished_sku_names_the_way_out(stage: Stage) -> None:
    stage.lose(1)
    await stage.cycle()
    report = await stage.cycle()
    assert f"syncd approve {report.view.decision.digest}" in stage.world.told.named("held")[0]


async def test_an_approval_releases_the_zero_of_a_vanished_sku_and_nothing_else(stage: Stage) -> None:
    stage.lose(1)
    await stage.cycle()
    report = await stage.cycle()
    await stage.app.store.ask(APPROVE, report.view.decision.digest, at=stage.world.clock.now(), by="ann")
    await stage.cycle()
    assert stage.shows() == [FULL | {"SKU00": 0}] * 2


async def test_a_sku_that_comes_back_before_it_is_approved_keeps_its_counters(stage: Stage) -> None:
    kept = dict(stage.world.erp.state.cells)
    stage.lose(1)
    for _ in range(3):
        await stage.cycle()
    stage.world.erp.state.cells = kept
    report = await stage.cycle()
    assert (report.held, stage.shows()) == (False, [FULL, FULL])


async def test_a_missing_sku_does_not_stop_the_others(stage: Stage) -> None:
    stage.lose(1)
    stage.world.set_stock("SKU07", 4)
    await stage.cycle()
    assert stage.shows() == [FULL | {"SKU07": 4}] * 2


async def test_a_sale_of_a_vanished_sku_still_lowers_the_other_shop(stage: Stage) -> None:
    stage.lose(1)
    await stage.cycle()
    await stage.cycle()
    stage.world.buy("east", "SKU00", 2)
    await stage.cycle()
    assert stage.shows()[1] == FULL | {"SKU00": 8}


async def test_a_listing_is_never_forgotten_for_bad_answers(stage: Stage) -> None:
    for fault, _ in ANSWERS.values():
        await stage.cycle(fault)
    rows = await stage.app.store.listings(ShopName("east"))
    assert {row.id: (row.sku, row.gone) for row in rows} == {ListingId(sku): (sku, False) for sku in SKUS}
