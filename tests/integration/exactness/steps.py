"""The ports with steps between them: at any one the process may die, or the world outside may strike."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from syncd.adapters.memory import MemoryStore
from syncd.domain.model import ListingId, ObservedListing, Outcome, Snapshot, Write
from syncd.domain.orders import OrderLine
from syncd.ports.channel import ChannelTraits
from tests.integration.exactness.erp import Erp
from tests.integration.exactness.till import Till
from tests.integration.rig_crash import READS

Strikes = Mapping[int, Sequence[Callable[[], object]]]
"""What happens in the world at which step outside."""


class DiedError(Exception):
    """The process is no more: whatever it still tries fails."""


class Steps:
    """Counts the steps of one process; after the fatal one nothing it does has any effect.

    Strikes happen at the steps outside: before and after each call of a shop or the ERP.
    """

    def __init__(self) -> None:
        self.count = 0
        self.outside = 0
        self._fatal = 0
        self._strikes: Strikes = {}

    def begin(self, *, fatal: int = 0, strikes: Strikes | None = None) -> None:
        """Count anew, for another cycle."""
        self.count = self.outside = 0
        self._fatal = fatal
        self._strikes = strikes or {}

    def reach(self) -> None:
        """Be at a step; raises `DiedError` from the fatal one on."""
        self.count += 1
        if 0 < self._fatal <= self.count:
            raise DiedError

    def die(self) -> None:
        """Be dead from this step on."""
        self._fatal = self.count
        raise DiedError

    def reach_outside(self, what: str, till: Till | None = None) -> None:
        """Be at a step between the process and the world: before `what`, or after it where it is empty."""
        del what, till
        self.reach()
        self.outside += 1
        for strike in self._strikes.get(self.outside, ()):
            strike()


class SteppedStore:
    """A store with a step before every method, and after every one that writes."""

    def __init__(self, store: MemoryStore, steps: Steps) -> None:
        self._store = store
        self._steps = steps

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        method: Callable[..., Awaitable[object]] = getattr(self._store, name)

        async def stepped(*values: object, **named: object) -> object:
            self._steps.reach()
            result = await method(*values, **named)
            if name not in READS:
                self._steps.reach()
            return result

        return stepped


class SteppedShop:
    """A shop with steps before and after each call."""

    def __init__(self, till: Till, steps: Steps) -> None:
        self._till = till
        self._steps = steps

    @property
    def traits(self) -> ChannelTraits:
        return self._till.traits

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        self._steps.reach_outside("observe")
        async for page in self._till.observe(listings):
            yield page
        self._steps.reach_outside("")

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        self._steps.reach_outside("push", self._till)
        outcomes = await self._till.push(writes)
        self._steps.reach_outside("")
        return outcomes

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        self._steps.reach_outside("orders")
        async for page in self._till.orders(since=since, until=until):
            yield page
        self._steps.reach_outside("")

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        self._steps.reach_outside("these_orders")
        return [self._till.lines[order] for order in orders if order in self._till.lines]


class SteppedErp:
    """An ERP with steps before and after each call."""

    def __init__(self, erp: Erp, steps: Steps) -> None:
        self._erp = erp
        self._steps = steps

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        self._steps.reach_outside("collect")
        snapshot = await self._erp.collect(now=now, cursor=cursor)
        self._steps.reach_outside("")
        return snapshot
