"""The orders of a shop, for shops that tell them."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from syncd.domain.orders import OrderLine


@runtime_checkable
class OrderFeed(Protocol):
    """What a channel offers beside `Channel` where its trait `order_feed` is True.

    It translates and does nothing else. What it yields holds no name, address, note or price of a buyer, and
    it does not ask the platform for any.
    """

    def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield every line of every order that was made or changed from `since` to `until`, a page at a time.

        An order may come more than once, in any order; the version with the newest `modified` counts. One
        that changes while it is read may be missing, because it is then modified after `until`: the next
        call overlaps. A page that cannot be read raises: what ends without an error was complete.

        Raises:
            PortError: the call failed; pages already yielded stay true, the rest is unknown.
        """
        ...

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named orders as they are now; one that the platform does not know is none.

        Raises:
            PortError: the call failed.
        """
        ...
