"""Every page: found, whole, fit for everybody, in both languages; and what it refuses."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from syncd.console.live.published import PUBLISHED
from syncd.console.pages import alerts, frame, lists, locks, overview, plans, shops, stock
from tests.browser import documents_rig as documents
from tests.browser.desk_rig import OUT_OF_REACH
from tests.browser.documents_rig import DIGEST
from tests.browser.server_rig import OPERATOR, VIEWER, Served, served
from tests.unit.console.pages.markup_rig import Element, english, faults, quoted, read

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATHS = (
    "/", "/stock", "/stock?q=nothing", "/sku?code=MUG-RED", "/sku?code=CUP-4SET", "/plans",
    f"/plans/{DIGEST}",
    "/shops", "/shops/tmall", "/shops/ali_es", "/listings", "/listings?unbound=1", "/orders", "/claims",
    "/locks?ended=1", "/ledger", "/ledger?shop=nothing", "/alerts?ended=1", "/alerts?what=nothing",
)  # fmt: skip
MISSING = (
    "/nowhere",
    "/sku?code=nothing",
    "/shops/nothing",
    "/plans/00000000",
    "/ledger?since=soon",
    "/fault",
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a browser that runs no script."""

    console: Served
    session: aiohttp.ClientSession
    cookie: str

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        """Return the answer to a GET, with its text."""
        sent = {"Accept": "text/html", "Cookie": self.cookie} | headers
        async with self.session.get(self.console.url + path, headers=sent, allow_redirects=False) as answer:
            return answer, await answer.text()

    async def page(self, path: str, language: str = "en") -> Element:
        """Return a page as elements."""
        return read((await self.get(path, Cookie=f"{self.cookie}; language={language}"))[1])

    async def post(self, path: str, **form: str) -> aiohttp.ClientResponse:
        """Return the answer to a form; its proof is that of the page unless it is given."""
        if "csrf" not in form:
            field = next(
                one for one in (await self.page("/")).all("input") if one.attributes["name"] == "csrf"
            )
            form["csrf"] = field.attributes["value"]
        headers = {"Accept": "text/html", "Cookie": self.cookie, "Origin": self.console.url}
        async with self.session.post(
            self.console.url + path, data=form, headers=headers, allow_redirects=False
        ) as answer:
            await answer.read()
            return answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console() -> AsyncIterator[Served]:
    async with served() as running:
        yield running


async def _visitor(console: Served, name: str) -> AsyncIterator[Visitor]:
    cookie = await console.session(name)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Visitor(console, session, f"syncd={cookie}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def anna(console: Served) -> AsyncIterator[Visitor]:
    async for visitor in _visitor(console, OPERATOR):
        yield visitor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wei(console: Served) -> AsyncIterator[Visitor]:
    async for visitor in _visitor(console, VIEWER):
        yield visitor


# --- every page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_is_found_and_kept_by_no_cache(anna: Visitor, path: str) -> None:
    answer, _ = await anna.get(path)
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (
        200,
        "text/html",
        "no-store",
    )


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", [*PATHS, *MISSING])
async def test_a_page_is_fit_for_everybody(anna: Visitor, path: str, language: str) -> None:
    assert list(faults(await anna.page(path, language))) == []


@pytest.mark.parametrize("path", PATHS)
async def test_the_live_part_of_a_page_has_all_that_can_change(anna: Visitor, path: str) -> None:
    joint = "&" if "?" in path else "?"
    whole, live = await anna.page(path), await anna.page(f"{path}{joint}fragment=live")

    def pieces(page: Element) -> list[str]:
        return [one.attributes["id"] for one in page.all() if "data-piece" in one.attributes]

    assert pieces(live) == pieces(whole)
    assert len(pieces(live)) > 1
    assert not any(live.all("html", "main"))


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_speaks_chinese_where_it_is_not_told_by_syncd_itself(anna: Visitor, path: str) -> None:
    page = await anna.page(path, "zh")
    heads = [one for one in page.all("th") if one.attributes["scope"] == "col"]
    words = [one.text for one in [*heads, *page.all("h2", "dt", "label", "summary", "button")]]
    names = {"SKU", OPERATOR, *documents.SHOPS}
    assert [text for text in words if text.isascii() and text not in names] == []


@pytest.mark.parametrize("path", [*PATHS, *MISSING])
async def test_no_page_in_chinese_says_a_reason_in_english(anna: Visitor, path: str) -> None:
    page = await anna.page(path, "zh")
    assert list(english(page)) == []
    assert quoted(page) <= {documents.SESSION_OVER, documents.DOUBT}


async def test_every_event_that_a_page_waits_for_is_published() -> None:
    modules = (overview, stock, plans, shops, locks, lists, alerts)
    pages = [one for module in modules for one in vars(module).values() if isinstance(one, frame.Page)]
    assert len(pages) == 13
    assert {name for page in pages for name in page.events} - PUBLISHED.keys() == set()


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/sku?code=nothing", 404),
        ("/shops/nothing", 404),
        ("/plans/00000000", 404),
        ("/ledger?since=soon", 400),
        (f"/stock?q={'x' * 300}", 400),
        ("/fault", 500),
    ],
)
async def test_what_cannot_be_shown_has_a_page_with_its_status(anna: Visitor, path: str, status: int) -> None:
    answer, text = await anna.get(path)
    assert answer.status == status
    assert f">{status}<" in text


