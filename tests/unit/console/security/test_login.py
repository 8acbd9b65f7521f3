"""Signing in and out, and how long it lasts."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import pytest
from aiohttp import web

from syncd.console.access import Caller, Role, needs
from syncd.console.keys import is_welcome
from syncd.console.security.login import inner_path
from syncd.console.security.sessions import MOST, MOST_OF_ONE
from syncd.console.security.tokens import Proven
from tests.unit.console.security.stage import (
    ALICE,
    BOB,
    ROUTES,
    TOKENS,
    Answer,
    Browser,
    Stage,
    browser,
    settings,
)


def cookie_of(answer: Answer) -> SimpleCookie:
    return SimpleCookie(answer.headers["Set-Cookie"])


async def test_a_token_makes_a_session(someone: Browser, stage: Stage) -> None:
    answer = await someone.post("/login", data={"token": f" {ALICE}\n", "next": "/page?q=1"})
    assert (answer.status, answer.headers["Location"]) == (303, "/page?q=1")
    assert (await someone.get("/page")).status == 200
    assert stage.told.named("signed_in") == [{"name": "alice", "address": "127.0.0.1"}]


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(someone: Browser) -> None:
    morsel = cookie_of(await someone.post("/login", data={"token": ALICE}))["syncd"]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")
    assert (morsel["domain"], morsel["max-age"]) == ("", "")


async def test_behind_a_proxy_the_cookie_is_for_https_and_this_name_alone(stage: Stage) -> None:
    async with stage.showing(settings(proxies=["127.0.0.1"])) as url, browser(url) as made:
        answer = await made.post("/login", data={"token": ALICE})
        assert cookie_of(answer)["__Host-syncd"]["secure"] is True
        assert "Strict-Transport-Security" in answer.headers


async def test_a_session_may_what_its_token_may(someone: Browser) -> None:
    csrf = await someone.sign_in(BOB)
    assert (await someone.post("/change", data={"csrf": csrf})).status == 403


async def test_an_id_that_somebody_put_there_is_never_taken_over(someone: Browser) -> None:
    someone.client.cookie_jar.update_cookies({"syncd": "chosen-by-somebody-else"})
    answer = await someone.post("/login", data={"token": ALICE})
    assert cookie_of(answer)["syncd"].value != "chosen-by-somebody-else"
    assert len(cookie_of(answer)["syncd"].value) == 43


async def test_signing_in_again_ends_the_session_before(someone: Browser, stage: Stage) -> None:
    before = cookie_of(await someone.post("/login", data={"token": ALICE}))["syncd"].value
    await someone.post("/login", data={"token": ALICE})
    assert (stage.kept.sessions.find(before), len(stage.kept.sessions)) == (None, 1)


async def test_who_signs_out_is_out_on_the_server_too(someone: Browser, stage: Stage) -> None:
    csrf = await someone.sign_in()
    answer = await someone.post("/logout", data={"csrf": csrf})
    assert (answer.status, cookie_of(answer)["syncd"]["max-age"]) == (303, "0")
    assert len(stage.kept.sessions) == 0
    assert stage.told.named("signed_out") == [{"name": "alice"}]


async def test_nobody_is_signed_out_by_another_page(someone: Browser) -> None:
    await someone.sign_in()
    assert (await someone.post("/logout")).status == 403
    assert (await someone.get("/logout")).status == 405
    assert (await someone.get("/page")).status == 200


@pytest.mark.parametrize(("steps", "wait"), [(1, 12 * 3600.0), (1, 2 * 3600.0), (13, 3600.0)])
async def test_a_session_ends_after_a_time_and_after_a_rest(
    someone: Browser, stage: Stage, steps: int, wait: float
) -> None:
    await someone.sign_in()
    statuses = []
    for _ in range(steps):
        stage.clock.advance(wait)
        statuses.append((await someone.get("/page")).status)
    assert statuses[-1] == 401


async def test_a_session_in_use_goes_on(someone: Browser, stage: Stage) -> None:
    await someone.sign_in()
    for _ in range(11):
        stage.clock.advance(3600.0)
        assert (await someone.get("/page")).status == 200


async def test_of_one_token_there_are_only_so_many_sessions(someone: Browser, stage: Stage) -> None:
    first = cookie_of(await someone.post("/login", data={"token": ALICE}))["syncd"].value
    for _ in range(MOST_OF_ONE):
        someone.client.cookie_jar.clear()
        await someone.post("/login", data={"token": ALICE})
    assert (len(stage.kept.sessions), stage.kept.sessions.find(first)) == (MOST_OF_ONE, None)


async def test_a_stream_is_told_when_its_session_is_over_and_keeps_it_until_then(stage: Stage) -> None:
    @needs(Role.VIEWER)
    async def watch(request: web.Request) -> web.StreamResponse:
        found = []
        for seconds in (7000.0, 7000.0, 30_000.0):
            stage.clock.advance(seconds)
            found.append(is_welcome(request))
        return web.json_response(found)

    async with stage.showing(routes=[*ROUTES, web.get("/watch", watch)]) as url, browser(url) as made:
        await made.sign_in()
        assert (await made.get("/watch")).text == "[true, true, false]"


async def test_who_is_signed_out_is_no_longer_welcome(stage: Stage) -> None:
    @needs(Role.VIEWER)
    async def watch(request: web.Request) -> web.StreamResponse:
        before = is_welcome(request)
        stage.kept.sessions.end(request.cookies["syncd"])
        return web.json_response([before, is_welcome(request)])

    async with stage.showing(routes=[*ROUTES, web.get("/watch", watch)]) as url, browser(url) as made:
        await made.sign_in()
        assert (await made.get("/watch")).text == "[true, false]"


def test_there_are_only_so_many_sessions(stage: Stage) -> None:
    sessions = stage.kept.sessions
    sessions.configure(settings(), lambda _: "stamp")
    first, _ = sessions.begin(Proven(caller=Caller(name="first", role=Role.VIEWER), stamp="stamp"))
    for number in range(MOST):
        sessions.begin(Proven(caller=Caller(name=f"n{number}", role=Role.VIEWER), stamp="stamp"))
    assert (len(sessions), sessions.find(first)) == (MOST, None)


# --- reloads -----------------------------------------------------------------------------------------------


async def test_a_reload_ends_no_session(stage: Stage) -> None:
    async with stage.showing() as url, browser(url) as made:
        await made.sign_in()
        async with stage.showing():
            assert (await made.get("/page")).status == 200


@pytest.mark.parametrize(
    "tokens",
    [
        {"bob": TOKENS["bob"]},
        {"alice": {**TOKENS["alice"], "role": "viewer"}, "bob": TOKENS["bob"]},
        {"alice": {**TOKENS["alice"], "hash": TOKENS["bob"]["hash"]}, "bob": TOKENS["bob"]},
    ],
)
async def test_a_token_that_a_reload_takes_out_or_changes_ends_its_sessions_alone(
    stage: Stage, tokens: dict[str, dict[str, str]]
) -> None:
    async with stage.showing() as url, browser(url) as alice, browser(url) as bob:
        await alice.sign_in(ALICE)
        await bob.sign_in(BOB)
        async with stage.showing(settings(tokens=tokens)):
            assert (await alice.get("/page")).status == 401
            assert (await bob.get("/page")).status == 200


# --- guessing ----------------------------------------------------------------------------------------------


async def test_who_guesses_is_slowed_down_and_counted(someone: Browser, stage: Stage) -> None:
    statuses = [(await someone.post("/login", data={"token": "alice.no"})).status for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert stage.told.named("login_refused") == [
        {"address": "127.0.0.1", "name": "alice", "wait": wait} for wait in (None, None, 1)
    ]


async def test_the_waits_grow_and_the_page_says_them(someone: Browser, stage: Stage) -> None:
    waits = []
    for _ in range(12):
        answer = await someone.post("/login", data={"token": "alice.no"})
        if answer.status == 429:
            waits.append(int(answer.headers["Retry-After"]))
            stage.clock.advance(waits[-1])
    assert waits == [1, 2, 4, 8, 16]


async def test_the_right_token_waits_too_and_then_forgives(someone: Browser, stage: Stage) -> None:
    for _ in range(3):
        await someone.post("/login", data={"token": "alice.no"})
    assert (await someone.post("/login", data={"token": ALICE})).status == 429
    stage.clock.advance(1)
    assert (await someone.post("/login", data={"token": ALICE})).status == 303
    statuses = [(await someone.post("/login", data={"token": "alice.no"})).status for _ in range(3)]
    assert statuses == [401, 401, 401]


async def test_a_name_that_is_not_ours_is_not_told(someone: Browser, stage: Stage) -> None:
    await someone.post("/login", data={"token": "hunter2.hunter2"})
    assert stage.told.named("login_refused") == [{"address": "127.0.0.1", "name": None, "wait": None}]


async def test_who_is_known_goes_on_while_somebody_guesses(someone: Browser) -> None:
    headers = {"Authorization": f"Bearer {ALICE}"}
    await someone.get("/page", headers=headers)
    for _ in range(5):
        await someone.get("/page", headers={"Authorization": "Bearer alice.no"})
    assert (await someone.get("/page", headers=headers)).status == 200


async def test_a_stranger_who_knows_a_name_keeps_nobody_out(stage: Stage) -> None:
    async with stage.showing(settings(proxies=["127.0.0.1"])) as url, browser(url) as made:
        for address, token, status in [*[("192.0.2.1", "alice.no", 401)] * 3, ("192.0.2.2", ALICE, 303)]:
            headers = {"X-Forwarded-For": address, "X-Forwarded-Proto": "https"}
            assert (await made.post("/login", data={"token": token}, headers=headers)).status == status


# --- the page ----------------------------------------------------------------------------------------------


async def test_the_page_asks_for_a_token(someone: Browser) -> None:
    answer = await someone.get("/login?next=/page")
    assert answer.status == 200
    assert 'name="token"' in answer.text
    assert 'value="/page"' in answer.text


async def test_who_is_signed_in_is_sent_on(someone: Browser) -> None:
    await someone.sign_in()
    assert (await someone.get("/login?next=/page")).headers["Location"] == "/page"


async def test_the_page_cannot_be_made_to_hold_anything(someone: Browser) -> None:
    answer = await someone.get('/login?next=/"><script>alert(1)</script>')
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/login?next=/login",
        "/logout",
        "/" + "x" * 3000,
    ],
)
def test_nobody_is_sent_elsewhere(target: str) -> None:
    assert inner_path(target) == "/"


# --- what comes instead of a token -------------------------------------------------------------------------


async def _long(kilobytes: int) -> AsyncIterator[bytes]:
    yield b"token="
    for _ in range(kilobytes):
        yield b"x" * 1024


async def test_a_token_that_says_no_length_may_be_no_longer_either() -> None:
    async with Stage().showing(settings(body_limit=1024 * 1024)) as url, browser(url) as made:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await made.post("/login", data=_long(8), headers=headers)).status == 413


async def test_half_a_sign_is_a_wrong_token_and_no_fault_of_ours(someone: Browser, stage: Stage) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}
    answer = await someone.post("/login", data=b"token=+2AA-", headers=headers)
    assert (answer.status, stage.told.named("http_failed")) == (401, [])


async def test_half_a_sign_proves_nothing(someone: Browser, stage: Stage) -> None:
    await someone.sign_in()
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}
    answer = await someone.post("/change", data=b"csrf=+2AA-", headers=headers)
    assert (answer.status, stage.told.named("http_failed")) == (403, [])
