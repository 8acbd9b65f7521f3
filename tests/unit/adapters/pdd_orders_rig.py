"""Orders as Pinduoduo shows them, and a list of them that changes while it is read."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.adapters.channels.pdd import PddChannel
from syncd.domain.orders import OrderLine
from tests.unit.adapters.channel_rig import lines_told
from tests.unit.adapters.pdd_rig import Form, Gateway, refused

CHANGED = "pdd.order.number.list.increment.get"
ONE = "pdd.order.information.get"

BEGIN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """Return the time so many seconds after the beginning."""
    return BEGIN + timedelta(seconds=seconds)


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


def bought(**fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return one thing that was bought; a field that is None is left out."""
    shown = {"goods_id": 100, "sku_id": 7, "outer_id": "1-ABC", "goods_count": 2}
    return {key: value for key, value in (shown | fields).items() if value is not None}


def order(number: int = 1, *items: Mapping[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an order that waits to be shipped; a field that is None is left out."""
    shown = {
        "order_sn": f"201120-{number}",
        "order_status": 1,
        "refund_status": 1,
        "confirm_status": 1,
        "group_status": 1,
        "risk_control_status": 0,
        "created_time": unix(BEGIN),
        "pay_time": unix(after(30)),
        "confirm_time": unix(after(40)),
        "updated_at": unix(after(60)),
        "item_list": list(items) or [bought()],
    }
    return {key: value for key, value in (shown | fields).items() if value is not None}


class Shelf:
    """Orders by number, listed as the platform does: those of a window, the last change first.

    `meanwhile` runs before a call of this number is answered (the first is 1).
    """

    def __init__(self, *orders: Mapping[str, Any]) -> None:
        self.orders = {each["order_sn"]: dict(each) for each in orders}
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.calls = 0

    def put(self, number: int, changed: datetime) -> None:
        """Let an order change, or come in, at a time."""
        fresh = order(number, updated_at=unix(changed))
        self.orders[fresh["order_sn"]] = fresh

    def page(self, form: Form) -> dict[str, Any]:
        """Answer a call for what changed in a window."""
        self.calls += 1
        self.meanwhile.get(self.calls, lambda: None)()
        begin, end = int(form["start_updated_at"]), int(form["end_updated_at"])
        due = [each for each in self.orders.values() if begin <= each["updated_at"] <= end]
        due.sort(key=lambda each: (each["updated_at"], each["order_sn"]), reverse=True)
        size = int(form["page_size"])
        first = (int(form["page"]) - 1) * size
        return {"total_count": len(due), "order_sn_list": due[first : first + size]}

    def one(self, form: Form) -> dict[str, Any]:
        """Answer a call for one order."""
        found = self.orders.get(form["order_sn"])
        return refused(50001, "订单不存在") if found is None else {"order_info": found}


def shelved(gateway: Gateway, *orders: Mapping[str, Any]) -> Shelf:
    """Return a shelf from which a gateway answers."""
    shelf = Shelf(*orders)
    gateway.on(CHANGED, shelf.page)
    gateway.on(ONE, shelf.one)
    return shelf


async def told(channel: PddChannel, minutes: float = 15) -> list[OrderLine]:
    """Return every line that the feed yields."""
    until = BEGIN + timedelta(minutes=minutes)
    return await lines_told(channel, BEGIN, until)


async def line_of(gateway: Gateway, *items: Mapping[str, Any], **fields: Any) -> OrderLine:  # noqa: ANN401
    """Return the only line of an order; `settings` are those of the channel."""
    settings = fields.pop("settings", {})
    shelved(gateway, order(1, *items, **fields))
    (line,) = await told(gateway.channel(**settings))
    return line
