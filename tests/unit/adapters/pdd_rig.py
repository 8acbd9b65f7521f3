"""A gateway of Pinduoduo that answers what a test scripts, and the channel in front of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from syncd.adapters.channels.pdd import PddChannel, PddSettings
from tests.unit.adapters.channel_rig import ScriptedGateway

URL = "https://pdd.test/api/router"
ACCOUNT = {"client_id": "app-id", "client_secret": "planted-secret", "access_token": "planted-token"}
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

LIST = "pdd.goods.list.get"
DETAIL = "pdd.goods.detail.get"
QUANTITY = "pdd.goods.quantity.update"
SWITCH = "pdd.goods.sale.status.set"

Form = Mapping[str, str]


class Gateway(ScriptedGateway[Form]):
    """Answers by type: a function of the form, or one answer after the other (the last one for ever).

    An answer is what stands inside the response, an `error_response` whole, bytes, or a whole response.
    """

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._router.post(URL).mock(side_effect=self._answer)

    def channel(self, **settings: Any) -> PddChannel:  # noqa: ANN401
        options = PddSettings.model_validate(ACCOUNT | {"url": URL} | settings)
        return PddChannel(options, "pin", self.http, now=lambda: NOW)

    def called(self, method: str) -> list[dict[str, str]]:
        return [form for form in self.forms if form["type"] == method]

    def enveloped(self, name: str, answer: Any) -> Any:  # noqa: ANN401
        if "error_response" in answer:
            return answer
        return {f"{name.removeprefix('pdd.').replace('.', '_')}_response": answer}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True))
        self.forms.append(form)
        return self.scripted(request, form["type"], form)


def refused(code: int, sub_msg: str = "", sub_code: str = "") -> dict[str, Any]:
    error = {"error_code": code, "error_msg": "no", "sub_code": sub_code or str(code), "sub_msg": sub_msg}
    return {"error_response": error | {"request_id": "r"}}


def sku(sku_id: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a SKU as lists show it."""
    shown = {
        "sku_id": sku_id,
        "sku_quantity": 5,
        "reserve_quantity": 0,
        "outer_id": f"C{sku_id}",
        "is_sku_onsale": 1,
    }
    return shown | fields


def goods(goods_id: int = 100, *skus: Mapping[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return goods as lists show them."""
    shown = {"goods_id": goods_id, "goods_name": "Tea", "goods_quantity": 9, "is_onsale": 1}
    return shown | ({"sku_list": list(skus)} if skus else {}) | fields


def listed(*rows: Mapping[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"total_count": len(rows) if total is None else total, "goods_list": list(rows)}


def detail(goods_id: int = 100, *skus: Mapping[str, Any], status: Any = 1) -> dict[str, Any]:  # noqa: ANN401
    """Return goods as their details show them; the SKUs are those of lists."""
    names = {"sku_quantity": "quantity", "outer_id": "out_sku_sn", "is_sku_onsale": "is_onsale"}
    rows = [{names.get(name, name): value for name, value in one.items()} for one in skus]
    shown = {"goods_id": goods_id, "goods_name": "Tea", "status": status}
    return shown | ({"sku_list": rows} if rows else {})
