"""Pictures of the console: `python -m tests.browser.screenshots FOLDER [NAME...]`.

Those of README: `python -m tests.browser.screenshots deploy/screenshots readme`.
"""

import asyncio
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.browser.documents_rig import DIGEST
from tests.browser.server_rig import OPERATOR, Served, served

WIDE, PHONE = (1280, 860), (390, 844)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a picture shows, and how."""

    path: str
    size: tuple[int, int] = WIDE
    theme: str = "light"
    language: str = "en"
    whole: bool = False
    who: str = OPERATOR
    ask: str = ""


PICTURES: Mapping[str, Picture] = {
    "overview": Picture(path="/"),
    "overview-dark": Picture(path="/", theme="dark", whole=True),
    "overview-phone": Picture(path="/", size=PHONE, whole=True),
    "overview-zh": Picture(path="/", language="zh", whole=True),
    "stock": Picture(path="/stock"),
    "stock-phone": Picture(path="/stock", size=PHONE),
    "sku": Picture(path="/sku?code=MUG-RED", whole=True),
    "sku-dark": Picture(path="/sku?code=MUG-RED", theme="dark"),
    "sku-phone": Picture(path="/sku?code=MUG-RED", size=PHONE, whole=True),
    "bundle": Picture(path="/sku?code=CUP-4SET"),
    "plans": Picture(path="/plans"),
    "plan": Picture(path=f"/plans/{DIGEST}", ask="#sure-approve summary"),
    "plan-phone": Picture(path=f"/plans/{DIGEST}", size=PHONE, theme="dark", ask="#sure-approve summary"),
    "shops": Picture(path="/shops"),
    "shop": Picture(path="/shops/tmall", whole=True),
    "listings": Picture(path="/listings"),
    "listings-phone": Picture(path="/listings", size=PHONE),
    "orders": Picture(path="/orders"),
    "claims": Picture(path="/claims"),
    "locks": Picture(path="/locks?ended=1", whole=True),
    "locks-phone": Picture(path="/locks", size=PHONE, whole=True, language="zh"),
    "ledger": Picture(path="/ledger", theme="dark"),
    "alerts": Picture(path="/alerts?ended=1"),
    "login": Picture(path="/login", who=""),
    "missing": Picture(path="/nowhere"),
    "fault": Picture(path="/fault", theme="dark"),
}


_SMALL = (1160, 740)
README: Mapping[str, Picture] = {
    "overview": Picture(path="/", size=_SMALL),
    "sku": Picture(path="/sku?code=MUG-RED", size=_SMALL, theme="dark"),
    "plan": Picture(path=f"/plans/{DIGEST}", size=_SMALL, ask="#sure-approve summary"),
    "stock": Picture(path="/stock", size=_SMALL, language="zh"),
    "phone": Picture(path="/", size=PHONE, theme="dark"),
}
"""What README shows; the pictures lie in `deploy/screenshots`."""


async def take(browser: Browser, console: Served, picture: Picture, file: Path) -> None:
    """Write one picture."""
    width, height = picture.size
    context = await browser.new_context(
        viewport={"width": width, "height": height}, timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    given = {"language": picture.language, "theme": picture.theme}
    if picture.who:
        given["syncd"] = await console.session(picture.who)
    for name, value in given.items():
        await context.add_cookies([{"name": name, "value": value, "url": console.url}])
    page = await context.new_page()
    await page.goto(console.url + picture.path)
    if picture.ask:
        await page.click(picture.ask)
    if picture.who and await page.locator("main[data-events]").count():
        await page.wait_for_selector(".link-state.found")
    await page.screenshot(path=file, full_page=picture.whole)
    await context.close()


async def main(folder: Path, names: Sequence[str], pictures: Mapping[str, Picture] = PICTURES) -> None:
    """Write the pictures of those names, all where none is named."""
    async with served() as console, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name in names or pictures:
            await take(browser, console, pictures[name], folder / f"{name}.png")
        await browser.close()


if __name__ == "__main__":
    target, *wanted = sys.argv[1:]
    Path(target).mkdir(parents=True, exist_ok=True)
    # `readme` are those of README, whose names are shorter.
    is_readme = wanted == ["readme"]
    asyncio.run(main(Path(target), [] if is_readme else wanted, README if is_readme else PICTURES))
