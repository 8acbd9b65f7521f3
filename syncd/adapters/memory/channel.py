"""A shop in memory, with buyers, orders, faults and a record of every call."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncd.adapters.memory.buyers import Buyers
from syncd.adapters.memory.counters import Counters
from syncd.domain.batches import broken
from syncd.domain.model import ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits

TRAITS = ChannelTraits(max_batch=50, max_batch_listing=50, can_unlist=True, observes_some=True)
"""What a `MemoryChannel` can do unless it is told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one call to `push`.

    `error` is raised, after the writes were applied if `applied` says so. `outcomes` are answered for their
    lines, which are not applied. `silent` lines are left out of the answer, though applied where
    `silent_applied`. With `late` nothing shows before `apply_late`. `meanwhile` is run before the writes
    apply, as a buyer would strike between our reading and our writing.
    """

    error: PortError | None = None
    applied: bool = False
    outcomes: Mapping[ListingId, Outcome] = field(default_factory=dict)
    silent: frozenset[ListingId] = frozenset()
    silent_applied: bool = False
    late: bool = False
    meanwhile: Callable[[], None] | None = None


class MemoryChannel:
    """`Channel` and `OrderFeed` over listings in memory; nothing is shared between two of them.

    `buyers` make orders, which the feed tells whether or not the traits offer it; what changed after
    `lists_until` it tells only to who names it. `pushed`, `observed`, `asked` and `named` record every call,
    also those that failed. `fail_push`, `fail_observe`, `fail_orders` and `fail_named` say what the next
    calls meet, one each. A call against the batch rule of `traits` raises `ValueError`: it is a
    mistake of the caller, which a real shop may punish or not.
    """

    def __init__(
        self,
        listings: Iterable[ObservedListing] = (),
        *,
        traits: ChannelTraits = TRAITS,
        page_size: int = 100,
    ) -> None:
        self.pushed: list[tuple[Write, ...]] = []
        self.observed: list[tuple[ListingId, ...] | None] = []
        self.asked: list[tuple[datetime, datetime]] = []
        self.named: list[tuple[str, ...]] = []
        self.lists_until: datetime | None = None
        self._traits = traits
        self._counters = Counters(traits)
        self.buyers = Buyers(self._counters, traits)
        self._page_size = page_size
        self._push_faults: deque[Fault] = deque()
        self._observe_faults: deque[tuple[PortError, int]] = deque()
        self._orders_faults: deque[tuple[PortError, int]] = deque()
        self._named_faults: deque[PortError] = deque()
        self._late: list[Write] = []
        self.put(*listings)

    @property
    def traits(self) -> ChannelTraits:
        """Return what this shop's channel can do."""
        return self._traits

    # --- what the shop shows, for tests --------------------------------------------------------------------

    def put(self, *listings: ObservedListing) -> None:
        """Add listings, or replace them whole, as a person in the shop's own pages would."""
        self._counters.put(listings)

    def drop(self, *ids: ListingId) -> None:
        """Delete listings."""
        self._counters.drop(ids)

    def shown(self, listing: ListingId) -> ObservedListing:
        """Return what the shop shows of a listing; raises `KeyError` where there is none."""
        return self._counters.shown[listing]

    def sell(self, listing: ListingId, units: int = 1) -> int:
        """Let a buyer order `units`; return how many the shop let go: none while off sale, never too many."""
        return self._counters.sell(listing, units)

    def fail_push(self, *faults: Fault | PortError) -> None:
        """Let the next pushes meet `faults`, one each; a bare error is raised before anything applies."""
        self._push_faults.extend(
            Fault(error=fault) if isinstance(fault, PortError) else fault for fault in faults
        )

    def fail_observe(self, error: PortError, *, after_pages: int = 0) -> None:
        """Let the next observation without a fault of its own raise `error` after so many pages."""
        self._observe_faults.append((error, after_pages))

    def fail_orders(self, error: PortError, *, after_pages: int = 0) -> None:
        """Let the next intake of orders without a fault of its own raise `error` after so many pages."""
        self._orders_faults.append((error, after_pages))

    def fail_named(self, error: PortError) -> None:
        """Let the next question for named orders raise `error`."""
        self._named_faults.append(error)

    def apply_late(self) -> None:
        """Let everything show that was accepted but did not apply yet."""
        waiting, self._late = self._late, []
        for write in waiting:
            self._counters.carry_out(write)

    # --- the port ------------------------------------------------------------------------------------------

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows, a page at a time.

        Raises:
            PortError: a fault says so.
        """
        self.observed.append(None if listings is None else tuple(listings))
        error, left = self._observe_faults.popleft() if self._observe_faults else (None, 0)
        found = self._found(listings)
        for start in range(0, len(found), self._page_size):
            if error is not None and left <= 0:
                break
            left -= 1
            yield found[start : start + self._page_size]
        if error is not None:
            raise error

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call and return one outcome per write, in the same order; none without writes.

        Raises:
            PortError: a fault says so.
            ValueError: the call breaks the batch rule of `traits`.
        """
        if not writes:
            return []
        self._require_batch(writes)
        self.pushed.append(tuple(writes))
        fault = self._push_faults.popleft() if self._push_faults else Fault()
        if fault.meanwhile is not None:
            fault.meanwhile()
        if fault.error is not None and not fault.applied:
            raise fault.error
        outcomes = [self._line(write, fault) for write in writes]
        if fault.error is not None:
            raise fault.error
        return outcomes

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield every line of every order that was made or changed in that time, some orders a page.

        Raises:
            PortError: a fault says so.
        """
        self.asked.append((since, until))
        error, left = self._orders_faults.popleft() if self._orders_faults else (None, 0)
        found = self.buyers.changed(since, min(until, self.lists_until or until))
        for start in range(0, len(found), self._page_size):
            if error is not None and left <= 0:
                break
            left -= 1
            yield [line for order in found[start : start + self._page_size] for line in order]
        if error is not None:
            raise error

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named orders as they are now.

        Raises:
            PortError: a fault says so.
        """
        self.named.append(tuple(orders))
        if orders and self._named_faults:
            raise self._named_faults.popleft()
        if orders and self._orders_faults:
            raise self._orders_faults.popleft()[0]
        return self.buyers.told(orders)

    def _found(self, listings: Sequence[ListingId] | None) -> list[ObservedListing]:
        shown = self._counters.shown
        if listings is None or not self._traits.observes_some:
            return list(shown.values())
        return [shown[listing] for listing in dict.fromkeys(listings) if listing in shown]

    def _line(self, write: Write, fault: Fault) -> Outcome:
        if write.listing in fault.outcomes:
            return fault.outcomes[write.listing]
        if write.listing in fault.silent:
            if fault.silent_applied:
                self._counters.apply(write)
            return Outcome(kind=Kind.UNKNOWN, message="the answer leaves this line out")
        if fault.late:
            return self._accept_late(write)
        return self._counters.apply(write)

    def _accept_late(self, write: Write) -> Outcome:
        refusal = self._counters.accept(write)
        if refusal is None:
            self._late.append(write)
        return refusal or Outcome(kind=Kind.DONE)

    def _require_batch(self, writes: Sequence[Write]) -> None:
        if message := broken(writes, self._traits):
            raise ValueError(message)
