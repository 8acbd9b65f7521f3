"""Orders as AliExpress shows them, and a list of them that changes while it is read."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from syncd.adapters.channels.aliexpress import AliexpressChannel
from syncd.domain.orders import OrderLine
from tests.unit.adapters.aliexpress_rig import Form, Gateway
from tests.unit.adapters.channel_rig import lines_told

CHANGED = "aliexpress.solution.order.get"
DETAIL = "aliexpress.solution.order.info.get"

BEGIN = datetime(2025, 11, 20, 2, 0, tzinfo=UTC)
"""Six in the evening of the day before, in Los Angeles."""

_PACIFIC = ZoneInfo("America/Los_Angeles")


def local(moment: datetime) -> str:
    """Return a time as the platform writes it."""
    return moment.astimezone(_PACIFIC).strftime("%Y-%m-%d %H:%M:%S")


def after(seconds: float) -> datetime:
    """Return the time so many seconds after the beginning."""
    return BEGIN + timedelta(seconds=seconds)


def child(child_id: int = 11, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {"child_id": child_id, "product_id": 100, "sku_code": "1-ABC", "product_count": 2}
    return {key: value for key, value in (shown | fields).items() if value is not None}


def order(order_id: int = 1, *children: Mapping[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    rows = list(children) or [child(order_id * 10 + 1)]
    shown = {
        "order_id": order_id,
        "order_status": "WAIT_SELLER_SEND_GOODS",
        "fund_status": "PAY_SUCCESS",
        "gmt_create": local(BEGIN),
        "gmt_pay_time": local(after(60)),
        "gmt_update": local(after(60)),
        "product_list": {"order_product_dto": rows},
    }
    return {key: value for key, value in (shown | fields).items() if value is not None}


class Shelf:
    """Orders by id, listed as the platform does: those of a window, the last change first.

    `meanwhile` runs before a call of this number is answered (the first is 1).
    """

    def __init__(self, *orders: Mapping[str, Any]) -> None:
        self.orders: dict[int, dict[str, Any]] = {each["order_id"]: dict(each) for each in orders}
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.asked: list[dict[str, Any]] = []

    def put(self, order_id: int, changed: datetime) -> None:
        """Let an order change, or be made, at a time."""
        self.orders[order_id] = order(order_id, gmt_update=local(changed))

    def page(self, form: Form) -> dict[str, Any]:
        """Answer a call for what changed in a window."""
        query = json.loads(form["param0"])
        self.asked.append(query)
        self.meanwhile.get(len(self.asked), lambda: None)()
        begin, end = query["modified_date_start"], query["modified_date_end"]
        due = [each for each in self.orders.values() if begin <= each["gmt_update"] <= end]
        due.sort(key=lambda each: (each["gmt_update"], each["order_id"]), reverse=True)
        first = (query["current_page"] - 1) * query["page_size"]
        shown = due[first : first + query["page_size"]]
        wrapped = {"target_list": {"order_dto": shown}} if shown else {}
        return {"result": {"success": True, "total_count": len(due)} | wrapped}


def shelved(gateway: Gateway, *orders: Mapping[str, Any]) -> Shelf:
    """Return a shelf from which a gateway answers."""
    shelf = Shelf(*orders)
    gateway.on(CHANGED, shelf.page)
    return shelf


async def told(
    channel: AliexpressChannel, since: datetime = BEGIN, until: datetime | None = None
) -> list[OrderLine]:
    """Return every line that the feed yields, of a quarter of an hour unless told otherwise."""
    until = since + timedelta(minutes=15) if until is None else until
    return await lines_told(channel, since, until)


def ids(lines: Sequence[OrderLine]) -> list[int]:
    return sorted({int(line.order) for line in lines})
