"""A gateway of TOP that answers what a test scripts, and the channel in front of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from syncd.adapters.channels.taobao import TaobaoChannel, TaobaoSettings
from tests.unit.adapters.channel_rig import ScriptedGateway

URL = "https://top.test/router/rest"
ACCOUNT = {"app_key": "12345678", "app_secret": "helloworld", "session": "test-session"}
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

ONSALE = "taobao.items.onsale.get"
INVENTORY = "taobao.items.inventory.get"
DETAILS = "taobao.items.seller.list.get"
DETAIL = "taobao.item.seller.get"

Form = Mapping[str, str]


class Gateway(ScriptedGateway[Form]):
    """Answers by method: a function of the form, or one answer after the other (the last one for ever).

    An answer is what stands inside the response, an `error_response` whole, bytes, or a whole response.
    """

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._router.post(URL).mock(side_effect=self._answer)

    def channel(self, **settings: Any) -> TaobaoChannel:  # noqa: ANN401
        options = TaobaoSettings.model_validate(ACCOUNT | {"url": URL} | settings)
        return TaobaoChannel(options, "tmall", self.http, now=lambda: NOW)

    def called(self, method: str) -> list[dict[str, str]]:
        return [form for form in self.forms if form["method"] == method]

    def enveloped(self, name: str, answer: Any) -> Any:  # noqa: ANN401
        if "error_response" in answer:
            return answer
        return {f"{name.removeprefix('taobao.').replace('.', '_')}_response": answer}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True))
        self.forms.append(form)
        return self.scripted(request, form["method"], form)


def refused(code: int, sub_code: str = "", sub_msg: str = "") -> dict[str, Any]:
    error = {"code": code, "msg": "Remote service error", "sub_code": sub_code, "sub_msg": sub_msg}
    return {"error_response": error}


def listed(*rows: tuple[int, str], total: int | None = None) -> dict[str, Any]:
    """Return a page of items with the time of their last change."""
    items = [{"num_iid": item, "modified": time} for item, time in rows]
    return {"total_results": len(rows) if total is None else total, "items": {"item": items}}


def details(*items: Mapping[str, Any]) -> dict[str, Any]:
    return {"items": {"item": list(items)}}


def sku(sku_id: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"sku_id": sku_id, "outer_id": f"C{sku_id}", "quantity": 5, "status": "normal"} | fields


def item(num_iid: int = 100, *skus: Mapping[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {"num_iid": num_iid, "title": "Tea", "outer_id": "T", "num": 9, "approve_status": "onsale"}
    return shown | ({"skus": {"sku": list(skus)}} if skus else {}) | fields
