"""A gateway of IOP that answers what a test scripts, and the channel in front of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from syncd.adapters.channels.aliexpress import AliexpressChannel, AliexpressSettings
from tests.unit.adapters.channel_rig import ScriptedGateway

URL = "https://iop.test"
ACCOUNT = {"app_key": "500000", "app_secret": "testsecret", "access_token": "test-session"}
NOW = datetime.fromtimestamp(1763604000, UTC)

LIST = "aliexpress.solution.product.list.get"
PRODUCT = "aliexpress.solution.product.info.get"
UPDATE = "aliexpress.solution.batch.product.inventory.update"
OFFLINE = "aliexpress.postproduct.redefining.offlineaeproduct"
ONLINE = "aliexpress.postproduct.redefining.onlineaeproduct"
REFRESH = "/auth/token/refresh"

Form = Mapping[str, str]


class Gateway(ScriptedGateway[Form]):
    """Answers by method: a function of the form, or one answer after the other (the last one for ever).

    An answer is what stands inside the response, an error whole, bytes, or a whole response. A call by a path
    goes by the path, and its answer is whole.
    """

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.now = NOW
        self.on(LIST, listed())
        self._router.post(f"{URL}/sync").mock(side_effect=self._answer)
        self._router.post(f"{URL}/rest{REFRESH}").mock(side_effect=self._answer)

    def channel(self, **settings: Any) -> AliexpressChannel:  # noqa: ANN401
        options = AliexpressSettings.model_validate(ACCOUNT | {"url": URL} | settings)
        return AliexpressChannel(options, "ali", self.http, now=lambda: self.now)

    def called(self, method: str) -> list[dict[str, str]]:
        return [form for form in self.forms if form.get("method") == method]

    def enveloped(self, name: str, answer: Any) -> Any:  # noqa: ANN401
        if name == REFRESH or "error_response" in answer or "code" in answer:
            return answer
        return {f"{name.replace('.', '_')}_response": answer}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True))
        self.forms.append(form)
        return self.scripted(request, form.get("method", REFRESH), form)


def refused(code: str, message: str = "no", **more: str) -> dict[str, Any]:
    return {"code": code, "message": message, "request_id": "r1", **more}


def listed(*products: int, total: int | None = None) -> dict[str, Any]:
    """Return a page of products."""
    rows = [{"product_id": product} for product in products]
    count = len(rows) if total is None else total
    wrapped = {"aeop_a_e_product_display_d_t_o_list": {"item_display_dto": rows}} if rows else {}
    return {"result": {"success": True, "product_count": count, "current_page": 1, "total_page": 1} | wrapped}


def sku(code: str = "A", **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {"id": "14:1", "sku_code": code, "ipm_sku_stock": 5, "sku_stock": True} | fields
    return {key: value for key, value in shown.items() if value is not None}


def product(*skus: Mapping[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {"reduce_strategy": "place_order_withhold", "subject": "Tea"} | fields
    wrapped = {"aeop_ae_product_s_k_us": {"global_aeop_ae_product_sku": list(skus or [sku()])}}
    return {"result": shown | wrapped}


def shop(gateway: Gateway, **products: Sequence[int]) -> None:
    """Let the lists of the statuses show these products, on one page each, whatever code is asked for."""

    def page(form: Form) -> dict[str, Any]:
        status = json.loads(form["aeop_a_e_product_list_query"])["product_status_type"]
        return listed(*products.get(status, ()))

    gateway.on(LIST, page)


def updated(done: Sequence[int] = (), failed: Mapping[int, str] | None = None) -> dict[str, Any]:
    """Return the answer to a write: products that were done, and codes of those that failed."""
    name = "synchronize_product_response_dto"
    bad = [
        {"product_id": one, "error_code": code, "error_message": "why"}
        for one, code in (failed or {}).items()
    ]
    answer: dict[str, Any] = {"update_success": not bad}
    if done:
        answer["update_successful_list"] = {name: [{"product_id": one} for one in done]}
    return answer | ({"update_failed_list": {name: bad}} if bad else {})


def switched(count: int = 1, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"result": {"modify_count": count, "success": True} | fields}
