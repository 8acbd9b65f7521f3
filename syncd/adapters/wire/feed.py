"""The orders of a shop as platforms tell them: those changed in a window of time, and one by its id."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Window, backwards, windows
from syncd.adapters.wire.values import is_id
from syncd.domain.orders import OrderLine
from syncd.errors import PortError


class WindowFeed(ABC):
    """`OrderFeed` of one shop; a window that took orders in while it was read is read again by halves.

    `longest` is the time of which the platform lists the changed orders at once.
    """

    one: ClassVar[str]
    """The call that tells one order."""

    noun: ClassVar[str] = "order"
    """What the platform calls an order."""

    def __init__(self, name: str, *, longest: float) -> None:
        self._name = name
        self._longest = timedelta(seconds=longest)

    def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield every line of every order that changed from `since` to `until`, a page at a time.

        Raises:
            PortError: a call failed, or orders came in faster than they could be read.
        """
        spans = windows(since, until, self._longest)
        return backwards(spans, countdown=self._countdown, read=self._page)

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named orders, one call each; what can be no order of the platform is none.

        Raises:
            PortError: a call failed.
        """
        found: list[OrderLine] = []
        for order_id in dict.fromkeys(orders):
            order = await self._order(order_id) if self._is_order(order_id) else None
            if order is not None:
                found += self._lines(self.one, [order])
        return found

    # --- what each platform does in its own way ------------------------------------------------------------

    @abstractmethod
    def _countdown(self, window: Window) -> Countdown:
        """Return the walk through the pages of a window."""

    @abstractmethod
    async def _page(self, window: Window, pages: Countdown) -> Sequence[OrderLine]:
        """Return the lines of the page that is next, and let the walk take its rows."""

    @abstractmethod
    async def _order(self, order_id: str) -> Mapping[str, Any] | None:
        """Return one order, None where the platform knows none of that id."""

    @abstractmethod
    def _id_of(self, order: Mapping[str, Any]) -> str:
        """Return the id of an order; raises as `expecting` takes it."""

    @abstractmethod
    def _lines_of(self, order: Mapping[str, Any]) -> Iterable[OrderLine]:
        """Return the lines of an order; raises as `expecting` takes it."""

    def _is_order(self, text: str) -> bool:
        """Return whether a text can be the id of an order."""
        return is_id(text)

    # --- what is the same ----------------------------------------------------------------------------------

    def _lines(self, method: str, orders: Iterable[Mapping[str, Any]]) -> list[OrderLine]:
        lines: list[OrderLine] = []
        for order in orders:
            with expecting(f"{self._name}: {method}"):
                order_id = self._id_of(order)
            with expecting(f"{self._name}: {method}: {self.noun} {order_id}"):
                lines += self._lines_of(order)
        return lines

    def _not_permitted(self, error: PortError, package: str) -> PortError:
        """Return the error of an app that may not read orders, with what to do; it lacks `package`."""
        message = (
            f"{error} ({package}; an app that does not get it needs orders = false in "
            f"[shops.{self._name}]: sales are then presumed from counters)"
        )
        return PortError(error.kind, message, retry_after=error.retry_after)
