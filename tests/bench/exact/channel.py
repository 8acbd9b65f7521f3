"""A shop as syncd reaches it: calls take time, and some of them go wrong."""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, Outcome, Write
from syncd.domain.ordering.rules import Restores
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.mock.core import Line, Listing
from syncd.ports.channel import ChannelTraits, DeductsAt
from tests.bench.exact.clock import WorldClock
from tests.bench.exact.scenario import Scenario, WriteMode
from tests.bench.exact.till import Till

_SLOW = 20
"""How many times longer a call takes that is slow."""

_LISTING = (Action.DELIST, Action.RELIST)

_MODES = {Action.SET: "set", Action.DELTA: "delta", Action.COMPARE_AND_SET: "compare_and_set"}


class Mishap(Enum):
    """What befalls one call."""

    NONE = auto()
    THROTTLED = auto()
    REFUSED = auto()
    REPLY_LOST = auto()
    SLOW = auto()
    DOUBLED = auto()


_MISHAPS = [mishap for mishap in Mishap if mishap is not Mishap.NONE]


def weather(share: float, seed: int) -> Callable[[], Mishap]:
    """Return what befalls call after call: `share` of them go wrong, in every way as often."""
    dice = random.Random(seed)  # noqa: S311 - a day must be repeatable, not secret
    return lambda: dice.choice(_MISHAPS) if dice.random() < share else Mishap.NONE


@dataclass(slots=True)
class Tally:
    """How many calls the shops got, and how many quantities were written by them."""

    calls: int = 0
    writes: int = 0


class InProcessShop:
    """`Channel` and `OrderFeed` over a till, without a transport but with everything that is slow about one.

    A call reaches the platform half its latency after it was sent. `befalls` is asked once for each call.
    """

    def __init__(
        self, till: Till, scenario: Scenario, clock: WorldClock, befalls: Callable[[], Mishap]
    ) -> None:
        self.tally = Tally()
        self._till = till
        self._scenario = scenario
        self._clock = clock
        self._befalls = befalls
        self._last: dict[str, ObservedListing] = {}
        self._traits = _traits(scenario)

    @property
    def traits(self) -> ChannelTraits:
        """Return what the calls of this write mode prove."""
        return self._traits

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield the listings, each page as it is half a call after it was asked for."""
        for page in self._till.pages(listings, self._scenario.page):
            mishap = await self._go()
            shown = [self._shown(listing) for listing in page]
            await self._come_back(mishap)
            yield shown

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call; a doubled one reaches the platform twice where keys make that harmless."""
        self.tally.writes += sum(write.action not in _LISTING for write in writes)
        mishap = await self._go()
        answers = [self._carry_out(write) for write in writes]
        if mishap is Mishap.DOUBLED and self.traits.idempotent:
            answers = [self._carry_out(write) for write in writes]
        await self._come_back(mishap)
        return answers

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield the lines that changed in that time; a doubled call shows every line twice, newest first."""
        found: list[OrderLine] = []
        at = 0
        while at == 0 or at < len(found):
            mishap = await self._go()
            found = found or self._till.changed(since, until)
            page = found[at : at + self._scenario.page]
            await self._come_back(mishap)
            yield [*reversed(page), *page] if mishap is Mishap.DOUBLED else page
            at += self._scenario.page

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the named orders as they are half a call later."""
        mishap = await self._go()
        found = self._till.lines_of(orders)
        await self._come_back(mishap)
        return found

    # --- inside --------------------------------------------------------------------------------------------

    async def _go(self) -> Mishap:
        """Return what befalls this call once it reached the platform; raise where it does not get there."""
        self.tally.calls += 1
        mishap = self._befalls()
        if mishap is Mishap.REFUSED:
            await self._clock.sleep(self._scenario.latency)
            raise PortError(Kind.TRANSIENT, "the connection was refused", sent=False)
        await self._half(mishap)
        if mishap is Mishap.THROTTLED:
            await self._half(mishap)
            raise PortError(Kind.THROTTLED, "too many calls", retry_after=1.0)
        return mishap

    async def _come_back(self, mishap: Mishap) -> None:
        await self._half(mishap)
        if mishap is Mishap.REPLY_LOST:
            raise PortError(Kind.UNKNOWN, "the answer was lost")

    async def _half(self, mishap: Mishap) -> None:
        slow = _SLOW if mishap is Mishap.SLOW else 1
        await self._clock.sleep(self._scenario.latency / 2 * slow)

    def _shown(self, listing: Listing) -> ObservedListing:
        # Most listings stand still between two readings, and a day has more than a million of them.
        last = self._last.get(listing.id)
        if last is None or (last.quantity, last.on_sale) != (listing.quantity, listing.on_sale):
            last = self._last[listing.id] = _shown(listing)
        return last

    def _carry_out(self, write: Write) -> Outcome:
        if write.action in _LISTING:
            return _outcome(self._till.put_on_sale(write.listing, on_sale=write.action is Action.RELIST))
        line = Line(write.listing, write.key, _MODES[write.action], write.value, write.base or 0)
        return _outcome(self._till.write(line))


def _traits(scenario: Scenario) -> ChannelTraits:
    mode = scenario.mode
    return ChannelTraits(
        max_batch=scenario.batch,
        max_batch_listing=scenario.batch,
        write_modes=(Action.SET,) if mode is WriteMode.ABSOLUTE else (Action.DELTA, Action.SET),
        idempotent=mode is WriteMode.KEYED,
        delta_clips=mode is WriteMode.CLIPPING,
        deducts_at=DeductsAt.ORDER,
        can_unlist=True,
        observes_some=True,
        order_feed=True,
        restores_unpaid=Restores.YES,
        restores_paid=Restores.YES,
    )


_KINDS = {"duplicate": Kind.DUPLICATE, "not_found": Kind.NOT_FOUND, "permission": Kind.PERMISSION}


def _shown(listing: Listing) -> ObservedListing:
    return ObservedListing(
        id=ListingId(listing.id),
        code=listing.code,
        item=ItemId(listing.item),
        quantity=listing.quantity,
        on_sale=listing.on_sale,
    )


def _outcome(answer: dict[str, object]) -> Outcome:
    counter = answer.get("quantity")
    kind = Kind.DONE if answer["ok"] else _KINDS.get(str(answer["error"]), Kind.REJECTED)
    return Outcome(
        kind=kind,
        message=str(answer.get("message", "")),
        counter=counter if isinstance(counter, int) else None,
    )
