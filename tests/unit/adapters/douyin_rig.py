"""A gateway of Douyin's that answers what a test scripts, and the channel in front of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from syncd.adapters.channels.douyin import DouyinChannel, DouyinSettings
from tests.unit.adapters.channel_rig import ScriptedGateway

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


class Script(list[Any]):
    """One answer after the other, the last one for ever."""


class Gateway(ScriptedGateway[Params]):
    """Answers by path: a function of the parameters, a `Script`, or always the same.

    An answer is what stands in `data`, one with a `code` or an `err_no` whole, bytes, or a whole response.
    """

    answers = Script

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._router.post(url__startswith=URL).mock(side_effect=self._answer)

    def channel(self, **settings: Any) -> DouyinChannel:  # noqa: ANN401
        options = DouyinSettings.model_validate(ACCOUNT | {"url": URL} | settings)
        return DouyinChannel(options, "dou", self.http, now=lambda: NOW)

    def called(self, path: str) -> list[dict[str, Any]]:
        return [params for name, params in self.calls if name == path]

    def enveloped(self, name: str, answer: Any) -> Any:  # noqa: ANN401, ARG002 - no answer names its call
        if isinstance(answer, Mapping) and answer.keys() & {"code", "err_no"} and "data" in answer:
            return answer
        return {"code": 10000, "msg": "success", "data": answer, "log_id": "L1"}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        params = json.loads(request.content)
        path = request.url.path
        self.calls.append((path, params))
        return self.scripted(request, path, params)


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
