"""The demo's configuration, its world and its story, act by act."""

import asyncio
from pathlib import Path

import pytest

from syncd.bootstrap import read_configuration
from syncd.cli.demo.configuration import LAG, configuration_text, write_configuration
from syncd.cli.demo.world import IMPORTED_AFTER, PAY_WITHIN, make_world
from syncd.mock import Stage as Step
from tests.unit.cli.demo_stage import CONSOLE, URLS, Stage

_SECRETS = {"token": "demo-token", "secret": "demo-secret"}


@pytest.fixture
def stage() -> Stage:
    """Return a stage whose shops have something to sell."""
    stage = Stage()
    stage.fill()
    return stage


def _stages(stage: Stage, shop: str) -> list[Step]:
    return [order.stage for order in stage.world.shops[shop].state.orders.orders.values()]


# --- the configuration -------------------------------------------------------------------------------------


def test_the_configuration_of_the_demo_has_no_problem_and_no_note(tmp_path: Path) -> None:
    file = write_configuration(tmp_path, configuration_text(URLS, CONSOLE), **_SECRETS)
    assert read_configuration(file, {}).notes == ()


@pytest.mark.parametrize("name", ["token", "session", "secret"])
def test_nobody_else_can_read_the_secrets_of_the_demo(tmp_path: Path, name: str) -> None:
    file = write_configuration(tmp_path, configuration_text(URLS, CONSOLE), **_SECRETS)
    assert (file.parent / name).stat().st_mode & 0o077 == 0


def test_the_configuration_holds_no_secret() -> None:
    shop = make_world(1).shops["tmall"].state
    secrets = (shop.settings.token, shop.top.app_secret)
    assert not [secret for secret in secrets if secret in configuration_text(URLS, CONSOLE)]


def test_every_sale_is_in_the_erp_within_the_lag_of_the_configuration() -> None:
    # Orders are stamped by the second and the figures are read every second.
    assert IMPORTED_AFTER + 1 < LAG


# --- the world ---------------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_stock_again() -> None:
    first, second = (make_world(7).erp.state.as_json() for _ in range(2))
    assert first == second


def test_another_seed_gives_other_stock() -> None:
    assert make_world(7).erp.state.as_json() != make_world(8).erp.state.as_json()


@pytest.mark.parametrize(
    ("shop", "code", "sku", "where"),
    [
        ("jd", "LAMP-2", "LAMP", {"south": 2}),
        ("jd", "MUG-BLU-2", "MUG-BLU", {"east": 2, "west": 0}),
        ("outlet", "SOCK-BLK*12", "SOCK-BLK", {"south": 24}),
        ("tmall", "1-TEA-SET", "TEAPOT", {"east": 2, "west": 0}),
        ("tmall", "1-TEA-SET", "CUP", {"east": 8, "west": 0}),
    ],
)
async def test_an_order_is_in_the_erp_some_time_later(
    stage: Stage, shop: str, code: str, sku: str, where: dict[str, int]
) -> None:
    await stage.buy(shop, code, 2)
    before = sum(stage.allocated(sku).values())
    stage.wait(IMPORTED_AFTER + 1)
    assert (before, stage.allocated(sku)) == (0, where)


async def test_a_sale_of_what_nobody_knows_is_no_order_of_the_erp(stage: Stage) -> None:
    await stage.buy("tmall", "OLD-STOCK", 1)
    stage.wait(IMPORTED_AFTER + 1)
    assert not any(cell.figures["allocated"] for cell in stage.world.erp.state.cells.values())


async def test_the_world_is_calm_once_the_erp_has_every_order(stage: Stage) -> None:
    stage.wait(5)
    calm = [stage.world.is_calm]
    await stage.buy("jd", "LAMP-2", 1)
    calm.append(stage.world.is_calm)
    stage.wait(IMPORTED_AFTER + 2)
    calm.append(stage.world.is_calm)
    assert calm == [True, False, True]


async def test_the_world_is_not_calm_while_an_order_is_not_paid(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 1, paid=False)
    stage.wait(PAY_WITHIN - 1)
    assert not stage.world.is_calm


# --- the story ---------------------------------------------------------------------------------------------


async def test_every_shop_sells_something(stage: Stage) -> None:
    await stage.story.sales()
    assert [_stages(stage, shop) for shop in stage.world.shops] == [[Step.PAID]] * 3


async def test_a_hold_runs_out(stage: Stage) -> None:
    await stage.story.hold()
    before = _stages(stage, "jd")
    stage.wait(PAY_WITHIN + 1)
    assert (before, _stages(stage, "jd")) == ([Step.UNPAID], [Step.CANCELLED])


async def test_one_buyer_cancels_and_another_is_refunded(stage: Stage) -> None:
    await stage.story.cancellation()
    stage.wait(1)
    await stage.story.refund()
    assert (_stages(stage, "tmall"), _stages(stage, "jd")) == ([Step.CANCELLED], [Step.CLOSED])


async def test_a_refund_without_an_order_does_nothing(stage: Stage) -> None:
    await stage.story.refund()
    assert _stages(stage, "jd") == []


