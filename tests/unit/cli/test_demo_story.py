"""The demo's story and its order import, act by act."""

import asyncio
import os
from pathlib import Path

import pytest

from syncd.bootstrap import read_configuration
from syncd.cli.demo.configuration import LAG, configuration_text, write_configuration
from syncd.cli.demo.till import BOOKED_AFTER
from syncd.cli.demo.world import make_world
from tests.unit.cli.demo_stage import URLS, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


# --- the configuration -------------------------------------------------------------------------------------


def test_the_configuration_of_the_demo_has_no_problem_and_no_note(tmp_path: Path) -> None:
    file = write_configuration(tmp_path, configuration_text(URLS), token="demo-token")
    assert read_configuration(file, {}).notes == ()


def test_nobody_else_can_read_the_secret_of_the_demo(tmp_path: Path) -> None:
    file = write_configuration(tmp_path, configuration_text(URLS), token="demo-token")
    assert (file.parent / "token").stat().st_mode & 0o077 == 0


def test_the_configuration_holds_no_secret() -> None:
    assert make_world(1).erp.state.settings.token not in configuration_text(URLS)


def test_every_sale_is_booked_within_the_lag_of_the_configuration() -> None:
    assert BOOKED_AFTER < LAG


# --- the world ---------------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_stock_again() -> None:
    first, second = (make_world(7).erp.state.as_json() for _ in range(2))
    assert first == second


def test_another_seed_gives_other_stock() -> None:
    assert make_world(7).erp.state.as_json() != make_world(8).erp.state.as_json()


# --- the till ----------------------------------------------------------------------------------------------


def test_a_sale_is_booked_some_time_later(stage: Stage) -> None:
    stage.show("jd", "LAMP-2", quantity=5)
    stage.world.shops["jd"].state.sell(stage.ware("jd", "LAMP-2").listing, 2)
    stage.till.ring()
    assert (stage.allocated("LAMP"), stage.till.is_empty) == ({"south": 0}, False)


def test_a_sale_is_booked_once(stage: Stage) -> None:
    stage.show("jd", "LAMP-2", quantity=5)
    stage.world.shops["jd"].state.sell(stage.ware("jd", "LAMP-2").listing, 2)
    for stage.now in (0.0, BOOKED_AFTER, 2 * BOOKED_AFTER, 3 * BOOKED_AFTER):
        stage.till.ring()
    assert (stage.allocated("LAMP"), stage.till.is_empty) == ({"south": 2}, True)


def test_a_pack_is_booked_with_all_its_units(stage: Stage) -> None:
    stage.show("outlet", "SOCK-BLK*12", quantity=3)
    stage.world.shops["outlet"].state.sell(stage.ware("outlet", "SOCK-BLK*12").listing, 2)
    for stage.now in (0.0, BOOKED_AFTER):
        stage.till.ring()
    assert stage.allocated("SOCK-BLK")["south"] == 24


def test_a_set_is_booked_by_its_parts(stage: Stage) -> None:
    stage.show("tmall", "1-TEA-SET", quantity=3)
    stage.world.shops["tmall"].state.sell(stage.ware("tmall", "1-TEA-SET").listing, 1)
    for stage.now in (0.0, BOOKED_AFTER):
        stage.till.ring()
    assert (stage.allocated("TEAPOT")["east"], stage.allocated("CUP")["east"]) == (1, 4)


def test_an_order_goes_to_the_next_warehouse_when_the_first_is_empty(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=1, west=10)
    stage.show("tmall", "1-MUG-BLU", quantity=5)
    stage.world.shops["tmall"].state.sell(stage.ware("tmall", "1-MUG-BLU").listing, 3)
    for stage.now in (0.0, BOOKED_AFTER):
        stage.till.ring()
    assert stage.allocated("MUG-BLU") == {"east": 1, "west": 2}


def test_an_order_that_was_sold_too_often_is_booked_all_the_same(stage: Stage) -> None:
    stage.set_stock("LAMP", south=1)
    stage.show("outlet", "LAMP", quantity=3)
    stage.world.shops["outlet"].state.sell(stage.ware("outlet", "LAMP").listing, 3)
    for stage.now in (0.0, BOOKED_AFTER):
        stage.till.ring()
    assert stage.allocated("LAMP") == {"south": 3}


