"""The orders of a shop, by the calls of JD for them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.jd.client import JdClient, JdRefused
from syncd.adapters.channels.jd.lines import ORDER_FIELDS, lines_of
from syncd.adapters.channels.jd.reading import flag
from syncd.adapters.channels.jd.settings import JdSettings
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window, backwards, windows
from syncd.adapters.wire.jd import JdRefusal, beijing
from syncd.adapters.wire.values import as_object, id_text, is_id, objects, plain, whole
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError

_SEARCH = "jingdong.pop.order.search"
_GET = "jingdong.pop.order.get"

_BY_CHANGE = "0"
_NEWEST_FIRST = "1"


class OrderPages:
    """`OrderFeed` of one shop; a line is what one order has of one SKU.

    JD lists what changed in a window of time, the last change first, as it is asked to. Nothing says that
    this order holds for orders by their change; a window that took orders in while it was read is read again
    by halves, until the restless part fits on a page.
    """

    def __init__(self, settings: JdSettings, name: str, client: JdClient) -> None:
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
        for order in dict.fromkeys(orders):
            row = await self._order(order) if is_id(order) else None
            if row is not None:
                found += self._lines(_GET, row)
        return found

    def _countdown(self, window: Window) -> Countdown:
        place = f"{self._name}: {_SEARCH} ({beijing(window.begin)} to {beijing(window.end)})"
        return Countdown(place, page_size=self._settings.order_page_size)

    async def _page(self, window: Window, pages: Countdown) -> Sequence[OrderLine]:
        params = {
            "start_date": beijing(window.begin),
            "end_date": beijing(window.end),
            "order_state": ",".join(self._settings.order_states),
            "optional_fields": ORDER_FIELDS,
            "page": str(pages.page),
            "page_size": str(self._settings.order_page_size),
            "sortType": _NEWEST_FIRST,
            "dateType": _BY_CHANGE,
        }
        body = await self._call(_SEARCH, params)
        with expecting(f"{self._name}: {_SEARCH}"):
            result = as_object(body["searchorderinfo_result"])
            self._accepted(_SEARCH, result)
            found, total = _listed(result)
            shown = [Row(id_text(row["orderId"]), plain(row["modified"])) for row in found]
        pages.take(shown, total)
        return [line for row in found for line in self._lines(_SEARCH, row)]

    async def _order(self, order: str) -> Mapping[str, Any] | None:
        params = {"order_id": order, "optional_fields": ORDER_FIELDS}
        try:
            body = await self._call(_GET, params)
            with expecting(f"{self._name}: {_GET}: order {order}"):
                result = as_object(body["orderDetailInfo"])
                self._accepted(_GET, result)
                if result["orderInfo"] is None:
                    return None
                row = as_object(result["orderInfo"])
                if id_text(row["orderId"]) != order:
                    raise ValueError("the answer speaks of another order")
                return row
        except JdRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise

    def _accepted(self, method: str, result: Mapping[str, Any]) -> None:
        """Raise the refusal that an answer holds where its own result is none."""
        told = as_object(result["apiResult"])
        if flag(told["success"]) is not True:
            code = plain(told.get("errorCode"))
            words = plain(told.get("englishErrCode")) or plain(told.get("chineseErrCode"))
            refusal = JdRefusal(code=code, en_desc=words)
            raise self._client.refused(refusal, f"{self._name}: {method}", writes=False)

    async def _call(self, method: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            return await self._client.call(method, params, writes=False)
        except JdRefused as error:
            if error.kind is not Kind.PERMISSION:
                raise
            message = (
                f"{error} (the orders of {method}; an app that may not read them needs orders = false in "
                f"[shops.{self._name}]: sales are then presumed from counters)"
            )
            raise PortError(error.kind, message, retry_after=error.retry_after) from None

    def _lines(self, method: str, row: Mapping[str, Any]) -> list[OrderLine]:
        with expecting(f"{self._name}: {method}"):
            order = id_text(row["orderId"])
        with expecting(f"{self._name}: {method}: order {order}"):
            return list(lines_of(row, self._settings))


def _listed(result: Mapping[str, Any]) -> tuple[Sequence[Mapping[str, Any]], int]:
    total = whole(result["orderTotal"])
    if total is None:
        raise ValueError("orderTotal is no whole number")
    return objects(result.get("orderInfoList")), total
