"""Trades as TOP tells them, as lines of orders."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from syncd.adapters.channels.taobao.keys import ListingKey
from syncd.adapters.channels.taobao.settings import TaobaoSettings
from syncd.adapters.wire.top import BEIJING
from syncd.adapters.wire.values import id_text, plain, rows, whole
from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage

_OF_TRADE = "tid,status,type,created,pay_time,consign_time,end_time,modified,step_trade_status"
_OF_LINE = "oid,num_iid,sku_id,outer_iid,outer_sku_id,num,status,refund_status,consign_time,end_time"

TRADE_FIELDS = f"{_OF_TRADE},orders.{_OF_LINE.replace(',', ',orders.')}"
"""All that claims need: nothing of the buyer, and no price."""

_SHIPPED_IN_PART = "SELLER_CONSIGNED_PART"

_STAGES: Mapping[str, Stage] = {
    **dict.fromkeys(("TRADE_NO_CREATE_PAY", "WAIT_BUYER_PAY", "PAY_PENDING"), Stage.UNPAID),
    **dict.fromkeys(("WAIT_SELLER_SEND_GOODS", "PAID_FORBID_CONSIGN", _SHIPPED_IN_PART), Stage.PAID),
    **dict.fromkeys(("WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED"), Stage.SHIPPED),
    "TRADE_FINISHED": Stage.DONE,
    **dict.fromkeys(("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"), Stage.CLOSED),
}

_REFUNDED = "SUCCESS"
_NOT_REFUNDED = frozenset(
    {
        "",
        "NO_REFUND",
        "WAIT_SELLER_AGREE",
        "WAIT_BUYER_RETURN_GOODS",
        "WAIT_SELLER_CONFIRM_GOODS",
        "SELLER_REFUSE_BUYER",
        "CLOSED",
    }
)
"""A refund that is asked for, refused or withdrawn: the goods are still to be sent."""

_NO_STEP_PAID = frozenset({"", "FRONT_NOPAID_FINAL_NOPAID"})
_DEPOSIT_PAID = "FRONT_PAID_FINAL_NOPAID"
_ALL_PAID = "FRONT_PAID_FINAL_PAID"
_ON_DELIVERY = "cod"

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_WORD = re.compile(r"[A-Za-z0-9_]{1,40}")


def lines_of(trade: Mapping[str, Any], settings: TaobaoSettings) -> Iterator[OrderLine]:
    """Yield a line for each sub-order of a trade; the trade's own `num` means nothing.

    A sub-order says itself how far it has come, as its trade may be shipped in parts. One in a status that
    is not known counts as paid and not shipped, so that it occupies, and says so in `doubt`. `bind_oid` only
    asks to ship two sub-orders together: nothing takes the place of another, so `replaces` stays empty.

    Raises:
        ValueError: an id or a time cannot be read.
        LookupError: something that a claim needs is missing.
        TypeError: the sub-orders are no list.
    """
    whole_trade = _Trade.read(trade)
    found = rows(trade, "orders", "order")
    if not found:
        raise KeyError("orders")
    own_times = any(_optional_time(row.get("consign_time")) for row in found)
    for row in found:
        yield _line(row, whole_trade, settings, own_times=own_times)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trade:
    """What sub-orders share; `step` says which stages of a presale are paid."""

    tid: str
    status: str
    step: str
    created: datetime
    paid: datetime | None
    consigned: datetime | None
    ended: datetime | None
    modified: datetime
    on_delivery: bool

    @classmethod
    def read(cls, trade: Mapping[str, Any]) -> "_Trade":
        return cls(
            tid=id_text(trade["tid"]),
            status=plain(trade.get("status")),
            step=plain(trade.get("step_trade_status")),
            created=_time(trade["created"]),
            paid=_optional_time(trade.get("pay_time")),
            consigned=_optional_time(trade.get("consign_time")),
            ended=_optional_time(trade.get("end_time")),
            modified=_time(trade["modified"]),
            on_delivery=trade.get("type") == _ON_DELIVERY,
        )


def _line(row: Mapping[str, Any], trade: _Trade, settings: TaobaoSettings, *, own_times: bool) -> OrderLine:
    status = plain(row["status"]) if row.get("status") else trade.status
    refund = plain(row.get("refund_status"))
    told = _told(status, settings)
    stage = _stage(told, trade, settings)
    units = whole(row.get("num"))
    if units is None:
        raise KeyError("a plain num")
    # The sub-orders' own times count; only where none of them has one were all sent at once.
    consigned = _optional_time(row.get("consign_time")) or (None if own_times else trade.consigned)
    left = stage in {Stage.SHIPPED, Stage.DONE} or (stage is Stage.CLOSED and consigned is not None)
    # Of a line that was shipped in part nobody says how much, so a refund cannot free the rest of it.
    unsent = told is Stage.PAID and status != _SHIPPED_IN_PART
    refunded = settings.refunds_release and refund == _REFUNDED and unsent
    released = not left and (stage is Stage.CLOSED or refunded)
    listing, code = _listing(row)
    return OrderLine(
        order=trade.tid,
        line=id_text(row["oid"]),
        listing=listing,
        code=code,
        units=units,
        released=units if released else 0,
        shipped=units if left else 0,
        stage=stage,
        created=trade.created,
        paid=_paid(told, trade),
        sent=(consigned or trade.consigned) if left else None,
        ended=(_optional_time(row.get("end_time")) or trade.ended) if _is_over(stage) else None,
        modified=trade.modified,
        doubt=_doubt(refund, trade.step) if told else _unknown("status", status),
    )


def _told(status: str, settings: TaobaoSettings) -> Stage | None:
    """Return what a status means, None for one that is in no table."""
    return settings.order_statuses.get(status) or _STAGES.get(status)


def _stage(told: Stage | None, trade: _Trade, settings: TaobaoSettings) -> Stage:
    """Return how far a line has come; whatever is not known occupies as if paid, and never ends by time."""
    if told is not Stage.UNPAID:
        return told or Stage.PAID
    waits = trade.step in _NO_STEP_PAID or (trade.step == _DEPOSIT_PAID and not settings.deposits_bind)
    return Stage.UNPAID if waits else Stage.PAID


def _doubt(refund: str, step: str) -> str:
    if refund != _REFUNDED and refund not in _NOT_REFUNDED:
        return _unknown("refund_status", refund)
    if step not in _NO_STEP_PAID | {_DEPOSIT_PAID, _ALL_PAID}:
        return _unknown("step_trade_status", step)
    return ""


def _unknown(what: str, word: str) -> str:
    hint = "; if you know it, say in order_statuses what it means" if what == "status" else ""
    return f"its {what} {_shown(word)} is not known{hint}"


def _shown(word: str) -> str:
    return word if _WORD.fullmatch(word) else "(unreadable)"


def _is_over(stage: Stage) -> bool:
    return stage in {Stage.DONE, Stage.CLOSED}


def _paid(told: Stage | None, trade: _Trade) -> datetime | None:
    """Return when a line was paid; a deposit is no payment that an ERP goes by, so it has no time."""
    if told is Stage.UNPAID or trade.step == _DEPOSIT_PAID:
        return None
    if trade.on_delivery and told in {Stage.PAID, Stage.SHIPPED, Stage.DONE}:
        # To be paid at the door: it binds the shop from the moment of the order.
        return trade.paid or trade.created
    return trade.paid


def _listing(row: Mapping[str, Any]) -> tuple[ListingId, str]:
    """Return a line's listing and the seller's code of it; both as the items show them."""
    item, sku = _optional_id(row.get("num_iid")), _optional_id(row.get("sku_id"))
    code = plain(row.get("outer_sku_id" if sku else "outer_iid"))
    return ListingKey(item=item, sku=sku).listing if item else ListingId(""), code


def _optional_id(value: object) -> str:
    """Return an id as text, empty where there is none, which TOP may also write as 0."""
    return "" if value in {None, "", "0", 0} else id_text(value)


def _optional_time(value: object) -> datetime | None:
    return None if value in {None, ""} else _time(value)


def _time(value: object) -> datetime:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("no time of the form 2026-11-20 10:00:00")
    return datetime.fromisoformat(value).replace(tzinfo=BEIJING).astimezone(UTC)
