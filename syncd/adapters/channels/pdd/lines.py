"""Orders as Pinduoduo tells them, as lines of orders."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from syncd.adapters.channels.pdd.keys import ListingKey
from syncd.adapters.channels.pdd.settings import PddSettings
from syncd.adapters.wire.values import id_text, objects, plain, whole
from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage

_BEIJING = timezone(timedelta(hours=8))

_STAGES: Mapping[str, Stage] = {"1": Stage.PAID, "2": Stage.SHIPPED, "3": Stage.DONE}

_CANCELLED = "2"
_CONFIRMS = frozenset({"", "0", "1", _CANCELLED})
_REFUNDED = "4"
_REFUNDS = frozenset({"", "1", "2", "3", _REFUNDED})

_NUMBER = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)
_SECONDS = re.compile(r"[1-9][0-9]{8,10}", re.ASCII)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)


def order_sn(order: Mapping[str, Any]) -> str:
    """Return the number of an order, which holds a dash besides digits.

    Raises:
        ValueError, LookupError: it has none that can be one.
    """
    number = plain(order["order_sn"])
    if not is_order_sn(number):
        raise ValueError("order_sn is no number of an order")
    return number


def is_order_sn(text: str) -> bool:
    """Return whether a text can be the number of an order."""
    return bool(_NUMBER.fullmatch(text))


def stamp(order: Mapping[str, Any]) -> str:
    """Return when an order last changed, in a form that sorts by time.

    Raises:
        ValueError, LookupError: it does not say so.
    """
    return _time(order["updated_at"]).isoformat()


def lines_of(order: Mapping[str, Any], settings: PddSettings) -> Iterator[OrderLine]:
    """Yield a line for each thing that was bought, and for each gift that goes with it.

    The platform gives lines no ids: the only thing bought has the number of its order, several have their
    SKUs besides. An order in a status that is not known counts as paid and not shipped, so that it occupies,
    and says so in `doubt`. One under review of its risk occupies too, as its units are still to be sent.

    Raises:
        ValueError: an id, a quantity or a time cannot be read.
        LookupError: something that a claim needs is missing.
        TypeError: what was bought is no list.
    """
    whole_order = _Order.read(order, settings)
    bought, gifts = objects(order.get("item_list")), objects(order.get("gift_list"))
    if not bought:
        raise KeyError("item_list")
    alone = len(bought) == 1
    seen: Counter[str] = Counter()
    for row in bought:
        yield _line(row, whole_order, "" if alone else _place(row, "", seen))
    for row in gifts:
        yield _line(row, whole_order, _place(row, "gift-", seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What the lines of an order share; `is_free` says that it ended before it was shipped."""

    number: str
    stage: Stage
    is_free: bool
    has_left: bool
    doubt: str
    created: datetime
    paid: datetime | None
    sent: datetime | None
    modified: datetime

    @classmethod
    def read(cls, order: Mapping[str, Any], settings: PddSettings) -> "_Order":
        status, refund = plain(order["order_status"]), plain(order.get("refund_status"))
        told = settings.order_statuses.get(status) or _STAGES.get(status)
        stage = told or Stage.PAID
        has_left = stage in {Stage.SHIPPED, Stage.DONE}
        refunded = refund == _REFUNDED and settings.refunds_release
        ended = stage is Stage.CLOSED or plain(order.get("confirm_status")) == _CANCELLED
        is_free = not has_left and (ended or (refunded and told is Stage.PAID))
        modified = _time(order["updated_at"])
        sent = (_optional_time(order.get("shipping_time")) or modified) if has_left else None
        return cls(
            number=order_sn(order),
            stage=Stage.CLOSED if is_free else stage,
            is_free=is_free,
            has_left=has_left,
            doubt="" if is_free else _doubt(order, status if told is None else "", refund),
            created=_time(order["created_time"]),
            paid=_optional_time(order.get("pay_time")) or _optional_time(order.get("confirm_time")),
            # Nothing tells when it was sent: at the latest with its last change.
            sent=sent,
            modified=modified,
        )


def _line(row: Mapping[str, Any], order: _Order, place: str) -> OrderLine:
    units = whole(row.get("goods_count"))
    if units is None:
        raise KeyError("a plain goods_count")
    goods, sku = _optional_id(row.get("goods_id")), _optional_id(row.get("sku_id"))
    ended = order.modified if order.stage in {Stage.DONE, Stage.CLOSED} else None
    return OrderLine(
        order=order.number,
        line=f"{order.number}:{place}" if place else order.number,
        listing=ListingKey(goods=goods, sku=sku).listing if goods and sku else ListingId(""),
        code=plain(row.get("outer_id")),
        units=units,
        released=units if order.is_free else 0,
        shipped=units if order.has_left else 0,
        stage=order.stage,
        created=order.created,
        paid=None if order.stage is Stage.UNPAID else order.paid,
        sent=order.sent,
        ended=ended,
        modified=order.modified,
        doubt=order.doubt,
    )


def _place(row: Mapping[str, Any], kind: str, seen: Counter[str]) -> str:
    """Return what tells a line from the others of its order, however they are sorted."""
    name = f"{kind}{_optional_id(row.get('goods_id'))}-{_optional_id(row.get('sku_id'))}"
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def _doubt(order: Mapping[str, Any], status: str, refund: str) -> str:
    """Return what of an order was not understood; `status` is empty where it was."""
    if status:
        hint = "; if you know it, say in order_statuses what it means"
        return f"its order_status {_shown(status)} is not known{hint}"
    confirm = plain(order.get("confirm_status"))
    if confirm not in _CONFIRMS:
        return f"its confirm_status {_shown(confirm)} is not known"
    return "" if refund in _REFUNDS else f"its refund_status {_shown(refund)} is not known"


def _shown(word: str) -> str:
    return word if _WORD.fullmatch(word) else "(unreadable)"


def _optional_id(value: object) -> str:
    """Return an id as text, empty where there is none, which may also be written as 0."""
    return "" if value in {None, "", "0", 0} else id_text(value)


def _optional_time(value: object) -> datetime | None:
    return None if value in {None, "", "0", 0} else _time(value)


def _time(value: object) -> datetime:
    """Return a time: seconds since 1970, or as people write it in Beijing; which one is not documented."""
    text = plain(value)
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    if not _TIME.fullmatch(text):
        raise ValueError("no time in seconds, nor of the form 2026-11-20 10:00:00")
    return datetime.fromisoformat(text).replace(tzinfo=_BEIJING).astimezone(UTC)
