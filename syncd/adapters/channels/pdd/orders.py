"""The orders of a shop, by Pinduoduo's calls for them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncd.adapters.channels.pdd.client import PddClient, PddRefused
from syncd.adapters.channels.pdd.lines import is_order_sn, lines_of, order_sn, stamp
from syncd.adapters.channels.pdd.reading import count
from syncd.adapters.channels.pdd.settings import PddSettings
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window
from syncd.adapters.wire.feed import WindowFeed
from syncd.adapters.wire.values import objects
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError

_CHANGED = "pdd.order.number.list.increment.get"
_ORDER = "pdd.order.information.get"

_ALL = {"order_status": "5", "refund_status": "5", "is_lucky_flag": "0"}
"""What asks for orders of every status, with and without refunds, and of lotteries too."""


class PddOrders(WindowFeed):
    """`OrderFeed` of one shop.

    The platform tells of orders once they are paid and their group is complete; units of earlier ones are
    only seen as withheld. It lists what changed in a window of time, the last change first.
    """

    one = _ORDER

    def __init__(self, settings: PddSettings, name: str, client: PddClient) -> None:
        super().__init__(name, longest=settings.order_window)
        self._settings = settings
        self._client = client

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

    async def _order(self, order_id: str) -> Mapping[str, Any] | None:
        try:
            body = await self._call(_ORDER, {"order_sn": order_id})
        except PddRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            if not error.is_of_service:
                raise
            message = f"{error} (order {order_id}; if the code means that there is none, say so in errors)"
            raise PortError(error.kind, message) from None
        with expecting(f"{self._name}: {_ORDER}: order {order_id}"):
            # Whether the order stands there itself or one level below is not documented.
            order: Mapping[str, Any] = body.get("order_info", body)
            if order_sn(order) != order_id:
                raise ValueError("the answer speaks of another order")
            return order

    async def _call(self, method: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            return await self._client.call(method, params, writes=False)
        except PddRefused as error:
            if error.kind is not Kind.PERMISSION:
                raise
            raise self._not_permitted(error, f"the one for orders, with {_CHANGED} and {_ORDER}") from None

    def _id_of(self, order: Mapping[str, Any]) -> str:
        return order_sn(order)

    def _lines_of(self, order: Mapping[str, Any]) -> Iterable[OrderLine]:
        return lines_of(order, self._settings)

    def _is_order(self, text: str) -> bool:
        return is_order_sn(text)
