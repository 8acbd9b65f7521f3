"""The orders of a shop, by the calls of JD for them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncd.adapters.channels.jd.client import JdClient, JdRefused
from syncd.adapters.channels.jd.lines import ORDER_FIELDS, lines_of
from syncd.adapters.channels.jd.reading import flag
from syncd.adapters.channels.jd.settings import JdSettings
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window
from syncd.adapters.wire.feed import WindowFeed
from syncd.adapters.wire.jd import JdRefusal, beijing
from syncd.adapters.wire.values import as_object, id_text, objects, plain, whole
from syncd.domain.orders import OrderLine
from syncd.errors import Kind

_SEARCH = "jingdong.pop.order.search"
_GET = "jingdong.pop.order.get"

_BY_CHANGE = "0"
_NEWEST_FIRST = "1"


class OrderPages(WindowFeed):
    """`OrderFeed` of one shop; a line is what one order has of one SKU.

    JD lists what changed in a window of time, the last change first, as it is asked to. Nothing says that
    this order holds for orders by their change; a window that took orders in while it was read is read again
    by halves, until the restless part fits on a page.
    """

    one = _GET

    def __init__(self, settings: JdSettings, name: str, client: JdClient) -> None:
        super().__init__(name, longest=settings.order_window)
        self._settings = settings
        self._client = client

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
        return self._lines(_SEARCH, found)

    async def _order(self, order_id: str) -> Mapping[str, Any] | None:
        params = {"order_id": order_id, "optional_fields": ORDER_FIELDS}
        try:
            body = await self._call(_GET, params)
            with expecting(f"{self._name}: {_GET}: order {order_id}"):
                result = as_object(body["orderDetailInfo"])
                self._accepted(_GET, result)
                if result["orderInfo"] is None:
                    return None
                row = as_object(result["orderInfo"])
                if id_text(row["orderId"]) != order_id:
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
            raise self._not_permitted(error, f"the one for the orders of {method}") from None

    def _id_of(self, order: Mapping[str, Any]) -> str:
        return id_text(order["orderId"])

    def _lines_of(self, order: Mapping[str, Any]) -> Iterable[OrderLine]:
        return lines_of(order, self._settings)


def _listed(result: Mapping[str, Any]) -> tuple[Sequence[Mapping[str, Any]], int]:
    total = whole(result["orderTotal"])
    if total is None:
        raise ValueError("orderTotal is no whole number")
    return objects(result.get("orderInfoList")), total
