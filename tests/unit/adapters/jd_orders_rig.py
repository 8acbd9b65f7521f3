"""Orders as JD shows them, and a list of them that changes while it is read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from syncd.adapters.channels.jd import JdChannel
from syncd.domain.orders import OrderLine
from tests.unit.adapters.channel_rig import lines_told
from tests.unit.adapters.jd_rig import ORDER, SEARCH, Gateway, Params

BEGIN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""Ten o'clock in Beijing."""

NEVER = "0001-01-01 00:00:00"
_BEIJING = timezone(timedelta(hours=8))


def jd(moment: datetime) -> str:
    """Return a time as JD writes it."""
    return moment.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def after(seconds: float) -> datetime:
    """Return the time so many seconds after ten o'clock."""
    return BEGIN + timedelta(seconds=seconds)


def bought(sku_id: object = "7", **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {"skuId": sku_id, "wareId": "100", "outerSkuId": "1-ABC", "itemTotal": "2"}
    return {key: value for key, value in (shown | fields).items() if value is not None}


def order(order_id: object = 1, *items: Mapping[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {
        "orderId": str(order_id),
        "parentOrderId": "0",
        "orderState": "WAIT_SELLER_STOCK_OUT",
        "orderStartTime": jd(BEGIN),
        "paymentConfirmTime": jd(after(60)),
        "modified": jd(after(60)),
        "itemInfoList": list(items) or [bought()],
    }
    return {key: value for key, value in (shown | fields).items() if value is not None}


def found(*orders: Mapping[str, Any], total: int | None = None) -> dict[str, Any]:
    count = len(orders) if total is None else total
    result = {"apiResult": {"success": True}, "orderTotal": count, "orderInfoList": list(orders)}
    return {"searchorderinfo_result": result}


def one(shown: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"orderDetailInfo": {"apiResult": {"success": True}, "orderInfo": shown}}


class Shelf:
    """Orders by id, listed as JD is asked to: those of a window, the last change first.

    `meanwhile` runs before a call of this number is answered (the first is 1).
    """

    def __init__(self, gateway: Gateway, *orders: Mapping[str, Any]) -> None:
        self.orders: dict[str, dict[str, Any]] = {each["orderId"]: dict(each) for each in orders}
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.calls = 0
        gateway.on(SEARCH, self.page)
        gateway.on(ORDER, lambda params: one(self.orders.get(params["order_id"])))

    def put(self, order_id: int, changed: datetime) -> None:
        """Let an order change, or be made, at a time."""
        self.orders[str(order_id)] = order(order_id, modified=jd(changed))

    def page(self, params: Params) -> dict[str, Any]:
        """Answer a call for what changed in a window."""
        self.calls += 1
        self.meanwhile.get(self.calls, lambda: None)()
        begin, end = params["start_date"], params["end_date"]
        due = [each for each in self.orders.values() if begin <= each["modified"] <= end]
        due.sort(key=lambda each: (each["modified"], each["orderId"]), reverse=True)
        size = int(params["page_size"])
        first = (int(params["page"]) - 1) * size
        return found(*due[first : first + size], total=len(due))


async def told(channel: JdChannel, since: datetime = BEGIN, until: datetime | None = None) -> list[OrderLine]:
    """Return every line that the feed yields, of a quarter of an hour unless told otherwise."""
    until = since + timedelta(minutes=15) if until is None else until
    return await lines_told(channel, since, until)


def ids(lines: Sequence[OrderLine]) -> set[int]:
    return {int(line.order) for line in lines}
