"""Orders as AliExpress tells them, as lines."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from syncd.adapters.channels.aliexpress.keys import ListingKey
from syncd.adapters.channels.aliexpress.settings import AliexpressSettings
from syncd.adapters.channels.aliexpress.times import read_optional_time
from syncd.adapters.wire.values import id_text, plain, rows, whole
from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage

_IN_PART = "SELLER_PART_SEND_GOODS"
_FINISHED = "FINISH"
_CANCELLING = "IN_CANCEL"

_STAGES: Mapping[str, Stage] = {
    "PLACE_ORDER_SUCCESS": Stage.UNPAID,
    **dict.fromkeys(
        ("RISK_CONTROL", "WAIT_SELLER_EXAMINE_MONEY", "WAIT_SELLER_SEND_GOODS", _IN_PART), Stage.PAID
    ),
    "WAIT_BUYER_ACCEPT_GOODS": Stage.SHIPPED,
}

_BY_LOGISTICS = frozenset({"FUND_PROCESSING", "IN_ISSUE", "IN_FROZEN"})
"""What only speaks of the money: whether the goods have left is said by `logistics_status`."""

_PAID_FUNDS = frozenset({"PAY_SUCCESS", "WAIT_SELLER_CHECK"})
_NOT_PAID = "NOT_PAY"
_WORD = re.compile(r"[A-Za-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """How times are read: the platform's zone, and when they were read."""

    zone: ZoneInfo
    now: datetime

    def at(self, row: Mapping[str, Any], *names: str) -> datetime:
        """Return the first of the named times that is there.

        Raises:
            LookupError, ValueError: none is, or it cannot be read.
        """
        found = self.maybe(row, *names)
        if found is None:
            raise KeyError(names[0])
        return found

    def maybe(self, row: Mapping[str, Any], *names: str) -> datetime | None:
        """Return the first of the named times that is there, None where none is."""
        for name in names:
            if (found := read_optional_time(row.get(name), self.zone, now=self.now)) is not None:
                return found
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What lines share."""

    id: str
    status: str
    funds: str
    logistics: str
    created: datetime
    paid: datetime | None
    sent: datetime | None
    ended: datetime | None
    modified: datetime

    @property
    def is_paid(self) -> bool:
        """Return whether the money has come, as far as it is told."""
        return self.paid is not None or self.funds in _PAID_FUNDS


def lines_of(order: Mapping[str, Any], settings: AliexpressSettings, zone: Zone) -> Iterator[OrderLine]:
    """Yield a line for each child order.

    A child order says itself how far it has come, as an order may be shipped in parts; where it does not, the
    order does. A status that is not known counts as paid and not shipped, so that it occupies, and says so in
    `doubt`. A refund that is only asked for (`issue_status`) releases nothing.

    Raises:
        ValueError: an id or a time cannot be read.
        LookupError: something that a claim needs is missing.
        TypeError: the child orders are no list.
    """
    shared = _Order(
        id=id_text(order["order_id"] if "order_id" in order else order["id"]),
        status=plain(order["order_status"]),
        funds=plain(order.get("fund_status")),
        logistics=plain(order.get("logistics_status")),
        created=zone.at(order, "gmt_create"),
        paid=zone.maybe(order, "gmt_pay_time", "gmt_pay_success"),
        sent=zone.maybe(order, "gmt_send_goods_time"),
        ended=zone.maybe(order, "gmt_trade_end"),
        modified=zone.at(order, "gmt_update", "gmt_modified"),
    )
    found = _children(order)
    if not found:
        raise KeyError("product_list")
    for row in found:
        yield _line(row, shared, settings)


def row_of(order: Mapping[str, Any], zone: Zone) -> tuple[str, datetime]:
    """Return the id of an order and when it was changed last.

    Raises:
        LookupError, ValueError: it does not say.
    """
    return id_text(order["order_id"]), zone.at(order, "gmt_update")


def _children(order: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    # The detail of one order names them otherwise than the list does, which is not in the documents at hand.
    found = rows(order, "product_list", "order_product_dto")
    return found or rows(order, "child_order_list", "global_aeop_tp_child_order_dto")


def _line(row: Mapping[str, Any], order: _Order, settings: AliexpressSettings) -> OrderLine:
    units = whole(row.get("product_count"))
    if units is None:
        raise KeyError("a plain product_count")
    own = plain(row.get("son_order_status")) or plain(row.get("order_status")) or order.status
    status = own if own in settings.order_statuses or _is_known(own) else order.status
    stage, doubt = _stage(status, order, settings)
    if own != status and not doubt:
        # The order's own word is known, but that of its line may say more.
        stage, doubt = Stage.PAID, _unknown("son_order_status", own)
    left = stage in {Stage.SHIPPED, Stage.DONE}
    product, code = id_text(row["product_id"]), plain(row.get("sku_code"))
    return OrderLine(
        order=order.id,
        line=id_text(row["child_id"] if "child_id" in row else row["id"]),
        listing=_listing(product, code),
        code=code,
        units=units,
        released=units if stage is Stage.CLOSED else 0,
        shipped=units if left else 0,
        stage=stage,
        created=order.created,
        paid=None if stage is Stage.UNPAID else order.paid,
        # A later time than the true one only keeps the claim for longer.
        sent=(order.sent or order.modified) if left else None,
        ended=(order.ended or order.modified) if stage in {Stage.DONE, Stage.CLOSED} else None,
        modified=order.modified,
        doubt=doubt,
    )


def _listing(product: str, code: str) -> ListingId:
    return ListingKey(product=product, code=code).listing


def _is_known(status: str) -> bool:
    return status in _STAGES or status in _BY_LOGISTICS or status in {_FINISHED, _CANCELLING}


def _stage(status: str, order: _Order, settings: AliexpressSettings) -> tuple[Stage, str]:
    """Return how far a line has come, and what of it is not known."""
    told = settings.order_statuses.get(status) or _STAGES.get(status)
    if told is not None:
        return told, ""
    if status == _CANCELLING:
        # Only asked for: it occupies as before.
        return (Stage.PAID if order.is_paid else Stage.UNPAID), ""
    if status == _FINISHED:
        return _ending(order, settings)
    if status in _BY_LOGISTICS:
        if order.logistics in settings.sent_logistics:
            return Stage.SHIPPED, ""
        doubt = (
            ""
            if order.logistics in settings.unsent_logistics
            else _unknown("logistics_status", order.logistics)
        )
        return Stage.PAID, doubt
    return Stage.PAID, _unknown("order_status", status)


def _ending(order: _Order, settings: AliexpressSettings) -> tuple[Stage, str]:
    """Return how an order ended: nothing but words about its money and goods tells a sale from a closing."""
    if order.funds == _NOT_PAID and order.paid is None:
        return Stage.CLOSED, ""
    if order.logistics in settings.sent_logistics or order.sent is not None:
        return Stage.DONE, ""
    if order.logistics in settings.unsent_logistics:
        return Stage.CLOSED, ""
    # To take it for a sale frees no unit.
    return Stage.DONE, "" if order.is_paid else _unknown("logistics_status", order.logistics)


def _unknown(what: str, word: str) -> str:
    hint = "; if you know it, say in order_statuses what it means" if what != "logistics_status" else ""
    return f"its {what} {word if _WORD.fullmatch(word) else '(unreadable)'} is not known{hint}"
