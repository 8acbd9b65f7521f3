"""A gateway of JD that answers what a test scripts, and the channel in front of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from syncd.adapters.channels.jd import JdChannel, JdSettings
from syncd.domain.model import Action, ItemId, ListingId, Write
from tests.unit.adapters.channel_rig import ScriptedGateway

URL = "https://jd.test/routerjson"
OAUTH = "https://oauth.test/oauth2"
ACCOUNT = {"app_key": "jd-key", "app_secret": "planted-secret", "access_token": "planted-token"}
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

WARES = "jingdong.ware.read.searchWare4Valid"
SKUS = "jingdong.sku.read.searchSkuList"
STOCK = "jingdong.ware.stock.sku.query"
SET = "jingdong.ware.stock.sku.set"
SWITCH = "jingdong.ware.write.upOrDown"
SEARCH = "jingdong.pop.order.search"
ORDER = "jingdong.pop.order.get"

Params = Mapping[str, Any]


class Gateway(ScriptedGateway[Params]):
    """Answers by method: a function of what is asked, or one answer after the other (the last one for ever).

    An answer is what stands inside the response, an `error_response` whole, bytes, or a whole response.
    `renewal` answers the address of tokens.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.renewal: Any = {}
        self.renewals: list[dict[str, str]] = []
        self._router.post(url__startswith=URL).mock(side_effect=self._answer)
        self._router.get(url__startswith=f"{OAUTH}/refresh_token").mock(side_effect=self._renew)

    def channel(self, **settings: Any) -> JdChannel:  # noqa: ANN401
        options = JdSettings.model_validate(ACCOUNT | {"url": URL, "oauth_url": OAUTH} | settings)
        return JdChannel(options, "jd_shop", self.http, now=lambda: NOW)

    def asked(self, method: str) -> list[dict[str, Any]]:
        return [params for name, params in self.calls if name == method]

    def enveloped(self, name: str, answer: Any) -> Any:  # noqa: ANN401
        if "error_response" in answer:
            return answer
        return {f"{name.replace('.', '_')}_responce": {"code": "0"} | answer}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        method = request.url.params["method"]
        form = dict(parse_qsl(request.content.decode(), strict_parsing=True))
        params = json.loads(form["360buy_param_json"])
        self.calls.append((method, params))
        return self.scripted(request, method, params)

    def _renew(self, request: httpx.Request) -> httpx.Response:
        self.renewals.append(dict(request.url.params))
        if isinstance(self.renewal, httpx.Response):
            return self.renewal
        if isinstance(self.renewal, bytes):
            return httpx.Response(200, content=self.renewal)
        return httpx.Response(200, json=self.renewal)


def refused(code: object, text: str = "Some Reason") -> dict[str, Any]:
    return {"error_response": {"code": code, "zh_desc": "原因", "en_desc": text}}


def page(*rows: Mapping[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"page": {"data": list(rows), "totalItem": len(rows) if total is None else total}}


def sku(sku_id: int = 7, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {"wareId": 100, "skuId": sku_id, "outerId": f"C{sku_id}", "stockNum": 5, "status": 1}
    return shown | fields


def ware(ware_id: int = 100, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"wareId": ware_id, "title": "Tea", "wareStatus": 8} | fields


def stock(sku_id: int = 7, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the counter of one SKU in the whole country; what is None is left out."""
    row = {"storeId": 0, "stockNum": 5, "orderBookingNum": 2, "appBookingNum": 0} | fields
    shown = {name: value for name, value in row.items() if value is not None}
    return stocks(sku_id, shown)


def stocks(sku_id: int, *rows: Mapping[str, Any]) -> dict[str, Any]:
    obj = {"skuId": sku_id, "stockModel": "POP_SOP", "skuStockInfos": list(rows)}
    return {"returnType": {"success": True, "errorMessage": None, "obj": obj}}


def wrote(*rows: Mapping[str, Any], success: object = True, reason: str | None = None) -> dict[str, Any]:
    obj = {"updateStockResult": list(rows)}
    return {"returnType": {"success": success, "errorMessage": reason, "obj": obj}}


def done(sku_id: int) -> dict[str, Any]:
    return {"data": sku_id, "storeId": 0, "success": True, "message": None}


def failed(sku_id: int, message: str = "库存不足") -> dict[str, Any]:
    return {"data": sku_id, "storeId": 0, "success": False, "message": message}


def shop(gateway: Gateway, *skus: Mapping[str, Any], wares: Sequence[Mapping[str, Any]] = ()) -> None:
    """Let the gateway show a shop of so many SKUs, on one page; each has 5 units, 2 of them booked."""
    shown = list(skus) or [sku()]
    gateway.on(SKUS, page(*shown))
    gateway.on(WARES, page(*(list(wares) or [ware()])))
    gateway.on(STOCK, lambda params: stock(params["skuId"]))


def write(
    listing: str, value: int = 0, action: Action = Action.SET, *, item: str = "100", key: str = ""
) -> Write:
    key = key or f"{listing}-{value}"
    return Write(ListingId(listing), ItemId(item), action, value, None, key)
