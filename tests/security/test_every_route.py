"""Every route of the assembled program, walked: who is nobody, or too little, gets nothing."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from syncd.console.access import Role, needed_by
from tests.security.fortress import Fortress, fortress
from tests.unit.console.security.stage import ALICE, BOB, Browser, bearer, browser

OPEN = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/hooks/{shop}"),
    ("POST", "/hooks/{shop}"),
    ("GET", "/look"),
}
"""All that anyone may call, beside static files; a route that is added must be thought of here."""

STATIC = re.compile(r"/static/.*")
ENDLESS = {"/events"}
WORDS = {"digest": "0123456789abcdef", "shop": "web", "verb": "pause", "sku": "MUG"}
"""What ids look like, by their names; the others are numbers."""


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Fortress]:
    async with fortress(tmp_path / "world") as made:
        yield made


@pytest.fixture
async def someone(here: Fortress) -> AsyncIterator[Browser]:
    async with browser(here.url) as made:
        yield made


def template(route: web.AbstractRoute) -> str:
    assert route.resource
    return route.resource.canonical


def path_of(route: web.AbstractRoute, word: str | None = None) -> str:
    """Return a path that the route takes, or one with `word` where an id should be."""
    return re.sub(r"\{([^}]*)\}", lambda match: word or WORDS.get(match[1], "1"), template(route))


def guarded(here: Fortress) -> list[tuple[str, web.AbstractRoute, Role]]:
    """Return every route that needs a role, with its method; HEAD of each GET is among them."""
    found = []
    for route in here.routes:
        role = needed_by(route.handler)
        if role is not None:
            found.append((route.method, route, role))
    assert found
    return found


async def test_every_handler_says_who_may_call_it_and_only_these_are_for_anyone(here: Fortress) -> None:
    free = {(route.method, template(route)) for route in here.routes if needed_by(route.handler) is None}
    shown = {(method, path) for method, path in free if not STATIC.fullmatch(path) and method != "HEAD"}
    assert shown == OPEN
    assert {(("GET", path)) for method, path in free if method == "HEAD"} <= free


async def test_nobody_gets_anything_without_a_token(here: Fortress, someone: Browser) -> None:
    for method, route, _ in guarded(here):
        answer = await someone.ask(method, path_of(route))
        assert answer.status == 401, (method, template(route))
        page = await someone.ask(method, path_of(route), headers={"Accept": "text/html"})
        is_sent_to_sign_in = page.status == 303 and page.headers["Location"].startswith("/login")
        assert page.status == 401 or is_sent_to_sign_in, (method, template(route))


async def test_a_session_that_is_made_up_is_none(here: Fortress, someone: Browser) -> None:
    someone.client.cookie_jar.update_cookies({"syncd": "x" * 43})
    for method, route, _ in guarded(here):
        assert (await someone.ask(method, path_of(route))).status == 401, (method, template(route))


async def test_a_viewer_changes_nothing_anywhere(here: Fortress, someone: Browser) -> None:
    for method, route, role in guarded(here):
        if role is Role.OPERATOR:
            answer = await someone.ask(method, path_of(route), headers=bearer(BOB))
            assert answer.status == 403, (method, template(route))


async def test_reading_is_all_that_a_viewer_can_do(here: Fortress) -> None:
    free = {"/logout"}
    changing = [
        (method, template(route))
        for method, route, role in guarded(here)
        if method not in {"GET", "HEAD"} and role is Role.VIEWER and template(route) not in free
    ]
    assert changing == []


async def test_no_page_changes_anything_without_the_proof_of_its_session(
    here: Fortress, someone: Browser
) -> None:
    assert (await someone.post("/login", data={"token": ALICE})).status == 303
    for method, route, _ in guarded(here):
        if method in {"GET", "HEAD"}:
            continue
        answer = await someone.ask(method, path_of(route))
        assert (answer.status, "load it again" in answer.text) == (403, True), (method, template(route))


@pytest.mark.parametrize(
    "word",
    [
        "..",
        "%2e%2e",
        "%2e%2e%2fetc%2fpasswd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "..%5c..%5cetc",
        "%00",
        "%0d%0aSet-Cookie:%20a=b",
        "%ff%fe",
        "'%20OR%201=1--",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "{}",
        "9" * 400,
        "-1",
        "%E8%8C%B6",
        "x" * 3000,
    ],
)
async def test_no_id_in_a_path_leads_out_or_breaks_anything(
    here: Fortress, someone: Browser, word: str
) -> None:
    for method, route, _ in guarded(here):
        if "{" not in template(route) or template(route) in ENDLESS or method not in {"GET", "HEAD"}:
            continue
        url = URL(here.url + path_of(route, word), encoded=True)
        async with someone.client.request(
            method, url, headers=bearer(ALICE) | {"Accept": "text/html"}, allow_redirects=False
        ) as answer:
            text = await answer.text()
        assert answer.status < 500, (method, template(route), text)
        assert "root:" not in text
        assert "<script>alert(1)" not in text
        assert "Set-Cookie" not in answer.headers
    assert here.world.told.named("http_failed") == []


async def test_no_static_path_leads_out(here: Fortress, someone: Browser) -> None:
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/",
    ):
        async with someone.client.get(URL(here.url + path, encoded=True), allow_redirects=False) as answer:
            assert answer.status in {400, 403, 404}, path
