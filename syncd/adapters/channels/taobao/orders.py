"""The orders of a shop, by the calls of TOP for trades."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.taobao.client import TopClient, TopRefused
from syncd.adapters.channels.taobao.reading import listed
from syncd.adapters.channels.taobao.settings import TaobaoSettings
from syncd.adapters.channels.taobao.trades import TRADE_FIELDS, lines_of
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Countdown, Row, Window, backwards, windows
from syncd.adapters.wire.top import beijing
from syncd.adapters.wire.values import id_text, is_id, plain
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError

_CHANGED = "taobao.trades.sold.increment.get"
_TRADE = "taobao.trade.fullinfo.get"


class TradeFeed:
    """`OrderFeed` of one shop; a line is a sub-order, stamped with the last change of its trade.

    TOP lists what changed in a window of time; that one may not end in the future is nowhere documented,
    and a platform whose clock is ahead has trades there. One that took trades in while it was read is read
    again by halves, until the restless part fits on a page.
    """

    def __init__(self, settings: TaobaoSettings, name: str, client: TopClient) -> None:
        self._settings = settings
        self._name = name
        self._client = client
        self._longest = timedelta(seconds=settings.order_window)

    def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield every line of every trade that changed from `since` to `until`, a page at a time.

        Raises:
            PortError: a call failed, or trades came in faster than they could be read.
        """
        spans = windows(since, until, self._longest)
        return backwards(spans, countdown=self._countdown, read=self._page)

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named trades, one call each; TOP forgets those of three months ago.

        Raises:
            PortError: a call failed.
        """
        found: list[OrderLine] = []
        for tid in dict.fromkeys(orders):
            trade = await self._trade(tid) if is_id(tid) else None
            if trade is not None:
                found += self._lines(_TRADE, [trade])
        return found

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

    async def _trade(self, tid: str) -> Mapping[str, Any] | None:
        try:
            body = await self._call(_TRADE, {"fields": TRADE_FIELDS, "tid": tid})
        except TopRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        with expecting(f"{self._name}: {_TRADE}: trade {tid}"):
            trade: Mapping[str, Any] = body["trade"]
            if id_text(trade["tid"]) != tid:
                raise ValueError("the answer speaks of another trade")
            return trade

    async def _call(self, method: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            return await self._client.call(method, params, writes=False)
        except TopRefused as error:
            if error.kind is not Kind.PERMISSION:
                raise
            message = (
                f"{error} (the one for orders, 订单管理, with {_CHANGED} and {_TRADE}; an app that does not "
                f"get it needs orders = false in [shops.{self._name}]: sales are then presumed from counters)"
            )
            raise PortError(error.kind, message, retry_after=error.retry_after) from None

    def _lines(self, method: str, trades: Iterable[Mapping[str, Any]]) -> list[OrderLine]:
        lines: list[OrderLine] = []
        for trade in trades:
            with expecting(f"{self._name}: {method}"):
                tid = id_text(trade["tid"])
            with expecting(f"{self._name}: {method}: trade {tid}"):
                lines += lines_of(trade, self._settings)
        return lines
