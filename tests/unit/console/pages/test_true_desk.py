"""The documents of the rig are like those of the true desk, and every page shows the true ones."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from syncd.domain.model import ShopName, Sku
from syncd.domain.topology import PoolMode
from syncd.services.desk import Asked, Desk
from tests.browser.desk_rig import FakeDesk
from tests.browser.documents_rig import DIGEST
from tests.browser.server_rig import OPERATOR, Served, served
from tests.unit.console.pages.markup_rig import english, faults, quoted, read
from tests.unit.services.desk_world import ANN, desk_of, seeded

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATHS = (
    *("/", "/stock", "/stock?q=S0", "/sku?code=S11", "/sku?code=S01", "/sku?code=KIT", "/plans", "/shops"),
    *("/shops/a", "/shops/b", "/listings", "/listings?unbound=1", "/orders", "/orders?open=1", "/claims"),
    *(
        "/locks?ended=1",
        "/ledger",
        "/ledger?sku=S01&what=desired",
        "/alerts",
        "/alerts?ended=1",
        "/shops?asked=1",
    ),
)
MODES = (PoolMode.SPLIT, pytest.param(PoolMode.SHARED, marks=pytest.mark.slow))
NOT_COMPARED = {"facts", "subject", "advice", "shares", "skus", "feeds", "warehouses", "pools", "shops"}
"""Objects whose keys are names, or differ by what they tell; the pages look before they read them."""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=MODES)
async def desk(request: pytest.FixtureRequest) -> Desk:
    return desk_of(await seeded(request.param))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console(desk: Desk) -> AsyncIterator[Served]:
    async with served(desk) as running:
        yield running


async def text_of(console: Served, path: str, language: str = "en") -> tuple[int, str]:
    cookie = f"syncd={await console.session(OPERATOR)}; language={language}"
    headers = {"Accept": "text/html", "Cookie": cookie}
    async with aiohttp.ClientSession() as session, session.get(console.url + path, headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_shows_what_the_true_desk_tells(console: Served, path: str) -> None:
    status, text = await text_of(console, path)
    assert (status, list(faults(read(text)))) == (200, [])


@pytest.mark.parametrize("path", PATHS)
async def test_what_the_true_desk_tells_is_chinese_on_a_chinese_page(console: Served, path: str) -> None:
    _, text = await text_of(console, path, "zh")
    assert list(english(read(text))) == []
    assert quoted(read(text)) <= {"no route"}, "only what others said is quoted"


async def test_alerts_are_told_in_the_language_of_the_page(console: Served) -> None:
    titles = {}
    for language in ("en", "zh"):
        _, text = await text_of(console, "/alerts", language)
        rows = [one for one in read(text).all("div") if one.attributes.get("class") == "need-words"]
        titles[language] = [row.parts[0].own[0] for row in rows]
    assert titles["en"]
    assert [title.isascii() for title in titles["en"] + titles["zh"]] == [True, False]


async def test_a_plan_that_is_held_can_be_judged(console: Served, desk: Desk) -> None:
    digest = (await desk.plans())["items"][0]["digest"]
    status, text = await text_of(console, f"/plans/{digest}")
    assert status == 200
    assert f'action="/plans/{digest}/approve"' in text


# --- the rig is like the true one --------------------------------------------------------------------------


def keys(document: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the paths of all keys; of a list those of all its entries."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield f"{path}.{name}"
            if name not in NOT_COMPARED or isinstance(value, list):
                yield from keys(value, f"{path}.{name}")
    elif isinstance(document, list):
        for one in document:
            yield from keys(one, path)


async def documents(desk: Desk | FakeDesk, sku: str, bundle: str, shop: str, digest: str) -> dict[str, Any]:
    """Return one document of each kind."""
    asked = Asked(ended=True)
    explained = await desk.explain(Sku(sku))
    return {
        "overview": await desk.overview(),
        "shops": await desk.shops(),
        "shop": await desk.shop(ShopName(shop)),
        "stock": await desk.stock(asked),
        "explain": explained,
        "explained shop": explained["shops"][shop],
        "warehouse": next(iter(explained["warehouses"].values())),
        "pool": next(iter(explained["pools"].values())),
        "bundle": next(iter((await desk.explain(Sku(bundle)))["shops"].values())),
        "history": await desk.history(Sku(sku)),
        "listings": await desk.listings(asked),
        "plans": await desk.plans(),
        "plan": await desk.plan(digest, asked),
        "orders": await desk.orders(asked),
        "claims": await desk.claims(asked),
        "locks": await desk.locks(ended=True),
        "transfers": await desk.transfers(asked),
        "ledger": await desk.ledger(asked),
        "alerts": await desk.alerts(asked),
        "request": await desk.request(1),
    }


async def test_what_the_pages_are_tried_with_is_shaped_as_what_the_true_desk_tells(desk: Desk) -> None:
    fake = FakeDesk()
    await fake.set_status(ShopName("jd"), "pause", by=ANN)
    digest = (await desk.plans())["items"][0]["digest"]
    theirs = await documents(desk, "S11", "KIT", "a", digest)
    ours = await documents(fake, "MUG-RED", "CUP-4SET", "tmall", DIGEST)
    theirs["pool"] |= dict.fromkeys(("unassigned", "deficit"))  # Only split pools have these.
    lacking = {name: list(_invented(ours[name], theirs[name])) for name in ours}
    assert {name: paths for name, paths in lacking.items() if paths} == {}


def _invented(ours: object, theirs: object) -> Iterator[str]:
    """Yield the keys that only the rig has, but for what is empty in the world of the desk's tests."""
    empty = tuple(f"{path}." for path in _empty(theirs))
    known = set(keys(theirs))
    yield from sorted(path for path in set(keys(ours)) - known if not path.startswith(empty))


def _empty(document: object, path: str = "") -> Iterator[str]:
    if isinstance(document, dict):
        for name, value in document.items():
            yield from _empty(value, f"{path}.{name}")
    elif isinstance(document, list) and document:
        found = [set(_empty(one, path)) for one in document]
        yield from set.intersection(*found)
    elif document is None or document in ([], ""):
        yield path
