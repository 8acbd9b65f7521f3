"""Run beside the cycles: make alerts of what happens, keep them, and send what people should know."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from syncd.config.alerts import LOG
from syncd.domain.alerts.document import alert_document
from syncd.domain.alerts.kinds import AlertKind
from syncd.domain.alerts.messages import Message, Phase, worst_first
from syncd.domain.alerts.records import AlertRow
from syncd.domain.alerts.register import Register
from syncd.domain.alerts.rules import AlertRules
from syncd.domain.alerts.sights import SEEN, Late, Sight, over, seen
from syncd.domain.alerts.signals import cleared, raised
from syncd.ports.alerts import AlertStore
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.listings import ListingStore
from syncd.ports.store import OrderStore, StockStore
from syncd.ports.tallies import TallyStore
from syncd.services.alerting.courier import Courier, Reports, Target, first, send_notice, trial_notice
from syncd.services.alerting.inbox import Inbox

TICK = 1.0
"""Seconds between two rounds."""

LOOK_EVERY = timedelta(minutes=1)
"""How often the state is looked at for what no event tells."""

FAREWELL = 2.0
"""Seconds that messages on their way get when the program ends."""

_RECENT = 1000
_SLICE = 20


class Seen(AlertStore, StockStore, ListingStore, OrderStore, TallyStore, Protocol):
    """The parts of the state that alerts need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Where events come from, `inbox` being one of those who are told, and whom alerts are told as events."""

    inbox: Inbox
    events: Events


class Alerting:
    """Tells people what is the matter; keep one, and run it beside the cycles."""

    def __init__(
        self, *, store: Seen, clock: Clock, hearing: Hearing, rules: AlertRules, targets: Sequence[Target]
    ) -> None:
        self.targets = tuple(targets)
        self._store = store
        self._clock = clock
        self._inbox = hearing.inbox
        self._events = hearing.events
        self._rules = rules
        self._told: dict[int, tuple[object, ...]] = {}
        self._arrived: list[tuple[str, Sequence[AlertRow]]] = []
        self._look_at: datetime | None = None

    async def run(self, leave: asyncio.Event) -> None:
        """Tell people until `leave` is set; what could not be sent by then is, after the next start.

        Raises:
            StateError: the state broke.
        """
        began = self._clock.now()
        register = await self._register(began)
        async with self._couriers(register) as couriers:
            while not leave.is_set():
                await self._round(register, couriers, began)
                await first(leave.wait(), self._clock.sleep(TICK))
        # What ended the daemon's work is still noted down; it is told when somebody starts it again.
        self._note(register, self._clock.now())
        await self._keep(register, touched=True)

    async def test(self) -> dict[str, str]:
        """Send a message to every target but the log; return why it did not arrive, empty words if it did."""
        targets = [target for target in self.targets if target.name != LOG]
        sending = [send_notice(target, trial_notice(target.style)) for target in targets]
        return dict(zip((target.name for target in targets), await asyncio.gather(*sending), strict=True))

    async def _register(self, now: datetime) -> Register:
        live = await self._store.live_alerts()
        newest = await self._store.alerts(limit=_RECENT)
        since = now - self._rules.flap_for
        recent = [row for row in newest if row.ended_at is not None and row.ended_at >= since]
        last = newest[0].id if newest else 0
        register = Register(self._rules, now, live=live, recent=recent, last=last)
        register.drop_targets({target.name for target in self.targets})
        self._told = {row.id: _face(row) for row in register.rows}
        return register

    @asynccontextmanager
    async def _couriers(self, register: Register) -> AsyncIterator[Sequence[Courier]]:
        """Yield those who carry messages; they begin with what an earlier process could not send."""
        reports = Reports(
            arrived=lambda name, rows: self._arrived.append((name, rows)), failing=self._failing
        )
        couriers = [Courier(target, self._clock, reports) for target in self.targets]
        for courier in couriers:
            owed = [row for row in register.rows if courier.target.name in row.owing]
            if owed:
                courier.put(Message(phase=Phase.MISSED, at=self._clock.now(), rows=worst_first(owed)))
        over_now = asyncio.Event()
        tasks = [asyncio.create_task(courier.run(over_now)) for courier in couriers]
        try:
            yield couriers
        finally:
            over_now.set()
            if tasks:
                await asyncio.wait(tasks, timeout=FAREWELL)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _round(self, register: Register, couriers: Sequence[Courier], began: datetime) -> None:
        now = self._clock.now()
        self._note(register, now)
        looks = self._look_at is None or now >= self._look_at or now < self._look_at - LOOK_EVERY
        if looks:
            self._look_at = now + LOOK_EVERY
            await self._look(register, began, now)
        parcels = [parcel for message in register.due(now) for parcel in self._addressed(register, message)]
        # First on the disk, then out: what is sent and not written down would be told again after a crash.
        await self._keep(register, touched=looks)
        for name, message in parcels:
            next(courier for courier in couriers if courier.target.name == name).put(message)

    def _note(self, register: Register, now: datetime) -> None:
        arrived, self._arrived = self._arrived, []
        for name, rows in arrived:
            register.sent(name, rows)
        register.take(self._inbox.take(), now)
        if lost := self._inbox.take_lost():
            self._events.tell("alerts_lost", count=lost)

    async def _look(self, register: Register, began: datetime, now: datetime) -> None:
        store = self._store
        sight = Sight(
            at=now,
            sources=await store.sources(),
            shops=await store.shops(),
            feeds=await store.feeds(),
            late={
                row.shop: Late(row.oldest, row.waiting - row.held)
                for row in await store.backlog()
                if row.oldest is not None
            },
        )
        register.acknowledged(await store.live_alerts())
        register.look(SEEN, seen(sight, self._rules), now)
        register.take(over(sight, register.rows, began), now)

    def _addressed(self, register: Register, message: Message) -> list[tuple[str, Message]]:
        """Return who gets which part of a message, and note down that it is owed to them."""
        takers = {target.name: message.only(target.filter.takes) for target in self.targets}
        for row in message.rows:
            names = [name for name, part in takers.items() if part is not None and row in part.rows]
            register.owe([row], names)
        return [(name, part) for name, part in takers.items() if part is not None]

    async def _keep(self, register: Register, *, touched: bool) -> None:
        rows = register.changed(touched=touched)
        if not rows:
            return
        await self._store.save_alerts(rows)
        for at, row in enumerate(rows, start=1):
            if at % _SLICE == 0:
                await self._clock.sleep(0)
            self._publish(row)

    def _publish(self, row: AlertRow) -> None:
        """Tell programs what an alert is now, where that is news."""
        if self._told.get(row.id) != _face(row):
            self._events.tell("alert", **alert_document(row))
        if row.is_live:
            self._told[row.id] = _face(row)
        else:
            self._told.pop(row.id, None)

    def _failing(self, name: str, why: str) -> None:
        facts = {"target": name, "because": why}
        kind = AlertKind.TARGET_FAILING
        self._inbox.put(raised(kind, facts) if why else cleared(kind, facts))


def _face(row: AlertRow) -> tuple[object, ...]:
    """Return what programs are told of each time it changes."""
    return row.is_open, row.flapping, row.level
