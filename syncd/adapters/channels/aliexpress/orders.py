"""The orders of a shop, by the calls of AliExpress for them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from syncd.adapters.channels.aliexpress.client import IopClient, IopRefused
from syncd.adapters.channels.aliexpress.lines import Zone, lines_of, row_of
from syncd.adapters.channels.aliexpress.settings import AliexpressSettings
from syncd.adapters.channels.aliexpress.times import first_text, last_text
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window
from syncd.adapters.wire.feed import WindowFeed
from syncd.adapters.wire.values import id_text, object_at, rows, whole
from syncd.domain.orders import OrderLine
from syncd.errors import Kind

_CHANGED = "aliexpress.solution.order.get"
_ORDER = "aliexpress.solution.order.info.get"

_NO_EXTRAS = 0
"""Which further information of an order is asked for; none of it, as some is about the buyer."""


class OrdersFeed(WindowFeed):
    """`OrderFeed` of one shop; a line is a child order, stamped with the last change of its order.

    Windows are asked for in the platform's local time: where an hour comes twice, a little more than asked is
    read. One that took orders in while it was read is read again by halves.
    """

    one = _ORDER

    def __init__(
        self, settings: AliexpressSettings, name: str, client: IopClient, *, now: Callable[[], datetime]
    ) -> None:
        super().__init__(name, longest=settings.order_window)
        self._settings = settings
        self._client = client
        self._now = now
        self._local = ZoneInfo(settings.order_timezone)

    # --- inside --------------------------------------------------------------------------------------------

    def _zone(self) -> Zone:
        return Zone(zone=self._local, now=self._now())

    def _ends(self, window: Window) -> tuple[str, str]:
        return first_text(window.begin, self._local), last_text(window.end, self._local)

    def _countdown(self, window: Window) -> Countdown:
        begin, end = self._ends(window)
        place = f"{self._name}: {_CHANGED} ({begin} to {end})"
        return Countdown(place, page_size=self._settings.order_page_size)

    async def _page(self, window: Window, pages: Countdown) -> Sequence[OrderLine]:
        begin, end = self._ends(window)
        query = {
            "modified_date_start": begin,
            "modified_date_end": end,
            "current_page": pages.page,
            "page_size": self._settings.order_page_size,
        }
        result = await self._call(_CHANGED, {"param0": json.dumps(query, separators=(",", ":"))})
        zone = self._zone()
        with expecting(f"{self._name}: {_CHANGED}"):
            total = whole(result["total_count"])
            if total is None:
                raise ValueError("total_count is no whole number")
            found = rows(result, "target_list", "order_dto")
            shown = [Row(order, modified.isoformat()) for order, modified in self._rows(found, zone)]
        pages.take(shown, total)
        return self._lines(_CHANGED, found)

    def _rows(self, found: Sequence[Mapping[str, Any]], zone: Zone) -> Iterable[tuple[str, datetime]]:
        return [row_of(order, zone) for order in found]

    async def _order(self, order_id: str) -> Mapping[str, Any] | None:
        param = {"order_id": int(order_id), "ext_info_bit_flag": _NO_EXTRAS}
        try:
            result = await self._call(_ORDER, {"param1": json.dumps(param, separators=(",", ":"))})
        except IopRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        with expecting(f"{self._name}: {_ORDER}: order {order_id}"):
            order = object_at(result, "data")
            if id_text(order["order_id"] if "order_id" in order else order["id"]) != order_id:
                raise ValueError("the answer speaks of another order")
            return order

    async def _call(self, method: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            return await self._client.read(method, params)
        except IopRefused as error:
            if error.kind is not Kind.PERMISSION:
                raise
            raise self._not_permitted(error, f"the one for orders, with {_CHANGED} and {_ORDER}") from None

    def _id_of(self, order: Mapping[str, Any]) -> str:
        return id_text(order["order_id"] if "order_id" in order else order["id"])

    def _lines_of(self, order: Mapping[str, Any]) -> Iterable[OrderLine]:
        return lines_of(order, self._settings, self._zone())
