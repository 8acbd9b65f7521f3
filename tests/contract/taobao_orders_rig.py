"""A small gateway of TOP for orders, by our own reading of its documents; bytes without a server."""

import asyncio
import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import respx

from syncd.adapters.channels.taobao import TaobaoChannel, TaobaoSettings
from syncd.adapters.http import HttpClient
from tests.contract.channel_contract import Fault
from tests.contract.taobao_rig import APP_KEY, APP_SECRET, signature
from tests.unit.adapters.taobao_trades_rig import Shelf, top

_URL = "https://top.test/router/rest"
_FIRST = 9_007_199_254_740_993
"""The first whole number that a float cannot hold."""

_BAN = "This ban will last for 7 more seconds"

_BODIES = {
    Fault.THROTTLED: b'{"error_response":{"code":7,"msg":"App Call Limited"}}',
    Fault.THROTTLED_FOR_7_SECONDS: f'{{"error_response":{{"code":7,"sub_msg":"{_BAN}"}}}}'.encode(),
    Fault.BAD_TOKEN: b'{"error_response":{"code":27,"msg":"Invalid session","sub_msg":"hush-hush-token"}}',
    Fault.FORBIDDEN: b'{"error_response":{"code":11,"msg":"Insufficient isv permissions"}}',
    Fault.MALFORMED: b'{"trades":[7],"total_results":1}',
    Fault.TRUNCATED: b'{"trades_sold_increment_get_response":{"total_results":0,',
    Fault.HTML: b"<html></html>",
    Fault.HUGE: b"{}" + b" " * 300_000,
}


class SmallTrades:
    """The calls of TOP for orders; every listing of an order is a sub-order."""

    def __init__(self, session: str) -> None:
        self.arrived = asyncio.Event()
        self._session = session
        self._shelf = Shelf()
        self._calls = 0
        self._fault: Fault | None = None
        self._router = respx.MockRouter(assert_all_called=False)
        self._router.post(_URL).mock(side_effect=self._serve)

    def channel(self) -> TaobaoChannel:
        """Return a shop's channel whose pages hold five orders."""
        account = {"url": _URL, "app_key": APP_KEY, "app_secret": APP_SECRET, "session": self._session}
        options = {"order_page_size": 5, "timeout": "50ms", "max_bytes": 200_000}
        settings = TaobaoSettings.model_validate(account | options)
        http = HttpClient(httpx.MockTransport(self._router.async_handler))
        return TaobaoChannel(settings, "small", http, now=lambda: datetime.fromisoformat("2026-11-21T00:00Z"))

    # --- buyers and the seller -----------------------------------------------------------------------------

    def order(self, *wanted: tuple[str, int], at: datetime) -> str:
        tid = _FIRST + 100 * len(self._shelf.trades)
        subs = [self._sub(tid + number, *each) for number, each in enumerate(wanted, start=1)]
        self._shelf.trades[tid] = {
            "tid": tid,
            "type": "fixed",
            "status": "WAIT_BUYER_PAY",
            "num": 1,
            "created": top(at),
            "modified": top(at),
            "buyer_nick": "planted",
            "orders": {"order": subs},
        }
        return str(tid)

    def pay(self, order: str, *, at: datetime) -> None:
        self._move(order, "WAIT_SELLER_SEND_GOODS", at=at, pay_time=top(at))

    def cancel(self, order: str, *, at: datetime) -> None:
        is_paid = "pay_time" in self._shelf.trades[int(order)]
        status = "TRADE_CLOSED" if is_paid else "TRADE_CLOSED_BY_TAOBAO"
        self._move(order, status, at=at, end_time=top(at))

    def ship(self, order: str, *lines: str, at: datetime) -> None:
        shown = self._move(order, None, at=at, consign_time=top(at))
        for sub in shown["orders"]["order"]:
            if not lines or str(sub["oid"]) in lines:
                sub |= {"status": "WAIT_BUYER_CONFIRM_GOODS", "consign_time": top(at)}
        states = {sub["status"] for sub in shown["orders"]["order"]}
        shown["status"] = "WAIT_BUYER_CONFIRM_GOODS" if len(states) == 1 else "SELLER_CONSIGNED_PART"

    def finish(self, order: str, *, at: datetime) -> None:
        self._move(order, "TRADE_FINISHED", at=at, end_time=top(at))

    def ask_refund(self, line: str, *, at: datetime) -> None:
        self._line(line, at=at)["refund_status"] = "WAIT_SELLER_AGREE"

    def refund(self, line: str, *, at: datetime) -> None:
        closed = {"status": "TRADE_CLOSED", "refund_status": "SUCCESS", "end_time": top(at)}
        self._line(line, at=at).update(closed)

    def calls(self) -> int:
        return self._calls

    def fail(self, fault: Fault) -> None:
        self._fault = fault

    # --- the wire ------------------------------------------------------------------------------------------

    async def _serve(self, request: httpx.Request) -> httpx.Response:
        self._calls += 1
        form = dict(parse_qsl(request.content.decode(), strict_parsing=True))
        assert form["sign"] == signature(form)
        assert form["session"] == self._session
        fault, self._fault = self._fault, None
        if fault in {Fault.RESET, Fault.LOST_REPLY}:
            raise httpx.ReadError("reset", request=request)
        if fault is Fault.HANGING:
            self.arrived.set()
            await asyncio.Event().wait()
        if fault is not None:
            return httpx.Response(502 if fault is Fault.SERVER_ERROR else 200, content=_BODIES.get(fault))
        method = form["method"].removeprefix("taobao.")
        content = {"trades.sold.increment.get": self._shelf.page, "trade.fullinfo.get": self._shelf.full}
        answer = content[method](form)
        key = f"{method.replace('.', '_')}_response"
        return httpx.Response(
            200, content=json.dumps(answer if "error_response" in answer else {key: answer})
        )

    def _sub(self, oid: int, listing: str, units: int) -> dict[str, Any]:
        item, _, sku = listing.partition(":")
        shown: dict[str, Any] = {
            "oid": oid,
            "num_iid": int(item),
            "num": units,
            "status": "WAIT_BUYER_PAY",
            "refund_status": "NO_REFUND",
        }
        return shown | ({"sku_id": sku} if sku else {})

    def _move(self, order: str, status: str | None, *, at: datetime, **fields: str) -> dict[str, Any]:
        shown = self._shelf.trades[int(order)]
        shown |= fields | {"modified": top(at)}
        if status is not None:
            shown["status"] = status
            for sub in shown["orders"]["order"]:
                sub["status"] = status
        return shown

    def _line(self, line: str, *, at: datetime) -> dict[str, Any]:
        for shown in self._shelf.trades.values():
            for sub in shown["orders"]["order"]:
                if str(sub["oid"]) == line:
                    shown["modified"] = top(at)
                    found: dict[str, Any] = sub
                    return found
        raise KeyError(line)
