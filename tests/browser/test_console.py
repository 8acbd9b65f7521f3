"""What an operator does in the console, done in a real Chromium."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE, Opening
from tests.browser.documents_rig import DIGEST
from tests.browser.server_rig import VIEWER, Served, tokens

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def live(page: Page) -> None:
    """Wait until the page is told of events."""
    await expect(page.locator("#link-state")).to_have_class(re.compile("found"))


# --- signing in ------------------------------------------------------------------------------------------


async def test_a_token_signs_in_and_leads_to_the_page_that_was_asked_for(opened: Opening) -> None:
    page = await opened("/shops", who="")
    await page.get_by_label("Token").fill(tokens()["anna"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Shops")


@pytest.mark.slow
async def test_a_wrong_token_is_said_beside_the_field(opened: Opening) -> None:
    page = await opened("/", who="")
    await page.get_by_label("Token").fill("anna.wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_have_text("This token is not known.")
    await expect(page.get_by_label("Token")).to_have_attribute("aria-describedby", "wrong")


@pytest.mark.slow
async def test_signing_out_ends_the_session(opened: Opening) -> None:
    page = await opened()
    await page.locator("#menu-who summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.slow
async def test_a_page_whose_session_has_ended_asks_to_sign_in(console: Served, opened: Opening) -> None:
    page = await opened("/shops")
    await live(page)
    console.kept.sessions.end(console.identities["anna"])
    console.tell("cycle_ended", scope="whole")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


# --- the overview ----------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_the_overview_says_what_needs_a_person_first(opened: Opening) -> None:
    page = await opened()
    await expect(page.get_by_role("heading", level=1)).to_have_text("5 things need a person")
    await expect(page.locator("#needs li").first).to_contain_text("Shop pdd cannot be written or read")


async def test_the_overview_follows_what_happens_without_being_loaded_again(
    console: Served, opened: Opening
) -> None:
    page = await opened()
    await live(page)
    await page.evaluate("window.stays = true")
    console.desk.shops_known["pdd"]["error"] = ""
    console.desk.held = None
    console.tell("shop_recovered", shop="pdd")
    await expect(page.get_by_role("heading", level=1)).to_have_text("3 things need a person")
    await expect(page.locator("[data-k=right]")).to_have_text("3")
    assert await page.evaluate("window.stays") is True


@pytest.mark.slow
async def test_a_lost_connection_is_told_and_so_is_the_next_one(opened: Opening) -> None:
    page = await opened("/nowhere", bears="ERR_FAILED")
    await page.route("**/events*", lambda route: route.abort())
    await page.get_by_role("link", name="To the overview").click()
    await expect(page.get_by_role("status").first).to_have_text("Connection lost; what you see may be old")
    await page.unroute("**/events*")
    await live(page)


@pytest.mark.slow
async def test_a_page_that_comes_back_from_the_memory_of_the_browser_hears_again(
    console: Served, opened: Opening
) -> None:
    page = await opened()
    await live(page)
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    console.desk.held = None
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    await expect(page.locator("[data-k=held]")).to_have_text("0")


@pytest.mark.slow
async def test_times_are_told_in_the_zone_of_the_browser(opened: Opening) -> None:
    page = await opened(timezone_id="Asia/Shanghai")
    await expect(page.locator("#verdict time")).to_have_text("Nov 11, 20:30:20")


# --- why a number is what it is --------------------------------------------------------------------------


async def test_a_sku_is_found_by_a_part_of_its_code_and_explained(opened: Opening) -> None:
    page = await opened("/stock")
    await page.get_by_label("Code or part of it").fill("mug-r")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("#stock tbody tr")).to_have_count(1)
    await page.get_by_role("link", name="MUG-RED").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("MUG-RED")
    await expect(page.locator("[data-k=bar-available]")).to_have_text("41")
    await expect(page.locator("#words article").first).to_contain_text("It should show 12 and does.")
    await expect(page.locator("#words article").nth(1)).to_contain_text("held by the guard")


@pytest.mark.slow
async def test_a_code_that_nobody_knows_gets_a_page_that_says_so(opened: Opening) -> None:
    page = await opened("/sku?code=MUG-RDE")
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page or thing")
    await expect(page.locator(".why")).to_contain_text("did you mean MUG-RED?")


# --- changes ---------------------------------------------------------------------------------------------


async def test_a_held_plan_is_approved_after_a_second_question(console: Served, opened: Opening) -> None:
    page = await opened("/plans")
    await page.get_by_role("link", name="Judge it").click()
    await page.locator("summary", has_text="Approve").click()
    await page.get_by_role("button", name="Yes, approve").click()
    await expect(page.locator("#notice")).to_contain_text("Asked for.")
    console.desk.obey()
    await expect(page.locator("#notice")).to_contain_text("approved 14 changes")
    assert [(one["verb"], one["asked_by"]) for one in console.desk.requests.values()] == [
        ("approve", "console:anna")
    ]


@pytest.mark.slow
async def test_a_held_plan_is_rejected(console: Served, opened: Opening) -> None:
    console.desk.obeys = True
    page = await opened(f"/plans/{DIGEST}")
    await page.locator("summary", has_text="Reject").click()
    await page.get_by_role("button", name="Yes, reject").click()
    await expect(page.locator("#notice")).to_contain_text("rejected 14 changes")


async def test_a_shop_is_paused_and_can_then_be_resumed(console: Served, opened: Opening) -> None:
    console.desk.obeys = True
    page = await opened("/shops/jd")
    await page.locator("summary", has_text="Pause").click()
    await page.get_by_role("button", name="Yes, pause it").click()
    await expect(page.locator("#notice")).to_contain_text("shop jd is paused")
    await expect(page.locator("summary", has_text="Resume")).to_be_visible()


@pytest.mark.slow
async def test_units_are_locked_and_what_cannot_be_is_said_beside_what_was_typed(
    console: Served, opened: Opening
) -> None:
    console.desk.obeys = True
    page = await opened("/locks")
    form = page.locator("#add")
    await form.get_by_label("SKU", exact=True).fill("MUG-RDE")
    await form.get_by_label("Units", exact=True).fill("5")
    await form.get_by_role("button", name="Lock them").click()
    await expect(form.get_by_role("alert")).to_contain_text("no source knows the SKU 'MUG-RDE'")
    await expect(form.get_by_label("Units", exact=True)).to_have_value("5")
    await form.get_by_label("SKU", exact=True).fill("MUG-RED")
    await form.get_by_role("button", name="Lock them").click()
    await expect(page.locator("#notice")).to_contain_text("done: lock_add MUG-RED 5")


@pytest.mark.slow
async def test_what_somebody_types_is_not_taken_away_by_what_happens(
    console: Served, opened: Opening
) -> None:
    page = await opened("/locks")
    await live(page)
    await page.locator("#lock-3 summary").click()
    await page.get_by_label("Units to release").first.fill("3")
    console.desk.locks_known[0]["holds"] = 7
    async with page.expect_response(re.compile("fragment=live")):
        console.tell("cycle_ended", scope="whole")
    field = page.get_by_label("Units to release").first
    await expect(field).to_have_value("3")
    await expect(field).to_be_focused()
    await page.locator("#lock-3 summary").focus()
    console.tell("cycle_ended", scope="whole")
    await expect(page.locator("#locks tbody tr").first).to_contain_text("7")
    await expect(page.locator("#lock-3")).to_have_attribute("open", "")


# --- who may do what -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("path", [f"/plans/{DIGEST}", "/shops/jd", "/locks"])
async def test_a_viewer_sees_no_buttons_that_change_something(path: str, opened: Opening) -> None:
    page = await opened(path, who=VIEWER)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await page.locator("main form[method=post]").count() == 0


async def test_a_viewer_who_asks_all_the_same_is_refused(console: Served, opened: Opening) -> None:
    page = await opened("/shops/jd", who=VIEWER)
    csrf = await page.locator("#menu-who input[name=csrf]").get_attribute("value")
    answer = await page.request.post(
        f"{console.url}/shops/jd/pause",
        form={"csrf": csrf or ""},
        headers={"Accept": "text/html", "Origin": console.url},
    )
    assert answer.status == 403
    assert "This is not yours to do" in await answer.text()
    assert console.desk.requests == {}


# --- languages, looks and sizes --------------------------------------------------------------------------


@pytest.mark.usefixtures("chinese_font")
async def test_chinese_is_spoken_to_who_wants_it(opened: Opening) -> None:
    page = await opened(locale="zh-CN")
    await expect(page.get_by_role("heading", level=1)).to_have_text("5 件事需要人处理")
    assert await page.locator("html").get_attribute("lang") == "zh-Hans"


@pytest.mark.slow
async def test_the_language_is_chosen_in_the_menu(opened: Opening) -> None:
    page = await opened("/stock?q=MUG")
    await page.locator("#menu-look summary").click()
    await page.get_by_role("link", name="中文").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("库存")
    await expect(page.get_by_label("编码或其一部分")).to_have_value("MUG")


@pytest.mark.slow
async def test_dark_follows_the_device_until_somebody_chooses(opened: Opening) -> None:
    page = await opened(color_scheme="dark")
    shade = "getComputedStyle(document.body).backgroundColor"
    assert await page.evaluate(shade) == "rgb(14, 18, 23)"
    await page.locator("#menu-look summary").click()
    await page.get_by_role("link", name="light", exact=True).click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert await page.evaluate(shade) == "rgb(244, 246, 248)"


async def test_the_overview_fits_a_small_phone(opened: Opening) -> None:
    page = await opened(viewport=PHONE)
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
