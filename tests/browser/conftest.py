"""A real Chromium for the session, a fresh console for each test, and pages that complain of nothing."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.server_rig import OPERATOR, Served, served

CHROMIUM = shutil.which("chromium")
PHONE = {"width": 360, "height": 740}
PATIENCE = 10_000
"""Milliseconds that anything in a page may take on a busy machine."""


class Opening(Protocol):
    """Opens a page of the console in a browser of its own, which may complain of what it `bears` only."""

    def __call__(
        self,
        path: str = "/",
        *,
        who: str = OPERATOR,
        bears: str = "",
        **context: Any,  # noqa: ANN401
    ) -> Awaitable[Page]: ...


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Yield Debian's Chromium, which is told of no host but this machine."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium; NO PAGE OF THE CONSOLE WAS TRIED IN A BROWSER")
    options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def console() -> AsyncIterator[Served]:
    """Yield a console before a desk that nobody has touched."""
    async with served() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def opened(browser: Browser, console: Served) -> AsyncIterator[Opening]:
    """Yield what opens pages; in the end none of them may have complained or asked another host."""
    complaints: list[str] = []
    async with AsyncExitStack() as stack:

        async def opening(
            path: str = "/",
            *,
            who: str = OPERATOR,
            bears: str = "",
            **context: Any,  # noqa: ANN401
        ) -> Page:
            made = await browser.new_context(**({"reduced_motion": "reduce"} | context))
            stack.push_async_callback(made.close)
            made.set_default_timeout(PATIENCE)
            if who:
                cookie = await console.session(who)
                await made.add_cookies([{"name": "syncd", "value": cookie, "url": console.url}])
            page = await made.new_page()
            _watch(page, console.url, complaints.append, bears)
            await page.goto(console.url + path)
            return page

        yield opening
    assert complaints == []


def _watch(page: Page, url: str, complain: Callable[[str], None], bears: str) -> None:
    """Note what the page's console complains of, and every request to another host."""

    def told(kind: str, text: str) -> None:
        # Chromium reports the status of the page itself, too, which the tests of refusals want.
        is_wanted = "status of 4" in text or (bears and bears in text)
        if kind in {"error", "warning"} and not is_wanted:
            complain(text)

    page.on("console", lambda message: told(message.type, message.text))
    page.on("pageerror", lambda error: complain(str(error)))
    page.on("request", lambda request: None if request.url.startswith(url) else complain(request.url))


@pytest.fixture(scope="session")
def chinese_font() -> None:
    """Skip where no font draws Chinese, whose pictures would show boxes."""
    listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    if not listed.stdout.strip():
        pytest.skip(
            "needs a Chinese font: apt-get install fonts-wqy-microhei; CHINESE PAGES WERE NOT LOOKED AT"
        )
