"""Before anything is configured, read or sold every page says so, and what would stand there."""

from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp
import pytest
import pytest_asyncio

from syncd.console.pages.frame import Json
from syncd.domain.alerts.words import Language
from syncd.domain.model import Sku
from syncd.services.desk import Asked
from tests.browser import documents_rig as documents
from tests.browser.desk_rig import FakeDesk
from tests.browser.server_rig import OPERATOR, Served, served
from tests.unit.console.pages.markup_rig import faults, read

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTHING: Json = {"items": [], "next": None}


class EmptyDesk(FakeDesk):
    """Knows one SKU, of which nothing was ever read or sold, and nothing else."""

    async def overview(self) -> Json:
        lists: Json = {name: [] for name in ("shops", "sources", "pools", "held")}
        return lists | {"at": documents.at(), "alerts": {}, "unbound": 0}

    async def shops(self) -> Json:
        return {"shops": [], "pools": []}

    async def explain(self, sku: Sku, shop: object = None) -> Json:
        del shop
        lists: Json = {name: [] for name in ("ledger", "open_claims", "moving", "problems")}
        known = {"sku": sku, "warehouses": {}, "pools": {"main": {"known": False}}, "shops": {}}
        return lists | known | {"claims": 0, "available": 0}

    async def history(self, sku: Sku, *, since: datetime | None = None) -> Json:
        del since
        return {"sku": sku, "series": []}

    async def _none(self, asked: Asked) -> Json:
        del asked
        return NOTHING

    stock = listings = claims = ledger = _none

    async def alerts(self, asked: Asked, language: Language = Language.EN) -> Json:
        del asked, language
        return NOTHING

    async def plans(self) -> Json:
        return NOTHING

    async def orders(self, asked: Asked) -> Json:
        return await self._none(asked) | {"feeds": {}}

    async def locks(self, *, ended: bool = False) -> Json:
        del ended
        return NOTHING

    async def transfers(self, asked: Asked) -> Json:
        return await self._none(asked) | {"finished": [] if asked.ended else None, "left_out": 0}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console() -> AsyncIterator[Served]:
    async with served(EmptyDesk()) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "No shop is configured yet"),
        ("/", "Nothing waits for you."),
        ("/stock", "No figures yet."),
        ("/stock?q=mug", "No SKU fits."),
        ("/sku?code=MUG", "No shop has a listing of it."),
        ("/plans", "Nothing is held."),
        ("/shops", "No shop is configured yet."),
        ("/listings", "No shop has told its listings yet."),
        ("/listings?unbound=1", "Every listing has its SKU."),
        ("/orders", "No order is known yet."),
        ("/claims", "The figures contain every sale that is known."),
        ("/locks?ended=1", "No units are locked."),
        ("/ledger", "Nothing has changed yet."),
        ("/ledger?sku=mug", "No entry fits."),
        ("/alerts", "No alert is open."),
    ],
)
async def test_a_page_without_anything_to_show_says_so(console: Served, path: str, words: str) -> None:
    headers = {"Accept": "text/html", "Cookie": f"syncd={await console.session(OPERATOR)}"}
    async with aiohttp.ClientSession() as session, session.get(console.url + path, headers=headers) as answer:
        page = read(await answer.text())
    assert words in page.text
    assert list(faults(page)) == []
