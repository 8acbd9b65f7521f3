"""The shop in memory keeps the contract of a feed of orders, or tests that use it prove nothing."""

import asyncio
from datetime import datetime

import pytest

from syncd.adapters.memory import MemoryChannel
from syncd.domain.model import ItemId, ListingId, ObservedListing
from syncd.errors import PortError
from syncd.ports.channel import ChannelTraits, DeductsAt
from syncd.ports.orders import OrderFeed
from tests.contract.channel_contract import MEANINGS, Fault
from tests.contract.orders_contract import ONE, TWO, OrdersContract


class MemoryRig:
    """The shop in memory by the words of the contract; it has plenty of everything."""

    def __init__(self, deducts_at: DeductsAt) -> None:
        listings = [
            ObservedListing(
                id=ListingId(key), code=key, item=ItemId(key.partition(":")[0]), quantity=1000, on_sale=True
            )
            for key in (ONE, TWO)
        ]
        traits = ChannelTraits(deducts_at=deducts_at, order_feed=True)
        self.arrived = asyncio.Event()
        self.shop = MemoryChannel(listings, traits=traits, page_size=5)
        self.pay = self.shop.buyers.pay
        self.cancel = self.shop.buyers.cancel
        self.ask_refund = self.shop.buyers.ask_refund
        self.refund = self.shop.buyers.refund
        self.ship = self.shop.buyers.ship
        self.finish = self.shop.buyers.finish

    def order(self, *wanted: tuple[str, int], at: datetime) -> str:
        return self.shop.buyers.order([(ListingId(key), units) for key, units in wanted], at=at)

    def calls(self) -> int:
        return len(self.shop.asked)

    def fail(self, fault: Fault) -> None:
        meaning = MEANINGS[fault]
        self.shop.fail_orders(PortError(min(meaning.read), fault.value, retry_after=meaning.wait))


class _Memory(OrdersContract):
    deducts_at = DeductsAt.ORDER
    has_wire = False

    @pytest.fixture
    async def rig(self) -> MemoryRig:
        return MemoryRig(self.deducts_at)

    @pytest.fixture
    async def feed(self, rig: MemoryRig) -> OrderFeed:
        return rig.shop


class TestMemoryOrders(_Memory):
    pass


class TestMemoryOrdersOfAShopThatDeductsAtPayment(_Memory):
    deducts_at = DeductsAt.PAYMENT
