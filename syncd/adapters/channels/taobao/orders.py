"""The orders of a shop, by the calls of TOP for trades."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncd.adapters.channels.taobao.client import TopClient, TopRefused
from syncd.adapters.channels.taobao.reading import listed
from syncd.adapters.channels.taobao.settings import TaobaoSettings
from syncd.adapters.channels.taobao.trades import TRADE_FIELDS, lines_of
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window
from syncd.adapters.wire.feed import WindowFeed
from syncd.adapters.wire.top import beijing
from syncd.adapters.wire.values import id_text, plain
from syncd.domain.orders import OrderLine
from syncd.errors import Kind

_CHANGED = "taobao.trades.sold.increment.get"
_TRADE = "taobao.trade.fullinfo.get"


class TradeFeed(WindowFeed):
    """`OrderFeed` of one shop; a line is a sub-order, stamped with the last change of its trade.

    TOP lists what changed in a window of time; that one may not end in the future is nowhere documented,
    and a platform whose clock is ahead has trades there. One that took trades in while it was read is read
    again by halves, until the restless part fits on a page.
    """

    one = _TRADE
    noun = "trade"

    def __init__(self, settings: TaobaoSettings, name: str, client: TopClient) -> None:
        super().__init__(name, longest=settings.order_window)
        self._settings = settings
        self._client = client

    def _countdown(self, window: Window) -> Countdown:
        place = f"{self._name}: {_CHANGED} ({beijing(window.begin)} to {beijing(window.end)})"
        return Countdown(place, page_size=self._settings.order_page_size, what="trades")

    async def _page(self, window: Window, pages: Countdown) -> Sequence[OrderLine]:
        params = {
            "fields": TRADE_FIELDS,
            "type": ",".join(self._settings.order_types),
            "start_modified": beijing(window.begin),
            "end_modified": beijing(window.end),
            "page_no": str(pages.page),
            "page_size": str(self._settings.order_page_size),
            "use_has_next": "false",
        }
        body = await self._call(_CHANGED, params)
        with expecting(f"{self._name}: {_CHANGED}"):
            trades, total = listed(body, "trades")
            shown = [Row(id_text(trade["tid"]), plain(trade["modified"])) for trade in trades]
        pages.take(shown, total)
        return self._lines(_CHANGED, trades)

    async def _order(self, order_id: str) -> Mapping[str, Any] | None:
        try:
            body = await self._call(_TRADE, {"fields": TRADE_FIELDS, "tid": order_id})
        except TopRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        with expecting(f"{self._name}: {_TRADE}: trade {order_id}"):
            trade: Mapping[str, Any] = body["trade"]
            if id_text(trade["tid"]) != order_id:
                raise ValueError("the answer speaks of another trade")
            return trade

    async def _call(self, method: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            return await self._client.call(method, params, writes=False)
        except TopRefused as error:
            if error.kind is not Kind.PERMISSION:
                raise
            raise self._not_permitted(
                error, f"the one for orders, 订单管理, with {_CHANGED} and {_TRADE}"
            ) from None

    def _id_of(self, order: Mapping[str, Any]) -> str:
        return id_text(order["tid"])

    def _lines_of(self, order: Mapping[str, Any]) -> Iterable[OrderLine]:
        return lines_of(order, self._settings)
