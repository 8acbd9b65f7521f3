"""The orders of a shop, by the calls of AliExpress for them."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from syncd.adapters.channels.aliexpress.client import IopClient, IopRefused
from syncd.adapters.channels.aliexpress.lines import Zone, lines_of, row_of
from syncd.adapters.channels.aliexpress.settings import AliexpressSettings
from syncd.adapters.channels.aliexpress.times import first_text, last_text
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window, backwards, windows
from syncd.adapters.wire.values import id_text, is_id, object_at, rows, whole
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError

_CHANGED = "aliexpress.solution.order.get"
_ORDER = "aliexpress.solution.order.info.get"

_NO_EXTRAS = 0
"""Which further information of an order is asked for; none of it, as some is about the buyer."""


class OrdersFeed:
    """`OrderFeed` of one shop; a line is a child order, stamped with the last change of its order.

    Windows are asked for in the platform's local time: where an hour comes twice, a little more than asked is
    read. One that took orders in while it was read is read again by halves.
    """

    def __init__(
        self, settings: AliexpressSettings, name: str, client: IopClient, *, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._name = name
        self._client = client
        self._now = now
        self._local = ZoneInfo(settings.order_timezone)
        self._longest = timedelta(seconds=settings.order_window)

    def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield every line of every order that changed from `since` to `until`, a page at a time.

        Raises:
            PortError: a call failed, or orders came in faster than they could be read.
        """
        spans = windows(since, until, self._longest)
        return backwards(spans, countdown=self._countdown, read=self._page)

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named orders, one call each; one that is not found is none.

        Raises:
            PortError: a call failed.
        """
        found: list[OrderLine] = []
        for order_id in dict.fromkeys(orders):
            order = await self._order(order_id) if is_id(order_id) else None
            if order is not None:
                found += self._lines(_ORDER, [order], self._zone())
        return found

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
        return self._lines(_CHANGED, found, zone)

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
            message = (
                f"{error} (the one for orders, with {_CHANGED} and {_ORDER}; an app that does not get it "
                f"needs orders = false in [shops.{self._name}]: sales are then presumed from counters)"
            )
            raise PortError(error.kind, message, retry_after=error.retry_after) from None

    def _lines(self, method: str, orders: Iterable[Mapping[str, Any]], zone: Zone) -> list[OrderLine]:
        lines: list[OrderLine] = []
        for order in orders:
            with expecting(f"{self._name}: {method}"):
                order_id = id_text(order["order_id"] if "order_id" in order else order["id"])
            with expecting(f"{self._name}: {method}: order {order_id}"):
                lines += lines_of(order, self._settings, zone)
        return lines
