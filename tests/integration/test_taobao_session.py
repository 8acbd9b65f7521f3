"""A session of Taobao that ends in the middle of a cycle: syncd and the mock, over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncd.bootstrap import App, Seams, open_app, read_configuration
from syncd.mock import Fault, FaultKind
from syncd.services.cycle import CycleReport, Selection
from tests.integration.rig import Told
from tests.system.session_rig import REFRESH, SECRETS, Desk, opened

WRITE = "taobao.skus.quantity.update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The shop, and syncd in this process."""

    desk: Desk
    app: App
    told: Told

    async def sync(self) -> CycleReport:
        report = await self.app.sync(Selection())
        assert isinstance(report, CycleReport)
        return report

    def strike(self, kind: FaultKind, path: str, times: int = 1) -> None:
        self.desk.shop.faults.replace([Fault(kind=kind, path=path, times=times)])


@asynccontextmanager
async def syncd(desk: Desk) -> AsyncIterator[Place]:
    """Yield syncd as it comes up; nothing that it tells may be secret."""
    told = Told()
    configuration = read_configuration(desk.folder / "syncd.toml", SECRETS)
    async with open_app(configuration, Seams(events=told)) as app:
        yield Place(desk=desk, app=app, told=told)
    lines = "\n".join(told.lines)
    secrets = [*SECRETS.values(), "mock-token-", "mock-refresh-"]
    assert [secret for secret in secrets if secret in lines] == []


@asynccontextmanager
async def placed(folder: Path) -> AsyncIterator[Place]:
    async with opened(folder) as desk, syncd(desk) as place:
        yield place


@pytest.mark.parametrize(
    "path",
    [WRITE, "taobao.items.seller.list.get", "taobao.trades.sold.increment.get", "taobao.items.onsale.get"],
)
async def test_a_cycle_goes_on_where_its_session_ends(tmp_path: Path, path: str) -> None:
    async with placed(tmp_path) as place:
        place.strike(FaultKind.TOKEN_EXPIRED, path)
        report = await place.sync()

        assert (report.failures, place.desk.counter, place.desk.renewals) == ([], 9, 1)
        assert len(place.told.named("tokens_renewed")) == 1


async def test_a_lost_answer_to_the_renewal_stops_the_shop_and_is_explained(tmp_path: Path) -> None:
    async with opened(tmp_path) as desk:
        desk.end_session()
        async with syncd(desk) as place:
            place.strike(FaultKind.LOST_REPLY, REFRESH)
            first = await place.sync()
        # The mock granted a session that nobody knows, and what bought it is spent.
        async with syncd(desk) as place:
            second = await place.sync()

        assert "could not be renewed" in " ".join(first.failures)
        assert "was lost, which may have spent it" in " ".join(second.failures)
        assert desk.counter == 5
