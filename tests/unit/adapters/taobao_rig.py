"""A gateway of TOP that answers what a test scripts, and the channel in front of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import respx

from syncd.adapters.channels.taobao import TaobaoChannel, TaobaoSettings
from syncd.adapters.http import HttpClient
from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, Outcome, Write

URL = "https://top.test/router/rest"
ACCOUNT = {"app_key": "12345678", "app_secret": "helloworld", "session": "test-session"}
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

ONSALE = "taobao.items.onsale.get"
INVENTORY = "taobao.items.inventory.get"
DETAILS = "taobao.items.seller.list.get"
DETAIL = "taobao.item.seller.get"

Form = Mapping[str, str]
Scripted = Callable[[Form], Any] | Sequence[Any] | Mapping[str, Any] | bytes | httpx.Response


class Gateway:
    """Answers by method: a function of the form, or one answer after the other (the last one for ever).

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

    def channel(self, **settings: Any) -> TaobaoChannel:  # noqa: ANN401
        options = TaobaoSettings.model_validate(ACCOUNT | {"url": URL} | settings)
        http = HttpClient(httpx.MockTransport(self._router.async_handler))
        return TaobaoChannel(options, "tmall", http, now=lambda: NOW)

    def called(self, method: str) -> list[dict[str, str]]:
        return [form for form in self.forms if form["method"] == method]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True))
        self.requests.append(request)
        self.forms.append(form)
        script = self._scripts[form["method"]]
        answer: Any = script(form) if callable(script) else script
        if isinstance(script, list):
            answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer)
        if "error_response" in answer:
            return httpx.Response(200, json=answer)
        name = form["method"].removeprefix("taobao.").replace(".", "_")
        return httpx.Response(200, json={f"{name}_response": answer})


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


def write(listing: str, value: int = 0, action: Action = Action.SET, key: str = "") -> Write:
    return Write(
        listing=ListingId(listing),
        item=ItemId(listing.partition(":")[0]),
        action=action,
        value=value,
        base=None,
        key=key or f"{listing}-{value}",
    )


async def observed(channel: TaobaoChannel, ids: Sequence[str] | None = None) -> list[ObservedListing]:
    asked = None if ids is None else [ListingId(key) for key in ids]
    return [listing async for page in channel.observe(asked) for listing in page]


async def pushed(channel: TaobaoChannel, *writes: Write) -> list[Outcome]:
    return list(await channel.push(writes))
