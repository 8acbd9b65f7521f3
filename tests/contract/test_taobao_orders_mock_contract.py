"""The channel `taobao` reads the orders of the Taobao mock: two readings of one document, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from syncd.adapters.channels.taobao import ADAPTER
from syncd.adapters.http import open_http
from syncd.mock import Listing, Rig, running
from syncd.mock.clock import RealClock
from syncd.mock.core import OrderSettings
from syncd.mock.taobao import Item, TaobaoState, taobao_app
from syncd.ports.orders import OrderFeed
from tests.contract.channel_contract import Fault
from tests.contract.orders_contract import ONE, TWO, OrderLinesContract


class MockRig:
    """The mock by the words of the contract; it has plenty of everything."""

    def __init__(self) -> None:
        clock = RealClock()
        state = TaobaoState(
            items=[Item(id="100"), Item(id="200")],
            listings=[
                Listing(id="7", item="100", code="A", quantity=1000),
                Listing(id="200", item="200", code="B", quantity=1000),
            ],
            now=clock.now,
            # The contract's orders are old, and must not end by themselves.
            order_settings=OrderSettings(pay_within=0),
        )
        self.arrived = asyncio.Event()
        self.mock = Rig(name="tb", clock=clock, state=state)
        self.book = state.orders

    def order(self, *wanted: tuple[str, int], at: datetime) -> str:
        wants = [({ONE: "7", TWO: "200"}[key], units) for key, units in wanted]
        placed = self.book.place(at, wants)
        assert placed.order is not None
        return placed.order.id

    def pay(self, order: str, *, at: datetime) -> None:
        assert self.book.pay(at, order) == ""

    def cancel(self, order: str, *, at: datetime) -> None:
        if self.book.orders[order].paid is None:
            assert self.book.cancel(at, order) == ""
            return
        assert self.book.ask_refund(at, order) == ""
        assert self.book.agree_refund(at, order) == ""

    def ask_refund(self, line: str, *, at: datetime) -> None:
        assert self.book.ask_refund(at, self._order(line), lines=[line]) == ""

    def refund(self, line: str, *, at: datetime) -> None:
        self.ask_refund(line, at=at)
        assert self.book.agree_refund(at, self._order(line), lines=[line]) == ""

    def ship(self, order: str, *lines: str, at: datetime) -> None:
        assert self.book.ship(at, order, lines=lines) == ""

    def finish(self, order: str, *, at: datetime) -> None:
        assert self.book.finish(at, order) == ""

    def calls(self) -> int:
        return self.mock.calls.counts.total()

    def fail(self, fault: Fault) -> None:
        raise NotImplementedError(f"{fault} is for rigs of bytes")

    def _order(self, line: str) -> str:
        return next(key for key, each in self.book.orders.items() if line in {one.id for one in each.lines})


class TestTaobaoOrdersOfTheMock(OrderLinesContract):
    @pytest.fixture
    async def rig(self) -> MockRig:
        return MockRig()

    @pytest.fixture
    async def feed(self, rig: MockRig) -> AsyncIterator[OrderFeed]:
        async with running(taobao_app(rig.mock)) as url, open_http() as http:
            account = {"app_key": "mock-app", "app_secret": "mock-secret", "session": "mock-token"}
            options = account | {"url": f"{url}/router/rest", "order_page_size": 5}
            settings = ADAPTER.settings.model_validate(options)
            async with ADAPTER.open(settings, "tb", http) as channel:
                assert isinstance(channel, OrderFeed)
                yield channel
