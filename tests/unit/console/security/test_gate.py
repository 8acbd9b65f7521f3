"""Who asks, may they, and did they mean it: every way past the gate, tried over HTTP."""

import json
from collections.abc import AsyncIterator

import pytest
from yarl import URL

from tests.unit.console.security.stage import ALICE, BOB, LIMIT, Browser, Stage, bearer, browser, settings

# --- tokens and roles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v1/read", "/page"])
async def test_without_a_token_nothing_is_read(someone: Browser, path: str) -> None:
    answer = await someone.get(path)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_opens_what_its_role_covers(someone: Browser) -> None:
    answer = await someone.get("/api/v1/read", headers=bearer(BOB))
    assert json.loads(answer.text)["name"] == "bob"


async def test_a_viewer_changes_nothing(someone: Browser) -> None:
    assert (await someone.post("/api/v1/change", headers=bearer(BOB))).status == 403
    assert (await someone.post("/api/v1/change", headers=bearer(ALICE))).status == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer alice",
        "Bearer alice.",
        f"Bearer {ALICE}x",
        f"Bearer {ALICE[:-1]}",
        f"Bearer {ALICE.replace('alice', 'bob')}",
        f"Bearer {ALICE.upper()}",
        f"Basic {ALICE}",
        "Bearer nobody.at-all",
        "Bearer alice." + "x" * 5000,
        "Bearer 茶.茶",
    ],
    # The tokens are new in every process, and processes that share the tests go by their names.
    ids=[str(number) for number in range(13)],
)
async def test_what_is_no_token_opens_nothing(someone: Browser, header: str) -> None:
    assert (await someone.get("/api/v1/read", headers={"Authorization": header})).status == 401


async def test_a_handler_that_does_not_say_who_may_call_it_is_refused_to_all(someone: Browser) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        assert (await someone.ask(method, "/unmarked", headers=bearer(ALICE))).status == 403


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "PROPFIND"])
async def test_another_method_is_no_way_round(someone: Browser, method: str) -> None:
    assert (await someone.ask(method, "/api/v1/read")).status in {401, 405}
    assert (await someone.ask(method, "/api/v1/change")).status in {401, 405}


async def test_a_person_is_sent_to_sign_in_and_back(someone: Browser) -> None:
    answer = await someone.get("/page?q=a%26b", headers={"Accept": "text/html"})
    assert (answer.status, answer.headers["Location"]) == (303, "/login?next=/page?q%3Da%2526b")


async def test_a_link_from_a_chat_finds_who_is_signed_in(someone: Browser) -> None:
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}
    answer = await someone.get("/page", headers=headers)
    assert (answer.status, 'http-equiv="refresh"' in answer.text) == (200, True)


# --- cross-site requests -----------------------------------------------------------------------------------


async def test_a_form_without_the_proof_changes_nothing(someone: Browser) -> None:
    await someone.sign_in()
    assert (await someone.post("/change", data={"a": "b"})).status == 403


async def test_a_form_with_the_proof_changes_something(someone: Browser) -> None:
    csrf = await someone.sign_in()
    assert (await someone.post("/change", data={"csrf": csrf})).status == 200
    assert (await someone.post("/api/v1/change", json={}, headers={"X-CSRF-Token": csrf})).status == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_every_method_that_changes_needs_the_proof(someone: Browser, method: str) -> None:
    await someone.sign_in()
    assert (await someone.ask(method, "/api/v1/change")).status == 403


@pytest.mark.parametrize("wrong", ["", "x", "null", "茶"])
async def test_a_wrong_proof_changes_nothing(someone: Browser, wrong: str) -> None:
    await someone.sign_in()
    assert (await someone.post("/change", data={"csrf": wrong})).status == 403


async def test_the_proof_of_another_session_changes_nothing(stage: Stage) -> None:
    async with stage.showing() as url, browser(url) as one, browser(url) as other:
        theirs = await other.sign_in()
        await one.sign_in()
        assert (await one.post("/change", data={"csrf": theirs})).status == 403


async def test_a_proof_in_the_address_is_none(someone: Browser) -> None:
    csrf = await someone.sign_in()
    assert (await someone.post(f"/change?csrf={csrf}")).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_page_of_another_origin_changes_nothing_though_it_had_the_proof(
    someone: Browser, headers: dict[str, str]
) -> None:
    csrf = await someone.sign_in()
    assert (await someone.post("/change", data={"csrf": csrf}, headers=headers)).status == 403


async def test_a_page_of_our_own_origin_does(someone: Browser) -> None:
    csrf = await someone.sign_in()
    headers = {"Origin": someone.url, "Sec-Fetch-Site": "same-origin"}
    assert (await someone.post("/change", data={"csrf": csrf}, headers=headers)).status == 200


