"""Orders as Douyin tells them, as lines of orders."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from syncd.adapters.channels.douyin.keys import ListingKey, optional_id
from syncd.adapters.channels.douyin.reading import code_of
from syncd.adapters.channels.douyin.settings import DouyinSettings
from syncd.adapters.wire.values import id_text, objects, plain, whole
from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage

_UNPAID, _CANCELLED = "1", "4"
_SENT_IN_PART, _DEPOSIT = "101", "103"

_STAGES: Mapping[str, Stage] = {
    _UNPAID: Stage.UNPAID,
    # Of 103 (a deposit) and 101 (sent in part) nobody says how much, so all of it is still to be sent.
    **dict.fromkeys((_DEPOSIT, "105", "2", _SENT_IN_PART), Stage.PAID),
    "3": Stage.SHIPPED,
    "5": Stage.DONE,
    **dict.fromkeys((_CANCELLED, "21", "22", "39"), Stage.CLOSED),
}

_CLOSED_AFTER_SHIPPING = frozenset({"22", "39"})
_REFUNDED_BEFORE_SHIPPING = "21"
_ON_ITS_WAY = frozenset({_SENT_IN_PART, "3", "5", *_CLOSED_AFTER_SHIPPING})

_WORD = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)


def lines_of(order: Mapping[str, Any], settings: DouyinSettings) -> Iterator[OrderLine]:
    """Yield a line for each SKU order of an order.

    A SKU order says itself how far it has come, as orders may be sent in parts. One in a status that is not
    known counts as paid and not shipped, so that it occupies, and says so in `doubt`. A refund releases only
    where the order says that it was given before it was sent, or `refunded` knows its word. A line that was
    closed in an order of which something was sent may have left with it, and counts as sent.

    Raises:
        ValueError: an id or a time cannot be read.
        LookupError: something that a claim needs is missing.
        TypeError: the SKU orders are no list.
    """
    whole_order = _Order.read(order)
    found = objects(order["sku_order_list"])
    if not found:
        raise KeyError("sku_order_list")
    for row in found:
        yield _line(row, whole_order, settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What SKU orders share."""

    id: str
    status: str
    main_status: str
    created: datetime
    paid: datetime | None
    sent: datetime | None
    finished: datetime | None
    modified: datetime

    @classmethod
    def read(cls, order: Mapping[str, Any]) -> "_Order":
        return cls(
            id=id_text(order["order_id"]),
            status=plain(order.get("order_status")),
            main_status=plain(order.get("main_status")),
            created=_time(order["create_time"]),
            paid=_optional_time(order.get("pay_time")),
            sent=_optional_time(order.get("ship_time")),
            finished=_optional_time(order.get("finish_time")),
            modified=_time(order["update_time"]),
        )


def _line(row: Mapping[str, Any], order: _Order, settings: DouyinSettings) -> OrderLine:
    status = plain(row.get("order_status")) or order.main_status or order.status
    if status == _UNPAID and order.main_status == _DEPOSIT:
        # A deposit binds the shop: its line must not end with the time for unpaid ones.
        status = _DEPOSIT
    if status == _CANCELLED and order.main_status in {_REFUNDED_BEFORE_SHIPPING, *_CLOSED_AFTER_SHIPPING}:
        # Both say that it is over; only the order as a whole says whether it had left.
        status = order.main_status
    told = settings.order_statuses.get(status) or _STAGES.get(status)
    stage = told or Stage.PAID
    units = whole(row.get("item_num"))
    if units is None:
        raise KeyError("a plain item_num")
    sent = _optional_time(row.get("ship_time")) or order.sent
    left = stage in {Stage.SHIPPED, Stage.DONE} or (
        stage is Stage.CLOSED
        and status != _REFUNDED_BEFORE_SHIPPING
        and (sent is not None or not _ON_ITS_WAY.isdisjoint({status, order.main_status, order.status}))
    )
    refunded = told is Stage.PAID and status != _SENT_IN_PART and _refund(row) in settings.refunded
    released = not left and (stage is Stage.CLOSED or refunded)
    over = stage in {Stage.DONE, Stage.CLOSED}
    return OrderLine(
        order=order.id,
        line=id_text(row["order_id"]),
        listing=_listing(row),
        code=code_of(row),
        units=units,
        released=units if released else 0,
        shipped=units if left else 0,
        stage=stage,
        created=order.created,
        paid=None if told is Stage.UNPAID or status == _DEPOSIT else order.paid,
        # No document has a time of sending: it was not later than the last change.
        sent=(sent or order.modified) if left else None,
        ended=(order.finished or order.modified) if over else None,
        modified=order.modified,
        doubt="" if told else _unknown(status),
    )


def _refund(row: Mapping[str, Any]) -> str:
    """Return how far the refund of a line has come, empty where there is none."""
    info = row.get("after_sale_info")
    return plain(info.get("refund_status")) if isinstance(info, Mapping) else ""


def _listing(row: Mapping[str, Any]) -> ListingId:
    product, sku = optional_id(row.get("product_id")), optional_id(row.get("sku_id"))
    return ListingKey(product=product, sku=sku).listing if product and sku else ListingId("")


def _unknown(status: str) -> str:
    shown = status if _WORD.fullmatch(status) else "(unreadable)"
    return f"its order_status {shown} is not known; if you know it, say in order_statuses what it means"


def _optional_time(value: object) -> datetime | None:
    return None if value in {None, "", 0, "0"} else _time(value)


def _time(value: object) -> datetime:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or len(text) > 10:  # noqa: PLR2004
        raise ValueError("no time in seconds")
    return datetime.fromtimestamp(int(text), UTC)
