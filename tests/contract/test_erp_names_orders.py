"""The source `http_json` reads which orders the mock ERP has in its figures, over real HTTP."""

from datetime import timedelta

from syncd.adapters.http import open_http
from syncd.adapters.sources.http_json import ADAPTER
from syncd.domain.model import Containment, ShopName
from syncd.mock import Rig, running
from syncd.mock.clock import VirtualClock
from syncd.mock.core import ErpState
from syncd.mock.core.erp import Cell, ErpSettings
from syncd.mock.core.erp_imports import ImportSettings
from syncd.mock.erp import erp_app
from tests.unit.mock.taobao_desk import make_state

SHOP = ShopName("tmall")


async def test_what_the_erp_has_imported_is_named_and_what_it_has_not_is_not() -> None:
    clock = VirtualClock()
    erp = ErpState(settings=ErpSettings(names_orders=True), cells=[Cell(sku="A-1", warehouse="main")])
    imports = erp.link("tmall", ImportSettings(delay=60))
    book = make_state().orders
    early = book.place(clock.now(), [("801", 1)], paid=True).order
    late = book.place(clock.now() + timedelta(seconds=50), [("801", 1)], paid=True).order
    assert early is not None
    assert late is not None
    for order in (early, late):
        imports.hear(order)
    clock.move_to(clock.now() + timedelta(seconds=90))
    async with running(erp_app(Rig(name="erp", clock=clock, state=erp))) as url, open_http() as http:
        settings = ADAPTER.settings.model_validate(
            {
                "url": f"{url}/stock",
                "headers": {"authorization": "Bearer mock-token"},
                "warehouses": ["main"],
                "paths": {"included": "included"},
            }
        )
        async with ADAPTER.open(settings, "erp", http) as source:
            snapshot = await source.collect(now=clock.now(), cursor="")

    assert (snapshot.contains, snapshot.included) == (
        Containment.IDS,
        {SHOP: frozenset({early.lines[0].id})},
    )
