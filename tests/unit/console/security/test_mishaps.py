"""Errors tell what to do, and nothing of how the program looks inside."""

import json

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from syncd.console.access import anyone
from syncd.console.security.login import PlainLooks
from syncd.console.security.mishaps import Mishaps
from syncd.errors import NotThere, StateUnavailable, UsageError
from tests.unit.console.security.stage import ALICE, Browser, Stage, bearer, browser

PAGE = {"Accept": "text/html"}


async def test_a_bug_is_told_with_a_number_and_without_its_words(someone: Browser, stage: Stage) -> None:
    answer = await someone.get("/api/v1/fail", headers=bearer(ALICE))
    told = stage.told.named("http_failed")[0]
    assert (answer.status, str(told["number"]) in answer.text) == (500, True)
    assert (told["route"], told["error"]) == ("/api/v1/fail", "RuntimeError")
    assert "stage.py" in str(told["where"])
    for text in (answer.text, str(told)):
        assert "secret" not in text
        assert ALICE not in text
        assert "Traceback" not in text


async def test_programs_get_a_document_and_people_a_page(someone: Browser) -> None:
    document = await someone.get("/nothing")
    page = await someone.get("/nothing", headers=PAGE)
    assert json.loads(document.text)["status"] == 404
    assert document.headers["Content-Type"].startswith("application/problem+json")
    assert page.headers["Content-Type"].startswith("text/html")


async def test_the_api_gives_documents_to_everybody(someone: Browser) -> None:
    answer = await someone.get("/api/v1/nothing", headers=PAGE)
    assert json.loads(answer.text) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is no such thing here",
    }


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (UsageError("say which pool"), 400, "say which pool"),
        (NotThere("there is no SKU MUG"), 404, "there is no SKU MUG"),
        (StateUnavailable("/var/lib/syncd: disk full"), 503, "the state cannot be used now"),
        (web.HTTPNotFound(text="there is no shop x"), 404, "there is no shop x"),
        (web.HTTPConflict(), 409, ""),
        (TimeoutError(), 500, "a fault in syncd"),
    ],
)
async def test_every_error_becomes_an_answer(stage: Stage, error: Exception, status: int, words: str) -> None:
    @anyone
    async def broken(_request: web.Request) -> web.Response:
        raise error

    async with stage.showing(routes=[web.get("/broken", broken)]) as url, browser(url) as made:
        answer = await made.get("/broken")
    assert (answer.status, words in answer.text) == (status, True)
    assert "/var/lib" not in answer.text


class Broken(PlainLooks):
    """Looks of which one page is at fault itself."""

    async def problem(self, request: web.Request, status: int, detail: str) -> web.Response:
        raise ZeroDivisionError(f"{request} {status} {detail}")


async def test_a_page_that_fails_to_tell_is_told_of_and_a_document_tells_instead(stage: Stage) -> None:
    request = make_mocked_request("GET", "/page", PAGE)
    answer = await Mishaps(Broken(), stage.told).answer(request, 404, "there is no shop x")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert [facts["error"] for facts in stage.told.named("http_failed")] == ["ZeroDivisionError"]


async def test_every_answer_has_the_headers_that_protect_it(someone: Browser) -> None:
    for path in ("/healthz", "/login", "/nothing", "/api/v1/read", "/unmarked"):
        headers = (await someone.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Server"] == "syncd"
        assert "Strict-Transport-Security" not in headers
