"""Trades as TOP shows them, and a list of them that changes while it is read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from syncd.adapters.channels.taobao import TaobaoChannel
from syncd.domain.orders import OrderLine
from tests.unit.adapters.channel_rig import lines_told
from tests.unit.adapters.taobao_rig import Form, Gateway

CHANGED = "taobao.trades.sold.increment.get"
FULL = "taobao.trade.fullinfo.get"

BEGIN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""Ten o'clock in Beijing."""

_BEIJING = timezone(timedelta(hours=8))


def top(moment: datetime) -> str:
    """Return a time as TOP writes it."""
    return moment.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def after(seconds: float) -> datetime:
    """Return the time so many seconds after ten o'clock."""
    return BEGIN + timedelta(seconds=seconds)


def sub(oid: int = 11, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {
        "oid": oid,
        "num_iid": 100,
        "sku_id": "7",
        "outer_iid": "ITEM",
        "outer_sku_id": "1-ABC",
        "num": 2,
        "status": "WAIT_SELLER_SEND_GOODS",
        "refund_status": "NO_REFUND",
    }
    return {key: value for key, value in (shown | fields).items() if value is not None}


def trade(tid: int = 1, *subs: Mapping[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {
        "tid": tid,
        "status": "WAIT_SELLER_SEND_GOODS",
        "type": "fixed",
        "created": top(BEGIN),
        "pay_time": top(after(60)),
        "modified": top(after(60)),
        "orders": {"order": list(subs) or [sub(tid * 10 + 1)]},
    }
    return {key: value for key, value in (shown | fields).items() if value is not None}


class Shelf:
    """Trades by id, listed as TOP does: those of a window, the last change first.

    `meanwhile` runs before a call of this number is answered (the first is 1).
    """

    def __init__(self, *trades: Mapping[str, Any]) -> None:
        self.trades: dict[int, dict[str, Any]] = {each["tid"]: dict(each) for each in trades}
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.calls = 0

    def put(self, tid: int, changed: datetime) -> None:
        """Let a trade change, or be made, at a time."""
        self.trades[tid] = trade(tid, modified=top(changed))

    def page(self, form: Form) -> dict[str, Any]:
        """Answer a call for what changed in a window."""
        self.calls += 1
        self.meanwhile.get(self.calls, lambda: None)()
        begin, end = form["start_modified"], form["end_modified"]
        due = [each for each in self.trades.values() if begin <= each["modified"] <= end]
        due.sort(key=lambda each: (each["modified"], each["tid"]), reverse=True)
        size = int(form["page_size"])
        first = (int(form["page_no"]) - 1) * size
        shown = due[first : first + size]
        return {"total_results": len(due)} | ({"trades": {"trade": shown}} if shown else {})

    def full(self, form: Form) -> dict[str, Any]:
        """Answer a call for one trade."""
        self.calls += 1
        found = self.trades.get(int(form["tid"]))
        if found is not None:
            return {"trade": found}
        refusal = {"code": 15, "msg": "Remote service error", "sub_code": "isv.trade-not-exist"}
        return {"error_response": refusal}


def shelved(gateway: Gateway, *trades: Mapping[str, Any]) -> Shelf:
    """Return a shelf from which a gateway answers."""
    shelf = Shelf(*trades)
    gateway.on(CHANGED, shelf.page)
    gateway.on(FULL, shelf.full)
    return shelf


async def told(
    channel: TaobaoChannel, since: datetime = BEGIN, until: datetime | None = None
) -> list[OrderLine]:
    """Return every line that the feed yields, of a quarter of an hour unless told otherwise."""
    until = since + timedelta(minutes=15) if until is None else until
    return await lines_told(channel, since, until)


def tids(lines: Sequence[OrderLine]) -> set[int]:
    return {int(line.order) for line in lines}
