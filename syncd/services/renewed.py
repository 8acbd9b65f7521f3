"""A channel whose tokens are kept good: who calls the shop need not know that they run out."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from syncd.domain.model import ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.orders import OrderFeed
from syncd.services.renewal import Renewal

PageT = TypeVar("PageT")

_OVER = "its session ran out and is renewed; what was not done goes on with the new one"


class RenewedChannel:
    """`channel` with tokens that `renewal` keeps good.

    A reading that is refused because they are over begins again once, with those that came after them. A push
    is never repeated here: it fails as not sent, which the rules of retrying know to answer.
    """

    def __init__(self, channel: Channel, renewal: Renewal) -> None:
        self._channel = channel
        self._renewal = renewal

    @property
    def traits(self) -> ChannelTraits:
        """Return what the shop's channel can do."""
        return self._channel.traits

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows, a page at a time.

        Raises:
            PortError: the call failed, or the tokens are over and could not be renewed.
        """
        async for page in pages(self._renewal, lambda: self._channel.observe(listings)):
            yield page

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call and return one outcome per write.

        Raises:
            PortError: the call failed as a whole; `TRANSIENT` and not sent where its tokens were over, and
                there are new ones now.
        """
        used = await self._renewal.ready()
        try:
            outcomes = await self._channel.push(writes)
        except PortError as error:
            if error.kind is not Kind.AUTH_EXPIRED:
                raise
            # A platform that knows no such session has carried nothing out.
            await self._renewal.expired(used, error)
            raise PortError(Kind.TRANSIENT, _OVER, sent=False) from None
        told = next((outcome for outcome in outcomes if outcome.kind is Kind.AUTH_EXPIRED), None)
        if told is None:
            self._renewal.accepted(used)
            return outcomes
        # Some lines are done: the others stop the push as ever, and the next cycle has new tokens.
        with suppress(PortError):
            await self._renewal.expired(used, PortError(told.kind, told.message))
        return outcomes


class RenewedFeed(RenewedChannel):
    """The same for a channel that tells its orders, too."""

    def __init__(self, channel: Channel, feed: OrderFeed, renewal: Renewal) -> None:
        super().__init__(channel, renewal)
        self._feed = feed

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield every line of every order that was made or changed from `since` to `until`.

        Raises:
            PortError: the call failed, or the tokens are over and could not be renewed.
        """
        async for page in pages(self._renewal, lambda: self._feed.orders(since=since, until=until)):
            yield page

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named orders as they are now.

        Raises:
            PortError: the call failed, or the tokens are over and could not be renewed.
        """
        used = await self._renewal.ready()
        try:
            lines = await self._feed.these_orders(orders)
        except PortError as error:
            if error.kind is not Kind.AUTH_EXPIRED:
                raise
            await self._renewal.expired(used, error)
            lines = await self._feed.these_orders(orders)
        self._renewal.accepted(self._renewal.tokens)
        return lines


def renewed(channel: Channel, renewal: Renewal) -> Channel:
    """Return `channel`, whose tokens `renewal` keeps good; it is an `OrderFeed` if that is one."""
    if isinstance(channel, OrderFeed):
        return RenewedFeed(channel, channel, renewal)
    return RenewedChannel(channel, renewal)


async def pages(renewal: Renewal, read: Callable[[], AsyncIterator[PageT]]) -> AsyncIterator[PageT]:
    """Yield what `read` yields, from its beginning again if the tokens are over before its first page."""
    used = await renewal.ready()
    is_begun = False
    try:
        async for page in read():
            is_begun = True
            yield page
        renewal.accepted(used)
    except PortError as error:
        if error.kind is not Kind.AUTH_EXPIRED:
            raise
        await renewal.expired(used, error)
        if is_begun:
            raise PortError(Kind.TRANSIENT, _OVER, sent=False) from None
    else:
        return
    async for page in read():
        yield page
    renewal.accepted(renewal.tokens)