async def test_a_fault_tells_a_number_and_nothing_of_itself(anna: Visitor) -> None:
    _, text = await anna.get("/fault")
    assert "its log tells more under" in text
    assert "secret" not in text


async def test_what_somebody_typed_is_text_and_never_markup(anna: Visitor) -> None:
    for path in ("/stock?q=", "/sku?code=", "/ledger?sku=", "/locks?sku="):
        _, text = await anna.get(f'{path}"><script>alert(1)</script>')
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize(
    "path", ["/shops/jd/pause", f"/plans/{DIGEST}/approve", "/locks", "/alerts/1/acknowledge"]
)
async def test_a_viewer_changes_nothing(wei: Visitor, path: str) -> None:
    assert (await wei.post(path)).status == 403
    assert wei.console.desk.requests == {}


@pytest.mark.parametrize("path", ["/shops/jd/pause", f"/plans/{DIGEST}/reject", "/locks"])
async def test_a_form_without_its_proof_changes_nothing(anna: Visitor, path: str) -> None:
    assert (await anna.post(path, csrf="guessed")).status == 403
    assert anna.console.desk.requests == {}


@pytest.mark.parametrize(
    "path", ["/shops/jd/retire", "/shops/JD/pause", "/plans/xyz/approve", "/locks/x/end"]
)
async def test_what_nobody_may_ask_is_not_there(anna: Visitor, path: str) -> None:
    assert (await anna.post(path)).status == 404


async def test_an_alert_is_seen_by_who_says_so(anna: Visitor) -> None:
    assert (await anna.post("/alerts/2/acknowledge")).status == 303
    assert "seen by console:anna" in (await anna.get("/alerts"))[1]
    assert (await anna.post("/alerts/99/acknowledge")).status == 404


# --- notices, looks, files -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["999", str(OUT_OF_REACH), "-1", "x", "9" * 400, "٣"])
async def test_a_notice_of_what_nobody_asked_for_is_left_out(anna: Visitor, number: str) -> None:
    answer, text = await anna.get(f"/shops?asked={number}")
    assert answer.status == 200
    assert 'class="notice' not in text


async def test_a_look_is_remembered_and_leads_back_to_this_console_only(anna: Visitor) -> None:
    for back, target in (
        ("/stock?q=a", "/stock?q=a"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
    ):
        answer, _ = await anna.get(f"/look?language=zh&theme=dark&back={back.replace('?', '%3F')}")
        assert (answer.status, answer.headers["Location"]) == (303, target)
        assert {name: one.value for name, one in answer.cookies.items()} == {
            "language": "zh",
            "theme": "dark",
        }


async def test_a_look_that_there_is_not_is_not_remembered(anna: Visitor) -> None:
    answer, _ = await anna.get("/look?language=xx&theme=<script>")
    assert not answer.cookies


async def test_the_page_follows_the_look_of_the_cookie(anna: Visitor) -> None:
    _, text = await anna.get("/", Cookie=f"{anna.cookie}; theme=dark")
    assert '<html lang="en" data-theme="dark">' in text


@pytest.mark.parametrize("name", ["console.css", "console.js", "icons.svg", "icon.svg"])
async def test_a_file_of_the_console_is_kept_by_the_browser_for_as_long_as_it_is_the_same(
    anna: Visitor, name: str
) -> None:
    answer, _ = await anna.get(frame.asset(name))
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "name", ["..%2F__init__.py", "%2e%2e%2fframe.py", "__init__.py", "console.css%00", "."]
)
async def test_no_name_leads_out_of_the_folder(anna: Visitor, name: str) -> None:
    assert (await anna.get(f"/static/{name}"))[0].status == 404


async def test_every_icon_that_a_page_shows_is_in_the_file(anna: Visitor) -> None:
    _, icons = await anna.get("/static/icons.svg")
    known = {one.attributes["id"] for one in read(icons).all("symbol")}
    for path in PATHS:
        page = await anna.page(path)
        assert {one.attributes["href"].partition("#")[2] for one in page.all("use")} - known == set()
