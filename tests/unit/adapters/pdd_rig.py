"""A gateway of Pinduoduo that answers what a test scripts, and the channel in front of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import respx

from syncd.adapters.channels.pdd import PddChannel, PddSettings
from syncd.adapters.http import HttpClient
from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, Outcome, Write

URL = "https://pdd.test/api/router"
ACCOUNT = {"client_id": "app-id", "client_secret": "planted-secret", "access_token": "planted-token"}
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

LIST = "pdd.goods.list.get"
DETAIL = "pdd.goods.detail.get"
QUANTITY = "pdd.goods.quantity.update"
SWITCH = "pdd.goods.sale.status.set"

Form = Mapping[str, str]
Scripted = Callable[[Form], Any] | Sequence[Any] | Mapping[str, Any] | bytes | httpx.Response


class Gateway:
    """Answers by type: a function of the form, or one answer after the other (the last one for ever).

    An answer is what stands inside the response, an `error_response` whole, bytes, or a whole response.
    """

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.requests: list[httpx.Request] = []
        self._scripts: dict[str, Scripted] = {}
        self._router = respx.MockRouter(assert_all_called=False)
        self._router.post(URL).mock(side_effect=self._answer)

    def on(self, method: str, answer: Scripted) -> None:
        self._scripts[method] = answer

    def channel(self, **settings: Any) -> PddChannel:  # noqa: ANN401
        options = PddSettings.model_validate(ACCOUNT | {"url": URL} | settings)
        http = HttpClient(httpx.MockTransport(self._router.async_handler))
        return PddChannel(options, "pin", http, now=lambda: NOW)

    def called(self, method: str) -> list[dict[str, str]]:
        return [form for form in self.forms if form["type"] == method]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True))
        self.requests.append(request)
        self.forms.append(form)
        script = self._scripts[form["type"]]
        answer: Any = script(form) if callable(script) else script
        if isinstance(script, list):
            answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer)
        if "error_response" in answer:
            return httpx.Response(200, json=answer)
        name = form["type"].removeprefix("pdd.").replace(".", "_")
        return httpx.Response(200, json={f"{name}_response": answer})


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


def write(listing: str, value: int = 0, action: Action = Action.SET) -> Write:
    return Write(
        listing=ListingId(listing),
        item=ItemId(listing.partition(":")[0]),
        action=action,
        value=value,
        base=None,
        key=f"{listing}-{value}",
    )


async def observed(channel: PddChannel, ids: Sequence[str] | None = None) -> list[ObservedListing]:
    asked = None if ids is None else [ListingId(key) for key in ids]
    return [listing async for page in channel.observe(asked) for listing in page]


async def pushed(channel: PddChannel, *writes: Write) -> list[Outcome]:
    return list(await channel.push(writes))
