"""Every page in a real Chromium: fits a phone, shifts nothing, complains of nothing, and is pictured."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import PHONE, Opening
from tests.browser.documents_rig import DIGEST
from tests.browser.screenshots import README, take
from tests.browser.server_rig import VIEWER, Served

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

PATHS = (
    *("/", "/stock", "/sku?code=MUG-RED", "/sku?code=CUP-4SET", "/plans", f"/plans/{DIGEST}", "/shops"),
    *("/shops/tmall", "/listings", "/orders", "/claims", "/locks?ended=1", "/ledger", "/alerts", "/nowhere"),
)

WIDER = """
[...document.querySelectorAll('main *')].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 1 || box.left < -1) && !one.closest('.box, .sr, svg');
}).map((one) => one.outerHTML.slice(0, 80))
"""


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_every_page_fits_a_small_phone(opened: Opening, console: Served, locale: str) -> None:
    page = await opened("/", viewport=PHONE, locale=locale)
    for path in PATHS:
        await page.goto(console.url + path)
        assert (path, await page.evaluate("document.documentElement.scrollWidth")) == (path, PHONE["width"])
        assert (path, await page.evaluate(WIDER)) == (path, [])


async def test_nothing_shifts_while_a_page_loads_or_lives(opened: Opening, console: Served) -> None:
    page = await opened("/nowhere")
    await page.add_init_script("""
      window.shifted = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifted += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    """)
    for path in ("/", "/sku?code=MUG-RED", "/stock"):
        await page.goto(console.url + path)
        await expect(page.locator("#link-state")).to_contain_text("Live")
        async with page.expect_response(lambda answer: "fragment=live" in answer.url):
            console.tell("cycle_ended", scope="whole")
        # Below this a person sees no shift (web.dev, Cumulative Layout Shift: good).
        assert await page.evaluate("window.shifted") < 0.1


async def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(opened: Opening) -> None:
    page = await opened(f"/plans/{DIGEST}")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="To the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Plans").last).to_be_focused()
    await page.locator("summary", has_text="Approve").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Yes, approve")).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineWidth"
    assert await page.evaluate(outline) == "3px"
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Yes, approve")).to_be_hidden()


async def test_a_slash_goes_to_the_search(opened: Opening) -> None:
    page = await opened("/stock")
    await page.keyboard.press("/")
    await expect(page.get_by_label("Code or part of it")).to_be_focused()


async def test_without_script_everything_can_be_read_and_done(opened: Opening, console: Served) -> None:
    console.desk.obeys = True
    page = await opened(f"/plans/{DIGEST}", java_script_enabled=False)
    await page.locator("summary", has_text="Approve").click()
    await page.get_by_role("button", name="Yes, approve").click()
    await expect(page.locator("#notice")).to_contain_text("approved 14 changes")


async def test_markup_in_what_syncd_tells_is_shown_as_text(opened: Opening, console: Served) -> None:
    console.desk.shops_known["jd"]["error"] = "<img src=x onerror=alert(1)>"
    page = await opened("/shops/jd", who=VIEWER)
    await expect(page.locator("#state .notice")).to_contain_text("<img src=x onerror=alert(1)>")


@pytest.mark.usefixtures("chinese_font")
async def test_the_pictures_of_the_manual_are_taken(
    browser: Browser, console: Served, tmp_path: Path
) -> None:
    for name, picture in README.items():
        await take(browser, console, picture, tmp_path / f"{name}.png")
    assert sorted(_pictures(tmp_path)) == sorted(README)


def _pictures(folder: Path) -> list[str]:
    return [file.stem for file in folder.iterdir() if file.read_bytes().startswith(b"\x89PNG")]