def test_a_sale_of_what_nobody_knows_is_no_order(stage: Stage) -> None:
    stage.world.shops["tmall"].state.sell(stage.ware("tmall", "OLD-STOCK").listing, 1)
    stage.till.ring()
    assert stage.till.is_empty


# --- the story ---------------------------------------------------------------------------------------------


def test_in_the_end_no_sku_stands_between_the_levels(stage: Stage) -> None:
    for sku, units in (("LAMP", 5), ("MUG-BLU", 5), ("茶杯", 9)):
        stage.set_stock(sku, **{"south" if sku == "LAMP" else "east": units})
    stage.story.end()
    between = [
        sku for pool, sku, units in stage.recount.cells() if pool.warning_level <= units < pool.relist_level
    ]
    assert between == []


def test_in_the_end_what_is_below_the_warning_level_stays_there(stage: Stage) -> None:
    stage.set_stock("LAMP", south=3)
    stage.story.end()
    assert stage.recount.free("LAMP", "south") == 3


def test_in_the_end_nothing_is_oversold(stage: Stage) -> None:
    stage.promise("LAMP", "south", 100)
    stage.story.end()
    assert stage.recount.free("LAMP", "south") == 0


def test_in_the_end_nothing_goes_wrong_any_more(stage: Stage) -> None:
    stage.story.empty_erp()
    stage.story.end()
    assert stage.world.erp.faults.as_json() == []


@pytest.mark.parametrize("seed", range(5))
def test_a_wholesale_order_brings_one_pool_below_its_warning_level(seed: int) -> None:
    stage = Stage(world=make_world(seed))
    stage.story.wholesale()
    low = [sku for pool, sku, units in stage.recount.cells() if 0 < units < pool.warning_level]
    assert len(low) == 1


def test_the_low_sku_recovers_above_its_relist_level(stage: Stage) -> None:
    stage.story.wholesale()
    stage.story.recovery()
    assert all(units >= pool.relist_level for pool, _, units in stage.recount.cells())


def test_a_person_takes_a_listing_down_and_puts_it_back(stage: Stage) -> None:
    listing = stage.world.listing(stage.ware("tmall", "1-SOCK-BLK"))
    seen = []
    for _ in range(2):
        stage.story.hand()
        seen.append((listing.on_sale, listing.off_reason))
    assert seen == [(False, "person"), (True, None)]


def test_every_act_can_follow_every_other(stage: Stage) -> None:
    acts = [act for act, _ in stage.story.acts]
    for first in acts:
        for second in acts:
            first()
            second()
    stage.story.end()


async def test_a_story_ends_before_it_began_when_the_curtain_falls_at_once(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    curtain = asyncio.Event()
    curtain.set()
    await stage.story.play(curtain)
    assert capsys.readouterr().out == ""


# --- what is told ------------------------------------------------------------------------------------------


def test_a_change_is_told_with_shop_code_sku_figures_and_reason(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"shop": "jd", "listing": stage.ware("jd", "LAMP-2").listing, "kind": "lower"}
    stage.now = 3.21
    stage.narrator.tell("changed", **facts, old=8, new=6, cause="snapshot", rule="pools.split weight")
    told = "   3.2s  syncd    writes jd LAMP-2 (LAMP) 8 -> 6: the ERP has new figures (pools.split weight)"
    assert capsys.readouterr().out == told + os.linesep


def test_an_unknown_counter_is_told_as_unknown(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    facts = {"shop": "jd", "listing": stage.ware("jd", "LAMP-2").listing, "kind": "lower"}
    stage.narrator.tell("changed", **facts, old=None, new=6, cause="claim", rule="")
    assert " ? -> 6" in capsys.readouterr().out


def test_what_a_stranger_would_not_understand_is_not_told(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.narrator.tell("counter_moved", shop="jd", listing="1", sku="LAMP", by=-1)
    assert capsys.readouterr().out == ""


def test_a_plan_ends_the_quiet(stage: Stage) -> None:
    for name in ("source_collected", "planned", "source_collected", "source_collected"):
        stage.narrator.tell(name, changes=1)
    assert stage.narrator.quiet == 2
