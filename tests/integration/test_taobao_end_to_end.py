"""The `taobao` channel against the Taobao mock: two readings of one document, over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.bootstrap import App, open_app, read_configuration
from syncd.mock import (
    Cell,
    ErpSettings,
    ErpState,
    Fault,
    FaultKind,
    Listing,
    Rig,
    ShopSettings,
    erp_app,
    running,
)
from syncd.mock.clock import RealClock
from syncd.mock.taobao import Item, TaobaoState, TopSettings, taobao_app
from syncd.services.cycle import CycleReport, Selection

CONFIG = """
[state]
dir = "{state}"

[sources.erp]
type = "http_json"
warehouses = ["main"]
url = "{erp}/stock"
headers = {{ Authorization = "env:ERP" }}

[pools.main]
mode = "shared"
warehouses = ["main"]
shops = ["tb"]
warning_level = 11
least_off_time = "0s"
relist_after = 1

[shops.tb]
type = "taobao"
prefix_separators = ["-"]
url = "{shop}/router/rest"
app_key = "mock-app"
app_secret = "env:SECRET"
session = "env:SESSION"
calls_per_second = 1000
burst = 100
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One ERP, one Taobao shop, and syncd between them."""

    erp: Rig[ErpState]
    shop: Rig[TaobaoState]
    app: App

    async def sync(self) -> CycleReport:
        report = await self.app.sync(Selection())
        assert isinstance(report, CycleReport)
        return report

    def shown(self) -> dict[str, tuple[int, bool]]:
        return {row.id: (row.quantity, row.on_sale) for row in self.shop.state.listings.values()}


def _stock() -> ErpState:
    cells = [Cell(sku=f"S{i}", warehouse="main") for i in range(45)]
    for i, cell in enumerate(cells):
        cell.figures["on_hand"] = 12 + i
    return ErpState(settings=ErpSettings(), cells=cells)


def _listings() -> list[Listing]:
    skus = [Listing(id=str(1000 + i), item="900", code=f"1-S{i}", quantity=5) for i in range(41)]
    return [*skus, Listing(id="901", item="901", code="S44", quantity=3)]


@asynccontextmanager
async def market(folder: Path) -> AsyncIterator[Market]:
    clock = RealClock()
    erp = Rig(name="erp", clock=clock, state=_stock())
    state = TaobaoState(
        settings=ShopSettings(unlists_items=True),
        top=TopSettings(),
        items=[Item(id="900"), Item(id="901")],
        listings=_listings(),
        now=clock.now,
    )
    shop = Rig(name="tb", clock=clock, state=state)
    async with running(erp_app(erp)) as erp_url, running(taobao_app(shop)) as shop_url:
        file = folder / "syncd.toml"
        file.write_text(CONFIG.format(state=folder / "state", erp=erp_url, shop=shop_url))
        secrets = {"ERP": "Bearer mock-token", "SECRET": "mock-secret", "SESSION": "mock-token"}
        async with open_app(read_configuration(file, secrets)) as app:
            yield Market(erp=erp, shop=shop, app=app)


async def test_every_counter_becomes_what_the_erp_says(tmp_path: Path) -> None:
    async with market(tmp_path) as place:
        report = await place.sync()

        assert report.failures == []
        assert place.shown() == {str(1000 + i): (12 + i, True) for i in range(41)} | {"901": (56, True)}


async def test_forty_one_skus_of_one_item_take_three_calls(tmp_path: Path) -> None:
    async with market(tmp_path) as place:
        await place.sync()

        assert place.shop.calls.counts["taobao.skus.quantity.update"] == 3


async def test_a_second_cycle_writes_nothing(tmp_path: Path) -> None:
    async with market(tmp_path) as place:
        await place.sync()
        before = place.shop.calls.counts["taobao.skus.quantity.update"]
        await place.sync()

        assert place.shop.calls.counts["taobao.skus.quantity.update"] == before


async def test_one_sku_below_the_warning_level_goes_to_zero_while_its_item_stays_on_sale(
    tmp_path: Path,
) -> None:
    async with market(tmp_path) as place:
        await place.sync()
        place.erp.merge({"rows": [{"sku": "S0", "warehouse": "main", "on_hand": 3}]})
        await place.sync()

        assert place.shown()["1000"] == (0, True)


@pytest.mark.parametrize("kind", [FaultKind.LOST_REPLY, FaultKind.SERVER_ERROR, FaultKind.THROTTLE])
async def test_a_fault_while_writing_is_made_good_in_the_next_cycle(tmp_path: Path, kind: FaultKind) -> None:
    async with market(tmp_path) as place:
        place.shop.faults.replace([Fault(kind=kind, path="taobao.skus.quantity.update", times=1)])
        await place.sync()
        place.shop.faults.replace([])
        await place.sync()

        assert place.shown()["1000"] == (12, True)


async def test_a_wrong_secret_stops_the_shop_and_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    async with market(tmp_path) as place:
        place.shop.state.top = TopSettings(app_secret="another")
        report = await place.sync()

        assert "ignature" in " ".join(report.failures)
        assert "mock-secret" not in " ".join(report.failures)


async def test_a_session_that_is_over_is_told_with_what_to_do_and_nothing_is_written(tmp_path: Path) -> None:
    async with market(tmp_path) as place:
        before = place.shown()
        place.shop.state.top = TopSettings(session_until=datetime(2026, 1, 1, tzinfo=UTC))
        report = await place.sync()

        assert "authorize the app again, for a new `session`" in " ".join(report.failures)
        assert place.shown() == before


async def test_a_renewed_session_goes_on_where_the_old_one_ended(tmp_path: Path) -> None:
    async with market(tmp_path) as place:
        place.shop.state.top = TopSettings(session_until=datetime(2026, 1, 1, tzinfo=UTC))
        await place.sync()
        place.shop.state.top = TopSettings()
        report = await place.sync()

        assert (report.failures, place.shown()["901"]) == ([], (56, True))


async def test_an_item_that_the_platform_took_off_as_sold_out_comes_back_with_its_stock(
    tmp_path: Path,
) -> None:
    async with market(tmp_path) as place:
        await place.sync()
        place.shop.state.settings = replace(place.shop.state.settings, auto_delists_at_zero=True)
        place.shop.state.sell("901", 56)
        sold_out = place.shown()["901"]
        await place.sync()
        # The ERP has not heard of the sale: of the 86 that it tells of, 56 are gone.
        place.erp.merge({"rows": [{"sku": "S44", "warehouse": "main", "on_hand": 86}]})
        for _ in range(3):
            await place.sync()

        assert (sold_out, place.shown()["901"]) == ((0, False), (30, True))


async def test_an_item_that_its_details_leave_out_is_kept_right_by_the_call_for_one(tmp_path: Path) -> None:
    async with market(tmp_path) as place:
        await place.sync()
        place.shop.faults.replace([Fault(kind=FaultKind.EMPTY, path="taobao.items.seller.list.get", times=1)])
        place.erp.merge({"rows": [{"sku": "S44", "warehouse": "main", "on_hand": 30}]})
        await place.sync()

        assert place.shown()["901"] == (30, True)
