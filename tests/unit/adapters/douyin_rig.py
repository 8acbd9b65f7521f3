"""A gateway of Douyin's that answers what a test scripts, and the channel in front of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import respx

from syncd.adapters.channels.douyin import DouyinChannel, DouyinSettings
from syncd.adapters.http import HttpClient
from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine

URL = "https://shop.test"
ACCOUNT = {
    "app_key": "7000000000000000001",
    "app_secret": "test-app-secret",
    "access_token": "test-token",
    "refresh_token": "test-refresh",
}
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SECOND = int(NOW.timestamp())

LIST, DETAIL, SKUS = "/product/listV2", "/product/detail", "/sku/list"
ROWS, PRODUCT, SKU = "/sku/syncStockBatchMultiProducts", "/sku/syncStockBatch", "/sku/syncStock"
OFF, ON = "/product/setOffline", "/product/setOnline"
CHANGED, ONE = "/order/searchList", "/order/orderDetail"
REFRESH = "/token/refresh"

Params = Mapping[str, Any]
Scripted = Callable[[Params], Any] | list[Any] | Mapping[str, Any] | bytes | httpx.Response


class Gateway:
    """Answers by path: a function of the parameters, a `Script`, or always the same.

    An answer is what stands in `data`, one with a `code` or an `err_no` whole, bytes, or a whole response.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[httpx.Request] = []
        self._scripts: dict[str, Scripted] = {}
        self._router = respx.MockRouter(assert_all_called=False)
        self._router.post(url__startswith=URL).mock(side_effect=self._answer)

    def on(self, path: str, answer: Scripted) -> None:
        self._scripts[path] = answer

    def channel(self, **settings: Any) -> DouyinChannel:  # noqa: ANN401
        options = DouyinSettings.model_validate(ACCOUNT | {"url": URL} | settings)
        http = HttpClient(httpx.MockTransport(self._router.async_handler))
        return DouyinChannel(options, "dou", http, now=lambda: NOW)

    def called(self, path: str) -> list[dict[str, Any]]:
        return [params for name, params in self.calls if name == path]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        params = json.loads(request.content)
        path = request.url.path
        self.requests.append(request)
        self.calls.append((path, params))
        script = self._scripts[path]
        answer: Any = script(params) if callable(script) else script
        if isinstance(script, Script):
            answer = script.next()
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer)
        if isinstance(answer, Mapping) and answer.keys() & {"code", "err_no"} and "data" in answer:
            return httpx.Response(200, json=answer)
        return httpx.Response(200, json={"code": 10000, "msg": "success", "data": answer, "log_id": "L1"})


class Script(list[Any]):
    """One answer after the other, the last one for ever."""

    def next(self) -> Any:  # noqa: ANN401
        return self.pop(0) if len(self) > 1 else self[0]


def refused(code: int, sub_code: str = "", sub_msg: str = "") -> dict[str, Any]:
    return {"code": code, "msg": "failed", "sub_code": sub_code, "sub_msg": sub_msg, "data": None}


def listed(*products: Mapping[str, Any], total: int | None = None) -> dict[str, Any]:
    """Return a page of products."""
    shown = len(products) if total is None else total
    return {"data": list(products), "total": shown, "page": 1, "size": 100}


def product(product_id: int = 100, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"product_id": product_id, "status": 0, "check_status": 3} | fields


def sku(sku_id: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {
        "id": sku_id,
        "code": f"C{sku_id}",
        "out_sku_id": 0,
        "sku_type": 0,
        "stock_num": 5,
        "prehold_stock_num": 0,
    }
    return {key: value for key, value in (shown | fields).items() if value is not ...}


def write(listing: str, value: int = 0, action: Action = Action.SET, key: str = "") -> Write:
    return Write(
        listing=ListingId(listing),
        item=ItemId(listing.partition(":")[0]),
        action=action,
        value=value,
        base=None,
        key=key or f"{listing}-{value}",
    )


async def observed(channel: DouyinChannel, ids: Sequence[str] | None = None) -> list[ObservedListing]:
    asked = None if ids is None else [ListingId(key) for key in ids]
    return [listing async for page in channel.observe(asked) for listing in page]


async def pushed(channel: DouyinChannel, *writes: Write) -> list[Outcome]:
    return list(await channel.push(writes))


def order_row(order_id: int = 11, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {
        "order_id": str(order_id),
        "parent_order_id": "1",
        "product_id": 100,
        "sku_id": 7,
        "out_sku_id": 0,
        "code": "1-ABC",
        "item_num": 2,
        "order_status": 2,
        "reduce_stock_type": 1,
        "after_sale_info": {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0},
    }
    return {key: value for key, value in (shown | fields).items() if value is not ...}


def order(order_id: int = 1, *rows: Mapping[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {
        "order_id": str(order_id),
        "order_status": 2,
        "main_status": 2,
        "create_time": SECOND,
        "pay_time": SECOND + 60,
        "update_time": SECOND + 60,
        "finish_time": 0,
        "sku_order_list": list(rows) or [order_row(order_id * 10 + 1)],
    }
    return {key: value for key, value in (shown | fields).items() if value is not ...}


async def told(channel: DouyinChannel, since: datetime, until: datetime) -> list[OrderLine]:
    return [line async for page in channel.orders(since=since, until=until) for line in page]
