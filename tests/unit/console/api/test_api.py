"""The API: who may ask what, how requests are checked, and answers that fit their description."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from syncd.console.access import Role
from syncd.console.api.endpoints import ENDPOINTS, ROOT, Endpoint
from tests.unit.console.api.api_stage import Api, Json, api
from tests.unit.console.security.stage import ALICE, BOB, bearer
from tests.unit.services.desk_world import STOCK

pytestmark = pytest.mark.asyncio(loop_scope="module")

BODIES: dict[str, Json] = {"/locks": {"sku": "S08", "units": 2}, "/locks/{lock}/release": {"units": 1}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand() -> AsyncIterator[Api]:
    """Yield an API for tests that change nothing."""
    async with api() as made:
        yield made


async def address(stand: Api, endpoint: Endpoint) -> str:
    """Return a path of an endpoint that names what is there."""
    digest = (await stand.world.store.held_now()).digest
    return endpoint.path.format(sku="S03", shop="a", digest=digest, lock=1, request=1, alert=1)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
async def test_every_answer_fits_its_description(endpoint: Endpoint) -> None:
    async with api() as stand:
        path = await address(stand, endpoint)
        await stand.ask(endpoint.method, path, endpoint.status, token=ALICE, body=BODIES.get(endpoint.path))


@pytest.mark.parametrize(
    "endpoint",
    [one for one in ENDPOINTS if one.role is Role.OPERATOR],
    ids=lambda one: f"{one.method} {one.path}",
)
async def test_a_viewer_changes_nothing(stand: Api, endpoint: Endpoint) -> None:
    before = await stand.world.store.ledger(limit=999)
    path = await address(stand, endpoint)
    await stand.ask(endpoint.method, path, 403, token=BOB, body=BODIES.get(endpoint.path))
    assert list(await stand.world.store.requests()) == []
    assert await stand.world.store.ledger(limit=999) == before


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
async def test_nobody_is_answered_without_a_token(stand: Api, endpoint: Endpoint) -> None:
    path = await address(stand, endpoint)
    answer = await stand.client.ask(endpoint.method, f"{ROOT}{path}")
    assert answer.status == 401


async def test_a_change_names_who_asked() -> None:
    async with api() as stand:
        await stand.post("/shops/a/pause")
        (request,) = await stand.world.store.requests()
        assert (request.verb, request.argument, request.asked_by) == ("pause", "a", "console:alice")


async def test_a_request_is_followed_until_it_is_done() -> None:
    async with api() as stand:
        number = (await stand.post("/shops/a/pause"))["request"]
        before = await stand.get(f"/requests/{number}")
        await stand.world.requests.obey()
        after = await stand.get(f"/requests/{number}")
        assert (before["done"], after["done"], after["answer"]) == (False, True, "shop a is paused")


async def test_the_pages_of_a_list_are_followed_by_their_cursor(stand: Api) -> None:
    first = await stand.get("/stock?limit=9")
    second = await stand.get(f"/stock?limit=9&cursor={first['next']}")
    codes = [item["sku"] for item in (*first["items"], *second["items"])]
    assert (len(codes), codes == sorted(set(codes)), second["next"]) == (13, True, None)


async def test_a_sku_with_a_slash_is_found_by_its_path() -> None:
    async with api() as stand:
        stand.world.stock(**STOCK, **{"A/B %25": 4})
        await stand.world.run()
        found = await stand.get("/stock/A%2FB%20%2525/explain")
        assert (found["sku"], found["available"]) == ("A/B %25", 4)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/stock?nope=1", "nope: there is no such parameter here"),
        ("/me?limit=1", "limit: there is no such parameter here"),
        ("/stock?limit=1&limit=2", "limit: said more than once"),
        ("/stock?limit=0", "limit: Input should be greater than or equal to 1"),
        ("/stock?limit=201", "limit: Input should be less than or equal to 200"),
        ("/stock?limit=1.0", "limit: Input should be a valid integer"),
        ("/stock?limit=%D9%A1", "limit: Input should be a valid integer"),
        ("/stock?pool=No", "pool: String should match pattern"),
        ("/stock?search=", "search: String should have at least 1 character"),
        ("/stock?search=a%00b", "search: String should match pattern"),
        ("/stock?cursor=%25", "cursor: String should match pattern"),
        ("/listings?unbound=1", "unbound: Input should be a valid boolean"),
        ("/ledger?since=2026-11-11", "since: Input should be a valid datetime"),
        ("/ledger?since=2026-11-11T00:00", "since: Input should have timezone info"),
        ("/ledger?since=0.5", "since: Input should be a valid datetime"),
        ("/alerts?what=loud", "what: String should match pattern"),
        ("/plans/123", "digest: String should match pattern"),
        ("/requests/x", "request: Input should be a valid integer"),
    ],
)
async def test_what_cannot_be_understood_is_refused_in_words(stand: Api, path: str, said: str) -> None:
    problem = await stand.get(path, 400)
    assert said in problem["detail"]
    assert (problem["status"], problem["title"]) == (400, "Bad Request")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/stock/ZZ/explain", "no source knows the SKU 'ZZ'"),
        ("/stock/S03/explain?shop=z", "there is no shop 'z'; configured are a, b"),
        ("/shops/z", "there is no shop 'z'"),
        ("/stock?cursor=abc", "this is not the `next` of a page of this list"),
        ("/plans/ffffffffffffffff", "nothing is held under 'ffffffffffffffff'"),
        ("/requests/77", "there is no request 77"),
    ],
)
async def test_what_is_not_there_is_told_so(stand: Api, path: str, said: str) -> None:
    assert said in (await stand.get(path, 404))["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"sku": "S08"}, "units: Field required"),
        ({"sku": "S08", "units": "2"}, "units: Input should be a valid integer"),
        ({"sku": "S08", "units": True}, "units: Input should be a valid integer"),
        ({"sku": "S08", "units": 0}, "units: Input should be greater than or equal to 1"),
        ({"sku": "S08", "units": 1, "more": 1}, "more: there is no such parameter here"),
        ({"sku": "S08", "units": 1, "releases": [{"units": 1, "at": "soon"}]}, "releases.0.at: "),
        ([], "body: "),
    ],
)
async def test_a_body_is_checked_to_the_letter(stand: Api, body: Any, said: str) -> None:  # noqa: ANN401
    assert said in (await stand.post("/locks", 400, body=body))["detail"]
    assert list(await stand.world.store.requests()) == []


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b'{"sku": "S08", "units": 1}', "text/plain", 415),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"sku": "\\ud800", "units": 1}', "application/json", 400),
    ],
)
async def test_a_body_that_is_no_json_is_refused(stand: Api, data: bytes, kind: str, status: int) -> None:
    headers = bearer(ALICE) | {"Content-Type": kind}
    answer = await stand.client.ask("POST", f"{ROOT}/locks", headers=headers, data=data)
    assert answer.status == status


async def test_what_cannot_be_done_as_things_stand_is_a_conflict(stand: Api) -> None:
    problem = await stand.post("/locks", 409, body={"sku": "KIT", "units": 1})
    assert "is a bundle" in problem["detail"]


async def test_what_was_sent_is_not_repeated(stand: Api) -> None:
    problem = await stand.post("/locks", 400, body={"sku": 5, "units": "planted-secret"})
    assert "planted-secret" not in str(problem)


async def test_a_stale_plan_is_a_conflict() -> None:
    async with api() as stand:
        digest = (await stand.world.store.held_now()).digest
        stand.world.stock(**STOCK)
        await stand.world.run()
        problem = await stand.post(f"/plans/{digest}/approve", 409)
        assert "is held any more; nothing is held now" in problem["detail"]


async def test_who_asks_is_told_what_they_may_do(stand: Api) -> None:
    assert await stand.get("/me") == {"name": "bob", "role": "viewer"}


async def test_an_alert_that_nobody_raised_cannot_be_acknowledged(stand: Api) -> None:
    assert "there is no alert 99" in (await stand.post("/alerts/99/acknowledge", 404))["detail"]
