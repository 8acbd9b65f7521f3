"""The orders of a shop, by Pinduoduo's calls for them."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.pdd.client import PddClient, PddRefused
from syncd.adapters.channels.pdd.lines import is_order_sn, lines_of, order_sn, stamp
from syncd.adapters.channels.pdd.reading import count
from syncd.adapters.channels.pdd.settings import PddSettings
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window, backwards, windows
from syncd.adapters.wire.values import objects
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError

_CHANGED = "pdd.order.number.list.increment.get"
_ORDER = "pdd.order.information.get"

_ALL = {"order_status": "5", "refund_status": "5", "is_lucky_flag": "0"}
"""What asks for orders of every status, with and without refunds, and of lotteries too."""


class PddOrders:
    """`OrderFeed` of one shop.

    The platform tells of orders once they are paid and their group is complete; units of earlier ones are
    only seen as withheld. It lists what changed in a window of time, the last change first.
    """

    def __init__(self, settings: PddSettings, name: str, client: PddClient) -> None:
        self._settings = settings
        self._name = name
        self._client = client
        self._longest = timedelta(seconds=settings.order_window)

    def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield every line of every order that changed from `since` to `until`, a page at a time.

        Raises:
            PortError: a call failed, or orders came in faster than they could be read.
        """
        spans = windows(since, until, self._longest)
        return backwards(spans, countdown=self._countdown, read=self._page)

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named orders, one call each; what can be no order's number is none.

        Raises:
            PortError: a call failed; also where the platform refuses an order in a way that is not known to
                mean that there is none.
        """
        found: list[OrderLine] = []
        for number in dict.fromkeys(orders):
            order = await self._order(number) if is_order_sn(number) else None
            if order is not None:
                found += self._lines(_ORDER, [order])
        return found

    def _countdown(self, window: Window) -> Countdown:
        place = f"{self._name}: {_CHANGED} ({window.begin:%Y-%m-%d %H:%M:%S} to {window.end:%H:%M:%S} UTC)"
        return Countdown(place, page_size=self._settings.order_page_size)

    async def _page(self, window: Window, pages: Countdown) -> Sequence[OrderLine]:
        params = {
            "start_updated_at": str(int(window.begin.timestamp())),
            "end_updated_at": str(int(window.end.timestamp())),
            "page": str(pages.page),
            "page_size": str(self._settings.order_page_size),
            # With true the answer would not tell how many there are.
            "use_has_next": "false",
        }
        body = await self._call(_CHANGED, _ALL | params)
        with expecting(f"{self._name}: {_CHANGED}"):
            total, orders = count(body), objects(body.get("order_sn_list"))
            shown = [Row(order_sn(order), stamp(order)) for order in orders]
        pages.take(shown, total)
        return self._lines(_CHANGED, orders)

    async def _order(self, number: str) -> Mapping[str, Any] | None:
        try:
            body = await self._call(_ORDER, {"order_sn": number})
        except PddRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            if not error.is_of_service:
                raise
            message = f"{error} (order {number}; if the code means that there is none, say so in errors)"
            raise PortError(error.kind, message) from None
        with expecting(f"{self._name}: {_ORDER}: order {number}"):
            # Whether the order stands there itself or one level below is not documented.
            order: Mapping[str, Any] = body.get("order_info", body)
            if order_sn(order) != number:
                raise ValueError("the answer speaks of another order")
            return order

    async def _call(self, method: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            return await self._client.call(method, params, writes=False)
        except PddRefused as error:
            if error.kind is not Kind.PERMISSION:
                raise
            message = (
                f"{error} (for orders it needs {_CHANGED} and {_ORDER}; an app that does not get them needs "
                f"orders = false in [shops.{self._name}]: sales are then presumed from counters)"
            )
            raise PortError(error.kind, message) from None

    def _lines(self, method: str, orders: Iterable[Mapping[str, Any]]) -> list[OrderLine]:
        lines: list[OrderLine] = []
        for order in orders:
            with expecting(f"{self._name}: {method}"):
                number = order_sn(order)
            with expecting(f"{self._name}: {method}: order {number}"):
                lines += lines_of(order, self._settings)
        return lines