async def test_a_page_elsewhere_cannot_sign_somebody_in(someone: Browser) -> None:
    answer = await someone.post("/login", data={"token": ALICE}, headers={"Origin": "https://evil.example"})
    assert (answer.status, "Set-Cookie" in answer.headers) == (403, False)


async def test_a_token_needs_no_proof_even_beside_a_session(someone: Browser) -> None:
    await someone.sign_in(BOB)
    assert (await someone.post("/api/v1/change", headers=bearer(ALICE))).status == 200


async def test_a_wrong_token_is_not_saved_by_a_session(someone: Browser) -> None:
    await someone.sign_in()
    assert (await someone.get("/api/v1/read", headers=bearer("alice.wrong"))).status == 401


# --- names and proxies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "a@localhost", ""]
)
async def test_another_name_for_this_machine_is_refused(someone: Browser, host: str) -> None:
    assert (await someone.get("/healthz", headers={"Host": host})).status in {400, 421}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:99", "[::1]:8700", "STOCK.example:443"])
async def test_our_names_and_addresses_are_answered(stage: Stage, host: str) -> None:
    async with stage.showing(settings(hosts=["stock.example"])) as url, browser(url) as made:
        assert (await made.get("/healthz", headers={"Host": host})).status == 200


async def test_a_forwarded_address_is_not_believed_by_itself(stage: Stage, someone: Browser) -> None:
    tries = [bearer("alice.x") | {"X-Forwarded-For": f"192.0.2.{number}"} for number in range(4)]
    answers = [await someone.get("/api/v1/read", headers=headers) for headers in tries]
    assert answers[-1].status == 429
    assert {facts["address"] for facts in stage.told.named("login_refused")} == {"127.0.0.1"}


async def test_a_proxy_of_the_settings_is_believed_as_far_as_it_wrote_itself(stage: Stage) -> None:
    table = settings(proxies=["127.0.0.0/8"])
    async with stage.showing(table) as url, browser(url) as made:
        headers = bearer("nobody.x") | {"X-Forwarded-For": "198.51.100.1, 192.0.2.7, 127.0.0.2"}
        await made.get("/api/v1/read", headers=headers)
    assert stage.told.named("login_refused")[0]["address"] == "192.0.2.7"


# --- bodies ------------------------------------------------------------------------------------------------


async def _chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1024


async def test_a_large_body_is_refused_before_it_is_read(someone: Browser) -> None:
    answer = await someone.post("/api/v1/change", data=b"x" * (LIMIT + 1), headers=bearer(ALICE))
    assert answer.status == 413


async def test_a_body_without_a_length_is_counted(someone: Browser) -> None:
    headers = bearer(ALICE) | {"Content-Type": "application/json"}
    answer = await someone.post("/api/v1/change", data=_chunks(LIMIT // 1024 + 1), headers=headers)
    assert answer.status == 413


async def test_hooks_have_the_same_limit(someone: Browser) -> None:
    answer = await someone.post("/hooks/shop", data=_chunks(LIMIT // 1024 + 1))
    assert answer.status == 413


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{", 400),
        ("application/json", b'{"a": "\xff"}', 400),
        ("application/json; charset=nonsense", b"{}", 400),
        ("application/json", b"[" * 1000 + b"]" * 1000, 400),
        ("application/json", b"[" * 100 + b"]" * 100, 400),
        ("application/json", b"NaN" * 2, 400),
        ("application/x-www-form-urlencoded", b"a=\xff", 400),
        ("application/x-www-form-urlencoded; charset=nonsense", b"a=b", 400),
        ("application/x-www-form-urlencoded", b"a&" * 1500, 413),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("text/plain", b"hello", 415),
        ("application/json", b'{"a": [1]}', 200),
    ],
)
async def test_a_body_that_is_not_well_formed_never_reaches_a_handler(
    someone: Browser, kind: str, body: bytes, status: int
) -> None:
    headers = bearer(ALICE) | {"Content-Type": kind}
    assert (await someone.post("/api/v1/change", data=body, headers=headers)).status == status


async def test_a_packed_body_is_refused(someone: Browser) -> None:
    headers = bearer(ALICE) | {"Content-Encoding": "deflate", "Content-Type": "application/json"}
    assert (await someone.post("/api/v1/change", data=b"x", headers=headers)).status == 415


async def test_a_body_of_nobody_is_not_even_read(someone: Browser) -> None:
    answer = await someone.post("/api/v1/change", data=b"{", headers={"Content-Type": "application/json"})
    assert answer.status == 401


@pytest.mark.parametrize(
    "path", ["/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2fetc", "/\\..\\etc", "//evil.example"]
)
async def test_no_path_leads_out(someone: Browser, path: str) -> None:
    async with someone.client.get(URL(someone.url + path, encoded=True), allow_redirects=False) as answer:
        assert answer.status == 404
