"""Running mocks for the tests, closed at their end."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from syncd.mock.core import ErpState, ShopState
from syncd.mock.erp import erp_app
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.shop import shop_app
from tests.unit.mock.desk import Desk, make_erp_state, make_shop_state


@pytest.fixture
async def shop() -> AsyncIterator[Desk[ShopState]]:
    rig = Rig(name="shop", state=make_shop_state(), seed=7)
    async with running(shop_app(rig)) as url, ClientSession() as session:
        yield Desk(rig=rig, url=url, session=session)


@pytest.fixture
async def erp() -> AsyncIterator[Desk[ErpState]]:
    rig = Rig(name="erp", state=make_erp_state(), seed=7)
    async with running(erp_app(rig)) as url, ClientSession() as session:
        yield Desk(rig=rig, url=url, session=session)