async def test_a_flash_sale_takes_more_than_the_share_of_its_shop(stage: Stage) -> None:
    stage.show("outlet", "LAMP", quantity=5)
    await stage.story.flash_sale()
    left = stage.world.listing(stage.ware("outlet", "LAMP")).quantity
    assert (left, len(_stages(stage, "outlet"))) == (0, 5)


async def test_a_flash_sale_is_where_the_share_is_smallest(stage: Stage) -> None:
    stage.show("jd", "LAMP-2", quantity=4)
    await stage.story.flash_sale()
    assert [len(_stages(stage, shop)) for shop in ("tmall", "jd", "outlet")] == [0, 4, 0]


async def test_a_flash_sale_leaves_its_pool_enough_to_stay_on_sale(stage: Stage) -> None:
    for shop, code in (("tmall", "1-LAMP"), ("jd", "LAMP-2"), ("outlet", "LAMP")):
        stage.show(shop, code, quantity=6)
    await stage.story.flash_sale()
    assert sum(len(_stages(stage, shop)) for shop in stage.world.shops) == 5


@pytest.mark.parametrize("seed", range(5))
async def test_selling_out_brings_one_sku_below_its_warning_level_in_all_shops(seed: int) -> None:
    stage = Stage(seed=seed)
    stage.fill()
    await stage.story.sell_out()
    left = sum(stage.world.shown(shop, "TOWEL") for shop in stage.world.shops)
    assert 0 < left < 4


async def test_an_attack_is_paid_by_nobody(stage: Stage) -> None:
    await stage.story.attack()
    assert set(_stages(stage, "jd")) == {Step.UNPAID}


async def test_an_attack_leaves_something_on_show(stage: Stage) -> None:
    stage.show("jd", "SOCK-BLK-2", quantity=4)
    await stage.story.attack()
    assert stage.world.listing(stage.ware("jd", "SOCK-BLK-2")).quantity == 1


async def test_a_person_takes_a_listing_down_and_puts_it_back(stage: Stage) -> None:
    listing = stage.world.listing(stage.ware("tmall", "1-MUG-BLU"))
    seen = []
    for _ in range(2):
        await stage.story.hand()
        seen.append((listing.on_sale, listing.off_reason))
    assert seen == [(False, "person"), (True, None)]


async def test_what_was_sold_out_recovers_above_its_relist_level(stage: Stage) -> None:
    stage.set_stock("TOWEL", south=60)
    await stage.story.sell_out()
    stage.wait(IMPORTED_AFTER + 1)
    low = stage.recount.free("TOWEL", "south") or 0
    await stage.story.recovery()
    assert (low < 4, (stage.recount.free("TOWEL", "south") or 0) >= 8) == (True, True)


async def test_every_act_can_follow_every_other(stage: Stage) -> None:
    acts = [act for act, _ in stage.story.acts]
    for first in acts:
        for second in acts:
            await first()
            await second()
            stage.wait(0.3)
    await stage.story.end()


async def test_a_story_ends_before_it_began_when_the_curtain_falls_at_once(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    curtain = asyncio.Event()
    curtain.set()
    await stage.story.play(curtain)
    assert capsys.readouterr() == ("", "")


async def test_in_the_end_nothing_goes_wrong_any_more(stage: Stage) -> None:
    await stage.story.trouble()
    await stage.story.empty_erp()
    await stage.story.end()
    plans = [stage.world.erp.faults, *(rig.faults for rig in stage.world.shops.values())]
    assert [plan.as_json() for plan in plans] == [[], [], [], []]


async def test_in_the_end_nobody_comes_any_more(stage: Stage) -> None:
    await stage.story.end()
    assert stage.visitors.left == ["tmall", "jd", "outlet"]


# --- the warehouse -----------------------------------------------------------------------------------------


def test_in_the_end_no_sku_stands_between_the_levels(stage: Stage) -> None:
    for sku, units in (("LAMP", 5), ("MUG-BLU", 5), ("茶杯", 9)):
        stage.set_stock(sku, **{"south" if sku == "LAMP" else "east": units})
    stage.story.warehouse.top_up()
    between = [
        sku for pool, sku, units in stage.recount.cells() if pool.warning_level <= units < pool.relist_level
    ]
    assert between == []


def test_in_the_end_what_is_below_the_warning_level_stays_there(stage: Stage) -> None:
    stage.set_stock("LAMP", south=3)
    stage.story.warehouse.top_up()
    assert stage.recount.free("LAMP", "south") == 3


def test_what_is_scarce_comes_in(stage: Stage) -> None:
    stage.set_stock("MUG-RED", south=2)
    stage.story.warehouse.work(spared=())
    assert (stage.recount.free("MUG-RED", "south") or 0) > 2


def test_what_the_story_needs_low_stays_low(stage: Stage) -> None:
    stage.set_stock("TOWEL", south=2)
    for _ in range(20):
        stage.story.warehouse.work(spared=("TOWEL",))
    assert stage.recount.free("TOWEL", "south") == 2


def test_the_last_units_never_break(stage: Stage) -> None:
    for key in list(stage.world.erp.state.cells):
        stage.world.erp.state.cells[key].figures["on_hand"] = 24
    for _ in range(50):
        stage.story.warehouse.work(spared=())
    assert not any(cell.figures["unsellable"] for cell in stage.world.erp.state.cells.values())
