"""Forget what is old, a little at a time, so that nobody waits for it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from syncd.errors import StateError
from syncd.ports.care import Old, PurgeStore
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.services.alerting.courier import first

PORTION = 1000
"""So many rows are forgotten at a time: a write waits some 10 ms for them at most."""

PAUSE = 0.05
"""Seconds between two portions, in which others write."""

EVERY = 24 * 3600.0
"""Seconds between two rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many days what is over stays."""

    ledger: int = 90
    orders: int = 7
    intents: int = 7
    requests: int = 7
    locks: int = 7
    alerts: int = 90

    @property
    def days(self) -> Mapping[Old, int]:
        """Return the days by what is kept so long."""
        return {
            Old.LEDGER: self.ledger,
            Old.ORDERS: self.orders,
            Old.INTENTS: self.intents,
            Old.REQUESTS: self.requests,
            Old.APPROVALS: self.requests,
            Old.LOCKS: self.locks,
            Old.ALERTS: self.alerts,
        }


class Purging:
    """Forgets by a retention, and gives the room back to the disk."""

    def __init__(
        self, *, store: PurgeStore, clock: Clock, events: Events, retention: Retention | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._retention = retention or Retention()

    async def run(self, over: asyncio.Event) -> None:
        """Forget at once and then every day, until `over` is set; what fails is told and tried again."""
        while not over.is_set():
            try:
                await self.once(over)
            except StateError as error:
                self._events.tell("purge_failing", error=str(error))
            await first(self._clock.sleep(EVERY), over.wait())

    async def once(self, over: asyncio.Event | None = None) -> Mapping[Old, int]:
        """Forget all that is old by now, or until `over` is set; return how many rows went of what had any.

        Raises:
            StateError: the state cannot be used; what went before that is gone.
        """
        now, gone = self._clock.now(), dict.fromkeys(Old, 0)
        for what, days in self._retention.days.items():
            count = PORTION
            while count >= PORTION and not (over and over.is_set()):
                count = await self._store.purge(what, before=now - timedelta(days=days), limit=PORTION)
                gone[what] += count
                if count:
                    await self._clock.sleep(PAUSE)
        found = {what: count for what, count in gone.items() if count}
        pages = await self._shrunk(over) if found else 0
        if found:
            self._events.tell("purged", **{what.value: count for what, count in found.items()}, pages=pages)
        return found

    async def _shrunk(self, over: asyncio.Event | None) -> int:
        total, pages = 0, PORTION
        while pages >= PORTION and not (over and over.is_set()):
            pages = await self._store.shrink(pages=PORTION)
            total += pages
            await self._clock.sleep(PAUSE)
        return total
