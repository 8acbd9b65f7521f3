"""Which kinds of errors a channel was seen to tell, and what has been tested so far."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from syncd.domain.model import ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.orders import OrderFeed
from syncd.ports.tokens import Renewing, Tokens

PageT = TypeVar("PageT")


@dataclass(slots=True)
class Ledger:
    """What one suite has seen: the kinds that were told, and the tests that ran to their end."""

    reached: set[Kind] = field(default_factory=set)
    finished: set[str] = field(default_factory=set)


class Recorded:
    """A channel whose every told kind is noted; nothing else of it changes."""

    def __init__(self, channel: Channel, ledger: Ledger) -> None:
        self._channel = channel
        self._ledger = ledger

    def __repr__(self) -> str:
        return repr(self._channel)

    @property
    def traits(self) -> ChannelTraits:
        """Return what the channel can do."""
        return self._channel.traits

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows."""
        async for page in _noted(self._channel.observe(listings), self._ledger):
            yield page

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call."""
        try:
            outcomes = await self._channel.push(writes)
        except PortError as error:
            self._ledger.reached.add(error.kind)
            raise
        self._ledger.reached.update(outcome.kind for outcome in outcomes)
        return outcomes


class RecordedShop(Recorded):
    """A channel with a feed of orders, whose every told kind is noted."""

    def __init__(self, channel: Channel, feed: OrderFeed, ledger: Ledger) -> None:
        super().__init__(channel, ledger)
        self._feed = feed

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield the lines of the orders that changed in that time."""
        async for page in _noted(self._feed.orders(since=since, until=until), self._ledger):
            yield page

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named orders."""
        try:
            return await self._feed.these_orders(orders)
        except PortError as error:
            self._ledger.reached.add(error.kind)
            raise


class RecordedTokens:
    """The tokens of a channel, with the kinds of failed renewals noted."""

    def __init__(self, renewing: Renewing, ledger: Ledger) -> None:
        self._renewing = renewing
        self._ledger = ledger

    @property
    def tokens(self) -> Tokens:
        """Return the tokens in use."""
        return self._renewing.tokens

    @property
    def token_settings(self) -> tuple[str, ...]:
        """Return the settings that the tokens came from."""
        return self._renewing.token_settings

    @property
    def renew_ahead(self) -> timedelta:
        """Return how long before its end a token is to be renewed."""
        return self._renewing.renew_ahead

    def use(self, tokens: Tokens) -> None:
        """Make every call from now on with `tokens`."""
        self._renewing.use(tokens)

    async def renew(self, tokens: Tokens) -> Tokens:
        """Ask for the tokens that come after `tokens`."""
        try:
            return await self._renewing.renew(tokens)
        except PortError as error:
            self._ledger.reached.add(error.kind)
            raise


def recorded(channel: Channel, ledger: Ledger) -> Channel:
    """Return the channel with its kinds noted, still a feed of orders where it was one."""
    if isinstance(channel, OrderFeed):
        return RecordedShop(channel, channel, ledger)
    return Recorded(channel, ledger)


async def _noted(pages: AsyncIterator[PageT], ledger: Ledger) -> AsyncIterator[PageT]:
    """Yield the pages, and close what they come from as soon as nobody wants more."""
    try:
        async for page in pages:
            yield page
    except PortError as error:
        ledger.reached.add(error.kind)
        raise
    finally:
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()
