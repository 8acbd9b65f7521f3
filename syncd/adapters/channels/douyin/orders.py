"""The orders of a shop; their pages count from 0."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncd.adapters.channels.douyin.client import DouyinClient, DouyinRefused
from syncd.adapters.channels.douyin.lines import lines_of
from syncd.adapters.channels.douyin.settings import DouyinSettings
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window
from syncd.adapters.wire.feed import WindowFeed
from syncd.adapters.wire.values import id_text, objects, plain, whole
from syncd.domain.orders import OrderLine
from syncd.errors import Kind

CHANGED, ONE = "/order/searchList", "/order/orderDetail"

_DIGITS = 12


class Orders(WindowFeed):
    """`OrderFeed` of one shop; a line is a SKU order, stamped with the last change of its order.

    A window that took orders in while it was read, or that holds more of them than pages can show, is read
    again by halves.
    """

    one = ONE

    def __init__(self, settings: DouyinSettings, name: str, client: DouyinClient) -> None:
        super().__init__(name, longest=settings.order_window)
        self._settings = settings
        self._client = client

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
            raise self._not_permitted(error, f"the one for orders, with {CHANGED} and {ONE}") from None
        with expecting(f"{self._name}: {path}"):
            return said.object

    def _id_of(self, order: Mapping[str, Any]) -> str:
        return id_text(order["order_id"])

    def _lines_of(self, order: Mapping[str, Any]) -> Iterable[OrderLine]:
        return lines_of(order, self._settings)
