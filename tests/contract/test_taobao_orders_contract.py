"""The channel `taobao` keeps the contract of a feed of orders, against a small gateway that speaks bytes."""

import pytest

from syncd.ports.orders import OrderFeed
from tests.contract.orders_contract import OrdersContract
from tests.contract.taobao_orders_rig import SmallTrades


class TestTaobaoOrders(OrdersContract):
    @pytest.fixture
    async def rig(self) -> SmallTrades:
        return SmallTrades(self.secret)

    @pytest.fixture
    async def feed(self, rig: SmallTrades) -> OrderFeed:
        return rig.channel()
