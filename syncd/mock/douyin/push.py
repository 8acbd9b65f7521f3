"""What the platform sends by itself: messages of events, and calls to a program that answers them (SPI).

A program must take a message that comes twice or late. `POST /_mock/hook` has the mock send every change of
an order (see `syncd.mock.hooks`); `POST /_mock/push` with `{"order": ID}` only answers `headers` and `body`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncd.mock.core import Order, Refund, Stage
from syncd.mock.douyin.orders import STATUSES
from syncd.mock.douyin.params import to_unix
from syncd.mock.douyin.product import DouyinSettings
from syncd.mock.douyin.sign import event_signature, spi_signature
from syncd.mock.hooks import Pushed

PROBE = "0"
"""The tag by which the platform tests whether the program listens; known from background only."""

REFUND_ASKED, REFUND_DONE, REFUND_CLOSED = "200", "206", "207"

_TAGS: Mapping[Stage, str] = {
    Stage.UNPAID: "100",
    Stage.PAID: "101",
    Stage.PART_SHIPPED: "108",
    Stage.SHIPPED: "102",
    Stage.FINISHED: "103",
    Stage.CLOSED: REFUND_DONE,
    Stage.CANCELLED: "106",
}
_ENDED_REFUNDS = (Refund.REFUSED, Refund.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event; `data` is written as a text inside the message."""

    tag: str
    msg_id: str
    data: Mapping[str, Any]


def pushed(settings: DouyinSettings, messages: Sequence[Message]) -> Pushed:
    """Return messages in one delivery, signed."""
    rows = [
        {"tag": message.tag, "msg_id": message.msg_id, "data": _written(message.data)} for message in messages
    ]
    body = _written(rows).encode()
    return Pushed(
        body=body,
        headers={
            "Content-Type": "application/json",
            "app-id": settings.app_key,
            "event-sign": event_signature(settings.app_key, body, settings.app_secret),
        },
    )


def order_message(settings: DouyinSettings, order: Order) -> Message:
    """Return the message that tells how far an order has come, or what became of its refund."""
    tag = _tag(order)
    data: dict[str, Any] = {
        "biz": 2,
        "order_status": STATUSES[order.stage],
        "order_type": 0,
        "p_id": int(order.id),
        "s_ids": [int(line.id) for line in order.lines],
        "shop_id": settings.shop_id,
        "create_time": to_unix(order.created),
    }
    if tag in (REFUND_ASKED, REFUND_DONE, REFUND_CLOSED):
        line = next((line for line in order.lines if line.refund_id), order.lines[0])
        data |= {"aftersale_id": int(line.refund_id or 0), "s_id": int(line.id), "refund_amount": 0}
    return Message(tag=tag, msg_id=f"{order.id}:{tag}:{to_unix(order.modified)}", data=data)


def spi_query(settings: DouyinSettings, body: str, at: datetime, sign_method: str) -> dict[str, str]:
    """Return the signed query of a call to a program, for `md5` or `hmac-sha256`."""
    params = {"app_key": settings.app_key, "timestamp": str(to_unix(at)), "sign_method": sign_method}
    name = "sign" if sign_method == "md5" else "sign_v2"
    return params | {name: spi_signature(params, body, settings.app_secret)}


def _tag(order: Order) -> str:
    refunds = {line.refund for line in order.lines}
    if order.stage in (Stage.CLOSED, Stage.CANCELLED):
        return _TAGS[order.stage]
    if Refund.ASKED in refunds:
        return REFUND_ASKED
    if Refund.DONE in refunds:
        return REFUND_DONE
    return REFUND_CLOSED if refunds.intersection(_ENDED_REFUNDS) else _TAGS[order.stage]


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
