"""Alerting over a state, a clock and ways to people in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC

from syncd.adapters.memory import FakeClock, MemoryStore
from syncd.domain.alerts.messages import Filter
from syncd.domain.alerts.rules import AlertRules
from syncd.domain.alerts.words import Style
from syncd.errors import Kind, PortError
from syncd.ports.alerts import Notice
from syncd.services.alerting import Alerting, Hearing, Inbox, Target
from tests.unit.services.cycle_world import Told

_TURNS = 60


class FakeSink:
    """A way to people that remembers, refuses while `refuses` has words, and waits for its `line`."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self.tries = 0
        self.refuses = ""
        self.bug = False
        self.line = asyncio.Event()
        self.line.set()

    async def send(self, notice: Notice) -> None:
        self.tries += 1
        await self.line.wait()
        if self.bug:
            raise ZeroDivisionError
        if self.refuses:
            raise PortError(Kind.TRANSIENT, self.refuses)
        self.sent.append(notice)

    @property
    def titles(self) -> list[str]:
        return [notice.title for notice in self.sent]


class AlertWorld:
    """People with phones, and a program that may be started again."""

    def __init__(self, rules: AlertRules | None = None, filters: Mapping[str, Filter] | None = None) -> None:
        self.store = MemoryStore()
        self.clock = FakeClock()
        self.told = Told()
        self.rules = rules or AlertRules()
        self.filters = filters or {"phone": Filter(never="phone"), "mail": Filter(never="mail")}
        self.sinks = {name: FakeSink() for name in self.filters}
        self.inbox = Inbox()

    @property
    def phone(self) -> FakeSink:
        return self.sinks["phone"]

    @property
    def mail(self) -> FakeSink:
        return self.sinks["mail"]

    def alerting(self) -> Alerting:
        targets: Sequence[Target] = [
            Target(name=name, sink=self.sinks[name], filter=each, style=Style(zone=UTC))
            for name, each in self.filters.items()
        ]
        return Alerting(
            store=self.store,
            clock=self.clock,
            hearing=Hearing(inbox=self.inbox, events=self.told),
            rules=self.rules,
            targets=targets,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let it run, as a new process would, until the block ends."""
        self.inbox = Inbox()
        leave = asyncio.Event()
        task = asyncio.create_task(self.alerting().run(leave))
        await self.turns()
        try:
            yield
        finally:
            leave.set()
            await task

    async def wait(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.clock.advance(1)
            await self.turns()

    async def until(self, done: Callable[[], bool]) -> None:
        """Let time pass second by second until `done`, for work that goes on in a thread."""
        while not done():
            await asyncio.to_thread(lambda: None)
            await self.wait(1)

    async def turns(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    def shop_fails(self, shop: str = "web") -> None:
        self.inbox.tell("shop_failing", shop=shop, error="down")

    def shop_is_well(self, shop: str = "web") -> None:
        self.inbox.tell("shop_recovered", shop=shop)
