"""The orders of a shop; their pages count from 0."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.douyin.client import DouyinClient, DouyinRefused
from syncd.adapters.channels.douyin.lines import lines_of
from syncd.adapters.channels.douyin.settings import DouyinSettings
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window, backwards, windows
from syncd.adapters.wire.values import id_text, is_id, objects, plain, whole
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError

CHANGED, ONE = "/order/searchList", "/order/orderDetail"

_DIGITS = 12


class Orders:
    """`OrderFeed` of one shop; a line is a SKU order, stamped with the last change of its order.

    A window that took orders in while it was read, or that holds more of them than pages can show, is read
    again by halves.
    """

    def __init__(self, settings: DouyinSettings, name: str, client: DouyinClient) -> None:
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
        """Return the lines of the named orders, one call each.

        Raises:
            PortError: a call failed.
        """
        found: list[OrderLine] = []
        for order_id in dict.fromkeys(orders):
            order = await self._order(order_id) if is_id(order_id) else None
            if order is not None:
                found += self._lines(ONE, [order])
        return found

    # --- inside --------------------------------------------------------------------------------------------

    def _countdown(self, window: Window) -> Countdown:
        place = f"{self._name}: {CHANGED} ({window.begin:%Y-%m-%d %H:%M:%S} to {window.end:%H:%M:%S} UTC)"
        return Countdown(place, page_size=self._settings.order_page_size, first_page=0)

    async def _page(self, window: Window, pages: Countdown) -> Sequence[OrderLine]:
        params = {
            "page": pages.page,
            "size": self._settings.order_page_size,
            "order_by": "update_time",
            "order_asc": False,
            "update_time_start": int(window.begin.timestamp()),
            # Whether the end is part of it is not documented.
            "update_time_end": int(window.end.timestamp()) + 1,
        }
        said = await self._call(CHANGED, params)
        with expecting(f"{self._name}: {CHANGED}"):
            found = objects(said.get("shop_order_list"))
            total = whole(said["total"])
            if total is None:
                raise ValueError("total is no whole number")
            shown = [Row(id_text(row["order_id"]), plain(row["update_time"]).zfill(_DIGITS)) for row in found]
        pages.take(shown, total)
        size = self._settings.order_page_size
        # The last page counts whole, however few orders stand on it.
        if -(-total // size) * size > self._settings.deepest_order:
            pages.is_over, pages.is_whole = True, False
        return self._lines(CHANGED, found)

    async def _order(self, order_id: str) -> Mapping[str, Any] | None:
        try:
            said = await self._call(ONE, {"shop_order_id": order_id})
        except DouyinRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        with expecting(f"{self._name}: {ONE}: order {order_id}"):
            # The document does not say under which name the order stands.
            order: Mapping[str, Any] = said if "order_id" in said else said["shop_order_detail"]
            if id_text(order["order_id"]) != order_id:
                raise ValueError("the answer speaks of another order")
            return order

    async def _call(self, path: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            said = await self._client.call(path, params, writes=False)
        except DouyinRefused as error:
            if error.kind is not Kind.PERMISSION:
                raise
            message = (
                f"{error} (the one for orders, with {CHANGED} and {ONE}; an app that does not get it needs "
                f"orders = false in [shops.{self._name}]: sales are then presumed from counters)"
            )
            raise PortError(error.kind, message, retry_after=error.retry_after) from None
        with expecting(f"{self._name}: {path}"):
            return said.object

    def _lines(self, path: str, orders: Iterable[Mapping[str, Any]]) -> list[OrderLine]:
        lines: list[OrderLine] = []
        for order in orders:
            with expecting(f"{self._name}: {path}"):
                order_id = id_text(order["order_id"])
            with expecting(f"{self._name}: {path}: order {order_id}"):
                lines += lines_of(order, self._settings)
        return lines
