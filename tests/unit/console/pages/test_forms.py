"""What an operator presses: where it leads, what it says before, and who may."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from syncd.console.pages.frame import Json
from syncd.services.desk import Asked
from tests.browser import documents_rig as documents
from tests.browser.desk_rig import FakeDesk
from tests.browser.documents_rig import DIGEST
from tests.browser.server_rig import OPERATOR, VIEWER, Served, served
from tests.unit.console.pages.markup_rig import Element, read

pytestmark = pytest.mark.asyncio


class Busy(FakeDesk):
    """Has more units on their way than fit on a page."""

    async def transfers(self, asked: Asked) -> Json:
        return await super().transfers(asked) | {"next": None if asked.cursor else "50"}


@pytest_asyncio.fixture
async def console() -> AsyncIterator[Served]:
    async with served(Busy()) as running:
        yield running


async def page(console: Served, path: str, who: str = OPERATOR) -> Element:
    """Return a page that somebody sees."""
    headers = {"Accept": "text/html", "Cookie": f"syncd={await console.session(who)}"}
    async with aiohttp.ClientSession() as session, session.get(console.url + path, headers=headers) as answer:
        return read(await answer.text())


async def press(console: Served, path: str, who: str = OPERATOR) -> tuple[int, str, Element]:
    """Return what the form of a path answers: its status, where it leads, and the page."""
    fields = [one for one in (await page(console, "/", who)).all("input") if one.attributes["name"] == "csrf"]
    headers = {"Accept": "text/html", "Origin": console.url}
    headers["Cookie"] = f"syncd={await console.session(who)}"
    data = {"csrf": fields[0].attributes["value"]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(console.url + path, data=data, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status, answer.headers.get("Location", ""), read(await answer.text())


def forms(found: Element) -> set[str]:
    """Return what the forms of a page ask for."""
    return {one.attributes["action"] for one in found.all("form") if one.attributes["method"] == "post"}


# --- a cycle now -----------------------------------------------------------------------------------------


async def test_an_operator_asks_for_a_cycle_and_is_told_what_came_of_it(console: Served) -> None:
    assert "/sync" in forms(await page(console, "/"))
    status, leads_to, _ = await press(console, "/sync")
    assert (status, leads_to) == (303, "/?asked=1")
    assert "Asked for." in next(iter((await page(console, leads_to)).all("main"))).text


async def test_a_viewer_neither_sees_the_button_nor_may_press_it(console: Served) -> None:
    assert "/sync" not in forms(await page(console, "/", VIEWER))
    assert (await press(console, "/sync", VIEWER))[0] == 403


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "back"),
    [("/shops/jd/pause", "/shops"), (f"/plans/{DIGEST}/approve", "/plans"), ("/sync", "/"), ("/look", "/")],
)
async def test_from_a_refused_form_a_page_is_reached_that_is_there(
    console: Served, path: str, back: str
) -> None:
    _, _, found = await press(console, path, VIEWER)
    links = {one.text: one.attributes["href"] for one in found.all("a")}
    assert links["Try again"] == back


# --- plans -----------------------------------------------------------------------------------------------


@pytest.fixture
def partly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a plan held of whose 14 changes 10 were rejected before, as listings and not as a share."""
    whole = documents.plan()
    hold = whole["shops"][0]["holds"][0] | {"limit": 1000, "value": 1042, "unit": "listings"}
    plan = whole | {"waiting": 4, "rejected": 10, "shops": [whole["shops"][0] | {"holds": [hold]}]}
    monkeypatch.setattr(documents, "plan", lambda: plan)


@pytest.mark.usefixtures("partly")
async def test_approving_says_that_what_was_rejected_goes_too(console: Served) -> None:
    found = await page(console, f"/plans/{DIGEST}")
    (asked,) = [one for one in found.all("details") if one.attributes["id"] == "sure-approve"]
    assert "Let 14 changes go to the shops?" in asked.text
    assert "10 of them were rejected before." in asked.text


@pytest.mark.usefixtures("partly")
async def test_a_limit_stands_apart_from_its_unit(console: Served) -> None:
    found = await page(console, f"/plans/{DIGEST}")
    (gauge,) = [one for one in found.all("p") if one.attributes.get("class") == "gauge-words"]
    assert [one.text for one in gauge.all("b")] == ["1,000 listings", "1,042 listings"]


# --- long lists ------------------------------------------------------------------------------------------


async def test_more_units_on_their_way_than_a_page_shows_are_on_the_next(console: Served) -> None:
    first, last = await page(console, "/locks"), await page(console, "/locks?cursor=50")
    assert "/locks?cursor=50" in {one.attributes["href"] for one in first.all("a")}
    assert "The end of the list." in last.text
