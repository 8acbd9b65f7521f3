"""An hour of the demo in a minute: everything that an operator must be told is told four times over.

In the browser, by the metrics, by alerts, and over MQTT, by a real daemon with a real broker.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from syncd.mock import Fault, FaultKind
from tests.browser.conftest import PATIENCE
from tests.browser.hour_rig import REFRESH, SECRET, TOKEN, WAY_TO_PEOPLE, Hour, hour
from tests.integration.mqtt_rig import BROKERS, PASSWORD

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow, pytest.mark.timeout(400)]

SECRETS = (TOKEN, SECRET, REFRESH, WAY_TO_PEOPLE, PASSWORD)
LATE = 3 * PATIENCE
"""Milliseconds that something may take to get from a shop to the page."""


async def test_the_console_metrics_alerts_and_mqtt_tell_an_hour(browser: Browser, tmp_path: Path) -> None:
    async with hour(tmp_path, BROKERS[0]) as now:
        page = await _signed_in(browser, now)
        try:
            await _all_is_well(now, page)
            await _a_flash_sale(now, page)
            await _the_erp_is_down(now, page)
            await _a_token_runs_out(now, page)
            await _the_broker_restarts(now)
            await _a_plan_is_held_and_approved(now, page)
            shown = [await page.content(), await now.get("/metrics"), await now.get("/api/v1/ledger")]
        finally:
            await page.context.close()
        assert await now.daemon.stopped() == 0
        told = "".join([*shown, now.daemon.words, str(now.letters)])
        assert [secret for secret in (*SECRETS, now.operator) if secret in told] == []


async def _signed_in(browser: Browser, now: Hour) -> Page:
    context = await browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(LATE)
    page = await context.new_page()
    await page.goto(f"{now.url}/")
    await page.get_by_label("Token").fill(now.operator)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#link-state")).to_have_class(re.compile("found"))
    return page


async def _all_is_well(now: Hour, page: Page) -> None:
    for shop in now.world.shops:
        await now.until_metric("syncd_shop_up", lambda value: value == 1, shop=shop)
        await now.heard(f"shop/{shop}/state", lambda state: state["error"] == "")
    await expect(page.locator("[data-k=right]")).to_have_text("3", timeout=LATE)
    await now.daemon.told("cycle_ended")


async def _a_flash_sale(now: Hour, page: Page) -> None:
    """Sell all towels of two shops and most of the third within a second: below the level all go off sale."""
    before = len(now.daemon.log)
    towels = [ware for ware in now.world.wares if set(ware.sells) == {"TOWEL"}]

    async def rush() -> bool:
        # Units may move between the shops while they are bought.
        for ware in towels:
            pieces = now.world.listing(ware).quantity - (ware.shop == "outlet")
            if pieces > 0:
                await now.buyers.order(ware, pieces, paid=True)
        lines = now.daemon.log[before:]
        return any(line.get("sku") == "TOWEL" and line.get("kind") == "off" for line in lines)

    await now.daemon.until(rush)
    await now.until_metric("syncd_changes_pushed_total", lambda value: value >= 1, shop="outlet", kind="off")
    await now.until_letter("off sale")
    await page.goto(f"{now.url}/sku?code=TOWEL")
    await expect(page.get_by_role("heading", level=1)).to_have_text("TOWEL")
    await expect(page.locator("main")).to_contain_text("off sale")
    assert "oversold" not in {line["event"] for line in now.daemon.log}


async def _the_erp_is_down(now: Hour, page: Page) -> None:
    before = len(now.daemon.log)
    now.world.erp.faults.replace(
        [Fault(kind=FaultKind.SERVER_ERROR, method="GET", path="/stock", times=10_000)]
    )
    await page.goto(f"{now.url}/")
    await now.until_metric("syncd_source_up", lambda value: value == 0, source="erp")
    await expect(page.locator("#needs")).to_contain_text("Source erp gives no figures", timeout=LATE)
    await now.heard("source/erp/state", lambda state: "503" in state["error"])
    await now.until_letter("source erp cannot be read")
    now.world.erp.faults.replace([])
    await now.daemon.told("source_recovered", after=before)
    await now.until_metric("syncd_source_up", lambda value: value == 1, source="erp")
    await expect(page.locator("#needs")).not_to_contain_text("Source erp", timeout=LATE)
    await now.until_letter("Over: source erp")


async def _a_token_runs_out(now: Hour, page: Page) -> None:
    """End a session that cannot be renewed, then let a person correct that and reload syncd."""
    before = len(now.daemon.log)
    shop = now.world.shops["outlet"].state
    over = datetime.now(UTC) - timedelta(seconds=1)
    shop.top = replace(shop.top, may_refresh=False, session_until=over)
    await now.until_metric("syncd_shop_up", lambda value: value == 0, shop="outlet")
    await expect(page.locator("#needs")).to_contain_text("outlet", timeout=LATE)
    await now.heard("shop/outlet/state", lambda state: "could not be renewed" in state["error"])
    await now.until_letter("the tokens of shop outlet cannot be renewed")
    shop.top = replace(shop.top, may_refresh=True)
    now.reload()
    await now.daemon.told("tokens_renewed", after=before, shop="outlet")
    await now.until_metric("syncd_shop_up", lambda value: value == 1, shop="outlet")
    await now.until_letter("Over: the tokens of shop outlet")
    # Who was signed in before the reload still is, and the page goes on by itself.
    await expect(page.locator("#needs")).not_to_contain_text("outlet cannot be", timeout=LATE)


async def _the_broker_restarts(now: Hour) -> None:
    before = len(now.daemon.log)
    await now.broker.kill()
    await now.daemon.told("mqtt_lost", after=before)
    await now.until_metric("syncd_mqtt_connected", lambda value: value == 0)
    # Nothing waits for it.
    cycles = await now.metric("syncd_cycle_duration_seconds_count", scope="whole")
    assert cycles is not None
    await now.until_metric(
        "syncd_cycle_duration_seconds_count", lambda value: value > cycles + 1, scope="whole"
    )
    await now.broker.start()
    await now.daemon.told("mqtt_connected", after=before)
    await now.until_metric("syncd_mqtt_connected", lambda value: value == 1)
    # It has forgotten all, and is told again what is retained.
    for shop in now.world.shops:
        await now.heard(f"shop/{shop}/state", lambda state: state["error"] == "")


async def _a_plan_is_held_and_approved(now: Hour, page: Page) -> None:
    """Write off two warehouses: half of the shops' listings would go, which a person must allow."""
    before = len(now.daemon.log)
    for (sku, place), cell in now.world.erp.state.cells.items():
        if place in {"east", "west"}:
            assert not now.world.erp.state.move(sku, place, {"on_hand": -cell.figures["on_hand"]})
    held = await now.daemon.told("held", after=before, shop="tmall")
    assert "guard.max_off_percent" in held["because"]
    await now.until_metric("syncd_held_changes", lambda value: value > 0, shop="tmall")
    await now.heard("shop/tmall/state", _holds)
    await now.until_letter("changes of shop tmall are held")

    await page.goto(f"{now.url}/plans")
    await page.get_by_role("link", name="Judge it").first.click()
    await page.locator("summary", has_text="Approve").click()
    await page.get_by_role("button", name="Yes, approve").click()
    await now.daemon.told("changed", after=before, shop="tmall", sku="TEAPOT", kind="off")
    await now.until_metric("syncd_held_changes", lambda value: value == 0, shop="tmall")
    await expect(page.locator("#notice")).to_contain_text("approved", timeout=LATE)
    await now.until_letter("Over: changes of shop tmall are held")
    assert "console:guest" in await now.get("/api/v1/ledger?what=approved")


def _holds(state: dict[str, Any]) -> bool:
    return bool(state["held"])
