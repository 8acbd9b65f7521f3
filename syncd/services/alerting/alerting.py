"""Run beside the cycles: make alerts of what happens, keep them, and send what people should know."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from syncd.config.alerts import LOG
from syncd.domain.alerts.document import alert_document
from syncd.domain.alerts.kinds import AlertKind
from syncd.domain.alerts.records import AlertRow
from syncd.domain.alerts.register import Register
from syncd.domain.alerts.rules import AlertRules
from syncd.domain.alerts.sights import Late, Sight
from syncd.domain.alerts.signals import cleared, raised
from syncd.domain.model import ListingId, ShopName
from syncd.ports.alerts import AlertStore
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.listings import ListingStore
from syncd.ports.store import OrderStore, StockStore
from syncd.ports.tallies import TallyStore
from syncd.services.alerting.aside import aside
from syncd.services.alerting.courier import Courier, Reports, Target, first, send_notice, trial_notice
from syncd.services.alerting.deciding import Decider, Heard, Look
from syncd.services.alerting.inbox import Inbox

TICK = 1.0
"""Seconds between two rounds."""

LOOK_EVERY = timedelta(minutes=1)
"""How often the state is looked at for what no event tells."""

FAREWELL = 2.0
"""Seconds that messages on their way get when the program ends."""

_RECENT = 1000
_SLICE = 20
_ASKED = 200


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
        self._carrying: Sequence[asyncio.Task[None]] = ()

    async def run(self, leave: asyncio.Event) -> None:
        """Tell people until `leave` is set; what could not be sent by then is, after the next start.

        Raises:
            StateError: the state broke.
        """
        decider = await self._decider(self._clock.now())
        async with self._couriers(decider) as couriers:
            while not leave.is_set():
                for task in self._carrying:
                    if task.done():
                        # They never return before the end: it broke, which is a bug.
                        task.result()
                await self._round(decider, couriers)
                await first(leave.wait(), self._clock.sleep(TICK))
        # What ended the daemon's work is still noted down; it is told when somebody starts it again.
        heard = self._heard(self._clock.now())
        await self._keep(await aside(heard.size, lambda: decider.last(heard)))

    async def test(self) -> dict[str, str]:
        """Send a message to every target but the log; return why it did not arrive, empty words if it did."""
        targets = [target for target in self.targets if target.name != LOG]
        sending = [send_notice(target, trial_notice(target.style)) for target in targets]
        return dict(zip((target.name for target in targets), await asyncio.gather(*sending), strict=True))

    async def _decider(self, now: datetime) -> Decider:
        live = await self._store.live_alerts()
        newest = await self._store.alerts(limit=_RECENT)
        since = now - self._rules.flap_for
        recent = [row for row in newest if row.ended_at is not None and row.ended_at >= since]
        last = newest[0].id if newest else 0

        def begin() -> Decider:
            register = Register(self._rules, now, live=live, recent=recent, last=last)
            filters = {target.name: target.filter for target in self.targets}
            register.drop_targets(filters)
            self._told = {row.id: _face(row) for row in register.rows}
            return Decider(register, self._rules, filters, began=now)

        return await aside(len(live), begin)

    @asynccontextmanager
    async def _couriers(self, decider: Decider) -> AsyncIterator[Mapping[str, Courier]]:
        """Yield those who carry messages; they begin with what an earlier process could not send."""
        reports = Reports(
            arrived=lambda name, rows: self._arrived.append((name, rows)), failing=self._failing
        )
        couriers = {target.name: Courier(target, self._clock, reports) for target in self.targets}
        now = self._clock.now()
        for name, message in await aside(len(decider.register), lambda: decider.missed(now)):
            couriers[name].put(message)
        over_now = asyncio.Event()
        tasks = [asyncio.create_task(courier.run(over_now)) for courier in couriers.values()]
        self._carrying = tasks
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

    async def _round(self, decider: Decider, couriers: Mapping[str, Courier]) -> None:
        now = self._clock.now()
        heard = self._heard(now)
        if self._look_at is None or not timedelta(0) < self._look_at - now <= LOOK_EVERY:
            self._look_at = now + LOOK_EVERY
            heard = replace(heard, look=await self._look(now, decider.register))
        decided = await aside(heard.size + decider.register.busy, lambda: decider.decide(heard))
        # First on the disk, then out: what is sent and not written down would be told again after a crash.
        await self._keep(decided.rows)
        for name, message in decided.parcels:
            couriers[name].put(message)

    def _heard(self, now: datetime) -> Heard:
        arrived, self._arrived = self._arrived, []
        if lost := self._inbox.take_lost():
            self._events.tell("alerts_lost", count=lost)
        return Heard(at=now, signals=self._inbox.take(), arrived=arrived)

    async def _look(self, now: datetime, register: Register) -> Look:
        store = self._store
        asked = await aside(len(register), lambda: register.stalest(AlertKind.DELISTED, _ASKED))
        listings = await store.named([(ShopName(row.place), ListingId(row.thing)) for row in asked])
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
            asked=asked,
            listings={(row.shop, row.id): row for row in listings},
        )
        return Look(sight=sight, live=await store.live_alerts())

    async def _keep(self, rows: Sequence[AlertRow]) -> None:
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
